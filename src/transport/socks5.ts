import type { Socket } from 'node:net'
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Proxy } from '../core/transport.ts'

/*
 * RFC 1928 and 1929, the part of a client that connects. Undici has one too, but only inside a dispatcher that waits out
 * its own timer when the proxy hangs up, drops the limits of our pools, and cannot be given a deadline of the injected clock.
 */

const VERSION = 5
const NO_AUTHENTICATION = 0
const USERNAME_PASSWORD = 2
const CONNECT = 1
const REPLIES = [
  'succeeded',
  'general failure',
  'connection not allowed',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'time to live expired',
  'command not supported',
  'address type not supported',
]

/**
 * Asks the proxy behind `socket` for a connection to `target` and resolves when the socket carries it. The proxy
 * resolves the target's name. Rejects with a plain error that names no credential; the caller destroys the socket.
 */
export async function openSocks5Tunnel(
  socket: Socket,
  proxy: Pick<Proxy, 'username' | 'password'>,
  target: { host: string; port: number },
): Promise<void> {
  const hasCredentials = proxy.username !== undefined || proxy.password !== undefined
  socket.write(Uint8Array.of(VERSION, 1, hasCredentials ? USERNAME_PASSWORD : NO_AUTHENTICATION))
  const [version, method] = await read(socket, 2)
  if (version !== VERSION) throw new Error('the proxy does not speak SOCKS5')
  if (method !== (hasCredentials ? USERNAME_PASSWORD : NO_AUTHENTICATION)) {
    throw new Error('the proxy does not accept this way of authentication')
  }
  if (hasCredentials) await authenticate(socket, proxy.username ?? '', proxy.password ?? '')
  await connect(socket, target)
}

async function authenticate(socket: Socket, username: string, password: string): Promise<void> {
  const name = Buffer.from(username)
  const secret = Buffer.from(password)
  if (name.length > 255 || secret.length > 255) throw new Error('the proxy credentials are too long for SOCKS5')
  socket.write(Buffer.concat([Buffer.of(1, name.length), name, Buffer.of(secret.length), secret]))
  const [, status] = await read(socket, 2)
  if (status !== 0) throw new Error('the proxy refused the credentials')
}

async function connect(socket: Socket, { host, port }: { host: string; port: number }): Promise<void> {
  const tail = Buffer.alloc(2)
  tail.writeUInt16BE(port)
  socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0), address(host), tail]))
  const [version, reply, , type] = await read(socket, 4)
  if (version !== VERSION) throw new Error('the proxy answered something else than SOCKS5')
  if (reply !== 0) throw new Error(`the proxy could not connect: ${REPLIES[reply ?? 1] ?? 'unknown reason'}`)
  // The bound address that follows says nothing we need, but stands in front of the target's first byte.
  const length = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? ((await read(socket, 1))[0] ?? 0) : null
  if (length === null) throw new Error('the proxy answered something else than SOCKS5')
  await read(socket, length + 2)
}

function address(host: string): Buffer {
  if (isIPv4(host) || isIPv6(host)) {
    const bytes = Buffer.from(ipaddr.parse(host).toByteArray())
    return Buffer.concat([Buffer.of(bytes.length === 4 ? 1 : 4), bytes])
  }
  const name = Buffer.from(host)
  if (name.length > 255) throw new Error('the host name is too long for SOCKS5')
  return Buffer.concat([Buffer.of(3, name.length), name])
}

/** Exactly `count` bytes and no more: what follows the handshake belongs to the tunnel. */
function read(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      socket.off('readable', attempt).off('end', closed).off('close', closed).off('error', closed)
      settle()
    }
    const attempt = () => {
      const bytes: Buffer | null = socket.read(count)
      if (bytes !== null && bytes.length === count) finish(() => resolve(bytes))
    }
    const closed = () => finish(() => reject(new Error('the proxy hung up')))
    socket.on('readable', attempt).on('end', closed).on('close', closed).on('error', closed)
    if (socket.destroyed || socket.readableEnded) closed()
    else attempt()
  })
}
