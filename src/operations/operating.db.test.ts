import { expect, it } from 'vitest'
import { type EngagementWorld, engagementWorld } from '../../test/support/engagement-world.ts'
import type { TestAnswer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Outcome } from '../connectors/connector.ts'
import type { RunDeps } from '../outbox/index.ts'
import type { Store } from '../store/store.ts'
import { accountLimitRoutes } from './account-limits.ts'
import { accountPolicyRoutes } from './account-policy.ts'
import { createAudit } from './audit.ts'
import { auditRoutes } from './audit-routes.ts'
import { killSwitchRoutes } from './kill-switch.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LIKE = { postId: 'post_1' }
const BLOCKED: Outcome = { type: 'blocked', until: null, reason: 'feedback_required' }

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const routesOf = (mode: 'sandbox' | 'live') => (deps: RunDeps) => {
  const audit = createAudit(deps)
  return [
    ...accountLimitRoutes({ ...deps, audit }),
    ...killSwitchRoutes({ ...deps, audit }),
    ...accountPolicyRoutes({ ...deps, audit, mode }),
    ...auditRoutes(deps),
  ]
}

async function begin(
  store: Store,
  options: Parameters<typeof engagementWorld>[1] & { mode?: 'sandbox' | 'live' } = {},
) {
  const world = await engagementWorld(store, { ...options, routes: routesOf(options.mode ?? 'sandbox') })
  const as = async (claims: object, method: Method, path: string, body?: unknown): Promise<TestAnswer> => {
    const token = await world.server.token({ userId: 'user_123', expiresInMs: 365 * DAY, ...claims })
    return world.server.call(method, path, { token, ...(body === undefined ? {} : { body }) })
  }
  const session = (path: string) => `/session/${world.session.id}${path}`
  return {
    ...world,
    user: (method: Method, path: string, body?: unknown) => as({}, method, path, body),
    stranger: (method: Method, path: string, body?: unknown) => as({ userId: 'user_456' }, method, path, body),
    admin: (method: Method, path: string, body?: unknown) =>
      as({ userId: 'operator', isAdmin: true }, method, path, body),
    limits: async () => dataOf(await as({}, 'GET', session('/limits'))),
    resume: (body?: unknown) => as({}, 'POST', session('/resume'), body),
    queue: async () => {
      const answer = await world.post('/actions/like', { ...LIKE, onLimit: 'queue' }, { prefer: 'respond-async' })
      return dataOf(answer)['actionId'] as string
    },
    like: () => world.act('/actions/like', LIKE),
  }
}

const dataOf = (answer: TestAnswer) => answer.body['data'] as Record<string, unknown>
const detailsOf = (answer: TestAnswer) => answer.body['details'] as Record<string, unknown>
const text = (at: number) => new Date(at).toISOString()
const likes = (world: EngagementWorld) => world.society.effects.length

describeOnEveryStore('the limits of an account', (openTestStore) => {
  it('say what is used, what is left, and when the next use leaves each window', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: 10 * SECOND, maxDailyActions: 90 })
    const start = world.clock.now()
    await world.like()
    await world.advance(MINUTE)
    await world.like()
    const { limits, overall, nextFreeAt, actionDelay } = await world.limits()
    expect((limits as Record<string, unknown>)['like']).toEqual({
      hour: { limit: 50, used: 2, remaining: 48, resetAt: text(start + HOUR) },
      day: { limit: 200, used: 2, remaining: 198, resetAt: text(start + DAY) },
      nextFreeAt: text(start + MINUTE + 10 * SECOND),
    })
    expect((limits as Record<string, unknown>)['follow']).toMatchObject({
      hour: { limit: 30, used: 0, remaining: 30, resetAt: null },
    })
    expect([overall, actionDelay]).toEqual([
      { limit: 90, used: 2, remaining: 88, resetAt: text(start + DAY) },
      10 * SECOND,
    ])
    expect(nextFreeAt).toBe(text(start + MINUTE + 10 * SECOND))
  })

  it('name a pause on everything that it stops', async () => {
    const world = await begin(await openTestStore())
    world.society.writes = [BLOCKED]
    await world.like()
    const now = world.clock.now()
    const limits = (await world.limits())['limits'] as Record<string, { hour: object }>
    expect(limits['like']?.hour).toMatchObject({ pausedUntil: text(now + DAY), reason: 'blocked' })
    expect(limits['follow']?.hour).toMatchObject({ pausedUntil: text(now + HOUR), reason: 'blocked' })
  })

  it("are nobody else's to see or to lift", async () => {
    const world = await begin(await openTestStore())
    for (const [method, path] of [
      ['GET', 'limits'],
      ['POST', 'resume'],
    ] as const) {
      const answer = await world.stranger(method, `/session/${world.session.id}/${path}`)
      expect([answer.status, answer.body['code']]).toEqual([404, 'SESSION_NOT_FOUND'])
    }
  })
})

