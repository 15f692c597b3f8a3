import { storeUnavailable } from '../faults.ts'

/** Primary result codes of SQLite that are about the file or the machine, not about the statement. */
const REASONS: Record<number, string> = {
  5: 'the database is locked by another process',
  6: 'the database is locked',
  7: 'there is not enough memory',
  8: 'the database is read-only',
  10: 'the disk failed',
  11: 'the database file is damaged',
  13: 'the disk is full',
  14: 'the database file cannot be opened',
  15: 'the database is locked',
  26: 'the database file is damaged',
}

/** SQLite's primary result code, or null when `error` does not come from SQLite. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  return error.errcode & 0xff
}

/** `UNAVAILABLE` for faults of file and machine; anything else (a violated constraint, our bug) stays as it is. */
export function explainSqliteFault(error: unknown): unknown {
  const reason = REASONS[sqliteCode(error) ?? 0]
  return reason === undefined ? error : storeUnavailable(reason, error)
}

export function isReadOnlyFault(error: unknown): boolean {
  return sqliteCode(error) === 8
}
