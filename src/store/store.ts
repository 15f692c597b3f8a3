import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A connection that reads, or reads and writes inside one transaction. */
export type Db = Kysely<Schema>

/**
 * The storage port, the same over SQLite and PostgreSQL.
 *
 * `work` may run more than once (serialization failures) and, on SQLite, shares its transaction with others, each in its
 * own savepoint: it has no effect outside `tx` and awaits nothing but `tx`.
 */
export interface Store {
  readonly engine: 'sqlite' | 'postgres'
  /** Committed data only. */
  readonly read: Db
  /**
   * Runs `work` in a transaction and resolves when its result is durable. Rejects with what `work` threw, or with
   * `UNAVAILABLE` when the store cannot take writes (full disk, lost connection): then nothing of it was written.
   */
  write<T>(work: (tx: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}
