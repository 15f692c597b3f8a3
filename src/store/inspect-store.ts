import { existsSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { sql } from 'kysely'
import { type Connection, connectionOf, createDb } from './connection.ts'
import { StoreRefusal } from './faults.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { StoreLocation } from './open-store.ts'
import type { Db } from './store.ts'

/** What can be said about a store from outside, beside a gateway that may be running on it. */
export interface StoreFacts {
  /** Null before the first start. */
  mode: string | null
  /** Migrations that the next start applies. */
  pendingMigrations: string[]
  /** Migrations of a newer version that this one cannot work with. */
  newerBreaking: string[]
  /** Newest instant of product time it has seen; 0 when new. */
  seenAt: number
  /** PostgreSQL only: its version (150004 = 15.4) and its clock. */
  server: { version: number; wall: number } | null
}

const CONNECT_TIMEOUT_MS = 5_000
const MIGRATION = 'migration/'

/**
 * Opens the store read-only, without the lock of its directory and without migrating, and lets `work` look.
 * Resolves with null when the file does not exist yet. Rejects with `StoreRefusal` when the server cannot be reached.
 */
export async function lookInto<T>(location: StoreLocation, work: (db: Db) => Promise<T>): Promise<T | null> {
  if ('file' in location) {
    if (!existsSync(location.file)) return null
    const database = new DatabaseSync(location.file, { readOnly: true })
    try {
      return await work(lookingDb('sqlite', async (text, values) => database.prepare(text).all(...values)))
    } finally {
      database.close()
    }
  }
  const [{ default: pg }, { getTypeParser }] = await Promise.all([import('pg'), import('./postgres/type-parsers.ts')])
  const client = new pg.Client({
    connectionString: location.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser },
  })
  await client.connect().catch((error: Error) => {
    const reason = error.message || error.name
    throw new StoreRefusal(
      'cannot_open',
      `The database cannot be reached (${reason}): start it, or correct DATABASE_URL.`,
      error,
    )
  })
  try {
    await client.query('set default_transaction_read_only = on')
    return await work(lookingDb('postgres', async (text, values) => (await client.query(text, values)).rows))
  } finally {
    await client.end()
  }
}

/** The facts of a store, for `doctor` and `migrate`. */
export async function inspectStore(db: Db): Promise<StoreFacts> {
  const meta = new Map<string, string>()
  if (await hasTable(db, 'meta')) {
    for (const { key, value } of await db.selectFrom('meta').selectAll().execute()) meta.set(key, value)
  }
  const clock = (await hasTable(db, 'clock')) ? await db.selectFrom('clock').selectAll().executeTakeFirst() : undefined
  const done = [...meta.keys()].filter((key) => key.startsWith(MIGRATION)).map((key) => key.slice(MIGRATION.length))
  const known = MIGRATIONS.map(({ name }) => name)
  return {
    mode: meta.get('mode') ?? null,
    pendingMigrations: known.filter((name) => !done.includes(name)),
    newerBreaking: done.filter((name) => !known.includes(name) && meta.get(MIGRATION + name) === 'breaking'),
    seenAt: clock?.seen_at ?? 0,
    server: connectionOf(db).engine === 'postgres' ? await inspectServer(db) : null,
  }
}

function lookingDb(
  engine: Connection['engine'],
  look: (text: string, values: SQLInputValue[]) => Promise<unknown[]>,
): Db {
  const query = async (text: string, values: readonly unknown[]) => ({
    rows: await look(text, values as SQLInputValue[]),
    changes: 0,
  })
  return createDb({
    engine,
    query,
    run: (prepared, values) => query(prepared.sql, values),
    afterCommit: null,
    memory: null,
  })
}

async function hasTable(db: Db, name: 'meta' | 'clock'): Promise<boolean> {
  const { rows } =
    connectionOf(db).engine === 'sqlite'
      ? await sql`select 1 from sqlite_schema where type = 'table' and name = ${name}`.execute(db)
      : await sql`select 1 where to_regclass(${name}) is not null`.execute(db)
  return rows.length > 0
}

async function inspectServer(db: Db): Promise<{ version: number; wall: number }> {
  const { rows } = await sql<{ version: string; wall: string }>`
    select current_setting('server_version_num') as version, extract(epoch from clock_timestamp()) * 1000 as wall
  `.execute(db)
  return { version: Number(rows[0]?.version), wall: Number(rows[0]?.wall) }
}
