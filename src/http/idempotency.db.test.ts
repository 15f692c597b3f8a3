import Type from 'typebox'
import { expect, test } from 'vitest'
import { startTestServer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { GatewayError } from '../core/errors.ts'
import type { Store } from '../store/store.ts'
import { sweepIdempotencyKeys } from './idempotency.ts'
import { type Route, route } from './route.ts'

const DAY_MS = 24 * 3_600_000

/** What the work of a request leaves behind, written in its transaction: one row of the audit trail. */
const countWork = async (store: Store) => (await store.read.selectFrom('audit').select('id').execute()).length

interface Work {
  store: Store
  runs: number
  /** Called between the claim and the end of the transaction. */
  inside?: () => void
  /** Called after the transaction. */
  after?: () => Promise<void> | void
  /** Machine time that the route says it may take after its transaction. */
  answerWithinMs?: number
  actionId?: string
}

function workRoutes(work: Work): Route[] {
  const answers = { 202: Type.Object({ run: Type.Integer(), content: Type.String() }) }
  const body = Type.Object({
    content: Type.String(),
    more: Type.Optional(Type.Object({}, { additionalProperties: true })),
  })
  const start = async (call: { body: { content: string }; receipt: Parameters<typeof begin>[0] }) => {
    work.runs += 1
    const run = work.runs
    const answer = { status: 202, data: { run, content: call.body.content }, headers: { 'x-run': String(run) } }
    await work.store.write(async (tx) => {
      await begin(call.receipt, tx)
      const entry = { id: `run_${run}`, at: run, actor: 'test', what: call.body.content, target: null, details: null }
      await tx.insertInto('audit').values(entry).execute()
      work.inside?.()
      if (work.answerWithinMs === undefined) await call.receipt.answer(tx, answer)
    })
    await work.after?.()
    return answer
  }
  const begin = (receipt: Parameters<Route['handler']>[0]['receipt'], tx: Parameters<typeof receipt.claim>[0]) =>
    receipt.claim(tx, {
      ...(work.answerWithinMs === undefined ? {} : { answerWithinMs: work.answerWithinMs }),
      ...(work.actionId === undefined ? {} : { actionId: work.actionId }),
    })
  const errors = ['SUPPRESSED', 'ACTION_LIMIT_EXCEEDED'] as const
  const basics = { method: 'POST', summary: 'Work', tag: 'Test', scope: 'send', body, answers, errors } as const
  return [
    route({ ...basics, operation: 'work', path: '/work', limits: ['messages'], handler: start }),
    route({ ...basics, operation: 'otherWork', path: '/other', handler: start }),
    route({
      ...basics,
      operation: 'waitedWork',
      path: '/waited',
      handler: start,
      recover: async (call, actionId) => ({
        status: 202,
        data: { run: -1, content: `${actionId} ${call.body.content}` },
      }),
    }),
    route({
      ...basics,
      operation: 'secretWork',
      path: '/secret',
      handler: async ({ body: { content }, receipt }) => {
        const answer = { status: 202, data: { run: 0, content: `whsec_${content}` } }
        await work.store.write(async (tx) => {
          await receipt.claim(tx)
          await receipt.answer(tx, answer, { showsSecret: true })
        })
        return answer
      },
    }),
  ]
}

describeOnEveryStore('idempotency keys', (openTestStore, engine) => {
  const begin = async (given: Partial<Work> = {}) => {
    const store = given.store ?? (await openTestStore())
    const work: Work = { store, runs: 0, ...given }
    const clock = createManualClock()
    const shell = await startTestServer({ store, clock, routes: workRoutes(work) })
    const post = (key: string | null, content = 'hello', path = '/work') =>
      shell.call('POST', path, { body: { content }, headers: key === null ? {} : { 'idempotency-key': key } })
    return { ...shell, store, work, clock, post }
  }

  test('a repeat gets the first answer byte for byte and does nothing', async () => {
    const { post, store, work, clock } = await begin()
    const first = await post('k1')
    clock.tick(5000)
    const second = await post('"k1"')
    expect([first.status, second.status]).toEqual([202, 202])
    expect(second.text).toBe(first.text)
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.headers['x-run']).toBe('1')
    expect([work.runs, await countWork(store)]).toEqual([1, 1])
  })

  test('white space and the order of members do not make another request', async () => {
    const { call, work } = await begin()
    const send = (raw: string) => call('POST', '/work', { raw, headers: { 'idempotency-key': 'k' } })
    await send('{"content":"a","more":{"x":1,"y":[1,2]}}')
    expect((await send('{ "more": {"y":[1,2], "x":1}, "content":"a" }')).headers['idempotent-replayed']).toBe('true')
    expect((await send('{"content":"a","more":{"x":1,"y":[2,1]}}')).body['code']).toBe('IDEMPOTENCY_KEY_REUSED')
    expect(work.runs).toBe(1)
  })

  test('the same key with another body, or on another route, is refused', async () => {
    const { post, work } = await begin()
    await post('k')
    for (const answer of [await post('k', 'bye'), await post('k', 'hello', '/other')]) {
      expect([answer.status, answer.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    }
    expect(work.runs).toBe(1)
    expect((await post('k')).status).toBe(202)
  })

  test('users do not see each other’s keys, and no key means no memory', async () => {
    const { call, post, token, work } = await begin()
    await post('k')
    const other = await call('POST', '/work', {
      body: { content: 'hello' },
      headers: { 'idempotency-key': 'k' },
      token: await token({ userId: 'user_2' }),
    })
    expect(other.headers['idempotent-replayed']).toBeUndefined()
    await post(null)
    await post(null)
    expect(work.runs).toBe(4)
  })

  test('fifty parallel repeats do the work once', async () => {
    const { post, store } = await begin()
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('k')))
    expect(await countWork(store)).toBe(1)
    const done = answers.filter(({ status }) => status === 202)
    expect(new Set(done.map(({ text }) => text)).size).toBe(1)
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 202)) {
      expect([status, body['code'], headers['retry-after']]).toEqual([409, 'IDEMPOTENCY_KEY_IN_USE', '1'])
    }
    expect((await post('k')).headers['idempotent-replayed']).toBe('true')
  })

  test('a repeat does not count against the request limits', async () => {
    const { post } = await begin()
    const first = await post('k')
    expect(first.headers['ratelimit']).toBe('"messages";r=29;t=60')
    for (let index = 0; index < 3; index += 1) await post('k')
    expect((await post('k')).headers['ratelimit']).toBe('"messages";r=29;t=60')
  })

  test('keys survive a restart', async () => {
    const place = await engine.place()
    const store = await openTestStore({ at: place })
    const first = await (await begin({ store })).post('k')
    await store.close()
    const again = await begin({ store: await openTestStore({ at: place }) })
    const second = await again.post('k')
    expect(second.text).toBe(first.text)
    expect(again.work.runs).toBe(0)
  })

  test('a refusal that undid the transaction is stored, and repeated without doing anything', async () => {
    const { post, store, work } = await begin({
      inside: () => {
        throw new GatewayError('SUPPRESSED')
      },
    })
    const first = await post('k')
    const second = await post('k')
    expect([first.status, second.status, second.text === first.text]).toEqual([422, 422, true])
    expect([work.runs, await countWork(store)]).toEqual([1, 0])
  })

  test.each([
    'NOT_FOUND',
    'FORBIDDEN',
    'ACTION_LIMIT_EXCEEDED',
    'UNAVAILABLE',
    'VALIDATION_ERROR',
  ] as const)('%s is not stored: the same request may succeed later', async (code) => {
    let isRefused = true
    const { post, store } = await begin({
      inside: () => {
        if (isRefused) throw new GatewayError(code, { retryAfterSeconds: 7 })
      },
    })
    expect((await post('k')).body['code']).toBe(code)
    isRefused = false
    expect((await post('k')).status).toBe(202)
    expect(await countWork(store)).toBe(1)
  })

  test('a bug of ours is answered with 500, stored like any failure after execution began', async () => {
    const { post, work } = await begin({
      after: () => {
        throw new TypeError('bug')
      },
      answerWithinMs: 1000,
    })
    expect((await post('k')).status).toBe(500)
    // It was sent before it was stored.
    let repeat = await post('k')
    while (repeat.status === 409) repeat = await post('k')
    expect(repeat.status).toBe(500)
    expect(work.runs).toBe(1)
  })

  test('while the first request is at work its key is in use; afterwards it has its answer', async () => {
    let finish = () => {}
    const { post, work } = await begin({
      answerWithinMs: 15_000,
      after: () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    })
    const first = post('k', 'hello', '/other')
    await expect.poll(() => work.runs).toBe(1)
    await expect.poll(async () => (await post('k', 'hello', '/other')).status).toBe(409)
    expect((await post('k', 'bye', '/other')).status).toBe(422)
    finish()
    const answer = await first
    await expect.poll(async () => (await post('k', 'hello', '/other')).text).toBe(answer.text)
    expect(work.runs).toBe(1)
  })

  test('a claim that was never answered is new once its time is over', async () => {
    let done = 0
    const { post, clock, work } = await begin({
      answerWithinMs: 15_000,
      after: () => (++done === 1 ? new Promise<void>(() => {}) : undefined),
    })
    void post('k', 'hello', '/other')
    await expect.poll(() => done).toBe(1)
    clock.tick(24_000)
    expect((await post('k', 'hello', '/other')).status).toBe(409)
    clock.tick(1_000)
    expect((await post('k', 'hello', '/other')).status).toBe(202)
    expect(work.runs).toBe(2)
  })

  test('an answer lost while waiting is made afresh from its action, once', async () => {
    const { post, clock, work, store } = await begin({
      answerWithinMs: 5_000,
      actionId: 'act_1',
      after: () => new Promise<void>(() => {}),
    })
    void post('k', 'hello', '/waited')
    await expect.poll(() => countWork(store)).toBe(1)
    clock.tick(15_000)
    const answers = await Promise.all([1, 2, 3].map(() => post('k', 'hello', '/waited')))
    expect(answers[0]?.body['data']).toEqual({ run: -1, content: 'act_1 hello' })
    for (const answer of answers) {
      expect([answer.text, answer.headers['idempotent-replayed']]).toEqual([answers[0]?.text, 'true'])
    }
    expect(work.runs).toBe(1)
  })

  test('an answer that shows a secret is stored sealed', async () => {
    const { post, store } = await begin()
    const first = await post('k', 'topsecret', '/secret')
    const row = await store.read.selectFrom('idempotency_keys').selectAll().executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain('topsecret')
    expect((await post('k', 'topsecret', '/secret')).text).toBe(first.text)
  })

  test('a key used a day later is new, and old ones are swept away', async () => {
    const { post, store, clock, work } = await begin()
    await post('k')
    await post('k2')
    clock.tick(DAY_MS - 1)
    expect(await sweepIdempotencyKeys({ store, clock })).toBe(0)
    clock.tick(1)
    expect(await sweepIdempotencyKeys({ store, clock })).toBe(2)
    expect(work.runs).toBe(2)
  })

  test('a key a day old is taken over even before the sweep', async () => {
    const { call, token, clock, work } = await begin()
    const post = async (content: string) =>
      call('POST', '/work', {
        body: { content },
        headers: { 'idempotency-key': 'k' },
        token: await token({ expiresInMs: 10 * DAY_MS }),
      })
    await post('one')
    clock.tick(DAY_MS)
    expect((await post('two')).status).toBe(202)
    expect((await post('two')).headers['idempotent-replayed']).toBe('true')
    expect(work.runs).toBe(2)
  })
})
