import pg from 'pg'

const INT8 = 20
const NUMERIC = 1700

/** `bigint` and sums of it are numbers here; one that a number cannot hold is an error, not a rounded value. */
export const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return parseSafeInteger
  if (oid === NUMERIC) return Number
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
}) as typeof pg.types.getTypeParser

function parseSafeInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError('The database holds an integer beyond 2^53.')
  return number
}
