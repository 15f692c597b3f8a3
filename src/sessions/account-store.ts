import type { Db } from '../store/store.ts'
import { normalizeUsername } from './session.ts'

/**
 * The account's row, made when it is new. Identity is the platform id; the name follows it.
 * On PostgreSQL a second transaction that makes the same account waits here for the first.
 */
export async function ensureAccount(
  tx: Db,
  account: { newId: string; platformId: string; username: string; now: number },
): Promise<string> {
  await tx
    .insertInto('accounts')
    .values({
      id: account.newId,
      platform_id: account.platformId,
      username: account.username,
      policy: null,
      created_at: account.now,
    })
    .onConflict((conflict) => conflict.column('platform_id').doUpdateSet({ username: account.username }))
    .execute()
  const { id } = await tx
    .selectFrom('accounts')
    .select('id')
    .where('platform_id', '=', account.platformId)
    .executeTakeFirstOrThrow()
  return id
}

/** Accounts beside their sessions: for operators, who know them by name. */
export interface Account {
  id: string
  username: string
  /** JSON of the limit policy that an admin set, or null. */
  policy: string | null
}

/** By the name that Instagram last gave; the newest where one gave its name to another. Null when there is none. */
export async function findAccountByName(db: Db, username: string): Promise<Account | null> {
  const row = await db
    .selectFrom('accounts')
    .select(['id', 'username', 'policy'])
    .where('username', '=', normalizeUsername(username))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Call under the account's lock; its sessions read it with their next look. */
export async function savePolicy(tx: Db, input: { accountId: string; policy: string | null }): Promise<void> {
  await tx.updateTable('accounts').set({ policy: input.policy }).where('id', '=', input.accountId).execute()
}

/** Accounts with a live session, of one user or one session where those are given, by id, `after` one. */
export async function listLiveAccounts(
  db: Db,
  page: { userId?: string; sessionId?: string; after: string; limit: number },
): Promise<string[]> {
  const { userId, sessionId, after, limit } = page
  const rows = await db
    .selectFrom('sessions')
    .select('account_id')
    .where('ended_at', 'is', null)
    .where('account_id', '>', after)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(sessionId !== undefined, (query) => query.where('id', '=', sessionId ?? ''))
    .orderBy('account_id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.account_id)
}
