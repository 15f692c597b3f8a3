import { GatewayError } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import { normalizeUsername, type Session } from './session.ts'
import { findOwnEndedByName, findOwnLiveByName, findSession } from './store.ts'

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

/** The caller's own live session on an account, by the account's name. Throws `SESSION_NOT_FOUND`. */
export async function findOwnSessionNamed(db: Db, principal: Principal, name: string): Promise<Session> {
  const owner = { userId: principal.userId, username: normalizeUsername(name) }
  return requireReach(principal, await findOwnLiveByName(db, owner))
}

/** The same, or the last that ended where none is live: for calls that are fine to repeat. */
export async function findOwnSessionEverNamed(db: Db, principal: Principal, name: string): Promise<Session> {
  const owner = { userId: principal.userId, username: normalizeUsername(name) }
  return requireReach(principal, (await findOwnLiveByName(db, owner)) ?? (await findOwnEndedByName(db, owner)))
}

function requireReach(principal: Principal, session: Session | null): Session {
  if (session === null || !maySeeSession(principal, session)) throw new GatewayError('SESSION_NOT_FOUND')
  return session
}
