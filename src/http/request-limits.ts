import type { RequestLimit, RequestLimitName, RequestLimits } from '../config/index.ts'
import { GatewayError } from '../core/errors.ts'
import type { Db, Store } from '../store/store.ts'
import { insertRequest, lockRequestCounter, pruneRequests, recentRequests } from './store.ts'

/**
 * Request limits: use number n of a user may happen at t only if use n − limit happened at or before t − window. The
 * newest `limit` rows therefore decide everything, and older ones are deleted as new ones come.
 */

/** How a user stands with one limit. */
export interface LimitState {
  name: RequestLimitName
  limit: number
  windowMs: number
  remaining: number
  /** Milliseconds until one more becomes available; 0 when nothing is used. */
  moreInMs: number
}

/**
 * Counts one request under each named limit, in the transaction of the work. Throws `RATE_LIMITED` when any of them is
 * used up; the transaction is then rolled back, so that a refused request counts nowhere.
 */
export async function takeRequest(
  tx: Db,
  deps: { engine: Store['engine']; limits: RequestLimits },
  use: { userId: string; names: readonly RequestLimitName[]; now: number },
): Promise<LimitState[]> {
  const { userId, names, now } = use
  if (deps.engine === 'postgres') await lockRequestCounter(tx, { userId, now })
  const states: LimitState[] = []
  const numbers: number[] = []
  for (const name of names) {
    const limit = deps.limits[name]
    const recent = await recentRequests(tx, { userId, name, limit: limit.limit })
    states.push(stateOf(name, limit, recent, now))
    numbers.push((recent[0]?.no ?? 0) + 1)
  }
  refuseIfUsedUp(states, now)
  for (const [index, state] of states.entries()) {
    const { name, limit } = state
    const no = numbers[index] as number
    await insertRequest(tx, { userId, name, no, at: now })
    if (no > limit) await pruneRequests(tx, { userId, name, upTo: no - limit })
    state.remaining -= 1
    if (state.moreInMs === 0) state.moreInMs = state.windowMs
  }
  return states
}

/** How a user stands, without counting anything. */
export async function readRequestLimits(
  db: Db,
  deps: { limits: RequestLimits },
  query: { userId: string; names: readonly RequestLimitName[]; now: number },
): Promise<LimitState[]> {
  const states: LimitState[] = []
  for (const name of query.names) {
    const limit = deps.limits[name]
    const recent = await recentRequests(db, { userId: query.userId, name, limit: limit.limit })
    states.push(stateOf(name, limit, recent, query.now))
  }
  return states
}

/** The headers of the IETF draft: whole seconds, rounded up, never a date. */
export function limitHeaders(states: readonly LimitState[]): Record<string, string> {
  if (states.length === 0) return {}
  const policies = states.map(({ name, limit, windowMs }) => `"${name}";q=${limit};w=${seconds(windowMs)}`)
  const rest = states.map(({ name, remaining, moreInMs }) => `"${name}";r=${remaining};t=${seconds(moreInMs)}`)
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: rest.join(', ') }
}

function stateOf(
  name: RequestLimitName,
  { limit, windowMs }: RequestLimit,
  recent: readonly { at: number }[],
  now: number,
): LimitState {
  const within = recent.filter((use) => use.at + windowMs > now)
  const oldest = within.at(-1)
  const moreInMs = oldest === undefined ? 0 : oldest.at + windowMs - now
  return { name, limit, windowMs, remaining: Math.max(0, limit - within.length), moreInMs }
}

function refuseIfUsedUp(states: readonly LimitState[], now: number): void {
  const usedUp = states.filter((state) => state.remaining === 0)
  const [first] = usedUp
  if (first === undefined) return
  const latest = usedUp.reduce((last, state) => (state.moreInMs > last.moreInMs ? state : last), first)
  throw new GatewayError('RATE_LIMITED', {
    retryAfterSeconds: seconds(latest.moreInMs),
    details: {
      limit: latest.name,
      quota: latest.limit,
      windowSeconds: seconds(latest.windowMs),
      resetAt: new Date(now + latest.moreInMs).toISOString(),
    },
  })
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}
