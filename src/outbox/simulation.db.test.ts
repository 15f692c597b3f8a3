import { expect, it } from 'vitest'
import { type Behaviour, type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { type Random, seededRandom } from '../core/random.ts'
import { createLaneWorker, nextDue } from '../lanes/index.ts'
import type { Store } from '../store/store.ts'
import { isTerminal, performTurn } from './index.ts'

const SEEDS = { sqlite: 12, postgres: 2 }
const MESSAGES = 40
const HOUR = 3_600_000
const DAY = 24 * HOUR
const LIMITS = { standard: { message: { hour: 5, day: 18 } }, classic: {}, bulkShare: 0.8 }
const NEVER = new Promise<never>(() => {})

const chance = (random: Random, outOf: number) =>
  (random.bytes(2).reduce((sum, byte) => sum * 256 + byte, 0) % outOf) + 1

/** One in three sends meets trouble of some kind. */
function trouble(random: Random): Behaviour | undefined {
  switch (chance(random, 24)) {
    case 1:
    case 2:
      return 'lost_before'
    case 3:
    case 4:
      return 'lost_after'
    case 5:
      return { type: 'throttled', retryAfterMs: null, reason: 'wait' }
    case 6:
      return { type: 'blocked', until: null, reason: 'blocked' }
    case 7:
      return { type: 'not_sent', cause: 'connect', reason: 'refused' }
    case 8:
      return { type: 'login_required', reason: 'login_required' }
    case 9:
      return { type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'closed' }
    default:
      return undefined
  }
}

/** A store whose process ends somewhere within the next few transactions. */
function dying(world: OutboxWorld, random: Random): { store: Store; died: Promise<void> } {
  const died = Promise.withResolvers<void>()
  let left = chance(random, 6)
  const afterCommit = chance(random, 2) === 1
  const store: Store = {
    engine: world.store.engine,
    read: world.store.read,
    signals: world.store.signals,
    readServerWall: () => world.store.readServerWall(),
    close: () => world.store.close(),
    async write(work) {
      left -= 1
      if (left > 0) return world.store.write(work)
      if (left === 0 && afterCommit) await world.store.write(work)
      died.resolve()
      return NEVER
    },
  }
  return { store, died: died.promise }
}

/** Runs what is due, in a process that may die meanwhile; the next one takes over after the lease. */
async function live(world: OutboxWorld, random: Random, name: string): Promise<'ran' | 'died'> {
  const mortal = chance(random, 3) === 1 ? dying(world, random) : null
  const store = mortal?.store ?? world.store
  const worker = createLaneWorker({
    store,
    clock: world.clock,
    signal: world.deps.signal,
    owner: name,
    concurrency: 4,
    performTurn: (claim, mayGoOn) => performTurn({ ...world.deps, store }, claim, mayGoOn),
    onError: (error) => world.errors.push(error),
  })
  const run = async () => {
    while ((await worker.tick()) > 0) await worker.idle()
  }
  return Promise.race([run().then(() => 'ran' as const), (mortal?.died ?? NEVER).then(() => 'died' as const)])
}

async function nextInstant(world: OutboxWorld): Promise<number | null> {
  const free = await nextDue(world.store.read)
  const held = await world.store.read
    .selectFrom('lanes')
    .select('lease_until_wall')
    .where('owner', 'is not', null)
    .execute()
  const leases = held.map((lane) => lane.lease_until_wall ?? 0)
  const all = [...(free === null ? [] : [free]), ...leases]
  return all.length === 0 ? null : Math.max(Math.min(...all), world.clock.now())
}

async function checkInvariants(world: OutboxWorld, ids: readonly string[]): Promise<void> {
  const sends = world.instagram.calls
    .filter((call) => call.operation === 'sendText' && call.hasLeft)
    .map((call) => call.at)
  for (const [index, at] of sends.entries()) {
    expect(sends.slice(0, index + 1).filter((other) => other > at - HOUR).length).toBeLessThanOrEqual(5)
    expect(sends.slice(0, index + 1).filter((other) => other > at - DAY).length).toBeLessThanOrEqual(18)
  }
  for (const id of ids) {
    const action = await world.action(id)
    const effects = world.instagram.effects.filter((effect) => effect.token === action.clientToken).length
    expect(isTerminal(action.status), `${id} is ${action.status}`).toBe(true)
    if (action.status === 'succeeded') expect(effects).toBe(1)
    else if (action.status === 'unconfirmed') expect(effects).toBeLessThanOrEqual(1)
    else expect(effects, action.status).toBe(0)
    const ends = (await world.timeline(id)).filter((entry) => isTerminal(entry.to as never))
    expect(ends).toHaveLength(1)
    expect((await world.message(id)).status).toBe(action.status)
  }
  const settled = (await world.events()).filter((event) => event.type.startsWith('message.'))
  expect(settled).toHaveLength(ids.length)
}

describeOnEveryStore('a fortnight of trouble', (openTestStore, engine) => {
  it.each(
    Array.from({ length: SEEDS[engine.name] }, (_, index) => index + 1),
  )('seed %i: every action ends once, with the effect that its end promises, within every window', async (seed) => {
    const random = seededRandom(seed)
    const clock = createManualClock()
    const world = await outboxWorld(await openTestStore(), { clock, maxDailyActions: 10_000, limits: LIMITS })
    const ids: string[] = []
    const end = clock.now() + 60 * DAY
    for (let step = 0; ids.length < MESSAGES; step += 1) {
      const asked = chance(random, 4) === 1 ? { expiresAt: new Date(clock.now() + 3 * DAY).toISOString() } : {}
      const { actionId } = await world.send({ recipientUsername: `user${chance(random, 5)}`, ...asked })
      ids.push(actionId)
      const behaviour = trouble(random)
      if (behaviour !== undefined) world.instagram.sends.push(behaviour)
      await live(world, random, `node_${step}`)
      clock.tick(chance(random, 120) * 1_000)
    }
    for (let round = 0; clock.now() < end; round += 1) {
      await live(world, random, `node_late_${round}`)
      const next = await nextInstant(world)
      if (next === null) break
      clock.tick(Math.max(1, next - clock.now()))
    }
    expect(world.errors).toEqual([])
    await checkInvariants(world, ids)
  }, 60_000)
})
