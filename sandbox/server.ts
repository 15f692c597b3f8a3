import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../src/core/clock.ts'
import { type Answer, CONTROL_PREFIX, type SandboxRequest, type SandboxResponse } from './exchange.ts'
import { askForProxyLogin, checkConnect, checkProxied, refuseTunnel } from './proxy.ts'

export interface ListenOptions {
  port?: number
  host?: string
}

export interface Listening {
  host: string
  port: number
  url: string
  /** Cuts every connection: a simulated outside owes nobody a farewell. */
  close(): Promise<void>
}

export interface ServerParts {
  handle(request: SandboxRequest): Promise<SandboxResponse>
  clock: Clock
}

const BODY_BYTES_MAX = 64 * 1024 * 1024
const KEEP_ALIVE_MS = 60_000

/**
 * The HTTP side: one listener as plain origin and as forward proxy. It is `node:http` without a framework because its
 * work is to be fast and, when told, rude: connections that die, answers that stop in the middle.
 */
export function listen(parts: ServerParts, { port = 0, host = '127.0.0.1' }: ListenOptions): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  const tunnels = new Set<Duplex>()
  server.on('request', (request, response) => receive(parts, server, request, response))
  server.on('connect', (request, socket, head) => tunnel({ server, tunnels }, { request, socket, head }))
  server.on('clientError', (_error, socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = portOf(server)
      const shownHost = host.includes(':') ? `[${host}]` : host
      resolve({ host, port: bound, url: `http://${shownHost}:${bound}`, close: () => close(server, tunnels) })
    })
  })
}

function close(server: Server, tunnels: Set<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
    for (const socket of tunnels) socket.destroy()
  })
}

function receive(parts: ServerParts, server: Server, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) request.destroy()
    else chunks.push(chunk)
  })
  request.on('error', () => response.destroy())
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    answer(parts, server, { request, response, body: body ?? Buffer.alloc(0) }).catch((error: unknown) => {
      // A bug of ours: say so where a developer of the sandbox looks, and let the client see a server in trouble.
      process.emitWarning(error instanceof Error ? error : new Error(String(error)))
      write(response, { kind: 'answered', status: 500, headers: {}, body: '' })
    })
  })
}

async function answer(
  parts: ServerParts,
  server: Server,
  { request, response, body }: { request: IncomingMessage; response: ServerResponse; body: Buffer },
): Promise<void> {
  const url = request.url ?? '/'
  const proxied = url.startsWith('/') ? null : checkProxied(url, request.headers['proxy-authorization'], portOf(server))
  if (proxied?.type === 'login_needed') return write(response, askForProxyLogin())
  if (proxied?.type === 'forbidden') return write(response, forbidden('The sandbox is a proxy to itself only.'))
  const target = proxied?.url ?? url
  if (target.startsWith(CONTROL_PREFIX) && (proxied !== null || !isLocal(request))) {
    return write(response, forbidden('The control face answers on loopback only.'))
  }
  const said = await parts.handle({
    method: request.method ?? 'GET',
    url: target,
    headers: request.headers,
    body,
    ...(request.socket.remotePort === undefined ? {} : { remotePort: request.socket.remotePort }),
  })
  say(parts.clock, { request, response }, said)
}

function say(
  clock: Clock,
  connection: { request: IncomingMessage; response: ServerResponse },
  said: SandboxResponse,
): void {
  const { request, response } = connection
  switch (said.kind) {
    case 'answered':
      write(response, said)
      return
    case 'closed':
      request.socket.destroy()
      return
    case 'truncated': {
      const body = Buffer.from(said.answer.body)
      response.writeHead(said.answer.status, { ...said.answer.headers, 'content-length': body.length })
      response.write(body.subarray(0, said.sentBytes), () => request.socket.destroy())
      return
    }
    case 'delayed':
      if (said.ms !== null) {
        const timer = clock.after(said.ms, () => say(clock, connection, said.response))
        response.on('close', () => timer.cancel())
      }
  }
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/**
 * CONNECT to the sandbox itself: what comes through the tunnel is served here, as if it had come in by a connection of
 * its own. Nothing is ever dialled, so this can be no open relay.
 */
function tunnel(
  { server, tunnels }: { server: Server; tunnels: Set<Duplex> },
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
): void {
  const verdict = checkConnect(request.url ?? '', request.headers['proxy-authorization'], portOf(server))
  socket.on('error', () => socket.destroy())
  if (verdict !== 'allowed') {
    socket.end(refuseTunnel(verdict))
    return
  }
  tunnels.add(socket)
  socket.on('close', () => tunnels.delete(socket))
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  if (head.length > 0) socket.unshift(head)
  server.emit('connection', socket)
}

function forbidden(message: string): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { kind: 'answered', status: 403, headers, body: JSON.stringify({ error: message }) }
}

/** From this machine, and asked for by a name that only this machine answers to: a web page must not reach in. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? ''
  const isLoopback = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  return isLoopback && (host === 'localhost' || host === '[::1]' || host.startsWith('127.'))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0
}
