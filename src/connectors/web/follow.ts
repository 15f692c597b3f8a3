import type { Access, CallOptions, Outcome } from '../connector.ts'
import { segment, type Web, write } from './exchange.ts'
import { friendshipForm, readFriendshipObject } from './friendship.ts'
import { missing, objectOf } from './json.ts'

/** Success is a friendship that shows it: some accounts get the bare page, with 200, instead. */
export function follow(web: Web, access: Access, { userId }: { userId: string }, call: CallOptions): Promise<Outcome> {
  return write(
    web,
    access,
    {
      request: {
        method: 'POST',
        path: `/api/v1/friendships/create/${segment(userId)}/`,
        form: friendshipForm(userId),
      },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const { following, requested } = readFriendshipObject(objectOf(body, 'friendship_status'))
        return following || requested ? { type: 'done', externalId: null, at: null, threadId: null } : missing('follow')
      },
    },
    call,
  )
}
