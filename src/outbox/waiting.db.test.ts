import { expect, it } from 'vitest'
import { type EngagementWorld, engagementWorld } from '../../test/support/engagement-world.ts'
import type { TestAnswer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Outcome } from '../connectors/connector.ts'

const SECOND = 1_000
const LIKE = { postId: 'post_1' }
const NOT_SENT: Outcome = { type: 'not_sent', cause: 'connect', reason: 'Connection refused.' }

const dataOf = (answer: TestAnswer) => answer.body['data'] as Record<string, unknown>
const detailsOf = (answer: TestAnswer) => answer.body['details'] as Record<string, unknown>

/** A call under way: whether it was answered, without waiting for it. */
function watch(answering: Promise<TestAnswer>) {
  const call = { isAnswered: false, answer: answering }
  void answering.then(() => {
    call.isAnswered = true
  })
  return call
}

/** How far the clock had to be moved until the answer came. */
async function timeUntil(world: EngagementWorld, call: { isAnswered: boolean }): Promise<number> {
  const start = world.clock.now()
  for (;;) {
    await settle()
    if (call.isAnswered) return world.clock.now() - start
    world.clock.tick(100)
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

describeOnEveryStore('waiting for an action', (openTestStore) => {
  const begin = async (options: Parameters<typeof engagementWorld>[1] = {}) =>
    engagementWorld(await openTestStore(), options)
  const like = (world: EngagementWorld, prefer?: string, more: Record<string, unknown> = {}) =>
    watch(world.post('/actions/like', { ...LIKE, ...more }, prefer === undefined ? {} : { prefer }))

  it('answers as soon as the action has ended', async () => {
    const world = await begin()
    const call = like(world)
    await world.accepted(1)
    await settle()
    expect(call.isAnswered).toBe(false)
    await world.run()
    const answer = await call.answer
    expect([answer.status, answer.body['message'], dataOf(answer)['status']]).toEqual([200, 'Post liked', 'succeeded'])
    expect(answer.headers['preference-applied']).toBeUndefined()
  })

  it('answers 202 with how it stands after 5 s', async () => {
    const world = await begin()
    const call = like(world)
    await world.accepted(1)
    expect(await timeUntil(world, call)).toBeGreaterThanOrEqual(5 * SECOND)
    const answer = await call.answer
    expect(answer.status).toBe(202)
    expect(dataOf(answer)).toMatchObject({ status: 'queued', scheduledFor: expect.any(String) })
  })

  it('ends early when nothing more can end before the end of the default wait, and says when it will', async () => {
    const world = await begin({ actionDelayMs: 30 * SECOND })
    await world.act('/actions/like', LIKE)
    const at = new Date(world.clock.now() + 30 * SECOND).toISOString()
    const answer = await like(world).answer
    expect(answer.status).toBe(202)
    expect(dataOf(answer)).toMatchObject({ scheduledFor: at, waitingFor: { what: 'delay', until: at } })
    // The one behind it waits for the same delay, and then for its turn.
    const next = new Date(world.clock.now() + 60 * SECOND).toISOString()
    expect(dataOf(await like(world).answer)).toMatchObject({ scheduledFor: next, waitingFor: { until: at } })
  })

  it('ends early when what it meets on its way takes longer than the default wait', async () => {
    const world = await begin()
    world.society.writes = [NOT_SENT]
    const call = like(world)
    await world.accepted(1)
    await world.run()
    const answer = await call.answer
    const until = new Date(world.clock.now() + 30 * SECOND).toISOString()
    expect(dataOf(answer)).toMatchObject({ status: 'queued', waitingFor: { what: 'connection', until } })
  })

  it('lasts as long as it was asked to, although nothing can end before', async () => {
    const world = await begin({ actionDelayMs: 30 * SECOND })
    await world.act('/actions/like', LIKE)
    const call = like(world, 'wait=20')
    await world.accepted(2)
    expect(await timeUntil(world, call)).toBeGreaterThanOrEqual(20 * SECOND)
    const answer = await call.answer
    expect([answer.status, answer.headers['preference-applied']]).toEqual([202, 'wait=20'])
  })

  it('reaches an action that ends late within a wait that was asked for', async () => {
    const world = await begin({ actionDelayMs: 30 * SECOND })
    await world.act('/actions/like', LIKE)
    const call = like(world, 'wait=60')
    await world.accepted(2)
    await settle()
    await world.advance(30 * SECOND)
    expect((await call.answer).status).toBe(200)
  })

  it('is left out when the caller prefers so', async () => {
    const world = await begin()
    const answer = await like(world, 'respond-async').answer
    expect([answer.status, answer.headers['preference-applied']]).toEqual([202, 'respond-async'])
    expect(dataOf(answer)).toMatchObject({ status: 'queued', waitingFor: { what: 'turn' } })
  })

  it('ends when the server drains', async () => {
    const drain = new AbortController()
    const world = await begin()
    Object.assign(world.deps, { drainSignal: drain.signal })
    const call = like(world, 'wait=60')
    await world.accepted(1)
    await settle()
    drain.abort()
    expect((await call.answer).status).toBe(202)
  })

  it('is told of a cancellation and of an expiry', async () => {
    const world = await begin()
    const canceled = like(world)
    await world.accepted(1)
    const [row] = await world.store.read.selectFrom('actions').select('id').execute()
    const token = await world.server.token({ userId: 'user_123' })
    await world.server.call('DELETE', `/actions/${row?.id}`, { token })
    const answer = await canceled.answer
    expect([answer.status, answer.body['code']]).toEqual([409, 'ACTION_CANCELED'])
    expect(detailsOf(answer)).toMatchObject({ actionId: row?.id })

    const expiresAt = new Date(world.clock.now() + 3 * SECOND).toISOString()
    world.society.writes = [NOT_SENT]
    const expired = like(world, 'wait=60', { expiresAt })
    await world.accepted(2)
    await world.advance(3 * SECOND)
    const second = await expired.answer
    expect([second.status, second.body['code']]).toEqual([409, 'ACTION_EXPIRED'])
  })

  it.each([
    ['throttled', { type: 'throttled', retryAfterMs: null, reason: 'wait' }, 429, 'ACTION_LIMIT_EXCEEDED'],
    ['challenge', { type: 'challenge', kind: 'challenge', url: null, reason: 'confirm' }, 409, 'CHALLENGE_REQUIRED'],
    ['login_required', { type: 'login_required', reason: 'log in' }, 409, 'SESSION_NOT_ACTIVE'],
    ['refused', { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'gone' }, 422, 'TARGET_NOT_FOUND'],
  ] as [
    string,
    Outcome,
    number,
    string,
  ][])('%s is its status and code, naming the action', async (_, outcome, status, code) => {
    const world = await begin()
    world.society.writes = [outcome]
    const answer = await world.act('/actions/like', LIKE)
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(detailsOf(answer)).toMatchObject({ actionId: expect.stringMatching(/^act_/), reason: expect.any(String) })
  })
})

describeOnEveryStore('an Idempotency-Key on an action', (openTestStore) => {
  const begin = async () => engagementWorld(await openTestStore())
  const KEY = { 'idempotency-key': 'k1' }

  it('makes 50 parallel repeats one effect', async () => {
    const world = await begin()
    const calls = Array.from({ length: 50 }, () => world.post('/actions/like', LIKE, KEY))
    await world.accepted(1)
    const refused = await Promise.race(calls)
    expect([refused.status, refused.body['code'], refused.headers['retry-after']]).toEqual([
      409,
      'IDEMPOTENCY_KEY_IN_USE',
      '1',
    ])
    await settle()
    await world.run()
    const answers = await Promise.all(calls)
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.body['code'] === 'IDEMPOTENCY_KEY_IN_USE')).toHaveLength(49)
    const first = answers.find((answer) => answer.status === 200)
    await settle()
    const repeat = await world.post('/actions/like', LIKE, KEY)
    expect([repeat.status, repeat.text, repeat.headers['idempotent-replayed']]).toEqual([200, first?.text, 'true'])
    expect(world.society.effects).toHaveLength(1)
  })

  it('refuses another body while the first runs and after', async () => {
    const world = await begin()
    const call = watch(world.post('/actions/like', LIKE, KEY))
    await world.accepted(1)
    const other = () => world.post('/actions/like', { postId: 'post_2' }, KEY)
    expect((await other()).body['code']).toBe('IDEMPOTENCY_KEY_REUSED')
    await world.run()
    await call.answer
    expect((await other()).status).toBe(422)
    expect(world.society.effects).toHaveLength(1)
  })

  const unreadable = (timedOut: boolean) => (world: EngagementWorld) => {
    world.society.reads = Array.from({ length: 5 }, () => ({ type: 'unreadable', timedOut, reason: 'HTTP 500' }))
  }

  it.each([
    ['succeeded', '/actions/like', LIKE, () => {}, 200, undefined],
    [
      'refused',
      '/actions/like',
      LIKE,
      (world) => {
        world.society.writes = [{ type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'gone' }]
      },
      422,
      'TARGET_NOT_FOUND',
    ],
    ['tries used up', '/actions/story-view', { storyId: 's' }, unreadable(false), 502, 'INSTAGRAM_ERROR'],
    ['tries used up by silence', '/actions/story-view', { storyId: 's' }, unreadable(true), 504, 'INSTAGRAM_TIMEOUT'],
  ] as [
    string,
    string,
    Record<string, unknown>,
    (world: EngagementWorld) => void,
    number,
    string | undefined,
  ][])('answers from the action after a restart: %s', async (_, path, body, script, status, code) => {
    const world = await begin()
    script(world)
    // The first process dies while its caller waits: nobody ever stores its answer.
    void world.post(path, body, { ...KEY, prefer: 'wait=60' })
    await world.accepted(1)
    await world.store.write((tx) => tx.updateTable('idempotency_keys').set({ claim: 'of the dead' }).execute())

    const post = await world.restart()
    expect((await post(path, body, KEY)).body['code']).toBe('IDEMPOTENCY_KEY_IN_USE')
    await world.advance(600 * SECOND)
    const calls = world.instagram.calls.length
    const recovered = await post(path, body, KEY)
    expect([recovered.status, recovered.body['code'], recovered.headers['idempotent-replayed']]).toEqual([
      status,
      code,
      'true',
    ])
    world.clock.tick(SECOND)
    const repeat = await post(path, body, KEY)
    expect([repeat.status, repeat.text]).toEqual([status, recovered.text])
    expect(world.instagram.calls).toHaveLength(calls)
  })

  it('is free again after a push-back, which is no answer to keep', async () => {
    const world = await begin()
    world.society.writes = [{ type: 'throttled', retryAfterMs: null, reason: 'wait' }]
    const first = await world.act('/actions/like', LIKE, KEY)
    expect(first.status).toBe(429)
    await world.advance(Number(first.headers['retry-after']) * SECOND)
    expect((await world.act('/actions/like', LIKE, KEY)).status).toBe(200)
  })

  it('replays what was accepted without waiting', async () => {
    const world = await begin()
    const headers = { ...KEY, prefer: 'respond-async' }
    const first = await world.post('/actions/like', LIKE, headers)
    await world.run()
    const repeat = await world.post('/actions/like', LIKE, headers)
    expect([repeat.status, repeat.text]).toEqual([202, first.text])
    expect(world.society.effects).toHaveLength(1)
  })
})
