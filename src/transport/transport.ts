import type { Dispatcher } from 'undici'
import { type Pool, errors as undici } from 'undici'
import type { Clock } from '../core/clock.ts'
import type { Transport, TransportRequest, TransportResponse } from '../core/transport.ts'
import { TransportError } from '../core/transport.ts'
import { createAddressGuard, type Resolve } from './address-guard.ts'
import { ACCEPTED_ENCODINGS, decodeBody } from './decode-body.ts'
import { Pools } from './pools.ts'
import { type Names, planRoute, proxyAuthorization, type Route } from './route.ts'
import { systemResolve } from './system-resolver.ts'

export interface TransportOptions {
  clock: Clock
  /** Default: the system's resolver. */
  resolve?: Resolve
  /** Reserved names that stand for a service of our own (sandbox mode): `host:port` or `host` → where it listens, in plain http. */
  names?: Names
  /** CIDRs of private networks that proxies (and guarded targets) may lie in. */
  allowNetworks?: readonly string[]
  /** `proxies`: the target comes from the operator's configuration. `all`: the target is a user's URL as well. */
  guardAddresses: 'proxies' | 'all'
  /** Bytes of an answer, before and after decompression. */
  bodyBytesMax?: number
  /** PEM; trusted besides the built-in authorities. */
  certificateAuthorities?: readonly string[]
}

export interface OutgoingTransport {
  send: Transport
  /** Lets running exchanges end (their deadlines bound it) and closes every connection. */
  close(): Promise<void>
}

const BODY_BYTES_MAX = 8 * 1024 * 1024
const CONNECT_TIMEOUT_MS = 10_000
/** Connections of one pool; more requests than that wait inside their deadline. */
const CONNECTIONS_MAX = 128

/**
 * The gateway's way out. One call is exactly one request: HTTP/1.1 without pipelining, no retry, no redirect.
 *
 * Certainty rests on one fact about undici: `onRequestStart` is called synchronously before the first byte of a request
 * is handed to a connected socket, and aborting in it writes nothing. So `mayWrite` is asked there, everything that fails
 * earlier is `unsent`, and everything later is `unknown`, also on a kept-alive socket that turns out to be dead.
 */
export function createTransport(options: TransportOptions): OutgoingTransport {
  const { clock, bodyBytesMax = BODY_BYTES_MAX, names = new Map() } = options
  const resolve = options.resolve ?? systemResolve
  const pools = new Pools({
    clock,
    connect: {
      resolve,
      guard: createAddressGuard({ resolve, allowNetworks: options.allowNetworks ?? [] }),
      names,
      guardTargets: options.guardAddresses === 'all',
      ...(options.certificateAuthorities === undefined
        ? {}
        : { certificateAuthorities: options.certificateAuthorities }),
    },
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connections: CONNECTIONS_MAX,
  })
  const running = new Set<Promise<unknown>>()
  let isClosed = false

  return {
    async send(request) {
      const route = planRoute(request, names)
      if (route === null || isClosed) {
        throw new TransportError('unsent', 'connect', isClosed ? 'The transport is closed.' : 'The URL cannot be used.')
      }
      const bytesMax = Math.min(request.bodyBytesMax ?? bodyBytesMax, bodyBytesMax)
      const work = exchange({ clock, pool: pools.of(route), route, bodyBytesMax: bytesMax }, request)
      running.add(work)
      const { status, headers, body } = await work.finally(() => running.delete(work))
      if (status === 407 && route.kind === 'forward') {
        throw new TransportError('unsent', 'proxy', 'The proxy refused the credentials.')
      }
      const decoded = await decodeBody(body, lastOf(headers['content-encoding']), bytesMax)
      return { status, headers, body: decoded }
    },
    async close() {
      isClosed = true
      await Promise.allSettled(running)
      // What is left are connections nobody waits for any more.
      await pools.destroy()
    },
  }
}

interface ExchangeDeps {
  clock: Clock
  pool: Pool
  route: Route
  bodyBytesMax: number
}

/** One request and its answer, still encoded. */
function exchange(deps: ExchangeDeps, request: TransportRequest): Promise<TransportResponse> {
  const { clock, pool, route, bodyBytesMax } = deps
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null
    let isWritten = false
    let isSettled = false
    let status = 0
    let headers: TransportResponse['headers'] = {}
    const chunks: Uint8Array[] = []
    let length = 0

    const settle = (act: () => void) => {
      if (isSettled) return
      isSettled = true
      timer.cancel()
      act()
    }
    const fail = (error: TransportError) => {
      settle(() => reject(error))
      controller?.abort(error)
    }
    const timer = clock.after(request.deadlineMs, () => {
      if (isWritten) fail(new TransportError('unknown', 'timeout', 'No complete answer within the deadline.'))
      else fail(new TransportError('unsent', route.proxy === null ? 'connect' : 'proxy', 'No connection in time.'))
    })

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        if (isSettled) return started.abort(new Error('the deadline passed before the request was written'))
        if (request.mayWrite !== undefined && !request.mayWrite()) {
          return fail(new TransportError('unsent', 'lease', 'The request was held back before it was written.'))
        }
        isWritten = true
      },
      onResponseStart(_controller, code, received) {
        if (code < 200) return
        status = code
        headers = flatten(received)
        if (Number(lastOf(headers['content-length'])) > bodyBytesMax) fail(tooLarge())
      },
      onResponseData(_controller, chunk) {
        length += chunk.length
        if (length > bodyBytesMax) fail(tooLarge())
        else chunks.push(chunk)
      },
      onResponseEnd() {
        settle(() => resolve({ status, headers, body: Buffer.concat(chunks, length) }))
      },
      onResponseError(_controller, error) {
        settle(() => reject(classify(error, isWritten)))
      },
    }
    pool.dispatch(dispatchOptions(route, request), handler)
  })
}

function tooLarge(): TransportError {
  return new TransportError('unknown', 'too_large', 'The answer is too large.')
}

function dispatchOptions(route: Route, request: TransportRequest): Dispatcher.DispatchOptions {
  const authorization = route.kind === 'forward' && route.proxy !== null ? proxyAuthorization(route.proxy) : null
  return {
    origin: 'http://route.invalid',
    path: route.path,
    method: request.method,
    body: request.body ?? null,
    headers: {
      'accept-encoding': ACCEPTED_ENCODINGS,
      ...request.headers,
      host: route.hostHeader,
      ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
    },
  }
}

function classify(error: unknown, isWritten: boolean): TransportError {
  if (!isWritten) {
    if (error instanceof TransportError) return error
    return new TransportError('unsent', 'connect', 'The request could not be sent.', error)
  }
  if (error instanceof undici.HeadersOverflowError) {
    return new TransportError('unknown', 'too_large', 'The headers of the answer are too large.', error)
  }
  return new TransportError('unknown', 'reset', 'The connection broke before the answer was complete.', error)
}

function flatten(received: Record<string, string | string[] | undefined>): TransportResponse['headers'] {
  const headers: TransportResponse['headers'] = {}
  for (const [name, value] of Object.entries(received)) if (value !== undefined) headers[name] = value
  return headers
}

function lastOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
