import { expect, it } from 'vitest'
import { type EngagementWorld, engagementWorld } from '../../test/support/engagement-world.ts'
import type { TestAnswer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { forecastRoutes, sweepBatches } from '../outbox/index.ts'
import { storeUnavailable } from '../store/faults.ts'
import type { Store } from '../store/store.ts'
import { engagementBulkRoutes } from './index.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ASYNC = { prefer: 'respond-async' }

type Method = 'GET' | 'POST' | 'DELETE'

async function begin(store: Store, options: Parameters<typeof engagementWorld>[1] & { acceptInto?: Store } = {}) {
  const world = await engagementWorld(store, {
    maxDailyActions: 10_000,
    ...options,
    routes: (deps) => {
      const own = { ...deps, store: options.acceptInto ?? deps.store }
      return [...engagementBulkRoutes(own), ...forecastRoutes(deps)]
    },
  })
  const token = await world.server.token({ userId: 'user_123', expiresInMs: 365 * DAY })
  const call = (method: Method, path: string, body?: unknown) =>
    world.server.call(method, path, { token, ...(body === undefined ? {} : { body }) })
  return {
    ...world,
    call,
    bulk: (body: Record<string, unknown>, headers: Record<string, string> = ASYNC) =>
      world.post('/actions/bulk', body, headers),
    items: async (bulkId: string) =>
      (await call('GET', `/actions/bulk/${bulkId}/items`)).body['data'] as Record<string, unknown>[],
    read: async (bulkId: string) => dataOf(await call('GET', `/actions/bulk/${bulkId}`)),
  }
}

const dataOf = (answer: TestAnswer) => answer.body['data'] as Record<string, unknown>
const idOf = (answer: TestAnswer) => dataOf(answer)['bulkId'] as string
const ids = (count: number, of = 'post') => Array.from({ length: count }, (_, index) => `${of}_${index + 1}`)
const effectsOf = (world: EngagementWorld) => world.society.effects.map(({ kind, target }) => `${kind} ${target}`)

const countOf = async (store: Store, table: 'actions' | 'batches') =>
  (await store.read.selectFrom(table).selectAll().execute()).length

describeOnEveryStore('a bulk of actions', (openTestStore) => {
  it.each([
    { kind: 'like', targets: ids(2), effects: ['like post_1', 'like post_2'] },
    { kind: 'unlike', targets: ids(2), effects: ['unlike post_1', 'unlike post_2'] },
    { kind: 'follow', targets: ids(2, 'user'), effects: ['follow p_user_1', 'follow p_user_2'] },
    { kind: 'unfollow', targets: ids(2, 'user'), effects: ['unfollow p_user_1', 'unfollow p_user_2'] },
    { kind: 'comment', targets: ids(2), content: 'Nice', effects: ['comment post_1', 'comment post_2'] },
  ])('of $kind is done target by target and answers with its end', async ({ effects, ...body }) => {
    const world = await begin(await openTestStore())
    const answer = await world.act('/actions/bulk', body)
    expect(answer.status).toBe(200)
    expect(answer.body['message']).toBe('Bulk completed: 2 done, 0 failed')
    expect(dataOf(answer)).toMatchObject({ kind: body.kind, status: 'completed', total: 2, sent: 2, queued: 0 })
    expect(dataOf(answer)['actions']).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
    expect(effectsOf(world)).toEqual(effects)
    expect((await world.events()).map(({ type }) => type).slice(1)).toEqual([
      'bulk.accepted',
      'action.succeeded',
      'action.succeeded',
      'bulk.completed',
    ])
  })

  it('does a target that comes twice once, goes on after one that is gone, and tells of each', async () => {
    const world = await begin(await openTestStore())
    world.society.writes = [{ type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'Media not found' }]
    const bulkId = idOf(await world.bulk({ kind: 'like', targets: ['post_1', 'post_2', 'post_1', 'post_3'] }))
    await world.run()
    expect(await world.read(bulkId)).toMatchObject({
      status: 'completed',
      total: 4,
      sent: 2,
      failed: 1,
      skipped: 1,
      duplicates: 1,
    })
    expect(await world.items(bulkId)).toMatchObject([
      { status: 'failed', code: 'TARGET_NOT_FOUND' },
      { status: 'succeeded' },
      { status: 'skipped', code: null },
      { status: 'succeeded' },
    ])
    expect(effectsOf(world)).toEqual(['like post_2', 'like post_3'])
  })

  it('keeps its own delay, and its share of the window', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: SECOND })
    const start = world.clock.now()
    const answer = await world.bulk({ kind: 'follow', targets: ids(26, 'user'), delay: MINUTE })
    await world.advance(2 * HOUR)
    const at = world.society.effects.map((effect) => effect.at - start)
    expect(at.slice(0, 24)).toEqual(Array.from({ length: 24 }, (_, index) => index * MINUTE))
    expect(at[24]).toBe(HOUR)
    expect(dataOf(answer)['estimatedCompletion']).toBe(new Date(start + HOUR + MINUTE).toISOString())
    expect(at[25]).toBe(HOUR + MINUTE)
  })

  it('pauses, goes on and is canceled, once by whatever way it is asked', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: MINUTE })
    const bulkId = idOf(await world.bulk({ kind: 'like', targets: ids(5) }))
    await world.advance(MINUTE)
    expect(effectsOf(world)).toHaveLength(2)
    const step = (name: string) => world.call('POST', `/actions/bulk/${bulkId}/${name}`)
    expect(dataOf(await step('pause'))).toMatchObject({ status: 'paused', sent: 2, queued: 3 })
    await world.advance(HOUR)
    expect(effectsOf(world)).toHaveLength(2)
    expect(dataOf(await step('resume'))).toMatchObject({ status: 'running' })
    await world.run()
    expect(effectsOf(world)).toHaveLength(3)
    const items = (await world.items(bulkId)) as { actionId: string }[]
    expect((await world.call('DELETE', `/actions/${items[3]?.actionId}`)).status).toBe(200)
    expect(dataOf(await step('cancel'))).toMatchObject({ status: 'canceled', sent: 3, canceled: 2, queued: 0 })
    expect((await step('cancel')).status).toBe(200)
    expect(await step('resume')).toMatchObject({ status: 409, body: { code: 'BULK_ENDED' } })
    await world.advance(DAY)
    expect(effectsOf(world)).toHaveLength(3)
  })

  it('is accepted once under its key, however often and however soon it is repeated', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: HOUR })
    const headers = { ...ASYNC, 'idempotency-key': 'k' }
    const body = { kind: 'like', targets: ids(600) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.bulk(body, headers)))
    const accepted = answers.filter(({ status }) => status === 202)
    expect(new Set(accepted.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ status }) => status === 409).length + accepted.length).toBe(50)
    expect([await countOf(world.store, 'batches'), await countOf(world.store, 'actions')]).toEqual([1, 600])
    const again = await world.restart().then((post) => post('/actions/bulk', body, headers))
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([accepted[0]?.text, 'true'])
    const other = await world.bulk({ ...body, targets: ids(601) }, headers)
    expect([other.status, other.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it.each([
    ['a kind that there is not', { kind: 'liek', targets: ['post_1'] }, 'kind'],
    ['messages, which have a route of their own', { kind: 'message', targets: ['user_1'] }, 'kind'],
    ['no target', { kind: 'like', targets: [] }, 'targets'],
    ['10,001 targets', { kind: 'like', targets: ids(10_001) }, 'targets'],
    ['an empty target', { kind: 'like', targets: ['post_1', ''] }, 'targets'],
    ['a target that nothing can have', { kind: 'like', targets: ['post_1', '../x y'] }, 'targets'],
    ['a target that is no text', { kind: 'like', targets: [{ id: 1 }] }, 'targets'],
    ['a comment without words', { kind: 'comment', targets: ['post_1'] }, 'content'],
    ['a comment of spaces', { kind: 'comment', targets: ['post_1'], content: '  ' }, 'content'],
    ['words for a like', { kind: 'like', targets: ['post_1'], content: 'x' }, 'content'],
    ['a delay below zero', { kind: 'like', targets: ['post_1'], delay: -1 }, 'delay'],
    ['a delay over a day', { kind: 'like', targets: ['post_1'], delay: DAY + 1 }, 'delay'],
    ['a field that it does not know', { kind: 'like', targets: ['post_1'], x: 1 }, 'x'],
    ['a dry run that is neither yes nor no', { kind: 'like', targets: ['post_1'], dryRun: 'yes' }, 'dryRun'],
  ])('refuses %s, names the field and writes nothing', async (_, body, field) => {
    const world = await begin(await openTestStore())
    const answer = await world.bulk(body)
    expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_ERROR'])
    const { fields } = answer.body['details'] as { fields: { path: string }[] }
    expect(fields.map(({ path }) => path.split(/[.[]/, 1)[0])).toContain(field)
    expect([await countOf(world.store, 'batches'), await countOf(world.store, 'actions')]).toEqual([0, 0])
  })

  it('tells target by target when it would be done, asks and writes nothing, and then it is so', async () => {
    const world = await begin(await openTestStore())
    const body = { kind: 'like', targets: ['DCSf3dWaVJW', 'post_1', 'https://www.instagram.com/p/DCSf3dWaVJW/'] }
    const start = world.clock.now()
    const events = (await world.events()).length
    const planned = await world.bulk({ ...body, delay: MINUTE, dryRun: true })
    const second = new Date(start + MINUTE).toISOString()
    expect([planned.status, planned.body['message']]).toEqual([200, 'Dry run: 2 of 3 would be done'])
    expect(dataOf(planned)).toEqual({
      dryRun: true,
      total: 3,
      wouldSend: 2,
      suppressed: 0,
      duplicates: 1,
      estimatedCompletion: second,
      targets: [
        { target: body.targets[0], outcome: 'send', sendAt: new Date(start).toISOString() },
        { target: body.targets[1], outcome: 'send', sendAt: second },
        { target: body.targets[2], outcome: 'duplicate' },
      ],
    })
    expect(world.instagram.calls).toEqual([])
    expect([await countOf(world.store, 'batches'), await countOf(world.store, 'actions')]).toEqual([0, 0])
    expect(await world.events()).toHaveLength(events)
    await world.bulk({ ...body, delay: MINUTE })
    await world.advance(HOUR)
    expect(world.society.effects.map(({ at }) => at - start)).toEqual([0, MINUTE])
  })

  it('shows nothing of itself before it was accepted as a whole, and nothing after a crash in between', async () => {
    const store = await openTestStore()
    let writes = 0
    const dying: Store = {
      ...{ engine: store.engine, read: store.read, signals: store.signals },
      readServerWall: () => store.readServerWall(),
      close: () => store.close(),
      write: (work) => {
        writes += 1
        return writes > 2 ? Promise.reject(storeUnavailable('the process died', undefined)) : store.write(work)
      },
    }
    const world = await begin(store, { acceptInto: dying })
    const queued = await world.post('/actions/like', { postId: 'post_9', onLimit: 'queue' }, ASYNC)
    writes = 0
    expect((await world.bulk({ kind: 'like', targets: ids(1_600) })).status).toBe(503)
    expect(await countOf(store, 'actions')).toBeGreaterThan(500)

    const list = () => world.call('GET', `/session/${world.session.id}/actions`)
    expect((await list()).body['data']).toMatchObject([{ actionId: dataOf(queued)['actionId'] }])
    expect((await list()).body['pagination']).toMatchObject({ hasMore: false })
    const { id, batch_id: bulkId } = await store.read
      .selectFrom('actions')
      .select(['id', 'batch_id'])
      .where('batch_id', 'is not', null)
      .limit(1)
      .executeTakeFirstOrThrow()
    expect((await world.call('GET', `/actions/${id}`)).status).toBe(404)
    expect((await world.call('DELETE', `/actions/${id}`)).status).toBe(404)
    expect((await world.call('GET', `/actions/bulk/${bulkId}`)).status).toBe(404)
    await world.run()
    expect(effectsOf(world)).toEqual(['like post_9'])

    world.clock.tick(31 * SECOND)
    await sweepBatches(world.deps)
    expect(await countOf(store, 'actions')).toBe(1)
  })
})

describeOnEveryStore('the forecast of work that is not accepted yet', (openTestStore) => {
  const forecastOf = async (world: Awaited<ReturnType<typeof begin>>, body: Record<string, unknown>) =>
    world.call('POST', `/session/${world.session.id}/forecast`, body)

  it('says when it would begin and end, behind what waits, and writes nothing', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: MINUTE })
    const start = world.clock.now()
    await world.bulk({ kind: 'follow', targets: ids(3, 'user') })
    const before = await countOf(world.store, 'actions')
    const answer = await forecastOf(world, { kind: 'like', count: 2, delay: 2 * MINUTE })
    expect(answer.status).toBe(200)
    expect(await countOf(world.store, 'actions')).toBe(before)

    const bulkId = idOf(await world.bulk({ kind: 'like', targets: ids(2), delay: 2 * MINUTE }))
    await world.advance(HOUR)
    expect(await world.read(bulkId)).toMatchObject({ status: 'completed' })
    const likes = world.society.effects
      .filter(({ kind }) => kind === 'like')
      .map(({ at }) => new Date(at).toISOString())
    expect(dataOf(answer)).toEqual({
      kind: 'like',
      count: 2,
      delay: 2 * MINUTE,
      nextFreeAt: new Date(start).toISOString(),
      firstAt: likes[0],
      estimatedCompletion: likes[1],
    })
  })

  it('knows the windows: fifty likes over forty in an hour end in the next', async () => {
    const world = await begin(await openTestStore())
    const start = world.clock.now()
    const { estimatedCompletion } = dataOf(await forecastOf(world, { kind: 'like', count: 50 }))
    expect(estimatedCompletion).toBe(new Date(start + HOUR).toISOString())
  })

  it('is nothing while somebody has to do something first', async () => {
    const world = await begin(await openTestStore())
    await world.store.write((tx) => tx.updateTable('sessions').set({ status: 'challenge_required' }).execute())
    expect(dataOf(await forecastOf(world, { kind: 'like', count: 1 }))).toMatchObject({
      nextFreeAt: null,
      firstAt: null,
      estimatedCompletion: null,
    })
  })

  it('refuses what could not be accepted', async () => {
    const world = await begin(await openTestStore())
    for (const body of [
      {},
      { kind: 'like', count: 0 },
      { kind: 'like', count: 10_001 },
      { kind: 'liek', count: 1 },
      { kind: 'like', count: 1, delay: -1 },
      { kind: 'like', count: 1, extra: 1 },
    ]) {
      const answer = await forecastOf(world, body)
      expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_ERROR'])
    }
    const stranger = await world.server.token({ userId: 'user_456' })
    const path = `/session/${world.session.id}/forecast`
    const answer = await world.server.call('POST', path, { token: stranger, body: { kind: 'like', count: 1 } })
    expect([answer.status, answer.body['code']]).toEqual([404, 'SESSION_NOT_FOUND'])
  })
})
