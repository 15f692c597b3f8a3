import type { LookupFunction, Socket } from 'node:net'
import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls, getCACertificates } from 'node:tls'
import { Client } from 'undici'
import type { Proxy } from '../core/transport.ts'
import { TransportError } from '../core/transport.ts'
import type { AddressGuard, Resolve } from './address-guard.ts'
import { type Endpoint, type Names, proxyAuthorization, type Route, reserved } from './route.ts'
import { openSocks5Tunnel } from './socks5.ts'

export interface ConnectDeps {
  resolve: Resolve
  guard: AddressGuard
  names: Names
  /** Whether targets are judged like proxies: yes where a user chose the URL, no where the operator did. */
  guardTargets: boolean
  /** PEM; trusted besides the built-in authorities. */
  certificateAuthorities?: readonly string[]
}

/**
 * Opens the connection on which a route's requests travel. Nothing of a request is written here, so every failure is a
 * `TransportError` that is certain: `unsent`. `signal` bounds all of it, the handshakes included.
 */
export async function openConnection(deps: ConnectDeps, route: Route, signal: AbortSignal): Promise<Socket> {
  let socket: Socket | null = null
  const abort = () => socket?.destroy()
  signal.addEventListener('abort', abort)
  try {
    if (route.proxy !== null) {
      socket = await openProxy(deps, route, route.proxy, signal)
    } else {
      socket = await stage('connect', () => openTarget(deps, route.target, signal))
    }
    const carrier = socket
    if (route.isTargetSecure) socket = await stage('tls', () => secure(deps, carrier, route.target.host))
    if (signal.aborted || socket.destroyed) throw new Error('the connection closed at once')
    return socket
  } catch (error) {
    socket?.destroy()
    throw error instanceof TransportError ? error : failure(route.proxy === null ? 'connect' : 'proxy', error)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function openTarget(deps: ConnectDeps, target: Endpoint, signal: AbortSignal): Promise<Socket> {
  const own = reserved(deps.names, target)
  if (own !== null) return dial(own.host, own.port, [own.host], signal)
  if (deps.guardTargets) return dial(target.host, target.port, await deps.guard.check(target), signal)
  if (isIP(target.host) !== 0) return dial(target.host, target.port, [target.host], signal)
  const addresses = await stage('dns', () => deps.resolve(target.host))
  if (addresses.length === 0) throw new TransportError('unsent', 'dns', 'The host name has no address.')
  return dial(target.host, target.port, addresses, signal)
}

/** A proxy that fails ends here: no branch leads from a route with a proxy to a direct connection. */
async function openProxy(deps: ConnectDeps, route: Route, proxy: Proxy, signal: AbortSignal): Promise<Socket> {
  const socket = await stage('proxy', async () => {
    const own = reserved(deps.names, proxy)
    const endpoint = own ?? proxy
    const addresses = own === null ? await deps.guard.check(proxy) : [own.host]
    const plain = await dial(endpoint.host, endpoint.port, addresses, signal)
    return proxy.protocol === 'https' && own === null ? secure(deps, plain, proxy.host) : plain
  })
  if (route.kind === 'forward') return socket
  const abort = () => socket.destroy()
  signal.addEventListener('abort', abort)
  try {
    await stage('proxy', () =>
      proxy.protocol === 'socks5'
        ? openSocks5Tunnel(socket, proxy, route.target)
        : openConnectTunnel(socket, proxy, route.target, signal),
    )
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Connects to one of the given addresses (the fastest, as RFC 8305 has it) and to nothing else. */
function dial(host: string, port: number, addresses: readonly string[], signal: AbortSignal): Promise<Socket> {
  const lookup: LookupFunction = (_name, _options, answer) =>
    answer(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    )
  const name = addresses.length === 1 && addresses[0] !== undefined ? addresses[0] : host
  return established(
    connectTcp({ host: name, port, lookup, autoSelectFamily: true, noDelay: true, keepAlive: true }),
    'connect',
    signal,
  )
}

function secure(deps: ConnectDeps, socket: Socket, host: string): Promise<Socket> {
  const isAddress = isIP(host) !== 0
  const tls = connectTls({
    socket,
    host,
    ...(isAddress ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    ...(deps.certificateAuthorities === undefined
      ? {}
      : { ca: [...getCACertificates('default'), ...deps.certificateAuthorities] }),
  })
  return established(tls, 'secureConnect')
}

function established(socket: Socket, event: 'connect' | 'secureConnect', signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      signal?.removeEventListener('abort', abort)
      socket.off(event, ready).off('close', closed)
      settle()
    }
    const ready = () => finish(() => resolve(socket))
    const closed = () => finish(() => reject(new Error('the connection was closed')))
    const abort = () => socket.destroy()
    const fail = (error: Error) => finish(() => reject(error))
    // The listener stays: between here and undici's own listener an error must not become an uncaught one.
    socket.once(event, ready).once('close', closed).on('error', fail)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
  })
}

/** One CONNECT on the given socket, read by undici's own parser. */
async function openConnectTunnel(socket: Socket, proxy: Proxy, target: Endpoint, signal: AbortSignal): Promise<void> {
  let isTaken = false
  const client = new Client('http://proxy.invalid', {
    connect: (_options, answer) => {
      // Later, because undici does not look for work again while it is asking for a connection.
      queueMicrotask(() => {
        // Undici would ask again and again for a socket that is dead on arrival.
        if (isTaken || socket.destroyed) return answer(new Error('the proxy hung up'), null)
        isTaken = true
        answer(null, socket)
      })
    },
  })
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const authorization = proxyAuthorization(proxy)
  try {
    const { statusCode } = await client.connect({
      path: authority,
      headers: { host: authority, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) },
      signal,
    })
    if (statusCode === 407) throw new Error('the proxy refused the credentials')
    if (statusCode < 200 || statusCode > 299) throw new Error(`the proxy answered CONNECT with ${statusCode}`)
  } finally {
    client.destroy().catch(() => undefined) // the socket left the client with the answer, so this ends only the client
  }
}

const STAGES = {
  dns: 'The host name could not be resolved.',
  connect: 'The connection could not be opened.',
  tls: 'The TLS handshake failed.',
  proxy: 'The proxy could not be used.',
} as const

async function stage<T>(kind: keyof typeof STAGES, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // A proxy whose name does not resolve is a proxy failure; an address that is refused stays one.
    if (error instanceof TransportError && (kind !== 'proxy' || error.kind === 'address_refused')) throw error
    throw failure(kind, error)
  }
}

function failure(kind: keyof typeof STAGES, cause: unknown): TransportError {
  return new TransportError('unsent', kind, STAGES[kind], cause)
}
