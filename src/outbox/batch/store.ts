import { sql } from 'kysely'
import { connectionOf } from '../../store/connection.ts'
import type { BatchTable } from '../../store/schema.ts'
import { command, type Placeholders, statement } from '../../store/statement.ts'
import type { Db } from '../../store/store.ts'
import type { Action, ActionClass, ActionStatus } from '../action.ts'
import { toAction } from '../store.ts'
import type { Batch, BatchStatus } from './batch.ts'

// Partial indexes are only used when the statement spells their condition out, so these are no parameters.
const ACCEPTING = sql.lit('accepting')
const RUNNING = sql.lit('running')
const PAUSED = sql.lit('paused')
const CANCELED = sql.lit('canceled')
const QUEUED = sql.lit('queued')

function toBatch(row: BatchTable): Batch {
  const { queued, running, succeeded, failed, unconfirmed, canceled, expired, skipped } = row
  return {
    id: row.id,
    userId: row.user_id,
    sessionId: row.session_id,
    accountId: row.account_id,
    kind: row.kind,
    class: row.class as ActionClass,
    status: row.status as BatchStatus,
    payload: row.payload,
    gapMs: row.gap_ms,
    nextAt: row.next_at,
    total: row.total,
    duplicates: row.duplicates,
    counts: { queued, running, succeeded, failed, unconfirmed, canceled, expired, skipped },
    acceptedBy: row.accepted_by,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  }
}

/** Writes a batch that is `accepting` until `acceptByWall`. */
export async function addBatch(tx: Db, batch: Batch, acceptByWall: number): Promise<void> {
  await tx
    .insertInto('batches')
    .values({
      id: batch.id,
      user_id: batch.userId,
      session_id: batch.sessionId,
      account_id: batch.accountId,
      kind: batch.kind,
      class: batch.class,
      status: batch.status,
      payload: batch.payload,
      gap_ms: batch.gapMs,
      next_at: batch.nextAt,
      total: batch.total,
      duplicates: batch.duplicates,
      ...batch.counts,
      accept_by_wall: acceptByWall,
      accepted_by: batch.acceptedBy,
      created_at: batch.createdAt,
      settled_at: batch.settledAt,
    })
    .execute()
}

const renew = command((db, p: Placeholders<{ id: string; acceptByWall: number }>) =>
  db
    .updateTable('batches')
    .set({ accept_by_wall: p.acceptByWall })
    .where('id', '=', p.id)
    .where('status', '=', ACCEPTING)
    .where('accept_by_wall', '>', 0),
)

/** Prolongs an acceptance; false when a sweep has taken it for dead. */
export async function renewAcceptance(tx: Db, id: string, acceptByWall: number): Promise<boolean> {
  return (await renew(tx, { id, acceptByWall })) === 1
}

/** The last step of an acceptance; false when a sweep has taken it for dead. */
export async function openBatch(tx: Db, batch: Batch): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('batches')
    .set({ status: batch.status, accept_by_wall: null, settled_at: batch.settledAt })
    .where('id', '=', batch.id)
    .where('status', '=', 'accepting')
    .where('accept_by_wall', '>', 0)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const selectBatch = statement((db, p: Placeholders<{ id: string }>) =>
  db.selectFrom('batches').selectAll().where('id', '=', p.id),
)

/** Null also while it is being accepted: it may never have been. */
export async function findBatch(db: Db, id: string): Promise<Batch | null> {
  const [row] = await selectBatch(db, { id })
  return row === undefined || row.status === 'accepting' ? null : toBatch(row)
}

