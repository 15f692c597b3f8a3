import type { PreferredWaitMs } from './route.ts'

const WAIT_SECONDS_MAX = 60

/**
 * Reads `Prefer` (RFC 7240): `respond-async` wins over `wait=N`; more than 60 seconds counts as 60. What is unknown or
 * malformed is ignored, as preferences are.
 */
export function parsePrefer(header: string | string[] | undefined): PreferredWaitMs {
  if (header === undefined) return null
  const text = Array.isArray(header) ? header.join(',') : header
  let wait: PreferredWaitMs = null
  for (const part of text.split(',')) {
    const preference = part.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    if (preference === 'respond-async') return 0
    const seconds = /^wait\s*=\s*"?([0-9]{1,6})"?$/.exec(preference)?.[1]
    if (seconds !== undefined && wait === null) wait = Math.min(Number(seconds), WAIT_SECONDS_MAX) * 1000
  }
  return wait
}

/** The `Preference-Applied` header of an answer that followed the caller's wish; nothing where there was none. */
export function preferenceApplied(wait: PreferredWaitMs): Record<string, string> {
  if (wait === null) return {}
  return { 'Preference-Applied': wait === 0 ? 'respond-async' : `wait=${wait / 1000}` }
}
