import type { Db } from '../../store/store.ts'
import type { Actor, News } from '../tell.ts'
import { findFollowers, saveFollower } from './store.ts'

/**
 * Takes note of what the feed says: that somebody began to follow at an instant. The same person can do so again after
 * leaving, which makes another episode; an older or repeated line is none. Null when it is no news.
 *
 * Whom the list has told already comes once more in the feed, with an instant by Instagram's clock: the same fact.
 *
 * `isNewest`: the line's instant is this person's. Lines of several name the others at the newest one's instant, which
 * says nothing about when they came.
 */
export async function noteFollow(
  tx: Db,
  { accountId, who, at, isNewest }: { accountId: string; who: Actor; at: number; isNewest: boolean },
): Promise<News | null> {
  const { platformId, username } = who
  const known = (await findFollowers(tx, { accountId, platformIds: [platformId] })).get(platformId)
  const follows = known?.state === 'following'
  if (known !== undefined && follows && known.heardFrom === 'list') {
    await saveFollower(tx, { ...known, followedAt: at, heardFrom: 'feed' })
    return null
  }
  if (known !== undefined && (at <= known.followedAt || (follows && !isNewest))) return null
  const episode = (known?.episode ?? 0) + 1
  await saveFollower(tx, {
    accountId,
    platformId,
    username: username ?? known?.username ?? null,
    state: 'following',
    episode,
    followedAt: at,
    heardFrom: 'feed',
    walkNo: known?.walkNo ?? 0,
  })
  return followNews(who, episode, at)
}

export function followNews(from: Actor, episode: number, occurredAt: number | null): News {
  return { type: 'follow.received', externalId: `${from.platformId}:${episode}`, from, occurredAt }
}
