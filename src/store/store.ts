import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A connection that reads, or reads and writes inside one transaction. */
export type Db = Kysely<Schema>

/**
 * The storage port, the same over SQLite and PostgreSQL.
 *
 * `work` may run more than once (serialization failures; on SQLite, where it shares its transaction with others, because
 * one of them failed): it has no effect outside `tx` and awaits nothing but `tx`.
 */
export interface Store {
  readonly engine: 'sqlite' | 'postgres'
  /** Committed data only, and only once it is durable. */
  readonly read: Db
  /**
   * Runs `work` in a transaction and resolves when its result is durable. Rejects with what `work` threw, or with
   * `UNAVAILABLE` when the store cannot take writes (full disk, lost connection): then nothing of it was written, unless
   * the message says that this is not known.
   */
  write<T>(work: (tx: Db) => Promise<T>): Promise<T>
  readonly signals: Signals
  /** Machine time of the database server in epoch milliseconds; null when the store has no server. */
  readServerWall(): Promise<number | null>
  /** Finishes the writes that wait, refuses new ones. */
  close(): Promise<void>
}

/**
 * Wake-ups between processes that share a store. A hint only: one may get lost with a connection, so whoever listens
 * also looks by itself.
 */
export interface Signals {
  /** Sent once `tx` is durable, to listeners here and in every other process. */
  notify(tx: Db, channel: string, payload: string): void
  /** Returns what ends the listening. */
  listen(channel: string, listener: (payload: string) => void): () => void
}
