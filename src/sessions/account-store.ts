import type { Db } from '../store/store.ts'

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
