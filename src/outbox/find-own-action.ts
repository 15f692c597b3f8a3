import { GatewayError } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import type { Action } from './action.ts'
import { findBatch } from './batch/store.ts'
import type { OutboxDeps } from './deps.ts'
import type { ActingSession, SessionHooks } from './session-hooks.ts'
import { findAction } from './store.ts'

/** Throws `ACTION_NOT_FOUND`, for somebody else's as for one that does not exist. */
export async function findOwnAction(
  db: Db,
  deps: Pick<OutboxDeps, 'sessions'>,
  principal: Principal,
  actionId: string,
): Promise<Action> {
  const action = await findAction(db, actionId)
  if (action === null || action.userId !== principal.userId || (await isHalfAccepted(db, action))) {
    throw new GatewayError('ACTION_NOT_FOUND')
  }
  if (principal.sessions === null) return action
  const session = await deps.sessions.find(db, action.sessionId)
  if (session === null || !maySeeSession(principal, session)) throw new GatewayError('ACTION_NOT_FOUND')
  return action
}

/** An item of a bulk that is not accepted as a whole yet, and may never be. */
export async function isHalfAccepted(db: Db, { batchId }: Action): Promise<boolean> {
  return batchId !== null && (await findBatch(db, batchId)) === null
}

/** The session that the caller may act with. Throws `SESSION_NOT_FOUND`, for somebody else's as for none. */
export async function findActingSession(
  db: Db,
  deps: { sessions: Pick<SessionHooks, 'find'> },
  principal: Principal,
  sessionId: string,
): Promise<ActingSession> {
  const session = await deps.sessions.find(db, sessionId)
  if (session === null || session.userId !== principal.userId || !maySeeSession(principal, session)) {
    throw new GatewayError('SESSION_NOT_FOUND')
  }
  return session
}
