import { newSessionId, newToken } from '../world/ids.ts'
import type { Checkpoint, PendingLogin, Session, User } from '../world/records.ts'
import type { World } from '../world/world.ts'

const PENDING_LOGIN_MS = 10 * 60_000

export function startSession(world: World, { user, mid, at }: { user: User; mid: string | null; at: number }): Session {
  const session = world.sessions.put({
    sessionid: newSessionId(world, user.pk),
    userPk: user.pk,
    mid,
    createdAt: at,
  })
  world.record({ at, account: user.username, kind: 'login', target: null })
  return session
}

export function endSession(world: World, { session, at }: { session: Session; at: number }): void {
  world.sessions.delete(session.sessionid)
  world.record({ at, account: world.userOrThrow(session.userPk).username, kind: 'logout', target: null })
}

/** Ends every session of a person at the service's own will; nobody is told before the next call. */
export function endSessionsOf(world: World, user: User): number {
  const theirs = [...world.sessions.values()].filter((session) => session.userPk === user.pk)
  for (const session of theirs) world.sessions.delete(session.sessionid)
  return theirs.length
}

/** A session by its cookie's value, as sent or percent-decoded. */
export function findSession(world: World, values: readonly string[]): Session | undefined {
  for (const value of values) {
    const found = world.sessions.get(value) ?? world.sessions.get(value.replaceAll(':', '%3A'))
    if (found !== undefined) return found
  }
  return undefined
}

export function awaitSecondFactor(
  world: World,
  { user, mid, at }: { user: User; mid: string | null; at: number },
): PendingLogin {
  return world.pendingLogins.put({
    identifier: newToken(world, 24),
    userPk: user.pk,
    mid,
    expiresAt: at + PENDING_LOGIN_MS,
  })
}

/** The open attempt, or undefined when it is unknown, used or too old. */
export function pendingLogin(world: World, identifier: string, now: number): PendingLogin | undefined {
  const pending = world.pendingLogins.get(identifier)
  return pending !== undefined && now < pending.expiresAt ? pending : undefined
}

/** The owner says on another device that these open log-ins are theirs. */
export function approveLogins(world: World, user: User, at: number): number {
  const open = [...world.pendingLogins.values()].filter(({ userPk, expiresAt }) => userPk === user.pk && at < expiresAt)
  for (const pending of open) world.pendingLogins.put({ ...pending, approvedAt: at })
  return open.length
}

/** The checkpoint that this jar has to pass before this person can log in from it; the same one at every try. */
export function raiseCheckpoint(world: World, { user, mid, at }: { user: User; mid: string; at: number }): Checkpoint {
  for (const open of world.checkpoints.values()) {
    if (open.userPk === user.pk && open.mid === mid && open.approvedAt === null) return open
  }
  return world.checkpoints.put({ token: newToken(world, 10), userPk: user.pk, mid, createdAt: at, approvedAt: null })
}

export function approveCheckpoint(world: World, checkpoint: Checkpoint, at: number): void {
  if (checkpoint.approvedAt === null) world.checkpoints.put({ ...checkpoint, approvedAt: at })
}
