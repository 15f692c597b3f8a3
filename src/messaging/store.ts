import type { Selectable } from 'kysely'
import type { ConversationTable, MessageTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Message, MessageMetadata, MessageStatus, ShownType } from './message.ts'

export interface Conversation {
  userId: string
  id: string
  accountId: string
  ownUsername: string
  otherUsername: string
  /** Instagram's id of the other side, and when Instagram last said that the name is theirs. */
  otherPlatformId: string | null
  otherFoundAt: number | null
  threadId: string | null
  lastMessageId: string | null
  lastMessageAt: number
  unread: number
  /** Of a group: its name. */
  title: string | null
  isGroup: boolean
  /** A request that the account has not accepted. */
  isRequest: boolean
  /** The number of what happened in it last. */
  lastNo: number
  /** The newest item down from which nothing is missing; null = nothing was read yet. */
  known: Place | null
  /** A walk down to `known` that is under way: where it goes on, and where it began. */
  gap: { cursor: string; top: Place } | null
  /** Up to when the account, and the latest of the others, have seen it at Instagram. */
  ownSeenAt: number
  otherSeenAt: number
  /** The item up to which it should be marked seen; null = none is owed. */
  seenItem: string | null
}

/** An item's place in its thread. */
export interface Place {
  at: number
  itemId: string
}

export function toConversation(row: Selectable<ConversationTable>): Conversation {
  return {
    userId: row.user_id,
    id: row.id,
    accountId: row.account_id,
    ownUsername: row.own_username,
    otherUsername: row.other_username,
    otherPlatformId: row.other_platform_id,
    otherFoundAt: row.other_found_at,
    threadId: row.thread_id,
    lastMessageId: row.last_message_id,
    lastMessageAt: row.last_message_at,
    unread: row.unread,
    title: row.title,
    isGroup: row.is_group === 1,
    isRequest: row.is_request === 1,
    lastNo: row.last_no,
    known: toPlace(row.known_at, row.known_item),
    gap: toGap(row),
    ownSeenAt: row.own_seen_at,
    otherSeenAt: row.other_seen_at,
    seenItem: row.seen_item,
  }
}

function toPlace(at: number | null, itemId: string | null): Place | null {
  return at === null || itemId === null ? null : { at, itemId }
}

function toGap(row: Selectable<ConversationTable>): Conversation['gap'] {
  const top = toPlace(row.gap_at, row.gap_item)
  return row.gap_cursor === null || top === null ? null : { cursor: row.gap_cursor, top }
}

export function toMessage(row: Selectable<MessageTable>): Message {
  return {
    id: row.id,
    userId: row.user_id,
    sessionId: row.session_id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    actionId: row.action_id,
    unsendActionId: row.unsend_action_id,
    externalId: row.external_id,
    senderId: row.sender_id,
    senderUsername: row.sender_username,
    recipientId: row.recipient_id,
    recipientUsername: row.recipient_username,
    content: row.content,
    messageType: row.message_type as ShownType,
    mediaUrl: row.media_url,
    metadata: JSON.parse(row.metadata) as MessageMetadata,
    direction: row.direction as 'out' | 'in',
    status: row.status as MessageStatus,
    readAt: row.read_at,
    hiddenAt: row.hidden_at,
    timestamp: row.timestamp,
    origin: row.origin as 'api' | 'elsewhere',
  }
}

const selectConversationWith = statement(
  (db, p: Placeholders<{ userId: string; accountId: string; otherUsername: string }>) =>
    db
      .selectFrom('conversations')
      .selectAll()
      .where('user_id', '=', p.userId)
      .where('account_id', '=', p.accountId)
      .where('other_username', '=', p.otherUsername),
)

export async function findConversationWith(
  db: Db,
  input: { userId: string; accountId: string; otherUsername: string },
): Promise<Conversation | null> {
  const rows = await selectConversationWith(db, input)
  // Where a name went from one person to another there are two; the one used last is meant. Chosen here, because asked
  // to sort, SQLite walks the index by time instead of the one by name (14 µs instead of 3).
  let newest: Selectable<ConversationTable> | undefined
  for (const row of rows) if (newest === undefined || isNewer(row, newest)) newest = row
  return newest === undefined ? null : toConversation(newest)
}

function isNewer(left: Selectable<ConversationTable>, right: Selectable<ConversationTable>): boolean {
  if (left.last_message_at !== right.last_message_at) return left.last_message_at > right.last_message_at
  return left.id > right.id
}

export async function findConversationWithPerson(
  db: Db,
  input: { userId: string; accountId: string; platformId: string },
): Promise<Conversation | null> {
  const row = await db
    .selectFrom('conversations')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('account_id', '=', input.accountId)
    .where('other_platform_id', '=', input.platformId)
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toConversation(row)
}

const selectConversation = statement((db, p: Placeholders<{ userId: string; id: string }>) =>
  db.selectFrom('conversations').selectAll().where('user_id', '=', p.userId).where('id', '=', p.id),
)

