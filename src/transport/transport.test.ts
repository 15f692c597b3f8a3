import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '../core/clock-system.ts'
import { type Proxy, TransportError, type TransportRequest } from '../core/transport.ts'
import { CERTIFICATE, deadPort, serve, serveConnectProxy, serveSocks5, serveTcp } from './fixtures/servers.ts'
import { createTransport, type OutgoingTransport, type TransportOptions } from './transport.ts'

const clock = createSystemClock({ startFloor: 0 })
afterAll(() => clock.stop())

const BODY_BYTES_MAX = 100_000

/** `target.test` and `proxy.test` are this machine. */
const resolve = async (hostname: string) => {
  if (hostname.endsWith('.test') || hostname === 'localhost') return ['127.0.0.1']
  throw new Error('no such name')
}

function open(options: Partial<TransportOptions> = {}): OutgoingTransport {
  const transport = createTransport({
    clock,
    resolve,
    allowNetworks: ['127.0.0.0/8'],
    guardAddresses: 'proxies',
    bodyBytesMax: BODY_BYTES_MAX,
    certificateAuthorities: [CERTIFICATE],
    ...options,
  })
  onTestFinished(() => transport.close())
  return transport
}

function post(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { method: 'POST', url, headers: {}, body: 'a=1', proxy: null, deadlineMs: 2_000, ...more }
}

function get(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { method: 'GET', url, headers: {}, proxy: null, deadlineMs: 2_000, ...more }
}

/** How a request failed; a failure that is no `TransportError` fails the test. */
async function failure(transport: OutgoingTransport, request: TransportRequest): Promise<TransportError> {
  const error: unknown = await transport.send(request).then(
    ({ status }) => new Error(`answered ${status}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof TransportError)) throw error
  return error
}

/** A connection is free for the next request one turn of the event loop after its answer. */
const idle = () => new Promise((resolved) => setImmediate(resolved))

const through = (port: number, more: Partial<Proxy> = {}): Proxy => ({
  protocol: 'http',
  host: 'proxy.test',
  port,
  ...more,
})
const WITH_CREDENTIALS = { username: 'user', password: 'secret:with:colons' }
const CREDENTIALS = 'user:secret:with:colons'

describe('one exchange', () => {
  it('sends what it is given and returns what came, every cookie line apart', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(201, { 'Set-Cookie': ['a=1; Path=/', 'b="x,y"'], 'X-Thing': 'y' }).end('made')
    })
    const { status, headers, body } = await open().send(
      post(`http://target.test:${server.port}/p/ath?q=%20`, { headers: { cookie: 'c=1', 'x-a': 'b' } }),
    )
    expect({ status, text: Buffer.from(body).toString() }).toEqual({ status: 201, text: 'made' })
    expect(headers).toMatchObject({ 'set-cookie': ['a=1; Path=/', 'b="x,y"'], 'x-thing': 'y' })
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/p/ath?q=%20',
      body: 'a=1',
      headers: { cookie: 'c=1', 'x-a': 'b', host: `target.test:${server.port}`, 'content-length': '3' },
    })
  })

  it('speaks TLS to a target whose certificate it trusts', async () => {
    const server = await serve(undefined, { secure: true })
    const { status } = await open().send(get(`https://target.test:${server.port}/`))
    expect(status).toBe(200)
  })

  it('follows no redirect', async () => {
    const server = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    const { status, headers } = await open().send(get(`http://target.test:${server.port}/`))
    expect({ status, location: headers['location'] }).toEqual({ status: 302, location: '/elsewhere' })
    expect(server.seen).toHaveLength(1)
  })

  it('reaches the service that a reserved name stands for, in plain http, under that name', async () => {
    const server = await serve()
    const names = new Map([['example.com', { host: '127.0.0.1', port: server.port }]])
    const transport = open({ names, guardAddresses: 'all', allowNetworks: [] })
    await transport.send(get('https://example.com/image.jpg'))
    expect(server.seen[0]).toMatchObject({ url: '/image.jpg', headers: { host: 'example.com' } })
  })

  it.each<[string, (body: Buffer) => Buffer]>([
    ['gzip', (body) => gzipSync(body)],
    ['deflate', (body) => deflateSync(body)],
    ['deflate', (body) => deflateRawSync(body)],
    ['br', (body) => brotliCompressSync(body)],
    ['identity', (body) => body],
  ])('unpacks %s', async (encoding, pack) => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack(Buffer.from('plain')))
    })
    const { body } = await open().send(get(`http://target.test:${server.port}/`))
    expect(Buffer.from(body).toString()).toBe('plain')
    expect(server.seen[0]?.headers['accept-encoding']).toBe('gzip, deflate, br')
  })
})

