import { expect, test } from 'vitest'
import { ConnectionError, Gateway, GatewayError, type GatewayOptions } from './index.ts'

type Reply = Response | Error

const MESSAGE = { sessionId: 'instagram_1_a', recipientUsername: 'target_user', content: 'Hello!' }

function ok(data: unknown, more: object = {}): Response {
  return Response.json({ success: true, data, timestamp: '2024-01-01T12:00:00.000Z', ...more })
}

function refused(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { success: false, error: 'No.', timestamp: '', code, requestId: 'req_1', details: { field: 1 } }
  return Response.json(body, { status, headers: { 'x-request-id': 'req_1', ...headers } })
}

/** A gateway that gives these replies, one after another. */
function scripted(replies: Reply[], options: Partial<GatewayOptions> = {}) {
  const requests: { url: string; method: string; headers: Headers; body: unknown }[] = []
  const slept: number[] = []
  const gateway = new Gateway({
    url: 'http://gateway.test',
    token: 'token',
    fetch: async (input, init) => {
      const body = init?.body === undefined ? undefined : JSON.parse(String(init.body))
      requests.push({ url: String(input), method: init?.method ?? '', headers: new Headers(init?.headers), body })
      const reply = replies.shift()
      if (reply === undefined) throw new Error('one request too many')
      if (reply instanceof Error) throw reply
      return reply
    },
    sleep: async (ms) => void slept.push(ms),
    ...options,
  })
  return { gateway, requests, slept }
}

test('a repeated POST carries the same key, another call another one', async () => {
  const { gateway, requests, slept } = scripted([new TypeError('reset'), refused(503, 'UNAVAILABLE'), ok({}), ok({})])
  await gateway.sendMessage(MESSAGE)
  await gateway.sendMessage(MESSAGE)
  const keys = requests.map(({ headers }) => headers.get('idempotency-key'))
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
  expect(keys[3]).not.toBe(keys[0])
  expect(slept).toHaveLength(2)
})

test('waits as long as Retry-After says, in seconds or until a date', async () => {
  const date = new Date(Date.now() + 5_000).toUTCString()
  const { gateway, slept } = scripted([
    refused(429, 'RATE_LIMITED', { 'retry-after': '7' }),
    refused(409, 'IDEMPOTENCY_KEY_IN_USE', { 'retry-after': '2' }),
    refused(503, 'UNAVAILABLE', { 'retry-after': date }),
    ok({}),
  ])
  await gateway.sendMessage(MESSAGE)
  expect(slept.slice(0, 2)).toEqual([7_000, 2_000])
  expect(slept[2]).toBeGreaterThan(3_000)
  expect(slept[2]).toBeLessThanOrEqual(5_000)
})

test('what must wait for long is thrown, and says how long', async () => {
  const { gateway, requests } = scripted([refused(429, 'ACTION_LIMIT_EXCEEDED', { 'retry-after': '3600' })])
  const error = await gateway.like({ sessionId: 'instagram_1_a', postId: 'p' }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(GatewayError)
  expect(error).toMatchObject({
    message: 'No.',
    status: 429,
    code: 'ACTION_LIMIT_EXCEEDED',
    requestId: 'req_1',
    details: { field: 1 },
    retryAfterMs: 3_600_000,
  })
  expect(requests).toHaveLength(1)
})

test.each([400, 401, 403, 404, 409, 422, 500])('%i is not tried again', async (status) => {
  const { gateway, requests } = scripted([refused(status, 'NOT_FOUND')])
  await expect(gateway.getSession('instagram_1_a')).rejects.toMatchObject({ status })
  expect(requests).toHaveLength(1)
})

test('a stored refusal is final', async () => {
  const { gateway, requests } = scripted([
    refused(502, 'INSTAGRAM_ERROR'),
    refused(502, 'INSTAGRAM_ERROR', { 'idempotent-replayed': 'true' }),
  ])
  await expect(gateway.follow({ sessionId: 's', userId: 'u' })).rejects.toMatchObject({ isReplayed: true })
  expect(requests).toHaveLength(2)
})

test('gives up after its retries, with the reason', async () => {
  const cause = new TypeError('refused')
  const { gateway, requests } = scripted([cause, cause, cause], { retries: 2 })
  const error = await gateway.getSession('instagram_1_a').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConnectionError)
  expect((error as ConnectionError).cause).toBe(cause)
  expect(requests).toHaveLength(3)
})

test("the caller's signal ends the call with its own reason", async () => {
  const reason = new Error('enough')
  const { gateway, requests } = scripted([ok({})])
  await expect(gateway.getSession('s', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(requests).toHaveLength(0)
})

test('a try that takes too long is one that failed', async () => {
  const never: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
  const { gateway } = scripted([], { fetch: never, timeoutMs: 1, retries: 0 })
  await expect(gateway.getSession('s')).rejects.toThrow(ConnectionError)
})

test('what answers without being the gateway is no answer', async () => {
  const { gateway } = scripted([new Response('<html>', { status: 502 })], { retries: 0 })
  await expect(gateway.getSession('s')).rejects.toMatchObject({ status: 502, code: 'UNKNOWN' })
})

test('addresses, queries, preferences and tokens are written as the API reads them', async () => {
  const tokens = ['first', 'second', 'third']
  const { gateway, requests } = scripted([ok([]), ok({}), ok({})], {
    url: 'http://gateway.test/api/v2/instagram/',
    token: async () => tokens.shift() ?? '',
  })
  await gateway.listConversationMessages('conv_a/b', { limit: 5, offset: 0, cursor: undefined })
  await gateway.like({ sessionId: 's', postId: 'p' }, { waitMs: 10_000, idempotencyKey: 'mine' })
  await gateway.like({ sessionId: 's', postId: 'p' }, { waitMs: 0 })
  expect(requests.map(({ url }) => url)).toEqual([
    'http://gateway.test/api/v2/instagram/conversation/conv_a%2Fb/messages?limit=5&offset=0',
    'http://gateway.test/api/v2/instagram/actions/like',
    'http://gateway.test/api/v2/instagram/actions/like',
  ])
  expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([
    'Bearer first',
    'Bearer second',
    'Bearer third',
  ])
  expect(requests.map(({ headers }) => headers.get('prefer'))).toEqual([null, 'wait=10', 'respond-async'])
  expect(requests[1]?.headers.get('idempotency-key')).toBe('mine')
  expect(requests[0]?.headers.get('idempotency-key')).toBeNull()
})

test('a list is read page by page, no further than it is asked for', async () => {
  const { gateway, requests } = scripted([
    ok([1, 2], { pagination: { limit: 2, hasMore: true, nextCursor: 'c1' } }),
    ok([3], { pagination: { limit: 2, hasMore: false } }),
  ])
  const seen: unknown[] = []
  for await (const session of gateway.iterateSessions('user_1', { limit: 2 })) {
    seen.push(session)
    expect(requests).toHaveLength(seen.length > 2 ? 2 : 1)
  }
  expect(seen).toEqual([1, 2, 3])
  expect(requests[1]?.url).toContain('limit=2&cursor=c1')
})
