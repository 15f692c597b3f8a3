import { expect, it } from 'vitest'
import { describeOnEveryStore, describeOnPostgres } from '../../test/support/stores.ts'
import { createManualClock, type ManualClock } from '../core/clock-manual.ts'
import type { Store } from '../store/store.ts'
import { type Claim, LEASE_MS } from './lane.ts'
import { createLaneSignal } from './signal.ts'
import { claimLanes, clearLeases, giveUpLane, nextDue, openLane, renewLease, sleepLane, wakeLane } from './store.ts'

async function openDue(store: Store, dues: Record<string, number>): Promise<void> {
  const signal = createLaneSignal(store.signals)
  await store.write(async (tx) => {
    for (const [accountId, at] of Object.entries(dues)) {
      await openLane(tx, accountId)
      await wakeLane(tx, { signal }, { accountId, at })
    }
  })
}

const claim = (store: Store, clock: ManualClock, owner = 'node_a', limit = 100): Promise<Claim[]> =>
  store.write((tx) => claimLanes(tx, { clock }, { owner, limit }))
const names = (claims: Claim[]) => claims.map((held) => held.accountId).sort()
const row = (store: Store, accountId: string) =>
  store.read.selectFrom('lanes').selectAll().where('account_id', '=', accountId).executeTakeFirstOrThrow()

describeOnEveryStore('the table of lanes', (openTestStore) => {
  it('gives out lanes that are due, the earliest first, each to one owner', async () => {
    const store = await openTestStore()
    const clock = createManualClock()
    const now = clock.now()
    await openDue(store, { a: now - 3, b: now - 2, c: now, d: now + 1 })
    expect(names(await claim(store, clock, 'node_a', 2))).toEqual(['a', 'b'])
    expect(names(await claim(store, clock, 'node_b'))).toEqual(['c'])
    expect(await claim(store, clock, 'node_c')).toEqual([])
    expect(await nextDue(store.read)).toBe(now + 1)
  })

  it('gives a lane to another owner once its lease is over, with the next fence', async () => {
    const store = await openTestStore()
    const clock = createManualClock()
    await openDue(store, { a: clock.now() })
    const [first] = await claim(store, clock, 'node_a')
    clock.tick(LEASE_MS - 1)
    expect(await claim(store, clock, 'node_b')).toEqual([])
    clock.tick(1)
    const [second] = await claim(store, clock, 'node_b')
    expect(second?.fence).toBe((first?.fence ?? 0) + 1)
  })

  it('lets nobody but the holder renew, sleep or give up', async () => {
    const store = await openTestStore()
    const clock = createManualClock()
    await openDue(store, { a: clock.now() })
    const [late] = (await claim(store, clock, 'node_a')) as [Claim]
    clock.tick(LEASE_MS)
    const [held] = (await claim(store, clock, 'node_b')) as [Claim]
    const before = await row(store, 'a')
    await store.write(async (tx) => {
      expect(await renewLease(tx, late, clock.wall() + LEASE_MS * 9)).toBe(false)
      await sleepLane(tx, late, null)
      await giveUpLane(tx, late)
    })
    expect(await row(store, 'a')).toEqual(before)

    clock.tick(LEASE_MS - 1)
    expect(await store.write((tx) => renewLease(tx, held, clock.wall() + LEASE_MS))).toBe(true)
    clock.tick(LEASE_MS - 1)
    expect(await claim(store, clock, 'node_c')).toEqual([])
  })

  it('is lowered by who wakes it and never raised, and says so only after the commit', async () => {
    const store = await openTestStore()
    const signal = createLaneSignal(store.signals)
    await openDue(store, { a: 500 })
    const heard: number[] = []
    // Other schemas of the same database are heard as well; their instants are no small numbers.
    signal.listen((dueAt) => (dueAt < 1_000 ? heard.push(dueAt) : null))
    await store.write(async (tx) => {
      await wakeLane(tx, { signal }, { accountId: 'a', at: 600 })
      await wakeLane(tx, { signal }, { accountId: 'a', at: 400 })
      expect(heard).toEqual([])
    })
    expect((await row(store, 'a')).due_at).toBe(400)
    expect(heard).toEqual([400])
    const failing = store.write(async (tx) => {
      await wakeLane(tx, { signal }, { accountId: 'a', at: 300 })
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    expect(heard).toEqual([400])
  })

  it('frees every lane when the one process of a store starts', async () => {
    const store = await openTestStore()
    const clock = createManualClock()
    await openDue(store, { a: clock.now(), b: clock.now() })
    await claim(store, clock, 'node_dead')
    await store.write((tx) => clearLeases(tx))
    expect(names(await claim(store, clock, 'node_a'))).toEqual(['a', 'b'])
  })

  it('sleeps until its due instant, or for ever', async () => {
    const store = await openTestStore()
    const clock = createManualClock()
    await openDue(store, { a: clock.now() })
    const [first] = (await claim(store, clock)) as [Claim]
    await store.write((tx) => sleepLane(tx, first, clock.now() + 10))
    expect(await claim(store, clock)).toEqual([])
    clock.tick(10)
    const [second] = (await claim(store, clock)) as [Claim]
    await store.write((tx) => sleepLane(tx, second, null))
    expect(await nextDue(store.read)).toBeNull()
  })
})

describeOnPostgres('lanes of several processes', (openTestStore, engine) => {
  it('are shared out without waiting and without overlap', async () => {
    const location = await engine.place()
    const stores = [await openTestStore({ at: location }), await openTestStore({ at: location })]
    const clock = createManualClock()
    const first = stores[0] as Store
    const dues = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`acct_${index}`, clock.now()]))
    await openDue(first, dues)
    const rounds = await Promise.all(
      stores.flatMap((store, index) => [1, 2, 3].map(() => claim(store, clock, `node_${index}`, 40))),
    )
    const claimed = rounds.flat().map((held) => held.accountId)
    expect(new Set(claimed).size).toBe(claimed.length)
    let left = await claim(first, clock, 'node_last', 200)
    expect(claimed.length + left.length).toBe(200)
    left = await claim(first, clock, 'node_last', 200)
    expect(left).toEqual([])
  })
})
