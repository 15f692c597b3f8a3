import type { RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSystemClock } from '../core/clock-system.ts'
import { MEDIA_RULES, MediaFetchError, type MediaRequest } from '../core/media.ts'
import { createMediaFetcher, type MediaFetcherOptions } from './fetch-media.ts'
import { CERTIFICATE, deadPort, serve, serveTcp } from './fixtures/servers.ts'

const clock = createSystemClock({ startFloor: 0 })
afterAll(() => clock.stop())

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100)])
const BYTES_MAX = 100_000

/** `media.test` may be fetched from; `private.test` lies in a network that may not be. */
const ADDRESSES: Record<string, string[]> = {
  'media.test': ['127.0.0.1'],
  'private.test': ['127.0.0.2'],
  localhost: ['::1'],
}
const resolve = async (hostname: string) => ADDRESSES[hostname] ?? []

function open(options: Partial<MediaFetcherOptions> = {}) {
  const fetcher = createMediaFetcher({
    clock,
    resolve,
    allowNetworks: ['127.0.0.1/32'],
    certificateAuthorities: [CERTIFICATE],
    ...options,
  })
  onTestFinished(() => fetcher.close())
  return fetcher
}

const image = (url: string, more: Partial<MediaRequest> = {}): MediaRequest => ({
  url,
  bytesMax: BYTES_MAX,
  types: MEDIA_RULES.image.types,
  deadlineMs: 2_000,
  ...more,
})

async function fault(work: Promise<unknown>): Promise<MediaFetchError> {
  const error: unknown = await work.then(
    () => new Error('was fetched'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof MediaFetchError)) throw error
  return error
}

const answer =
  (body: Uint8Array | string, headers: Record<string, string> = { 'content-type': 'image/jpeg' }): RequestListener =>
  (_request, response) =>
    response.writeHead(200, headers).end(body)

/** Redirects what `routes` names and serves a picture everywhere else. */
const redirecting =
  (routes: Record<string, string>): RequestListener =>
  (request, response) => {
    const location = routes[request.url ?? '']
    if (location === undefined) return response.writeHead(200, { 'content-type': 'image/jpeg' }).end(JPEG)
    return response.writeHead(302, { location }).end()
  }

describe('media by URL', () => {
  it('are fetched once, without credentials of ours, and known by their bytes', async () => {
    const server = await serve(answer(JPEG, {}))
    const media = await open().fetch(image(`http://media.test:${server.port}/a?b=c#d`))
    expect(media).toEqual({ bytes: JPEG, type: 'image/jpeg' })
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/a?b=c', headers: { 'accept-encoding': 'identity' } }])
    expect(Object.keys(server.seen[0]?.headers ?? {})).not.toContain('cookie')
  })

  it('come from the service that a reserved name stands for, though it has no certificate', async () => {
    const server = await serve(answer(JPEG))
    const names = new Map([['example.com', { host: '127.0.0.1', port: server.port }]])
    const media = await open({ names, allowNetworks: [] }).fetch(image('https://example.com/image.jpg'))
    expect(media.type).toBe('image/jpeg')
    expect(server.seen[0]).toMatchObject({ url: '/image.jpg', headers: { host: 'example.com' } })
  })

  it('come over TLS', async () => {
    const server = await serve(answer(JPEG), { secure: true })
    const names = { resolve: async () => ['127.0.0.1'] }
    expect((await open(names).fetch(image(`https://target.test:${server.port}/`))).bytes).toEqual(JPEG)
  })

  it('may be three redirects away', async () => {
    const server = await serve(answer(JPEG))
    const routes = redirecting({ '/1': '/2', '/2': '3?x=1', '/3?x=1': `http://media.test:${server.port}/4` })
    const front = await serve(routes)
    expect((await open().fetch(image(`http://media.test:${front.port}/1`))).type).toBe('image/jpeg')
    expect(front.seen.map(({ url }) => url)).toEqual(['/1', '/2', '/3?x=1'])
    expect(server.seen.map(({ url }) => url)).toEqual(['/4'])
  })
})

