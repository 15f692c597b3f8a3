import { GatewayError } from '../core/errors.ts'
import {
  ALL_KINDS,
  countAttempts,
  DAY_MS,
  type EffectiveLimits,
  earliest,
  forecastBehind,
  HOUR_MS,
  limitsFor,
  readAttempts,
  readUsage,
  type Usage,
} from '../limits/index.ts'
import type { Db } from '../store/store.ts'
import type { ActionClass } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import type { ActingSession } from './session-hooks.ts'
import { countQueued, findRunning } from './store.ts'

/** An action that asks for its place. */
export interface PlanInput {
  session: ActingSession
  kind: string
  class: ActionClass
  now: number
  /** Not before this instant: now, or `sendAt`. */
  start: number
  /** The account's place that the action will take. */
  nextOrd: number
}

export interface MayGoAt {
  /** Before this instant the lane need not look; null = never under the limits that hold now. */
  earliest: number | null
  forecast: number | null
}

type PlanDeps = Pick<OutboxDeps, 'limits' | 'kinds'>

/** More uncertain actions than this are never looked at together. */
const RUNNING_MAX = 50

interface FullWindow {
  /** `hour`, `day` of the kind, or `total` over all kinds in a day. */
  name: 'hour' | 'day' | 'total'
  kind: string
  limit: number
  durationMs: number
  ahead: number
  last: number
  /** When the attempt was that must leave the window first; null = it is long gone. */
  leavingAt: number | null
}

/**
 * For callers who would rather be refused than wait for a limit: throws `ACTION_LIMIT_EXCEEDED` when, with everything
 * that the lane would do before it, any window has no room. `Retry-After` is exact: the action would be number
 * n = last + ahead + 1 and waits for number n − limit, which has happened, or is forecast.
 */
export async function rejectBeyondLimits(tx: Db, deps: PlanDeps, input: PlanInput): Promise<MayGoAt> {
  const { session, kind, start, now } = input
  const limits = limitsFor(deps.limits, session, kind, input.class)
  const ahead = await countAhead(tx, deps, input, limits)
  const usage = await readUsage(tx, {
    accountId: session.accountId,
    kind,
    limits,
    ahead: ahead.ofKind,
    aheadOfAll: ahead.ofAll,
  })
  rejectForbidden(usage, input)
  rejectPaused(usage, input)
  let full: { window: FullWindow; freeAt: number } | null = null
  for (const window of windowsOf(kind, limits, usage, ahead)) {
    const freeAt = await freeInstant(tx, input, window, usage)
    if (freeAt > start && (full === null || freeAt > full.freeAt)) full = { window, freeAt }
  }
  if (full !== null) throw await limitExceeded(tx, full.window, { session, freeAt: full.freeAt, now })
  // Everything ahead goes first, one `actionDelay` after the other.
  const { at } = earliest({ ...usage, hourAt: null, dayAt: null, totalAt: null }, start, session.actionDelayMs)
  return { earliest: at, forecast: at === null ? null : at + ahead.ofAll * session.actionDelayMs }
}

/** Queued and re-sending actions that the lane would do before this one, each sum counted to at most its limit. */
async function countAhead(tx: Db, deps: PlanDeps, input: PlanInput, limits: EffectiveLimits) {
  const { accountId } = input.session
  const mostOfKind = Math.max(limits.hour ?? 0, limits.day ?? 0)
  const running = (await findRunning(tx, accountId, RUNNING_MAX)).filter((action) => action.step !== 'attempt')
  let ofKind = running.filter((action) => action.kind === input.kind).length
  let ofAll = running.length
  for (const kind of deps.kinds.keys()) {
    for (let actionClass = 0; actionClass <= input.class; actionClass += 1) {
      const limit = kind === input.kind ? Math.max(limits.total, mostOfKind) : limits.total
      const [row] = await countQueued(tx, { accountId, kind, class: actionClass, dueBy: input.start, limit })
      const count = Number(row?.count ?? 0)
      if (kind === input.kind) ofKind += count
      ofAll += count
      if (ofAll >= limits.total && ofKind >= mostOfKind) return { ofKind, ofAll }
    }
  }
  return { ofKind, ofAll }
}

function windowsOf(
  kind: string,
  limits: EffectiveLimits,
  usage: Usage,
  ahead: { ofKind: number; ofAll: number },
): FullWindow[] {
  const windows: FullWindow[] = []
  const ofKind = { kind, ahead: ahead.ofKind, last: usage.lastOfKind }
  if (limits.hour !== null) {
    windows.push({ ...ofKind, name: 'hour', limit: limits.hour, durationMs: HOUR_MS, leavingAt: usage.hourAt })
  }
  if (limits.day !== null) {
    windows.push({ ...ofKind, name: 'day', limit: limits.day, durationMs: DAY_MS, leavingAt: usage.dayAt })
  }
  const ofAll = { kind: ALL_KINDS, ahead: ahead.ofAll, last: usage.lastOfAll }
  windows.push({ ...ofAll, name: 'total', limit: limits.total, durationMs: DAY_MS, leavingAt: usage.totalAt })
  return windows
}

async function freeInstant(tx: Db, input: PlanInput, window: FullWindow, usage: Usage): Promise<number> {
  if (window.ahead < window.limit) return window.leavingAt === null ? input.start : window.leavingAt + window.durationMs
  // The attempt that must leave the window first is still to come.
  const known = await readAttempts(tx, {
    accountId: input.session.accountId,
    kind: window.kind,
    from: window.last + 1 - window.limit,
    to: window.last,
  })
  return forecastBehind(
    { limit: window.limit, durationMs: window.durationMs, last: window.last, known },
    { now: input.now, lastAt: usage.lastAt, gapMs: input.session.actionDelayMs, ahead: window.ahead },
  )
}

/** A limit of 0 frees at no instant, so there is nothing to retry after. */
function rejectForbidden({ never }: Usage, { kind }: PlanInput): void {
  if (never === null) return
  throw new GatewayError('ACTION_LIMIT_EXCEEDED', {
    message: 'The limits of the account allow none of these.',
    details: { kind: never === 'total' ? ALL_KINDS : kind, window: never, limit: 0, used: 0, resetAt: null },
  })
}

function rejectPaused(usage: Usage, { kind, now, start }: PlanInput): void {
  const until = Math.max(usage.kindPausedUntil ?? 0, usage.accountPausedUntil ?? 0)
  if (until <= start) return
  throw new GatewayError('ACTION_LIMIT_EXCEEDED', {
    message: 'Instagram asked the account to wait.',
    details: { kind, reason: 'paused', resetAt: new Date(until).toISOString() },
    retryAfterSeconds: secondsUntil(until, now),
  })
}

async function limitExceeded(
  tx: Db,
  window: FullWindow,
  { session, freeAt, now }: { session: PlanInput['session']; freeAt: number; now: number },
): Promise<GatewayError> {
  const { name, kind, limit } = window
  const used = await countAttempts(tx, {
    accountId: session.accountId,
    kind,
    after: now - window.durationMs,
    from: window.last + 1 - limit,
  })
  return new GatewayError('ACTION_LIMIT_EXCEEDED', {
    message: `The account may do this ${limit} times ${name === 'hour' ? 'an hour' : 'a day'}.`,
    details: { kind, window: name, limit, used, resetAt: new Date(freeAt).toISOString() },
    retryAfterSeconds: secondsUntil(freeAt, now),
  })
}

function secondsUntil(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1_000))
}
