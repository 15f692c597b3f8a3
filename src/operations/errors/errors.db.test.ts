import { expect, it } from 'vitest'
import { engagementWorld } from '../../../test/support/engagement-world.ts'
import { describeOnEveryStore } from '../../../test/support/stores.ts'
import type { Store } from '../../store/store.ts'
import { ErrorCounts } from './count-errors.ts'
import { errorRoutes } from './routes.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const LIKE = { postId: 'post_1' }
const GONE = { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'It is gone.' } as const

async function begin(store: Store, countsStore: Store = store) {
  const failures: unknown[] = []
  const nodes: ErrorCounts[] = []
  const world = await engagementWorld(store, {
    noteRefusal: (code, operation) => nodes[0]?.note(code, operation),
    routes: ({ clock }) => {
      for (const _ of ['one', 'another']) {
        nodes.push(new ErrorCounts({ store: countsStore, clock, onError: (error) => failures.push(error) }))
      }
      return errorRoutes({ errors: nodes[0] as ErrorCounts })
    },
  })
  const admin = await world.server.token({ userId: 'operator', isAdmin: true, expiresInMs: 365 * DAY })
  const read = async (query = '') => {
    const answer = await world.server.call('GET', `/admin/errors${query}`, { token: admin })
    expect(answer.status).toBe(200)
    return answer.body['data'] as Record<string, unknown>[]
  }
  return { ...world, nodes, failures, read }
}

const text = (at: number) => new Date(at).toISOString()

describeOnEveryStore('what failed', (openTestStore) => {
  it('is grouped by code, with how often, where, and when first and last', async () => {
    const world = await begin(await openTestStore())
    const first = world.clock.now()
    await world.post('/actions/like', { ...LIKE, sessionId: 'unknown' })
    await world.post('/actions/like', {})
    await world.advance(MINUTE)
    await world.post('/actions/follow', { userId: 'user_1', sessionId: 'unknown' })
    const last = world.clock.now()
    expect(await world.read()).toEqual([
      {
        ...{ code: 'SESSION_NOT_FOUND', count: 2, firstSeen: text(first), lastSeen: text(last) },
        sources: [
          { source: 'request', name: 'follow', count: 1, firstSeen: text(last), lastSeen: text(last) },
          { source: 'request', name: 'like', count: 1, firstSeen: text(first), lastSeen: text(first) },
        ],
      },
      expect.objectContaining({ code: 'VALIDATION_ERROR', count: 1 }),
    ])
  })

  it('counts actions that failed while nobody waited, once however many nodes look', async () => {
    const world = await begin(await openTestStore())
    world.society.writes.push(GONE)
    await world.post('/actions/like', LIKE, { prefer: 'respond-async' })
    await world.run()
    await world.advance(MINUTE)
    await Promise.all(world.nodes.map((node) => node.flush()))
    await Promise.all(world.nodes.map((node) => node.flush()))
    const groups = await world.read()
    expect(groups).toMatchObject([
      { code: 'TARGET_NOT_FOUND', count: 1, sources: [{ source: 'action', name: 'like' }] },
    ])
    expect(JSON.stringify(groups)).not.toContain('post_1')
  })

  it('adds up over nodes and restarts', async () => {
    const world = await begin(await openTestStore())
    for (const node of world.nodes) {
      node.note('UNAUTHORIZED', 'like')
      node.note('UNAUTHORIZED', 'like')
      await node.stop()
    }
    expect(await world.read()).toMatchObject([{ code: 'UNAUTHORIZED', count: 4 }])
  })

  it('keeps what could not be written for the next time', async () => {
    const store = await openTestStore()
    let isBroken = true
    const write: Store['write'] = (work) => (isBroken ? Promise.reject(new Error('full')) : store.write(work))
    const flaky = new Proxy(store, { get: (of, name) => (name === 'write' ? write : Reflect.get(of, name)) })
    const world = await begin(store, flaky)
    world.nodes[0]?.note('NOT_FOUND', 'getSession')
    await expect(world.nodes[0]?.flush()).rejects.toThrow('full')
    world.nodes[0]?.note('NOT_FOUND', 'getSession')
    isBroken = false
    expect(await world.read()).toMatchObject([{ code: 'NOT_FOUND', count: 2 }])
  })

  it('shows the days that were asked for, and is forgotten after thirty', async () => {
    const world = await begin(await openTestStore())
    world.nodes[0]?.note('NOT_FOUND', 'getSession')
    await world.nodes[0]?.flush()
    await world.advance(3 * DAY)
    expect([await world.read('?days=2'), await world.read('?days=4')]).toMatchObject([[], [{ count: 1 }]])
    await world.advance(28 * DAY)
    await world.nodes[0]?.sweep()
    expect(await world.store.read.selectFrom('error_counts').selectAll().execute()).toEqual([])
  })
})
