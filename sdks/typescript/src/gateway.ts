import { type Answer, type Call, ConnectionError, type RequestOptions, type ServerEvent } from './call.ts'
import { followEvents } from './event-stream.ts'
import { Operations } from './operations.ts'
import { type Connection, sendRequest } from './send-request.ts'

const V2_BASE = '/api/v2/instagram'
/** Longer than the longest that the gateway takes: a login with its largest `timeout`. */
const TIMEOUT_MS = 130_000

export interface GatewayOptions {
  /** Where the gateway is, e.g. `http://127.0.0.1:3000`; the base URL of its API does as well. */
  url: string
  /** A JWT, or what gives a current one. */
  token: string | (() => string | Promise<string>)
  /** Further tries of a request, where they are safe and can help; 3 by default. */
  retries?: number
  /** Milliseconds for each try; 130,000 by default. */
  timeoutMs?: number
  /**
   * The longest `Retry-After` that is waited for; 60,000 ms by default. What must wait longer, as for an account that has
   * reached its daily limit, is thrown.
   */
  longestWaitMs?: number
  /** Instead of the platform's. */
  fetch?: typeof fetch
  /** Instead of a timer, for tests: resolves after `ms`, rejects when the signal aborts. */
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** A gateway as one user sees it: every operation of its API as a method. */
export class Gateway extends Operations {
  readonly #origin: string
  readonly #connection: Connection

  constructor(options: GatewayOptions) {
    super()
    this.#origin = options.url.replace(/\/+$/, '').replace(new RegExp(`${V2_BASE}$`), '')
    this.#connection = connectionOf(options)
  }

  protected override send<T>(call: Call, options: RequestOptions = {}): Promise<Answer<T>> {
    return sendRequest(this.#connection, this.#request(call), options, (response) => readAnswer<T>(response))
  }

  protected override async *pages<T>(
    page: (cursor: string | undefined) => Promise<Answer<T[]>>,
  ): AsyncGenerator<T, void, void> {
    let cursor: string | undefined
    do {
      const { data, pagination } = await page(cursor)
      yield* data
      cursor = pagination?.nextCursor
    } while (cursor !== undefined)
  }

  protected override stream<T>(call: Call, options: RequestOptions = {}): AsyncGenerator<ServerEvent<T>, void, void> {
    const connect = async (lastEventId: string | undefined) => {
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      }
      const request = { ...this.#request(call), headers }
      return sendRequest(this.#connection, request, options, async ({ status, body }) => (status === 204 ? null : body))
    }
    return followEvents<T>(connect, (ms) => this.#connection.sleep(ms, options.signal))
  }

  #request({ path, query, ...rest }: Call) {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined && value !== null) parameters.set(name, String(value))
    }
    const text = parameters.toString()
    return { ...rest, url: `${this.#origin}${path}${text === '' ? '' : `?${text}`}` }
  }
}

/** The parts of a client's options that its requests need, with their defaults. */
export function connectionOf(options: Omit<GatewayOptions, 'url'>): Connection {
  return {
    token: options.token,
    // Browsers refuse a `fetch` that was taken from its window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    retries: options.retries ?? 3,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    longestWaitMs: options.longestWaitMs ?? 60_000,
    sleep: options.sleep ?? sleep,
  }
}

async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('success' in body)) {
    throw new ConnectionError('What answered was not the gateway.')
  }
  // The gateway's own suite compares its answers with the document that these types come from.
  const { data, message, pagination } = body as unknown as Answer<T>
  return {
    ...{ data, message, pagination },
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
    isReplayed: response.headers.get('idempotent-replayed') === 'true',
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
