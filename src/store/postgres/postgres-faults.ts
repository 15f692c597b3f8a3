import pg from 'pg'
import { isUnavailable, storeUnavailable } from '../faults.ts'

/** SQLSTATE classes and codes that are about the server or its load, not about the statement. */
const REASONS: [prefix: string, reason: string][] = [
  ['08', 'the connection to the database was lost'],
  ['25006', 'the database is read-only'],
  ['53100', 'the disk of the database is full'],
  ['53', 'the database has no resources left'],
  ['55P03', 'a lock in the database was not given in time'],
  ['57014', 'the database took too long'],
  ['57P', 'the database is shutting down'],
  ['58', 'the database server has a fault'],
  ['XX', 'the database server has a fault'],
]

const SERIALIZATION_CODES = new Set(['40001', '40P01'])

/** Whether running the same transaction again can succeed (serialization failure, deadlock). */
export function isSerializationFault(error: unknown): boolean {
  return error instanceof pg.DatabaseError && SERIALIZATION_CODES.has(error.code ?? '')
}

/**
 * For errors of `pg` alone, never for what a callback threw. What the server says about a statement stays as it is;
 * everything else is a lost server.
 */
export function explainPostgresFault(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return storeUnavailable('the database cannot be reached', error)
  const reason = REASONS.find(([prefix]) => error.code?.startsWith(prefix))?.[1]
  return reason === undefined ? error : storeUnavailable(reason, error)
}

/** Whether the connection itself is gone or in an unknown state, as `explainPostgresFault` reported it. */
export function isConnectionFault(error: unknown): boolean {
  return isUnavailable(error) && !(error.cause instanceof pg.DatabaseError)
}
