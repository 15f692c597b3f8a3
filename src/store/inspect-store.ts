import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreRefusal } from './faults.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { StoreLocation } from './open-store.ts'

/** One read-only statement on a store that is not opened by this process; values are never input. */
export type Look = (sql: string) => Promise<Record<string, unknown>[]>

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

/**
 * Opens the store read-only, without the lock of its directory and without migrating, and hands `work` a way to look.
 * Resolves with null when the file does not exist yet. Rejects with `StoreRefusal` when the server cannot be reached.
 */
export async function lookInto<T>(location: StoreLocation, work: (look: Look) => Promise<T>): Promise<T | null> {
  if ('file' in location) {
    if (!existsSync(location.file)) return null
    const database = new DatabaseSync(location.file, { readOnly: true })
    try {
      return await work(async (sql) => database.prepare(sql).all() as Record<string, unknown>[])
    } finally {
      database.close()
    }
  }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: location.url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
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
    return await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows)
  } finally {
    await client.end()
  }
}

/** The facts of a store, for `doctor` and `migrate`. */
export async function inspectStore(look: Look, engine: 'sqlite' | 'postgres'): Promise<StoreFacts> {
  const meta = new Map<string, string>()
  if (await hasTable(look, engine, 'meta')) {
    for (const { key, value } of await look('select key, value from meta')) meta.set(String(key), String(value))
  }
  const done = [...meta.keys()]
    .filter((key) => key.startsWith('migration/'))
    .map((key) => key.slice('migration/'.length))
  const known = MIGRATIONS.map(({ name }) => name)
  const [clock] = (await hasTable(look, engine, 'clock')) ? await look('select seen_at from clock') : []
  return {
    mode: meta.get('mode') ?? null,
    pendingMigrations: known.filter((name) => !done.includes(name)),
    newerBreaking: done.filter((name) => !known.includes(name) && meta.get(`migration/${name}`) === 'breaking'),
    seenAt: Number(clock?.['seen_at'] ?? 0),
    server: engine === 'postgres' ? await inspectServer(look) : null,
  }
}

async function hasTable(look: Look, engine: 'sqlite' | 'postgres', name: 'meta' | 'clock'): Promise<boolean> {
  const sql =
    engine === 'sqlite'
      ? `select 1 as found from sqlite_schema where type = 'table' and name = '${name}'`
      : `select 1 as found where to_regclass('${name}') is not null`
  return (await look(sql)).length > 0
}

async function inspectServer(look: Look): Promise<{ version: number; wall: number }> {
  const [row] = await look(
    "select current_setting('server_version_num') as version, extract(epoch from clock_timestamp()) * 1000 as wall",
  )
  return { version: Number(row?.['version']), wall: Number(row?.['wall']) }
}