describe('certain that nothing left', () => {
  it.each([
    ['a port where nobody listens', 'connect', async () => post(`http://target.test:${await deadPort()}/`)],
    ['a name that nobody has', 'dns', async () => post('http://nobody.invalid/')],
    [
      'TLS with a server that speaks plain http',
      'tls',
      async () => post(`https://target.test:${(await serve()).port}/`),
    ],
    [
      'a certificate for another name',
      'tls',
      async () => post(`https://other.test:${(await serve(undefined, { secure: true })).port}/`),
    ],
    [
      'a server that hangs up during the handshake',
      'tls',
      async () => post(`https://target.test:${(await serveTcp((socket) => socket.destroy())).port}/`),
    ],
    ['an address that is none', 'connect', async () => post('ftp://target.test/')],
    [
      'a header that no request can hold',
      'connect',
      async () => post('http://target.test/', { headers: { 'x-a': 'a\nb' } }),
    ],
  ] as const)('%s', async (_title, kind, request) => {
    expect(await failure(open(), await request())).toMatchObject({ certainty: 'unsent', kind })
  })

  it('a certificate that nobody vouches for', async () => {
    const server = await serve(undefined, { secure: true })
    const transport = createTransport({ clock, resolve, guardAddresses: 'proxies' })
    onTestFinished(() => transport.close())
    expect(await failure(transport, post(`https://target.test:${server.port}/`))).toMatchObject({
      certainty: 'unsent',
      kind: 'tls',
    })
    expect(server.seen).toEqual([])
  })

  it('a deadline that passes while connecting, and nothing goes out later', async () => {
    const server = await serve()
    let answer: (addresses: string[]) => void = () => undefined
    const transport = open({ resolve: () => new Promise((resolved) => (answer = resolved)) })
    const error = await failure(transport, post(`http://target.test:${server.port}/`, { deadlineMs: 30 }))
    expect(error).toMatchObject({ certainty: 'unsent', kind: 'connect' })
    answer(['127.0.0.1'])
    await transport.close()
    expect(server.seen).toEqual([])
  })

  it('a transport that is closed', async () => {
    const server = await serve()
    const transport = open()
    await transport.close()
    expect(await failure(transport, post(`http://target.test:${server.port}/`))).toMatchObject({ certainty: 'unsent' })
    expect(server.connections()).toBe(0)
  })
})

describe('the last word before the first byte', () => {
  it('is asked once the connection stands, and a no leaves not one byte', async () => {
    const received: Buffer[] = []
    const server = await serveTcp((socket) => socket.on('data', (chunk) => received.push(chunk)))
    let standing = -1
    const request = post(`http://target.test:${server.port}/`, {
      mayWrite: () => {
        standing = server.connections()
        return false
      },
    })
    expect(await failure(open(), request)).toMatchObject({ certainty: 'unsent', kind: 'lease' })
    // The server may not have run its listener yet, but the handshake of the kernel is over; what counts is the bytes.
    expect(standing).toBeGreaterThanOrEqual(0)
    await idle()
    expect(received).toEqual([])
  })

  it('is asked after the look-up and the connection, not before', async () => {
    const steps: string[] = []
    const server = await serve()
    const transport = open({
      resolve: async (hostname) => {
        steps.push('resolved')
        return resolve(hostname)
      },
    })
    const mayWrite = () => steps.push('asked') > 0
    await transport.send(post(`http://target.test:${server.port}/`, { mayWrite }))
    expect(steps).toEqual(['resolved', 'asked'])
  })

  it('is asked again on a connection that is kept', async () => {
    const server = await serve()
    const transport = open()
    const url = `http://target.test:${server.port}/`
    await transport.send(post(url, { mayWrite: () => true }))
    await idle()
    expect(await failure(transport, post(url, { mayWrite: () => false }))).toMatchObject({ kind: 'lease' })
    expect(server.seen).toHaveLength(1)
    expect(server.connections()).toBe(1)
  })

  it('is asked once a request', async () => {
    const server = await serve()
    let asked = 0
    await open().send(post(`http://target.test:${server.port}/`, { mayWrite: () => ++asked > 0 }))
    expect(asked).toBe(1)
  })
})

