/**
 * What an attempt's answer means for its delivery and for its endpoint. Pure.
 *
 * A delivery is tried ten times over 75 hours (Standard Webhooks), ±10 % each, later where `Retry-After` asks for it.
 * An endpoint that failed gets one request at a time; one that failed ten times in a row, or said 429, 502 or 504, gets
 * nothing for 30 s and then one probe. What waits for that uses up no try.
 */
import type { Random } from '../core/random.ts'
import type { WebhookAnswer, WebhookFault } from '../core/webhook-post.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** After the first try, the second, …; after the tenth there is none. */
const RETRY_DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const
const JITTER = 0.1
const RETRY_AFTER_MAX_MS = 24 * HOUR_MS
export const FAILING_MAX_MS = 5 * DAY_MS
const WARNED_AFTER_MS = FAILING_MAX_MS / 2
/** Failures in a row from which an endpoint is only probed. */
export const FAILURES_UNTIL_PROBED = 10
const PROBE_EVERY_MS = 30 * SECOND_MS
/** The receiver, or what stands before it, has more than it can do. */
const SLOW_DOWN: ReadonlySet<number> = new Set([429, 502, 504])

export type AttemptError = Exclude<WebhookFault, 'held_back'> | 'http_status' | 'redirect' | 'internal'

/** As it is kept and shown. */
export interface Attempt {
  at: number
  durationMs: number
  status: number | null
  /** Null = delivered. */
  error: AttemptError | null
  /** The beginning of the answer. */
  response: string
}

export interface Health {
  /** Since the last success. */
  failures: number
  failingSince: number | null
  warnedAt: number | null
  pausedUntil: number | null
}

const HEALTHY: Health = { failures: 0, failingSince: null, warnedAt: null, pausedUntil: null }

export interface Verdict {
  delivery:
    | { status: 'succeeded' }
    | { status: 'pending'; dueAt: number }
    /** `stopped` = the receiver asked not to be sent this again. */
    | { status: 'failed'; reason: 'exhausted' | 'stopped' }
  health: Health
  disables: 'gone' | 'failing' | null
  /** Half the time until it is switched off has passed. */
  warns: boolean
}

/** Null for an answer that proves the delivery. */
export function errorOf(answer: Pick<WebhookAnswer, 'status' | 'fault'>): AttemptError | null {
  const { status, fault } = answer
  if (fault !== null && fault !== 'held_back') return fault
  if (status !== null && status >= 200 && status < 300) return null
  return status !== null && status >= 300 && status < 400 ? 'redirect' : 'http_status'
}

/** `tries` counts this attempt; `now` is product time, `wall` machine time at its end. */
export function judge(input: {
  answer: WebhookAnswer
  tries: number
  health: Health
  now: number
  wall: number
  random: Random
}): Verdict {
  const { answer, tries, health, now } = input
  if (errorOf(answer) === null)
    return { delivery: { status: 'succeeded' }, health: HEALTHY, disables: null, warns: false }
  const failures = health.failures + 1
  const failingSince = health.failingSince ?? now
  const failingMs = now - failingSince
  const isPaused = failures >= FAILURES_UNTIL_PROBED || SLOW_DOWN.has(answer.status ?? 0)
  const isGone = answer.status === 410
  const disables = isGone ? 'gone' : failingMs >= FAILING_MAX_MS ? 'failing' : null
  const warns = disables === null && health.warnedAt === null && failingMs >= WARNED_AFTER_MS
  return {
    delivery: next(input, tries),
    health: {
      failures,
      failingSince,
      warnedAt: warns ? now : health.warnedAt,
      pausedUntil: isPaused ? now + PROBE_EVERY_MS : health.pausedUntil,
    },
    disables,
    warns,
  }
}

function next(
  { answer, now, wall, random }: { answer: WebhookAnswer; now: number; wall: number; random: Random },
  tries: number,
): Verdict['delivery'] {
  if (answer.directive === 'abort-message') return { status: 'failed', reason: 'stopped' }
  const delayMs = RETRY_DELAYS_MS[tries - 1]
  if (delayMs === undefined) return { status: 'failed', reason: 'exhausted' }
  const [high = 0, low = 0] = random.bytes(2)
  const uniform = ((high << 8) | low) / 65_535
  const jittered = delayMs * (1 - JITTER + 2 * JITTER * uniform)
  const asked = Math.min(retryAfterMs(answer.retryAfter, wall), RETRY_AFTER_MAX_MS)
  return { status: 'pending', dueAt: now + Math.round(Math.max(jittered, asked)) }
}

/** Seconds or a date (RFC 9110); 0 for anything else. */
function retryAfterMs(text: string | null, wall: number): number {
  if (text === null) return 0
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS
  const date = Date.parse(text)
  return Number.isNaN(date) ? 0 : Math.max(0, date - wall)
}
