import { approve, type FriendshipAct, follow, removeFollower, unfollow } from '../acts/friendships.ts'
import { canSee } from '../acts/media.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import { readIds } from '../form.ts'
import type { Route } from '../router.ts'
import type { User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { friendship, shortUser } from './shapes.ts'

/** Follower pages have this size whatever `count` says. */
const FOLLOWERS_PAGE = 25
const FOLLOWING_PAGE = 50
const FOLLOWING_PAGE_MAX = 200

type Change = (world: World, act: FriendshipAct) => void

/** Who follows whom, as both interfaces say it today, and the older web paths. */
export function friendshipRoutes(): Route[] {
  return [
    { method: 'GET', path: 'friendships/show/:id', kind: 'friendship', access: 'account', run: show },
    { method: 'POST', path: 'friendships/show_many', kind: 'friendship', access: 'account', run: showMany },
    { method: 'GET', path: 'friendships/pending', kind: 'friendship', access: 'account', run: pending },
    { method: 'GET', path: 'friendships/:id/followers', kind: 'followers', access: 'account', run: followers },
    { method: 'GET', path: 'friendships/:id/following', kind: 'following', access: 'account', run: following },
    ...change('create', 'follow', follow),
    ...change('destroy', 'unfollow', unfollow),
    ...change('approve', 'other', approve),
    ...change('ignore', 'other', removeFollower),
    ...change('remove_follower', 'other', removeFollower),
    oldFollow('follow', 'follow', follow),
    oldFollow('unfollow', 'unfollow', unfollow),
  ]
}

function change(verb: string, kind: string, act: Change): Route[] {
  const run = (call: Call) => changed(call, call.world.user(call.param(0)), act)
  return [{ ...writeRoute(kind), path: `friendships/${verb}/:id`, run }]
}

function writeRoute(kind: string): Pick<Route, 'method' | 'kind' | 'access' | 'limited'> {
  const limited = kind === 'follow' || kind === 'unfollow' ? ({ limited: kind } as const) : {}
  return { method: 'POST', kind, access: 'account', ...limited }
}

function changed(call: Call, target: User | undefined, act: Change): Answer {
  const { world, viewer, now } = call
  if (target === undefined || target.pk === viewer.pk) return fail(400, 'Invalid target user')
  const wasFollowing = world.isFollowing(viewer.pk, target.pk)
  act(world, { by: viewer, target, at: now })
  return json({
    previous_following: wasFollowing,
    friendship_status: friendship(world, viewer, target),
    status: 'ok',
  })
}

function oldFollow(verb: 'follow' | 'unfollow', kind: string, act: Change): Route {
  const run = (call: Call): Answer => {
    const target = call.world.user(call.param(0))
    const answer = changed(call, target, act)
    if (answer.status !== 200 || target === undefined || verb === 'unfollow')
      return answer.status === 200 ? ok() : answer
    const isFollowing = call.world.isFollowing(call.viewer.pk, target.pk)
    return json({ result: isFollowing ? 'following' : 'requested', status: 'ok' })
  }
  return { ...writeRoute(kind), path: `web/friendships/:id/${verb}`, run }
}

function show(call: Call): Answer {
  const other = call.world.user(call.param(0))
  if (other === undefined) return fail(404, 'User not found')
  return json({ ...friendship(call.world, call.viewer, other), status: 'ok' })
}

function showMany(call: Call): Answer {
  const others = readIds(call.form.get('user_ids')).flatMap((id) => call.world.user(id) ?? [])
  const statuses = others.map((other) => [other.pk, friendship(call.world, call.viewer, other)])
  return json({ friendship_statuses: Object.fromEntries(statuses), status: 'ok' })
}

function pending({ world, viewer }: Call): Answer {
  const users = [...world.requestsTo(viewer.pk).keys()].map((pk) => shortUser(world.userOrThrow(pk)))
  return json({ users, next_max_id: null, status: 'ok' })
}

function followers(call: Call): Answer {
  return list(call, (pk) => [...call.world.followersOf(pk).keys()], FOLLOWERS_PAGE)
}

function following(call: Call): Answer {
  const asked = Number(call.query.get('count') ?? FOLLOWING_PAGE) || FOLLOWING_PAGE
  const size = Math.min(Math.max(asked, 1), FOLLOWING_PAGE_MAX)
  return list(call, (pk) => [...call.world.followingOf(pk).keys()], size)
}

/** Newest first, paged by position: who comes or leaves while somebody walks moves everybody behind by one. */
function list(call: Call, pksOf: (pk: string) => string[], size: number): Answer {
  const { world, viewer } = call
  const user = world.user(call.param(0))
  if (user === undefined) return fail(404, 'User not found')
  if (!canSee(world, viewer, user)) return fail(400, 'Not authorized to view user')
  const query = (call.query.get('query') ?? '').toLowerCase()
  const newestFirst = pksOf(user.pk).reverse()
  const found = query === '' ? newestFirst : newestFirst.filter((pk) => world.userOrThrow(pk).username.includes(query))
  const start = Math.max(Number(call.query.get('max_id') ?? 0) || 0, 0)
  const hasMore = start + size < found.length
  return json({
    users: found.slice(start, start + size).map((pk) => shortUser(world.userOrThrow(pk))),
    big_list: hasMore,
    page_size: size,
    ...(hasMore ? { next_max_id: String(start + size) } : {}),
    has_more: hasMore,
    should_limit_list_of_followers: false,
    status: 'ok',
  })
}
