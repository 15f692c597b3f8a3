/**
 * Takes a page of a thread over: its messages, what was read or taken back, and how far down nothing is missing.
 *
 * *Known ground* of a conversation is the newest item down from which everything is stored. A page that reaches it moves
 * it up to its own top. One that does not leaves a *gap*: where the next older page begins, and the top that known ground
 * moves to once the walk has come down to it. A newer page during a walk that does not reach the walk's own top begins
 * it anew; what is read twice is stored once, because an item has one row.
 */
import type { Thread, ThreadItem } from '../../connectors/connector.ts'
import { newOrderedId } from '../../core/ids.ts'
import type { Random } from '../../core/random.ts'
import type { EventDraft } from '../../events/index.ts'
import { type ActingSession, confirmSeen, findUncertain, type OutboxDeps } from '../../outbox/index.ts'
import type { Db } from '../../store/store.ts'
import { type Message, viewMessage } from '../message.ts'
import { type Conversation, findConversation, hideMessage, type Place } from '../store.ts'
import { findTaken } from './find-taken.ts'
import { placeThread } from './place-thread.ts'
import { type ItemContent, readItemContent } from './read-item.ts'
import {
  addFound,
  findStoredItems,
  findStoryReply,
  type StoredItem,
  saveConversation,
  saveSeenBetween,
} from './store.ts'

export type SyncDeps = Pick<OutboxDeps, 'store' | 'kinds' | 'sessions' | 'signal'> & { random: Random }

/** Who listens, since when by Instagram's clock, and how far back a first walk goes. */
export interface Listening {
  session: ActingSession
  now: number
  baselineAt: number
  floorAt: number
}

/** A fact to be told, once everything is written. */
export interface Fact {
  kind: string
  externalId: string
  event: EventDraft
}

export interface Stored {
  conversation: Conversation
  facts: Fact[]
  /** Messages that were not here before. */
  added: number
}

interface Page {
  thread: Thread
  known: Conversation | null
  /** Of a walk downwards instead of the newest. */
  isOlder: boolean
}

export async function storeThread(tx: Db, deps: SyncDeps, listening: Listening, page: Page): Promise<Stored> {
  const { thread } = page
  const { session, now } = listening
  if (page.known !== null && isUnchanged(page.known, thread, session.platformId)) {
    const { items } = await findTaken(tx, { ...page, conversation: page.known, now })
    if (items.length === 0) return { conversation: page.known, facts: [], added: 0 }
  }
  const isConfirmed = await confirmOwn(tx, deps, listening, thread)
  // What was confirmed just now has changed its conversation.
  const known =
    page.known !== null && isConfirmed ? await findConversation(tx, session.userId, page.known.id) : page.known
  const placed = await placeThread(tx, { session, thread, known, now })
  const seen = { ...placed, ...seenMarks(placed, thread, session.platformId) }
  const { messages, conversation } = await addMissing(tx, deps, listening, { thread, conversation: seen })
  const readCount = await markRead(tx, placed, conversation, now)
  const { items: taken, isOpen } = await findTaken(tx, { ...page, conversation, now })
  const deleted = await hideTaken(tx, listening, conversation, taken)
  const after: Conversation = {
    ...conversation,
    // Looked at again as long as something may yet be shown above it.
    ...(isOpen ? {} : groundAfter(conversation, page, listening.floorAt)),
    lastMessageAt: conversation.lastMessageAt === 0 ? thread.lastActivityAt : conversation.lastMessageAt,
    unread: Math.max(0, conversation.unread - readCount - taken.filter(({ isUnread }) => isUnread).length),
  }
  await saveConversation(tx, after)
  const news = messages.flatMap((added) => (isNews(added, listening) ? [factOf(added, after, listening)] : []))
  return { conversation: after, facts: [...news, ...deleted], added: messages.length }
}

/** Nothing came since it was read last: the common case, and nothing is written for it. */
function isUnchanged(known: Conversation, thread: Thread, ownId: string): boolean {
  const [newest] = thread.items
  const [other] = thread.users
  const { ownSeenAt, otherSeenAt } = seenMarks(known, thread, ownId)
  return (
    known.gap === null &&
    known.known !== null &&
    (newest === undefined || newest.itemId === known.known.itemId) &&
    known.isRequest === thread.isPending &&
    (thread.isGroup ? known.title === thread.title : other === undefined || other.username === known.otherUsername) &&
    ownSeenAt === known.ownSeenAt &&
    otherSeenAt === known.otherSeenAt
  )
}

