import { decodeCursor, encodeCursor } from '../core/cursor.ts'
import { GatewayError, invalidFields } from '../core/errors.ts'
import type { Answer, Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import { readStatuses, type SessionHooks } from '../outbox/index.ts'
import type { Db, Store } from '../store/store.ts'
import { findOwnMessage } from './find-own-message.ts'
import { type ListPlace, listConversations, listMessages } from './list-store.ts'
import { type Message, viewMessage } from './message.ts'
import { type Conversation, findConversation } from './store.ts'

export interface ReadDeps {
  store: Store
  sessions: Pick<SessionHooks, 'find' | 'findByAccount'>
}

/** One message of the caller's. Throws `MESSAGE_NOT_FOUND`. */
export async function readMessage(deps: ReadDeps, principal: Principal, messageId: string): Promise<Answer> {
  const db = deps.store.read
  const message = await findOwnMessage(db, principal, messageId)
  if (message.hiddenAt !== null) throw new GatewayError('MESSAGE_NOT_FOUND')
  const [current] = await withStatuses(db, [message])
  return { status: 200, data: viewMessage(current ?? message) }
}

/**
 * A page of a conversation, newest first, as of the beginning of the walk: `cursor` goes on after the last page, `snapshot`
 * does the same for pages by `offset`. Then `offset` counts from there.
 */
export async function readConversationMessages(
  deps: ReadDeps,
  principal: Principal,
  input: {
    conversationId: string
    limit: number
    offset: number
    cursor: string | undefined
    snapshot: number | undefined
  },
): Promise<Answer> {
  const db = deps.store.read
  const { conversationId, limit, offset } = input
  const after = parseMessagesCursor(input.cursor)
  const conversation = await findConversation(db, principal.userId, conversationId)
  if (conversation === null || !(await maySeeConversation(db, deps, principal, conversation))) {
    throw new GatewayError('CONVERSATION_NOT_FOUND')
  }
  const before = after?.place ?? null
  const snapshot = after?.snapshot ?? input.snapshot ?? conversation.lastNo
  const found = await listMessages(db, { userId: principal.userId, conversationId, snapshot, limit, offset, before })
  const shown = found.slice(0, limit)
  const messages = await withStatuses(
    db,
    shown.map(({ message }) => message),
  )
  const last = shown.at(-1)?.place
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Retrieved ${messages.length} messages`,
    data: messages.map(viewMessage),
    pagination: {
      limit,
      ...(before === null ? { offset } : {}),
      ...(hasMore && last !== undefined
        ? { nextCursor: encodeCursor({ at: last.at, id: `${snapshot}.${last.id}` }) }
        : {}),
      hasMore,
      snapshot,
    },
  }
}

/** The conversations of a session's account, the latest first. Throws `SESSION_NOT_FOUND`. */
export async function readConversations(
  deps: ReadDeps,
  principal: Principal,
  input: { sessionId: string; limit: number; cursor: string | undefined },
): Promise<Answer> {
  const db = deps.store.read
  const { limit } = input
  const after = parseConversationsCursor(input.cursor)
  const session = await deps.sessions.find(db, input.sessionId)
  if (session === null || session.userId !== principal.userId || !maySeeSession(principal, session)) {
    throw new GatewayError('SESSION_NOT_FOUND')
  }
  const found = await listConversations(db, {
    userId: principal.userId,
    accountId: session.accountId,
    limit,
    after,
  })
  const shown = found.slice(0, limit)
  const newest = shown.flatMap(({ lastMessage }) => (lastMessage === null ? [] : [lastMessage]))
  const current = new Map((await withStatuses(db, newest)).map((message) => [message.id, message]))
  const last = shown.at(-1)?.place
  const began = after?.began ?? found[0]?.place.at ?? 0
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} conversations`,
    data: shown.map(({ conversation, lastMessage }) =>
      viewConversation(conversation, input.sessionId, current.get(lastMessage?.id ?? '') ?? null),
    ),
    pagination: {
      limit,
      ...(hasMore && last !== undefined
        ? { nextCursor: encodeCursor({ at: last.at, id: `${began}.${last.id}` }) }
        : {}),
      hasMore,
    },
  }
}

function viewConversation(conversation: Conversation, sessionId: string, lastMessage: Message | null) {
  return {
    id: conversation.id,
    conversationId: conversation.id,
    sessionId,
    username: conversation.ownUsername,
    participantId: participantId(conversation),
    participantUsername: conversation.otherUsername,
    isGroup: conversation.isGroup,
    isRequest: conversation.isRequest,
    ...(conversation.title === null ? {} : { title: conversation.title }),
    unreadCount: conversation.unread,
    lastMessage: lastMessage === null ? null : viewMessage(lastMessage),
    lastActivity: new Date(conversation.lastMessageAt).toISOString(),
  }
}

/** Of a group, its thread. */
function participantId({ isGroup, threadId, otherPlatformId, otherUsername }: Conversation): string {
  return (isGroup ? threadId : otherPlatformId) ?? `user_${otherUsername}`
}

/** A message row learns its end only; on the way there its action knows the status. */
async function withStatuses(db: Db, messages: readonly Message[]): Promise<Message[]> {
  const pending = messages.flatMap(({ status, actionId }) =>
    status === 'queued' && actionId !== null ? [actionId] : [],
  )
  const statuses = await readStatuses(db, pending)
  return messages.map((message) => ({ ...message, status: statuses.get(message.actionId ?? '') ?? message.status }))
}

/** A token confined to sessions sees a conversation by the account's name, or by its live session. */
async function maySeeConversation(
  db: Db,
  deps: ReadDeps,
  principal: Principal,
  conversation: Conversation,
): Promise<boolean> {
  if (principal.sessions === null) return true
  const session = await deps.sessions.findByAccount(db, conversation.accountId)
  return maySeeSession(principal, { id: session?.id ?? '', username: conversation.ownUsername })
}

function parseMessagesCursor(cursor: string | undefined): { place: ListPlace; snapshot: number } | null {
  const parsed = parseCursor(cursor)
  return parsed === null ? null : { place: parsed.place, snapshot: parsed.since }
}

function parseConversationsCursor(cursor: string | undefined): { place: ListPlace; began: number } | null {
  const parsed = parseCursor(cursor)
  return parsed === null ? null : { place: parsed.place, began: parsed.since }
}

/** The last row's place, and what the walk began with. */
function parseCursor(cursor: string | undefined): { place: ListPlace; since: number } | null {
  if (cursor === undefined) return null
  const place = decodeCursor(cursor)
  const [, since, id] = /^(\d{1,15})\.(.+)$/.exec(place?.id ?? '') ?? []
  if (place === null || since === undefined || id === undefined) {
    throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  }
  return { place: { at: place.at, id }, since: Number(since) }
}
