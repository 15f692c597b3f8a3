import { expect, it } from 'vitest'
import { LOGIN, type SessionsWorld, sessionsWorld } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Access } from '../connectors/connector.ts'
import { createSessionHooks } from './hooks.ts'
import type { SealedSession } from './session.ts'
import { findSealedSession } from './store.ts'

const URL = 'https://www.instagram.com/'

async function acting(world: SessionsWorld, body = {}) {
  const hooks = createSessionHooks(world.deps)
  const { id } = await world.logIn({ body: { ...LOGIN, ...body } })
  const find = async () => {
    const session = await findSealedSession(world.store.read, id)
    if (session === null) throw new Error('no session')
    return session
  }
  const open = (session: SealedSession): Access => {
    const opened = hooks.open(session)
    if (opened === null) throw new Error('no credentials')
    return opened.access
  }
  const row = () => world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
  return { hooks, id, find, open, row }
}

describeOnEveryStore('what a turn sees of its session', (openTestStore) => {
  it('is found by id and by account, with its way to Instagram', async () => {
    const world = sessionsWorld(await openTestStore())
    const proxy = { host: 'proxy.example.com', port: 8080 }
    const { hooks, find, open } = await acting(world, { config: { proxy, userAgent: 'UA' } })
    const session = await find()
    expect(session).toMatchObject({
      userId: 'user_123',
      platformId: '1001',
      username: 'north.lamp',
      connector: 'web',
      status: 'active',
      openedThrough: ['v2'],
      maxDailyActions: 100,
      actionDelayMs: 30_000,
      retryAt: null,
      connectFailures: 0,
      jarVersion: 1,
      expiresAt: world.clock.now() + 86_400_000,
    })
    expect(await hooks.findByAccount(world.store.read, session.accountId)).toEqual(session)
    const { sealedJar, sealedProxy, ...shown } = session
    expect(sealedJar).not.toBeNull()
    expect(sealedProxy).not.toBeNull()
    expect(await hooks.find(world.store.read, session.id)).toEqual(shown)
    expect(open(session)).toMatchObject({ proxy: { ...proxy, protocol: 'http' }, userAgent: 'UA', platformId: '1001' })
    expect(hooks.open(session)?.connector).toBe(world.instagram.connector)
  })

  it('is nothing to act with once it has ended', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, id, find } = await acting(world)
    const { accountId } = await find()
    await world.call('deactivateSession', { params: { sessionId: id } })
    expect(await hooks.findByAccount(world.store.read, accountId)).toBeNull()
    expect(hooks.open(await find())).toBeNull()
    expect(await hooks.find(world.store.read, 'unknown')).toBeNull()
  })

  it('is nothing to act with when no key opens its credentials', async () => {
    const store = await openTestStore()
    const { id } = await acting(sessionsWorld(store))
    const hooks = createSessionHooks(sessionsWorld(store).deps)
    const session = await findSealedSession(store.read, id)
    expect(session === null ? undefined : hooks.open(session)).toBeNull()
  })
})

