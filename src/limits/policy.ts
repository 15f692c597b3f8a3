/**
 * How often an account may do what, as data. A policy gives each kind the most attempts in any rolling hour and any
 * rolling day; a session is under all policies of the APIs it was opened through, so the smallest limit of each kind and
 * duration counts.
 */

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Usage kind that numbers all kinds of an account together. */
export const ALL_KINDS = '*'

/** Null or absent = no limit of that duration; 0 = never. */
export interface KindLimits {
  hour?: number | null
  day?: number | null
}

export type LimitPolicy = Readonly<Record<string, KindLimits>>

/** The second document's "Rate Limits", and our numbers where it names none (`message`, `unlike`, `unsend`). */
export const STANDARD_POLICY: LimitPolicy = {
  like: { hour: 50, day: 200 },
  unlike: { hour: 50, day: 200 },
  comment: { hour: 20, day: 100 },
  follow: { hour: 30, day: 150 },
  unfollow: { hour: 30, day: 150 },
  story_view: { hour: 100, day: 500 },
  story_reply: { hour: 20, day: 100 },
  reel_like: { hour: 50, day: 200 },
  reel_comment: { hour: 20, day: 100 },
  message: { hour: 50, day: 200 },
  unsend: { hour: 50, day: 200 },
}

/** The first document's limits; kinds it does not name come from `standard`. */
export const CLASSIC_POLICY: LimitPolicy = {
  follow: { day: 200 },
  like: { day: 1000 },
  comment: { day: 100 },
}

export interface LimitsConfig {
  standard: LimitPolicy
  classic: LimitPolicy
  /** What part of every limit automation and bulk may use, so that people always find room; 0 to 1. */
  bulkShare: number
}

export const DEFAULT_LIMITS: LimitsConfig = { standard: STANDARD_POLICY, classic: CLASSIC_POLICY, bulkShare: 0.8 }

/** What decides an account's limits; a session satisfies it. */
export interface LimitSubject {
  openedThrough: readonly ('v1' | 'v2')[]
  maxDailyActions: number
  /** JSON of the policy that an admin set in place of the others. */
  policy?: string | null
}

/** The limits of one kind for one class: null = none of that duration, 0 = never. */
export interface EffectiveLimits {
  hour: number | null
  day: number | null
  /** Over all kinds in a day. */
  total: number
}

/** The smallest limit of each window over all policies of the subject; classes below person get their share of it. */
export function limitsFor(
  config: LimitsConfig,
  subject: LimitSubject,
  kind: string,
  actionClass: number,
): EffectiveLimits {
  const share = actionClass === 0 ? 1 : config.bulkShare
  let hour: number | null = null
  let day: number | null = null
  for (const policy of policiesOf(config, subject)) {
    const limits = policy[kind] ?? config.standard[kind] ?? {}
    hour = smaller(hour, limits.hour ?? null)
    day = smaller(day, limits.day ?? null)
  }
  return { hour: shared(hour, share), day: shared(day, share), total: shared(subject.maxDailyActions, share) }
}

function policiesOf(config: LimitsConfig, subject: LimitSubject): LimitPolicy[] {
  if (subject.policy != null) return [JSON.parse(subject.policy) as LimitPolicy]
  if (subject.openedThrough.length === 0) return [config.standard]
  return subject.openedThrough.map((api) => (api === 'v1' ? config.classic : config.standard))
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}

/** Rounded down, but to nothing only where people may do nothing either: the class would wait for ever. */
function shared<T extends number | null>(limit: T, share: number): T {
  if (limit === null || limit === 0 || share === 1) return limit
  return Math.max(1, Math.floor(limit * share)) as T
}
