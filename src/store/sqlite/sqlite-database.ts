import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Prepared, Rows } from '../connection.ts'

interface Ready {
  statement: StatementSync
  /** Names of the columns; empty for a statement that returns none. */
  columns: readonly string[]
  /** False only for what certainly writes nothing. */
  mayWrite: boolean
  /** The watched tables that it writes to. */
  watched: readonly string[]
}

const WRITES: ReadonlySet<number> = new Set([constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE])

/** Statements that Kysely builds a call; hot ones are prepared by id and kept for good. */
const BUILT_STATEMENTS_KEPT = 256

/**
 * One SQLite connection with its prepared statements. Every call runs to its end before it returns, so no statement is
 * ever left open, which would hold back checkpoints and keep the WAL growing.
 */
export class SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #prepared: (Ready | undefined)[] = []
  readonly #built = new Map<string, Ready>()
  #writes = 0
  /** Told of each run of a statement that writes to a watched table, with the value that names the row. */
  #onWrite: ((table: string, id: unknown) => void) | null = null
  /** Filled while a statement is prepared. */
  #watched: string[] = []

  constructor(file: string, pragmas: readonly string[]) {
    this.#database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
    try {
      for (const pragma of pragmas) this.#database.exec(`pragma ${pragma}`)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** False after SQLite has ended the transaction by itself (full disk, I/O error). */
  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** Counts the statements so far that may have written something. */
  get writes(): number {
    return this.#writes
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** Makes a function of this process known to the SQL of this connection. */
  define(name: string, call: (...values: unknown[]) => void): void {
    this.#database.function(name, { varargs: true }, (...values) => {
      call(...values)
      return null
    })
  }

  /**
   * Calls back before each run of a statement that may write to one of the tables, as SQLite itself says when it prepares
   * it; the id is null where the statement does not name it. To be called before anything is prepared that writes.
   */
  watchWrites(tables: ReadonlySet<string>, onWrite: (table: string, id: unknown) => void): void {
    this.#onWrite = onWrite
    this.#database.setAuthorizer((action, table) => {
      if (WRITES.has(action) && table !== null && tables.has(table)) this.#watched.push(table)
      return constants.SQLITE_OK
    })
  }

  run(prepared: Prepared, values: readonly unknown[]): Rows {
    let ready = this.#prepared[prepared.id]
    if (ready === undefined) {
      ready = this.#prepare(prepared.sql)
      this.#prepared[prepared.id] = ready
    }
    if (ready.watched.length > 0) this.#tell(ready, prepared.written === undefined ? null : values[prepared.written])
    return this.#execute(ready, values)
  }

  query(sql: string, values: readonly unknown[]): Rows {
    const ready = this.#built.get(sql) ?? this.#prepare(sql)
    this.#built.delete(sql)
    this.#built.set(sql, ready)
    if (this.#built.size > BUILT_STATEMENTS_KEPT) {
      for (const oldest of this.#built.keys()) {
        this.#built.delete(oldest)
        break
      }
    }
    if (ready.watched.length > 0) this.#tell(ready, null)
    return this.#execute(ready, values)
  }

  #tell({ watched }: Ready, id: unknown): void {
    for (const table of watched) this.#onWrite?.(table, id)
  }

  close(): void {
    this.#database.close()
  }

  #prepare(sql: string): Ready {
    this.#watched = []
    const statement = this.#database.prepare(sql)
    const watched = [...new Set(this.#watched)]
    statement.setReturnArrays(true)
    const columns = statement.columns().map(({ name }) => name)
    return { statement, columns, mayWrite: !/^\s*select\b/i.test(sql), watched }
  }

  #execute({ statement, columns, mayWrite }: Ready, values: readonly unknown[]): Rows {
    if (mayWrite) this.#writes += 1
    // The driver itself refuses what SQLite cannot bind, with the position.
    const bound = values as SQLInputValue[]
    if (columns.length === 0) return { rows: [], changes: Number(statement.run(...bound).changes) }
    const rows = statement.all(...bound) as unknown as unknown[][]
    return { rows: rows.map((row) => toObject(columns, row)), changes: 0 }
  }
}

/**
 * The driver can make objects too, but makes each a dictionary: a row of 27 columns took 18 µs to read that way, and 5 µs
 * as an array.
 */
function toObject(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index += 1) row[columns[index] as string] = values[index]
  return row
}