describeOnEveryStore('lifting a pause', (openTestStore) => {
  it('is refused within 15 minutes of a block, and lets the queue go on after', async () => {
    const world = await begin(await openTestStore())
    world.society.writes = [BLOCKED]
    const id = await world.queue()
    await world.run()
    const liftableAt = world.clock.now() + 15 * MINUTE
    await world.advance(5 * MINUTE)
    const refused = await world.resume()
    expect([refused.status, refused.body['code'], refused.headers['retry-after']]).toEqual([
      409,
      'PAUSE_NOT_LIFTABLE',
      '600',
    ])
    expect(detailsOf(refused)).toMatchObject({ reason: 'blocked', liftableAt: text(liftableAt) })

    await world.advance(10 * MINUTE)
    const lifted = await world.resume()
    expect(dataOf(lifted)['lifted']).toHaveLength(2)
    await world.run()
    expect(await world.action(id)).toMatchObject({ status: 'succeeded' })
    expect((await world.events()).map((event) => event.type)).toContain('limit.lifted')
    const trail = await world.admin('GET', '/admin/audit')
    expect(trail.body['data']).toMatchObject([{ actor: 'user_123', what: 'pause.lifted', target: world.session.id }])
  })

  it('of one kind leaves the others, and the next block climbs on', async () => {
    const world = await begin(await openTestStore())
    world.society.writes = [BLOCKED]
    await world.like()
    await world.advance(15 * MINUTE)
    expect(dataOf(await world.resume({ kind: 'like' }))['lifted']).toMatchObject([{ kind: 'like' }])
    const limits = (await world.limits())['limits'] as Record<string, { hour: object }>
    expect(limits['follow']?.hour).toHaveProperty('pausedUntil')

    await world.advance(HOUR)
    world.society.writes = [BLOCKED]
    const again = await world.like()
    expect(again.headers['retry-after']).toBe(String((2 * DAY) / SECOND))
  })

  it('of an account that is not paused changes nothing and is not written down', async () => {
    const world = await begin(await openTestStore())
    const answer = await world.resume({ kind: 'like' })
    expect([answer.status, answer.body['message']]).toEqual([200, 'Nothing was paused'])
    expect(await world.store.read.selectFrom('audit').selectAll().execute()).toEqual([])
  })
})

