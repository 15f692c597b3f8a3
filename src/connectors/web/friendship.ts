import type { Friendship } from '../connector.ts'
import { flagOf, type JsonObject, optionalFlag } from './json.ts'

/** A private account that is followed is "requested" until its owner agrees. Throws `Undecodable`. */
export function readFriendshipObject(status: JsonObject): Friendship {
  return {
    following: flagOf(status, 'following'),
    requested: flagOf(status, 'outgoing_request'),
    followedBy: optionalFlag(status, 'followed_by'),
  }
}

export function friendshipForm(userId: string): Record<string, string> {
  return { container_module: 'profile', user_id: userId, nav_chain: '' }
}
