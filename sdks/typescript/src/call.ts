import type { ErrorCode } from './operations.ts'

/** One request of an operation. */
export interface Call {
  method: string
  /** From the root, encoded. */
  path: string
  query?: object | undefined
  body?: unknown
}

export interface RequestOptions {
  /**
   * Names this request for 24 hours: sent again, it is not done again. Every POST gets a key of its own anyway, which makes
   * its retries safe; give yours to be safe across restarts of your program, too.
   */
  idempotencyKey?: string | undefined
  /** How long the answer may wait for the result: milliseconds, in whole seconds, 60,000 at most; 0 = answer at once. */
  waitMs?: number | undefined
  /** Ends the call, with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Of each try; instead of the client's. */
  timeoutMs?: number | undefined
}

/** What the gateway said. */
export interface Answer<T> {
  data: T
  message: string | undefined
  /** Of lists. */
  pagination: { limit: number; offset?: number; nextCursor?: string; hasMore: boolean } | undefined
  /** 200 = done, 202 = accepted: the outcome is still to come. */
  status: number
  /** Names the request in the gateway's log. */
  requestId: string | undefined
  /** Whether this is the stored answer of an earlier request with the same idempotency key. */
  isReplayed: boolean
}

export interface ServerEvent<T> {
  id: string
  type: string
  data: T
}

/** The gateway refused. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  /** HTTP status. */
  readonly status: number
  /** Stable; `UNKNOWN` when what answered was not the gateway. */
  readonly code: ErrorCode | 'UNKNOWN'
  readonly requestId: string | undefined
  readonly details: Record<string, unknown>
  /** When the same request may succeed, as far as the gateway knows. */
  readonly retryAfterMs: number | undefined
  readonly isReplayed: boolean

  constructor(message: string, facts: Omit<GatewayError, keyof Error>) {
    super(message)
    this.status = facts.status
    this.code = facts.code
    this.requestId = facts.requestId
    this.details = facts.details
    this.retryAfterMs = facts.retryAfterMs
    this.isReplayed = facts.isReplayed
  }
}

/** The gateway was not reached, or its answer was lost; `cause` has the reason. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}
