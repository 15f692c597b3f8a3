import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../store/store.ts'

/**
 * What the sweep reads and deletes, in batches. The condition on the status is written out as in the index
 * `sessions_expiry`, because an index with a condition is only used where the query repeats it.
 */
const canExpire: RawBuilder<boolean> = sql<boolean>`ended_at is null and status in ('active', 'proxy_error', 'unreachable')`

export interface DueSession {
  id: string
  accountId: string
}

export async function expiredSessions(db: Db, input: { now: number; limit: number }): Promise<DueSession[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'account_id'])
    .where(canExpire)
    .where('expires_at', '<=', input.now)
    .orderBy('expires_at')
    .limit(input.limit)
    .execute()
  return rows.map((row) => ({ id: row.id, accountId: row.account_id }))
}

/** Sessions that expire at or before `until` and whose owner was not told yet. */
export async function expiringSessions(
  db: Db,
  input: { now: number; until: number; limit: number },
): Promise<DueSession[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'account_id'])
    .where(canExpire)
    .where('expires_at', '>', input.now)
    .where('expires_at', '<=', input.until)
    .where('expiring_told_at', 'is', null)
    .orderBy('expires_at')
    .limit(input.limit)
    .execute()
  return rows.map((row) => ({ id: row.id, accountId: row.account_id }))
}

/** False = told already, or its expiry has moved on. */
export async function saveExpiringTold(tx: Db, input: { id: string; now: number; until: number }): Promise<boolean> {
  const rows = await tx
    .updateTable('sessions')
    .set({ expiring_told_at: input.now })
    .where('id', '=', input.id)
    .where(canExpire)
    .where('expires_at', '<=', input.until)
    .where('expiring_told_at', 'is', null)
    .returning('id')
    .execute()
  return rows.length === 1
}

/** The next instants at which something expires, is to be told (its expiry less the lead), or may be deleted. */
export async function nextInstants(
  db: Db,
): Promise<{ expiresAt: number | null; untoldExpiresAt: number | null; endedAt: number | null }> {
  const ended = db
    .selectFrom('sessions')
    .select((eb) => eb.fn.min('ended_at').as('at'))
    .where('ended_at', 'is not', null)
  const live = db.selectFrom('sessions').select('expires_at as at').where(canExpire).orderBy('expires_at').limit(1)
  const [expiring, untold, oldest] = await Promise.all([
    live.executeTakeFirst(),
    live.where('expiring_told_at', 'is', null).executeTakeFirst(),
    ended.executeTakeFirst(),
  ])
  return { expiresAt: expiring?.at ?? null, untoldExpiresAt: untold?.at ?? null, endedAt: oldest?.at ?? null }
}

/** Deletes up to `limit` sessions that ended at or before `before`; returns how many. */
export async function deleteEndedSessions(tx: Db, input: { before: number; limit: number }): Promise<number> {
  const result = await tx
    .deleteFrom('sessions')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('sessions as old')
        .select('old.id')
        .where('old.ended_at', 'is not', null)
        .where('old.ended_at', '<=', input.before)
        .orderBy('old.ended_at')
        .limit(input.limit),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function deleteExpiredAttempts(tx: Db, input: { now: number; limit: number }): Promise<number> {
  const result = await tx
    .deleteFrom('login_attempts')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('login_attempts as old')
        .select('old.id')
        .where('old.expires_at', '<=', input.now)
        .orderBy('old.expires_at')
        .limit(input.limit),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function deleteExpiredHandoffs(tx: Db, input: { now: number; limit: number }): Promise<number> {
  const result = await tx
    .deleteFrom('handoffs')
    .where('token_hash', 'in', (eb) =>
      eb
        .selectFrom('handoffs as old')
        .select('old.token_hash')
        .where('old.expires_at', '<=', input.now)
        .orderBy('old.expires_at')
        .limit(input.limit),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
