import { type FieldFault, invalidFields } from '../core/errors.ts'
import { normalizeUsername, USERNAME_FAULT } from '../core/username.ts'
import type { ActionStatus } from '../outbox/index.ts'

export const MESSAGE_TYPES = ['text', 'image', 'video', 'voice', 'link', 'like'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

/** What a message of somebody else may be besides: a post passed on, words about a story, anything that has no name here. */
export const SHOWN_TYPES = [...MESSAGE_TYPES, 'share', 'story_reply', 'story_mention', 'other'] as const
export type ShownType = (typeof SHOWN_TYPES)[number]

/** Sent messages have the status of their action; `received` is for those of others. */
export type MessageStatus = ActionStatus | 'received'

export interface Message {
  id: string
  userId: string
  sessionId: string
  accountId: string
  conversationId: string
  actionId: string | null
  /** The last action that was to take it back. */
  unsendActionId: string | null
  externalId: string | null
  senderId: string
  senderUsername: string
  recipientId: string
  recipientUsername: string
  content: string
  messageType: ShownType
  mediaUrl: string | null
  metadata: MessageMetadata
  direction: 'out' | 'in'
  status: MessageStatus
  readAt: number | null
  /** Set once its owner deleted a received message here. */
  hiddenAt: number | null
  timestamp: number
  /** Written through the gateway, or elsewhere: by somebody else, or by the account in an app. */
  origin: 'api' | 'elsewhere'
}

export interface MessageMetadata {
  hashtags: string[]
  mentions: string[]
  /** The story that it is about. */
  storyId?: string
  /** Instagram's own word for what has none here. */
  itemType?: string
}

/** The message as the second document shows it, with our additions. */
export function viewMessage(message: Message) {
  return {
    id: message.id,
    sessionId: message.sessionId,
    conversationId: message.conversationId,
    messageId: message.id,
    senderId: message.senderId,
    senderUsername: message.senderUsername,
    recipientId: message.recipientId,
    recipientUsername: message.recipientUsername,
    content: message.content,
    messageType: message.messageType,
    ...(message.mediaUrl === null ? {} : { mediaUrl: message.mediaUrl }),
    isRead: message.readAt !== null,
    isFromMe: message.direction === 'out',
    timestamp: new Date(message.timestamp).toISOString(),
    metadata: message.metadata,
    status: message.status,
    origin: message.origin,
    ...(message.actionId === null ? {} : { actionId: message.actionId }),
  }
}

const HASHTAG = /(?<![\p{L}\p{N}_&])#([\p{L}\p{N}\p{M}_]{1,100})/gu
const MENTION = /(?<![\p{L}\p{N}_@.])@([a-z0-9_](?:[a-z0-9_.]{0,28}[a-z0-9_])?)(?![\p{L}\p{N}_@])/giu

/** Hashtags and mentions of a text in their order, each once, without their signs. Numbers alone are no hashtag. */
export function parseMetadata(text: string): MessageMetadata {
  const hashtags = new Set<string>()
  const mentions = new Set<string>()
  // Nearly every message has neither.
  if (text.includes('#')) {
    for (const [, tag] of text.matchAll(HASHTAG)) if (tag !== undefined && !/^\p{N}+$/u.test(tag)) hashtags.add(tag)
  }
  if (text.includes('@')) {
    for (const [, name] of text.matchAll(MENTION)) if (name !== undefined) mentions.add(name.toLowerCase())
  }
  return { hashtags: [...hashtags], mentions: [...mentions] }
}

/** Throws `VALIDATION_ERROR` for a name that nobody can have. */
export function parseRecipient(name: string): string {
  const username = normalizeUsername(name)
  if (username === null) throw invalidFields([{ path: 'recipientUsername', message: USERNAME_FAULT }])
  return username
}

/** Faults named in one refusal. */
const FAULTS_MAX = 8

/** The same for many; the refusal names the first few. */
export function parseRecipients(names: readonly string[]): string[] {
  const usernames: string[] = []
  const faults: FieldFault[] = []
  for (const [index, name] of names.entries()) {
    const username = normalizeUsername(name)
    if (username !== null) usernames.push(username)
    else faults.push({ path: `recipients[${index}]`, message: USERNAME_FAULT })
    if (faults.length === FAULTS_MAX) break
  }
  if (faults.length > 0) throw invalidFields(faults)
  return usernames
}
