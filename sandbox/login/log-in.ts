import { awaitSecondFactor, pendingLogin, raiseCheckpoint, startSession } from '../acts/sessions.ts'
import type { Checkpoint, PendingLogin, Session, TwoFactor, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { openPassword } from './password.ts'
import { isTotp } from './totp.ts'

/** How a log-in ends, in the order in which the service looks; each interface says it in its own words. */
export type LoginResult =
  | { type: 'unknown_user' }
  | { type: 'wrong_password'; user: User }
  | { type: 'soft_blocked' }
  | { type: 'checkpoint'; user: User; checkpoint: Checkpoint }
  | { type: 'two_factor'; user: User; twoFactor: TwoFactor; pending: PendingLogin }
  | { type: 'logged_in'; user: User; session: Session }

export interface LoginAttempt {
  username: string
  sealedPassword: string
  /** Names the jar (web) or the device (mobile). */
  mid: string
  at: number
}

export function logIn(world: World, attempt: LoginAttempt): LoginResult {
  const user = world.userNamed(attempt.username.trim())
  if (user === undefined) return { type: 'unknown_user' }
  const password = openPassword(world, attempt.sealedPassword)
  if (user.password === null || password !== user.password) return { type: 'wrong_password', user }
  if (user.state === 'soft_blocked') return { type: 'soft_blocked' }
  const { mid, at } = attempt
  if (isCheckpointed(world, user, mid)) {
    return { type: 'checkpoint', user, checkpoint: raiseCheckpoint(world, { user, mid, at }) }
  }
  if (user.twoFactor !== null) {
    const pending = awaitSecondFactor(world, { user, mid, at })
    return { type: 'two_factor', user, twoFactor: user.twoFactor, pending }
  }
  return { type: 'logged_in', user, session: startSession(world, { user, mid, at }) }
}

export type SecondFactorResult =
  | { type: 'expired' }
  | { type: 'wrong_code' }
  | { type: 'logged_in'; user: User; session: Session }

export interface SecondFactorAttempt {
  username: string
  identifier: string
  code: string
  mid: string
  at: number
  /** Machine time: an authenticator app knows nothing of a sandbox whose clock was moved. */
  wall: number
}

export function submitSecondFactor(world: World, attempt: SecondFactorAttempt): SecondFactorResult {
  const pending = pendingLogin(world, attempt.identifier, attempt.at)
  const user = pending === undefined ? undefined : world.users.get(pending.userPk)
  if (pending === undefined || user?.twoFactor == null) return { type: 'expired' }
  if (attempt.username !== '' && user.username !== attempt.username.trim().toLowerCase()) return { type: 'expired' }
  const code = attempt.code.replaceAll(/[\s-]/g, '')
  const isApproved = code === '' && pending.approvedAt !== undefined
  if (!isApproved && !isRightCode(user.twoFactor, code, attempt)) return { type: 'wrong_code' }
  world.pendingLogins.delete(pending.identifier)
  return { type: 'logged_in', user, session: startSession(world, { user, mid: attempt.mid, at: attempt.at }) }
}

function isCheckpointed(world: World, user: User, mid: string): boolean {
  return user.checkpoint && !world.hasApproved(user.pk, mid)
}

function isRightCode(twoFactor: TwoFactor, code: string, { at, wall }: { at: number; wall: number }): boolean {
  if (code === twoFactor.code || twoFactor.backupCodes.includes(code)) return true
  const { secret } = twoFactor
  return secret !== null && (isTotp(code, secret, at) || isTotp(code, secret, wall))
}
