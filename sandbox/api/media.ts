import {
  canSee,
  comment,
  deleteComment,
  effectOn,
  isThere,
  like,
  likeComment,
  type MediaAct,
  unlike,
} from '../acts/media.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import { readIds } from '../form.ts'
import type { Route } from '../router.ts'
import type { Comment, Media } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { commentObject, mediaObject, pictureOf, shortUser } from './shapes.ts'

const COMMENTS_PAGE = 20
const COMMENT_CHARACTERS_MAX = 2200

/** Likes and comments on posts and reels. */
export function mediaRoutes(): Route[] {
  return [
    ...onBoth({ ...write('like'), limited: limitOf('like') }, 'like', (call) => touch(call, like)),
    ...onBoth({ ...write('unlike'), limited: 'unlike' }, 'unlike', (call) => touch(call, unlike)),
    { ...write('comment'), limited: limitOf('comment'), path: 'web/comments/:id/add', run: webComment },
    { ...write('comment'), limited: limitOf('comment'), path: 'media/:id/comment', run: mobileComment },
    { ...write('other'), path: 'web/comments/:id/delete/:comment', run: removeComment },
    { ...write('other'), path: 'media/:id/comment/:comment/delete', run: removeComment },
    { ...write('other'), path: 'media/:id/comment/bulk_delete', run: removeComments },
    { ...write('other'), path: 'media/comment/check_offensive_comment', run: checkOffensive },
    { ...write('other'), path: 'media/:comment/comment_like', run: (call) => touchComment(call, true) },
    { ...write('other'), path: 'media/:comment/comment_unlike', run: (call) => touchComment(call, false) },
    { ...write('other'), path: 'web/comments/like/:comment', run: (call) => touchComment(call, true) },
    { ...write('other'), path: 'web/comments/unlike/:comment', run: (call) => touchComment(call, false) },
    { method: 'GET', path: 'media/:id/info', kind: 'media', access: 'account', run: mediaInfo },
    { method: 'GET', path: 'media/:id/likers', kind: 'likers', access: 'account', run: likers },
    { method: 'GET', path: 'media/:id/comments', kind: 'comments', access: 'account', run: comments },
  ]
}

function write(kind: string): Pick<Route, 'method' | 'kind' | 'access'> {
  return { method: 'POST', kind, access: 'account' }
}

/** Reels have limits of their own. */
function limitOf(act: 'like' | 'comment'): Exclude<Route['limited'], undefined> {
  return (call) => effectOn(call.world.mediaBy(call.param(0)), act)
}

function onBoth(route: Omit<Route, 'path' | 'run'>, verb: 'like' | 'unlike', run: Route['run']): Route[] {
  return [
    { ...route, path: `web/likes/:id/${verb}`, run },
    { ...route, path: `media/:id/${verb}`, run },
  ]
}

/** The media that a call names, or why it may not have it. */
export function reachable(call: Call, id = call.param(0)): Media | Answer {
  const media = call.world.mediaBy(id)
  if (media === undefined || !isThere(media, call.now)) return fail(400, 'Media not found or unavailable')
  const owner = call.world.userOrThrow(media.ownerPk)
  return canSee(call.world, call.account, owner) ? media : fail(400, 'Not authorized to view user')
}

export function isAnswer(found: Media | Answer): found is Answer {
  return found.kind === 'answered'
}

/** Stories have no likes and comments of this sort. */
function reachablePost(call: Call): Media | Answer {
  const media = reachable(call)
  return !isAnswer(media) && media.kind === 'story' ? fail(400, 'Invalid media_id') : media
}

function touch(call: Call, act: (world: World, act: MediaAct) => void): Answer {
  const media = reachablePost(call)
  if (isAnswer(media)) return media
  act(call.world, { by: call.viewer, media, at: call.now })
  return ok()
}

