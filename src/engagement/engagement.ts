import { type FieldFault, invalidFields } from '../core/errors.ts'
import { parseMediaReference } from '../core/media-reference.ts'
import { parseUserReference } from '../core/user-reference.ts'
import type { AcceptInput, Action } from '../outbox/index.ts'

/** What the account does to somebody else's post, story, reel or profile. */
export const ENGAGEMENT_KINDS = [
  'like',
  'unlike',
  'comment',
  'follow',
  'unfollow',
  'story_view',
  'story_reply',
  'reel_like',
  'reel_comment',
] as const
export type EngagementKind = (typeof ENGAGEMENT_KINDS)[number]

/** The field of a request that names the target. */
export type TargetField = 'postId' | 'userId' | 'storyId' | 'reelId'

export interface KindRules {
  target: TargetField
  /** Which text it takes. */
  content: 'none' | 'comment' | 'message'
  /** The sentence of a success. */
  done: string
}

export const KIND_RULES: Readonly<Record<EngagementKind, KindRules>> = {
  like: { target: 'postId', content: 'none', done: 'Post liked' },
  unlike: { target: 'postId', content: 'none', done: 'Like taken back' },
  comment: { target: 'postId', content: 'comment', done: 'Comment posted' },
  follow: { target: 'userId', content: 'none', done: 'User followed' },
  unfollow: { target: 'userId', content: 'none', done: 'User unfollowed' },
  story_view: { target: 'storyId', content: 'none', done: 'Story viewed' },
  story_reply: { target: 'storyId', content: 'message', done: 'Story reply sent' },
  reel_like: { target: 'reelId', content: 'none', done: 'Reel liked' },
  reel_comment: { target: 'reelId', content: 'comment', done: 'Comment posted' },
}

/** Whom or what it is about: as the caller named it, and what to ask Instagram for: an id, or of a user the name. */
export interface EngagementTarget {
  field: TargetField
  given: string
  id: string
}

export interface EngagementPayload {
  content: string | null
}

/** Bytes of UTF-8 of a direct message; characters of a comment. */
const MESSAGE_BYTES_MAX = 1000
const COMMENT_CHARACTERS_MAX = 2200

/** Throws `VALIDATION_ERROR` naming the field when the text cannot name such a target. */
export function parseTarget(field: TargetField, text: string): EngagementTarget {
  const target = readTarget(field, text)
  if (typeof target === 'string') throw invalidFields([{ path: field, message: target }])
  return target
}

/** The target, or what is wrong with the text. */
function readTarget(field: TargetField, text: string): EngagementTarget | string {
  const given = text.trim()
  if (field === 'userId') return readUser(given)
  const reference = parseMediaReference(given)
  if (reference.type === 'media') return { field, given, id: reference.mediaId }
  return reference.type === 'share_link'
    ? 'is a share link, which only Instagram can resolve; open it and give the address it leads to'
    : 'must be an id, a shortcode or an instagram.com address'
}

function readUser(given: string): EngagementTarget | string {
  const reference = parseUserReference(given)
  if (reference === null) return "must be a username, Instagram's id of a user, or the address of a profile"
  return { field: 'userId', given, id: 'username' in reference ? reference.username : reference.platformId }
}

/** Faults named in one refusal. */
const FAULTS_MAX = 8

/** The same for many; the refusal names the first few. */
export function parseTargets(field: TargetField, texts: readonly string[]): EngagementTarget[] {
  const targets: EngagementTarget[] = []
  const faults: FieldFault[] = []
  for (const [index, text] of texts.entries()) {
    const target = readTarget(field, text)
    if (typeof target !== 'string') targets.push(target)
    else faults.push({ path: `targets[${index}]`, message: target })
    if (faults.length === FAULTS_MAX) break
  }
  if (faults.length > 0) throw invalidFields(faults)
  return targets
}

/** The text of a comment or a story reply; null where the kind takes none. Throws `VALIDATION_ERROR`. */
export function parseContent(kind: EngagementKind, content: string | undefined): string | null {
  const rule = KIND_RULES[kind].content
  if (rule === 'none') {
    if (content === undefined) return null
    throw invalidFields([{ path: 'content', message: `is nothing that a ${kind} takes` }])
  }
  if (content === undefined || content.trim() === '') {
    throw invalidFields([{ path: 'content', message: content === undefined ? 'is required' : 'must not be empty' }])
  }
  const fault = rule === 'message' ? messageFault(content) : commentFault(content)
  if (fault !== null) throw invalidFields([{ path: 'content', message: fault }])
  return content
}

function messageFault(content: string): string | null {
  const bytes = Buffer.byteLength(content, 'utf8')
  return bytes > MESSAGE_BYTES_MAX ? `must be at most ${MESSAGE_BYTES_MAX} bytes of UTF-8, has ${bytes}` : null
}

function commentFault(content: string): string | null {
  const characters = [...content].length
  return characters > COMMENT_CHARACTERS_MAX
    ? `must be at most ${COMMENT_CHARACTERS_MAX} characters, has ${characters}`
    : null
}

/** What was found of a post or reel, and of a user; kept as `resolved`. */
export interface FoundMedia {
  mediaId: string
}
export interface FoundUser {
  platformId: string
}

/** Instagram's number of the post or reel. */
export function mediaIdOf(action: Action): string {
  return (foundOf(action) as FoundMedia).mediaId
}

/** Instagram's id of the user. */
export function platformIdOf(action: Action): string {
  return (foundOf(action) as FoundUser).platformId
}

function foundOf(action: Action): unknown {
  if (action.resolved === null) throw new Error(`action ${action.id}: its target was not found yet`)
  return JSON.parse(action.resolved)
}

/** The columns of an action of these kinds; written by acceptance alone. */
export function targetOf(action: Action): EngagementTarget {
  return JSON.parse(action.target) as EngagementTarget
}

export function contentOf(action: Action): string | null {
  return (JSON.parse(action.payload) as EngagementPayload).content
}

/** The columns of an act without a text on something that Instagram itself named, so that nothing has to be found. */
export function engagementColumns(
  kind: 'like' | 'follow' | 'unfollow',
  id: string,
): Pick<AcceptInput, 'target' | 'payload' | 'resolved'> {
  const field = KIND_RULES[kind].target
  const target: EngagementTarget = { field, given: id, id }
  const payload: EngagementPayload = { content: null }
  const found: FoundMedia | FoundUser = field === 'userId' ? { platformId: id } : { mediaId: id }
  return { target: JSON.stringify(target), payload: JSON.stringify(payload), resolved: JSON.stringify(found) }
}
