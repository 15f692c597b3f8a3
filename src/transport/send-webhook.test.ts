import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '../core/clock-system.ts'
import type { WebhookPost } from '../core/webhook-post.ts'
import { CERTIFICATE, deadPort, serve, serveTcp } from './fixtures/servers.ts'
import { createWebhookSender, type WebhookSenderOptions } from './send-webhook.ts'

const LOOPBACK = ['127.0.0.0/8', '::1/128']

function sender(options: Partial<WebhookSenderOptions> = {}) {
  const clock = createSystemClock({ startFloor: 0 })
  const created = createWebhookSender({ clock, allowNetworks: LOOPBACK, ...options })
  onTestFinished(async () => {
    await created.close()
    clock.stop()
  })
  return created
}

function post(url: string, more: Partial<WebhookPost> = {}): WebhookPost {
  return {
    endpointId: 'wh_1',
    url,
    headers: { 'x-own': 'yes' },
    body: '{"a":"ü"}',
    deadlineMs: 2_000,
    mayWrite: () => true,
    ...more,
  }
}

it('posts the very bytes, and brings home status and the beginning of the answer', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(201, { 'retry-after': '7', 'webhook-delivery': 'abort-message' }).end('x'.repeat(5_000))
  })
  const answer = await sender().post(post(`http://127.0.0.1:${server.port}/hook?a=1`))
  expect(answer).toEqual({
    ...{ status: 201, fault: null, retryAfter: '7', directive: 'abort-message', excerpt: 'x'.repeat(1024) },
  })
  expect(server.seen).toMatchObject([{ method: 'POST', url: '/hook?a=1', body: '{"a":"ü"}' }])
  expect(server.seen[0]?.headers).toMatchObject({ 'x-own': 'yes', host: `127.0.0.1:${server.port}` })
})

it('does not follow redirects', async () => {
  const elsewhere = await serve()
  const server = await serve((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/` }).end()
  })
  expect(await sender().post(post(`http://127.0.0.1:${server.port}/`))).toMatchObject({ status: 307, fault: null })
  expect(elsewhere.seen).toEqual([])
})

it('reads no more of an endless answer than it needs, and lets go of the connection', async () => {
  let written = 0
  const closed = Promise.withResolvers<void>()
  const server = await serve((_request, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const more = () => {
      while (written < 2 ** 30 && response.write(chunk)) written += chunk.length
    }
    response.on('drain', more).on('close', () => closed.resolve())
    more()
  })
  const answer = await sender().post(post(`http://127.0.0.1:${server.port}/`))
  expect(answer).toMatchObject({ status: 200, fault: null })
  await closed.promise
  expect(written).toBeLessThan(64 * 1024 * 1024)
})

it('gives up at its deadline on a server that says one byte at a time, or nothing', async () => {
  const slow = await serve((_request, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 20)
    response.on('close', () => clearInterval(timer))
  })
  const silent = await serveTcp(() => {})
  const outgoing = sender()
  expect(await outgoing.post(post(`http://127.0.0.1:${slow.port}/`, { deadlineMs: 200 }))).toMatchObject({
    status: 200,
    fault: 'timeout',
  })
  expect(await outgoing.post(post(`http://127.0.0.1:${silent.port}/`, { deadlineMs: 100 }))).toMatchObject({
    status: null,
    fault: 'timeout',
  })
})

it('keeps the connections of endpoints apart: of two on one host, one that hangs takes none from the other', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/fine') response.end('ok')
  })
  const outgoing = sender()
  const abort = new AbortController()
  const hang = { endpointId: 'wh_hangs', deadlineMs: 60_000, signal: abort.signal }
  const hanging = Array.from({ length: 64 }, () => outgoing.post(post(`http://127.0.0.1:${server.port}/hang`, hang)))
  const fine = Array.from({ length: 64 }, () =>
    outgoing.post(post(`http://127.0.0.1:${server.port}/fine`, { endpointId: 'wh_fine', deadlineMs: 60_000 })),
  )
  expect(new Set((await Promise.all(fine)).map(({ status }) => status))).toEqual(new Set([200]))
  abort.abort()
  await Promise.all(hanging)
})

