import { canSee } from '../acts/media.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, html, json } from '../exchange.ts'
import type { Route } from '../router.ts'
import type { User } from '../world/records.ts'
import { friendship, fullUser, mediaObject, pictureOf, postsOf, shortUser } from './shapes.ts'

const SEARCH_RESULTS_MAX = 50
const PROFILE_POSTS = 12

/** Finding people and reading their profiles; on both interfaces unless the path says otherwise. */
export function userRoutes(): Route[] {
  return [
    { method: 'GET', path: 'users/:id/info', kind: 'user', access: 'account', run: userById },
    { method: 'GET', path: 'users/:name/usernameinfo', kind: 'user', access: 'account', run: userByName },
    { method: 'GET', path: 'users/web_profile_info', kind: 'user', access: 'anyone', run: webProfile },
    { method: 'GET', path: 'users/search', kind: 'search', access: 'account', run: search },
    { method: 'GET', path: 'web/search/topsearch', kind: 'search', access: 'anyone', run: topSearch },
    { method: 'GET', path: 'accounts/current_user', kind: 'session_check', access: 'account', run: currentUser },
    { method: 'GET', path: 'accounts/edit/web_form_data', kind: 'session_check', access: 'account', run: formData },
    { method: 'GET', path: 'feed/user/:id', kind: 'feed', access: 'account', run: userFeed },
    { method: 'GET', path: 'feed/user/:name/username', kind: 'feed', access: 'account', run: userFeed },
  ]
}

function userById(call: Call): Answer {
  return profile(call, call.world.user(call.param(0)))
}

function userByName(call: Call): Answer {
  return profile(call, call.world.userNamed(call.param(0)))
}

function profile(call: Call, user: User | undefined): Answer {
  if (user === undefined) return fail(404, 'User not found')
  const body = { ...fullUser(call.world, user), friendship_status: friendship(call.world, call.viewer, user) }
  return json({ user: body, status: 'ok' })
}

function webProfile(call: Call): Answer {
  const name = call.query.get('username') ?? ''
  const user = call.world.userNamed(name)
  if (user !== undefined) return json({ data: { user: webProfileUser(call, user) }, status: 'ok' })
  // The documents' ids of people read like names, so each of them is another name of its bearer.
  const bearer = /^\d+$/.test(name) ? undefined : call.world.user(name)
  if (bearer === undefined) return html('<!DOCTYPE html><title>Page Not Found</title>', 404)
  return json({ data: { user: { ...webProfileUser(call, bearer), username: name } }, status: 'ok' })
}

function webProfileUser(call: Call, user: User): Record<string, unknown> {
  const { world, account } = call
  const posts = canSee(world, account, user) ? postsOf(world, user) : []
  const mine = account === null ? undefined : world.follow(account.pk, user.pk)?.state
  const theirs = account === null ? undefined : world.follow(user.pk, account.pk)?.state
  return {
    id: user.pk,
    username: user.username,
    full_name: user.fullName,
    biography: user.biography,
    bio_links: [],
    external_url: null,
    edge_followed_by: { count: world.followersOf(user.pk).size },
    edge_follow: { count: world.followingOf(user.pk).size },
    edge_mutual_followed_by: { count: 0, edges: [] },
    is_private: user.isPrivate,
    is_verified: user.isVerified,
    is_business_account: user.isBusiness,
    is_professional_account: user.isBusiness,
    category_name: null,
    business_email: null,
    business_phone_number: null,
    profile_pic_url: pictureOf(user),
    profile_pic_url_hd: pictureOf(user),
    blocked_by_viewer: false,
    has_blocked_viewer: false,
    followed_by_viewer: mine === 'following',
    follows_viewer: theirs === 'following',
    requested_by_viewer: mine === 'requested',
    has_requested_viewer: theirs === 'requested',
    restricted_by_viewer: null,
    highlight_reel_count: 0,
    edge_owner_to_timeline_media: {
      count: postsOf(world, user).length,
      page_info: { has_next_page: posts.length > PROFILE_POSTS, end_cursor: posts.at(-PROFILE_POSTS)?.pk ?? null },
      edges: posts
        .slice(-PROFILE_POSTS)
        .reverse()
        .map((media) => ({
          node: {
            __typename: media.kind === 'reel' ? 'GraphVideo' : 'GraphImage',
            id: media.pk,
            shortcode: media.code,
            taken_at_timestamp: Math.floor(media.takenAt / 1000),
            edge_liked_by: { count: world.likesOf(media.pk).size },
            edge_media_to_comment: { count: world.commentsOf(media.pk).length },
            is_video: media.kind === 'reel',
            owner: { id: user.pk },
          },
        })),
    },
  }
}

