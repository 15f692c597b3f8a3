import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlewedTime } from './slewed-time.ts'

describe('SlewedTime', () => {
  it('works a correction off at a tenth of the rate, then runs straight', () => {
    const time = new SlewedTime(1_000, 0)
    time.correct(0, 50)
    expect([100, 500, 1_000].map((elapsed) => time.read(elapsed))).toEqual([1_110, 1_550, 2_050])
    time.correct(1_000, -50)
    expect([1_100, 1_500, 2_000].map((elapsed) => time.read(elapsed))).toEqual([2_140, 2_500, 3_000])
  })

  it('keeps what is left of a correction over a jump', () => {
    const time = new SlewedTime(0, 0)
    time.correct(0, 100)
    time.jump(500, 10_000)
    expect(time.read(500)).toBe(10_550)
    expect(time.read(1_000)).toBe(11_100)
  })

  it('never runs backwards, whatever it is told', () => {
    const step = fc.record({ passed: fc.nat(100_000), errorMs: fc.integer({ min: -1e9, max: 1e9 }) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const time = new SlewedTime(1_000_000, 0)
        let elapsed = 0
        let last = time.read(0)
        for (const { passed, errorMs } of steps) {
          elapsed += passed
          expect(time.read(elapsed)).toBeGreaterThanOrEqual(last)
          time.correct(elapsed, errorMs)
          last = time.read(elapsed)
        }
      }),
    )
  })
})
