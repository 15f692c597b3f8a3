import type { Clock } from '../core/clock.ts'

/** How long a claim holds before another process may take the lane over. */
export const LEASE_MS = 30_000
/** Longer while media are uploaded: their turns have a deadline of a minute. */
export const UPLOAD_LEASE_MS = 75_000
export const RENEW_EVERY_MS = 10_000

/**
 * One process's hold on one account's lane. The *fence* keeps our record true: it rises with every claim, and whoever
 * writes compares it under the account's lock. The *lease* keeps Instagram untouched: a worker that slept past it must
 * not write a request any more, which it can only learn from its own monotonic clock.
 */
export interface Claim {
  readonly accountId: string
  readonly owner: string
  readonly fence: number
  /** On this process's monotonic clock; moved by every renewal. */
  leaseEndsElapsed: number
  /** How long a renewal holds. */
  leaseMs: number
}

/** Whether at least `ms` of the lease are left. */
export function holdsFor(claim: Claim, clock: Clock, ms: number): boolean {
  return claim.leaseEndsElapsed - clock.elapsed() >= ms
}

/** Whether the lane's row, read under its lock, still belongs to the claim. */
export function isHeldBy(lane: { owner: string | null; fence: number }, claim: Claim): boolean {
  return lane.owner === claim.owner && lane.fence === claim.fence
}