describe('unknown once a byte was written', () => {
  const rude = (act: (response: ServerResponse, socket: Socket) => void) =>
    serve((request, response) => act(response, request.socket))

  it('no answer within the deadline', async () => {
    const server = await rude(() => undefined)
    const started = performance.now()
    const error = await failure(open(), post(`http://target.test:${server.port}/`, { deadlineMs: 100 }))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'timeout' })
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(server.seen).toHaveLength(1)
  })

  it('an answer that never ends', async () => {
    const server = await rude((response) => response.writeHead(200).write('some'))
    const error = await failure(open(), post(`http://target.test:${server.port}/`, { deadlineMs: 100 }))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'timeout' })
  })

  it.each([
    ['a reset after the whole request', (_response: ServerResponse, socket: Socket) => socket.resetAndDestroy()],
    ['a hang-up after the whole request', (_response: ServerResponse, socket: Socket) => socket.destroy()],
    [
      'an answer cut short',
      (response: ServerResponse, socket: Socket) => {
        response.writeHead(200, { 'content-length': '100' }).write('half')
        setImmediate(() => socket.destroy())
      },
    ],
    ['something that is no HTTP', (_response: ServerResponse, socket: Socket) => socket.end('SSH-2.0-x\r\n\r\n')],
    [
      'a body that is not what it says',
      (response: ServerResponse) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
    ],
  ])('%s', async (_title, act) => {
    const server = await rude(act)
    const error = await failure(open(), post(`http://target.test:${server.port}/`))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'reset' })
    expect(server.seen).toHaveLength(1)
  })

  it.each([
    ['a body over the cap', (response: ServerResponse) => response.end(Buffer.alloc(BODY_BYTES_MAX + 1))],
    [
      'a small body that unpacks into a large one',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(BODY_BYTES_MAX * 100))),
    ],
    [
      'headers over the cap',
      (response: ServerResponse) => {
        for (let index = 0; index < 10; index += 1) response.setHeader(`x-${index}`, 'x'.repeat(10_000))
        response.end()
      },
    ],
  ])('%s', async (_title, act) => {
    const server = await rude(act)
    const error = await failure(open(), post(`http://target.test:${server.port}/`))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'too_large' })
  })

  it('a kept connection that dies under the next request, which is not sent again', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/first') response.end('ok')
      else request.socket.destroy()
    })
    const transport = open()
    await transport.send(post(`http://target.test:${server.port}/first`))
    await idle()
    const error = await failure(transport, get(`http://target.test:${server.port}/second`))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'reset' })
    expect(server.connections()).toBe(1)
    expect(server.seen.map(({ url }) => url)).toEqual(['/first', '/second'])
  })

  it('but a kept connection that the server closed before is replaced unnoticed', async () => {
    let held: Socket | null = null
    const server = await serve((request, response) => {
      held = request.socket
      response.end('ok')
    })
    const transport = open()
    const url = `http://target.test:${server.port}/`
    await transport.send(post(url))
    const closed = new Promise((resolved) => held?.once('close', resolved))
    ;(held as Socket | null)?.destroy()
    await closed
    await transport.send(post(url))
    expect(server.seen).toHaveLength(2)
    expect(server.connections()).toBe(2)
  })
})

