import type { Access, CallOptions, Friendship, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { readFriendshipObject } from './friendship.ts'

/** What the account has with another user; what Instagram leaves out is not guessed. */
export function readFriendship(
  web: Web,
  access: Access,
  { userId }: { userId: string },
  call: CallOptions,
): Promise<ReadResult<Friendship>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/friendships/show/${segment(userId)}/` },
      missing: 'TARGET_NOT_FOUND',
      decode: readFriendshipObject,
    },
    call,
  )
}
