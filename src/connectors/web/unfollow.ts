import type { Access, CallOptions, Outcome } from '../connector.ts'
import { segment, type Web, write } from './exchange.ts'
import { friendshipForm, readFriendshipObject } from './friendship.ts'
import { missing, objectOf } from './json.ts'

/** Takes back a follow or the request for one; success is a friendship that shows neither. */
export function unfollow(
  web: Web,
  access: Access,
  { userId }: { userId: string },
  call: CallOptions,
): Promise<Outcome> {
  return write(
    web,
    access,
    {
      request: {
        method: 'POST',
        path: `/api/v1/friendships/destroy/${segment(userId)}/`,
        form: friendshipForm(userId),
      },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const { following, requested } = readFriendshipObject(objectOf(body, 'friendship_status'))
        return following || requested
          ? missing('unfollow')
          : { type: 'done', externalId: null, at: null, threadId: null }
      },
    },
    call,
  )
}
