import { ERROR_CATALOGUE, type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Answer } from '../http/route.ts'
import { ALL_KINDS, findPause, type Pause } from '../limits/index.ts'
import type { Db } from '../store/store.ts'
import type { Action, WaitingFor } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import { explainWait } from './explain-wait.ts'
import { viewAction } from './view-action.ts'

type AnswerDeps = Pick<OutboxDeps, 'store' | 'clock' | 'sessions' | 'limits' | 'kinds'>

export interface AnswerInput {
  action: Action
  /** The sentence of a success, e.g. `Post liked`. */
  done: string
  /** When the attempt was forecast at acceptance, where that is known. */
  scheduledFor?: number | null
  headers: Record<string, string>
}

/**
 * What the caller of an action is told: 200 once it succeeded, 202 while nobody knows, and the refusal that its end means
 * otherwise, which is thrown. Says the same whenever it is asked about an action that has ended.
 */
export async function answerAction(deps: AnswerDeps, input: AnswerInput, db: Db = deps.store.read): Promise<Answer> {
  const { action, headers } = input
  if (action.status === 'succeeded') {
    return { status: 200, message: input.done, data: viewAction(deps.kinds, action, null), headers }
  }
  if (action.status === 'queued' || action.status === 'running' || action.status === 'unconfirmed') {
    const waitingFor = await explainWait(db, deps, action)
    const at = scheduledFor(deps, input, waitingFor)
    return {
      status: 202,
      message: PENDING[action.status],
      data: {
        ...viewAction(deps.kinds, action, waitingFor),
        scheduledFor: at === null ? null : new Date(at).toISOString(),
      },
      headers,
    }
  }
  throw await refusalOf(deps, db, input)
}

const PENDING = {
  queued: 'Action queued',
  running: 'Action in progress',
  unconfirmed: 'Instagram did not confirm the action, and nothing tells whether it took effect',
} as const

function scheduledFor(deps: AnswerDeps, input: AnswerInput, waitingFor: WaitingFor | null): number | null {
  const { action } = input
  if (action.status !== 'queued') return waitingFor?.until ?? null
  const forecast = input.scheduledFor ?? deps.clock.now()
  if (waitingFor === null || waitingFor.what === 'turn') return forecast
  // What holds it up now may be over before what is ahead of it.
  return waitingFor.until === null ? null : Math.max(waitingFor.until, forecast)
}

async function refusalOf(deps: AnswerDeps, db: Db, { action, headers }: AnswerInput): Promise<GatewayError> {
  const code = codeOf(action)
  const details = { actionId: action.id, status: action.status, ...(action.reason && { reason: action.reason }) }
  if (code !== 'ACTION_LIMIT_EXCEEDED') {
    const isTold = ERROR_CATALOGUE[code].status === 422 && action.reason !== null && code !== 'SUPPRESSED'
    return new GatewayError(code, { ...(isTold && { message: action.reason ?? '' }), details, headers })
  }
  const now = deps.clock.now()
  const pause = await latestPause(db, action)
  const message = 'Instagram asked the account to slow down; it pauses.'
  if (pause === null || pause.until <= now) {
    return new GatewayError(code, {
      message,
      details: { ...details, kind: action.kind },
      headers,
      retryAfterSeconds: 1,
    })
  }
  return new GatewayError(code, {
    message,
    details: { ...details, kind: action.kind, reason: pause.reason, resetAt: new Date(pause.until).toISOString() },
    headers,
    retryAfterSeconds: Math.ceil((pause.until - now) / 1_000),
  })
}

async function latestPause(db: Db, action: Action): Promise<Pause | null> {
  const ofKind = await findPause(db, action.accountId, action.kind)
  const ofAll = await findPause(db, action.accountId, ALL_KINDS)
  if (ofKind === null || ofAll === null) return ofKind ?? ofAll
  return ofKind.until >= ofAll.until ? ofKind : ofAll
}

function codeOf(action: Action): ErrorCode {
  switch (action.status) {
    case 'canceled':
      return 'ACTION_CANCELED'
    case 'expired':
      return 'ACTION_EXPIRED'
    case 'skipped':
      return 'SUPPRESSED'
    default:
      return action.code !== null && Object.hasOwn(ERROR_CATALOGUE, action.code)
        ? (action.code as ErrorCode)
        : 'INSTAGRAM_ERROR'
  }
}
