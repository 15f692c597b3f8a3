import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, limitsFor } from './policy.ts'

const subject = (openedThrough: ('v1' | 'v2')[], more: { policy?: string; maxDailyActions?: number } = {}) => ({
  openedThrough,
  maxDailyActions: 100,
  ...more,
})
const limits = (openedThrough: ('v1' | 'v2')[], kind: string, actionClass = 0) =>
  limitsFor(DEFAULT_LIMITS, subject(openedThrough), kind, actionClass)

describe('the limits of a session', () => {
  it("are the second document's for v2, and the first document's for v1 where it names the kind", () => {
    expect(limits(['v2'], 'like')).toEqual({ hour: 50, day: 200, total: 100 })
    expect(limits(['v1'], 'like')).toEqual({ hour: null, day: 1000, total: 100 })
    expect(limits(['v1'], 'story_view')).toEqual({ hour: 100, day: 500, total: 100 })
  })

  it('are the smallest of all its policies, for each duration', () => {
    expect(limits(['v2', 'v1'], 'like')).toEqual({ hour: 50, day: 200, total: 100 })
    expect(limits(['v2', 'v1'], 'follow')).toEqual({ hour: 30, day: 150, total: 100 })
  })

  it('are the ones that an admin set, where one did', () => {
    const policy = JSON.stringify({ like: { hour: 5 } })
    expect(limitsFor(DEFAULT_LIMITS, subject(['v1', 'v2'], { policy }), 'like', 0)).toEqual({
      hour: 5,
      day: null,
      total: 100,
    })
  })

  it('leave people a part that automation and bulk may not use, but never nothing', () => {
    expect(limits(['v2'], 'comment', 2)).toEqual({ hour: 16, day: 80, total: 80 })
    const one = limitsFor(DEFAULT_LIMITS, subject(['v2'], { maxDailyActions: 1 }), 'message', 1)
    expect(one.total).toBe(1)
  })
})
