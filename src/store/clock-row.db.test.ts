import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createSystemClock } from '../core/clock-system.ts'
import type { MachineTime } from '../core/machine-clock.ts'
import { keepClockRaised, readSeenAt } from './clock-row.ts'

const START = 1_750_000_000_000

/** Time stands still, so that only advances count; timers never fire. */
const FROZEN: MachineTime = {
  wall: () => START,
  elapsed: () => 0,
  uptime: () => 0,
  after: () => ({ cancel: () => {} }),
}

describeOnEveryStore('keepClockRaised', (openTestStore, engine) => {
  it('lets the next start go on where an advanced clock was, whether it was stopped or killed', async () => {
    const at = await engine.place()
    const store = await openTestStore({ at })
    const clock = createSystemClock({ startFloor: await readSeenAt(store.read), machine: FROZEN })
    const stop = keepClockRaised({ store, clock })
    await clock.advance(86_400_000)
    expect(await readSeenAt(store.read)).toBe(START + 86_400_000)
    await stop()

    const next = createSystemClock({ startFloor: await readSeenAt(store.read), machine: FROZEN })
    expect(next.now()).toBe(START + 86_400_000)
  })
})
