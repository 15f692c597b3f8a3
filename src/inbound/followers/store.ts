import type { FollowerTable } from '../../store/schema.ts'
import { command, type Placeholders, statement } from '../../store/statement.ts'
import type { Db } from '../../store/store.ts'

/** Somebody who follows the account, or did. */
export interface Follower {
  accountId: string
  platformId: string
  username: string | null
  state: FollowerTable['state']
  /** Counts the times they began to follow. */
  episode: number
  /** 0 = before anybody listened. */
  followedAt: number
  heardFrom: FollowerTable['heard_from']
  /** The last walk that met them. */
  walkNo: number
}

function toFollower(row: FollowerTable): Follower {
  return {
    accountId: row.account_id,
    platformId: row.platform_id,
    username: row.username,
    state: row.state,
    episode: row.episode,
    followedAt: row.followed_at,
    heardFrom: row.heard_from,
    walkNo: row.walk_no,
  }
}

/** Those of the people who are known, by platform id. */
export async function findFollowers(
  db: Db,
  input: { accountId: string; platformIds: readonly string[] },
): Promise<Map<string, Follower>> {
  if (input.platformIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('followers')
    .selectAll()
    .where('account_id', '=', input.accountId)
    .where('platform_id', 'in', [...input.platformIds])
    .execute()
  return new Map(rows.map((row) => [row.platform_id, toFollower(row)]))
}

const upsertFollower = command((db, p: Placeholders<Follower>) =>
  db
    .insertInto('followers')
    .values({
      account_id: p.accountId,
      platform_id: p.platformId,
      username: p.username,
      state: p.state,
      episode: p.episode,
      followed_at: p.followedAt,
      heard_from: p.heardFrom,
      walk_no: p.walkNo,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'platform_id']).doUpdateSet({
        username: p.username,
        state: p.state,
        episode: p.episode,
        followed_at: p.followedAt,
        heard_from: p.heardFrom,
        walk_no: p.walkNo,
      }),
    ),
)

/** Call under the account's lock. */
export async function saveFollower(tx: Db, follower: Follower): Promise<void> {
  await upsertFollower(tx, follower)
}

interface Walk {
  accountId: string
  walkNo: number
  startedAt: number
}

const selectMissing = statement((db, p: Placeholders<Walk>) =>
  db
    .selectFrom('followers')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('state', '=', 'following')
    .where('walk_no', '<', p.walkNo)
    .where('followed_at', '<', p.startedAt)
    .orderBy('walk_no')
    .limit(1),
)

/** One whom a complete walk should have met and did not; null = there is none (left). */
export async function findMissing(db: Db, walk: Walk): Promise<Follower | null> {
  const [row] = await selectMissing(db, walk)
  return row === undefined ? null : toFollower(row)
}

/** Nobody listened while they left, so that nothing is told of it. */
export async function forgetMissing(tx: Db, { accountId, walkNo, startedAt }: Walk): Promise<void> {
  await tx
    .updateTable('followers')
    .set({ state: 'left' })
    .where('account_id', '=', accountId)
    .where('state', '=', 'following')
    .where('walk_no', '<', walkNo)
    .where('followed_at', '<', startedAt)
    .execute()
}

/** How many we believe to follow the account. */
export async function countFollowing(db: Db, accountId: string): Promise<number> {
  const row = await db
    .selectFrom('followers')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('account_id', '=', accountId)
    .where('state', '=', 'following')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
