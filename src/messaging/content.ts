import type { Capability, MediaKind, RepliedTo } from '../connectors/connector.ts'
import { invalidFields } from '../core/errors.ts'
import type { MessageType } from './message.ts'

const CONTENT_BYTES_MAX = 1000

/** What the connector must be able to do to send a type. */
export const CAPABILITY_OF_TYPE: Readonly<Record<MessageType, Capability>> = {
  text: 'send_text',
  image: 'send_image',
  video: 'send_video',
  voice: 'send_voice',
  link: 'send_link',
  like: 'send_like',
}

/** What a message says, as its action carries it. */
export type MessagePayload = MessageContent & { replyTo?: RepliedTo }

type MessageContent =
  | { type: 'text'; text: string }
  | { type: 'link'; text: string; urls: string[] }
  | { type: 'like' }
  | { type: MediaKind; mediaUrl: string }

/** Whom a message is for, as the caller named them, and what the conversation knew at acceptance; its action's target. */
export interface MessageTarget {
  messageId: string
  username: string
  platformId: string | null
  threadId: string | null
}

/** What a caller asked for, checked. */
export interface MessageDraft {
  type: MessageType
  /** Kept with the message whether or not its type sends it. */
  content: string
  mediaUrl: string | null
  payload: MessagePayload
  /** What is kept and not sent. */
  warnings: string[]
}

/** Throws `VALIDATION_ERROR` naming the field where the type lacks what it needs. */
export function parseDraft(input: { messageType?: MessageType; content?: string; mediaUrl?: string }): MessageDraft {
  const type = input.messageType ?? 'text'
  const content = input.content ?? ''
  const mediaUrl = input.mediaUrl ?? null
  const payload = payloadOf(type, input.content, mediaUrl)
  const warnings: string[] = []
  if (mediaUrl !== null && !('mediaUrl' in payload)) {
    warnings.push(`mediaUrl is kept with the message but not sent: a ${type} message carries no media.`)
  }
  if (content !== '' && !('text' in payload)) {
    warnings.push(`content is kept with the message but not sent: a message of type ${type} carries no text.`)
  }
  return { type, content, mediaUrl, payload, warnings }
}

function payloadOf(type: MessageType, content: string | undefined, mediaUrl: string | null): MessagePayload {
  switch (type) {
    case 'text':
      return { type, text: requireText(content) }
    case 'link': {
      const text = requireText(content)
      const urls = linksIn(text)
      if (urls.length > 0) return { type, text, urls }
      throw invalidFields([{ path: 'content', message: 'must contain a link that begins with http:// or https://' }])
    }
    case 'like':
      if (content !== undefined) checkBytes(content)
      return { type }
    default:
      if (content !== undefined) checkBytes(content)
      return { type, mediaUrl: requireMediaUrl(mediaUrl) }
  }
}

function requireText(content: string | undefined): string {
  if (content === undefined) throw invalidFields([{ path: 'content', message: 'is required' }])
  checkBytes(content)
  if (content.trim() === '') throw invalidFields([{ path: 'content', message: 'must not be empty' }])
  return content
}

function checkBytes(content: string): void {
  const bytes = Buffer.byteLength(content, 'utf8')
  if (bytes <= CONTENT_BYTES_MAX) return
  const message = `must be at most ${CONTENT_BYTES_MAX} bytes of UTF-8, has ${bytes}`
  throw invalidFields([{ path: 'content', message }])
}

function requireMediaUrl(mediaUrl: string | null): string {
  if (mediaUrl === null) throw invalidFields([{ path: 'mediaUrl', message: 'is required for a message with media' }])
  const url = URL.parse(mediaUrl)
  if (url !== null && url.username === '' && url.password === '') return mediaUrl
  throw invalidFields([{ path: 'mediaUrl', message: 'must be an http or https URL without credentials' }])
}

/** The links in a text, without the punctuation that ends a sentence, each once. */
function linksIn(text: string): string[] {
  const found = new Set<string>()
  for (const [match] of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
    const link = match.replace(/[.,;:!?)\]}'’”]+$/u, '')
    if (URL.canParse(link)) found.add(link)
  }
  return [...found]
}
