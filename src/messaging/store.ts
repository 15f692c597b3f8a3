import type { ConversationTable, MessageTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Message, MessageMetadata, MessageStatus, MessageType } from './message.ts'

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
}

function toConversation(row: ConversationTable): Conversation {
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
  }
}

function toMessage(row: MessageTable): Message {
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
    messageType: row.message_type as MessageType,
    mediaUrl: row.media_url,
    metadata: JSON.parse(row.metadata) as MessageMetadata,
    direction: row.direction as 'out' | 'in',
    status: row.status as MessageStatus,
    readAt: row.read_at,
    hiddenAt: row.hidden_at,
    timestamp: row.timestamp,
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
  let newest: ConversationTable | undefined
  for (const row of rows) if (newest === undefined || isNewer(row, newest)) newest = row
  return newest === undefined ? null : toConversation(newest)
}

function isNewer(left: ConversationTable, right: ConversationTable): boolean {
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

const insertConversation = command((db, p: Placeholders<Conversation>) =>
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
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing()),
)

/** False when the user has a conversation of that id already. */
export async function addConversation(tx: Db, conversation: Conversation): Promise<boolean> {
  return (await insertConversation(tx, conversation)) === 1
}

const updateLast = command((db, p: Placeholders<{ userId: string; id: string; messageId: string; at: number }>) =>
  db
    .updateTable('conversations')
    .set({ last_message_id: p.messageId, last_message_at: p.at })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id),
)

/** The newest message of a conversation changed. */
export async function touchConversation(
  tx: Db,
  input: { userId: string; id: string; messageId: string; at: number },
): Promise<void> {
  await updateLast(tx, input)
}

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

type NewMessage = Omit<MessageTable, 'unsend_action_id' | 'external_id' | 'read_at' | 'hidden_at'>

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
  }),
)

export async function addMessage(tx: Db, message: Message): Promise<void> {
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

const updateSettled = command(
  (db, p: Placeholders<{ id: string; status: string; externalId: string | null; timestamp: number }>) =>
    db
      .updateTable('messages')
      .set({ status: p.status, external_id: p.externalId, timestamp: p.timestamp })
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

/** How the message's action ended. An item that another row stands for already stays with that row. */
export async function saveSettled(tx: Db, message: Message): Promise<void> {
  const { id, userId, accountId, externalId, status, timestamp } = message
  const [taken] = externalId === null ? [] : await selectExternal(tx, { userId, accountId, externalId })
  await updateSettled(tx, { id, status, timestamp, externalId: taken === undefined ? externalId : null })
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

const updateRecipient = command((db, p: Placeholders<{ id: string; conversationId: string; recipientId: string }>) =>
  db
    .updateTable('messages')
    .set({ conversation_id: p.conversationId, recipient_id: p.recipientId })
    .where('id', '=', p.id),
)

/** Instagram said who the recipient is, and with it which conversation the message belongs to. */
export async function saveRecipient(
  tx: Db,
  input: { id: string; conversationId: string; recipientId: string },
): Promise<void> {
  await updateRecipient(tx, input)
}

/** Messages of a conversation, newest first, one more than `limit` where there are more. */
export async function listMessages(
  db: Db,
  input: {
    userId: string
    conversationId: string
    limit: number
    offset: number
    before: { at: number; id: string } | null
  },
): Promise<Message[]> {
  const { before } = input
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('conversation_id', '=', input.conversationId)
    .where('hidden_at', 'is', null)
    .$if(before !== null, (query) =>
      query.where((eb) =>
        eb.or([
          eb('timestamp', '<', before?.at ?? 0),
          eb.and([eb('timestamp', '=', before?.at ?? 0), eb('id', '<', before?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('timestamp', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit + 1)
    .offset(input.offset)
    .execute()
  return rows.map(toMessage)
}

/** Conversations of an account, the latest first, one more than `limit` where there are more. */
export async function listConversations(
  db: Db,
  input: { userId: string; accountId: string; limit: number; before: { at: number; id: string } | null },
): Promise<{ conversation: Conversation; lastMessage: Message | null }[]> {
  const { before } = input
  const rows = await db
    .selectFrom('conversations')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('account_id', '=', input.accountId)
    .$if(before !== null, (query) =>
      query.where((eb) =>
        eb.or([
          eb('last_message_at', '<', before?.at ?? 0),
          eb.and([eb('last_message_at', '=', before?.at ?? 0), eb('id', '<', before?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('last_message_at', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit + 1)
    .execute()
  const ids = rows.flatMap((row) => (row.last_message_id === null ? [] : [row.last_message_id]))
  const messages = ids.length === 0 ? [] : await db.selectFrom('messages').selectAll().where('id', 'in', ids).execute()
  const byId = new Map(messages.filter((row) => row.hidden_at === null).map((row) => [row.id, toMessage(row)]))
  return rows.map((row) => ({
    conversation: toConversation(row),
    lastMessage: byId.get(row.last_message_id ?? '') ?? null,
  }))
}
