/**
 * The event log: append-only, numbered per user without gaps.
 *
 * A number is taken by updating the user's row of `event_sequences` inside the transaction of the fact. On PostgreSQL
 * that row stays locked until the commit, so commits happen in the order of the numbers and a reader that has seen
 * number n can never meet an n − 1 later; a transaction that rolls back gives its number back with everything else.
 * The lock is held from the append to the commit: append last.
 */
import { newId } from '../core/ids.ts'
import type { Random } from '../core/random.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db, Store } from '../store/store.ts'
import type { EventDraft, EventType, StoredEvent } from './event.ts'

const takeNumbers = statement((db, p: Placeholders<{ userId: string; count: number }>) =>
  db
    .insertInto('event_sequences')
    .values({ user_id: p.userId, last: p.count })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((eb) => ({ last: eb('event_sequences.last', '+', p.count) })),
    )
    .returning('last'),
)

const insertEvent = command(
  (
    db,
    p: Placeholders<{
      userId: string
      sequence: number
      id: string
      type: string
      at: number
      sessionId: string | null
      username: string | null
      data: string
    }>,
  ) =>
    db.insertInto('events').values({
      user_id: p.userId,
      sequence: p.sequence,
      id: p.id,
      type: p.type,
      at: p.at,
      session_id: p.sessionId,
      username: p.username,
      data: p.data,
    }),
)

/** What writing an event takes. */
export interface AppendDeps {
  store: Pick<Store, 'signals'>
  random: Random
}

const CHANNEL = 'events'

/**
 * Tells, here and in every process that shares the store, that a user's log has grown. A hint only (`Signals`): whoever
 * must miss nothing also looks by itself. Returns what ends the listening.
 */
export function listenForEvents(store: Pick<Store, 'signals'>, listener: (userId: string) => void): () => void {
  return store.signals.listen(CHANNEL, listener)
}

/**
 * Writes one fact in the transaction that made it true. Takes the user's place in the log until the commit, so it comes
 * after every other lock of the transaction.
 */
export async function appendEvent(tx: Db, deps: AppendDeps, draft: EventDraft): Promise<StoredEvent> {
  const [event] = await appendEvents(tx, deps, [draft])
  return event as StoredEvent
}

/** The same for several facts of one user, in their order. */
export async function appendEvents(tx: Db, deps: AppendDeps, drafts: readonly EventDraft[]): Promise<StoredEvent[]> {
  const [first] = drafts
  if (first === undefined) return []
  const { userId } = first
  const [row] = await takeNumbers(tx, { userId, count: drafts.length })
  if (row === undefined) throw new Error('event sequence: the upsert returned no row')
  const before = row.last - drafts.length
  const events: StoredEvent[] = []
  for (const [index, draft] of drafts.entries()) {
    if (draft.userId !== userId) throw new Error('event log: facts of several users in one append')
    const event = { ...draft, id: newId('evt', draft.at, deps.random), sequence: before + index + 1 }
    await insertEvent(tx, { ...event, data: JSON.stringify(event.data) })
    events.push(event)
  }
  deps.store.signals.notify(tx, CHANNEL, userId)
  return events
}

/** Up to `limit` events of a user after a sequence number (0 = from the beginning), in order. */
export async function readEvents(
  db: Db,
  input: { userId: string; after: number; limit: number },
): Promise<StoredEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('sequence', '>', input.after)
    .orderBy('sequence')
    .limit(input.limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    sequence: row.sequence,
    userId: row.user_id,
    type: row.type as EventType,
    at: row.at,
    sessionId: row.session_id,
    username: row.username,
    data: JSON.parse(row.data) as Record<string, unknown>,
  }))
}

/** The number of a user's newest event; 0 when there is none yet. */
export async function lastSequence(db: Db, userId: string): Promise<number> {
  const row = await db.selectFrom('event_sequences').select('last').where('user_id', '=', userId).executeTakeFirst()
  return row?.last ?? 0
}
