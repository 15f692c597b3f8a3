import { crashPoint } from '../core/crash-point.ts'
import { StoreRefusal } from './faults.ts'

/** One numbered step of the schema's history; immutable once released. */
export interface Migration {
  /** `0001-foundation`: names sort in the order of the steps. */
  name: string
  /** Breaking = processes of earlier versions cannot work with the result, and refuse to start on it. */
  breaking: boolean
  /** Portable between SQLite and PostgreSQL; all of them take place or none. */
  statements: readonly string[]
}

export type StoreMode = 'sandbox' | 'live'

type Execute = (sql: string, values?: readonly unknown[]) => Promise<unknown[]>

/** How an engine lets one process at a time change the schema. */
export interface MigrationTarget {
  /** Runs `work` in a transaction that holds the lock against every other process doing the same. */
  locked<T>(work: (execute: Execute) => Promise<T>): Promise<T>
}

/**
 * Brings the store to this version. Two processes that start together are safe: each step takes the lock first and only
 * then looks what has been done. Rejects with `StoreRefusal` when the store belongs to the other mode, or when a newer
 * version has changed it in a way that this one does not understand.
 */
export async function migrate(
  target: MigrationTarget,
  { mode, migrations }: { mode: StoreMode; migrations: readonly Migration[] },
): Promise<void> {
  const done = await target.locked(async (execute) => {
    await execute('create table if not exists meta (key text primary key, value text not null)')
    const facts = await readFacts(execute)
    await stampMode(execute, facts, mode)
    refuseNewerSchema(facts, migrations)
    return facts
  })
  for (const migration of migrations) {
    if (done.has(factOf(migration.name))) continue
    await target.locked(async (execute) => {
      const facts = await readFacts(execute)
      if (facts.has(factOf(migration.name))) return
      refuseNewerSchema(facts, migrations)
      for (const statement of migration.statements) await execute(statement)
      crashPoint('mid-migration')
      await writeFact(execute, factOf(migration.name), migration.breaking ? 'breaking' : 'compatible')
    })
  }
}

const MIGRATION = 'migration/'

function factOf(name: string): string {
  return MIGRATION + name
}

async function stampMode(execute: Execute, facts: Map<string, string>, mode: StoreMode): Promise<void> {
  const stamp = facts.get('mode')
  if (stamp === undefined) {
    await writeFact(execute, 'mode', mode)
  } else if (stamp !== mode) {
    throw new StoreRefusal(
      'other_mode',
      `This store belongs to ${stamp} mode and INSTAGRAM_MODE is ${mode}: choose another DATA_DIR or DATABASE_URL, or set INSTAGRAM_MODE=${stamp}.`,
    )
  }
}

function refuseNewerSchema(facts: Map<string, string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map(({ name }) => factOf(name)))
  for (const [key, value] of facts) {
    if (!key.startsWith(MIGRATION) || known.has(key) || value !== 'breaking') continue
    throw new StoreRefusal(
      'newer_schema',
      `A newer version has changed this store (${key.slice(MIGRATION.length)}) so that this one cannot work with it: start the newer version, or restore a backup from before the upgrade.`,
    )
  }
}

async function readFacts(execute: Execute): Promise<Map<string, string>> {
  const rows = (await execute('select key, value from meta')) as { key: string; value: string }[]
  return new Map(rows.map(({ key, value }) => [key, value]))
}

/** Both are constants of the program, never input. */
async function writeFact(execute: Execute, key: string, value: string): Promise<void> {
  await execute(`insert into meta (key, value) values ('${key}', '${value}')`)
}
