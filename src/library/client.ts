import type { V1Answer, V1Data } from '../v1/index.ts'
import { runningV1 } from './instance.ts'

/** `[response, status]`: the first document's envelope, and the HTTP status that the server gives with it. */
export type ActionAnswer = V1Answer<V1Data['v1Follow']>

/**
 * Acts as one account. A refusal is an answer, never thrown: `response.success` tells, and `status` is 200 for a success
 * (also one that still waits for its turn: `response.data.status` is `queued` then).
 *
 * ```ts
 * const client = new InstagramClient({ username: 'user123' })
 * const [response, status] = await client.followUser('target_user')
 * await client.likePost('media_id')
 * await client.commentPost('media_id', 'Great post!')
 * if (!response.success) console.error(status, response.error_code, response.message)
 * ```
 */
export class InstagramClient {
  readonly username: string

  constructor(account: string | { username: string }) {
    this.username = typeof account === 'string' ? account : account.username
  }

  /** `targetUserId` is Instagram's id of the user. */
  followUser(targetUserId: string): Promise<ActionAnswer> {
    return this.#act('v1Follow', { target_user_id: targetUserId, action_type: 'follow' })
  }

  /** A number, a shortcode or an instagram.com address names the post. */
  likePost(mediaId: string): Promise<ActionAnswer> {
    return this.#act('v1Like', { media_id: mediaId, action_type: 'like' })
  }

  /** At most 2200 characters. */
  commentPost(mediaId: string, text: string): Promise<ActionAnswer> {
    return this.#act('v1Comment', { media_id: mediaId, text, action_type: 'comment' })
  }

  async #act(
    operation: 'v1Follow' | 'v1Like' | 'v1Comment',
    body: Readonly<Record<string, string>>,
  ): Promise<ActionAnswer> {
    return runningV1().call(operation, { body: { username: this.username, ...body } })
  }
}
