import { expect, test } from 'vitest'
import { outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { DEFAULT_LIMITS, HOUR_MS } from '../limits/index.ts'

const SLOW_MS = 10_000
const LIMITS = { ...DEFAULT_LIMITS, standard: { message: { hour: 2, day: null } } }

describeOnEveryStore('an attempt that took effect late', (openTestStore) => {
  test('counts from its effect: no hour at Instagram holds more than the limit', async () => {
    const world = await outboxWorld(await openTestStore(), { limits: LIMITS, maxDailyActions: 100 })
    const { clock, instagram } = world
    instagram.sends = [
      (_input, _call, arrive) => {
        clock.tick(SLOW_MS)
        return arrive()
      },
    ]
    for (let no = 0; no < 3; no += 1) await world.send({ content: `text ${no}` })
    await world.run()
    await world.advance(2 * HOUR_MS)
    const [first, , third] = instagram.effects
    expect(instagram.effects).toHaveLength(3)
    expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(HOUR_MS)
  })

  test('counts from when a lost call could no longer arrive', async () => {
    const world = await outboxWorld(await openTestStore(), { limits: LIMITS, maxDailyActions: 100 })
    const { clock, instagram } = world
    const start = clock.now()
    instagram.sends = ['lost_after']
    for (let no = 0; no < 3; no += 1) await world.send({ content: `text ${no}` })
    await world.run()
    await world.advance(2 * HOUR_MS)
    expect(instagram.effects).toHaveLength(3)
    // The call may take 15 seconds.
    expect((instagram.effects[2]?.at ?? 0) - start).toBeGreaterThanOrEqual(HOUR_MS + 15_000)
  })

  test('waits for its readback no longer than a call may take, also when the wall clock was set back', async () => {
    const world = await outboxWorld(await openTestStore())
    const { clock, instagram } = world
    const { wall } = clock
    instagram.sends = [
      (_input, _call, arrive) => {
        arrive()
        clock.wall = () => wall() - 24 * HOUR_MS
        return { type: 'uncertain', reason: 'The answer was lost.' }
      },
    ]
    const { actionId } = await world.send()
    await world.run()
    await world.advance(15_000)
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded' })
  })
})
