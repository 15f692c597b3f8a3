import type { Access, CallOptions, FollowerPage, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { listOf, optionalFlag, optionalId } from './json.ts'
import { readPerson } from './person.ts'

/** One page of the followers of a user. Instagram decides how many; `count` is what its own client asks for. */
export function readFollowers(
  web: Web,
  access: Access,
  { userId, cursor }: { userId: string; cursor: string | null },
  call: CallOptions,
): Promise<ReadResult<FollowerPage>> {
  const query = { count: '12', ...(cursor === null ? {} : { max_id: cursor }), search_surface: 'follow_list_page' }
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/friendships/${segment(userId)}/followers/`, query },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const nextCursor = optionalId(body, 'next_max_id')
        const isLimited = optionalFlag(body, 'should_limit_list_of_followers') === true
        return {
          users: listOf(body, 'users').map(readPerson),
          nextCursor,
          // More without a way to it is no end either.
          isCut: isLimited || (nextCursor === null && optionalFlag(body, 'has_more') === true),
        }
      },
    },
    call,
  )
}
