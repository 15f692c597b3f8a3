/**
 * When may the next attempt happen? Rolling means rolling: with limit L over duration D, attempt number n of a kind may
 * happen at t only if attempt n − L happened at or before t − D. Attempts are numbered per account and kind, and once
 * more over all kinds, so each window is one look-up of one row, whatever L is; a row that is missing is old or never
 * was, so the window is free.
 */
import { DAY_MS, type EffectiveLimits, HOUR_MS } from './policy.ts'

/** What decided an instant; null = nothing stands in the way. */
export type Rule = 'hour' | 'day' | 'total' | 'delay' | 'pause' | null

/** Where an account stands for one kind; read under its lock. */
export interface Usage {
  /** Number of the kind's newest attempt, and of the account's; 0 = none known. */
  lastOfKind: number
  lastOfAll: number
  /** When the account's newest attempt was. */
  lastAt: number | null
  /** When the attempt was that must have left the window; null = the window is free. */
  hourAt: number | null
  dayAt: number | null
  totalAt: number | null
  /** Pauses of the kind and of the whole account; null = none was ever. */
  kindPausedUntil: number | null
  accountPausedUntil: number | null
  /** The window whose limit is 0: nothing may ever go. Null = none is. */
  never: ForbiddingRule | null
}

export type ForbiddingRule = 'hour' | 'day' | 'total'

export interface Earliest {
  /** Null = never, under these limits. */
  at: number | null
  rule: Rule
}

/** The first instant, not before `now`, at which every window, the gap and the pauses allow the next attempt. */
export function earliest(usage: Usage, now: number, gapMs: number): Earliest {
  if (usage.never !== null) return { at: null, rule: usage.never }
  return earliestAllowed(usage, now, gapMs)
}

function earliestAllowed(usage: Usage, now: number, gapMs: number): { at: number; rule: Rule } {
  let found: { at: number; rule: Rule } = { at: now, rule: null }
  const notBefore = (at: number | null, rule: Rule, afterMs: number) => {
    if (at !== null && at + afterMs > found.at) found = { at: at + afterMs, rule }
  }
  notBefore(usage.lastAt, 'delay', gapMs)
  notBefore(usage.hourAt, 'hour', HOUR_MS)
  notBefore(usage.dayAt, 'day', DAY_MS)
  notBefore(usage.totalAt, 'total', DAY_MS)
  notBefore(usage.kindPausedUntil, 'pause', 0)
  notBefore(usage.accountPausedUntil, 'pause', 0)
  return found
}

export interface Window {
  limit: number
  durationMs: number
  /** Number of the newest attempt. */
  last: number
  /** Instants of known attempts by number. */
  known: ReadonlyMap<number, number>
}

/**
 * When the attempt behind `ahead` others would happen if all of them went as early as one window and the gap allow:
 * the forecast where the attempt that has to leave the window is itself still to come.
 */
export function forecastBehind(
  window: Window,
  input: { now: number; lastAt: number | null; gapMs: number; ahead: number },
): number {
  const coming: number[] = []
  let previous = input.lastAt
  for (let step = 0; step <= input.ahead; step += 1) {
    const leaving = window.last + 1 + step - window.limit
    const leftAt = leaving > window.last ? coming[leaving - window.last - 1] : window.known.get(leaving)
    const at = Math.max(
      input.now,
      previous === null ? input.now : previous + input.gapMs,
      leftAt === undefined ? input.now : leftAt + window.durationMs,
    )
    coming.push(at)
    previous = at
  }
  return coming[input.ahead] as number
}

/**
 * About when an action behind `ahead` others goes, in constant time: full windows, then the gap for what is left. An
 * estimate, because it counts neither what the windows already hold nor what other kinds will take.
 */
export function estimateBehind(input: { from: number; gapMs: number; limits: EffectiveLimits; ahead: number }): number {
  const { from, gapMs, limits, ahead } = input
  const through = (limit: number | null, durationMs: number) =>
    limit === null ? 0 : Math.floor(ahead / limit) * durationMs + (ahead % limit) * gapMs
  return (
    from +
    Math.max(ahead * gapMs, through(limits.hour, HOUR_MS), through(limits.day, DAY_MS), through(limits.total, DAY_MS))
  )
}