function seenMarks(known: Conversation, { seenAt }: Thread, ownId: string) {
  const others = Object.entries(seenAt).filter(([platformId]) => platformId !== ownId)
  return {
    ownSeenAt: Math.max(known.ownSeenAt, seenAt[ownId] ?? 0),
    otherSeenAt: Math.max(known.otherSeenAt, ...others.map(([, at]) => at)),
  }
}

interface Added {
  item: ThreadItem
  content: ItemContent
  message: Message
  senderFullName: string | null
}

/**
 * Settles writes of ours whose end was not known and that the page shows, by the token that Instagram shows with them:
 * their messages have rows already. False when there were none.
 */
async function confirmOwn(
  tx: Db,
  deps: SyncDeps,
  { session, now }: Listening,
  { threadId, items }: Thread,
): Promise<boolean> {
  const own = items.filter(({ isFromMe, clientToken }) => isFromMe && clientToken !== null)
  if (own.length === 0) return false
  const uncertain = await findUncertain(tx, session.accountId)
  let isAny = false
  for (const { itemId, at, clientToken } of own) {
    const action = uncertain.find((candidate) => candidate.clientToken === clientToken)
    if (action === undefined) continue
    await confirmSeen(tx, deps, { action, session, at: now, seen: { externalId: itemId, at, threadId } })
    isAny = true
  }
  return isAny
}

/** Items without a row get one, the oldest first. */
async function addMissing(
  tx: Db,
  deps: SyncDeps,
  listening: Listening,
  { thread, conversation }: { thread: Thread; conversation: Conversation },
): Promise<{ messages: Added[]; conversation: Conversation }> {
  const { session } = listening
  const stored = await findStoredItems(tx, session, thread.items)
  const missing = thread.items.filter(({ itemId }) => !stored.has(itemId)).reverse()
  const messages: Added[] = []
  const after = { ...conversation }
  for (const item of missing) {
    const content = readItemContent(item, session.platformId)
    if (content === null) continue
    const message = await newMessage(tx, deps, listening, { item, content, thread, conversation: after })
    after.lastNo += 1
    await addFound(tx, { message, externalId: item.itemId, no: after.lastNo })
    const sender = thread.users.find(({ platformId }) => platformId === item.senderId)
    messages.push({ item, content, message, senderFullName: sender?.fullName ?? null })
    if (message.timestamp >= after.lastMessageAt) {
      after.lastMessageAt = message.timestamp
      after.lastMessageId = message.id
    }
    if (message.direction === 'in' && message.readAt === null) after.unread += 1
  }
  return { messages, conversation: after }
}

async function newMessage(
  tx: Db,
  deps: SyncDeps,
  { session, now }: Listening,
  input: { item: ThreadItem; content: ItemContent; thread: Thread; conversation: Conversation },
): Promise<Message> {
  const { item, content, thread, conversation } = input
  const { userId, accountId, username } = session
  const own = { id: userId, username }
  const other = thread.isGroup
    ? { id: thread.threadId, username: thread.title }
    : { id: conversation.otherPlatformId ?? `user_${conversation.otherUsername}`, username: conversation.otherUsername }
  const sender = item.isFromMe ? own : senderOf(item, thread, conversation)
  const recipient = item.isFromMe ? other : own
  const isSeen = item.at <= (item.isFromMe ? conversation.otherSeenAt : conversation.ownSeenAt)
  const actionId = await behindStoryReply(tx, session, item)
  return {
    id: newOrderedId('msg', { at: item.at, order: orderOf(item, conversation.lastNo + 1) }, deps.random),
    userId,
    sessionId: session.id,
    accountId,
    conversationId: conversation.id,
    actionId,
    unsendActionId: null,
    externalId: item.itemId,
    senderId: sender.id,
    senderUsername: sender.username,
    recipientId: recipient.id,
    recipientUsername: recipient.username,
    content: content.content,
    messageType: content.type,
    mediaUrl: content.mediaUrl,
    metadata: content.metadata,
    direction: item.isFromMe ? 'out' : 'in',
    status: item.isFromMe ? 'succeeded' : 'received',
    readAt: isSeen ? now : null,
    hiddenAt: null,
    timestamp: item.at,
    origin: actionId === null ? 'elsewhere' : 'api',
  }
}

