import { sql } from 'kysely'
import type { SessionStatus } from '../outbox/session-hooks.ts'
import { connectionOf } from '../store/connection.ts'
import { remembered } from '../store/remembered.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Api, SealedSession, Session, SessionMetadata, SessionSettings } from './session.ts'

/** Sessions. Whoever changes a session's state holds the lock of its account's lane. */

const sessionColumns = [
  'sessions.id',
  'sessions.user_id',
  'sessions.account_id',
  'sessions.username',
  'sessions.connector',
  'sessions.status',
  'sessions.status_reason',
  'sessions.opened_through',
  'sessions.label',
  'sessions.settings',
  'sessions.metadata',
  'sessions.user_agent',
  'sessions.jar_version',
  'sessions.connect_failures',
  'sessions.retry_at',
  'sessions.challenge_url',
  'sessions.created_at',
  'sessions.last_activity_at',
  'sessions.expires_at',
  'sessions.ended_at',
  'accounts.platform_id',
  'accounts.policy',
] as const

function sessionsWithAccount(db: Db) {
  return db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select([...sessionColumns])
    .select(sql<number>`case when sessions.proxy is null then 0 else 1 end`.as('has_proxy'))
}

/** The sealed columns are most of a row, so only those who open them read them. */
function sealedSessions(db: Db) {
  return sessionsWithAccount(db).select(['sessions.proxy', 'sessions.jar'])
}

type SessionRow = Awaited<ReturnType<ReturnType<typeof sessionsWithAccount>['execute']>>[number]
type SealedRow = Awaited<ReturnType<ReturnType<typeof sealedSessions>['execute']>>[number]

/** The one place where a session's text columns are parsed; they were written by this file. */
function sessionOf(row: SessionRow): Session {
  const settings = JSON.parse(row.settings) as SessionSettings
  return {
    id: row.id,
    userId: row.user_id,
    accountId: row.account_id,
    platformId: row.platform_id,
    username: row.username,
    connector: row.connector,
    status: row.status as SessionStatus,
    statusReason: row.status_reason,
    openedThrough: row.opened_through.split(' ') as Api[],
    maxDailyActions: settings.maxDailyActions,
    actionDelayMs: settings.actionDelay,
    policy: row.policy,
    retryAt: row.retry_at,
    connectFailures: row.connect_failures,
    jarVersion: row.jar_version,
    expiresAt: row.expires_at,
    settings,
    metadata: JSON.parse(row.metadata) as SessionMetadata,
    label: row.label,
    userAgent: row.user_agent,
    hasProxy: row.has_proxy === 1,
    challengeUrl: row.challenge_url,
    createdAt: row.created_at,
    lastActivityAt: row.last_activity_at,
    endedAt: row.ended_at,
  }
}

function sealedOf(row: SealedRow): SealedSession {
  return { ...sessionOf(row), sealedProxy: row.proxy, sealedJar: row.jar }
}

const selectById = statement((db, p: Placeholders<{ id: string }>) =>
  sessionsWithAccount(db).where('sessions.id', '=', p.id),
)

const selectSealedById = statement((db, p: Placeholders<{ id: string }>) =>
  sealedSessions(db).where('sessions.id', '=', p.id),
)

const selectLiveByAccount = statement((db, p: Placeholders<{ accountId: string }>) =>
  sealedSessions(db).where('sessions.account_id', '=', p.accountId).where('sessions.ended_at', 'is', null),
)

const selectOwnLiveByName = statement((db, p: Placeholders<{ userId: string; username: string }>) =>
  sessionsWithAccount(db)
    .where('sessions.user_id', '=', p.userId)
    .where('sessions.username', '=', p.username)
    .where('sessions.ended_at', 'is', null)
    .orderBy('sessions.created_at', 'desc')
    .limit(1),
)

/** The user's own live session under a name, whatever its connector. */
export async function findOwnLiveByName(db: Db, owner: { userId: string; username: string }): Promise<Session | null> {
  const [row] = await selectOwnLiveByName(db, owner)
  return row === undefined ? null : sessionOf(row)
}

