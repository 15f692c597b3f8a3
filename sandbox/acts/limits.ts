import { type Answer, fail, json } from '../exchange.ts'
import { limitFor, type Settings } from '../settings.ts'
import type { EffectKind, LedgerEntry, User } from '../world/records.ts'
import type { World } from '../world/world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * What the service says when an account did something too often: too many in an hour is throttled, too many in a day
 * is blocked. Null: go on. Counted from the ledger, so that it survives a restart.
 */
export function pushBack(
  { world, settings, now }: { world: World; settings: Settings; now: number },
  { account, kind }: { account: User; kind: EffectKind },
): Answer | null {
  const limit = limitFor(settings, account.limits, kind)
  if (limit === undefined) return null
  const effects = world.effectsOf(account.username, kind)
  if (limit.day !== null && isFull(effects, limit.day, now - DAY_MS)) return feedbackRequired(now + DAY_MS)
  if (limit.hour !== null && isFull(effects, limit.hour, now - HOUR_MS)) return throttled(null)
  return null
}

/** `until` is named in the text, as the service sometimes does. */
export function feedbackRequired(until: number | null): Answer {
  const end = until === null ? '' : ` This block expires on ${new Date(until).toISOString().slice(0, 10)}.`
  return fail(400, 'feedback_required', {
    spam: true,
    feedback_title: 'Try Again Later',
    feedback_message: `We limit how often you can do certain things on Instagram.${end}`,
    feedback_url: 'repute/report_problem/instagram_like_add/',
    feedback_appeal_label: 'Tell us',
    feedback_ignore_label: 'OK',
    feedback_action: 'report_problem',
  })
}

export function throttled(retryAfterSeconds: number | null): Answer {
  return json(
    { message: 'Please wait a few minutes before you try again.', status: 'fail' },
    429,
    retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) },
  )
}

function isFull(effects: readonly LedgerEntry[], limit: number, since: number): boolean {
  const oldest = effects[effects.length - limit]
  return limit <= 0 || (oldest !== undefined && oldest.at > since)
}
