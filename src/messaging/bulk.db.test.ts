import { expect, it } from 'vitest'
import { startTestServer, type TestAnswer, type TestServer } from '../../test/support/http-server.ts'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { cancelQueue, sweepBatches } from '../outbox/index.ts'
import { storeUnavailable } from '../store/faults.ts'
import type { Store } from '../store/store.ts'
import { bulkRoutes, messagingRoutes } from './index.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

interface Rig extends OutboxWorld {
  http: TestServer
  post(body?: object, headers?: Record<string, string>): Promise<TestAnswer>
  /** `post` without waiting for the end. */
  accept(body?: object, headers?: Record<string, string>): Promise<string>
  call(method: 'GET' | 'POST' | 'DELETE', path: string, headers?: Record<string, string>): Promise<TestAnswer>
  read(bulkId: string): Promise<Bulk>
}

interface Bulk {
  status: string
  total: number
  sent: number
  failed: number
  queued: number
  canceled: number
  skipped: number
  duplicates: number
  counts: Record<string, number>
  estimatedCompletion: string | null
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `user_${index}`)

async function rig(
  store: Store,
  options: Parameters<typeof outboxWorld>[1] & { suppressed?: string[]; acceptInto?: Store } = {},
): Promise<Rig> {
  const world = await outboxWorld(store, { maxDailyActions: 10_000, ...options })
  const findSuppressedNames = async () => new Set(options.suppressed ?? [])
  const deps = { ...world.deps, store: options.acceptInto ?? store, findSuppressedNames }
  const http = await startTestServer({
    store: options.acceptInto ?? store,
    clock: world.clock,
    routes: [...messagingRoutes(deps), ...bulkRoutes(deps)],
    limits: null,
  })
  const token = await http.token({ userId: 'user_123', expiresInMs: 365 * DAY })
  const call: Rig['call'] = (method, path, headers = {}) => http.call(method, path, { token, headers })
  const post: Rig['post'] = (body = {}, headers = {}) =>
    http.call('POST', '/messages/bulk', {
      token,
      headers,
      body: {
        sessionId: world.session.id,
        recipients: ['user1', 'user2', 'user3'],
        content: 'Hello everyone!',
        ...body,
      },
    })
  return {
    ...world,
    http,
    call,
    post,
    async accept(body, headers) {
      const answer = await post(body, { prefer: 'respond-async', ...headers })
      if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`)
      return (answer.body['data'] as { bulkId: string }).bulkId
    },
    async read(bulkId) {
      return (await call('GET', `/messages/bulk/${bulkId}`)).body['data'] as unknown as Bulk
    },
  }
}

/** Runs the lanes until an answer has come. */
async function whileRunning<T>({ run }: Pick<Rig, 'run'>, answer: Promise<T>): Promise<T> {
  let isOver = false
  const watched = answer.finally(() => {
    isOver = true
  })
  // A loop without an end would outlive the test that timed out.
  for (const began = performance.now(); !isOver && performance.now() - began < 15_000; ) {
    await run()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return watched
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)

const rowsOf = async (store: Store, table: 'actions' | 'batches' | 'messages' | 'idempotency_keys' | 'events') =>
  (await store.read.selectFrom(table).selectAll().execute()).length

describeOnEveryStore('a bulk', (openTestStore) => {
  it("answers with the second document's example once all of it has ended within the wait", async () => {
    const world = await rig(await openTestStore())
    const answer = await whileRunning(world, world.post({ messageType: 'text', delayBetweenMessages: 0 }))
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      success: true,
      message: 'Bulk message completed: 3 sent, 0 failed',
      data: { sent: 3, failed: 0, queued: 0, status: 'completed', estimatedCompletion: null },
    })
    const { messages } = answer.body['data'] as { messages: object[] }
    expect(messages).toEqual(
      ['user1', 'user2', 'user3'].map((recipientUsername) => ({
        id: expect.stringMatching(/^msg_\d+_[a-z0-5]+$/),
        recipientUsername,
        content: 'Hello everyone!',
        status: 'succeeded',
        actionId: expect.stringMatching(/^act_/),
      })),
    )
    expect(world.instagram.effects.map(({ text }) => text)).toEqual(Array(3).fill('Hello everyone!'))
    expect((await world.events()).map(({ type }) => type)).toEqual([
      'session.created',
      'bulk.accepted',
      'message.sent',
      'message.sent',
      'message.sent',
      'bulk.completed',
    ])
  })

  it('answers 202 as soon as no more can end within the wait, with the forecast that comes true', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: 30 * SECOND })
    const start = world.clock.now()
    const answer = await whileRunning(world, world.post({ delayBetweenMessages: 45 * SECOND }))
    expect(answer.status).toBe(202)
    expect(answer.body['message']).toBe('Bulk message accepted: 1 sent, 0 failed, 2 queued')
    const data = answer.body['data'] as unknown as Bulk & { bulkId: string }
    expect(data).toMatchObject({ sent: 1, failed: 0, queued: 2, skipped: 0, canceled: 0, duplicates: 0 })
    expect(data.estimatedCompletion).toBe(new Date(start + 90 * SECOND).toISOString())
    await world.advance(90 * SECOND)
    expect(world.instagram.effects.map(({ at }) => at - start)).toEqual([0, 45 * SECOND, 90 * SECOND])
    expect(await world.read(data.bulkId)).toMatchObject({ status: 'completed', sent: 3, settledAt: expect.any(String) })
  })

  it('sends once to a name that comes twice, nothing to those who asked for it, and reports both in order', async () => {
    const world = await rig(await openTestStore(), { suppressed: ['user2'] })
    const bulkId = await world.accept({ recipients: ['user1', '@User1', 'user2', 'user3', 'USER3'] })
    await world.run()
    expect(await world.read(bulkId)).toMatchObject({
      total: 5,
      sent: 2,
      skipped: 3,
      duplicates: 2,
      status: 'completed',
    })
    const items = await world.call('GET', `/messages/bulk/${bulkId}/items?limit=3`)
    expect(items.body['data']).toMatchObject([
      { recipientUsername: 'user1', status: 'succeeded' },
      { recipientUsername: 'user1', status: 'skipped', code: null },
      { recipientUsername: 'user2', status: 'skipped', code: 'SUPPRESSED' },
    ])
    const { nextCursor } = items.body['pagination'] as { nextCursor: string }
    const rest = await world.call('GET', `/messages/bulk/${bulkId}/items?limit=3&cursor=${nextCursor}`)
    expect(rest.body['data']).toMatchObject([
      { status: 'succeeded' },
      { recipientUsername: 'user3', status: 'skipped' },
    ])
    expect(rest.body['pagination']).toMatchObject({ hasMore: false })
    expect(world.instagram.effects.map(({ recipientId }) => recipientId)).toEqual(['p_user1', 'p_user3'])
  })

  it('is over at once when nobody is left to be sent to', async () => {
    const world = await rig(await openTestStore(), { suppressed: ['user1'] })
    const answer = await world.post({ recipients: ['user1', 'user1'] })
    expect(answer.status).toBe(200)
    expect(answer.body['data']).toMatchObject({ sent: 0, skipped: 2, duplicates: 1, status: 'completed' })
    expect((await world.events()).map(({ type }) => type).slice(1)).toEqual(['bulk.accepted', 'bulk.completed'])
  })

  it.each([
    ['10,001 recipients', { recipients: names(10_001) }],
    ['no recipient', { recipients: [] }],
    ['a name that nobody can have', { recipients: ['user1', 'no such name'] }],
    ['a delay below zero', { delayBetweenMessages: -1 }],
    ['a delay over a day', { delayBetweenMessages: DAY + 1 }],
    ['an empty text', { content: ' ' }],
    ['a text over 1000 bytes', { content: 'ä'.repeat(501) }],
  ])('refuses %s and writes nothing', async (_, body) => {
    const world = await rig(await openTestStore())
    const answer = await world.post(body)
    expect(answer.status).toBe(400)
    expect(answer.body['code']).toBe('VALIDATION_ERROR')
    expect(await rowsOf(world.store, 'actions')).toBe(0)
    expect(await rowsOf(world.store, 'batches')).toBe(0)
  })

  it('says what it would do, recipient by recipient, writes nothing, and does exactly that', async () => {
    const world = await rig(await openTestStore(), { suppressed: ['user2'], actionDelayMs: MINUTE })
    const recipients = ['user1', 'user2', 'user1', 'user3']
    const before = await rowsOf(world.store, 'events')
    const answer = await world.post({ recipients, dryRun: true })
    expect(answer.status).toBe(200)
    const start = world.clock.now()
    expect(answer.body['data']).toEqual({
      dryRun: true,
      total: 4,
      wouldSend: 2,
      suppressed: 1,
      duplicates: 1,
      estimatedCompletion: new Date(start + MINUTE).toISOString(),
      recipients: [
        { recipientUsername: 'user1', outcome: 'send', sendAt: new Date(start).toISOString() },
        { recipientUsername: 'user2', outcome: 'suppressed' },
        { recipientUsername: 'user1', outcome: 'duplicate' },
        { recipientUsername: 'user3', outcome: 'send', sendAt: new Date(start + MINUTE).toISOString() },
      ],
    })
    expect(await rowsOf(world.store, 'actions')).toBe(0)
    expect(await rowsOf(world.store, 'batches')).toBe(0)
    expect(await rowsOf(world.store, 'events')).toBe(before)
    await world.accept({ recipients })
    await world.advance(HOUR)
    expect(world.instagram.effects.map(({ at }) => at - start)).toEqual([0, MINUTE])
  })

  it('is done once, however often it is asked for', async () => {
    const world = await rig(await openTestStore())
    const headers = { 'idempotency-key': 'k', prefer: 'respond-async' }
    const body = { recipients: names(700) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.post(body, headers)))
    expect(await rowsOf(world.store, 'batches')).toBe(1)
    expect(await rowsOf(world.store, 'actions')).toBe(700)
    const accepted = answers.filter(({ status }) => status === 202)
    expect(new Set(accepted.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ status }) => status === 409).length + accepted.length).toBe(50)
    const again = await world.post(body, headers)
    expect(again.text).toBe(accepted[0]?.text)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect((await world.post({ recipients: names(701) }, headers)).status).toBe(422)
    await world.run()
    expect(world.instagram.effects).toHaveLength(40)
  })

  it('answers a repeat from the bulk when the first answer was lost while waiting', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: HOUR })
    const headers = { 'idempotency-key': 'k', prefer: 'wait=30' }
    const lost = world.post({}, headers)
    while ((await rowsOf(world.store, 'batches')) === 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await world.post({}, headers)).status).toBe(409)
    // Not so fast that the key is a day old before the database has answered.
    const tick = async () => {
      await world.read('bulk_0')
      world.clock.tick(SECOND)
    }
    const first = await whileRunning({ run: tick }, lost)
    expect(first.status).toBe(202)
    // As if the process had died before it stored the answer, which happens after it was sent.
    const forget = () =>
      world.store.write((tx) =>
        tx
          .updateTable('idempotency_keys')
          .set({ status: null, body: null, headers: null, answer_by_wall: 1 })
          .where('status', 'is not', null)
          .executeTakeFirst(),
      )
    while ((await forget()).numUpdatedRows === 0n);
    await world.run()
    const again = await world.post({}, headers)
    expect(again.status).toBe(202)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect((again.body['data'] as unknown as Bulk).sent).toBe(1)
    expect(await rowsOf(world.store, 'batches')).toBe(1)
  })

  it('shows its messages before their turn, and cancels one of them', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: HOUR })
    world.instagram.unknown.add('user2')
    const answer = await world.post({}, { prefer: 'respond-async' })
    const { bulkId, messages } = answer.body['data'] as { bulkId: string; messages: { id: string }[] }
    const [first, second, third] = messages.map(({ id }) => id)
    expect((await world.call('GET', `/message/${third}`)).body['data']).toMatchObject({
      id: third,
      status: 'queued',
      recipientUsername: 'user3',
      conversationId: 'conv_north.lamp_user3',
      content: 'Hello everyone!',
    })
    expect((await world.call('DELETE', `/message/${third}`)).status).toBe(200)
    await world.advance(3 * HOUR)
    const statusOf = async (id: string | undefined) =>
      ((await world.call('GET', `/message/${id}`)).body['data'] as { status: string }).status
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([
      'succeeded',
      'failed',
      'canceled',
    ])
    expect(await world.read(bulkId)).toMatchObject({ status: 'completed', sent: 1, failed: 1, canceled: 1 })
    expect((await world.events()).map(({ type }) => type).slice(1)).toEqual([
      'bulk.accepted',
      'message.canceled',
      'message.sent',
      'message.failed',
      'bulk.completed',
    ])
  })

  it('lets the others go ahead of an item that cannot be looked up now', async () => {
    const world = await rig(await openTestStore())
    world.instagram.lookUps = [{ type: 'unreadable', reason: 'a page of nothing', timedOut: false }]
    await world.accept()
    await world.run()
    expect(world.instagram.effects.map(({ recipientId }) => recipientId)).toEqual(['p_user2', 'p_user3'])
    await world.advance(MINUTE)
    expect(world.instagram.effects).toHaveLength(3)
  })
})

describeOnEveryStore('accepting a bulk in chunks', (openTestStore) => {
  /** A store whose writes fail from the `nth` on, as after a crash or on a full disk. */
  function failing(store: Store, nth: number): { store: Store; heal(): void } {
    let writes = 0
    let isBroken = true
    return {
      store: {
        ...store,
        engine: store.engine,
        read: store.read,
        signals: store.signals,
        write: (work) => {
          writes += 1
          if (isBroken && writes >= nth) return Promise.reject(storeUnavailable('the disk is full', undefined))
          return store.write(work)
        },
        readServerWall: () => store.readServerWall(),
        close: () => store.close(),
      },
      heal: () => {
        isBroken = false
      },
    }
  }

  it.each([1, 2, 4, 5])('leaves nothing when it dies at write %i', async (nth) => {
    const store = await openTestStore()
    const broken = failing(store, nth)
    const world = await rig(store, { acceptInto: broken.store })
    const headers = { 'idempotency-key': 'k', prefer: 'respond-async' }
    const body = { recipients: names(1_600) }
    expect((await world.post(body, headers)).status).toBe(503)
    await world.run()
    expect(world.instagram.calls).toEqual([])
    const list = await world.call('GET', `/messages/bulk?sessionId=${world.session.id}`)
    expect(list.body['data']).toEqual([])

    broken.heal()
    expect(await sweepBatches(world.deps)).toBe(0)
    world.clock.tick(30 * SECOND)
    expect(await sweepBatches(world.deps)).toBe(nth === 1 ? 0 : 1)
    expect(await rowsOf(store, 'actions')).toBe(0)
    expect(await rowsOf(store, 'batches')).toBe(0)

    // The first request is given up by now, so the same one counts as new.
    world.clock.tick(2 * MINUTE)
    expect((await world.post(body, headers)).status).toBe(202)
    expect(await rowsOf(store, 'actions')).toBe(1_600)
  })

  it('refuses when the sweep was faster, and when its key was taken over', async () => {
    const store = await openTestStore()
    let writes = 0
    let meanwhile = async () => {}
    const slow: Store = { ...failing(store, Number.POSITIVE_INFINITY).store }
    slow.write = async (work) => {
      writes += 1
      if (writes === 2) await meanwhile()
      return store.write(work)
    }
    const world = await rig(store, { acceptInto: slow })
    const headers = { 'idempotency-key': 'k', prefer: 'respond-async' }
    meanwhile = async () => {
      world.clock.tick(31 * SECOND)
      await sweepBatches(world.deps)
    }
    expect((await world.post({ recipients: names(1_200) }, headers)).status).toBe(503)
    expect(await rowsOf(store, 'actions')).toBe(0)

    writes = 0
    meanwhile = async () => {
      await store.write((tx) => tx.updateTable('idempotency_keys').set({ claim: 'somebody else' }).execute())
    }
    expect((await world.post({ recipients: names(700) }, { ...headers, 'idempotency-key': 'l' })).status).toBe(409)
    expect(await rowsOf(store, 'actions')).toBe(0)
    expect(await rowsOf(store, 'batches')).toBe(0)
  })

  it('refuses when the session ended meanwhile', async () => {
    const store = await openTestStore()
    let writes = 0
    const slow: Store = { ...failing(store, Number.POSITIVE_INFINITY).store }
    slow.write = async (work) => {
      writes += 1
      if (writes === 2) {
        await store.write((tx) => tx.updateTable('sessions').set({ status: 'logged_out', ended_at: 1 }).execute())
      }
      return store.write(work)
    }
    const world = await rig(store, { acceptInto: slow })
    const answer = await world.post({ recipients: names(700) }, { prefer: 'respond-async' })
    expect([404, 409]).toContain(answer.status)
    expect(await rowsOf(store, 'actions')).toBe(0)
  })
})

describeOnEveryStore('steering a bulk', (openTestStore) => {
  it('pauses and resumes; an item under way finishes', async () => {
    const world = await rig(await openTestStore())
    let bulkId = ''
    world.instagram.sends = [
      async (_input, _call, arrive) => {
        expect((await world.call('POST', `/messages/bulk/${bulkId}/pause`)).body['data']).toMatchObject({
          status: 'paused',
          queued: 3,
          counts: { running: 1, queued: 2 },
          estimatedCompletion: null,
        })
        return arrive()
      },
    ]
    bulkId = await world.accept()
    await world.advance(DAY)
    expect(world.instagram.effects).toHaveLength(1)
    expect((await world.call('POST', `/messages/bulk/${bulkId}/pause`)).status).toBe(200)
    expect((await world.call('POST', `/messages/bulk/${bulkId}/resume`)).body['data']).toMatchObject({
      status: 'running',
    })
    await world.run()
    expect(await world.read(bulkId)).toMatchObject({ status: 'completed', sent: 3 })
    const ended = await world.call('POST', `/messages/bulk/${bulkId}/pause`)
    expect(ended).toMatchObject({ status: 409, body: { code: 'BULK_ENDED' } })
    expect((await world.events()).map(({ type }) => type).filter((type) => type.startsWith('bulk.'))).toEqual([
      'bulk.accepted',
      'bulk.paused',
      'bulk.resumed',
      'bulk.completed',
    ])
  })

  it('cancels what is queued, in parts; an item under way finishes', async () => {
    const world = await rig(await openTestStore())
    let bulkId = ''
    world.instagram.sends = [
      async (_input, _call, arrive) => {
        const canceled = await world.call('POST', `/messages/bulk/${bulkId}/cancel`)
        expect(canceled.body['data']).toMatchObject({ status: 'canceled', canceled: 119, counts: { running: 1 } })
        return arrive()
      },
    ]
    bulkId = await world.accept({ recipients: names(120) })
    await world.run()
    const bulk = await world.read(bulkId)
    expect(bulk).toMatchObject({ status: 'canceled', sent: 1, canceled: 119, queued: 0, settledAt: expect.any(String) })
    expect((await world.call('POST', `/messages/bulk/${bulkId}/cancel`)).status).toBe(200)
    expect((await world.call('POST', `/messages/bulk/${bulkId}/resume`)).status).toBe(409)
  })

  it('cancels an item that comes back to the queue of a canceled bulk', async () => {
    const world = await rig(await openTestStore())
    let bulkId = ''
    world.instagram.sends = [
      async () => {
        await world.call('POST', `/messages/bulk/${bulkId}/cancel`)
        return { type: 'throttled', retryAfterMs: null, reason: 'wait' }
      },
    ]
    bulkId = await world.accept({ recipients: ['user1'] })
    await world.run()
    expect(await world.read(bulkId)).toMatchObject({ status: 'canceled', canceled: 1, counts: { canceled: 1 } })
  })

  it('ends with its session, whole', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: HOUR })
    const bulkId = await world.accept({ recipients: names(230) })
    await world.run()
    await world.store.write(async (tx) => {
      const { id: sessionId, accountId } = world.session
      await tx.updateTable('sessions').set({ status: 'logged_out', ended_at: world.clock.now() }).execute()
      await cancelQueue(tx, world.deps, { sessionId, accountId, reason: 'session_ended' })
    })
    await world.run()
    expect(await world.read(bulkId)).toMatchObject({ status: 'canceled', sent: 1, canceled: 229, queued: 0 })
    const items = await world.call('GET', `/messages/bulk/${bulkId}/items?limit=2`)
    expect(items.body['data']).toMatchObject([{ status: 'succeeded' }, { status: 'canceled', code: 'ACTION_CANCELED' }])
    const last = await world.store.read.selectFrom('timeline').selectAll().orderBy('at', 'desc').execute()
    expect(new Set(last.filter((entry) => entry.to_status === 'canceled').map(({ cause }) => cause))).toEqual(
      new Set(['session_ended']),
    )
    expect(world.errors).toEqual([])
  })

  it("is nobody else's to see or steer", async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: HOUR })
    const bulkId = await world.accept()
    const stranger = await world.http.token({ userId: 'user_456' })
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/items'],
      ['GET', '/stream'],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await world.http.call(method, `/messages/bulk/${bulkId}${path}`, { token: stranger })
      expect(answer).toMatchObject({ status: 404, body: { code: 'BULK_NOT_FOUND' } })
    }
  })

  it('has counts that add up at every read', async () => {
    const world = await rig(await openTestStore())
    world.instagram.unknown.add('user_3')
    world.instagram.sends = [
      'lost_after',
      'lost_before',
      { type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'no' },
    ]
    const bulkId = await world.accept({ recipients: [...names(30), 'user_1'] })
    let isOver = false
    let reads = 0
    const reading = (async () => {
      while (!isOver) {
        const { counts, total } = await world.read(bulkId)
        expect(sum(counts)).toBe(total)
        const rows = await world.store.read.selectFrom('actions').select('status').execute()
        expect(rows).toHaveLength(31)
        reads += 1
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await world.advance(10 * MINUTE)
    isOver = true
    await reading
    expect(reads).toBeGreaterThan(5)
    const { counts } = await world.read(bulkId)
    const rows = await world.store.read.selectFrom('actions').select('status').execute()
    for (const [status, count] of Object.entries(counts)) {
      expect(rows.filter((row) => row.status === status)).toHaveLength(count)
    }
    expect(counts).toMatchObject({ succeeded: 28, failed: 2, skipped: 1, queued: 0, running: 0 })
  })

  it('tells its progress as events until its end, and that nothing more will come', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: MINUTE })
    const bulkId = await world.accept()
    const streamed = world.call('GET', `/messages/bulk/${bulkId}/stream`)
    let isOver = false
    void streamed.finally(() => {
      isOver = true
    })
    for (let turn = 0; turn < 500 && !isOver; turn += 1) {
      await world.advance(10 * SECOND)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const answer = await streamed
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(answer.text.startsWith('retry: 3000\n\n')).toBe(true)
    const events = answer.text.split('\n\n').filter((block) => block.includes('event: '))
    const last = events.at(-1) as string
    expect(last).toContain('event: bulk.completed')
    expect(events[0]).toContain('event: bulk.progress')
    const sent = events.map((block) => (JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Bulk).sent)
    expect(sent.at(-1)).toBe(3)
    expect(sent).toEqual(sent.toSorted((a, b) => a - b))
    const id = /^id: (.*)$/m.exec(last)?.[1] ?? ''
    const again = await world.call('GET', `/messages/bulk/${bulkId}/stream`, { 'last-event-id': id })
    expect(again).toMatchObject({ status: 204, text: '' })
  })
})

describeOnEveryStore('a bulk among others', (openTestStore, engine) => {
  it('of ten thousand leaves the next attempt to a person, who waits no longer than the delay', async () => {
    const world = await rig(await openTestStore(), { actionDelayMs: 30 * SECOND })
    await world.accept({ recipients: names(10_000) })
    await world.advance(95 * SECOND)
    const asked = world.clock.now()
    await world.send({ recipientUsername: 'a.friend' })
    const before = world.instagram.effects.length
    await world.advance(30 * SECOND)
    const next = world.instagram.effects[before]
    expect(next?.recipientId).toBe('p_a.friend')
    expect((next?.at ?? 0) - asked).toBeLessThanOrEqual(30 * SECOND)
  }, 60_000)

  it('leaves a fifth of every window to people', async () => {
    const world = await rig(await openTestStore())
    await world.accept({ recipients: names(60) })
    await world.run()
    expect(world.instagram.effects).toHaveLength(40)
    await world.send({ recipientUsername: 'a.friend' })
    await world.run()
    expect(world.instagram.effects).toHaveLength(41)
  })

  it('takes turns with another bulk by their gaps', async () => {
    const world = await rig(await openTestStore())
    await world.accept({ recipients: ['a1', 'a2', 'a3'], delayBetweenMessages: MINUTE })
    await world.accept({ recipients: ['b1', 'b2', 'b3'], delayBetweenMessages: MINUTE })
    await world.run()
    expect(world.instagram.effects.map(({ recipientId }) => recipientId)).toEqual(['p_a1', 'p_b1'])
    await world.advance(2 * MINUTE)
    expect(world.instagram.effects).toHaveLength(6)
  })

  it('of 500 over the hour and the day ends when the forecast said', async () => {
    // The rules are the same; a server answers each of two thousand transactions a little later.
    const count = engine.isShared ? 200 : 500
    const world = await rig(await openTestStore(), { actionDelayMs: 30 * SECOND })
    const start = world.clock.now()
    const bulkId = await world.accept({ recipients: names(count) })
    const { estimatedCompletion } = await world.read(bulkId)
    const forecastMs = Date.parse(estimatedCompletion ?? '') - start
    expect(forecastMs).toBeGreaterThan(Math.floor(count / 160) * DAY)
    await world.advance(forecastMs + DAY)
    expect(world.instagram.effects).toHaveLength(count)
    const tookMs = (world.instagram.effects.at(-1)?.at ?? 0) - start
    expect(Math.abs(tookMs - forecastMs)).toBeLessThan(tookMs / 100)
    for (const [index, effect] of world.instagram.effects.entries()) {
      expect(effect.at - (world.instagram.effects[index - 160]?.at ?? 0)).toBeGreaterThanOrEqual(DAY)
    }
  }, 60_000)
})
