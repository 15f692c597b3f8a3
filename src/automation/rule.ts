/**
 * A rule: on an event of one type, under some conditions, one act; at most once per contact and window. It acts through
 * the outbox like anyone else, in class automation, and it is answerable for every event of its type: `decisions` says what
 * it did about each, and why.
 *
 * A session's settings `autoReply`, `autoLike`, `autoFollow` and `autoUnfollow` switch its *presets*, rules that every
 * account has. Rules belong to the account, so they outlive a login; presets are on only for the session whose flag did it.
 */
import type { EventType } from '../events/index.ts'

export const RULE_EVENTS = [
  'message.received',
  'story_reply.received',
  'comment.received',
  'like.received',
  'follow.received',
  'unfollow.received',
  'mention.received',
] as const satisfies readonly EventType[]
export type RuleEvent = (typeof RULE_EVENTS)[number]

export const PRESETS = ['autoReply', 'autoLike', 'autoFollow', 'autoUnfollow'] as const
export type Preset = (typeof PRESETS)[number]

/** How a keyword is found in a text; case and accents never count. */
export const KEYWORD_MATCHES = ['word', 'contains', 'exact'] as const
export type KeywordMatch = (typeof KEYWORD_MATCHES)[number]

/** Where somebody may mention the account. */
export const MENTION_PLACES = ['story', 'post', 'comment'] as const
export type MentionPlace = (typeof MENTION_PLACES)[number]

export interface Conditions {
  /** Any of these; empty = whatever was said. */
  keywords: string[]
  keywordMatch: KeywordMatch
  /** Nothing was said in the conversation before. */
  firstContact: boolean
  /** Whether keyword and first contact must both be given, or one of them. */
  matches: 'all' | 'any'
  /** Null = wherever. */
  mentionedIn: MentionPlace | null
}

export type RuleAction =
  | {
      type: 'message'
      /** A template. */
      content: string
      /** Answers the very message with which a contact asks not to be messaged: the one message that may still go. */
      confirmStop: boolean
    }
  | { type: 'like' }
  | { type: 'follow' }
  | { type: 'unfollow' }
export type ActType = RuleAction['type']

export interface Rule {
  id: string
  userId: string
  accountId: string
  sessionId: string
  preset: Preset | null
  name: string | null
  on: RuleEvent
  conditions: Conditions
  action: RuleAction
  /** Once per contact in so many milliseconds; 0 = every time. */
  windowMs: number
  /** Older events are left alone. */
  ageMsMax: number
  enabled: boolean
  /** Events up to this sequence number happened before the rule. */
  activeAfter: number
  createdAt: number
}

export const HOUR_MS = 3_600_000
export const DEFAULT_WINDOW_MS = 24 * HOUR_MS
export const DEFAULT_AGE_MS_MAX = 24 * HOUR_MS

const ANYTHING: Conditions = {
  keywords: [],
  keywordMatch: 'word',
  firstContact: false,
  matches: 'all',
  mentionedIn: null,
}

type PresetRule = Pick<Rule, 'on' | 'conditions' | 'action'>

/** What the presets do until their user changes it. */
export const PRESET_RULES: Readonly<Record<Preset, PresetRule>> = {
  autoReply: {
    on: 'message.received',
    conditions: { ...ANYTHING, firstContact: true, matches: 'any' },
    action: {
      type: 'message',
      content: 'Hi {{firstName|there}}, thank you for your message! We will get back to you soon.',
      confirmStop: false,
    },
  },
  autoLike: {
    on: 'mention.received',
    conditions: { ...ANYTHING, mentionedIn: 'post' },
    action: { type: 'like' },
  },
  autoFollow: { on: 'follow.received', conditions: ANYTHING, action: { type: 'follow' } },
  autoUnfollow: { on: 'unfollow.received', conditions: ANYTHING, action: { type: 'unfollow' } },
}

/** A rule as the API shows it. A preset is on for the session whose flag switched it. */
export function viewRule(rule: Rule, sessionId: string) {
  const { conditions, action } = rule
  return {
    id: rule.id,
    sessionId,
    name: rule.name,
    preset: rule.preset,
    enabled: rule.enabled && (rule.preset === null || rule.sessionId === sessionId),
    on: rule.on,
    keywords: conditions.keywords,
    keywordMatch: conditions.keywordMatch,
    firstContact: conditions.firstContact,
    matches: conditions.matches,
    mentionedIn: conditions.mentionedIn,
    action: { ...action },
    windowHours: rule.windowMs / HOUR_MS,
    maxAgeHours: rule.ageMsMax / HOUR_MS,
    createdAt: new Date(rule.createdAt).toISOString(),
  }
}
