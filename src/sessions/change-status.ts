import { type AppendDeps, appendEvent, type EventType } from '../events/index.ts'
import type { SessionStatus, SessionStatusChange } from '../outbox/session-hooks.ts'
import type { Db } from '../store/store.ts'
import { canMove, SESSION_STATUSES, type Session } from './session.ts'
import { saveStatus } from './store.ts'

const EVENT_OF_STATUS: Record<SessionStatus, EventType> = {
  active: 'session.active',
  expired: 'session.expired',
  challenge_required: 'session.challenge_required',
  login_required: 'session.login_required',
  suspended: 'session.suspended',
  proxy_error: 'session.proxy_error',
  unreachable: 'session.unreachable',
  logged_out: 'session.logged_out',
  deactivated: 'session.deactivated',
}

/**
 * Moves a session to a status and writes the event, in the transaction that holds the account's lock and read `session`.
 * A final status is never left; the same status again only takes over reason and address, without an event.
 */
export async function changeStatus(
  tx: Db,
  deps: AppendDeps,
  session: Session,
  change: SessionStatusChange & { at: number },
): Promise<void> {
  const isMove = canMove(session.status, change.status)
  if (!isMove && (change.status !== session.status || SESSION_STATUSES[session.status].isFinal)) return
  const reason = change.reason ?? SESSION_STATUSES[change.status].reason
  const challengeUrl = change.challengeUrl ?? null
  const saved = await saveStatus(tx, { id: session.id, from: session.status, to: change.status, reason, challengeUrl })
  if (!saved || !isMove) return
  const { status: previous } = session
  await appendStatusEvent(tx, deps, session, { status: change.status, previous, reason, at: change.at })
}

/** `session.<status>`; also after a write of one's own that set the status. `previous`: null for a new session. */
export async function appendStatusEvent(
  tx: Db,
  deps: AppendDeps,
  session: { id: string; userId: string; username: string },
  change: { status: SessionStatus; previous: SessionStatus | null; reason: string | null; at: number },
): Promise<void> {
  await appendEvent(tx, deps, {
    userId: session.userId,
    type: EVENT_OF_STATUS[change.status],
    at: change.at,
    sessionId: session.id,
    username: session.username,
    data: { status: change.status, statusReason: change.reason, previousStatus: change.previous },
  })
}
