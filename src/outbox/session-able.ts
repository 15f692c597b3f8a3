import { GatewayError } from '../core/errors.ts'
import type { ActingSession, SessionStatus } from './session-hooks.ts'

/**
 * Statuses under which new work is accepted and time runs towards the session's expiry; the last two heal by themselves.
 */
const ACTING: ReadonlySet<SessionStatus> = new Set<SessionStatus>(['active', 'proxy_error', 'unreachable'])
const FINAL: ReadonlySet<SessionStatus> = new Set<SessionStatus>(['logged_out', 'deactivated'])

/** Whether the lane may use the session, if only to check whether Instagram can be reached again. */
export function isActing(status: SessionStatus): boolean {
  return ACTING.has(status)
}

/** A session past its expiry is expired, whether or not the sweep has said so yet. */
export function statusAt(session: Pick<ActingSession, 'status' | 'expiresAt'>, now: number): SessionStatus {
  return session.expiresAt <= now && isActing(session.status) ? 'expired' : session.status
}

/** Whether the account can be reached and is not known to be logged out: the lane may do more than check. */
export function canAct(session: ActingSession, now: number): boolean {
  return statusAt(session, now) === 'active'
}

/** Whether the lane has failed to reach Instagram so often that it only checks now and then. */
export function isCutOff(session: ActingSession, now: number): boolean {
  const status = statusAt(session, now)
  return status === 'proxy_error' || status === 'unreachable'
}

/**
 * Refuses new work for a session that cannot act, unless the caller asked in so many words to queue it; for one that
 * has ended, always.
 */
export function requireAble(session: ActingSession, now: number, asked: 'queue' | 'reject' | null): void {
  const status = statusAt(session, now)
  if (isActing(status) || (asked === 'queue' && !FINAL.has(status))) return
  throw new GatewayError('SESSION_NOT_ACTIVE', {
    message: `The session cannot act now: it is ${status.replaceAll('_', ' ')}.`,
    details: { status },
  })
}