describe('an address is refused', () => {
  it.each([
    'ftp://media.test/a.jpg',
    'file:///etc/passwd',
    'data:image/jpeg;base64,AAAA',
    'http://user:secret@media.test/',
    'http://user@media.test/',
    '/a.jpg',
    '',
    'http://',
  ])('that is none: %j', async (url) => {
    expect(await fault(open().fetch(image(url)))).toMatchObject({ fault: 'url', isPassing: false })
  })

  it.each([
    'http://private.test/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://2130706434/',
    'http://0x7f.0.0.2/',
    'http://localhost:8080/',
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://media.test:25/',
  ])('that users may not send us to: %s', async (url) => {
    const error = await fault(open().fetch(image(url)))
    expect(error).toMatchObject({ fault: 'address', message: 'The media address is not allowed.', isPassing: false })
  })

  it('when a redirect leads there', async () => {
    const server = await serve(redirecting({ '/1': 'http://private.test/', '/2': 'http://127.0.0.2/', '/3': '/2' }))
    const fetcher = open()
    for (const path of ['1', '2', '3']) {
      const error = await fault(fetcher.fetch(image(`http://media.test:${server.port}/${path}`)))
      expect(error.fault).toBe('address')
    }
  })

  it('when its name points elsewhere at the next look-up, and is looked up once a connection', async () => {
    const server = await serve(answer(JPEG))
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '127.0.0.2']]
    let asked = 0
    const turncoat = async () => answers[asked++] ?? []
    const first = open({ resolve: turncoat })
    expect((await first.fetch(image(`http://turncoat.test:${server.port}/`))).type).toBe('image/jpeg')
    expect(asked).toBe(1)
    const connections = server.connections()
    for (const time of [2, 3]) {
      const error = await fault(open({ resolve: turncoat }).fetch(image(`http://turncoat.test:${server.port}/`)))
      expect({ fault: error.fault, asked }).toEqual({ fault: 'address', asked: time })
    }
    expect(server.connections()).toBe(connections)
  })

  it('never names what a name resolved to', async () => {
    const error = await fault(open().fetch(image('http://private.test/')))
    expect(error.message).not.toContain('127.0.0.2')
  })
})

describe('a redirect is refused', () => {
  it.each([
    ['more than three times', { '/1': '/2', '/2': '/3', '/3': '/4', '/4': '/5' }],
    ['to itself', { '/1': '/1' }],
    ['to another protocol', { '/1': 'https://media.test/' }],
    ['to a file', { '/1': 'file:///etc/passwd' }],
    ['to nowhere', { '/1': 'http://' }],
  ])('%s', async (_title, routes) => {
    const server = await serve(redirecting(routes))
    expect((await fault(open().fetch(image(`http://media.test:${server.port}/1`)))).fault).toBe('redirect')
  })

  it('that smuggles credentials in', async () => {
    const server = await serve(redirecting({ '/1': 'http://a:b@media.test/' }))
    expect((await fault(open().fetch(image(`http://media.test:${server.port}/1`)))).fault).toBe('url')
  })

  it('without a target', async () => {
    const server = await serve((_request, response) => response.writeHead(302).end())
    expect((await fault(open().fetch(image(`http://media.test:${server.port}/`)))).fault).toBe('redirect')
  })
})