function search(call: Call): Answer {
  const users = found(call, call.query.get('q') ?? '')
  return json({
    num_results: users.length,
    users: users.map(shortUser),
    has_more: false,
    rank_token: call.viewer.pk,
    status: 'ok',
  })
}

function topSearch(call: Call): Answer {
  const users = found(call, call.query.get('query') ?? '')
  return json({
    users: users.map((user, position) => ({ position, user: shortUser(user) })),
    places: [],
    hashtags: [],
    has_more: false,
    rank_token: '0.5',
    status: 'ok',
  })
}

/** The exact name first, then names that begin with it, then names that hold it. */
function found({ world }: Call, query: string): User[] {
  const wanted = query.trim().toLowerCase().replace(/^@/, '')
  if (wanted === '') return []
  const matching = [...world.users.values()].filter((user) => user.username.includes(wanted))
  const rank = (user: User) => (user.username === wanted ? 0 : user.username.startsWith(wanted) ? 1 : 2)
  return matching.sort((one, other) => rank(one) - rank(other)).slice(0, SEARCH_RESULTS_MAX)
}

function currentUser(call: Call): Answer {
  const user = { ...fullUser(call.world, call.viewer), email: `${call.viewer.username}@example.com`, phone_number: '' }
  return json({ user, status: 'ok' })
}

function formData({ viewer }: Call): Answer {
  return json({
    form_data: {
      first_name: viewer.fullName,
      last_name: '',
      email: `${viewer.username}@example.com`,
      is_email_confirmed: true,
      is_phone_confirmed: false,
      username: viewer.username,
      phone_number: '',
      gender: 3,
      birthday: null,
      fb_birthday: null,
      biography: viewer.biography,
      external_url: '',
      chaining_enabled: true,
      presence_disabled: false,
      business_account: viewer.isBusiness,
      usertag_review_enabled: false,
      custom_gender: '',
      trusted_username: viewer.username,
      trust_days: 14,
    },
    status: 'ok',
  })
}

function userFeed(call: Call): Answer {
  const { world, viewer } = call
  const user = world.user(call.param(0)) ?? world.userNamed(call.param(0))
  if (user === undefined) return fail(404, 'User not found')
  if (!canSee(world, viewer, user)) return fail(400, 'Not authorized to view user')
  const newestFirst = postsOf(world, user).reverse()
  const before = call.query.get('max_id')
  const start = before === null ? 0 : newestFirst.findIndex((media) => before.startsWith(media.pk)) + 1
  const count = Math.min(
    Math.max(Number(call.query.get('count') ?? PROFILE_POSTS) || PROFILE_POSTS, 1),
    SEARCH_RESULTS_MAX,
  )
  const page = newestFirst.slice(start, start + count)
  const last = page.at(-1)
  const isMore = start + count < newestFirst.length && last !== undefined
  return json({
    items: page.map((media) => mediaObject(world, viewer, media)),
    num_results: page.length,
    more_available: isMore,
    ...(isMore ? { next_max_id: `${last.pk}_${user.pk}` } : {}),
    user: shortUser(user),
    status: 'ok',
  })
}