/** Changes a status if it is still the one expected; false otherwise. The caller holds the account's lock. */
export async function changeStatus(
  tx: Db,
  input: { id: string; from: readonly BatchStatus[]; to: BatchStatus },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('batches')
    .set({ status: input.to })
    .where('id', '=', input.id)
    .where('status', 'in', input.from)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const moveCounts = command((db, p: Placeholders<{ id: string } & Record<ActionStatus, number>>) =>
  db
    .updateTable('batches')
    .set((eb) => ({
      queued: eb('queued', '+', p.queued),
      running: eb('running', '+', p.running),
      succeeded: eb('succeeded', '+', p.succeeded),
      failed: eb('failed', '+', p.failed),
      unconfirmed: eb('unconfirmed', '+', p.unconfirmed),
      canceled: eb('canceled', '+', p.canceled),
      expired: eb('expired', '+', p.expired),
      skipped: eb('skipped', '+', p.skipped),
    }))
    .where('id', '=', p.id),
)

const UNMOVED: Record<ActionStatus, number> = {
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  unconfirmed: 0,
  canceled: 0,
  expired: 0,
  skipped: 0,
}

/** One item went from one status to another; in the transaction that changed it. */
export async function moveCount(
  tx: Db,
  input: { batchId: string; from: ActionStatus; to: ActionStatus },
): Promise<void> {
  if (input.from === input.to) return
  await moveCounts(tx, { id: input.batchId, ...UNMOVED, [input.from]: -1, [input.to]: 1 })
}

const settle = statement((db, p: Placeholders<{ id: string; at: number }>) =>
  db
    .updateTable('batches')
    .set({
      settled_at: p.at,
      status: sql<string>`case when status = 'canceled' then 'canceled' else 'completed' end`,
    })
    .where('id', '=', p.id)
    .where('queued', '=', sql.lit(0))
    .where('running', '=', sql.lit(0))
    .where('settled_at', 'is', null)
    .where('status', '<>', ACCEPTING)
    .returningAll(),
)

/** Ends a batch whose items have all ended; null when some have not. */
export async function settleBatch(tx: Db, id: string, at: number): Promise<Batch | null> {
  const [row] = await settle(tx, { id, at })
  return row === undefined ? null : toBatch(row)
}

const updateNextAt = command((db, p: Placeholders<{ id: string; at: number }>) =>
  db
    .updateTable('batches')
    .set((eb) => ({ next_at: eb('gap_ms', '+', p.at) }))
    .where('id', '=', p.id),
)

/** An attempt of the batch happens at `at`; its next one keeps the gap. */
export async function paceBatch(tx: Db, id: string, at: number): Promise<void> {
  await updateNextAt(tx, { id, at })
}

/** More bulks than this of one account never take turns with each other. */
const HEADS_MAX = 50

export interface BatchHead {
  action: Action
  /** When the batch's gap is over. */
  nextAt: number
}

/** The first queued item of every running batch of an account: as many key look-ups as there are batches. */
const selectHeads = statement((db, p: Placeholders<{ accountId: string }>) => {
  const running = db
    .selectFrom('batches')
    .select(['id', 'next_at', 'payload'])
    .where('account_id', '=', p.accountId)
    .where('status', '=', RUNNING)
    .orderBy('next_at')
    .orderBy('id')
    .limit(sql.lit(HEADS_MAX))
    .as('batch')
  const first = db
    .selectFrom('actions')
    .where('actions.batch_id', '=', sql.ref<string>('batch.id'))
    .where('actions.status', '=', QUEUED)
    .orderBy('actions.due_at')
    .orderBy('actions.ord')
    .limit(sql.lit(1))
  if (connectionOf(db).engine === 'postgres') {
    return db
      .selectFrom(running)
      .innerJoinLateral(first.selectAll('actions').as('head'), (join) => join.onTrue())
      .selectAll('head')
      .select(['batch.next_at as next_at', 'batch.payload as batch_payload'])
  }
  return db
    .selectFrom(running)
    .innerJoin('actions as head', (join) => join.on('head.id', '=', first.select('actions.id')))
    .selectAll('head')
    .select(['batch.next_at as next_at', 'batch.payload as batch_payload'])
})

export async function findBatchHeads(db: Db, accountId: string): Promise<BatchHead[]> {
  const rows = await selectHeads(db, { accountId })
  return rows.map((row) => ({ action: toAction(row), nextAt: row.next_at }))
}

const selectEnding = statement((db, p: Placeholders<{ accountId: string }>) =>
  db
    .selectFrom('batches')
    .select('id')
    .where('account_id', '=', p.accountId)
    .where('status', '=', CANCELED)
    .where('queued', '>', sql.lit(0))
    .limit(sql.lit(1)),
)

/** A canceled batch of the account that still has queued items; null = none. */
export async function findEnding(db: Db, accountId: string): Promise<string | null> {
  const [row] = await selectEnding(db, { accountId })
  return row?.id ?? null
}

/** The running and paused batches of an account. */
export async function findUnfinished(db: Db, accountId: string, limit: number): Promise<Batch[]> {
  const rows = await db
    .selectFrom('batches')
    .selectAll()
    .where('account_id', '=', accountId)
    .where((eb) => eb('status', 'in', [RUNNING, PAUSED]))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toBatch)
}

