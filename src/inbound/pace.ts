/** How often a source is read: pure. */

/** Least milliseconds between two counted reads of an account. */
export const READ_GAP_MS = 2_000
export const HOUR_MS = 3_600_000
const GROWTH = 1.5
const FAILURE_BACKOFF_MS = [30_000, 60_000, 120_000, 240_000] as const
/** Answers in a row that could not be understood, after which the account counts as deaf. */
export const SUSPECT_AFTER = 5

export interface PollPace {
  /** After news. */
  busyMs: number
  /** The longest, however quiet it is. */
  idleMaxMs: number
  /** Reads of one account in a rolling hour. */
  perHourMax: number
}

/** Busy at once after news; half as long again after each read without. */
export function adaptInterval(intervalMs: number, pace: PollPace, { heard }: { heard: boolean }): number {
  if (heard) return pace.busyMs
  return Math.min(pace.idleMaxMs, Math.max(pace.busyMs, Math.round(intervalMs * GROWTH)))
}

/** 30 s, 1, 2, 4 min, then as long as when it is quiet. */
export function failureBackoffMs(failures: number, pace: PollPace): number {
  return FAILURE_BACKOFF_MS[failures - 1] ?? Math.max(pace.idleMaxMs, FAILURE_BACKOFF_MS[3])
}