/** The newest of the user's ended sessions under a name that are still kept. */
export async function findOwnEndedByName(db: Db, owner: { userId: string; username: string }): Promise<Session | null> {
  const row = await sessionsWithAccount(db)
    .where('sessions.user_id', '=', owner.userId)
    .where('sessions.username', '=', owner.username)
    .where('sessions.ended_at', 'is not', null)
    .orderBy('sessions.ended_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : sessionOf(row)
}

/** Whoever's it is, ended ones included. */
export const findSession = remembered(
  (id: string) => ({ table: 'sessions', id }),
  async (db, id) => {
    const [row] = await selectById(db, { id })
    return row === undefined ? null : sessionOf(row)
  },
)

/** The same with its secrets. */
export async function findSealedSession(db: Db, id: string): Promise<SealedSession | null> {
  const [row] = await selectSealedById(db, { id })
  return row === undefined ? null : sealedOf(row)
}

/** With its secrets, because a turn begins with it. */
export const findLiveByAccount = remembered(
  (accountId: string) => ({ table: 'sessions', id: accountId }),
  async (db, accountId) => {
    const [row] = await selectLiveByAccount(db, { accountId })
    return row === undefined ? null : sealedOf(row)
  },
)

/** The user's own live session under a name; the newest where an account gave its name to another. */
export async function findLiveByUsername(
  db: Db,
  input: { userId: string; connector: string; username: string },
): Promise<SealedSession | null> {
  const row = await sealedSessions(db)
    .where('sessions.user_id', '=', input.userId)
    .where('sessions.username', '=', input.username)
    .where('sessions.connector', '=', input.connector)
    .where('sessions.ended_at', 'is', null)
    .orderBy('sessions.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : sealedOf(row)
}

export interface SessionPage {
  userId: string
  /** Session ids or usernames that the token is confined to; null = all. */
  confinedTo: readonly string[] | null
  after: { createdAt: number; id: string } | null
  limit: number
}

/** Live sessions of a user in the order of their making. */
export async function listLive(db: Db, page: SessionPage): Promise<Session[]> {
  const rows = await sessionsWithAccount(db)
    .where('sessions.user_id', '=', page.userId)
    .where('sessions.ended_at', 'is', null)
    .$if(page.confinedTo !== null, (query) =>
      query.where((eb) => {
        const names = namesOf(page.confinedTo)
        return eb.or([eb('sessions.id', 'in', names), eb('sessions.username', 'in', names)])
      }),
    )
    .$if(page.after !== null, (query) =>
      query.where((eb) =>
        eb.or([
          eb('sessions.created_at', '>', page.after?.createdAt ?? 0),
          eb.and([
            eb('sessions.created_at', '=', page.after?.createdAt ?? 0),
            eb('sessions.id', '>', page.after?.id ?? ''),
          ]),
        ]),
      ),
    )
    .orderBy('sessions.created_at')
    .orderBy('sessions.id')
    .limit(page.limit)
    .execute()
  return rows.map(sessionOf)
}

/** A list for `in`, which may not be empty; no session has an empty id or name. */
function namesOf(confinedTo: readonly string[] | null): string[] {
  return confinedTo === null || confinedTo.length === 0 ? [''] : [...confinedTo]
}

export async function countLive(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Live sessions by user, and how many of them are active at `now`. `userId` null = everybody's. */
export async function countByUser(
  db: Db,
  input: { userId: string | null; confinedTo: readonly string[] | null; now: number },
): Promise<{ userId: string; total: number; active: number }[]> {
  const rows = await db
    .selectFrom('sessions')
    .select((eb) => [
      'user_id',
      eb.fn.countAll<number | string>().as('total'),
      sql<
        number | string
      >`sum(case when status = 'active' and expires_at > cast(${input.now} as bigint) then 1 else 0 end)`.as('active'),
    ])
    .where('ended_at', 'is', null)
    .$if(input.userId !== null, (query) => query.where('user_id', '=', input.userId ?? ''))
    .$if(input.confinedTo !== null, (query) =>
      query.where((eb) => {
        const names = namesOf(input.confinedTo)
        return eb.or([eb('id', 'in', names), eb('username', 'in', names)])
      }),
    )
    .groupBy('user_id')
    .orderBy('user_id')
    .execute()
  return rows.map((row) => ({ userId: row.user_id, total: Number(row.total), active: Number(row.active) }))
}

/** Live sessions by the status that they show; one that has expired does so before the sweep writes it. */
export async function countByStatus(db: Db, now: number): Promise<ReadonlyMap<string, number>> {
  const status = sql<string>`case when status = 'active' and expires_at <= cast(${now} as bigint) then 'expired' else status end`
  const rows = await db
    .selectFrom((eb) => eb.selectFrom('sessions').select(status.as('shown')).where('ended_at', 'is', null).as('live'))
    .select((eb) => ['shown', eb.fn.countAll<number | string>().as('count')])
    .groupBy('shown')
    .execute()
  return new Map(rows.map(({ shown, count }) => [shown, Number(count)]))
}

export interface NewSession {
  id: string
  userId: string
  accountId: string
  username: string
  connector: string
  status: SessionStatus
  statusReason: string | null
  api: Api
  label: string | null
  settings: SessionSettings
  metadata: SessionMetadata
  userAgent: string | null
  sealedProxy: string | null
  sealedJar: string
  challengeUrl: string | null
  now: number
  expiresAt: number
}

export async function insertSession(tx: Db, session: NewSession): Promise<void> {
  await tx
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      account_id: session.accountId,
      username: session.username,
      connector: session.connector,
      status: session.status,
      status_reason: session.statusReason,
      opened_through: session.api,
      label: session.label,
      settings: JSON.stringify(session.settings),
      metadata: JSON.stringify(session.metadata),
      user_agent: session.userAgent,
      proxy: session.sealedProxy,
      jar: session.sealedJar,
      jar_version: 1,
      connect_failures: 0,
      retry_at: null,
      challenge_url: session.challengeUrl,
      created_at: session.now,
      last_activity_at: session.now,
      expires_at: session.expiresAt,
      expiring_told_at: null,
      ended_at: null,
    })
    .execute()
}

/** What a login changes in a session that was live already. */
export interface RenewedSession {
  id: string
  username: string
  connector: string
  status: SessionStatus
  statusReason: string | null
  openedThrough: readonly Api[]
  label: string | null
  metadata: SessionMetadata
  userAgent: string | null
  sealedProxy: string | null
  sealedJar: string
  challengeUrl: string | null
  lastActivityAt: number
  expiresAt: number
}

export async function renewSession(tx: Db, session: RenewedSession): Promise<void> {
  await tx
    .updateTable('sessions')
    .set((eb) => ({
      username: session.username,
      connector: session.connector,
      status: session.status,
      status_reason: session.statusReason,
      opened_through: session.openedThrough.join(' '),
      label: session.label,
      metadata: JSON.stringify(session.metadata),
      user_agent: session.userAgent,
      proxy: session.sealedProxy,
      jar: session.sealedJar,
      jar_version: eb('jar_version', '+', 1),
      connect_failures: 0,
      retry_at: null,
      challenge_url: session.challengeUrl,
      last_activity_at: session.lastActivityAt,
      expires_at: session.expiresAt,
      expiring_told_at: null,
    }))
    .where('id', '=', session.id)
    .where('ended_at', 'is', null)
    .execute()
}

const updateStatus = statement(
  (db, p: Placeholders<{ id: string; from: string; to: string; reason: string | null; challengeUrl: string | null }>) =>
    db
      .updateTable('sessions')
      .set({ status: p.to, status_reason: p.reason, challenge_url: p.challengeUrl })
      .where('id', '=', p.id)
      .where('status', '=', p.from)
      .where('ended_at', 'is', null)
      .returning('id'),
)

/** False = the session was no longer in `from`. */
export async function saveStatus(
  tx: Db,
  change: { id: string; from: SessionStatus; to: SessionStatus; reason: string | null; challengeUrl: string | null },
): Promise<boolean> {
  return (await updateStatus(tx, change)).length === 1
}

/** How exactly the last activity of a lane is kept: a lane that sends without a pause writes its session now and then. */
const ACTIVITY_GRAIN_MS = 1_000

const updateAnsweredTurn = statement(
  (db, p: Placeholders<{ id: string; jarVersion: number; now: number; expiresAt: number; isOldAt: number }>) =>
    db
      .updateTable('sessions')
      .set({
        last_activity_at: p.now,
        expires_at: p.expiresAt,
        expiring_told_at: null,
        connect_failures: 0,
        retry_at: null,
      })
      .where('id', '=', p.id)
      .where('jar_version', '=', p.jarVersion)
      .where('ended_at', 'is', null)
      .where((eb) =>
        eb.or([
          eb('last_activity_at', '<=', p.isOldAt),
          eb('connect_failures', '>', 0),
          eb('retry_at', 'is not', null),
          eb('status', '<>', 'active'),
        ]),
      )
      .returning('status'),
)

/**
 * After a turn that Instagram answered as logged in, unless a newer login replaced the jar. Returns the status when it is
 * not `active`: that is `saveStatus`'s.
 */
export async function saveAnsweredTurn(
  tx: Db,
  turn: { id: string; jarVersion: number; now: number; expiresAt: number },
): Promise<SessionStatus | null> {
  const isOldAt = turn.now - ACTIVITY_GRAIN_MS
  // Where rows are remembered, asking costs less than a statement that changes nothing.
  const known = connectionOf(tx).memory === null ? null : await findSession(tx, turn.id)
  if (known !== null && isFresh(known, isOldAt)) return null
  const [row] = await updateAnsweredTurn(tx, { ...turn, isOldAt })
  return row === undefined || row.status === 'active' ? null : (row.status as SessionStatus)
}

/** What `updateAnsweredTurn` would leave as it is. */
function isFresh({ lastActivityAt, connectFailures, retryAt, status, endedAt }: Session, isOldAt: number): boolean {
  const isGood = status === 'active' && connectFailures === 0 && retryAt === null
  return endedAt !== null || (isGood && lastActivityAt > isOldAt)
}

/** After a request outside the lane that Instagram answered as logged in. The status is `saveStatus`'s. */
export const saveAnswered = command((db, p: Placeholders<{ id: string; now: number; expiresAt: number }>) =>
  db
    .updateTable('sessions')
    .set({
      last_activity_at: p.now,
      expires_at: p.expiresAt,
      expiring_told_at: null,
      connect_failures: 0,
      retry_at: null,
    })
    .where('id', '=', p.id)
    .where('ended_at', 'is', null),
)

/** Writes nothing when a newer login replaced the jar, or the session ended. */
export const saveJar = command((db, p: Placeholders<{ id: string; jarVersion: number; sealedJar: string }>) =>
  db
    .updateTable('sessions')
    .set({ jar: p.sealedJar })
    .where('id', '=', p.id)
    .where('jar_version', '=', p.jarVersion)
    .where('ended_at', 'is', null),
)

export const saveConnectFailure = command((db, p: Placeholders<{ id: string; failures: number; retryAt: number }>) =>
  db
    .updateTable('sessions')
    .set({ connect_failures: p.failures, retry_at: p.retryAt })
    .where('id', '=', p.id)
    .where('ended_at', 'is', null),
)

export async function saveSettings(
  tx: Db,
  change: { id: string; settings: SessionSettings; metadata: SessionMetadata },
): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ settings: JSON.stringify(change.settings), metadata: JSON.stringify(change.metadata) })
    .where('id', '=', change.id)
    .where('ended_at', 'is', null)
    .execute()
}

/** Ends a live session and wipes its credentials. False = it had ended already. */
export async function endSession(
  tx: Db,
  end: { id: string; status: 'logged_out' | 'deactivated'; now: number },
): Promise<boolean> {
  const rows = await tx
    .updateTable('sessions')
    .set((eb) => ({
      status: end.status,
      status_reason: null,
      challenge_url: null,
      jar: null,
      jar_version: eb('jar_version', '+', 1),
      proxy: null,
      ended_at: end.now,
    }))
    .where('id', '=', end.id)
    .where('ended_at', 'is', null)
    .returning('id')
    .execute()
  return rows.length === 1
}

/**
 * Cookies that an answer outside the lane changed. Raises the version, so that a turn in flight does not put the older
 * ones back. Call under the account's lock, with the version compared.
 */
export async function saveValidatedJar(tx: Db, change: { id: string; sealedJar: string }): Promise<void> {
  await tx
    .updateTable('sessions')
    .set((eb) => ({ jar: change.sealedJar, jar_version: eb('jar_version', '+', 1) }))
    .where('id', '=', change.id)
    .where('ended_at', 'is', null)
    .execute()
}
