import { describe, expect, it } from 'vitest'
import { climb, extend, NO_LEVEL, type Pause, THROTTLE_LADDER_MS } from './pause.ts'
import { DAY_MS } from './policy.ts'

const MINUTE = 60_000
const again = (previous: Pause | null, now: number, askedUntil: number | null = null) =>
  climb(previous, THROTTLE_LADDER_MS, { now, askedUntil, reason: 'throttled' })

describe('a ladder of pauses', () => {
  it('climbs with each repeat and stays on its last step', () => {
    let pause: Pause | null = null
    const lengths: number[] = []
    for (let repeat = 0; repeat < 5; repeat += 1) {
      const now: number = pause?.until ?? 0
      pause = again(pause, now)
      lengths.push((pause.until - now) / MINUTE)
    }
    expect(lengths).toEqual([15, 60, 240, 1440, 1440])
  })

  it('steps down once for each clean day after the pause', () => {
    const third: Pause = { until: 1_000, reason: 'throttled', level: 2, since: 0 }
    expect(again(third, 1_000 + DAY_MS - 1).level).toBe(3)
    expect(again(third, 1_000 + DAY_MS).level).toBe(2)
    expect(again(third, 1_000 + 2 * DAY_MS).level).toBe(1)
    expect(again(third, 1_000 + 9 * DAY_MS).level).toBe(0)
  })

  it('is as long as Instagram says when that is longer, and never ends before a pause that runs', () => {
    expect(again(null, 0, 20 * MINUTE).until).toBe(20 * MINUTE)
    expect(again(null, 0, 5 * MINUTE).until).toBe(15 * MINUTE)
    const long: Pause = { until: DAY_MS, reason: 'blocked', level: NO_LEVEL, since: 0 }
    expect(again(long, 0)).toMatchObject({ until: DAY_MS, level: 0 })
  })

  it('is not climbed by a pause beside it', () => {
    const first = again(null, 0)
    const beside = extend(first, { now: 0, until: 60 * MINUTE, reason: 'blocked' })
    expect(beside).toMatchObject({ until: 60 * MINUTE, level: 0 })
    expect(extend(beside, { now: 0, until: 30 * MINUTE, reason: 'blocked' })).toEqual(beside)
  })
})