describe('proxies', () => {
  it('forward plain http in absolute form, with the credentials in their own header', async () => {
    const proxy = await serve()
    const request = post('http://target.test:8123/x?y=1', { proxy: through(proxy.port, WITH_CREDENTIALS) })
    await open().send(request)
    expect(proxy.seen[0]).toMatchObject({
      url: 'http://target.test:8123/x?y=1',
      headers: { host: 'target.test:8123', 'proxy-authorization': `Basic ${btoa(CREDENTIALS)}` },
    })
  })

  it.each([
    { secure: false },
    { secure: true },
  ])('tunnel https by CONNECT (%o), and the target never sees the credentials', async ({ secure }) => {
    const target = await serve(undefined, { secure: true })
    const proxy = await serveConnectProxy(target.port, { credentials: CREDENTIALS, secure })
    const protocol = secure ? 'https' : 'http'
    const { status } = await open().send(
      post(`https://target.test:${target.port}/x`, { proxy: through(proxy.port, { ...WITH_CREDENTIALS, protocol }) }),
    )
    expect(status).toBe(200)
    expect(proxy.seen).toMatchObject([{ url: `target.test:${target.port}` }])
    expect(target.seen).toMatchObject([{ url: '/x', body: 'a=1', headers: { host: `target.test:${target.port}` } }])
    expect(target.seen[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it('forward plain http over TLS to the proxy', async () => {
    const proxy = await serve(undefined, { secure: true })
    await open().send(get('http://target.test:8123/x', { proxy: through(proxy.port, { protocol: 'https' }) }))
    expect(proxy.seen[0]).toMatchObject({ url: 'http://target.test:8123/x' })
  })

  it.each(['http', 'https'] as const)('lead %s through SOCKS5, which resolves the name itself', async (scheme) => {
    const target = await serve(undefined, { secure: scheme === 'https' })
    const proxy = await serveSocks5(target.port, { credentials: CREDENTIALS })
    const transport = open({
      resolve: async (hostname) => (hostname === 'proxy.test' ? ['127.0.0.1'] : Promise.reject(new Error('asked'))),
    })
    const request = post(`${scheme}://target.test:${target.port}/x`, {
      proxy: through(proxy.port, { ...WITH_CREDENTIALS, protocol: 'socks5' }),
    })
    expect((await transport.send(request)).status).toBe(200)
    await idle()
    expect((await transport.send(request)).status).toBe(200)
    expect(proxy.asked).toEqual([{ credentials: CREDENTIALS, host: 'target.test', port: target.port }])
    expect(target.seen).toHaveLength(2)
  })

  it('lead to an address through SOCKS5 without credentials', async () => {
    const target = await serve()
    const proxy = await serveSocks5(target.port)
    await open().send(get(`http://127.0.0.1:${target.port}/`, { proxy: through(proxy.port, { protocol: 'socks5' }) }))
    expect(proxy.asked).toEqual([{ credentials: null, host: '127.0.0.1', port: target.port }])
  })

  it('with other credentials have other connections', async () => {
    const proxy = await serve()
    const transport = open()
    for (const password of ['one', 'two']) {
      await transport.send(get('http://target.test/', { proxy: through(proxy.port, { username: 'u', password }) }))
    }
    expect(proxy.connections()).toBe(2)
  })

  const TUNNELED = `https://target.test`
  const PLAIN = `http://target.test`
  const hangUp = async () => (await serveTcp((socket) => socket.destroy())).port
  const silence = async () => (await serveTcp(() => undefined)).port

  it.each<[string, string, Partial<Proxy>, () => Promise<number>]>([
    ['nobody listens, CONNECT', TUNNELED, {}, deadPort],
    ['nobody listens, absolute form', PLAIN, {}, deadPort],
    ['nobody listens, SOCKS5', PLAIN, { protocol: 'socks5' }, deadPort],
    ['its name does not resolve', PLAIN, { host: 'proxy.invalid' }, deadPort],
    ['it hangs up on CONNECT', TUNNELED, {}, hangUp],
    ['it hangs up on the greeting', PLAIN, { protocol: 'socks5' }, hangUp],
    ['it never answers CONNECT', TUNNELED, {}, silence],
    ['it never answers the greeting', PLAIN, { protocol: 'socks5' }, silence],
    ['it speaks no TLS', PLAIN, { protocol: 'https' }, async () => (await serve()).port],
    ['it is no SOCKS5 proxy', PLAIN, { protocol: 'socks5' }, async () => (await serve()).port],
    [
      'it asks for credentials, CONNECT',
      TUNNELED,
      {},
      async () => (await serveConnectProxy(1, { credentials: 'a:b' })).port,
    ],
    ['it refuses CONNECT', TUNNELED, {}, async () => (await serveConnectProxy(1, { status: 403 })).port],
    [
      'it cannot reach the target, CONNECT',
      TUNNELED,
      {},
      async () => (await serveConnectProxy(1, { status: 502 })).port,
    ],
    [
      'it asks for credentials, absolute form',
      PLAIN,
      {},
      async () => (await serve((_request, response) => response.writeHead(407).end())).port,
    ],
    [
      'it refuses the credentials, SOCKS5',
      PLAIN,
      { protocol: 'socks5', username: 'a', password: 'b' },
      async () => (await serveSocks5(1, { credentials: 'a:c' })).port,
    ],
    [
      'it wants credentials, SOCKS5',
      PLAIN,
      { protocol: 'socks5' },
      async () => (await serveSocks5(1, { credentials: 'a:c' })).port,
    ],
    [
      'it cannot reach the target, SOCKS5',
      PLAIN,
      { protocol: 'socks5' },
      async () => (await serveSocks5(1, { reply: 5 })).port,
    ],
    ...(['greeting', 'credentials', 'connect'] as const).map(
      (hangUpAt): [string, string, Partial<Proxy>, () => Promise<number>] => [
        `it hangs up after the ${hangUpAt}, SOCKS5`,
        PLAIN,
        { protocol: 'socks5', username: 'a', password: 'b' },
        async () => (await serveSocks5(1, { credentials: 'a:b', hangUpAt })).port,
      ],
    ),
  ])('fail closed and certain when %s', async (_title, origin, more, listening) => {
    const target = await serve()
    const proxy = through(await listening(), { password: 'inventedProxyPassword', username: 'u', ...more })
    const error = await failure(open(), post(`${origin}:${target.port}/`, { proxy, deadlineMs: 300 }))
    expect(error).toMatchObject({ certainty: 'unsent', kind: 'proxy' })
    expect(target.connections()).toBe(0)
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain('inventedProxyPassword')
  })

  it('blame the target when its certificate is wrong behind a tunnel', async () => {
    const target = await serve(undefined, { secure: true })
    const proxy = await serveConnectProxy(target.port)
    const error = await failure(open(), post(`https://other.test:${target.port}/`, { proxy: through(proxy.port) }))
    expect(error).toMatchObject({ certainty: 'unsent', kind: 'tls' })
    expect(target.seen).toEqual([])
  })

  it('that die while answering leave the outcome unknown', async () => {
    const proxy = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '50' }).write('half')
      setImmediate(() => request.socket.destroy())
    })
    const error = await failure(open(), post('http://target.test/', { proxy: through(proxy.port) }))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'reset' })
  })

  it('that die inside a tunnel leave the outcome unknown', async () => {
    const target = await serve((request) => request.socket.destroy(), { secure: true })
    const proxy = await serveConnectProxy(target.port)
    const error = await failure(open(), post(`https://target.test:${target.port}/`, { proxy: through(proxy.port) }))
    expect(error).toMatchObject({ certainty: 'unknown', kind: 'reset' })
    expect(target.seen).toHaveLength(1)
  })
})