export async function findConversation(db: Db, userId: string, id: string): Promise<Conversation | null> {
  const [row] = await selectConversation(db, { userId, id })
  return row === undefined ? null : toConversation(row)
}

type NewConversation = Omit<Conversation, 'known' | 'gap' | 'isGroup' | 'isRequest'> & {
  isGroup: number
  isRequest: number
}

const insertConversation = command((db, p: Placeholders<NewConversation>) =>
  db
    .insertInto('conversations')
    .values({
      user_id: p.userId,
      id: p.id,
      account_id: p.accountId,
      own_username: p.ownUsername,
      other_username: p.otherUsername,
      other_platform_id: p.otherPlatformId,
      other_found_at: p.otherFoundAt,
      thread_id: p.threadId,
      last_message_id: p.lastMessageId,
      last_message_at: p.lastMessageAt,
      unread: p.unread,
      title: p.title,
      is_group: p.isGroup,
      is_request: p.isRequest,
      last_no: p.lastNo,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing()),
)

/** False when the user has a conversation of that id already. */
export async function addConversation(tx: Db, conversation: Conversation): Promise<boolean> {
  const { isGroup, isRequest } = conversation
  const row = { ...conversation, isGroup: isGroup ? 1 : 0, isRequest: isRequest ? 1 : 0 }
  return (await insertConversation(tx, row)) === 1
}

const updateLast = command(
  (db, p: Placeholders<{ userId: string; id: string; messageId: string; at: number; no: number }>) =>
    db
      .updateTable('conversations')
      .set({ last_message_id: p.messageId, last_message_at: p.at, last_no: p.no })
      .where('user_id', '=', p.userId)
      .where('id', '=', p.id),
)

/** A message came to a conversation as its newest, with the number after `lastNo`. */
export async function touchConversation(
  tx: Db,
  input: { userId: string; id: string; messageId: string; at: number; no: number },
): Promise<void> {
  await updateLast(tx, input)
}

const countMove = statement((db, p: Placeholders<{ userId: string; id: string; messageId: string; at: number }>) =>
  db
    .updateTable('conversations')
    .set((eb) => ({
      last_no: eb('last_no', '+', 1),
      last_message_id: eb
        .case()
        .when('last_message_at', '<=', p.at)
        .then(p.messageId)
        .else(eb.ref('last_message_id'))
        .end(),
      last_message_at: eb.case().when('last_message_at', '<=', p.at).then(p.at).else(eb.ref('last_message_at')).end(),
    }))
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .returning('last_no'),
)

const updatePerson = command(
  (db, p: Placeholders<{ userId: string; id: string; platformId: string; username: string; at: number }>) =>
    db
      .updateTable('conversations')
      .set({ other_platform_id: p.platformId, other_username: p.username, other_found_at: p.at })
      .where('user_id', '=', p.userId)
      .where('id', '=', p.id),
)

/** Instagram said who the other side is. */
export async function savePerson(
  tx: Db,
  input: { userId: string; id: string; platformId: string; username: string; at: number },
): Promise<void> {
  await updatePerson(tx, input)
}

const deleteEmpty = command((db, p: Placeholders<{ userId: string; id: string }>) =>
  db
    .deleteFrom('conversations')
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('messages')
            .select('messages.id')
            .where('messages.user_id', '=', p.userId)
            .where('messages.conversation_id', '=', p.id),
        ),
      ),
    ),
)

/** Removes a conversation that turned out to be another one, once nothing is in it. */
export async function removeIfEmpty(tx: Db, input: { userId: string; id: string }): Promise<void> {
  await deleteEmpty(tx, input)
}

const updateThread = command(
  (db, p: Placeholders<{ userId: string; accountId: string; id: string; threadId: string }>) =>
    db
      .updateTable('conversations')
      .set({ thread_id: p.threadId })
      .where('user_id', '=', p.userId)
      .where('id', '=', p.id)
      .where('thread_id', 'is', null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('conversations as other')
              .select('other.id')
              .where('other.user_id', '=', p.userId)
              .where('other.account_id', '=', p.accountId)
              .where('other.thread_id', '=', p.threadId),
          ),
        ),
      ),
)

/** Ties a conversation to Instagram's thread, unless it or the thread is tied already. */
export async function tieThread(
  tx: Db,
  input: { userId: string; accountId: string; id: string; threadId: string },
): Promise<void> {
  await updateThread(tx, input)
}

type NewMessage = Omit<
  Selectable<MessageTable>,
  'unsend_action_id' | 'external_id' | 'read_at' | 'hidden_at' | 'moved_no' | 'moved_from' | 'origin'
>

const insertMessage = command((db, p: Placeholders<NewMessage>) =>
  db.insertInto('messages').values({
    id: p.id,
    user_id: p.user_id,
    session_id: p.session_id,
    account_id: p.account_id,
    conversation_id: p.conversation_id,
    action_id: p.action_id,
    sender_id: p.sender_id,
    sender_username: p.sender_username,
    recipient_id: p.recipient_id,
    recipient_username: p.recipient_username,
    content: p.content,
    message_type: p.message_type,
    media_url: p.media_url,
    metadata: p.metadata,
    direction: p.direction,
    status: p.status,
    timestamp: p.timestamp,
    no: p.no,
  }),
)