describeOnEveryStore('the kill switch', (openTestStore) => {
  it.each([
    ['everybody', () => ({})],
    ['a user', () => ({ userId: 'user_123' })],
    ['a session', (world: EngagementWorld) => ({ sessionId: world.session.id })],
  ])('stops %s, keeps the queue and says so, until it is switched on', async (_, scopeOf) => {
    const world = await begin(await openTestStore())
    const scope = scopeOf(world)
    expect((await world.admin('POST', '/admin/pause', { ...scope, reason: 'rehearsal' })).body['data']).toMatchObject({
      stopped: [{ actor: 'operator', reason: 'rehearsal' }],
    })
    const id = await world.queue()
    await world.advance(DAY)
    expect(likes(world)).toBe(0)
    const shown = dataOf(await world.user('GET', `/actions/${id}`))
    expect(shown).toMatchObject({ status: 'queued', waitingFor: { what: 'pause', until: null, rule: 'kill_switch' } })
    const refused = await world.like()
    expect([refused.status, detailsOf(refused)['reason']]).toEqual([429, 'kill_switch'])
    expect((await world.limits())['nextFreeAt']).toBeNull()

    expect((await world.admin('POST', '/admin/resume', scope)).body['data']).toEqual({ stopped: [] })
    await world.run()
    expect(await world.action(id)).toMatchObject({ status: 'succeeded' })
  })

  it('of others does not concern an account', async () => {
    const world = await begin(await openTestStore())
    await world.admin('POST', '/admin/pause', { userId: 'user_456' })
    expect((await world.like()).status).toBe(200)
  })

  it('stops what is in the middle of a queue at the next turn', async () => {
    const world = await begin(await openTestStore(), { actionDelayMs: 30 * SECOND })
    for (let no = 0; no < 3; no += 1) await world.queue()
    await world.run()
    expect(likes(world)).toBe(1)
    await world.admin('POST', '/admin/pause')
    await world.advance(HOUR)
    expect(likes(world)).toBe(1)
    await world.admin('POST', '/admin/resume')
    await world.advance(MINUTE)
    expect(likes(world)).toBe(3)
  })

  it('is for admins only, knows its session, and takes one scope', async () => {
    const world = await begin(await openTestStore())
    expect((await world.user('POST', '/admin/pause')).status).toBe(403)
    expect((await world.admin('POST', '/admin/pause', { sessionId: 'instagram_1_x' })).status).toBe(404)
    expect((await world.admin('POST', '/admin/pause', { userId: 'a', sessionId: 'b' })).status).toBe(400)
  })
})

describeOnEveryStore("an admin's policy for an account", (openTestStore) => {
  const path = '/admin/accounts/North.Lamp/policy'

  it('replaces the limits and is live at the next plan, both ways', async () => {
    const world = await begin(await openTestStore())
    await world.like()
    const set = await world.admin('PUT', path, { policy: { like: { hour: 1, day: 5 } } })
    expect(set.body['data']).toMatchObject({
      username: 'north.lamp',
      policy: { like: { hour: 1, day: 5 } },
      effective: { like: { hour: 1, day: 5 }, follow: { hour: 30, day: 150 } },
    })
    expect(detailsOf(await world.like())).toMatchObject({ window: 'hour', limit: 1 })
    const id = await world.queue()
    await world.run()
    expect(await world.action(id)).toMatchObject({ status: 'queued' })

    expect((await world.admin('DELETE', path)).body['data']).toMatchObject({ policy: null })
    await world.run()
    expect(await world.action(id)).toMatchObject({ status: 'succeeded' })
    const trail = await world.admin('GET', '/admin/audit')
    const whats = (trail.body['data'] as { what: string }[]).map((entry) => entry.what)
    expect(whats).toEqual(['policy.deleted', 'policy.set'])
  })

  it.each(['hour', 'day'] as const)('of 0 in the %s means never, until it is replaced', async (window) => {
    const world = await begin(await openTestStore())
    await world.like()
    const waiting = await world.queue()
    await world.admin('PUT', path, { policy: { like: { [window]: 0 } } })
    await world.advance(3 * DAY)
    expect(likes(world)).toBe(1)

    const refused = await world.like()
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined])
    expect(detailsOf(refused)).toEqual({ kind: 'like', window, limit: 0, used: 0, resetAt: null })
    const queued = await world.post('/actions/like', { ...LIKE, onLimit: 'queue' })
    expect([queued.status, dataOf(queued)['scheduledFor']]).toEqual([202, null])
    const shown = dataOf(await world.user('GET', `/actions/${waiting}`))
    expect(shown['waitingFor']).toEqual({ what: 'window', until: null, rule: window })
    const { limits } = await world.limits()
    expect((limits as Record<string, object>)['like']).toMatchObject({
      [window]: { limit: 0, remaining: 0 },
      nextFreeAt: null,
    })

    await world.admin('DELETE', path)
    await world.run()
    expect(likes(world)).toBe(3)
  })

  it('is refused for kinds that do not exist, limits below zero and unknown accounts', async () => {
    const world = await begin(await openTestStore())
    expect((await world.admin('PUT', path, { policy: { liek: { hour: 1 } } })).status).toBe(400)
    expect((await world.admin('PUT', path, { policy: { like: { hour: -1 } } })).status).toBe(400)
    expect((await world.admin('GET', '/admin/accounts/nobody/policy')).status).toBe(404)
    expect((await world.user('GET', path)).status).toBe(403)
  })
})

