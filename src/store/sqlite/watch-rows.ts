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
  // A session's value also holds columns of its account, which change with a login or a policy: too seldom to look for whose.
  { table: 'accounts', remembered: 'sessions', id: null },
  // Where an account stands is made of its numbered attempts and its pauses.
  { table: 'usage', remembered: 'usage', id: 'subject' },
  { table: 'pauses', remembered: 'usage', id: 'account_id' },
  { table: 'switches', remembered: 'switches', id: null },
  // Whether a user suppresses anybody at all.
  { table: 'suppressions', remembered: 'suppressions', id: 'user_id' },
]

/**
 * Makes SQLite itself report each row that a statement of this connection writes: by triggers that only this connection has,
 * so that they are no part of the schema. A store of an earlier version, which only tests of migrations open, lacks some.
 */
export function watchRows(database: SqliteDatabase, memory: RowMemory): void {
  database.define('row_touched', (table, id) => memory.touch(table as RememberedTable, id as string | null))
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
      database.exec(`create temp trigger ${table}_${event} after ${event} on main.${table} ${body}`)
    }
  }
}
