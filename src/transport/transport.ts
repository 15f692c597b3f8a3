import type { Dispatcher } from 'undici'
import { Pool, errors as undici } from 'undici'
import type { Clock } from '../core/clock.ts'
import type { Transport, TransportRequest, TransportResponse } from '../core/transport.ts'
import { TransportError } from '../core/transport.ts'
import { type AddressGuard, createAddressGuard, type Resolve } from './address-guard.ts'
import { openConnection } from './connect.ts'
import { ACCEPTED_ENCODINGS, decodeBody } from './decode-body.ts'
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
const HEADER_BYTES_MAX = 64 * 1024
const CONNECT_TIMEOUT_MS = 10_000
/** Connections of one pool; more requests than that wait inside their deadline. */
const CONNECTIONS_MAX = 128
/** Pools kept, one a target and proxy; the one unused for longest is let go. */
const POOLS_MAX = 1_000

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
  const guard = createAddressGuard({ resolve, allowNetworks: options.allowNetworks ?? [] })
  const pools = new Map<string, Pool>()
  const running = new Set<Promise<unknown>>()
  const connecting = new Set<AbortController>()
  let isClosed = false

  function poolOf(route: Route): Pool {
    const known = pools.get(route.key)
    const pool = known ?? openPool({ options, guard, resolve, connecting }, route)
    pools.delete(route.key)
    pools.set(route.key, pool)
    for (const [key, oldest] of pools) {
      if (pools.size <= POOLS_MAX) break
      pools.delete(key)
      void oldest.close()
    }
    return pool
  }

  return {
    async send(request) {
      const route = planRoute(request, names)
      if (route === null || isClosed) {
        throw new TransportError('unsent', 'connect', isClosed ? 'The transport is closed.' : 'The URL cannot be used.')
      }
      const bytesMax = Math.min(request.bodyBytesMax ?? bodyBytesMax, bodyBytesMax)
      const work = exchange({ clock, pool: poolOf(route), route, bodyBytesMax: bytesMax }, request)
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
      for (const patience of connecting) patience.abort()
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

interface PoolDeps {
  options: TransportOptions
  guard: AddressGuard
  resolve: Resolve
  /** Connections being opened, so that closing can give them up. */
  connecting: Set<AbortController>
}

function openPool({ options, guard, resolve, connecting }: PoolDeps, route: Route): Pool {
  const deps = {
    resolve,
    guard,
    names: options.names ?? new Map(),
    guardTargets: options.guardAddresses === 'all',
    ...(options.certificateAuthorities === undefined ? {} : { certificateAuthorities: options.certificateAuthorities }),
  }
  // The origin is never dialled or shown: the connection comes from `openConnection`, TLS included, and `Host` is explicit.
  return new Pool('http://route.invalid', {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Each exchange has its own deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, answer) => {
      const patience = new AbortController()
      const timer = options.clock.after(CONNECT_TIMEOUT_MS, () => patience.abort())
      connecting.add(patience)
      openConnection(deps, route, patience.signal)
        .then(
          (socket) => answer(null, socket),
          (error: Error) => answer(error, null),
        )
        .finally(() => {
          timer.cancel()
          connecting.delete(patience)
        })
    },
  })
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
