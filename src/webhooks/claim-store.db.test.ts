import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { URL_A, webhookWorld } from '../../test/support/webhook-world.ts'
import { claimEndpoints, hasWork, nextDue } from './claim-store.ts'

describeOnEveryStore('claims of endpoints', (openTestStore) => {
  it('leave places to those that are well, however many have failed', async () => {
    const world = await webhookWorld(await openTestStore(), { perUserMax: 10 })
    const failing = 'https://fails.example.org/'
    world.receivers.behaviours.set(failing, 500)
    for (let no = 0; no < 5; no += 1) await world.create({ url: failing })
    const { id } = await world.create({ url: URL_A })
    await world.append()
    await world.run()
    // The retries of all five are due, and all six have something new.
    world.clock.tick(10_000)
    await world.append()
    const claim = (room: { well: number; failing: number }) =>
      world.store.write((tx) => claimEndpoints(tx, world, { owner: 'node', everybody: true, users: [], room }))
    const noneFailing = { well: 3, failing: 0 }
    expect(await hasWork(world.store.read, world, { everybody: true, users: [], room: noneFailing })).toBe(true)
    expect(await claim(noneFailing)).toMatchObject([{ endpointId: id, isFailing: false }])
    expect(await hasWork(world.store.read, world, { everybody: true, users: [], room: noneFailing })).toBe(false)
    expect(await nextDue(world.store.read, noneFailing)).toBeNull()
    const some = await claim({ well: 3, failing: 2 })
    expect(some.map(({ isFailing }) => isFailing)).toEqual([true, true])
    expect(await nextDue(world.store.read, { well: 0, failing: 1 })).toBeLessThanOrEqual(world.clock.now())
  })
})
