import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { COMMENT, FOLLOW, LIKE, SESSION, USER, type V1World, v1World } from '../../test/support/v1-world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const refusal = (code: string, errors: Record<string, unknown> = {}) => ({
  success: false,
  error_code: code,
  message: expect.stringMatching(/.+/),
  errors,
})

const unused = (limit: number) => ({ limit, used: 0, remaining: limit, reset_at: null })

describeOnEveryStore('the first document’s API', (openTestStore) => {
  const begin = async (env: Record<string, string> = {}) => v1World(await openTestStore(), env)
  const beginWithSession = async (env: Record<string, string> = {}) => {
    const world = await begin(env)
    expect((await world.v1('POST', '/session', SESSION)).status).toBe(201)
    return world
  }
  const ledger = (world: V1World, kind: string) =>
    [...world.sandbox.world.ledger.values()].filter((entry) => entry.kind === kind)

  it('opens a session with the document’s body, label kept, under the classic limits', async () => {
    const world = await begin()
    const { status, body } = await world.v1('POST', '/session', SESSION)
    expect(status).toBe(201)
    expect(body).toEqual({
      success: true,
      message: 'Session created',
      data: {
        session: {
          username: 'user123',
          session_id: 'xyz789',
          created_at: new Date(world.clock.now()).toISOString(),
          expires_at: new Date(world.clock.now() + DAY).toISOString(),
          is_active: true,
          limits: { follow: unused(200), like: unused(1000), comment: unused(100) },
        },
      },
    })
    const list = await world.v2('GET', `/sessions/${USER}`)
    expect(list.body['data']).toMatchObject([
      { username: 'user123', settings: { maxDailyActions: 10_000, actionDelay: 0 } },
    ])
  })

  it('starts at the least pace there is in live mode', async () => {
    const world = await begin({ INSTAGRAM_MODE: 'live' })
    await world.v1('POST', '/session', SESSION)
    const list = await world.v2('GET', `/sessions/${USER}`)
    expect(list.body['data']).toMatchObject([{ settings: { maxDailyActions: 10_000, actionDelay: 1_000 } }])
  })

  it('follows, likes and comments with the document’s bodies, once each', async () => {
    const world = await beginWithSession()
    for (const [path, body, message] of [
      ['/follow', FOLLOW, 'User followed'],
      ['/like', LIKE, 'Post liked'],
      ['/comment', COMMENT, 'Comment posted'],
    ] as const) {
      const answer = await world.v1('POST', path, body)
      expect([answer.status, answer.body['message']]).toEqual([200, message])
      expect(Object.keys(answer.body)).toEqual(['success', 'data', 'message'])
      expect(answer.body['data']).toMatchObject({
        action_id: expect.stringMatching(/^act_/),
        status: 'succeeded',
        limits: { [body.action_type]: { used: 1 } },
      })
    }
    expect(['follow', 'like', 'comment'].map((kind) => ledger(world, kind).length)).toEqual([1, 1, 1])
    expect(ledger(world, 'comment')[0]?.text).toBe('Great post!')
  })

  it('takes `comment` for `text`, and not both', async () => {
    const world = await beginWithSession()
    const { text, ...rest } = COMMENT
    expect((await world.v1('POST', '/comment', { ...rest, comment: text })).status).toBe(200)
    const both = await world.v1('POST', '/comment', { ...COMMENT, comment: text })
    expect([both.status, both.body]).toEqual([400, refusal('VALIDATION_ERROR', { comment: [expect.any(String)] })])
    const none = await world.v1('POST', '/comment', rest)
    expect(none.body).toEqual(refusal('VALIDATION_ERROR', { text: ['is required'] }))
    const empty = await world.v1('POST', '/comment', { ...COMMENT, text: ' ' })
    expect(empty.body).toEqual(refusal('VALIDATION_ERROR', { text: ['must not be empty'] }))
  })

  it('tells limits of every kind, and their reset to the millisecond', async () => {
    const world = await beginWithSession()
    const resetAt = new Date(world.clock.now() + DAY).toISOString()
    await world.v1('POST', '/follow', FOLLOW)
    const { status, body } = await world.v1('GET', '/limits/user123')
    expect(status).toBe(200)
    const { limits } = body['data'] as { limits: Record<string, unknown> }
    expect(limits).toMatchObject({
      follow: { limit: 200, used: 1, remaining: 199, reset_at: resetAt },
      like: unused(1000),
      comment: unused(100),
      message: unused(50),
    })
    world.clock.tick(DAY - 1)
    const login = { ...SESSION, username: '@User123' }
    expect((await world.v1('POST', '/session', login)).body['data']).toMatchObject({
      session: { limits: { follow: { used: 1 } } },
    })
    world.clock.tick(1)
    expect((await world.v1('GET', '/limits/user123')).body['data']).toMatchObject({ limits: { follow: unused(200) } })
  })

  it('refuses beyond the limit with the exact time to wait, and lets through when it is over', async () => {
    const world = await beginWithSession({ LIKE_LIMIT_PER_DAY: '2' })
    await world.v1('POST', '/like', LIKE)
    world.clock.tick(HOUR)
    await world.v1('POST', '/like', { ...LIKE, media_id: 'media_id' })
    const third = { ...LIKE, media_id: 'post_1234567890' }
    const refused = await world.v1('POST', '/like', third)
    expect([refused.status, refused.body]).toEqual([429, refusal('RATE_LIMIT_EXCEEDED')])
    expect(refused.headers['retry-after']).toBe(String((DAY - HOUR) / 1_000))
    world.clock.tick(DAY - HOUR - 1)
    await world.v1('POST', '/session', SESSION)
    expect((await world.v1('POST', '/like', third)).status).toBe(429)
    world.clock.tick(1)
    expect((await world.v1('POST', '/like', third)).status).toBe(200)
  })

  it('answers 200 while an action waits, and stores that answer for repeats', async () => {
    const world = await beginWithSession()
    const headers = { prefer: 'respond-async', 'idempotency-key': 'one-follow' }
    const queued = await world.v1('POST', '/follow', FOLLOW, { headers })
    expect([queued.status, queued.body['message']]).toEqual([200, 'Action queued'])
    expect(queued.body['data']).toEqual({
      action_id: expect.any(String),
      status: 'queued',
      limits: { follow: unused(200), like: unused(1000), comment: unused(100) },
    })
    const repeat = await world.v1('POST', '/follow', FOLLOW, { headers })
    expect([repeat.text, repeat.headers['idempotent-replayed']]).toEqual([queued.text, 'true'])
    const other = await world.v1('POST', '/follow', { ...FOLLOW, target_user_id: 'user1' }, { headers })
    expect([other.status, other.body]).toEqual([422, refusal('IDEMPOTENCY_KEY_REUSED')])
    await world.run()
    expect(ledger(world, 'follow')).toHaveLength(1)
  })

  it('makes an answer that was never stored afresh from its action, in its own words', async () => {
    const world = await beginWithSession()
    const headers = { 'idempotency-key': 'lost-answer' }
    const first = await world.v1('POST', '/like', LIKE, { headers })
    await world.store.write((tx) =>
      tx.updateTable('idempotency_keys').set({ status: null, body: null, answer_by_wall: 0 }).execute(),
    )
    const repeat = await world.v1('POST', '/like', LIKE, { headers })
    expect([repeat.status, repeat.body]).toEqual([200, first.body])
    expect(ledger(world, 'like')).toHaveLength(1)
  })

  it('knows no session that was never opened, has ended or has expired', async () => {
    const world = await beginWithSession()
    const invalid = [401, refusal('INVALID_SESSION')]
    const calls = [
      () => world.v1('GET', '/limits/user123'),
      () => world.v1('POST', '/follow', FOLLOW),
      () => world.v1('POST', '/like', LIKE),
      () => world.v1('POST', '/comment', COMMENT),
    ]
    const all = async () => {
      for (const call of calls) {
        const { status, body } = await call()
        expect([status, body]).toEqual(invalid)
      }
    }
    const nobody = await world.v1('POST', '/follow', { ...FOLLOW, username: 'nobody' })
    expect([nobody.status, nobody.body]).toEqual(invalid)
    world.clock.tick(DAY)
    await all()
    await world.v1('POST', '/session', SESSION)
    const deleted = await world.v1('DELETE', '/session/user123')
    expect([deleted.status, deleted.body]).toEqual([200, { success: true, data: {}, message: 'Session invalidated' }])
    expect((await world.v1('DELETE', '/session/user123')).status).toBe(200)
    await all()
    const never = await world.v1('DELETE', '/session/nobody')
    expect([never.status, never.body]).toEqual(invalid)
  })

  it('keeps another user’s account to that user, and a confined token to its own', async () => {
    const world = await beginWithSession()
    for (const as of [{ userId: 'stranger' }, { sessions: ['another_account'] }]) {
      for (const [method, path, body] of [
        ['GET', '/limits/user123', undefined],
        ['POST', '/like', LIKE],
        ['DELETE', '/session/user123', undefined],
      ] as const) {
        const { status, body: said } = await world.v1(method, path, body, { as })
        expect([status, said]).toEqual([401, refusal('INVALID_SESSION')])
      }
    }
    const taken = await world.v1('POST', '/session', SESSION, { as: { userId: 'stranger' } })
    expect([taken.status, taken.body]).toEqual([409, refusal('ACCOUNT_IN_USE')])
    expect((await world.v1('GET', '/limits/user123', undefined, { as: { sessions: ['user123'] } })).status).toBe(200)
  })

  it('tells cookies that Instagram refuses from cookies of somebody else', async () => {
    const world = await begin()
    const worn = await world.v1('POST', '/session', { ...SESSION, cookies: { sessionid: 'worn-out' } })
    expect([worn.status, worn.body]).toEqual([401, refusal('INVALID_SESSION')])
    const other = await world.v1('POST', '/session', { ...SESSION, username: 'user1' })
    expect([other.status, other.body]).toEqual([
      400,
      refusal('VALIDATION_ERROR', { cookies: ['belong to another Instagram account'] }),
    ])
  })

  it('names every wrong field in its own words', async () => {
    const world = await beginWithSession()
    const cases: [string, unknown, string[]][] = [
      ['/session', {}, ['username', 'session_id', 'cookies', 'user_agent']],
      ['/session', { ...SESSION, cookies: { sessionid: 7 } }, ['cookies.sessionid']],
      ['/session', { ...SESSION, userAgent: 'x' }, ['userAgent']],
      ['/follow', { ...FOLLOW, action_type: 'like' }, ['action_type']],
      ['/follow', { ...FOLLOW, target_user_id: 'no such thing' }, ['target_user_id']],
      ['/follow', { username: 'user123', target_user_id: 'target456' }, ['action_type']],
      ['/like', { ...LIKE, media_id: '!!' }, ['media_id']],
      ['/comment', { ...COMMENT, text: 'x'.repeat(2_201) }, ['text']],
    ]
    for (const [path, body, fields] of cases) {
      const answer = await world.v1('POST', path, body)
      const errors = Object.fromEntries(fields.map((field) => [field, [expect.any(String)]]))
      expect([answer.status, answer.body], path).toEqual([400, refusal('VALIDATION_ERROR', errors)])
      expect(answer.body['message']).not.toMatch(/postId|userId|content/)
    }
  })

  it('says when Instagram refuses the target, and when it cannot be reached', async () => {
    const world = await beginWithSession()
    const gone = await world.v1('POST', '/like', { ...LIKE, media_id: 'deleted_post' })
    expect([gone.status, gone.body]).toEqual([422, refusal('REQUEST_FAILED')])
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'challenge_required' })
    const stopped = await world.v1('POST', '/like', LIKE)
    expect([stopped.status, stopped.body]).toEqual([401, refusal('INVALID_SESSION')])
    expect(stopped.body['message']).not.toContain('hand-off')
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'drop_before', times: 10 })
    const unreachable = await world.v1('POST', '/session', SESSION)
    expect([unreachable.status, unreachable.body]).toEqual([502, refusal('REQUEST_FAILED')])
  })

  it('keeps its envelope for what never reaches a route', async () => {
    const world = await begin()
    const cases = [
      [401, 'UNAUTHORIZED', world.v1('GET', '/limits/user123', undefined, { as: null })],
      [403, 'FORBIDDEN', world.v1('POST', '/like', LIKE, { as: { scopes: ['read'] } })],
      [404, 'NOT_FOUND', world.v1('GET', '/nowhere')],
      [405, 'METHOD_NOT_ALLOWED', world.v1('PUT', '/like', LIKE)],
      [413, 'BODY_TOO_LARGE', world.v1('POST', '/like', { ...LIKE, media_id: 'x'.repeat(1_100_000) })],
      [415, 'UNSUPPORTED_MEDIA_TYPE', world.v1('POST', '/like', LIKE, { headers: { 'content-type': 'text/plain' } })],
    ] as const
    for (const [status, code, answering] of cases) {
      const answer = await answering
      expect([answer.status, answer.body]).toEqual([status, refusal(code)])
      expect(answer.headers['x-request-id']).toMatch(/.+/)
    }
    expect((await cases[0][2]).headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect((await cases[3][2]).headers['allow']).toBe('POST')
  })

  it('shares the request limits with v2', async () => {
    const world = await beginWithSession({ REQUEST_LIMITS: '{"follows":{"limit":2,"seconds":60}}' })
    const list = await world.v2('GET', `/sessions/${USER}`)
    const [{ id: sessionId }] = list.body['data'] as [{ id: string }]
    expect((await world.v1('POST', '/follow', FOLLOW)).status).toBe(200)
    expect((await world.v2('POST', '/actions/follow', { sessionId, userId: 'user1' })).status).not.toBe(429)
    const third = await world.v1('POST', '/follow', { ...FOLLOW, target_user_id: 'user2' })
    expect([third.status, third.body]).toEqual([429, refusal('RATE_LIMIT_EXCEEDED')])
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect(third.headers['ratelimit']).toMatch(/"follows";r=0/)
  })

  it('shares usage with v2 and takes the smaller of each window', async () => {
    const world = await beginWithSession({ REQUEST_LIMITS: 'off', FOLLOW_LIMIT_PER_DAY: '3' })
    const login = { username: 'user123', password: 'user123_password' }
    const { body } = await world.v2('POST', '/login', login)
    const { id: sessionId, settings } = body['data'] as { id: string; settings: unknown }
    expect(settings).toMatchObject({ maxDailyActions: 10_000, actionDelay: 0 })
    const targets = ['target456', 'user1', 'user2']
    const statuses = []
    for (const [index, target] of targets.entries()) {
      const answer =
        index % 2 === 0
          ? await world.v1('POST', '/follow', { ...FOLLOW, target_user_id: target })
          : await world.v2('POST', '/actions/follow', { sessionId, userId: target })
      statuses.push(answer.status)
    }
    expect(statuses).toEqual([200, 200, 200])
    const { limits } = (await world.v1('GET', '/limits/user123')).body['data'] as { limits: Record<string, unknown> }
    // Three a day are v1's, and fewer than v2's thirty an hour; of likes, v2's fifty an hour are fewer than v1's thousand.
    expect(limits).toMatchObject({ follow: { limit: 3, used: 3, remaining: 0 }, like: { limit: 50 } })
    expect((await world.v1('POST', '/follow', FOLLOW)).status).toBe(429)
    const beyond = await world.v2('POST', '/actions/follow', { sessionId, userId: 'user1' })
    expect([beyond.status, beyond.body['code']]).toEqual([429, 'ACTION_LIMIT_EXCEEDED'])
  })
})

const NO_FAULT = {
  skip: 0,
  times: 1,
  effect: false,
  ms: null,
  code: 500,
  body: null,
  headers: {},
  retryAfter: null,
  until: null,
  url: null,
}
