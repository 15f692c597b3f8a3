import { Pool } from 'undici'
import type { Clock } from '../core/clock.ts'
import { type ConnectDeps, openConnection } from './connect.ts'
import type { Route } from './route.ts'

/** Pools kept, one a target, proxy and sharer; the one unused for longest is let go. */
const POOLS_MAX = 1_000
const HEADER_BYTES_MAX = 64 * 1024

interface PoolsOptions {
  clock: Clock
  connect: ConnectDeps
  /** Machine time for opening one connection, handshakes included. */
  connectTimeoutMs: number
  /** Connections of one pool; more requests than that wait inside their deadline. */
  connections: number
  /** How long an idle connection is kept, where the other side names no time, and at most. Default: undici's own. */
  idleMs?: { usual: number; most: number }
}

/** Connections by route: HTTP/1.1 without pipelining, every one of them opened by `openConnection`. */
export class Pools {
  readonly #options: PoolsOptions
  readonly #pools = new Map<string, Pool>()
  /** Connections being opened, so that closing can give them up. */
  readonly #connecting = new Set<AbortController>()

  constructor(options: PoolsOptions) {
    this.#options = options
  }

  /** `sharer` = who shares these connections; requests of others on the same route have their own. */
  of(route: Route, sharer = ''): Pool {
    const key = `${sharer} ${route.key}`
    const pool = this.#pools.get(key) ?? this.open(route)
    this.#pools.delete(key)
    this.#pools.set(key, pool)
    for (const [oldestKey, oldest] of this.#pools) {
      if (this.#pools.size <= POOLS_MAX) break
      this.#pools.delete(oldestKey)
      void oldest.close()
    }
    return pool
  }

  /** A pool that nobody else uses; the caller destroys it. */
  open(route: Route): Pool {
    const { clock, connect, connections, connectTimeoutMs, idleMs } = this.#options
    // The origin is never dialled or shown: the connection comes from `openConnection`, TLS included, and `Host` is explicit.
    return new Pool('http://route.invalid', {
      connections,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      // Each exchange has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(idleMs === undefined ? {} : { keepAliveTimeout: idleMs.usual, keepAliveMaxTimeout: idleMs.most }),
      connect: (_options, answer) => {
        const patience = new AbortController()
        const timer = clock.after(connectTimeoutMs, () => patience.abort())
        this.#connecting.add(patience)
        openConnection(connect, route, patience.signal)
          .then(
            (socket) => answer(null, socket),
            (error: Error) => answer(error, null),
          )
          .finally(() => {
            timer.cancel()
            this.#connecting.delete(patience)
          })
      },
    })
  }

  /** Ends every connection at once. */
  async destroy(): Promise<void> {
    for (const patience of this.#connecting) patience.abort()
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
    this.#pools.clear()
  }
}
