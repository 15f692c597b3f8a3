/** Where an account stands, for people: every window of every kind, the pauses, and the next free instant. */
import type { PauseTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Pause } from './pause.ts'
import { earliest } from './plan.ts'
import { ALL_KINDS, DAY_MS, HOUR_MS, type LimitSubject, type LimitsConfig, limitsFor } from './policy.ts'
import { countAttempts, readAttempts, readUsage } from './store.ts'

export interface WindowState {
  limit: number
  used: number
  remaining: number
  /** When the next use leaves the window; null while nothing is used. */
  resetAt: number | null
  /** While a pause of the kind or of the account runs. */
  paused: { until: number; reason: string } | null
}

export interface KindState {
  kind: string
  hour: WindowState | null
  day: WindowState | null
  /** The first instant at which windows, pace and pauses allow one more; null = never under these limits. */
  freeAt: number | null
}

export interface LimitsState {
  kinds: KindState[]
  /** Over all kinds in a rolling day. */
  total: WindowState
}

export interface AccountPause extends Pause {
  kind: string
}

export interface LimitsQuery {
  accountId: string
  subject: LimitSubject & { actionDelayMs: number }
  kinds: readonly string[]
  now: number
}

export async function readLimits(db: Db, config: LimitsConfig, query: LimitsQuery): Promise<LimitsState> {
  const pauses = await listPauses(db, query.accountId)
  const kinds: KindState[] = []
  for (const kind of query.kinds) kinds.push(await readKind(db, config, query, { kind, pauses }))
  const usage = await readUsage(db, {
    accountId: query.accountId,
    kind: ALL_KINDS,
    limits: { hour: null, day: null, total: query.subject.maxDailyActions },
  })
  const total = await readWindow(db, query, {
    kind: ALL_KINDS,
    limit: query.subject.maxDailyActions,
    durationMs: DAY_MS,
    last: usage.lastOfAll,
    pauses,
  })
  return { kinds, total }
}

/** Every pause of an account that was ever set, ended ones included: they remember their step. */
export async function listPauses(db: Db, accountId: string): Promise<AccountPause[]> {
  const rows: PauseTable[] = await db.selectFrom('pauses').selectAll().where('account_id', '=', accountId).execute()
  return rows.map(({ account_id: _, ...pause }) => pause)
}

async function readKind(
  db: Db,
  config: LimitsConfig,
  query: LimitsQuery,
  { kind, pauses }: { kind: string; pauses: readonly AccountPause[] },
): Promise<KindState> {
  const { accountId, subject, now } = query
  const limits = limitsFor(config, subject, kind, 0)
  const usage = await readUsage(db, { accountId, kind, limits })
  const window = (limit: number | null, durationMs: number) =>
    limit === null ? null : readWindow(db, query, { kind, limit, durationMs, last: usage.lastOfKind, pauses })
  return {
    kind,
    hour: await window(limits.hour, HOUR_MS),
    day: await window(limits.day, DAY_MS),
    freeAt: earliest(usage, now, subject.actionDelayMs).at,
  }
}

async function readWindow(
  db: Db,
  { accountId, now }: LimitsQuery,
  input: { kind: string; limit: number; durationMs: number; last: number; pauses: readonly AccountPause[] },
): Promise<WindowState> {
  const { kind, limit, durationMs, last } = input
  const used = await countAttempts(db, { accountId, kind, after: now - durationMs, from: last + 1 - limit })
  const oldest = last + 1 - used
  const at =
    used === 0 ? undefined : (await readAttempts(db, { accountId, kind, from: oldest, to: oldest })).get(oldest)
  return {
    limit,
    used,
    remaining: Math.max(0, limit - used),
    resetAt: at === undefined ? null : at + durationMs,
    paused: longestPause(input.pauses, kind, now),
  }
}

function longestPause(pauses: readonly AccountPause[], kind: string, now: number): WindowState['paused'] {
  let longest: WindowState['paused'] = null
  for (const { kind: of, until, reason } of pauses) {
    const applies = (of === kind || of === ALL_KINDS) && until > now
    if (applies && (longest === null || until > longest.until)) longest = { until, reason }
  }
  return longest
}

/** Forgets what an account did, so that every window is empty. Call under its lock. */
export async function forgetUsage(tx: Db, accountId: string): Promise<void> {
  await tx.deleteFrom('usage').where('subject', '=', accountId).execute()
}
