import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { appendStatusEvent } from './change-status.ts'
import type { SessionDeps } from './dependencies.ts'
import type { Session } from './session.ts'
import { endSession } from './store.ts'

type EndDeps = Pick<SessionDeps, 'store' | 'clock' | 'random' | 'cancelQueue' | 'audit'>

/**
 * Ends a session in the caller's transaction: credentials wiped, queue canceled, event written. One that has ended
 * already is left as it is, so that both ways of ending are fine to repeat.
 */
export async function endLiveSession(
  tx: Db,
  deps: EndDeps,
  session: Session,
  end: { status: 'logged_out' | 'deactivated'; actor: string },
): Promise<void> {
  const now = deps.clock.now()
  await lockAccount(tx, session.accountId)
  if (!(await endSession(tx, { id: session.id, status: end.status, now }))) return
  await deps.cancelQueue(tx, { sessionId: session.id, accountId: session.accountId, reason: 'session_ended' })
  if (end.actor !== session.userId) {
    const details = { owner: session.userId, username: session.username }
    await deps.audit(tx, { actor: end.actor, what: `session.${end.status}`, target: session.id, details })
  }
  await appendStatusEvent(tx, deps, session, { status: end.status, previous: session.status, reason: null, at: now })
}
