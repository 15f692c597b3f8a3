/** What an answer of Instagram means for the account: cookies, session status, pauses, connection backoff. */
import type { Access, NotSent, Outcome, PushBack, ReadResult } from '../connectors/connector.ts'
import { appendEvent } from '../events/index.ts'
import { setCheck } from '../lanes/index.ts'
import {
  ALL_KINDS,
  BLOCK_LADDER_MS,
  BLOCK_OTHERS_MS,
  climb,
  extend,
  findPause,
  type Pause,
  savePause,
  THROTTLE_LADDER_MS,
} from '../limits/index.ts'
import type { Db } from '../store/store.ts'
import type { WaitingFor } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import type { ActingSession } from './session-hooks.ts'
import { findRejecting } from './store.ts'
import { endQuietly } from './transition.ts'

/** Turns in a row that did not leave us, after which nobody believes in a short trouble. */
const CUT_OFF_AFTER = 5

type AccountDeps = Pick<OutboxDeps, 'store' | 'kinds' | 'sessions' | 'random'>

interface Answered {
  session: ActingSession
  access: Access
  /** Kind of the action that was answered; null for a check. */
  kind: string | null
  now: number
}

type Answer = Outcome | ReadResult<unknown>

/** Applies the answer of any turn but a check to the account, and says what the account waits for because of it. */
export async function answerAccount(
  tx: Db,
  deps: AccountDeps,
  answer: Answer,
  context: Answered,
): Promise<WaitingFor | null> {
  switch (answer.type) {
    case 'ok':
    case 'done':
    case 'refused':
      await deps.sessions.answered(tx, context.session, context.access)
      return null
    case 'uncertain':
    case 'unreadable':
      await deps.sessions.saveCookies(tx, context.session, context.access)
      return null
    case 'not_sent':
      return answerNotSent(tx, deps, answer, context)
    default:
      await deps.sessions.saveCookies(tx, context.session, context.access)
      return answerPushBack(tx, deps, answer, context)
  }
}

async function answerNotSent(
  tx: Db,
  deps: AccountDeps,
  answer: NotSent,
  { session }: Answered,
): Promise<WaitingFor | null> {
  // A lease that ran out says nothing about the connection.
  if (answer.cause === 'lease') return null
  const { retryAt } = await deps.sessions.notSent(tx, session, answer.cause, answer.reason)
  return { what: 'connection', until: retryAt, rule: answer.cause }
}

/**
 * Callers who would rather be refused than wait are refused once the account is cut off. Comes after the answered action
 * itself went back to the queue.
 */
export async function failRejecting(
  tx: Db,
  deps: AccountDeps,
  answer: Answer,
  { session, now }: Pick<Answered, 'session' | 'now'>,
): Promise<void> {
  if (answer.type !== 'not_sent' || answer.cause === 'lease') return
  if (session.connectFailures + 1 < CUT_OFF_AFTER) return
  const after = await deps.sessions.find(tx, session.id)
  const code = after?.status === 'proxy_error' || answer.cause === 'proxy' ? 'PROXY_ERROR' : 'INSTAGRAM_ERROR'
  for (;;) {
    const rejecting = await findRejecting(tx, session.accountId, 100)
    for (const action of rejecting) {
      await endQuietly(tx, deps, action, {
        status: 'failed',
        at: now,
        cause: 'not_sent',
        code,
        reason: answer.reason,
        session,
      })
    }
    if (rejecting.length < 100) return
  }
}

async function answerPushBack(tx: Db, deps: AccountDeps, answer: PushBack, context: Answered): Promise<WaitingFor> {
  switch (answer.type) {
    case 'throttled':
      return throttle(tx, deps, context, answer)
    case 'blocked':
      return block(tx, deps, context, answer)
    case 'challenge':
      return challenge(tx, deps, context.session, answer)
    case 'login_required':
      // Believed after one check, which comes before anything else.
      await setCheck(tx, context.session.accountId, context.now)
      return { what: 'session', until: null, rule: 'login_required' }
  }
}

/** "Please wait": the whole account does. */
export async function throttle(
  tx: Db,
  deps: AccountDeps,
  context: Pick<Answered, 'session' | 'now'>,
  answer: { retryAfterMs: number | null; reason: string },
): Promise<WaitingFor> {
  const { accountId } = context.session
  const askedUntil = answer.retryAfterMs === null ? null : context.now + answer.retryAfterMs
  const pause = climb(await findPause(tx, accountId, ALL_KINDS), THROTTLE_LADDER_MS, {
    now: context.now,
    askedUntil,
    reason: 'throttled',
  })
  await setPause(tx, deps, context, ALL_KINDS, pause, answer.reason)
  return { what: 'pause', until: pause.until, rule: 'throttled' }
}

/** One kind was blocked: it stops for long, the others for an hour. */
async function block(
  tx: Db,
  deps: AccountDeps,
  context: Answered,
  answer: { until: number | null; reason: string },
): Promise<WaitingFor> {
  const { session, now } = context
  const kind = context.kind ?? ALL_KINDS
  if (kind !== ALL_KINDS) {
    const others = extend(await findPause(tx, session.accountId, ALL_KINDS), {
      now,
      until: now + BLOCK_OTHERS_MS,
      reason: 'blocked',
    })
    await savePause(tx, session.accountId, ALL_KINDS, others)
  }
  const pause = climb(await findPause(tx, session.accountId, kind), BLOCK_LADDER_MS, {
    now,
    askedUntil: answer.until,
    reason: 'blocked',
  })
  await setPause(tx, deps, context, kind, pause, answer.reason)
  return { what: 'pause', until: pause.until, rule: 'blocked' }
}

async function setPause(
  tx: Db,
  deps: AccountDeps,
  { session, now }: Pick<Answered, 'session' | 'now'>,
  kind: string,
  pause: Pause,
  reason: string,
): Promise<void> {
  await savePause(tx, session.accountId, kind, pause)
  await appendEvent(tx, deps, {
    userId: session.userId,
    type: 'limit.paused',
    at: now,
    sessionId: session.id,
    username: session.username,
    data: { kind, until: new Date(pause.until).toISOString(), rule: pause.reason, reason },
  })
}

export async function challenge(
  tx: Db,
  deps: AccountDeps,
  session: ActingSession,
  answer: Extract<PushBack, { type: 'challenge' }>,
): Promise<WaitingFor> {
  const status = answer.kind === 'suspended' ? 'suspended' : 'challenge_required'
  await deps.sessions.setStatus(tx, session, { status, reason: answer.reason, challengeUrl: answer.url })
  return { what: 'session', until: null, rule: status }
}
