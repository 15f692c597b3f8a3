import { describe, expect, it } from 'vitest'
import { canAct, isCutOff, requireAble, statusAt } from './session-able.ts'
import type { ActingSession, SessionStatus } from './session-hooks.ts'

const EXPIRES_AT = 10

function session(status: SessionStatus): ActingSession {
  return { status, expiresAt: EXPIRES_AT } as ActingSession
}

describe('a session whose expiry has passed', () => {
  it.each<SessionStatus>([
    'active',
    'proxy_error',
    'unreachable',
  ])('is expired from its instant on, before any sweep, also when it is stored as %s', (status) => {
    expect(statusAt(session(status), EXPIRES_AT - 1)).toBe(status)
    expect(statusAt(session(status), EXPIRES_AT)).toBe('expired')
  })

  it.each<SessionStatus>([
    'login_required',
    'challenge_required',
    'suspended',
    'logged_out',
    'deactivated',
  ])('stays %s, which says more', (status) => {
    expect(statusAt(session(status), EXPIRES_AT)).toBe(status)
  })

  it.each<SessionStatus>(['active', 'proxy_error', 'unreachable'])('takes no new work when stored as %s', (status) => {
    expect(() => requireAble(session(status), EXPIRES_AT - 1, null)).not.toThrow()
    for (const asked of [null, 'reject'] as const) {
      expect(() => requireAble(session(status), EXPIRES_AT, asked)).toThrow(/it is expired/)
    }
    expect(() => requireAble(session(status), EXPIRES_AT, 'queue')).not.toThrow()
    expect(canAct(session(status), EXPIRES_AT)).toBe(false)
    expect(isCutOff(session(status), EXPIRES_AT)).toBe(false)
  })
})
