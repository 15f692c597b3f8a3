import type { Access, CallOptions, InstagramUser, ReadResult, Refused } from '../connector.ts'
import { budget, read, segment, type Web } from './exchange.ts'
import {
  idOf,
  type JsonObject,
  listOf,
  missing,
  objectOf,
  optionalCount,
  optionalFlag,
  optionalObject,
  optionalText,
  textOf,
} from './json.ts'

const UNKNOWN: Refused = { type: 'refused', code: 'UNKNOWN_RECIPIENT', reason: 'No Instagram user has this name.' }

/** Some business profiles answer the profile read with a 400 that names this retired field; other reads know them. */
const BROKEN_PROFILE = 'ig_business_category_subvertical'

/** Finds a user by name. The answer must carry that very name: what goes to the wrong person cannot be taken back. */
export async function lookUpUser(
  web: Web,
  access: Access,
  { username }: { username: string },
  call: CallOptions,
): Promise<ReadResult<InstagramUser>> {
  const rest = budget(web, call)
  const query = { username }
  const request = { method: 'GET' as const, path: '/api/v1/users/web_profile_info/', query }
  const decode = (body: JsonObject) => {
    const user = optionalObject(objectOf(body, 'data'), 'user')
    return user === null ? UNKNOWN : named(username, readProfile(user))
  }
  const profile = await read(web, access, { request, missing: 'UNKNOWN_RECIPIENT', decode }, rest())
  const isBroken = profile.type === 'refused' && profile.reason.includes(BROKEN_PROFILE)
  if (!isBroken) return profile
  const found = await search(web, access, username, rest())
  return found.type === 'ok' ? readNamed(web, access, { username, platformId: found.value }, rest()) : found
}

function search(web: Web, access: Access, username: string, call: CallOptions): Promise<ReadResult<string>> {
  const query = { context: 'blended', query: username, count: '10' }
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: '/web/search/topsearch/', query },
      missing: null,
      decode: (body) => {
        const users = listOf(body, 'users').map((entry) => objectOf(entry, 'user'))
        const exact = users.find((user) => isNamed(username, textOf(user, 'username')))
        return exact === undefined ? missing('user of that name') : idOf(exact, 'pk', 'pk_id', 'id')
      },
    },
    call,
  )
}

function readNamed(
  web: Web,
  access: Access,
  { username, platformId }: { username: string; platformId: string },
  call: CallOptions,
): Promise<ReadResult<InstagramUser>> {
  const path = `/api/v1/users/${segment(platformId)}/info/`
  return read(
    web,
    access,
    {
      request: { method: 'GET', path },
      missing: 'UNKNOWN_RECIPIENT',
      decode: (body) => named(username, readInfo(objectOf(body, 'user'))),
    },
    call,
  )
}

function readProfile(user: JsonObject): InstagramUser {
  const countIn = (key: string) => {
    const edge = optionalObject(user, key)
    return edge === null ? null : optionalCount(edge, 'count')
  }
  return {
    ...readCommon(user),
    isBusiness: optionalFlag(user, 'is_business_account') === true,
    followersCount: countIn('edge_followed_by'),
    followingCount: countIn('edge_follow'),
    postsCount: countIn('edge_owner_to_timeline_media'),
  }
}

/** The user object of an id's own page. Throws `Undecodable`. */
export function readInfo(user: JsonObject): InstagramUser {
  return {
    ...readCommon(user),
    isBusiness: optionalFlag(user, 'is_business') === true,
    followersCount: optionalCount(user, 'follower_count'),
    followingCount: optionalCount(user, 'following_count'),
    postsCount: optionalCount(user, 'media_count'),
  }
}

function readCommon(user: JsonObject) {
  return {
    platformId: idOf(user, 'pk', 'pk_id', 'id'),
    username: textOf(user, 'username'),
    fullName: optionalText(user, 'full_name') ?? '',
    isPrivate: optionalFlag(user, 'is_private') === true,
    isVerified: optionalFlag(user, 'is_verified') === true,
  }
}

function named(username: string, user: InstagramUser): InstagramUser {
  return isNamed(username, user.username) ? user : missing('user of that name')
}

function isNamed(wanted: string, actual: string): boolean {
  return wanted.toLowerCase() === actual.toLowerCase()
}
