import { invalidFields } from './errors.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i
const FURTHEST_MS = 366 * 86_400_000

/**
 * Epoch milliseconds of an instant that a request names (RFC 3339), null when it names none. Throws `VALIDATION_ERROR`
 * naming the field unless it lies after `after`, within a year.
 */
export function parseInstant(path: string, text: string | undefined, after: number): number | null {
  const instant = readInstant(path, text)
  if (instant === null) return null
  if (instant <= after) throw invalidFields([{ path, message: 'must be in the future, and expiresAt after sendAt' }])
  if (instant > after + FURTHEST_MS) throw invalidFields([{ path, message: 'must be within a year' }])
  return instant
}

/** The same wherever it lies. */
export function readInstant(path: string, text: string): number
export function readInstant(path: string, text: string | undefined): number | null
export function readInstant(path: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant)) {
    throw invalidFields([{ path, message: 'must be an instant such as 2026-01-31T12:00:00Z' }])
  }
  return instant
}
