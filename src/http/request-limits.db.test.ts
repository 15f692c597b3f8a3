import Type from 'typebox'
import { expect, test } from 'vitest'
import { startTestServer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { DEFAULT_REQUEST_LIMITS, type RequestLimits } from '../config/index.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { GatewayError } from '../core/errors.ts'
import type { Store } from '../store/store.ts'
import { type RequestLimitName, type Route, route } from './route.ts'

function limitedRoute(store: Store, path: string, limits: readonly RequestLimitName[]): Route {
  return route({
    operation: path.slice(1),
    method: 'POST',
    path,
    summary: 'Limited',
    tag: 'Test',
    scope: 'send',
    limits,
    body: Type.Object({ fail: Type.Optional(Type.Boolean()) }),
    bodyOptional: true,
    answers: { 200: null },
    errors: ['SESSION_NOT_ACTIVE'],
    handler: async ({ body, receipt }) => {
      await store.write(async (tx) => {
        await receipt.claim(tx)
        if (body.fail === true) throw new GatewayError('SESSION_NOT_ACTIVE')
      })
      return { status: 200 }
    },
  })
}

describeOnEveryStore('request limits', (openTestStore) => {
  const start = async (limits: RequestLimits | null = DEFAULT_REQUEST_LIMITS) => {
    const store = await openTestStore()
    const clock = createManualClock()
    const routes = [
      limitedRoute(store, '/login', ['login']),
      limitedRoute(store, '/comment', ['actions', 'comments']),
      limitedRoute(store, '/like', ['actions']),
    ]
    const shell = await startTestServer({ store, clock, routes, limits })
    const post = (path: string, body?: unknown) => shell.call('POST', path, body === undefined ? {} : { body })
    return { ...shell, store, clock, post }
  }

  test('the window rolls: a use comes free exactly when it is a window old', async () => {
    const { post, clock } = await start()
    for (let use = 0; use < 5; use += 1) {
      const answer = await post('/login')
      expect([answer.status, answer.headers['ratelimit']]).toEqual([200, `"login";r=${4 - use};t=${300 - use * 10}`])
      clock.tick(10_000)
    }
    const refused = await post('/login')
    expect([refused.status, refused.body['code'], refused.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '250'])
    expect(refused.headers['ratelimit-policy']).toBe('"login";q=5;w=300')
    expect(refused.headers['ratelimit']).toBe('"login";r=0;t=250')
    clock.tick(249_999)
    expect((await post('/login')).headers['retry-after']).toBe('1')
    clock.tick(1)
    expect((await post('/login')).status).toBe(200)
    expect((await post('/login')).headers['retry-after']).toBe('10')
  })

  test('a refused request counts nowhere, also under its other limits', async () => {
    const { post, store } = await start({ ...DEFAULT_REQUEST_LIMITS, comments: { limit: 1, windowMs: 60_000 } })
    const first = await post('/comment')
    expect(first.headers['ratelimit']).toBe('"actions";r=49;t=60, "comments";r=0;t=60')
    expect((await post('/comment')).status).toBe(429)
    expect((await post('/comment')).status).toBe(429)
    expect((await post('/like')).headers['ratelimit']).toBe('"actions";r=48;t=60')
    const rows = await store.read.selectFrom('usage').select('no').where('no', '>', 0).execute()
    expect(rows).toHaveLength(3)
  })

  test('a request whose work was undone does not count, and says how the user stands', async () => {
    const { post } = await start()
    const refused = await post('/login', { fail: true })
    expect([refused.status, refused.headers['ratelimit']]).toEqual([409, '"login";r=5;t=0'])
    const invalid = await post('/login', { fail: 'yes' })
    expect([invalid.status, invalid.headers['ratelimit']]).toEqual([400, '"login";r=5;t=0'])
  })

  test('each user has their own', async () => {
    const { call, post, token } = await start({ ...DEFAULT_REQUEST_LIMITS, login: { limit: 1, windowMs: 1000 } })
    await post('/login')
    expect((await post('/login')).status).toBe(429)
    expect((await call('POST', '/login', { token: await token({ userId: 'user_2' }) })).status).toBe(200)
  })

  test('never lets more through than the limit, however many come at once', async () => {
    const { post, store } = await start()
    const answers = await Promise.all(Array.from({ length: 30 }, () => post('/login')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25)
    const rows = await store.read.selectFrom('usage').select('no').where('kind', '=', 'login').execute()
    expect(rows.map(({ no }) => Number(no)).sort()).toEqual([1, 2, 3, 4, 5])
  })

  test('keeps no more rows than the limit looks at', async () => {
    const { post, clock, store } = await start({ ...DEFAULT_REQUEST_LIMITS, login: { limit: 2, windowMs: 1000 } })
    for (let use = 0; use < 10; use += 1) {
      expect((await post('/login')).status).toBe(200)
      clock.tick(500)
    }
    const rows = await store.read.selectFrom('usage').select('no').where('kind', '=', 'login').execute()
    expect(rows.map(({ no }) => Number(no)).sort((a, b) => a - b)).toEqual([9, 10])
  })

  test('can be switched off', async () => {
    const { post } = await start(null)
    for (let use = 0; use < 10; use += 1) {
      const answer = await post('/login')
      expect([answer.status, answer.headers['ratelimit']]).toEqual([200, undefined])
    }
  })
})
