/**
 * Who likes a post. The feed names one or two and counts the others, so the others come from the post's list of likers,
 * less those who were there before. A list has no instants: of a post whose list was never read, all are new if the post
 * is younger than our listening, or if the line began after it and counts as many; otherwise only the named are.
 */
import type { Likers } from '../../connectors/connector.ts'
import { findKnownFacts, rememberFact } from '../../events/index.ts'
import type { ActingSession } from '../../outbox/index.ts'
import type { Db } from '../../store/store.ts'
import type { Actor, News } from '../tell.ts'
import type { Detail, LikesLine } from './state.ts'

const LIKE = 'like.received'
/** Liked before anybody listened. */
const LIKED_BEFORE = 'like.before'
/** The likers of this post were read once. */
const LIKERS_READ = 'likers.read'
/** Events of one transaction; the rest come from the same list, read again. */
const NEWS_MAX = 1_000

type LikersDetail = Extract<Detail, { type: 'likers' }>

export interface LikeContext {
  session: ActingSession
  now: number
}

/** What a line about likes says at once, and what it leaves to be read. */
export async function hearLikes(
  tx: Db,
  { session }: LikeContext,
  { mediaId, likes }: { mediaId: string; likes: LikesLine },
): Promise<{ news: News[]; detail: Detail | null }> {
  const { accountId } = session
  const isRead = await findKnownFacts(tx, { accountId, kinds: [LIKERS_READ], externalIds: [mediaId] })
  if (!isRead.has(mediaId)) return { news: [], detail: { type: 'media', mediaId, likes } }
  const isAllNamed = likes.count === likes.named.length && likes.named.every(({ username }) => username !== null)
  if (!isAllNamed) return { news: [], detail: { type: 'likers', mediaId, likes, whoElse: 'new' } }
  return { news: likeNews(mediaId, likes, likes.named), detail: null }
}

/** Which of the likers are news. Those who are not are written down, so that they never become it. */
export async function hearLikers(
  tx: Db,
  { session, now }: LikeContext,
  { mediaId, likes, whoElse }: LikersDetail,
  { users }: Likers,
): Promise<{ news: News[]; isMore: boolean }> {
  const { accountId } = session
  const others = users.filter(({ platformId }) => platformId !== session.platformId)
  const externalIds = others.map(({ platformId }) => likeId(mediaId, platformId))
  const known = await findKnownFacts(tx, { accountId, kinds: [LIKE, LIKED_BEFORE], externalIds })
  const areNew = whoElse === 'new' || (whoElse === 'by_number' && others.length <= likes.count)
  const isNamed = new Set(whoElse === 'known_before' ? [] : likes.named.map(({ platformId }) => platformId))
  const fresh: Actor[] = []
  for (const user of others) {
    const externalId = likeId(mediaId, user.platformId)
    if (known.has(externalId)) continue
    if (areNew || isNamed.has(user.platformId)) fresh.push(user)
    else await rememberFact(tx, { accountId, kind: LIKED_BEFORE, externalId, at: now })
  }
  await rememberFact(tx, { accountId, kind: LIKERS_READ, externalId: mediaId, at: now })
  // Somebody named may have taken the like back meanwhile; that it was there is true all the same.
  const listed = new Set(others.map(({ platformId }) => platformId))
  const vanished =
    whoElse === 'known_before'
      ? []
      : likes.named.filter(({ platformId, username }) => username !== null && !listed.has(platformId))
  const news = likeNews(mediaId, likes, [...vanished, ...fresh])
  return { news: news.slice(0, NEWS_MAX), isMore: news.length > NEWS_MAX }
}

/** What can be said without the list of likers. */
export function likeNews(mediaId: string, { at }: Pick<LikesLine, 'at'>, actors: readonly Actor[]): News[] {
  return actors
    .filter(({ username }) => username !== null)
    .map((from) => ({
      type: LIKE,
      externalId: likeId(mediaId, from.platformId),
      from,
      occurredAt: at,
      details: { mediaId },
    }))
}

function likeId(mediaId: string, platformId: string): string {
  return `${mediaId}:${platformId}`
}
