import { GatewayError } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import type { Session } from './session.ts'
import { findSession } from './store.ts'

/**
 * The session, when it is the caller's or the caller is an admin, and the token is not confined to others. Otherwise
 * `SESSION_NOT_FOUND`, the same as for one that does not exist.
 */
export async function findOwnSession(db: Db, principal: Principal, id: string): Promise<Session> {
  const session = await findSession(db, id)
  const isTheirs = session !== null && (session.userId === principal.userId || principal.isAdmin)
  if (!isTheirs || !maySeeSession(principal, session)) throw new GatewayError('SESSION_NOT_FOUND')
  return session
}
