import { type Call, ConnectionError, GatewayError, type RequestOptions } from './call.ts'
import type { ErrorCode } from './operations.ts'

/** What every request of a client goes through. */
export interface Connection {
  token: string | (() => string | Promise<string>)
  fetch: typeof fetch
  retries: number
  timeoutMs: number
  longestWaitMs: number
  sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** A request that knows its full address. */
export interface Request extends Omit<Call, 'path'> {
  url: string
  headers?: Record<string, string>
}

const BACKOFF_FIRST_MS = 500
const BACKOFF_MAX_MS = 8_000
/** The gateway is busy or restarting, or could not reach Instagram: the same request may succeed. */
const RETRIED_STATUSES = new Set([429, 502, 503, 504])

/**
 * Sends a request, again where that is safe and can help: after a lost connection, 429, 502, 503 and 504, waiting as long as
 * `Retry-After` says. Every POST carries an idempotency key, the same in all tries, so that none is done twice.
 * `read` takes what is needed from a 2xx answer, within the time of the try.
 * Throws `GatewayError`, `ConnectionError`, or the reason of the caller's signal.
 */
export async function sendRequest<T>(
  connection: Connection,
  request: Request,
  options: RequestOptions,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const key = request.method === 'POST' ? (options.idempotencyKey ?? randomKey()) : undefined
  for (let retry = 0; ; retry++) {
    const init = await buildRequest(connection, request, key, options)
    const outcome = await tryOnce(connection, { url: request.url, init }, options, read)
    if ('value' in outcome) return outcome.value
    const waitMs = retry < connection.retries ? retryDelay(outcome.error, retry) : null
    if (waitMs === null || waitMs > connection.longestWaitMs) throw outcome.error
    await connection.sleep(waitMs, options.signal)
  }
}

async function buildRequest(
  { token }: Connection,
  { method, body, headers }: Request,
  key: string | undefined,
  options: RequestOptions,
): Promise<RequestInit> {
  return {
    method,
    // A redirect would carry the token to wherever it points.
    redirect: 'error',
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${typeof token === 'function' ? await token() : token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(options.waitMs === undefined ? {} : { prefer: preference(options.waitMs) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

function preference(waitMs: number): string {
  return waitMs === 0 ? 'respond-async' : `wait=${Math.ceil(waitMs / 1000)}`
}

async function tryOnce<T>(
  connection: Connection,
  { url, init }: { url: string; init: RequestInit },
  { signal, timeoutMs = connection.timeoutMs }: RequestOptions,
  read: (response: Response) => Promise<T>,
): Promise<{ value: T } | { error: GatewayError | ConnectionError }> {
  signal?.throwIfAborted()
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  const onAbort = () => ended.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const response = await connection.fetch(url, { ...init, signal: ended.signal })
    return response.ok ? { value: await read(response) } : { error: await readRefusal(response) }
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason
    return { error: new ConnectionError(`${init.method} ${url} was not answered`, { cause }) }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** How long to wait before the next try; null where one would not help. */
function retryDelay(error: GatewayError | ConnectionError, retry: number): number | null {
  const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** retry) * (0.5 + Math.random() / 2)
  if (error instanceof ConnectionError) return backoffMs
  // A stored answer stays what it is.
  if (error.isReplayed) return null
  const isRetried = RETRIED_STATUSES.has(error.status) || error.code === 'IDEMPOTENCY_KEY_IN_USE'
  return isRetried ? (error.retryAfterMs ?? backoffMs) : null
}

/** Both APIs' failures: the second one's `error` and `code`, the first one's `message` and `error_code`. */
async function readRefusal(response: Response): Promise<GatewayError> {
  const body = asRecord(parseJson(await response.text()))
  const code = body['code'] ?? body['error_code']
  const message = body['error'] ?? body['message']
  return new GatewayError(typeof message === 'string' ? message : `The answer was ${response.status}.`, {
    status: response.status,
    code: typeof code === 'string' ? (code as ErrorCode) : 'UNKNOWN',
    requestId: response.headers.get('x-request-id') ?? undefined,
    details: asRecord(body['details'] ?? body['errors']),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    isReplayed: response.headers.get('idempotent-replayed') === 'true',
  })
}

/** Seconds, or, from a proxy on the way, a date. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A proxy on the way answers with a page of its own.
    return null
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** `crypto.randomUUID` is missing from pages without https. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
