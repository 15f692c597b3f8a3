import type { CallOptions, Comment, MediaInfo, Outcome, ReadResult, Refused } from '../connectors/connector.ts'
import type { Finding, ReadbackContext, TurnContext } from '../outbox/index.ts'
import { contentOf, type FoundMedia, mediaIdOf, platformIdOf } from './engagement.ts'

const THERE: Finding = { type: 'there', externalId: null, at: null, threadId: null }
const ABSENT: Finding = { type: 'absent' }

/** What is no post and no reel has no likes and comments. */
export function findPost({ mediaId, kind }: MediaInfo): FoundMedia | Refused {
  return kind === 'story' ? refused('TARGET_NOT_FOUND', 'This is a story, not a post or reel.') : { mediaId }
}

export function findCommentable(media: MediaInfo): FoundMedia | Refused {
  return media.commentsDisabled
    ? refused('REFUSED_BY_INSTAGRAM', 'Comments are turned off for this post.')
    : findPost(media)
}

function refused(code: Refused['code'], reason: string): Refused {
  return { type: 'refused', code, reason }
}

export function like({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  return connector.like(access, { mediaId: mediaIdOf(action) }, call)
}

export function unlike({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  return connector.unlike(access, { mediaId: mediaIdOf(action) }, call)
}

/** Whether Instagram shows the post or reel as liked, or as not liked. */
export function findLike(isWanted: boolean) {
  return async ({ connector, access, action }: TurnContext, call: CallOptions): Promise<ReadResult<Finding>> => {
    const result = await connector.readMedia(access, { mediaId: mediaIdOf(action) }, call)
    if (result.type !== 'ok') return result
    return { type: 'ok', value: result.value.hasLiked === isWanted ? THERE : ABSENT }
  }
}

export function follow({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  return connector.follow(access, { userId: platformIdOf(action) }, call)
}

export function unfollow({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  return connector.unfollow(access, { userId: platformIdOf(action) }, call)
}

/** A request to follow a private account is as much as following can do. */
export function findFollow(isWanted: boolean) {
  return async ({ connector, access, action }: TurnContext, call: CallOptions): Promise<ReadResult<Finding>> => {
    const result = await connector.readFriendship(access, { userId: platformIdOf(action) }, call)
    if (result.type !== 'ok') return result
    const isThere = result.value.following || result.value.requested
    return { type: 'ok', value: isThere === isWanted ? THERE : ABSENT }
  }
}

export function comment({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  const input = { mediaId: mediaIdOf(action), text: contentOf(action) ?? '', clientToken: action.clientToken }
  return connector.comment(access, input, call)
}

/** Instagram's instants of comments are whole seconds. */
const INSTANT_STEP_MS = 1_000

/**
 * Our newest comments since the attempt: the same text is it. A page that neither reaches the first comment nor one from
 * before the attempt proves nothing.
 */
export async function findComment(context: ReadbackContext, call: CallOptions): Promise<ReadResult<Finding>> {
  const { connector, access, action, session } = context
  const result = await connector.readComments(access, { mediaId: mediaIdOf(action), cursor: null }, call)
  if (result.type !== 'ok') return result
  const since = Math.floor(context.attemptedAt / INSTANT_STEP_MS) * INSTANT_STEP_MS
  const isOurs = (candidate: Comment) =>
    candidate.authorId === session.platformId && candidate.at >= since && candidate.text === contentOf(action)
  const found = result.value.comments.find(isOurs)
  if (found !== undefined) {
    return { type: 'ok', value: { type: 'there', externalId: found.commentId, at: found.at, threadId: null } }
  }
  const reachesBack = result.value.complete || result.value.comments.some((candidate) => candidate.at < since)
  return { type: 'ok', value: reachesBack ? ABSENT : { type: 'incomplete' } }
}
