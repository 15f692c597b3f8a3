import type { MachineTime } from '../../src/core/machine-clock.ts'
import { type Connection, createDb, type Prepared, type Rows } from '../../src/store/connection.ts'
import { LocalSignals } from '../../src/store/local-signals.ts'
import { type MigrationTarget, migrate } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations/index.ts'
import { RowMemory } from '../../src/store/row-memory.ts'
import { GroupWriter } from '../../src/store/sqlite/group-writer.ts'
import { SqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { watchRows } from '../../src/store/sqlite/watch-rows.ts'
import type { Db, Store } from '../../src/store/store.ts'

export interface MemoryStore extends Store {
  /** Rises with every group of writes. */
  changes(): number
  /** Bulks whose counts did not add up, or did not fit their queue, after some group of writes. */
  readonly unbalanced: ReadonlySet<string>
}

type Empty = Map<string, Record<string, unknown>[]>

/**
 * The product's SQLite, its group writer and its schema, in memory and on one connection: files and their locks took half
 * of a simulation's time. What a second connection gives in the product, committed data only, is had by patience: a read
 * that falls into a group of writes runs when the group is over. Files, commits and power cuts have tests of their own.
 */
export class MemoryStores {
  readonly #memory = new RowMemory()
  #database: MemoryDatabase | null = null
  #empty: Empty = new Map()

  /** An empty store. There is one at a time: the next is the same database, emptied, with its statements prepared. */
  async open(machine: MachineTime): Promise<MemoryStore> {
    const database = this.#database ?? (await this.#create())
    database.unbalanced.clear()
    restore(database, this.#empty)
    const memory = this.#memory
    const writer = new GroupWriter({ database, memory, flush: async () => {}, machine, onFault: raise })
    return {
      engine: 'sqlite',
      read: createDb(new PatientReads(database, memory)),
      write: <T>(work: (tx: Db) => Promise<T>) => writer.write(work),
      signals: new LocalSignals(),
      readServerWall: async () => null,
      close: () => writer.close(),
      changes: () => database.transactions,
      unbalanced: database.unbalanced,
    }
  }

  async #create(): Promise<MemoryDatabase> {
    const database = new MemoryDatabase(':memory:', [])
    const target: MigrationTarget = {
      locked: (work) => work(async (sql, values = []) => database.query(sql, values).rows),
    }
    await migrate(target, { mode: 'sandbox', migrations: MIGRATIONS })
    watchRows(database, this.#memory)
    this.#empty = contentOf(database)
    this.#database = database
    return database
  }
}

const UNBALANCED = `select id from batches where status <> 'accepting' and settled_at is null and (
  total <> queued + running + succeeded + failed + unconfirmed + canceled + expired + skipped
  or queued <> (select count(*) from actions where batch_id = batches.id and status = 'queued')
)`

/** Tells when a transaction is over, and looks at the counts of bulks whenever one is. */
class MemoryDatabase extends SqliteDatabase {
  readonly #waiting: (() => void)[] = []
  readonly unbalanced = new Set<string>()
  transactions = 0

  override exec(sql: string): void {
    super.exec(sql)
    if (this.isInTransaction) return
    this.transactions += 1
    if (sql === 'commit') {
      for (const row of this.query(UNBALANCED, []).rows) this.unbalanced.add((row as { id: string }).id)
    }
    for (const run of this.#waiting.splice(0)) run()
  }

  whenOver(run: () => void): void {
    this.#waiting.push(run)
  }
}

class PatientReads implements Connection {
  readonly engine = 'sqlite'
  readonly afterCommit = null
  readonly memory: RowMemory
  readonly #database: MemoryDatabase

  constructor(database: MemoryDatabase, memory: RowMemory) {
    this.#database = database
    this.memory = memory
  }

  run(prepared: Prepared, values: readonly unknown[]): Rows | Promise<Rows> {
    return this.#patiently(() => this.#database.run(prepared, values))
  }

  query(sql: string, values: readonly unknown[]): Rows | Promise<Rows> {
    return this.#patiently(() => this.#database.query(sql, values))
  }

  #patiently(read: () => Rows): Rows | Promise<Rows> {
    if (!this.#database.isInTransaction) return read()
    return new Promise((resolve, reject) => {
      this.#database.whenOver(() => {
        try {
          resolve(read())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

function contentOf(database: SqliteDatabase): Empty {
  const names = database.query("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'", [])
  const tables = names.rows.map((row) => (row as { name: string }).name)
  return new Map(
    tables.map((table) => [table, database.query(`select * from ${table}`, []).rows as Record<string, unknown>[]]),
  )
}

function restore(database: SqliteDatabase, content: Empty): void {
  for (const [table, rows] of content) {
    database.query(`delete from ${table}`, [])
    for (const row of rows) {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      database.query(`insert into ${table} (${columns.join(', ')}) values (${places})`, Object.values(row))
    }
  }
}

function raise(error: unknown): void {
  throw error
}
