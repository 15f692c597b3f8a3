import { closeSync, fdatasync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MachineTime } from '../../core/machine-clock.ts'
import { type Connection, createDb, type Prepared, type Rows } from '../connection.ts'
import { StoreRefusal } from '../faults.ts'
import { LocalSignals } from '../local-signals.ts'
import { makeDirectory } from '../make-directory.ts'
import type { MigrationTarget } from '../migrate.ts'
import { RowMemory } from '../row-memory.ts'
import type { Db, Store } from '../store.ts'
import { GroupWriter } from './group-writer.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { explainSqliteFault, isReadOnlyFault } from './sqlite-faults.ts'
import { watchRows } from './watch-rows.ts'

/** Two processes may start at once and wait for each other's migrations. */
const START_BUSY_MS = 10_000
/**
 * Nobody else writes once we hold the directory's lock, except a person with a tool. Waiting stops the event loop, so
 * it is short; the group is then refused with `UNAVAILABLE`.
 */
const BUSY_MS = 100

const PRAGMAS = [
  `busy_timeout = ${START_BUSY_MS}`,
  'journal_mode = wal',
  // While the schema is brought up to date a commit returns when it is on the disk.
  'synchronous = full',
  // 16 MB of WAL between checkpoints. They stop the event loop while they copy pages back: 60 ms with 80 MB. Smaller ones
  // copy more in all, which hardly shows.
  'wal_autocheckpoint = 4000',
  'temp_store = memory',
]

/**
 * From then on a commit returns before its log is on the disk; the group writer flushes it before anybody is told. Not
 * `off`: checkpoints and the beginning of a new log still wait for the disk inside SQLite, which what is on it relies on.
 */
const WRITING_PRAGMAS = [`busy_timeout = ${BUSY_MS}`, 'synchronous = normal']

interface SqliteStoreDeps {
  machine: MachineTime
  flushLog: FlushLog
  onFault: (error: unknown) => void
  /** Runs before anything else may use the store. */
  prepare: (target: MigrationTarget) => Promise<void>
}

/** Opens (and creates) the database file. Rejects with `StoreRefusal` when it cannot be opened. */
export async function openSqliteStore(file: string, deps: SqliteStoreDeps): Promise<Store> {
  const { machine, onFault, prepare, flushLog } = deps
  const writing = open(file, PRAGMAS)
  try {
    await prepare(sqliteMigrationTarget(writing))
    for (const pragma of WRITING_PRAGMAS) writing.exec(`pragma ${pragma}`)
    const memory = new RowMemory()
    watchRows(writing, memory)
    const reading = open(file, [`busy_timeout = ${BUSY_MS}`, 'query_only = on', 'temp_store = memory'])
    // Made by the migration's first look at the latest, and never replaced while a connection is open. SQLite locks other
    // files than this one, so closing it gives none of its locks away.
    const log = openSync(`${file}-wal`, 'r+')
    const writer = new GroupWriter({ database: writing, memory, flush: () => flushLog(log), machine, onFault })
    return new SqliteStore({ writing, reading, log, memory, writer })
  } catch (error) {
    writing.close()
    throw explainSqliteFault(error) === error ? error : refuseToOpen(file, error)
  }
}

interface SqliteParts {
  writing: SqliteDatabase
  reading: SqliteDatabase
  /** The write-ahead log, open for flushing. */
  log: number
  memory: RowMemory
  writer: GroupWriter
}

class SqliteStore implements Store {
  readonly engine = 'sqlite'
  readonly read: Db
  readonly signals = new LocalSignals()
  readonly #parts: SqliteParts
  #closing: Promise<void> | null = null

  constructor(parts: SqliteParts) {
    this.#parts = parts
    this.read = createDb(new ReadConnection(parts))
  }

  write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return this.#parts.writer.write(work)
  }

  async readServerWall(): Promise<null> {
    return null
  }

  close(): Promise<void> {
    const { writer, reading, writing, log } = this.#parts
    this.#closing ??= writer.close().then(() => {
      closeSync(log)
      // Last: the connection that closes last moves the WAL into the file, and a reader cannot.
      reading.close()
      writing.close()
    })
    return this.#closing
  }
}

class ReadConnection implements Connection {
  readonly engine = 'sqlite'
  readonly afterCommit = null
  readonly memory: RowMemory
  readonly #database: SqliteDatabase
  readonly #writer: GroupWriter

  constructor({ reading, memory, writer }: SqliteParts) {
    this.#database = reading
    this.memory = memory
    this.#writer = writer
  }

  run(prepared: Prepared, values: readonly unknown[]): Rows | Promise<Rows> {
    try {
      return this.#onceDurable(this.#database.run(prepared, values))
    } catch (error) {
      throw explainReadFault(error)
    }
  }

  query(sql: string, values: readonly unknown[]): Rows | Promise<Rows> {
    try {
      return this.#onceDurable(this.#database.query(sql, values))
    } catch (error) {
      throw explainReadFault(error)
    }
  }

  /** What was read may be of a group whose log is still being flushed: nobody sees it before it can no longer be lost. */
  #onceDurable(rows: Rows): Rows | Promise<Rows> {
    const { durable } = this.#writer
    return durable === null ? rows : durable.then(() => rows)
  }
}

/** Writing through `read` is our bug, not a read-only disk. */
function explainReadFault(error: unknown): unknown {
  return isReadOnlyFault(error) ? error : explainSqliteFault(error)
}

/** Resolves once all that was written to the file is on the disk. */
export type FlushLog = (file: number) => Promise<void>

/** Off this thread, by the system's own call. */
export const flushToDisk: FlushLog = (file) =>
  new Promise((resolve, reject) => {
    fdatasync(file, (error) => (error === null ? resolve() : reject(error)))
  })

function sqliteMigrationTarget(database: SqliteDatabase): MigrationTarget {
  return {
    async locked(work) {
      database.exec('begin immediate')
      try {
        const result = await work(async (sql, values = []) => database.query(sql, values).rows)
        database.exec('commit')
        return result
      } catch (error) {
        if (database.isInTransaction) database.exec('rollback')
        throw error
      }
    },
  }
}

function open(file: string, pragmas: readonly string[]): SqliteDatabase {
  try {
    makeDirectory(dirname(file))
    return new SqliteDatabase(file, pragmas)
  } catch (error) {
    throw refuseToOpen(file, error)
  }
}

function refuseToOpen(file: string, error: unknown): StoreRefusal {
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreRefusal('cannot_open', `The database ${file} cannot be opened: ${reason}.`, error)
}
