import { GatewayError } from '../core/errors.ts'
import type { Principal } from './route.ts'

/** For `{userId}` in a path. Throws `FORBIDDEN` unless it is the caller's own or the caller is an admin. */
export function requireUser(principal: Principal, userId: string): void {
  if (principal.userId === userId || principal.isAdmin) return
  throw new GatewayError('FORBIDDEN', { message: 'This token may only see its own user.' })
}

/** Whether a token that is confined to some sessions may see this one; the owner is checked in the query itself. */
export function maySeeSession(principal: Principal, session: { id: string; username: string }): boolean {
  const { sessions } = principal
  return sessions === null || sessions.includes(session.id) || sessions.includes(session.username)
}
