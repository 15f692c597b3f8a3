import { connect } from 'node:net'
import Type from 'typebox'
import { afterAll, expect, test } from 'vitest'
import { BASE, startTestServer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { createSystemClock } from '../core/clock-system.ts'
import { Secret } from '../core/secret.ts'
import { storeUnavailable } from '../store/faults.ts'
import type { Store } from '../store/store.ts'
import { revocationRoutes } from './revocation-routes.ts'
import { route } from './route.ts'

const clock = createSystemClock({ startFloor: 0 })
afterAll(() => clock.stop())

let finish: () => void = () => {}

const ROUTES = [
  route({
    operation: 'me',
    method: 'GET',
    path: '/me',
    summary: 'Me',
    tag: 'Test',
    scope: 'read',
    answers: { 200: Type.Object({ userId: Type.String() }) },
    errors: [],
    handler: async ({ principal }) => ({ status: 200, data: { userId: principal.userId } }),
  }),
  route({
    operation: 'slow',
    method: 'GET',
    path: '/slow',
    summary: 'Slow',
    tag: 'Test',
    scope: 'read',
    answers: { 200: null },
    errors: [],
    handler: () =>
      new Promise((resolve) => {
        finish = () => resolve({ status: 200, message: 'Slow but sure' })
      }),
  }),
]

/** Writes raw bytes and reads until the server closes. */
function speak(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describeOnEveryStore('the HTTP server', (openTestStore) => {
  const begin = async (options: { metricsToken?: Secret } = {}) => {
    const store = await openTestStore()
    const shell = await startTestServer({ store, clock, routes: ROUTES, ...options })
    return { ...shell, store }
  }
  const listen = async () => {
    const shell = await begin()
    const address = await shell.server.listen({ host: '127.0.0.1', port: 0 })
    return { ...shell, ...address }
  }

  test('answers headers that are too large with 431, and no HTTP with 400, in its envelope', async () => {
    const { port } = await listen()
    const large = await speak(port, `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`)
    expect(large).toMatch(/^HTTP\/1\.1 431 /)
    expect(JSON.parse(large.slice(large.indexOf('{')))).toMatchObject({ success: false, code: 'HEADERS_TOO_LARGE' })
    const garbage = await speak(port, 'hello\r\n\r\n')
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /)
    expect(JSON.parse(garbage.slice(garbage.indexOf('{')))).toMatchObject({ success: false, code: 'BAD_REQUEST' })
  })

  test('refuses two Authorization headers, also when one of them is good', async () => {
    const { port, token } = await listen()
    const bearer = `Authorization: Bearer ${await token()}\r\n`
    const request = (headers: string) => `GET ${BASE}/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`
    expect(await speak(port, request(bearer))).toMatch(/^HTTP\/1\.1 200 /)
    expect(await speak(port, request(bearer + bearer))).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('is not ready before it is open, and says when the store is gone', async () => {
    const { call, store } = await begin()
    const elsewhere = { headers: { 'x-forwarded-for': '192.0.2.1' } }
    expect((await call('GET', '//readyz', elsewhere)).body).toEqual({ status: 'ready' })
    await store.close()
    const answer = await call('GET', '//readyz', elsewhere)
    expect([answer.status, answer.body]).toEqual([503, { status: 'not_ready', reason: 'store' }])
    expect((await call('GET', '//healthz')).body).toEqual({ status: 'ok' })
    const page = await call('GET', '//status', { headers: { accept: 'application/json' } })
    expect(page.body['status']).toBe('degraded')
  })

  test('tells the operator alone what the store says', async () => {
    const { call, store } = await begin()
    const fine = { engine: store.engine, reads: 'ok', writes: 'ok' }
    expect((await call('GET', '//readyz')).body).toEqual({ status: 'ready', details: { store: fine } })
    await store.close()
    const { body } = await call('GET', '//readyz')
    expect(body).toMatchObject({ status: 'not_ready', reason: 'store', details: { store: { engine: store.engine } } })
    expect((body['details'] as { store: { reads: string } }).store.reads).not.toBe('ok')
  })

  test('is degraded while the store takes no writes, and ready for reads', async () => {
    const { store } = await begin()
    let isFull = true
    const clock = createManualClock()
    const failing: Store = {
      ...store,
      engine: store.engine,
      read: store.read,
      write: (work) => (isFull ? Promise.reject(storeUnavailable('the disk is full', null)) : store.write(work)),
    }
    const { call } = await startTestServer({ store: failing, clock, routes: [] })
    const status = async () =>
      (await call('GET', '//status', { headers: { accept: 'application/json' } })).body['status']
    expect(await status()).toBe('degraded')
    const { status: code, body } = await call('GET', '//readyz')
    expect([code, body['status']]).toEqual([200, 'ready'])
    expect(body['details']).toMatchObject({ store: { reads: 'ok', writes: expect.stringMatching(/disk is full/) } })
    isFull = false
    await clock.advance(1_000)
    expect(await status()).toBe('up')
  })

  test('drains: what runs is finished, what comes is refused, connections close', async () => {
    const { call, server, readiness, url, token } = await listen()
    const authorization = `Bearer ${await token()}`
    finish = () => {}
    const slow = fetch(`${url}${BASE}/slow`, { headers: { authorization } })
    await expect.poll(() => finish.toString()).toContain('Slow but sure')
    readiness.drain()
    expect(readiness.drainSignal.aborted).toBe(true)
    const refused = await call('GET', '/me')
    expect([refused.status, refused.body['code'], refused.headers['connection']]).toEqual([503, 'UNAVAILABLE', 'close'])
    expect((await call('GET', '//readyz')).body['reason']).toBe('draining')
    let isClosed = false
    const closed = server.close({ graceMs: 5000 }).then(() => {
      isClosed = true
    })
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
    expect(isClosed).toBe(false)
    finish()
    const answer = await slow
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    await closed
  })

  test('cuts off what does not finish in time', async () => {
    const { server, url, token } = await listen()
    const authorization = `Bearer ${await token()}`
    finish = () => {}
    const stuck = fetch(`${url}${BASE}/slow`, { headers: { authorization } }).then(
      () => 'answered',
      () => 'cut off',
    )
    await expect.poll(() => finish.toString()).toContain('Slow but sure')
    await server.close({ graceMs: 50 })
    expect(await stuck).toBe('cut off')
  })

  test('gives its metrics to loopback, or to the token that was set', async () => {
    const { call } = await begin()
    await call('GET', '/me')
    await call('GET', '//nowhere')
    const { text } = await call('GET', '//metrics', { token: null })
    expect(text).toContain(
      `gateway_http_request_duration_seconds_count{route="${BASE}/me",method="GET",status_class="2xx"} 1`,
    )
    expect(text).toContain('route="unmatched",method="_OTHER",status_class="4xx"} 1')
    expect(text).toContain('gateway_build_info{version="test"')
    expect(text).not.toContain('user_1')
    expect((await call('GET', '//metrics', { headers: { 'x-forwarded-for': '203.0.113.1' } })).status).toBe(403)
    const guarded = await begin({ metricsToken: new Secret('metrics-token-of-tests') })
    expect((await guarded.call('GET', '//metrics', { token: null })).status).toBe(401)
    expect((await guarded.call('GET', '//metrics', { token: 'metrics-token-of-tests' })).status).toBe(200)
  })

  test('serves the API reference from itself alone', async () => {
    const { call } = await begin()
    const page = await call('GET', '//docs')
    expect(page.text).not.toMatch(/https?:\/\//)
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    const script = await call('GET', '//docs/scalar.js')
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(script.text.length).toBeGreaterThan(1_000_000)
  })

  test('a revoked token ends at once, a newer one goes on', async () => {
    const store = await openTestStore()
    const audited: string[] = []
    const shell = await startTestServer({
      store,
      clock,
      routes: (revocations) => [
        ...ROUTES,
        ...revocationRoutes({
          store,
          clock,
          revocations,
          audit: async (_, entry) => {
            audited.push(`${entry.actor} ${entry.what} ${entry.target}`)
          },
        }),
      ],
    })
    const token = await shell.token()
    expect((await shell.call('GET', '/me', { token })).status).toBe(200)
    const admin = await shell.token({ userId: 'root', isAdmin: true })
    expect((await shell.call('POST', '/admin/revoke', { body: { sub: 'user_1' } })).status).toBe(403)
    const answer = await shell.call('POST', '/admin/revoke', { body: { sub: 'user_1' }, token: admin })
    expect(answer.body['data']).toEqual({ sub: 'user_1', before: expect.stringMatching(/\.000Z$/) })
    expect((await shell.call('GET', '/me', { token })).status).toBe(401)
    expect((await shell.call('GET', '/me', { token: admin })).status).toBe(200)
    expect(audited).toEqual(['root tokens.revoked user_1'])
    const before = '2024-01-01T00:00:00Z'
    await shell.call('POST', '/admin/revoke', { body: { sub: 'root', before }, token: admin })
    expect((await shell.call('GET', '/me', { token: admin })).status).toBe(200)
    const bad = await shell.call('POST', '/admin/revoke', { body: { sub: 'x', before: 'now' }, token: admin })
    expect(bad.status).toBe(400)
  })
})
