import type { Access, Connector } from '../connectors/connector.ts'
import type { Db } from '../store/store.ts'

/**
 * What the outbox asks of sessions without knowing that feature; `gateway.ts` hands in the implementation
 * (`sessions/hooks.ts`). Every method that takes `tx` runs inside the caller's transaction.
 */
export interface SessionHooks {
  find(db: Db, sessionId: string): Promise<ActingSession | null>
  /** The live session of an account with what `open` needs, or null. */
  findByAccount(db: Db, accountId: string): Promise<ActingSession | null>
  /** The connector and the opened credentials for one turn of a session that `findByAccount` gave. Null once wiped. */
  open(session: ActingSession): { connector: Connector; access: Access } | null
  /**
   * After a turn that Instagram answered as logged in: cookies (unless a newer login replaced the jar), last activity,
   * expiry moved, connection failures cleared, a connection status back to `active`.
   */
  answered(tx: Db, session: ActingSession, access: Access): Promise<void>
  /** After any other answered turn: the cookies only. */
  saveCookies(tx: Db, session: ActingSession, access: Access): Promise<void>
  /** Push-back and expiry: status and reason, with the `session.*` event. Final statuses are never left. */
  setStatus(tx: Db, session: ActingSession, change: SessionStatusChange): Promise<void>
  /**
   * A turn that never left us: counts it and answers when the lane may try again (30 s, 1, 2, 4 min); the fifth in a row
   * sets `proxy_error` (without a proxy `unreachable`), then one check every 10 min.
   */
  notSent(tx: Db, session: ActingSession, cause: string, reason: string): Promise<{ retryAt: number }>
}

export type SessionStatus =
  | 'active'
  | 'expired'
  | 'challenge_required'
  | 'login_required'
  | 'suspended'
  | 'proxy_error'
  | 'unreachable'
  | 'logged_out'
  | 'deactivated'

export interface SessionStatusChange {
  status: SessionStatus
  /** Fit for the user. */
  reason: string | null
  challengeUrl?: string | null
}

/** What planning and acting need to know of a session. */
export interface ActingSession {
  id: string
  userId: string
  accountId: string
  /** Instagram's id of the account. */
  platformId: string
  username: string
  connector: string
  status: SessionStatus
  /** The APIs the session was opened through: decides its limit policies. */
  openedThrough: readonly ('v1' | 'v2')[]
  maxDailyActions: number
  /** Milliseconds. */
  actionDelayMs: number
  /** JSON of the limit policy that an admin set for the account; null = those of the APIs. */
  policy: string | null
  /** Not before this instant after connection failures. */
  retryAt: number | null
  connectFailures: number
  jarVersion: number
  createdAt: number
  expiresAt: number
}