describe('addresses that users choose', () => {
  it('are judged before anything is dialled: proxies', async () => {
    const proxy = await serve()
    const transport = open({ allowNetworks: [] })
    for (const host of ['127.0.0.1', 'proxy.test', '2130706433', '0x7f.1', '::ffff:127.0.0.1', '[::1]', 'localhost']) {
      const request = post('http://target.test/', { proxy: through(proxy.port, { host }) })
      expect(await failure(transport, request)).toMatchObject({ certainty: 'unsent', kind: 'address_refused' })
    }
    expect(proxy.connections()).toBe(0)
  })

  it('are judged before anything is dialled: targets, where they are guarded', async () => {
    const server = await serve()
    const transport = open({ allowNetworks: [], guardAddresses: 'all' })
    for (const host of ['127.0.0.1', 'target.test', '2130706433', '[::ffff:7f00:1]']) {
      const error = await failure(transport, get(`http://${host}:${server.port}/`))
      expect(error).toMatchObject({ certainty: 'unsent', kind: 'address_refused' })
    }
    expect(server.connections()).toBe(0)
  })

  it('are resolved once, and the judged address is the one connected to', async () => {
    const proxy = await serve()
    let lookups = 0
    // A name that answers differently the second time: checked as one address, connected to as another.
    const transport = open({ resolve: async () => (++lookups === 1 ? ['127.0.0.1'] : ['169.254.169.254']) })
    const { status } = await transport.send(get('http://target.test/', { proxy: through(proxy.port) }))
    expect({ status, lookups }).toEqual({ status: 200, lookups: 1 })
  })

  it('are refused when one of several is bad', async () => {
    const proxy = await serve()
    const transport = open({ resolve: async () => ['127.0.0.1', '169.254.169.254'] })
    const error = await failure(transport, get('http://target.test/', { proxy: through(proxy.port) }))
    expect(error).toMatchObject({ certainty: 'unsent', kind: 'address_refused' })
    expect(proxy.connections()).toBe(0)
  })
})
