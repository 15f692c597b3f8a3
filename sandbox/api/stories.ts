import { canSee, isThere } from '../acts/media.ts'
import { seenUntil, viewStory } from '../acts/stories.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import type { Route } from '../router.ts'
import { isAnswer, reachable } from './media.ts'
import { mediaObject, shortUser } from './shapes.ts'

const SEEN = { method: 'POST', kind: 'story_view', access: 'account', limited: 'story_view' } as const

/** Reading stories, and being seen to have read them. */
export function storyRoutes(): Route[] {
  return [
    { ...SEEN, path: 'stories/reel/seen', run: webSeen },
    { method: 'GET', path: 'feed/user/:id/story', kind: 'stories', access: 'account', run: userStory },
  ]
}

/** The same, under paths that stand beside the interface's prefix: of older web clients, and of the app. */
export function storyPages(): Route[] {
  return [
    { ...SEEN, path: 'stories/reel/seen', run: webSeen },
    { ...SEEN, path: 'api/v2/media/seen', run: mobileSeen },
  ]
}

/** The form says whose story it is and when it was taken; what does not fit together is nobody's story. */
function webSeen(call: Call): Answer {
  const { form, world, viewer, now } = call
  const media = reachable(call, form.get('reelMediaId') ?? '')
  if (isAnswer(media)) return media
  const isRight =
    media.kind === 'story' &&
    world.user(form.get('reelMediaOwnerId') ?? '')?.pk === media.ownerPk &&
    world.user(form.get('reelId') ?? '')?.pk === media.ownerPk &&
    Number(form.get('reelMediaTakenAt')) === Math.floor(media.takenAt / 1000) &&
    Number(form.get('viewSeenAt')) > 0
  if (!isRight) return fail(400, 'invalid request')
  viewStory(world, { by: viewer, media, at: now })
  return ok()
}

/** `reels` is JSON: `{"<pk>_<owner>_<source>": ["<taken_at>_<seen_at>"]}`. */
function mobileSeen(call: Call): Answer {
  const { form, world, viewer, now } = call
  for (const [, id = ''] of (form.get('reels') ?? '').matchAll(/"(\d+_\d+)_\d+"\s*:/g)) {
    const media = reachable(call, id)
    if (!isAnswer(media) && media.kind === 'story') viewStory(world, { by: viewer, media, at: now })
  }
  return ok()
}

function userStory(call: Call): Answer {
  const { world, viewer, now } = call
  const user = world.user(call.param(0))
  if (user === undefined) return fail(404, 'User not found')
  // Stories kept as a highlight are read elsewhere.
  const stories = world
    .mediaOf(user.pk)
    .filter((media) => media.kind === 'story' && media.expiresAt !== undefined && isThere(media, now))
  if (stories.length === 0 || !canSee(world, viewer, user)) return json({ reel: null, status: 'ok' })
  const reel = {
    id: user.pk,
    items: stories.map((media) => mediaObject(world, viewer, media)),
    user: shortUser(user),
    seen: Math.floor((seenUntil(world, viewer.pk, stories) ?? 0) / 1000),
    expiring_at: Math.floor(Math.max(...stories.map(({ expiresAt }) => expiresAt ?? 0)) / 1000),
  }
  return json({ reel, status: 'ok' })
}