describe('a file is refused', () => {
  it.each([
    ['announced as a gigabyte', { 'content-type': 'image/jpeg', 'content-length': String(2 ** 30) }],
    ['that streams a gigabyte', { 'content-type': 'image/jpeg' }],
  ])('%s, long before it has arrived', async (_title, headers) => {
    let sent = 0
    const server = await serve((_request, response) => {
      response.writeHead(200, headers)
      pour(response, () => {
        sent += 65_536
        return sent < 2 ** 30
      })
    })
    const error = await fault(open().fetch(image(`http://media.test:${server.port}/`)))
    expect(error).toMatchObject({ fault: 'size', message: 'The media is larger than 0.1 MB.', isPassing: false })
    expect(sent).toBeLessThan(50 * 1024 * 1024)
  })

  it('that unpacks into more than it may be', async () => {
    const headers = { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' }
    const server = await serve(answer(gzipSync(Buffer.concat([JPEG, Buffer.alloc(BYTES_MAX)])), headers))
    expect((await fault(open().fetch(image(`http://media.test:${server.port}/`)))).fault).toBe('size')
  })

  it('at one byte too many, and taken at the limit', async () => {
    const full = Buffer.concat([JPEG, Buffer.alloc(BYTES_MAX - JPEG.length)])
    const limit = await serve(answer(full))
    expect((await open().fetch(image(`http://media.test:${limit.port}/`))).bytes).toHaveLength(BYTES_MAX)
    const beyond = await serve(answer(Buffer.concat([full, Buffer.alloc(1)])))
    expect((await fault(open().fetch(image(`http://media.test:${beyond.port}/`)))).fault).toBe('size')
  })

  it.each([
    ['empty', '', { 'content-type': 'image/jpeg' }, 'size'],
    ['a page that calls itself a picture', '<html>', { 'content-type': 'image/jpeg' }, 'type'],
    ['a picture that calls itself a page', JPEG, { 'content-type': 'text/html' }, 'type'],
    ['of another kind', Buffer.from('\0\0\0\x18ftypisom', 'latin1'), { 'content-type': 'video/mp4' }, 'type'],
  ] as const)('%s', async (_title, body, headers, expected) => {
    const server = await serve(answer(body, headers))
    const error = await fault(open().fetch(image(`http://media.test:${server.port}/`)))
    expect(error).toMatchObject({ fault: expected, isPassing: false })
  })

  it.each([
    [404, 'missing', false],
    [403, 'missing', false],
    [204, 'missing', false],
    [429, 'unreachable', true],
    [503, 'unreachable', true],
  ])('answered with %i', async (status, expected, isPassing) => {
    const server = await serve((_request, response) => response.writeHead(status).end())
    expect(await fault(open().fetch(image(`http://media.test:${server.port}/`)))).toMatchObject({
      fault: expected,
      isPassing,
    })
  })
})

describe('trouble that may pass', () => {
  it('is a body that trickles', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).write(JPEG)
    })
    const error = await fault(open().fetch(image(`http://media.test:${server.port}/`, { deadlineMs: 200 })))
    expect(error).toMatchObject({ fault: 'timeout', isPassing: true })
  })

  it('is a deadline that redirects used up', async () => {
    const server = await serve((request, response) => {
      const hop = () => response.writeHead(302, { location: `${request.url}x` }).end()
      clock.after(80, hop)
    })
    const error = await fault(open().fetch(image(`http://media.test:${server.port}/`, { deadlineMs: 200 })))
    expect(error.fault).toBe('timeout')
  })

  it.each([
    ['nobody listens', async () => `http://media.test:${await deadPort()}/`],
    ['the name is unknown', async () => 'http://nobody.test/'],
    ['the server hangs up', async () => `http://media.test:${(await serveTcp((socket) => socket.destroy())).port}/`],
    [
      'the certificate is for another',
      async () => `https://media.test:${(await serve(undefined, { secure: true })).port}/`,
    ],
  ])('is when %s', async (_title, url) => {
    expect(await fault(open().fetch(image(await url())))).toMatchObject({ fault: 'unreachable', isPassing: true })
  })
})

/** Writes as fast as the reader takes it, until told to stop or cut off. */
function pour(response: ServerResponse, isMore: () => boolean): void {
  const chunk = Buffer.alloc(65_536, 1)
  while (!response.destroyed && isMore()) {
    if (!response.write(chunk)) {
      response.once('drain', () => pour(response, isMore))
      return
    }
  }
}
