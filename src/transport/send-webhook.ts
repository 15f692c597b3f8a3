import type { Dispatcher, Pool } from 'undici'
import type { Clock } from '../core/clock.ts'
import { TransportError } from '../core/transport.ts'
import type { WebhookAnswer, WebhookFault, WebhookPost, WebhookTransport } from '../core/webhook-post.ts'
import { createAddressGuard, type Resolve } from './address-guard.ts'
import { createNetworkResolve } from './network-resolver.ts'
import { Pools } from './pools.ts'
import { type Names, planRoute, type Route, reserved } from './route.ts'

export interface WebhookSenderOptions {
  clock: Clock
  /** Default: the machine's name servers, then its hosts file. */
  resolve?: Resolve
  /** Reserved names that stand for a service of our own (sandbox mode). */
  names?: Names
  /** CIDRs of private networks that webhooks may go to. */
  allowNetworks?: readonly string[]
  /** PEM; trusted besides the built-in authorities. */
  certificateAuthorities?: readonly string[]
}

export interface WebhookSender extends WebhookTransport {
  /** Ends every connection, whatever is under way on it. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const LOOK_UP_TIMEOUT_MS = 5_000
const CONNECTIONS_MAX = 16
/** Short, because a server that closes an idle connection just as we write on it looks like one that lost the request. */
const IDLE_MS = { usual: 2_000, most: 4_000 }
const BODY_BYTES_READ = 64 * 1024
const EXCERPT_BYTES = 1024

/**
 * The way to other people's servers. One call is one request: no redirect, no cookie, no proxy, no decompression; the
 * address of every new connection is resolved once, judged, and dialled as it was judged.
 *
 * A reset before any answer on a connection that had been idle says nothing about the server: it closes idle connections
 * when it likes. Only then the request goes out once more, on a connection of its own; whoever got it twice sees the same id.
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { clock, names = new Map(), resolve = createNetworkResolve() } = options
  const guard = createAddressGuard({ resolve, allowNetworks: options.allowNetworks ?? [] })
  const { certificateAuthorities } = options
  const pools = new Pools({
    clock,
    connect: {
      ...{ resolve, guard, names, guardTargets: true },
      ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
    },
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connections: CONNECTIONS_MAX,
    idleMs: IDLE_MS,
  })

  async function repeat(route: Route, request: WebhookPost): Promise<WebhookAnswer> {
    const pool = pools.open(route)
    try {
      return await exchange({ clock, pool, route }, request)
    } finally {
      void pool.destroy()
    }
  }

  return {
    async check(url) {
      const route = planRoute({ url, proxy: null }, names)
      if (route === null) throw new TransportError('unsent', 'address_refused', 'The address is not allowed.')
      if (reserved(names, route.target) !== null) return
      await withinTime(clock, guard.check(route.target))
    },
    async post(request) {
      const route = planRoute({ url: request.url, proxy: null }, names)
      if (route === null) return unanswered('address_refused')
      const pool = pools.of(route, request.endpointId)
      const mayHaveBeenIdle = pool.stats.free > 0
      const beganElapsed = clock.elapsed()
      const answer = await exchange({ clock, pool, route }, request)
      if (!mayHaveBeenIdle || answer.fault !== 'reset' || answer.status !== null) return answer
      const deadlineMs = request.deadlineMs - (clock.elapsed() - beganElapsed)
      return deadlineMs < 1 ? answer : repeat(route, { ...request, deadlineMs })
    },
    close: () => pools.destroy(),
  }
}

function unanswered(fault: WebhookFault): WebhookAnswer {
  return { status: null, fault, retryAfter: null, directive: null, excerpt: '' }
}

async function withinTime(clock: Clock, work: Promise<unknown>): Promise<void> {
  let timer: { cancel(): void } | null = null
  const late = new Promise<never>((_, reject) => {
    timer = clock.after(LOOK_UP_TIMEOUT_MS, () =>
      reject(new TransportError('unsent', 'dns', 'The host name could not be resolved in time.')),
    )
  })
  await Promise.race([work, late]).finally(() => timer?.cancel())
}

function exchange(
  { clock, pool, route }: { clock: Clock; pool: Pool; route: Route },
  request: WebhookPost,
): Promise<WebhookAnswer> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null
    let isWritten = false
    let isSettled = false
    const answer = unanswered('reset')
    const chunks: Uint8Array[] = []
    let length = 0

    const settle = (fault: WebhookFault | null) => {
      if (isSettled) return
      isSettled = true
      timer.cancel()
      request.signal?.removeEventListener('abort', giveUp)
      resolve({ ...answer, fault, excerpt: excerptOf(chunks) })
    }
    /** What is left of the exchange is of no interest any more. */
    const cut = (fault: WebhookFault | null) => {
      settle(fault)
      controller?.abort(new Error('the exchange was ended'))
    }
    const giveUp = () => cut('held_back')
    const timer = clock.after(request.deadlineMs, () => cut('timeout'))
    request.signal?.addEventListener('abort', giveUp)

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        if (isSettled) return started.abort(new Error('the deadline passed before the request was written'))
        if (!request.mayWrite()) return cut('held_back')
        isWritten = true
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return
        answer.status = status
        answer.retryAfter = textOf(headers['retry-after'])
        answer.directive = textOf(headers['webhook-delivery'])
      },
      onResponseData(_controller, chunk) {
        length += chunk.length
        if (length - chunk.length < EXCERPT_BYTES) chunks.push(chunk)
        // What the status says is said; the rest of an endless answer is nobody's business.
        if (length > BODY_BYTES_READ) cut(null)
      },
      onResponseEnd() {
        settle(null)
      },
      onResponseError(_controller, error) {
        settle(isWritten ? 'reset' : unsentFault(error))
      },
    }
    pool.dispatch(
      {
        origin: 'http://route.invalid',
        path: route.path,
        method: 'POST',
        body: request.body,
        headers: { 'accept-encoding': 'identity', ...request.headers, host: route.hostHeader },
      },
      handler,
    )
  })
}

function unsentFault(error: unknown): WebhookFault {
  const kind = error instanceof TransportError ? error.kind : 'connect'
  return kind === 'address_refused' || kind === 'dns' || kind === 'tls' ? kind : 'connect'
}

function excerptOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).subarray(0, EXCERPT_BYTES).toString('utf8')
}

function textOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}
