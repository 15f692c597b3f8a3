import { sql } from 'kysely'
import { command, type Placeholders } from '../../store/statement.ts'
import type { Db } from '../../store/store.ts'

/** What all items of a chunk share. */
export interface SharedColumns {
  user_id: string
  session_id: string
  account_id: string
  kind: string
  class: number
  due_at: number
  batch_id: string
  accepted_at: number
  accepted_by: string
}

export interface ItemRow {
  id: string
  ord: number
  target: string
  client_token: string
  /** Null = queued; otherwise it is skipped for this reason. */
  skip: { code: string | null; reason: string } | null
}

/**
 * Rows of one statement. Measured for 10,000 items: see `bench/outbox.ts`; on PostgreSQL it saves a round trip each, on
 * SQLite most of the calls into it.
 */
const ROWS_AT_ONCE = 50

type RowParams = Record<`id${number}` | `target${number}` | `token${number}` | `status${number}`, string> &
  Record<`ord${number}`, number> &
  Record<`code${number}` | `reason${number}`, string | null> &
  Record<`settled${number}`, number | null>

/** One statement for a fixed number of rows. */
function insertRows(count: number) {
  return command((db, p: Placeholders<SharedColumns & RowParams>) =>
    db.insertInto('actions').values(
      Array.from({ length: count }, (_, row) => ({
        id: p[`id${row}`] as string,
        user_id: p.user_id,
        session_id: p.session_id,
        account_id: p.account_id,
        kind: p.kind,
        class: p.class,
        due_at: p.due_at,
        ord: p[`ord${row}`] as number,
        target: p[`target${row}`] as string,
        // Of the batch.
        payload: sql.lit(''),
        client_token: p[`token${row}`] as string,
        on_limit: sql.lit('queue'),
        batch_id: p.batch_id,
        accepted_at: p.accepted_at,
        accepted_by: p.accepted_by,
        status: p[`status${row}`] as string,
        code: p[`code${row}`] as string | null,
        reason: p[`reason${row}`] as string | null,
        settled_at: p[`settled${row}`] as number | null,
        attempts: sql.lit(0),
        resends: sql.lit(0),
        failures: sql.lit(0),
      })),
    ),
  )
}

const insertMany = insertRows(ROWS_AT_ONCE)
const insertOne = insertRows(1)

/** Writes items of a batch that is being accepted. */
export async function insertItems(tx: Db, shared: SharedColumns, items: readonly ItemRow[]): Promise<void> {
  let next = 0
  for (; next + ROWS_AT_ONCE <= items.length; next += ROWS_AT_ONCE) {
    await insertMany(tx, paramsOf(shared, items.slice(next, next + ROWS_AT_ONCE)))
  }
  for (; next < items.length; next += 1) await insertOne(tx, paramsOf(shared, items.slice(next, next + 1)))
}

function paramsOf(shared: SharedColumns, items: readonly ItemRow[]): SharedColumns & RowParams {
  const params: Record<string, string | number | null> = { ...shared }
  for (const [row, { id, ord, target, client_token, skip }] of items.entries()) {
    params[`id${row}`] = id
    params[`ord${row}`] = ord
    params[`target${row}`] = target
    params[`token${row}`] = client_token
    params[`status${row}`] = skip === null ? 'queued' : 'skipped'
    params[`code${row}`] = skip?.code ?? null
    params[`reason${row}`] = skip?.reason ?? null
    params[`settled${row}`] = skip === null ? null : shared.accepted_at
  }
  return params as SharedColumns & RowParams
}
