import type { LimitView, SessionView, V1Data } from '../v1/index.ts'
import { dataOf, InstagramError } from './instagram-error.ts'
import { runningV1 } from './instance.ts'

/** Cookies of a browser that is logged in, under the account's name. */
export interface NewInstagramSession {
  username: string
  /** Your own name for the session; kept and returned. */
  sessionId: string
  /** Values by name; `sessionid` at least. */
  cookies: Readonly<Record<string, string>>
  /** Of the browser that the cookies are from. */
  userAgent: string
}

/** Where an account stands with one kind of action. */
export type Limit = LimitView

/** An account's session as it was when it was read; the gateway keeps the real one, and its credentials. */
export class InstagramSession {
  readonly username: string
  /** The caller's own name; null for a session that only v2 has opened. */
  readonly sessionId: string | null
  readonly createdAt: Date
  /** Moves whenever Instagram answers the session as logged in. */
  readonly expiresAt: Date
  /** False once it expired, or Instagram wants its owner to log in or to confirm. */
  readonly isActive: boolean
  readonly limits: Readonly<Record<'follow' | 'like' | 'comment', Limit>>

  private constructor(view: SessionView) {
    this.username = view.username
    this.sessionId = view.session_id
    this.createdAt = new Date(view.created_at)
    this.expiresAt = new Date(view.expires_at)
    this.isActive = view.is_active
    this.limits = view.limits
  }

  /**
   * Opens a session, after Instagram was asked whose cookies these are; a live one of the account is renewed. Throws
   * `InstagramError`.
   *
   * ```ts
   * const session = await InstagramSession.create({
   *   username: 'user123',
   *   sessionId: 'session_xyz',
   *   cookies: { sessionid: 'abc123' },
   *   userAgent: 'Mozilla/5.0...',
   * })
   * ```
   */
  static async create(input: NewInstagramSession): Promise<InstagramSession> {
    const { username, sessionId, cookies, userAgent } = input
    const body = { username, session_id: sessionId, cookies, user_agent: userAgent }
    const { session } = dataOf(await runningV1().call('v1CreateSession', { body }))
    return new InstagramSession(session)
  }

  /** The account's live session; null when there is none. */
  static async find(username: string): Promise<InstagramSession | null> {
    const view = await runningV1().findSession(username)
    return view === null ? null : new InstagramSession(view)
  }

  /** Asks Instagram whether the session is still good. Throws `InstagramError` when it could not be asked. */
  async validate(): Promise<boolean> {
    const { session } = dataOf(await runningV1().validateSession(this.username))
    return session.is_active
  }

  /** What every kind of action has left now. Throws `InstagramError` (`INVALID_SESSION`). */
  async readLimits(): Promise<V1Data['v1GetLimits']['limits']> {
    const { limits } = dataOf(await runningV1().call('v1GetLimits', { params: { username: this.username } }))
    return limits
  }
}

/**
 * All sessions of this program, kept by its gateway: they survive a restart, and calls may overlap.
 *
 * ```ts
 * const session = await InstagramSessionManager.getSession('user123')
 * if (session?.isActive) console.log(session.limits.follow.remaining)
 * await InstagramSessionManager.invalidateSession('user123')
 * ```
 */
export const InstagramSessionManager = Object.freeze({
  /** The same as `InstagramSession.create`. */
  createSession: (input: NewInstagramSession): Promise<InstagramSession> => InstagramSession.create(input),

  /** The account's live session, also one that has expired (`isActive` says so); null when there is none. */
  getSession: (username: string): Promise<InstagramSession | null> => InstagramSession.find(username),

  /**
   * Ends the account's session: credentials wiped, queue canceled, Instagram not told. False when there never was one.
   */
  async invalidateSession(username: string): Promise<boolean> {
    const answer = await runningV1().call('v1DeleteSession', { params: { username } })
    try {
      dataOf(answer)
      return true
    } catch (error) {
      if (error instanceof InstagramError && error.errorCode === 'INVALID_SESSION') return false
      throw error
    }
  },

  /** Ends every session that has expired; resolves with how many. */
  cleanup: (): Promise<number> => runningV1().endExpiredSessions(),
})
