import { readFileSync } from 'node:fs'
import { Fault } from './option.ts'

export type RequestLimitName = 'login' | 'messages' | 'bulk' | 'actions' | 'comments' | 'follows'

/** At most `limit` requests of a user in any `windowMs` of product time. */
export interface RequestLimit {
  limit: number
  windowMs: number
}

export type RequestLimits = Readonly<Record<RequestLimitName, RequestLimit>>

const MINUTE_MS = 60_000
const LIMIT_MAX = 10_000
const WINDOW_SECONDS_MAX = 86_400

/** The second specification document, "Rate Limiting". */
export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  login: { limit: 5, windowMs: 5 * MINUTE_MS },
  messages: { limit: 30, windowMs: MINUTE_MS },
  bulk: { limit: 5, windowMs: 5 * MINUTE_MS },
  actions: { limit: 50, windowMs: MINUTE_MS },
  comments: { limit: 20, windowMs: MINUTE_MS },
  follows: { limit: 30, windowMs: MINUTE_MS },
}

/** Reads `REQUEST_LIMITS`: JSON, the path of a JSON file, or `off` (null: no limits). */
export function parseRequestLimits(text: string): RequestLimits | null | Fault {
  if (text === 'off') return null
  let source = text
  if (!text.trimStart().startsWith('{')) {
    try {
      source = readFileSync(text, 'utf8')
    } catch {
      return new Fault('must be JSON, the path of a readable JSON file, or off')
    }
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(source)
  } catch {
    return new Fault('holds no valid JSON')
  }
  if (!isRecord(parsed)) return new Fault('must be a JSON object')
  return merge(parsed)
}

function merge(given: Record<string, unknown>): RequestLimits | Fault {
  const limits: Record<RequestLimitName, RequestLimit> = { ...DEFAULT_REQUEST_LIMITS }
  for (const [name, value] of Object.entries(given)) {
    if (!isLimitName(name)) {
      return new Fault(`names ${JSON.stringify(name)}; known are ${Object.keys(DEFAULT_REQUEST_LIMITS).join(', ')}`)
    }
    const limit = isRecord(value) ? value['limit'] : undefined
    const seconds = isRecord(value) ? value['seconds'] : undefined
    if (!isWhole(limit, LIMIT_MAX) || !isWhole(seconds, WINDOW_SECONDS_MAX)) {
      return new Fault(
        `${name} must be {"limit": 1 to ${LIMIT_MAX}, "seconds": 1 to ${WINDOW_SECONDS_MAX}}, whole numbers`,
      )
    }
    limits[name] = { limit, windowMs: seconds * 1000 }
  }
  return limits
}

function isLimitName(name: string): name is RequestLimitName {
  return Object.hasOwn(DEFAULT_REQUEST_LIMITS, name)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
}
