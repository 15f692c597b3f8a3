/**
 * What a session is, and what may happen to its status.
 *
 * A session is *live* until it is logged out or deactivated; an account has at most one live session. Every live status
 * can become every other one: `active` when Instagram answered as logged in, the others by push-back, expiry, lost
 * connections, or the user's own logout. `logged_out` and `deactivated` are final: the credentials are gone.
 */
import { type ActingSession, type SessionStatus, statusAt } from '../outbox/index.ts'

export type Api = 'v1' | 'v2'
export type Mode = 'sandbox' | 'live'

interface StatusRules {
  /** Left never again; credentials are wiped. */
  isFinal: boolean
  /** `statusReason` where nobody gave a better one. */
  reason: string | null
}

export const SESSION_STATUSES = {
  active: { isFinal: false, reason: null },
  proxy_error: { isFinal: false, reason: 'The proxy cannot be reached; it is tried again.' },
  unreachable: { isFinal: false, reason: 'Instagram cannot be reached; it is tried again.' },
  expired: { isFinal: false, reason: 'Instagram has not confirmed the session for too long.' },
  challenge_required: { isFinal: false, reason: 'Instagram asks the account owner to confirm.' },
  login_required: { isFinal: false, reason: 'Instagram ended the session; log in again.' },
  suspended: { isFinal: false, reason: 'Instagram suspended the account.' },
  logged_out: { isFinal: true, reason: null },
  deactivated: { isFinal: true, reason: null },
} as const satisfies Record<SessionStatus, StatusRules>

/** Whether a session may go from one status to another; staying is no move. */
export function canMove(from: SessionStatus, to: SessionStatus): boolean {
  return from !== to && !SESSION_STATUSES[from].isFinal
}

export interface SessionSettings {
  autoReply: boolean
  autoLike: boolean
  autoFollow: boolean
  autoUnfollow: boolean
  /** Attempts of all kinds together in any 24 hours. */
  maxDailyActions: number
  /** Least milliseconds between two attempts of the account. */
  actionDelay: number
}

export interface SessionMetadata {
  followersCount: number
  followingCount: number
  postsCount: number
  isBusinessAccount: boolean
  isVerified: boolean
}

/** Until Instagram was asked; numbers and no nulls, because the documented fields are numbers. */
export const UNKNOWN_METADATA: SessionMetadata = {
  followersCount: 0,
  followingCount: 0,
  postsCount: 0,
  isBusinessAccount: false,
  isVerified: false,
}

export const MAX_DAILY_ACTIONS_LIMIT = 10_000
export const ACTION_DELAY_MS_LIMIT = 86_400_000
/** The pace below which nobody goes against the real Instagram. */
export const LIVE_ACTION_DELAY_MS_LEAST = 1_000

/** Settings of a new session. The first document's API knows neither cap nor gap, so its sessions start without. */
export function defaultSettings(
  api: Api,
  options: { mode: Mode; maxDailyActions: number; actionDelayMs: number },
): SessionSettings {
  const automation = { autoReply: false, autoLike: false, autoFollow: false, autoUnfollow: false }
  if (api === 'v2') {
    return { ...automation, maxDailyActions: options.maxDailyActions, actionDelay: options.actionDelayMs }
  }
  const actionDelay = options.mode === 'live' ? LIVE_ACTION_DELAY_MS_LEAST : 0
  return { ...automation, maxDailyActions: MAX_DAILY_ACTIONS_LIMIT, actionDelay }
}

/** A session as stored, with its text columns parsed and without its secrets. Shared between callers: never changed. */
export interface Session extends ActingSession {
  settings: SessionSettings
  metadata: SessionMetadata
  statusReason: string | null
  label: string | null
  userAgent: string | null
  hasProxy: boolean
  challengeUrl: string | null
  createdAt: number
  lastActivityAt: number
  endedAt: number | null
}

/** With its secrets, still sealed: for whoever is about to call Instagram. */
export interface SealedSession extends Session {
  sealedProxy: string | null
  /** Null once wiped. */
  sealedJar: string | null
}

/** A session as the v2 API shows it. */
export interface SessionView {
  id: string
  userId: string
  username: string
  sessionId: string
  isActive: boolean
  lastActivity: string
  metadata: SessionMetadata
  settings: SessionSettings
  status: SessionStatus
  statusReason: string | null
  connector: string
  createdAt: string
  expiresAt: string
}

/** `now` decides expiry, so that a session is never shown as active between its instant and the sweep that follows it. */
export function sessionView(session: Session, now: number): SessionView {
  const status = statusAt(session, now)
  return {
    id: session.id,
    userId: session.userId,
    username: session.username,
    sessionId: session.id,
    isActive: status === 'active',
    lastActivity: new Date(session.lastActivityAt).toISOString(),
    metadata: session.metadata,
    settings: session.settings,
    status,
    statusReason: status === session.status ? session.statusReason : SESSION_STATUSES[status].reason,
    connector: session.connector,
    createdAt: new Date(session.createdAt).toISOString(),
    expiresAt: new Date(session.expiresAt).toISOString(),
  }
}

const HOUR_MS = 3_600_000

/** How long before its expiry a session's owner is told: an hour, or half its life where that is shorter. */
export function expiringLeadMs(sessionLifeMs: number): number {
  return Math.min(HOUR_MS, Math.floor(sessionLifeMs / 2))
}

const CONNECT_BACKOFF_MS = [30_000, 60_000, 120_000, 240_000]
const CONNECT_CHECK_MS = 600_000

/**
 * After the `failures`-th connection failure in a row: when to try again, and whether the session now counts as cut off
 * (then one check every ten minutes).
 */
export function connectBackoff(failures: number): { delayMs: number; isCutOff: boolean } {
  const delayMs = CONNECT_BACKOFF_MS[failures - 1]
  return delayMs === undefined ? { delayMs: CONNECT_CHECK_MS, isCutOff: true } : { delayMs, isCutOff: false }
}

/** Instagram compares names without case; a leading `@` is how people write them. */
export function normalizeUsername(username: string): string {
  return username.replace(/^@/, '').toLowerCase()
}
