import { expect, it } from 'vitest'
import { LOGIN, type SessionsWorld, sessionsWorld } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createExpirySweep } from './expiry.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function sweepOf(world: SessionsWorld) {
  const errors: unknown[] = []
  const sweep = createExpirySweep({ ...world.deps, clock: world.clock, onError: (error) => errors.push(error) })
  return { sweep, errors }
}

const types = async (world: SessionsWorld) => (await world.events()).map(({ type }) => type)

describeOnEveryStore('the expiry of a session', (openTestStore) => {
  it('is told an hour before and comes at its instant, each once', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const { sweep } = sweepOf(world)
    world.clock.tick(23 * HOUR_MS - 1)
    expect(await sweep.tick()).toBe(0)
    world.clock.tick(1)
    expect(await sweep.tick()).toBe(1)
    expect(await sweep.tick()).toBe(0)
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'session.expiring',
      sessionId: session.id,
      data: { expiresAt: session.expiresAt },
    })
    world.clock.tick(HOUR_MS)
    expect(await sweep.tick()).toBe(1)
    expect(await sweep.tick()).toBe(0)
    expect(await types(world)).toEqual(['session.created', 'session.expiring', 'session.expired'])
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(row.status).toBe('expired')
    expect(row.jar).not.toBeNull()
  })

  it('wakes by itself, exactly then, and leaves no timer behind', async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn()
    const { sweep, errors } = sweepOf(world)
    sweep.start()
    const at = world.clock.now()
    await world.clock.advance(2 * DAY_MS)
    const events = await world.events()
    expect(events.map((event) => [event.type, (event.at - at) / HOUR_MS])).toEqual([
      ['session.created', 0],
      ['session.expiring', 23],
      ['session.expired', 24],
    ])
    await sweep.stop()
    expect(world.clock.nextDue()).toBeNull()
    expect(errors).toEqual([])
  })

  it('moves on with each login, and is told of anew', async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn()
    const { sweep } = sweepOf(world)
    world.clock.tick(23 * HOUR_MS)
    await sweep.tick()
    await world.logIn()
    world.clock.tick(HOUR_MS)
    expect(await sweep.tick()).toBe(0)
    world.clock.tick(22 * HOUR_MS)
    expect(await sweep.tick()).toBe(1)
    expect(await types(world)).toEqual(['session.created', 'session.expiring', 'session.expiring'])
  })

  it('leaves alone what cannot act anyway', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    world.instagram.checkSession = { type: 'login_required', reason: 'gone' }
    await world.call('getSession', { params: { sessionId: session.id }, query: { validate: true } })
    const { sweep } = sweepOf(world)
    world.clock.tick(2 * DAY_MS)
    expect(await sweep.tick()).toBe(0)
  })

  it('is seen by a process that was not running when it came', async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn()
    world.clock.tick(3 * DAY_MS)
    const { sweep } = sweepOf(world)
    sweep.start()
    await world.clock.advance(1_000)
    // Too late to say that it will come.
    expect(await types(world)).toEqual(['session.created', 'session.expired'])
    await sweep.stop()
  })

  it('is written once by sweeps that run at the same time', async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn()
    world.clock.tick(DAY_MS)
    const sweeps = [sweepOf(world), sweepOf(world), sweepOf(world)]
    await Promise.all(sweeps.map(({ sweep }) => sweep.tick()))
    expect(await types(world)).toEqual(['session.created', 'session.expired'])
  })

  it('takes more sessions than fit in one batch', async () => {
    const world = sessionsWorld(await openTestStore(), { perUserMax: 1_000 })
    world.instagram.lookUpUser = { type: 'unreadable', timedOut: false, reason: 'no' }
    world.instagram.logIn = () => ({ type: 'logged_in', platformId: String(world.instagram.count('logIn')) })
    for (let count = 0; count < 120; count += 1) await world.logIn({ body: { ...LOGIN, username: `n${count}` } })
    world.clock.tick(DAY_MS)
    const { sweep } = sweepOf(world)
    expect(await sweep.tick()).toBe(120)
  })
})

describeOnEveryStore('what nobody needs any more', (openTestStore) => {
  it('is deleted: ended sessions after their retention, attempts and links at their expiry', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    await world.call('deactivateSession', { params: { sessionId: session.id } })
    world.instagram.logIn = { type: 'two_factor', method: 'totp', identifier: 'n', obfuscatedContact: null }
    await world.logIn({ body: { ...LOGIN, username: 'other' } }).catch(() => {})
    world.instagram.logIn = { type: 'challenge', kind: 'checkpoint', url: null, platformId: '1001', reason: 'confirm' }
    await world.logIn().catch(() => {})
    const count = async (table: 'sessions' | 'login_attempts' | 'handoffs') =>
      (await world.store.read.selectFrom(table).selectAll().execute()).length
    const { sweep } = sweepOf(world)
    await sweep.tick()
    expect([await count('sessions'), await count('login_attempts'), await count('handoffs')]).toEqual([2, 1, 1])
    world.clock.tick(900_000)
    await sweep.tick()
    expect([await count('sessions'), await count('login_attempts'), await count('handoffs')]).toEqual([2, 0, 0])
    world.clock.tick(30 * DAY_MS)
    await sweep.tick()
    expect(await count('sessions')).toBe(1)
    await expect(world.call('getSession', { params: { sessionId: session.id } })).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    })
  })
})