describeOnEveryStore('resetting limits', (openTestStore) => {
  const path = '/admin/accounts/north.lamp/reset-limits'

  it('empties every window, audited', async () => {
    const world = await begin(await openTestStore(), { maxDailyActions: 1 })
    await world.like()
    expect((await world.like()).status).toBe(429)
    expect((await world.admin('POST', path)).status).toBe(200)
    expect((await world.like()).status).toBe(200)
    expect((await world.admin('GET', '/admin/audit?limit=1')).body['data']).toMatchObject([{ what: 'limits.reset' }])
  })

  it('is refused in live mode', async () => {
    const world = await begin(await openTestStore(), { mode: 'live' })
    expect((await world.admin('POST', path)).body['code']).toBe('NOT_SUPPORTED')
  })
})

describeOnEveryStore('the audit trail', (openTestStore) => {
  it('is read page by page, the newest first', async () => {
    const world = await begin(await openTestStore())
    for (const scope of ['a', 'b', 'c']) {
      await world.admin('POST', '/admin/pause', { userId: scope })
      world.clock.tick(SECOND)
    }
    const first = await world.admin('GET', '/admin/audit?limit=2')
    const { nextCursor, hasMore } = first.body['pagination'] as { nextCursor: string; hasMore: boolean }
    const second = await world.admin('GET', `/admin/audit?limit=2&cursor=${nextCursor}`)
    const targets = [first, second].flatMap(({ body }) => (body['data'] as { target: string }[]).map((e) => e.target))
    expect([targets, hasMore]).toEqual([['c', 'b', 'a'], true])
    expect((await world.user('GET', '/admin/audit')).status).toBe(403)
  })
})

describeOnEveryStore("a session's actions", (openTestStore) => {
  it('are listed newest first, by status and kind, page by page', async () => {
    const world = await begin(await openTestStore())
    for (const path of ['like', 'unlike', 'like']) {
      await world.act(`/actions/${path}`, LIKE)
      world.clock.tick(SECOND)
    }
    world.society.writes = [{ type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'gone' }]
    await world.like()
    const list = async (query: string) => {
      const answer = await world.user('GET', `/session/${world.session.id}/actions${query}`)
      const kinds = (answer.body['data'] as { kind: string }[]).map((action) => action.kind)
      return { kinds, page: answer.body['pagination'] as { nextCursor?: string; hasMore: boolean } }
    }
    expect((await list('')).kinds).toEqual(['like', 'like', 'unlike', 'like'])
    expect((await list('?status=failed')).kinds).toEqual(['like'])
    expect((await list('?kind=unlike')).kinds).toEqual(['unlike'])
    const first = await list('?limit=3')
    expect(first.page.hasMore).toBe(true)
    expect(await list(`?limit=3&cursor=${first.page.nextCursor}`)).toMatchObject({
      kinds: ['like'],
      page: { hasMore: false },
    })
    expect((await world.stranger('GET', `/session/${world.session.id}/actions`)).status).toBe(404)
  })
})
