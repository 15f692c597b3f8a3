import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock-manual.ts'
import { type Slot, Slots } from './slots.ts'

/** Sends until it has `most` under way, none of which answers by itself. */
function sender(slots: Slots, { most, isInTrouble = false }: { most: number; isInTrouble?: boolean }) {
  const open: Slot[] = []
  let slow = 0
  const self = {
    isInTrouble,
    open,
    slow: () => slow,
    get wantsSlot() {
      return open.length < most
    },
    startOne() {
      open.push(slots.take(self, () => (slow += 1)))
      return true
    },
  }
  return self
}

function world() {
  const clock = createManualClock()
  return { clock, slots: new Slots({ clock, youngMax: 10, youngInTroubleMax: 2, allMax: 30 }) }
}

describe('the places of requests', () => {
  it('go to everybody in turn', () => {
    const { slots } = world()
    const all = Array.from({ length: 5 }, () => sender(slots, { most: 100 }))
    const blocker = sender(slots, { most: 10 })
    slots.want(blocker)
    for (const one of all) slots.want(one)
    for (const slot of blocker.open) slot.free()
    expect(all.map(({ open }) => open.length)).toEqual([2, 2, 2, 2, 2])
  })

  it('are apart for those in trouble, who take none of the others’', () => {
    const { slots } = world()
    const troubled = Array.from({ length: 20 }, () => sender(slots, { most: 1, isInTrouble: true }))
    for (const one of troubled) slots.want(one)
    const well = sender(slots, { most: 100 })
    slots.want(well)
    expect(troubled.filter(({ open }) => open.length > 0)).toHaveLength(2)
    expect(well.open).toHaveLength(10)
  })

  it('are free again a quarter of a second later, answered or not, up to the number of all', () => {
    const { clock, slots } = world()
    const hanging = sender(slots, { most: 100 })
    slots.want(hanging)
    clock.tick(250)
    expect(hanging.open).toHaveLength(20)
    clock.tick(250)
    clock.tick(250)
    expect(hanging.open).toHaveLength(30)
    hanging.open[0]?.free()
    expect(hanging.open).toHaveLength(31)
    expect(hanging.slow()).toBe(0)
    clock.tick(2_000)
    expect(hanging.slow()).toBeGreaterThanOrEqual(19)
  })
})
