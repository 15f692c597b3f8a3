import { sql } from 'kysely'
import type { ErrorCountTable } from '../../store/schema.ts'
import { command, type Placeholders } from '../../store/statement.ts'
import type { Db } from '../../store/store.ts'

const DAY_MS = 24 * 3_600_000

export type ErrorSource = 'request' | 'action'

/** How often one thing failed with one code on one day. */
export interface ErrorCount {
  day: number
  code: string
  source: ErrorSource
  name: string
  count: number
  firstAt: number
  lastAt: number
}

export function dayOf(at: number): number {
  return at - (at % DAY_MS)
}

const upsertCount = command((db, p: Placeholders<Omit<ErrorCount, 'source'> & { source: string }>) =>
  db
    .insertInto('error_counts')
    .values({
      ...{ day: p.day, code: p.code, source: p.source, name: p.name, count: p.count },
      ...{ first_at: p.firstAt, last_at: p.lastAt },
    })
    .onConflict((conflict) =>
      conflict.columns(['day', 'code', 'source', 'name']).doUpdateSet({
        count: sql`error_counts.count + excluded.count`,
        first_at: sql`case when excluded.first_at < error_counts.first_at then excluded.first_at else error_counts.first_at end`,
        last_at: sql`case when excluded.last_at > error_counts.last_at then excluded.last_at else error_counts.last_at end`,
      }),
    ),
)

/** Adds to what is counted already; always in the same order, so that two nodes never wait for each other in a circle. */
export async function addCounts(tx: Db, counts: readonly ErrorCount[]): Promise<void> {
  const keyOf = ({ day, code, source, name }: ErrorCount) => `${day} ${code} ${source} ${name}`
  for (const count of counts.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))) {
    await upsertCount(tx, count)
  }
}

export async function readCounts(db: Db, { since }: { since: number }): Promise<ErrorCount[]> {
  const rows = await db.selectFrom('error_counts').selectAll().where('day', '>=', dayOf(since)).execute()
  return rows.map(toCount)
}

export async function deleteCounts(tx: Db, { before }: { before: number }): Promise<void> {
  await tx.deleteFrom('error_counts').where('day', '<', dayOf(before)).execute()
}

/** Up to which instant failed actions have been counted. */
export async function readCountedUntil(db: Db): Promise<number> {
  const row = await db.selectFrom('errors_counted').select('until').where('id', '=', 1).executeTakeFirstOrThrow()
  return row.until
}

/** False when another node has counted that time meanwhile. */
export async function moveCountedUntil(tx: Db, { from, to }: { from: number; to: number }): Promise<boolean> {
  const result = await tx
    .updateTable('errors_counted')
    .set({ until: to })
    .where('id', '=', 1)
    .where('until', '=', from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Actions that failed after one instant and not after another; reads what ended in between through `actions_settled`. */
export async function countFailedActions(db: Db, { after, until }: { after: number; until: number }) {
  const day = sql<number>`settled_at - (settled_at % ${sql.lit(DAY_MS)})`
  const rows = await db
    .selectFrom('actions')
    .select((eb) => [
      day.as('day'),
      'kind',
      'code',
      eb.fn.countAll<number>().as('count'),
      eb.fn.min('settled_at').as('firstAt'),
      eb.fn.max('settled_at').as('lastAt'),
    ])
    .where('settled_at', 'is not', null)
    .where('settled_at', '>', after)
    .where('settled_at', '<=', until)
    .where('status', '=', 'failed')
    .groupBy([day, 'kind', 'code'])
    .execute()
  return rows.map(
    ({ kind, code, ...row }): ErrorCount => ({
      day: Number(row.day),
      code: code ?? 'UNKNOWN',
      source: 'action',
      name: kind,
      count: Number(row.count),
      firstAt: Number(row.firstAt),
      lastAt: Number(row.lastAt),
    }),
  )
}

function toCount({ first_at, last_at, source, ...row }: ErrorCountTable): ErrorCount {
  return { ...row, count: Number(row.count), source: source as ErrorSource, firstAt: first_at, lastAt: last_at }
}
