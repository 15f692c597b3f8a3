import { type MachineTime, machineTime } from '../core/machine-clock.ts'
import { type Migration, type MigrationTarget, migrate, type StoreMode } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { type FlushLog, flushToDisk, openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'

/** SQLite in a file, or the PostgreSQL server that a URL names. */
export type StoreLocation = { file: string } | { url: string }

export type OpenStoreOptions = StoreLocation & {
  mode: StoreMode
  /** Told about faults that no caller hears of: a stalled group, a signal that threw, a lost connection. */
  onFault?: (error: unknown) => void
  /** Most connections that PostgreSQL gets from this process. */
  connectionsMax?: number
  /** How SQLite's log gets to the disk; a test may hold it up, or fail. */
  flushLog?: FlushLog
  machine?: MachineTime
  migrations?: readonly Migration[]
}

/**
 * Opens the store and brings its schema to this version. Rejects with `StoreRefusal` when the process may not start on
 * it. Whoever opens a file owns its directory (`openDataDir`).
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { mode, machine = machineTime, onFault = () => {}, migrations = MIGRATIONS, connectionsMax = 20 } = options
  const { flushLog = flushToDisk } = options
  const prepare = (target: MigrationTarget) => migrate(target, { mode, migrations })
  if ('file' in options) return openSqliteStore(options.file, { machine, onFault, prepare, flushLog })
  // Loaded here only: a process on SQLite does not pay for the driver.
  const { openPostgresStore } = await import('./postgres/postgres-store.ts')
  return openPostgresStore(options.url, { machine, onFault, prepare, connectionsMax })
}