/** A message to be sent; `no` is its number in its conversation. */
export async function addMessage(tx: Db, { message, no }: { message: Message; no: number }): Promise<void> {
  await insertMessage(tx, {
    id: message.id,
    user_id: message.userId,
    session_id: message.sessionId,
    account_id: message.accountId,
    conversation_id: message.conversationId,
    action_id: message.actionId,
    sender_id: message.senderId,
    sender_username: message.senderUsername,
    recipient_id: message.recipientId,
    recipient_username: message.recipientUsername,
    content: message.content,
    message_type: message.messageType,
    media_url: message.mediaUrl,
    metadata: JSON.stringify(message.metadata),
    direction: message.direction,
    status: message.status,
    timestamp: message.timestamp,
    no,
  })
}

const selectMessage = statement((db, p: Placeholders<{ id: string }>) =>
  db.selectFrom('messages').selectAll().where('id', '=', p.id),
)

/** Hidden ones included: they still have an end. */
export async function findMessage(db: Db, id: string): Promise<Message | null> {
  const [row] = await selectMessage(db, { id })
  return row === undefined ? null : toMessage(row)
}

const updateSettled = command((db, p: Placeholders<{ id: string; status: string; externalId: string | null }>) =>
  db.updateTable('messages').set({ status: p.status, external_id: p.externalId }).where('id', '=', p.id),
)

const updateSettledAndMoved = command(
  (db, p: Placeholders<{ id: string; status: string; externalId: string | null; timestamp: number; no: number }>) =>
    db
      .updateTable('messages')
      .set((eb) => ({
        status: p.status,
        external_id: p.externalId,
        timestamp: p.timestamp,
        moved_no: p.no,
        moved_from: eb.ref('timestamp'),
      }))
      .where('id', '=', p.id),
)

const selectExternal = statement((db, p: Placeholders<{ userId: string; accountId: string; externalId: string }>) =>
  db
    .selectFrom('messages')
    .select('id')
    .where('user_id', '=', p.userId)
    .where('account_id', '=', p.accountId)
    .where('external_id', '=', p.externalId),
)

/**
 * How the message's action ended. An item that another row stands for already stays with that row. Where its timestamp
 * moves, the row keeps where it was: whoever pages through the conversation meanwhile finds it there, once (`listMessages`).
 */
export async function saveSettled(tx: Db, before: Message, message: Message): Promise<void> {
  const { id, userId, accountId, externalId, status, timestamp } = message
  const [taken] = externalId === null ? [] : await selectExternal(tx, { userId, accountId, externalId })
  const settled = { id, status, externalId: taken === undefined ? externalId : null }
  const isMoved = timestamp !== before.timestamp
  const [moved] = isMoved
    ? await countMove(tx, { userId, id: message.conversationId, messageId: id, at: timestamp })
    : []
  if (moved === undefined) await updateSettled(tx, settled)
  else await updateSettledAndMoved(tx, { ...settled, timestamp, no: moved.last_no })
}

/** No longer shown here; it still has an end. */
export async function hideMessage(tx: Db, input: { id: string; at: number }): Promise<void> {
  await tx
    .updateTable('messages')
    .set({ hidden_at: input.at })
    .where('id', '=', input.id)
    .where('hidden_at', 'is', null)
    .execute()
}

export async function saveUnsending(tx: Db, input: { id: string; actionId: string }): Promise<void> {
  await tx.updateTable('messages').set({ unsend_action_id: input.actionId }).where('id', '=', input.id).execute()
}

/** False when it was read already. */
export async function saveRead(tx: Db, input: { id: string; at: number }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('messages')
    .set({ read_at: input.at })
    .where('id', '=', input.id)
    .where('read_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** One unread message of a conversation less. */
export async function countRead(tx: Db, input: { userId: string; id: string }): Promise<void> {
  await tx
    .updateTable('conversations')
    .set((eb) => ({ unread: eb('unread', '-', 1) }))
    .where('user_id', '=', input.userId)
    .where('id', '=', input.id)
    .where('unread', '>', 0)
    .execute()
}

const updateRecipient = command((db, p: Placeholders<{ id: string; recipientId: string }>) =>
  db.updateTable('messages').set({ recipient_id: p.recipientId }).where('id', '=', p.id),
)

const updatePlace = command((db, p: Placeholders<{ id: string; conversationId: string; no: number }>) =>
  db.updateTable('messages').set({ conversation_id: p.conversationId, no: p.no }).where('id', '=', p.id),
)

/** The message belongs to another conversation than its recipient's name made believe. */
export async function moveToConversation(
  tx: Db,
  input: { id: string; conversationId: string; no: number },
): Promise<void> {
  await updatePlace(tx, input)
}

/** Instagram said who the recipient is. */
export async function saveRecipient(tx: Db, input: { id: string; recipientId: string }): Promise<void> {
  await updateRecipient(tx, input)
}
