/**
 * Lists that stay right while they are read. Every message has a number in its conversation (`no`), given under the
 * account's lock, and one that moves when Instagram says its time gets a second one (`moved_no`) and keeps where it was
 * (`moved_from`). A walk begins with the conversation's last number and sees what had come by then, where it stood then:
 * what comes or moves meanwhile neither repeats a row nor hides one.
 */
import type { Selectable } from 'kysely'
import type { ConversationTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Message } from './message.ts'
import { type Conversation, toConversation, toMessage } from './store.ts'

/** A place in a list: the instant that orders it, then the id. */
export interface ListPlace {
  at: number
  id: string
}

interface Placed {
  place: ListPlace
  message: Message
}

interface MessagePage {
  userId: string
  conversationId: string
  /** The number of what happened last when the walk began. */
  snapshot: number
  limit: number
  offset: number
  before: ListPlace | null
}

/** Messages of a conversation, newest first as of `snapshot`, one more than `limit` where there are more. */
export async function listMessages(db: Db, page: MessagePage): Promise<Placed[]> {
  const moved = await movedSince(db, page)
  if (moved.length === 0) return unmoved(db, page)
  // Their places are only known here, so the rest is read from the beginning and the offset applied to both.
  const rest = await unmoved(db, { ...page, offset: 0, limit: page.offset + page.limit })
  const all = [...rest, ...moved].sort((one, other) => compare(other.place, one.place))
  return all.slice(page.offset, page.offset + page.limit + 1)
}

async function unmoved(db: Db, page: MessagePage): Promise<Placed[]> {
  const { before, snapshot } = page
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('user_id', '=', page.userId)
    .where('conversation_id', '=', page.conversationId)
    .where('hidden_at', 'is', null)
    .where('no', '<=', snapshot)
    .where((eb) => eb.or([eb('moved_no', 'is', null), eb('moved_no', '<=', snapshot)]))
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
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute()
  return rows.map((row) => ({ place: { at: row.timestamp, id: row.id }, message: toMessage(row) }))
}

/** As many as were sent since the walk began; mostly none. */
async function movedSince(db: Db, { userId, conversationId, snapshot, before }: MessagePage): Promise<Placed[]> {
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('user_id', '=', userId)
    .where('conversation_id', '=', conversationId)
    .where('moved_no', '>', snapshot)
    .where('no', '<=', snapshot)
    .where('hidden_at', 'is', null)
    .execute()
  return rows
    .map((row) => ({ place: { at: row.moved_from ?? row.timestamp, id: row.id }, message: toMessage(row) }))
    .filter(({ place }) => before === null || compare(place, before) < 0)
}

function compare(one: ListPlace, other: ListPlace): number {
  if (one.at !== other.at) return one.at - other.at
  if (one.id === other.id) return 0
  return one.id < other.id ? -1 : 1
}

export interface ListedConversation {
  place: ListPlace
  conversation: Conversation
  lastMessage: Message | null
}

interface ConversationPage {
  userId: string
  accountId: string
  limit: number
  /** Where the last page ended, and the latest activity when the walk began. */
  after: { place: ListPlace; began: number } | null
}

/**
 * Conversations of an account, the latest first, one more than `limit` where there are more. One that something happened
 * in since the walk began is listed where it stood then; one that came since is not.
 */
export async function listConversations(db: Db, page: ConversationPage): Promise<ListedConversation[]> {
  const { after } = page
  const rows = await quietSince(db, page)
  const moved = after === null ? [] : await activeSince(db, page, after)
  const all = [...rows, ...moved].sort((one, other) => compare(other.place, one.place)).slice(0, page.limit + 1)
  const ids = all.flatMap(({ row }) => (row.last_message_id === null ? [] : [row.last_message_id]))
  const messages = ids.length === 0 ? [] : await db.selectFrom('messages').selectAll().where('id', 'in', ids).execute()
  const byId = new Map(messages.filter((row) => row.hidden_at === null).map((row) => [row.id, toMessage(row)]))
  const listed: ListedConversation[] = []
  for (const { row, place } of all) {
    // Where the last one was deleted, the one before it is the last.
    const lastMessage = byId.get(row.last_message_id ?? '') ?? (await findNewest(db, row))
    listed.push({ place, conversation: toConversation(row), lastMessage })
  }
  return listed
}

async function findNewest(db: Db, { user_id, id }: Selectable<ConversationTable>): Promise<Message | null> {
  const row = await db
    .selectFrom('messages')
    .selectAll()
    .where('user_id', '=', user_id)
    .where('conversation_id', '=', id)
    .where('hidden_at', 'is', null)
    .orderBy('timestamp', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toMessage(row)
}

interface PlacedRow {
  row: Selectable<ConversationTable>
  place: ListPlace
}

async function quietSince(db: Db, { userId, accountId, limit, after }: ConversationPage): Promise<PlacedRow[]> {
  const rows = await db
    .selectFrom('conversations')
    .selectAll()
    .where('user_id', '=', userId)
    .where('account_id', '=', accountId)
    .$if(after !== null, (query) =>
      query.where((eb) =>
        eb.or([
          eb('last_message_at', '<', after?.place.at ?? 0),
          eb.and([eb('last_message_at', '=', after?.place.at ?? 0), eb('id', '<', after?.place.id ?? '')]),
        ]),
      ),
    )
    .orderBy('last_message_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return rows.map((row) => ({ row, place: { at: row.last_message_at, id: row.id } }))
}

async function activeSince(
  db: Db,
  { userId, accountId }: ConversationPage,
  after: { place: ListPlace; began: number },
): Promise<PlacedRow[]> {
  const rows = await db
    .selectFrom('conversations')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('messages')
        .select('messages.timestamp')
        .whereRef('messages.user_id', '=', 'conversations.user_id')
        .whereRef('messages.conversation_id', '=', 'conversations.id')
        .where('messages.timestamp', '<=', after.began)
        .orderBy('messages.timestamp', 'desc')
        .limit(1)
        .as('stood_at'),
    )
    .where('user_id', '=', userId)
    .where('account_id', '=', accountId)
    .where('last_message_at', '>', after.began)
    .execute()
  return rows.flatMap(({ stood_at: at, ...row }) => {
    const place = at === null ? null : { at, id: row.id }
    return place !== null && compare(place, after.place) < 0 ? [{ row, place }] : []
  })
}