describeOnEveryStore('a turn that was answered as logged in', (openTestStore) => {
  it('keeps changed cookies, moves the expiry and forgets connection failures', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open, row } = await acting(world)
    await world.store.write(async (tx) => hooks.notSent(tx, await find(), 'connect', 'refused'))
    world.clock.tick(60_000)
    const session = await find()
    const access = open(session)
    access.cookies.store(URL, 'rur=EAG; Path=/; Secure')
    await world.store.write((tx) => hooks.answered(tx, session, access))
    const after = await row()
    expect(after).toMatchObject({
      last_activity_at: world.clock.now(),
      expires_at: world.clock.now() + 86_400_000,
      connect_failures: 0,
      retry_at: null,
    })
    expect(open(await find()).cookies.get(URL, 'rur')).toBe('EAG')
  })

  it('does not seal a jar that it did not change', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open, row } = await acting(world)
    const { jar } = await row()
    const session = await find()
    await world.store.write((tx) => hooks.answered(tx, session, open(session)))
    await world.store.write((tx) => hooks.saveCookies(tx, session, open(session)))
    expect((await row()).jar).toBe(jar)
  })

  it('opens credentials again only when the row holds others', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open } = await acting(world)
    const access = open(await find())
    expect(open(await find())).toBe(access)
    access.cookies.store(URL, 'rur=EAG; Path=/; Secure')
    const session = await find()
    await world.store.write((tx) => hooks.answered(tx, session, access))
    expect(open(await find())).toBe(access)
    await world.logIn()
    expect(open(await find())).not.toBe(access)
  })

  it('goes on with what is stored when its cookies never were', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open, row } = await acting(world)
    const session = await find()
    const access = open(session)
    access.cookies.store(URL, 'rur=EAG; Path=/; Secure')
    const { jar } = await row()
    const rolledBack = world.store.write(async (tx) => {
      await hooks.answered(tx, session, access)
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    expect((await row()).jar).toBe(jar)
    expect(open(await find()).cookies.get(URL, 'rur')).toBeNull()
  })

  it('stores changed cookies when what stores them runs again', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open } = await acting(world)
    const session = await find()
    const access = open(session)
    access.cookies.store(URL, 'rur=EAG; Path=/; Secure')
    const rolledBack = world.store.write(async (tx) => {
      await hooks.answered(tx, session, access)
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    await world.store.write((tx) => hooks.answered(tx, session, access))
    expect(open(await find()).cookies.get(URL, 'rur')).toBe('EAG')
  })

  it('brings nothing home when a newer login has replaced the jar', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open, row } = await acting(world)
    const session = await find()
    const access = open(session)
    access.cookies.store(URL, 'rur=OLD; Path=/; Secure')
    await world.logIn()
    const before = await row()
    world.clock.tick(1_000)
    await world.store.write(async (tx) => {
      await hooks.answered(tx, session, access)
      await hooks.saveCookies(tx, session, access)
      await hooks.setStatus(tx, session, { status: 'login_required', reason: 'the old cookies are dead' })
      await hooks.notSent(tx, session, 'connect', 'refused')
    })
    expect(await row()).toEqual(before)
  })

  it('brings back a session that was cut off or expired, and no other', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, open } = await acting(world)
    for (const status of ['proxy_error', 'unreachable', 'expired', 'challenge_required', 'login_required'] as const) {
      await world.store.write(async (tx) => hooks.setStatus(tx, await find(), { status, reason: null }))
      const session = await find()
      expect(session.status).toBe(status)
      await world.store.write((tx) => hooks.answered(tx, session, open(session)))
      const isBack = status !== 'challenge_required' && status !== 'login_required'
      expect((await find()).status).toBe(isBack ? 'active' : status)
    }
  })
})

describeOnEveryStore('push-back', (openTestStore) => {
  it('sets status and reason with one event, however often it is said', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, id } = await acting(world)
    const change = {
      status: 'challenge_required',
      reason: 'confirm',
      challengeUrl: 'https://www.instagram.com/c/',
    } as const
    for (let count = 0; count < 3; count += 1) {
      await world.store.write(async (tx) => hooks.setStatus(tx, await find(), change))
    }
    expect(await world.session('getSession', { params: { sessionId: id } })).toMatchObject({
      status: 'challenge_required',
      statusReason: 'confirm',
    })
    const events = await world.events()
    expect(events.map(({ type }) => type)).toEqual(['session.created', 'session.challenge_required'])
    expect(events.at(-1)?.data).toEqual({
      status: 'challenge_required',
      statusReason: 'confirm',
      previousStatus: 'active',
    })
  })

  it('never changes what has ended', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find, id } = await acting(world)
    const session = await find()
    await world.call('deactivateSession', { params: { sessionId: id } })
    await world.store.write((tx) => hooks.setStatus(tx, session, { status: 'active', reason: null }))
    expect((await find()).status).toBe('deactivated')
  })
})

describeOnEveryStore('a turn that never left', (openTestStore) => {
  it.each([
    [{ config: { proxy: { host: 'proxy.example.com', port: 1 } } }, 'proxy_error'],
    [{}, 'unreachable'],
  ])('waits longer each time, and the fifth in a row cuts the session off (%j)', async (body, status) => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find } = await acting(world, body)
    const waits: number[] = []
    const statuses: string[] = []
    for (let count = 0; count < 6; count += 1) {
      const session = await find()
      const { retryAt } = await world.store.write((tx) => hooks.notSent(tx, session, 'connect', 'refused'))
      waits.push((retryAt - world.clock.now()) / 1000)
      statuses.push((await find()).status)
      expect((await find()).retryAt).toBe(retryAt)
    }
    expect(waits).toEqual([30, 60, 120, 240, 600, 600])
    expect(statuses).toEqual(['active', 'active', 'active', 'active', status, status])
    expect((await world.events()).map(({ type }) => type)).toEqual(['session.created', `session.${status}`])
  })

  it('because its lease ran out is no fault of the connection', async () => {
    const world = sessionsWorld(await openTestStore())
    const { hooks, find } = await acting(world)
    const session = await find()
    expect(await world.store.write((tx) => hooks.notSent(tx, session, 'lease', 'late'))).toEqual({
      retryAt: world.clock.now(),
    })
    expect((await find()).connectFailures).toBe(0)
  })
})
