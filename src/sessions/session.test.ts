import { describe, expect, it } from 'vitest'
import type { SessionStatus } from '../outbox/session-hooks.ts'
import {
  canMove,
  connectBackoff,
  defaultSettings,
  expiringLeadMs,
  normalizeUsername,
  SESSION_STATUSES,
} from './session.ts'

const STATUSES = Object.keys(SESSION_STATUSES) as SessionStatus[]
const FINAL: SessionStatus[] = ['logged_out', 'deactivated']

describe('the status of a session', () => {
  it('goes from every live status to every other one, and never out of a final one', () => {
    for (const from of STATUSES) {
      for (const to of STATUSES) expect(canMove(from, to)).toBe(from !== to && !FINAL.includes(from))
    }
  })
})

describe('connection failures', () => {
  it('wait 30 s, 1, 2 and 4 min, and the fifth in a row cuts the session off', () => {
    const ladder = [1, 2, 3, 4, 5, 6, 99].map(connectBackoff)
    expect(ladder.map(({ delayMs }) => delayMs / 1000)).toEqual([30, 60, 120, 240, 600, 600, 600])
    expect(ladder.map(({ isCutOff }) => isCutOff)).toEqual([false, false, false, false, true, true, true])
  })
})

describe('new settings', () => {
  const options = { mode: 'sandbox', maxDailyActions: 100, actionDelayMs: 30_000 } as const

  it('switch every automation off', () => {
    expect(defaultSettings('v2', options)).toEqual({
      autoReply: false,
      autoLike: false,
      autoFollow: false,
      autoUnfollow: false,
      maxDailyActions: 100,
      actionDelay: 30_000,
    })
  })

  it('leave a session of the first API without cap and gap, except for the least gap of live mode', () => {
    expect(defaultSettings('v1', options)).toMatchObject({ maxDailyActions: 10_000, actionDelay: 0 })
    expect(defaultSettings('v1', { ...options, mode: 'live' })).toMatchObject({ actionDelay: 1_000 })
  })
})

it('tells of an expiry an hour before, or after half of a shorter life', () => {
  expect(expiringLeadMs(24 * 3_600_000)).toBe(3_600_000)
  expect(expiringLeadMs(3_600_000)).toBe(1_800_000)
})

it('takes names as people write them', () => {
  expect(normalizeUsername('@North.Lamp')).toBe('north.lamp')
})
