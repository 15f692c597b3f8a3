import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createManualClock } from '../core/clock-manual.ts'
import type { Store } from '../store/store.ts'
import type { Claim } from './lane.ts'
import { createLaneSignal } from './signal.ts'
import { openLane, sleepLane, wakeLane } from './store.ts'
import { LaneWorker, type TurnEnd } from './worker.ts'

interface Rig {
  worker: LaneWorker
  clock: ReturnType<typeof createManualClock>
  errors: unknown[]
  wake(accountId: string, at: number): Promise<void>
}

async function rig(
  store: Store,
  options: { accounts: number; concurrency: number },
  performTurn: (claim: Claim) => Promise<TurnEnd>,
): Promise<Rig> {
  const clock = createManualClock()
  const signal = createLaneSignal(store.signals)
  const errors: unknown[] = []
  const worker = new LaneWorker({
    store,
    clock,
    signal,
    owner: 'node_a',
    concurrency: options.concurrency,
    performTurn,
    onError: (error) => errors.push(error),
  })
  const wake = (accountId: string, at: number) => store.write((tx) => wakeLane(tx, { signal }, { accountId, at }))
  for (let index = 0; index < options.accounts; index += 1) {
    await store.write((tx) => openLane(tx, `acct_${index}`))
    await wake(`acct_${index}`, clock.now())
  }
  return { worker, clock, errors, wake }
}

const asleep = async (store: Store, claim: Claim, dueAt: number | null = null): Promise<TurnEnd> => {
  await store.write((tx) => sleepLane(tx, claim, dueAt))
  return { type: 'released', dueAt }
}

describeOnEveryStore('a lane worker', (openTestStore) => {
  it('never has two turns of one account in flight, nor more accounts than its concurrency', async () => {
    const store = await openTestStore()
    const inFlight = new Map<string, number>()
    const turns = new Map<string, number>()
    let most = 0
    const { worker, clock, errors, wake } = await rig(store, { accounts: 12, concurrency: 3 }, async (claim) => {
      const { accountId } = claim
      inFlight.set(accountId, (inFlight.get(accountId) ?? 0) + 1)
      expect(inFlight.get(accountId)).toBe(1)
      most = Math.max(most, [...inFlight.values()].filter((count) => count > 0).length)
      const count = (turns.get(accountId) ?? 0) + 1
      turns.set(accountId, count)
      // Somebody wakes the lane while it is held.
      await wake(accountId, clock.now())
      inFlight.set(accountId, 0)
      return count % 4 === 0 ? asleep(store, claim) : { type: 'again' }
    })
    await worker.start()
    await clock.advance(1_000)
    expect(errors).toEqual([])
    expect([...turns.values()]).toEqual(Array.from({ length: 12 }, () => 4))
    expect(most).toBe(3)
    await worker.stop()
  })

  it('runs a lane at the very instant at which it is due', async () => {
    const store = await openTestStore()
    const ran: number[] = []
    const { worker, clock } = await rig(store, { accounts: 1, concurrency: 2 }, async (claim) => {
      ran.push(clock.now())
      return asleep(store, claim, ran.length < 3 ? clock.now() + 7_000 : null)
    })
    await worker.start()
    const start = clock.now()
    await clock.advance(60_000)
    expect(ran.map((at) => at - start)).toEqual([0, 7_000, 14_000])
    await worker.stop()
  })

  it('hears of work that comes while it sleeps', async () => {
    const store = await openTestStore()
    const ran: number[] = []
    const { worker, clock, wake } = await rig(store, { accounts: 1, concurrency: 2 }, async (claim) => {
      ran.push(clock.now())
      return asleep(store, claim)
    })
    await worker.start()
    await clock.advance(5_000)
    const woken = clock.now()
    await wake('acct_0', woken + 100)
    await clock.advance(5_000)
    expect(ran.at(-1)).toBe(woken + 100)
    await worker.stop()
  })

  it('tries a lane again a little later when its turn threw', async () => {
    const store = await openTestStore()
    let turns = 0
    const { worker, clock, errors } = await rig(store, { accounts: 1, concurrency: 2 }, async (claim) => {
      turns += 1
      if (turns === 1) throw new Error('broken')
      return asleep(store, claim)
    })
    await worker.start()
    await clock.advance(1_000)
    expect(turns).toBe(1)
    expect(errors).toHaveLength(1)
    await clock.advance(5_000)
    expect(turns).toBe(2)
    await worker.stop()
  })

  it('lets the running turn end when it is stopped, begins no other, and lets go of its lanes', async () => {
    const store = await openTestStore()
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    let turns = 0
    const { worker } = await rig(store, { accounts: 1, concurrency: 2 }, async () => {
      turns += 1
      begun.resolve()
      await finish.promise
      return { type: 'again' }
    })
    await worker.tick()
    await begun.promise
    const stopped = worker.stop()
    finish.resolve()
    await stopped
    expect(turns).toBe(1)
    expect(worker.inFlight).toBe(0)
    expect(await worker.tick()).toBe(0)
    const lane = await store.read.selectFrom('lanes').selectAll().executeTakeFirstOrThrow()
    expect(lane.owner).toBeNull()
    expect(lane.due_at).not.toBeNull()
  })

  it('keeps its leases while turns go on', async () => {
    const store = await openTestStore()
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const { worker, clock } = await rig(store, { accounts: 1, concurrency: 2 }, async (claim) => {
      begun.resolve()
      await finish.promise
      return asleep(store, claim)
    })
    await worker.tick()
    await begun.promise
    clock.tick(25_000)
    await worker.renewLeases()
    const lane = await store.read.selectFrom('lanes').selectAll().executeTakeFirstOrThrow()
    expect(lane.lease_until_wall).toBe(clock.wall() + 30_000)
    finish.resolve()
    await worker.idle()
  })
})
