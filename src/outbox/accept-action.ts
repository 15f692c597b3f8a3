import type { Capability } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { takePlace } from '../lanes/index.ts'
import { earliest, estimateBehind, isSwitchedOff, limitsFor, readUsage } from '../limits/index.ts'
import type { LaneTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { ActionClass, CausedBy, OnLimit } from './action.ts'
import { AT_ACCEPTANCE, forecastWork } from './batch/forecast-batch.ts'
import type { OutboxDeps } from './deps.ts'
import { type MayGoAt, type PlanInput, rejectBeyondLimits } from './reject-beyond-limits.ts'
import { canAct, requireAble } from './session-able.ts'
import type { ActingSession } from './session-hooks.ts'
import { findOldestOrd, insertAction, isQueuedBeyond } from './store.ts'

export type AcceptDeps = Pick<OutboxDeps, 'clock' | 'random' | 'signal' | 'limits' | 'kinds' | 'connectors'>

export interface AcceptInput {
  /** From `lockAccount`, in this transaction: the account stays locked from the limit decision to the commit. */
  lane: LaneTable
  /** Read in this transaction. */
  session: ActingSession
  kind: string
  /** Where it depends on more than the kind. */
  capability?: Capability
  class: ActionClass
  /** Where the caller had to name the action before; otherwise it is named here. */
  actionId?: string
  /** JSON texts of the kind. */
  target: string
  payload: string
  /** What `resolve` would find, where it is known. */
  resolved: string | null
  /** As the caller said; null = `fallback`. */
  onLimit: OnLimit | null
  fallback: OnLimit
  sendAt: number | null
  expiresAt: number | null
  acceptedBy: string
  /** Left out = it is not for suppressed recipients. */
  overrideBy?: string
  /** Left out = somebody asked for it. */
  causedBy?: CausedBy
}

export interface AcceptedAction {
  actionId: string
  status: 'queued'
  acceptedAt: number
  /** Forecast; null where the session must be mended first. */
  scheduledFor: number | null
}

/**
 * Accepts one action in the caller's transaction: session able, capability declared, limits asked, row written, lane's
 * due instant lowered. Writes no event and no timeline: the row itself says when and by whom.
 *
 * Throws `SESSION_NOT_ACTIVE`, `NOT_SUPPORTED`, and for `reject` `ACTION_LIMIT_EXCEEDED`.
 */
export async function acceptAction(tx: Db, deps: AcceptDeps, input: AcceptInput): Promise<AcceptedAction> {
  const { session, lane } = input
  const now = deps.clock.now()
  requireAble(session, now, input.onLimit)
  requireCapability(deps, session, input)
  const onLimit = input.onLimit ?? input.fallback
  const start = Math.max(now, input.sendAt ?? now)
  const plan = { session, kind: input.kind, class: input.class, now, start, nextOrd: lane.next_ord }
  const mayGoAt =
    onLimit === 'reject' ? await rejectBeyondLimits(tx, deps, plan) : await planQueued(tx, deps, { ...plan, lane })

  const isStopped = await isSwitchedOff(tx, session)
  if (isStopped && onLimit === 'reject') throw stopped(input.kind)
  const isAble = canAct(session, now) && !isStopped
  const lookAt = isAble && mayGoAt.earliest !== null ? Math.max(mayGoAt.earliest, session.retryAt ?? 0) : null
  const { ord } = await takePlace(tx, deps, { lane, dueAt: least(lookAt, input.expiresAt) })
  const id = input.actionId ?? newId('act', now, deps.random)
  await insertAction(tx, {
    id,
    user_id: session.userId,
    session_id: session.id,
    account_id: session.accountId,
    kind: input.kind,
    class: input.class,
    due_at: start,
    ord,
    target: input.target,
    payload: input.payload,
    resolved: input.resolved,
    client_token: clientToken(now, ord),
    on_limit: onLimit,
    send_at: input.sendAt,
    expires_at: input.expiresAt,
    batch_id: null,
    accepted_at: now,
    accepted_by: input.acceptedBy,
    override_by: input.overrideBy ?? null,
    caused_by: input.causedBy === undefined ? null : JSON.stringify(input.causedBy),
  })
  return { actionId: id, status: 'queued', acceptedAt: now, scheduledFor: isAble ? mayGoAt.forecast : null }
}

/** Nobody knows when an operator lets go, so the caller is asked to come again in a minute. */
function stopped(kind: string): GatewayError {
  return new GatewayError('ACTION_LIMIT_EXCEEDED', {
    message: 'The operator of this gateway has stopped acting for now.',
    details: { kind, reason: 'kill_switch' },
    retryAfterSeconds: 60,
  })
}

/** Behind more than this of its own kind and class an action's instant is estimated from whole windows. */
const FORECAST_AHEAD_MAX = 100

/** The first instant the windows allow, and when its turn will be; costs the same however much waits. */
async function planQueued(tx: Db, deps: AcceptDeps, input: PlanInput & { lane: LaneTable }): Promise<MayGoAt> {
  const { session, kind, lane, start: from } = input
  const limits = limitsFor(deps.limits, session, kind, input.class)
  const usage = await readUsage(tx, { accountId: session.accountId, kind, limits })
  const { at } = earliest(usage, input.start, session.actionDelayMs)
  if (at === null) return { earliest: null, forecast: null }
  // A lane that sleeps until it is woken has nothing to do before this.
  if (lane.due_at === null && lane.owner === null) return { earliest: at, forecast: at }
  const of = { accountId: session.accountId, kind, class: input.class }
  const oldest = await findOldestOrd(tx, of)
  // Of all kinds together: an account that has this few need not be counted.
  const ahead = oldest === null ? 0 : input.nextOrd - oldest
  if (ahead <= FORECAST_AHEAD_MAX || !(await isQueuedBeyond(tx, { ...of, dueBy: from, count: FORECAST_AHEAD_MAX }))) {
    const work = { kind, count: 1, gapMs: 0, class: input.class, from }
    const instants = await forecastWork(tx, deps, { session, work, reach: AT_ACCEPTANCE })
    return { earliest: at, forecast: instants?.at(-1) ?? null }
  }
  return { earliest: at, forecast: estimateBehind({ from: at, gapMs: session.actionDelayMs, limits, ahead }) }
}

/** Throws `NOT_SUPPORTED` unless the session's connector declares what the kind needs. */
export function requireCapability(
  deps: Pick<OutboxDeps, 'kinds' | 'connectors'>,
  session: ActingSession,
  input: { kind: string; capability?: Capability },
): void {
  const kind = deps.kinds.get(input.kind)
  if (kind === undefined) throw new Error(`unknown kind of action: ${input.kind}`)
  const capability = input.capability ?? kind.capability
  if (deps.connectors.get(session.connector)?.capabilities.has(capability)) return
  throw new GatewayError('NOT_SUPPORTED', {
    message: `The ${session.connector} connector cannot do this.`,
    details: { connector: session.connector, capability },
  })
}

/** About 19 digits that grow with time, as Instagram's own clients make them; two of one account are never the same. */
export function clientToken(now: number, ord: number): string {
  return String((BigInt(now) << 22n) | (BigInt(ord) & 0x3fffffn))
}

function least(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}