function add(call: Call): Comment | Answer {
  const media = reachablePost(call)
  if (isAnswer(media)) return media
  const { form, now } = call
  const text = (form.get('comment_text') ?? '').trim()
  if (text === '' || text.length > COMMENT_CHARACTERS_MAX) return fail(400, 'invalid request')
  if (media.commentsDisabled) return commentsOff()
  return comment(call.world, {
    by: call.viewer,
    media,
    at: now,
    text,
    token: form.get('idempotence_token') ?? null,
    repliedTo: form.get('replied_to_comment_id') ?? null,
  })
}

function commentsOff(): Answer {
  return fail(400, 'feedback_required', {
    comments_disabled: true,
    feedback_required: true,
    feedback_title: 'Commenting is Off',
    feedback_message: 'The author has turned off commenting.',
  })
}

function webComment(call: Call): Answer {
  const added = add(call)
  if ('status' in added) return added
  const { viewer } = call
  return json({
    id: added.pk,
    from: { id: viewer.pk, username: viewer.username, full_name: viewer.fullName, profile_picture: pictureOf(viewer) },
    text: added.text,
    created_time: Math.floor(added.at / 1000),
    status: 'ok',
  })
}

function mobileComment(call: Call): Answer {
  const added = add(call)
  if ('status' in added) return added
  return json({
    comment: commentObject(call.world, call.viewer, added),
    comment_creation_key: call.form.get('comment_creation_key') ?? added.token ?? '',
    status: 'ok',
  })
}

function removeComment(call: Call): Answer {
  const found = call.world.comments.get(call.param(1))
  if (found === undefined) return fail(404, 'Comment not found')
  const isDone = deleteComment(call.world, { by: call.viewer, comment: found, at: call.now })
  return isDone ? ok() : fail(403, 'You cannot delete this comment')
}

function removeComments(call: Call): Answer {
  for (const pk of readIds(call.form.get('comment_ids_to_delete'))) {
    const found = call.world.comments.get(pk)
    if (found !== undefined) deleteComment(call.world, { by: call.viewer, comment: found, at: call.now })
  }
  return ok()
}

function touchComment(call: Call, isLiked: boolean): Answer {
  const found = call.world.comments.get(call.param(0))
  if (found === undefined || found.deletedAt !== null) return fail(404, 'Comment not found')
  likeComment(call.world, { by: call.viewer, comment: found, at: call.now, isLiked })
  return ok()
}

function checkOffensive(): Answer {
  return json({ is_offensive: false, bully_classifier: 0.1, status: 'ok' })
}

function mediaInfo(call: Call): Answer {
  const media = reachable(call)
  if (isAnswer(media)) return media
  return json({
    items: [mediaObject(call.world, call.account, media)],
    num_results: 1,
    more_available: false,
    auto_load_more_enabled: false,
    status: 'ok',
  })
}

function likers(call: Call): Answer {
  const media = reachable(call)
  if (isAnswer(media)) return media
  const users = [...call.world.likesOf(media.pk).keys()].map((pk) => shortUser(call.world.userOrThrow(pk)))
  return json({ users, user_count: users.length, status: 'ok' })
}

/** Newest first; the cursor is JSON in text, as opaque as the real one. */
function comments(call: Call): Answer {
  const media = reachable(call)
  if (isAnswer(media)) return media
  const newestFirst = [...call.world.commentsOf(media.pk)].reverse()
  const before = cursorOf(call.query.get('min_id') ?? call.query.get('max_id'))
  const start = before === null ? 0 : newestFirst.findIndex(({ pk }) => pk === before) + 1
  const page = newestFirst.slice(start, start + COMMENTS_PAGE)
  const last = page.at(-1)
  const hasMore = start + page.length < newestFirst.length && last !== undefined
  return json({
    comments: page.map((found) => commentObject(call.world, call.account, found)),
    comment_count: newestFirst.length,
    caption: null,
    has_more_comments: hasMore,
    has_more_headload_comments: hasMore,
    ...(hasMore ? { next_min_id: JSON.stringify({ cached_comments_cursor: last.pk, bifilter_token: '' }) } : {}),
    comment_likes_enabled: true,
    threading_enabled: true,
    status: 'ok',
  })
}

function cursorOf(text: string | null): string | null {
  return text === null ? null : (/\d{10,}/.exec(text)?.[0] ?? null)
}
