import type { Db } from '../store/store.ts'

/** Whether somebody on Instagram was an account of this gateway at an instant, whoever's. */
export async function wasConnected(db: Db, { platformId, at }: { platformId: string; at: number }): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .innerJoin('sessions', 'sessions.account_id', 'accounts.id')
    .select('sessions.id')
    .where('accounts.platform_id', '=', platformId)
    .where('sessions.created_at', '<=', at)
    .where((eb) => eb.or([eb('sessions.ended_at', 'is', null), eb('sessions.ended_at', '>', at)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
