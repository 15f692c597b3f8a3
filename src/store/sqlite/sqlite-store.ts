import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MachineTime } from '../../core/machine-clock.ts'
import { type Connection, createDb, type Prepared, type Rows } from '../connection.ts'
import { StoreRefusal } from '../faults.ts'
import { LocalSignals } from '../local-signals.ts'
import type { MigrationTarget } from '../migrate.ts'
import type { Db, Store } from '../store.ts'
import { GroupWriter } from './group-writer.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { explainSqliteFault, isReadOnlyFault } from './sqlite-faults.ts'

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
  // A commit returns when its WAL frames are on the disk, so what we acknowledge survives loss of power.
  'synchronous = full',
  // 80 MB of WAL between checkpoints: copying pages back costs more than reading a longer WAL.
  'wal_autocheckpoint = 20000',
  'temp_store = memory',
]

interface SqliteStoreDeps {
  machine: MachineTime
  onFault: (error: unknown) => void
  /** Runs before anything else may use the store. */
  prepare: (target: MigrationTarget) => Promise<void>
}

/** Opens (and creates) the database file. Rejects with `StoreRefusal` when it cannot be opened. */
export async function openSqliteStore(file: string, { machine, onFault, prepare }: SqliteStoreDeps): Promise<Store> {
  const writing = open(file, PRAGMAS)
  try {
    await prepare(sqliteMigrationTarget(writing))
    writing.exec(`pragma busy_timeout = ${BUSY_MS}`)
    const reading = open(file, [`busy_timeout = ${BUSY_MS}`, 'query_only = on', 'temp_store = memory'])
    return new SqliteStore(writing, reading, new GroupWriter({ database: writing, machine, onFault }))
  } catch (error) {
    writing.close()
    throw explainSqliteFault(error) === error ? error : refuseToOpen(file, error)
  }
}

class SqliteStore implements Store {
  readonly engine = 'sqlite'
  readonly read: Db
  readonly signals = new LocalSignals()
  readonly #writing: SqliteDatabase
  readonly #reading: SqliteDatabase
  readonly #writer: GroupWriter
  #closing: Promise<void> | null = null

  constructor(writing: SqliteDatabase, reading: SqliteDatabase, writer: GroupWriter) {
    this.#writing = writing
    this.#reading = reading
    this.#writer = writer
    this.read = createDb(new ReadConnection(reading))
  }

  write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return this.#writer.write(work)
  }

  async readServerWall(): Promise<null> {
    return null
  }

  close(): Promise<void> {
    this.#closing ??= this.#writer.close().then(() => {
      // Last: the connection that closes last moves the WAL into the file, and a reader cannot.
      this.#reading.close()
      this.#writing.close()
    })
    return this.#closing
  }
}

class ReadConnection implements Connection {
  readonly engine = 'sqlite'
  readonly afterCommit = null
  readonly #database: SqliteDatabase

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  run(prepared: Prepared, values: readonly unknown[]): Rows {
    try {
      return this.#database.run(prepared, values)
    } catch (error) {
      throw explainReadFault(error)
    }
  }

  query(sql: string, values: readonly unknown[]): Rows {
    try {
      return this.#database.query(sql, values)
    } catch (error) {
      throw explainReadFault(error)
    }
  }
}

/** Writing through `read` is our bug, not a read-only disk. */
function explainReadFault(error: unknown): unknown {
  return isReadOnlyFault(error) ? error : explainSqliteFault(error)
}

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
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return new SqliteDatabase(file, pragmas)
  } catch (error) {
    throw refuseToOpen(file, error)
  }
}

function refuseToOpen(file: string, error: unknown): StoreRefusal {
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreRefusal('cannot_open', `The database ${file} cannot be opened: ${reason}.`, error)
}
