/**
 * Pauses after push-back. Each repeat climbs a ladder, each clean day after a pause steps down again; the row stays
 * after its end because it remembers the step.
 */
import { DAY_MS, HOUR_MS } from './policy.ts'

const MINUTE_MS = 60_000

/** For the whole account, after "please wait". */
export const THROTTLE_LADDER_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS] as const
/** For the kind that Instagram blocked. */
export const BLOCK_LADDER_MS = [DAY_MS, 2 * DAY_MS, 7 * DAY_MS] as const
/** For the account's other kinds meanwhile. */
export const BLOCK_OTHERS_MS = HOUR_MS

/** A pause that is no step of a ladder. */
export const NO_LEVEL = -1

export interface Pause {
  until: number
  reason: string
  /** Step of the ladder, 0-based, or `NO_LEVEL`. */
  level: number
  since: number
}

/** The pause after one more push-back; `askedUntil` is what Instagram said, which counts when it is longer. */
export function climb(
  previous: Pause | null,
  ladderMs: readonly number[],
  input: { now: number; askedUntil: number | null; reason: string },
): Pause {
  const level = Math.min(stepBefore(previous, input.now) + 1, ladderMs.length - 1)
  const until = Math.max(input.now + (ladderMs[level] as number), input.askedUntil ?? 0, previous?.until ?? 0)
  return { until, reason: input.reason, level, since: input.now }
}

/** A pause beside the ladder: as long as asked or as what already runs, without a step. */
export function extend(previous: Pause | null, input: { now: number; until: number; reason: string }): Pause {
  if (previous !== null && previous.until >= input.until) return previous
  return {
    until: input.until,
    reason: input.reason,
    level: stepBefore(previous, input.now),
    since: input.now,
  }
}

/** The step that still counts: one less for each whole day since the pause ended. */
function stepBefore(previous: Pause | null, now: number): number {
  if (previous === null) return NO_LEVEL
  const cleanDays = Math.max(0, Math.floor((now - previous.until) / DAY_MS))
  return Math.max(NO_LEVEL, previous.level - cleanDays)
}