/**
 * Messages of one millisecond stand in the order of their ids, whichever page brought them first: by Instagram's
 * microseconds, and where it says none in the order of their page.
 */
function orderOf({ micros }: ThreadItem, no: number): number {
  return micros * ORDERED_MAX + (no % ORDERED_MAX)
}

const ORDERED_MAX = 1_000_000

/** Whoever left a group is known by their id only. */
function senderOf({ senderId }: ThreadItem, { users }: Thread, { isGroup, otherUsername }: Conversation) {
  const member = users.find(({ platformId }) => platformId === senderId)
  return { id: senderId, username: member?.username ?? (isGroup ? senderId : otherUsername) }
}

/** A reply to a story is an action without a message until it is seen here. */
async function behindStoryReply(tx: Db, { id: sessionId }: ActingSession, item: ThreadItem): Promise<string | null> {
  const { isFromMe, story, clientToken: token, at: around } = item
  if (!isFromMe || story === null || token === null) return null
  return findStoryReply(tx, { sessionId, token, around })
}

/** Messages that were seen at Instagram since; returns how many received ones that made read. */
async function markRead(tx: Db, before: Conversation, after: Conversation, at: number): Promise<number> {
  const { userId, id: conversationId } = after
  const range = { userId, conversationId, at }
  if (after.otherSeenAt > before.otherSeenAt) {
    const { otherSeenAt: until } = after
    await saveSeenBetween(tx, { ...range, direction: 'out', after: before.otherSeenAt, until })
  }
  if (after.ownSeenAt <= before.ownSeenAt) return 0
  return saveSeenBetween(tx, { ...range, direction: 'in', after: before.ownSeenAt, until: after.ownSeenAt })
}

/** Messages that were taken back are shown no more, and their users are told. */
async function hideTaken(
  tx: Db,
  { session, now }: Listening,
  { id: conversationId, userId }: Conversation,
  taken: readonly StoredItem[],
): Promise<Fact[]> {
  for (const { id } of taken) await hideMessage(tx, { id, at: now })
  return taken.map(({ id, externalId }) => ({
    kind: 'message.deleted',
    externalId,
    event: {
      userId,
      type: 'message.deleted' as const,
      at: now,
      sessionId: session.id,
      username: session.username,
      data: { messageId: id, conversationId, how: 'unsent' },
    },
  }))
}

function groundAfter(
  { known, gap }: Conversation,
  { thread, isOlder }: Page,
  floorAt: number,
): Pick<Conversation, 'known' | 'gap'> {
  const [newest] = thread.items
  const { olderCursor } = thread
  const top = isOlder && gap !== null ? gap.top : placeOf(newest)
  const isDown =
    olderCursor === null || (known === null ? reaches(thread, floorAt, null) : reaches(thread, known.at, known))
  if (isDown) return { known: top ?? known, gap: null }
  if (top === null) return { known, gap }
  // The newest page comes down to the walk that is under way: that one goes on, from a higher top.
  if (!isOlder && gap !== null && reaches(thread, gap.top.at, gap.top)) return { known, gap: { ...gap, top } }
  return { known, gap: { cursor: olderCursor, top } }
}

function placeOf(item: ThreadItem | undefined): Place | null {
  return item === undefined ? null : { at: item.at, itemId: item.itemId }
}

/** Whether a page comes down to an item, or beyond the instant. */
function reaches({ items }: Thread, at: number, place: Place | null): boolean {
  return items.some((item) => item.at < at || item.itemId === place?.itemId)
}

function isNews({ message }: Added, { baselineAt }: Listening): boolean {
  return message.direction === 'in' && message.timestamp >= baselineAt
}

function factOf(
  { item, content, message, senderFullName }: Added,
  { isGroup, isRequest }: Conversation,
  { session, now }: Listening,
): Fact {
  return {
    kind: content.event,
    externalId: item.itemId,
    event: {
      userId: message.userId,
      type: content.event,
      at: now,
      sessionId: session.id,
      username: session.username,
      data: { ...viewMessage(message), senderFullName, isGroup, isRequest },
    },
  }
}
