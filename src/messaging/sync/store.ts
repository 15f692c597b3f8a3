import type { ThreadItem } from '../../connectors/connector.ts'
import { command, type Placeholders, statement } from '../../store/statement.ts'
import type { Db } from '../../store/store.ts'
import type { Message } from '../message.ts'
import { type Conversation, toConversation } from '../store.ts'

interface Owner {
  userId: string
  accountId: string
}

/** The conversations that stand for threads, by thread. */
export async function findByThreads(
  db: Db,
  { userId, accountId }: Owner,
  threadIds: readonly string[],
): Promise<Map<string, Conversation>> {
  if (threadIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('conversations')
    .selectAll()
    .where('user_id', '=', userId)
    .where('account_id', '=', accountId)
    .where('thread_id', 'in', threadIds)
    .execute()
  return new Map(rows.map((row) => [row.thread_id ?? '', toConversation(row)]))
}

const updateSync = command(
  (
    db,
    p: Placeholders<{
      userId: string
      id: string
      otherUsername: string
      otherPlatformId: string | null
      otherFoundAt: number | null
      threadId: string | null
      title: string | null
      isRequest: number
      lastMessageId: string | null
      lastMessageAt: number
      lastNo: number
      unread: number
      knownAt: number | null
      knownItem: string | null
      gapCursor: string | null
      gapAt: number | null
      gapItem: string | null
      ownSeenAt: number
      otherSeenAt: number
      seenItem: string | null
    }>,
  ) =>
    db
      .updateTable('conversations')
      .set({
        other_username: p.otherUsername,
        other_platform_id: p.otherPlatformId,
        other_found_at: p.otherFoundAt,
        thread_id: p.threadId,
        title: p.title,
        is_request: p.isRequest,
        last_message_id: p.lastMessageId,
        last_message_at: p.lastMessageAt,
        last_no: p.lastNo,
        unread: p.unread,
        known_at: p.knownAt,
        known_item: p.knownItem,
        gap_cursor: p.gapCursor,
        gap_at: p.gapAt,
        gap_item: p.gapItem,
        own_seen_at: p.ownSeenAt,
        other_seen_at: p.otherSeenAt,
        seen_item: p.seenItem,
      })
      .where('user_id', '=', p.userId)
      .where('id', '=', p.id),
)

/** Writes everything that reading its thread may change. The caller read it under the account's lock. */
export async function saveConversation(tx: Db, conversation: Conversation): Promise<void> {
  const { known, gap, isRequest, ...row } = conversation
  await updateSync(tx, {
    ...row,
    isRequest: isRequest ? 1 : 0,
    knownAt: known?.at ?? null,
    knownItem: known?.itemId ?? null,
    gapCursor: gap?.cursor ?? null,
    gapAt: gap?.top.at ?? null,
    gapItem: gap?.top.itemId ?? null,
  })
}

/** Which of the items have a message already. */
export async function findStoredItems(
  db: Db,
  { userId, accountId }: Owner,
  items: readonly ThreadItem[],
): Promise<Set<string>> {
  if (items.length === 0) return new Set()
  const rows = await db
    .selectFrom('messages')
    .select('external_id')
    .where('user_id', '=', userId)
    .where('account_id', '=', accountId)
    .where(
      'external_id',
      'in',
      items.map(({ itemId }) => itemId),
    )
    .execute()
  return new Set(rows.flatMap(({ external_id: id }) => (id === null ? [] : [id])))
}

const insertFound = command(
  (
    db,
    p: Placeholders<
      Omit<Message, 'metadata' | 'unsendActionId' | 'hiddenAt'> & { metadata: string; no: number; externalId: string }
    >,
  ) =>
    db.insertInto('messages').values({
      id: p.id,
      user_id: p.userId,
      session_id: p.sessionId,
      account_id: p.accountId,
      conversation_id: p.conversationId,
      action_id: p.actionId,
      external_id: p.externalId,
      sender_id: p.senderId,
      sender_username: p.senderUsername,
      recipient_id: p.recipientId,
      recipient_username: p.recipientUsername,
      content: p.content,
      message_type: p.messageType,
      media_url: p.mediaUrl,
      metadata: p.metadata,
      direction: p.direction,
      status: p.status,
      read_at: p.readAt,
      timestamp: p.timestamp,
      no: p.no,
      origin: p.origin,
    }),
)

/** A message that Instagram shows; `no` is its number in its conversation. */
export async function addFound(
  tx: Db,
  { message, externalId, no }: { message: Message; externalId: string; no: number },
): Promise<void> {
  await insertFound(tx, { ...message, externalId, no, metadata: JSON.stringify(message.metadata) })
}

interface SeenRange {
  userId: string
  conversationId: string
  direction: 'in' | 'out'
  /** Above this, up to and with that. */
  after: number
  until: number
  at: number
}

const markSeenBetween = command((db, p: Placeholders<SeenRange>) =>
  db
    .updateTable('messages')
    .set({ read_at: p.at })
    .where('user_id', '=', p.userId)
    .where('conversation_id', '=', p.conversationId)
    .where('timestamp', '>', p.after)
    .where('timestamp', '<=', p.until)
    .where('direction', '=', p.direction)
    .where('external_id', 'is not', null)
    .where('read_at', 'is', null),
)

/** Somebody has seen the messages of one side up to an instant; returns how many that made read. */
export async function saveSeenBetween(tx: Db, range: SeenRange): Promise<number> {
  return markSeenBetween(tx, range)
}

/** More than any page shows, and than what was taken back since the last one. */
const STORED_AT_MOST = 200

const selectBetween = statement(
  (db, p: Placeholders<{ userId: string; conversationId: string; after: number; before: number }>) =>
    db
      .selectFrom('messages')
      .select(['id', 'external_id', 'direction', 'read_at', 'timestamp', 'origin'])
      .where('user_id', '=', p.userId)
      .where('conversation_id', '=', p.conversationId)
      .where('timestamp', '>', p.after)
      .where('timestamp', '<', p.before)
      .where('external_id', 'is not', null)
      .where('hidden_at', 'is', null)
      .orderBy('timestamp', 'desc')
      .limit(STORED_AT_MOST),
)

/** A message that Instagram has, or had. */
export interface StoredItem {
  id: string
  externalId: string
  at: number
  isUnread: boolean
  /** Sent by us. Its instant is the one of acceptance where Instagram named none. */
  isFromHere: boolean
}

/** The messages of a conversation strictly between two instants that have an item at Instagram, the newest ones. */
export async function findStoredBetween(
  db: Db,
  range: { userId: string; conversationId: string; after: number; before: number },
): Promise<StoredItem[]> {
  const rows = await selectBetween(db, range)
  return rows.flatMap(({ id, external_id: externalId, direction, read_at: readAt, timestamp: at, origin }) => {
    const isUnread = direction === 'in' && readAt === null
    return externalId === null ? [] : [{ id, externalId, at, isUnread, isFromHere: origin === 'api' }]
  })
}

const selectGap = statement((db, p: Placeholders<{ accountId: string; userId: string }>) =>
  db
    .selectFrom('conversations')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('gap_cursor', 'is not', null)
    .where('user_id', '=', p.userId)
    .orderBy('id')
    .limit(1),
)

/** A conversation with something missing; null = none. */
export async function findGap(db: Db, owner: Owner): Promise<Conversation | null> {
  const [row] = await selectGap(db, owner)
  return row === undefined ? null : toConversation(row)
}

const selectUnseen = statement((db, p: Placeholders<{ accountId: string; userId: string }>) =>
  db
    .selectFrom('conversations')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('seen_item', 'is not', null)
    .where('user_id', '=', p.userId)
    .where('thread_id', 'is not', null)
    .orderBy('id')
    .limit(1),
)

/** A conversation that should be marked seen at Instagram; null = none. */
export async function findUnseen(db: Db, owner: Owner): Promise<Conversation | null> {
  const [row] = await selectUnseen(db, owner)
  return row === undefined ? null : toConversation(row)
}

/** The action behind an own reply to a story, by the token that Instagram shows with it. */
export async function findStoryReply(
  db: Db,
  input: { sessionId: string; token: string; around: number },
): Promise<string | null> {
  const row = await db
    .selectFrom('actions')
    .select('id')
    .where('session_id', '=', input.sessionId)
    .where('accepted_at', '>=', input.around - STORY_REPLY_QUEUED_MS)
    .where('accepted_at', '<=', input.around + STORY_REPLY_SKEW_MS)
    .where('client_token', '=', input.token)
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** A story lives a day, so an answer to it does not wait for much longer. */
const STORY_REPLY_QUEUED_MS = 2 * 86_400_000
const STORY_REPLY_SKEW_MS = 60_000
