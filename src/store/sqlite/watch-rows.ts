import type { RememberedTable, RowMemory } from '../row-memory.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

interface Watched {
  /** Whose rows are watched. */
  table: string
  /** What is remembered of them, and the column with its id; null = it may be any. */
  remembered: RememberedTable
  id: string | null
}

const WATCHED: readonly Watched[] = [
  { table: 'sessions', remembered: 'sessions', id: 'id' },
  // The account's live session.
  { table: 'sessions', remembered: 'sessions', id: 'account_id' },
  // A session's value also holds columns of its account, which change with a login or a policy: too seldom to look for whose.
  { table: 'accounts', remembered: 'sessions', id: null },
  // Where an account stands is made of its numbered attempts (`watchAttempts`) and its pauses.
  { table: 'pauses', remembered: 'usage', id: 'account_id' },
  { table: 'switches', remembered: 'switches', id: null },
  // Whether a user suppresses anybody at all.
  { table: 'suppressions', remembered: 'suppressions', id: 'user_id' },
]

/**
 * The same for the attempts, which are written four times with each action: a trigger costs 2 to 7 µs a statement. SQLite
 * says when it prepares a statement that it writes to the table, and the statement says whose rows; one that does not,
 * touches them all.
 */
function watchAttempts(database: SqliteDatabase, memory: RowMemory): void {
  database.watchWrites(new Set(['usage']), (_table, id) => memory.touch('usage', id as string | null))
}

/**
 * Makes SQLite itself report each row that a statement of this connection writes: by triggers that only this connection has,
 * so that they are no part of the schema. A store of an earlier version, which only tests of migrations open, lacks some.
 */
export function watchRows(database: SqliteDatabase, memory: RowMemory): void {
  database.define('row_touched', (table, id) => memory.touch(table as RememberedTable, id as string | null))
  watchAttempts(database, memory)
  const { rows } = database.query("select name from sqlite_master where type = 'table'", [])
  const tables = new Set((rows as { name: string }[]).map(({ name }) => name))
  for (const { table, remembered, id } of WATCHED.filter((watched) => tables.has(watched.table))) {
    for (const [event, row] of [
      ['insert', 'new'],
      ['update', 'old'],
      ['delete', 'old'],
    ]) {
      const touched = id === null ? 'null' : `${row}.${id}`
      const body = `begin select row_touched('${remembered}', ${touched}); end`
      database.exec(`create temp trigger ${table}_${id}_${event} after ${event} on main.${table} ${body}`)
    }
  }
}
