/**
 * What a rule does about a fact: pure, and the same for the live engine and for simulations. Everything it needs to know
 * of the past comes in as `History`, which is read as of the fact and not as of now.
 */
import type { Fact } from './fact.ts'
import type { Rule } from './rule.ts'
import { render } from './template.ts'
import { findKeyword } from './text.ts'

/** The past of a fact, as far as a rule asks. */
export interface History {
  /** The account's name; null = it has no live session. */
  account: string | null
  /** Whether the connector can do what the rule does. */
  isSupported: boolean
  /** Whether the contact is an account of this gateway. */
  isOwnAccount: boolean
  isSuppressed: boolean
  /** Whether this very message asked not to be messaged, and nothing had before. */
  isFirstStop: boolean
  isFirstContact: boolean
  /** Whether a person wrote in the conversation within `HAND_OVER_MS`. */
  isHandWritten: boolean
  /** When the rule fired for the contact last. */
  lastFiredAt: number | null
  /** How often rules of the account fired for the contact within a day. */
  firedInDay: number
  /** Whether a rule followed the contact, and none has unfollowed them since. */
  isFollowedByRule: boolean
}

/** A person who wrote by hand has the conversation to themselves for this long. */
export const HAND_OVER_MS = 12 * 3_600_000

export type Act =
  | { type: 'message'; text: string; override: boolean }
  | { type: 'like'; mediaId: string }
  | { type: 'follow' | 'unfollow'; platformId: string }

export type Verdict = { outcome: 'fired'; reason: 'matched'; act: Act } | { outcome: 'skipped'; reason: string }

export interface Limits {
  /** How often rules of an account may act on one contact in a day. */
  perContactDay: number
}

/** `now` is when it is decided; only the age of the fact depends on it. */
export function evaluate(rule: Rule, fact: Fact, history: History, input: Limits & { now: number }): Verdict {
  const keyword = findKeyword(fact.text, rule.conditions.keywords, rule.conditions.keywordMatch)
  const obstacle = findMismatch(rule, fact, history, keyword) ?? findObstacle(rule, fact, history, input)
  if (obstacle !== null) return { outcome: 'skipped', reason: obstacle }
  const act = actOf(rule, fact, history, keyword)
  return typeof act === 'string' ? { outcome: 'skipped', reason: act } : { outcome: 'fired', reason: 'matched', act }
}

function findMismatch({ conditions }: Rule, fact: Fact, history: History, keyword: string | null): string | null {
  const { keywords, firstContact, matches, mentionedIn } = conditions
  if (mentionedIn !== null && fact.mentionedIn !== mentionedIn) return 'mentioned elsewhere'
  const lacksKeyword = keywords.length > 0 && keyword === null
  const isLater = firstContact && !history.isFirstContact
  if (matches === 'any' && firstContact && keywords.length > 0) return lacksKeyword && isLater ? 'no match' : null
  if (lacksKeyword) return 'keyword not found'
  return isLater ? 'not the first contact' : null
}

function findObstacle(rule: Rule, fact: Fact, history: History, { perContactDay, now }: Limits & { now: number }) {
  const { action } = rule
  const isConfirmation = action.type === 'message' && action.confirmStop
  if (history.account === null) return 'session ended'
  if (now - fact.at > rule.ageMsMax) return 'too old'
  if (fact.isGroup) return 'group conversation'
  if (history.isOwnAccount) return 'account of this gateway'
  if (isConfirmation && !history.isFirstStop) return 'not the first stop'
  if (history.isSuppressed && !isConfirmation) return 'suppressed'
  if (!history.isSupported) return 'not supported by the connector'
  if (action.type === 'unfollow' && !history.isFollowedByRule) return 'not followed by a rule'
  if (action.type === 'message' && history.isHandWritten && !isConfirmation) return 'a person is writing'
  const { lastFiredAt } = history
  if (lastFiredAt !== null && rule.windowMs > 0 && lastFiredAt > fact.at - rule.windowMs) return 'already answered'
  return history.firedInDay >= perContactDay ? 'enough for this contact today' : null
}

/** What to do, or why it cannot be done. */
function actOf({ action }: Rule, fact: Fact, { account }: History, keyword: string | null): Act | string {
  const { platformId, username, fullName } = fact.contact
  if (platformId === null) return 'contact unknown'
  switch (action.type) {
    case 'message': {
      if (username === null) return 'contact unknown'
      const firstName = fullName?.trim().split(/\s+/u)[0] ?? null
      const said = render(action.content, { username, fullName, firstName, keyword, account })
      return 'fault' in said ? said.fault : { type: 'message', text: said.text, override: action.confirmStop }
    }
    case 'like':
      return fact.mediaId === null ? 'nothing to like' : { type: 'like', mediaId: fact.mediaId }
    default:
      return { type: action.type, platformId }
  }
}