it('names what went wrong: no listener, no name, a broken answer, bad TLS', async () => {
  const dead = await deadPort()
  const cut = await serveTcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))
  })
  const secure = await serve(undefined, { secure: true })
  const nowhere = () => Promise.reject(new Error('NXDOMAIN'))
  const fault = async (url: string, options?: Partial<WebhookSenderOptions>) =>
    (await sender(options).post(post(url))).fault
  expect(await fault(`http://127.0.0.1:${dead}/`)).toBe('connect')
  expect(await fault('http://nowhere.example.org/', { resolve: nowhere })).toBe('dns')
  expect(await sender().post(post(`http://127.0.0.1:${cut.port}/`))).toMatchObject({ status: 200, fault: 'reset' })
  expect(await fault(`https://127.0.0.1:${secure.port}/`)).toBe('tls')
  const trusting = { certificateAuthorities: [CERTIFICATE], resolve: async () => ['127.0.0.1'] }
  expect(await fault(`https://target.test:${secure.port}/`, trusting)).toBeNull()
  expect(await fault(`https://other.test:${secure.port}/`, trusting)).toBe('tls')
})

it.each([
  'http://127.0.0.1/',
  'http://127.1:8080/',
  'http://2130706433/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://10.1.2.3/',
  'http://192.168.0.1/',
  'http://172.16.5.4/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://localhost/',
  'http://service.internal/',
  'http://①②⑦.⓪.⓪.①/',
  'http://8.8.8.8:22/',
])('refuses %s before it is stored and before it is dialled', async (url) => {
  const outgoing = sender({ allowNetworks: [], resolve: async () => ['10.0.0.1'] })
  await expect(outgoing.check(url)).rejects.toMatchObject({ kind: 'address_refused' })
  expect(await outgoing.post(post(url))).toMatchObject({ status: null, fault: 'address_refused' })
})

it('judges a name again at every connection: one that turns private is not dialled', async () => {
  const server = await serve((_request, response) => response.writeHead(200, { connection: 'close' }).end())
  const answers = [['127.0.0.2'], ['127.0.0.2'], ['127.0.0.1']]
  const allowed = sender({ allowNetworks: ['127.0.0.2/32'], resolve: async () => answers.shift() ?? [] })
  const url = `http://turning.example.org:${server.port}/`
  await expect(allowed.check(url)).resolves.toBeUndefined()
  // Nothing listens at the allowed address; what counts is that the other one is never tried.
  expect((await allowed.post(post(url))).fault).toBe('connect')
  expect((await allowed.post(post(url))).fault).toBe('address_refused')
  expect(server.connections()).toBe(0)
})

it('refuses metadata addresses although their network is allowed', async () => {
  const outgoing = sender({ allowNetworks: ['169.254.0.0/16', '0.0.0.0/0'] })
  await expect(outgoing.check('http://169.254.169.254/')).rejects.toMatchObject({ kind: 'address_refused' })
})

it('writes nothing when it may not, or was given up', async () => {
  const server = await serve()
  const outgoing = sender()
  const url = `http://127.0.0.1:${server.port}/`
  expect((await outgoing.post(post(url, { mayWrite: () => false }))).fault).toBe('held_back')
  const abort = new AbortController()
  const silent = await serveTcp(() => {})
  const waiting = outgoing.post(post(`http://127.0.0.1:${silent.port}/`, { signal: abort.signal }))
  abort.abort()
  expect((await waiting).fault).toBe('held_back')
  expect(server.seen).toEqual([])
})

it('sends once more on a new connection when an idle one turns out to be closed', async () => {
  const sockets: Socket[] = []
  let answers = 0
  const server = await serveTcp((socket) => {
    sockets.push(socket)
    socket.on('data', () => {
      // The first connection answers once and dies by the second request, as an idle one does that was just being closed.
      if (socket === sockets[0] && answers > 0) return socket.destroy()
      answers += 1
      return socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const outgoing = sender()
  const url = `http://127.0.0.1:${server.port}/`
  expect(await outgoing.post(post(url))).toMatchObject({ status: 200, fault: null })
  const idle = sockets[0] as Socket
  expect(await outgoing.post(post(url))).toMatchObject({ status: 200, fault: null })
  if (!idle.destroyed) await once(idle, 'close')
  expect(answers).toBe(2)
  expect(server.connections()).toBe(2)
})
