import type { Access } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { appendEvent } from '../events/index.ts'
import { openLane, wakeLane } from '../lanes/index.ts'
import { isActing, type SessionStatus } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { ensureAccount } from './account-store.ts'
import { appendStatusEvent } from './change-status.ts'
import { jarIdentity, sealProxy } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import {
  type Api,
  defaultSettings,
  SESSION_STATUSES,
  type Session,
  type SessionMetadata,
  UNKNOWN_METADATA,
} from './session.ts'
import { countLive, findLiveByAccount, findSession, insertSession, renewSession } from './store.ts'

export type OpenSessionDeps = Pick<SessionDeps, 'store' | 'clock' | 'random' | 'vault' | 'signal' | 'options'>

export interface OpenedAccount {
  userId: string
  api: Api
  label: string | null
  connector: string
  /** Who Instagram says it is; the account is pinned to the platform id, the name follows it. */
  platformId: string
  username: string
  access: Access
  /** Null = not known now: what is stored stays. */
  metadata: SessionMetadata | null
  status: Extract<SessionStatus, 'active' | 'challenge_required' | 'suspended'>
  statusReason: string | null
  challengeUrl: string | null
}

/**
 * Writes what a login brought home: account, lane, session and events, in the caller's transaction. One's own live
 * session on the account is renewed and keeps its id, settings and queue; somebody else's is `ACCOUNT_IN_USE`.
 */
export async function openSession(tx: Db, deps: OpenSessionDeps, opened: OpenedAccount): Promise<Session> {
  const now = deps.clock.now()
  const { platformId, username } = opened
  const accountId = await ensureAccount(tx, { newId: newId('acct', now, deps.random), platformId, username, now })
  await openLane(tx, accountId)
  await lockAccount(tx, accountId)
  const live = await findLiveByAccount(tx, accountId)
  if (live !== null && live.userId !== opened.userId) throw new GatewayError('ACCOUNT_IN_USE')
  const id = live?.id ?? newId('instagram', now, deps.random)
  if (live === null) await create(tx, deps, { id, accountId, opened, now })
  else await renew(tx, deps, { live, opened, now })
  if (isActing(opened.status)) await wakeLane(tx, deps, { accountId, at: now })
  await appendEvents(tx, deps, { id, live, opened, now })
  if (live === null) await refuseBeyondLimit(tx, deps, opened.userId)
  const session = await findSession(tx, id)
  if (session === null) throw new Error('open session: the row that was just written is missing')
  return session
}

interface Writing {
  opened: OpenedAccount
  now: number
}

async function create(
  tx: Db,
  deps: OpenSessionDeps,
  { id, accountId, opened, now }: Writing & { id: string; accountId: string },
): Promise<void> {
  await insertSession(tx, {
    id,
    userId: opened.userId,
    accountId,
    username: opened.username,
    connector: opened.connector,
    status: opened.status,
    statusReason: reasonOf(opened),
    api: opened.api,
    label: opened.label,
    settings: defaultSettings(opened.api, deps.options),
    metadata: opened.metadata ?? UNKNOWN_METADATA,
    userAgent: opened.access.userAgent,
    sealedProxy: sealProxy(deps.vault, id, opened.access.proxy),
    sealedJar: deps.vault.seal(opened.access.cookies.serialize(), jarIdentity(id)),
    challengeUrl: opened.challengeUrl,
    now,
    expiresAt: now + deps.options.expiryMs,
  })
}

async function renew(tx: Db, deps: OpenSessionDeps, { live, opened, now }: Writing & { live: Session }): Promise<void> {
  // Only an answer as logged in moves the expiry.
  const isConfirmed = opened.status === 'active'
  await renewSession(tx, {
    id: live.id,
    username: opened.username,
    connector: opened.connector,
    status: opened.status,
    statusReason: reasonOf(opened),
    openedThrough: live.openedThrough.includes(opened.api) ? live.openedThrough : [...live.openedThrough, opened.api],
    label: opened.label ?? live.label,
    metadata: opened.metadata ?? live.metadata,
    userAgent: opened.access.userAgent,
    sealedProxy: sealProxy(deps.vault, live.id, opened.access.proxy),
    sealedJar: deps.vault.seal(opened.access.cookies.serialize(), jarIdentity(live.id)),
    challengeUrl: opened.challengeUrl,
    lastActivityAt: isConfirmed ? now : live.lastActivityAt,
    expiresAt: isConfirmed ? now + deps.options.expiryMs : live.expiresAt,
  })
}

async function appendEvents(
  tx: Db,
  deps: OpenSessionDeps,
  { id, live, opened, now }: Writing & { id: string; live: Session | null },
): Promise<void> {
  const { userId, username, status } = opened
  if (live === null) {
    const data = { status, connector: opened.connector }
    await appendEvent(tx, deps, { userId, type: 'session.created', at: now, sessionId: id, username, data })
  }
  // A new session that is active says so by having been created.
  const previous = live?.status ?? null
  if (previous === status || (previous === null && status === 'active')) return
  await appendStatusEvent(tx, deps, { id, userId, username }, { status, previous, reason: reasonOf(opened), at: now })
}

/**
 * Counted after the event: its append holds the user's place in the log until the commit, so two logins of one user
 * that commit together cannot both be the last one allowed.
 */
async function refuseBeyondLimit(tx: Db, deps: OpenSessionDeps, userId: string): Promise<void> {
  const active = await countLive(tx, userId)
  if (active > deps.options.perUserMax) throw sessionLimitReached(deps.options.perUserMax)
}

export function sessionLimitReached(limit: number): GatewayError {
  return new GatewayError('SESSION_LIMIT_REACHED', { details: { limit } })
}

function reasonOf(opened: OpenedAccount): string | null {
  return opened.statusReason ?? SESSION_STATUSES[opened.status].reason
}
