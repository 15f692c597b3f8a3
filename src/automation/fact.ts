import type { StoredEvent } from '../events/index.ts'
import type { MentionPlace, RuleEvent } from './rule.ts'

/** What an event tells rules: who did it, where, and what was said. */
export interface Fact {
  eventId: string
  sequence: number
  type: RuleEvent
  /** When the event was written down. */
  at: number
  /** When it was said, by Instagram's clock. */
  saidAt: number
  sessionId: string
  contact: { platformId: string | null; username: string | null; fullName: string | null }
  conversationId: string | null
  messageId: string | null
  text: string
  mediaId: string | null
  mentionedIn: MentionPlace | null
  isGroup: boolean
}

/** Reads an event of the log as a fact; null where it belongs to no session. */
export function readFact(event: StoredEvent): Fact | null {
  const { data, sessionId } = event
  if (sessionId === null) return null
  const from = objectIn(data, 'from')
  const message = textIn(data, 'conversationId') !== null
  const saidAt = Date.parse(textIn(data, message ? 'timestamp' : 'occurredAt') ?? '')
  return {
    eventId: event.id,
    sequence: event.sequence,
    type: event.type as RuleEvent,
    at: event.at,
    saidAt: Number.isNaN(saidAt) ? event.at : saidAt,
    sessionId,
    contact: {
      platformId: textIn(from, 'platformId') ?? textIn(data, 'senderId'),
      username: textIn(from, 'username') ?? textIn(data, 'senderUsername'),
      fullName: textIn(from, 'fullName') ?? textIn(data, 'senderFullName'),
    },
    conversationId: textIn(data, 'conversationId'),
    messageId: textIn(data, 'messageId'),
    text: textIn(data, message ? 'content' : 'text') ?? '',
    mediaId: textIn(data, 'mediaId'),
    mentionedIn: placeOf(event, message),
    isGroup: data['isGroup'] === true,
  }
}

/** A mention that came as a message is one in a story. */
function placeOf({ type, data }: StoredEvent, isMessage: boolean): MentionPlace | null {
  if (type !== 'mention.received') return null
  if (isMessage) return 'story'
  const place = textIn(data, 'mentionedIn')
  return place === 'comment' || place === 'story' ? place : 'post'
}

function objectIn(data: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = data[key]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textIn(data: Record<string, unknown>, key: string): string | null {
  const value = data[key]
  return typeof value === 'string' && value !== '' ? value : null
}
