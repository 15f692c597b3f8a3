import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { earliest, estimateBehind, forecastBehind, type Usage } from './plan.ts'
import { DAY_MS, HOUR_MS } from './policy.ts'

const NOTHING: Usage = {
  lastOfKind: 0,
  lastOfAll: 0,
  lastAt: null,
  hourAt: null,
  dayAt: null,
  totalAt: null,
  kindPausedUntil: null,
  accountPausedUntil: null,
  never: null,
}

describe('the earliest instant', () => {
  it('is now when nothing was done', () => {
    expect(earliest(NOTHING, 1_000, 30_000)).toEqual({ at: 1_000, rule: null })
  })

  it('is decided by whichever rule frees last, and says which', () => {
    const usage: Usage = { ...NOTHING, lastAt: 900, hourAt: 500, dayAt: 600, kindPausedUntil: 2_000 }
    expect(earliest(usage, 1_000, 100)).toEqual({ at: 600 + DAY_MS, rule: 'day' })
    expect(earliest({ ...usage, dayAt: null }, 1_000, 100)).toEqual({ at: 500 + HOUR_MS, rule: 'hour' })
    expect(earliest({ ...usage, dayAt: null, hourAt: null }, 1_000, 100)).toEqual({ at: 2_000, rule: 'pause' })
    expect(earliest({ ...NOTHING, lastAt: 900 }, 1_000, 200)).toEqual({ at: 1_100, rule: 'delay' })
  })
})

describe('the forecast behind others', () => {
  it('agrees with acting one after the other, as early as the window and the gap allow', () => {
    fc.assert(
      fc.property(
        fc.record({
          limit: fc.integer({ min: 1, max: 8 }),
          durationMs: fc.integer({ min: 1, max: 1_000 }),
          gapMs: fc.integer({ min: 0, max: 50 }),
          past: fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 20 }),
          ahead: fc.integer({ min: 0, max: 30 }),
        }),
        ({ limit, durationMs, gapMs, past, ahead }) => {
          const now = 2_000
          const done = [...past].sort((a, b) => a - b)
          const known = new Map(done.map((at, index) => [index + 1, at]))
          const lastAt = done.at(-1) ?? null
          const forecast = forecastBehind(
            { limit, durationMs, last: done.length, known },
            { now, lastAt, gapMs, ahead },
          )

          const acted = [...done]
          for (let step = 0; step <= ahead; step += 1) {
            let at = Math.max(now, acted.length === 0 ? now : (acted.at(-1) as number) + gapMs)
            while (acted.filter((other) => other > at - durationMs && other <= at).length >= limit) at += 1
            acted.push(at)
          }
          expect(forecast).toBe(acted.at(-1))
        },
      ),
    )
  })
})

describe('the estimate behind others', () => {
  it('counts gaps, then whole windows', () => {
    const limits = { hour: 50, day: 200, total: 1_000 }
    const behind = (ahead: number) => estimateBehind({ from: 0, gapMs: 1_000, limits, ahead })
    expect(behind(0)).toBe(0)
    expect(behind(7)).toBe(7_000)
    expect(behind(55)).toBe(HOUR_MS + 5_000)
    expect(behind(401)).toBe(2 * DAY_MS + 1_000)
  })
})