const selectQueued = statement((db, p: Placeholders<{ batchId: string; limit: number }>) =>
  db
    .selectFrom('actions')
    .selectAll('actions')
    .select((eb) =>
      eb.selectFrom('batches').select('batches.payload').where('batches.id', '=', p.batchId).as('batch_payload'),
    )
    .where('batch_id', '=', p.batchId)
    .where('status', '=', QUEUED)
    .orderBy('due_at')
    .orderBy('ord')
    .limit(p.limit),
)

/** The next queued items of a batch. */
export async function findQueuedItems(db: Db, batchId: string, limit: number): Promise<Action[]> {
  return (await selectQueued(db, { batchId, limit })).map(toAction)
}

/** Items of a batch in the caller's order, behind a place (0 = from the first). */
export async function listItems(
  db: Db,
  input: { batchId: string; afterOrd: number; limit: number },
): Promise<Action[]> {
  const rows = await db
    .selectFrom('actions')
    .selectAll()
    .where('batch_id', '=', input.batchId)
    .where('ord', '>', input.afterOrd)
    .orderBy('ord')
    .limit(input.limit)
    .execute()
  return rows.map(toAction)
}

/** The batches of a session, the newest first. */
export async function listBatches(
  db: Db,
  input: { sessionId: string; kinds: readonly string[]; limit: number; before: { at: number; id: string } | null },
): Promise<Batch[]> {
  const { sessionId, kinds, before } = input
  const rows = await db
    .selectFrom('batches')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('status', '<>', 'accepting')
    .where('kind', 'in', kinds)
    .$if(before !== null, (query) =>
      query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(before?.at ?? 0, before?.id ?? ''))),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit)
    .execute()
  return rows.map(toBatch)
}

const giveUpDead = statement((db, p: Placeholders<{ wall: number; limit: number }>) => {
  const dead = db
    .selectFrom('batches')
    .select('id')
    .where('status', '=', ACCEPTING)
    .where('accept_by_wall', '<=', p.wall)
    .orderBy('accept_by_wall')
    .limit(p.limit)
  return db
    .updateTable('batches')
    .set({ accept_by_wall: 0 })
    .where('id', 'in', dead)
    .where('status', '=', 'accepting')
    .returning('id')
})

/** Takes acceptances that nobody renewed for dead: from now on their acceptor cannot go on. */
export async function giveUpAcceptances(tx: Db, input: { wall: number; limit: number }): Promise<string[]> {
  return (await giveUpDead(tx, input)).map(({ id }) => id)
}

/** The same for one acceptance, by the acceptor itself. */
export async function giveUpAcceptance(tx: Db, id: string): Promise<void> {
  await renew(tx, { id, acceptByWall: 0 })
}

/** Removes up to `limit` items of an acceptance that was given up, and the batch with the last of them. */
export async function removeSome(tx: Db, id: string, limit: number): Promise<{ isGone: boolean }> {
  const [row] = await selectBatch(tx, { id })
  if (row === undefined || row.status !== 'accepting' || row.accept_by_wall !== 0) return { isGone: true }
  const some = tx.selectFrom('actions').select('id').where('batch_id', '=', id).limit(limit)
  const { numDeletedRows } = await tx.deleteFrom('actions').where('id', 'in', some).executeTakeFirst()
  if (numDeletedRows === BigInt(limit)) return { isGone: false }
  await tx.deleteFrom('batches').where('id', '=', id).execute()
  return { isGone: true }
}
