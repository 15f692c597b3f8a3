import type { Access, Connector } from '../connectors/connector.ts'
import type { Deadline } from './instagram-call.ts'
import type { SessionMetadata } from './session.ts'

/** A login must not wait long for numbers that only decorate it. */
const READ_DEADLINE_MS = 5_000
/** Less than this is not worth a request. */
const READ_LEAST_MS = 250

export interface OwnProfile {
  username: string
  metadata: SessionMetadata
}

/**
 * The account's own profile, in one read. Null when it could not be read, or when the name leads to somebody else (it
 * was given away since): nothing depends on it.
 */
export async function readOwnProfile(
  connector: Connector,
  access: Access,
  input: { platformId: string; username: string; deadline: Deadline },
): Promise<OwnProfile | null> {
  const deadlineMs = Math.min(READ_DEADLINE_MS, input.deadline.leftMs())
  if (deadlineMs < READ_LEAST_MS || !connector.capabilities.has('look_up_user')) return null
  const result = await connector.lookUpUser(access, { username: input.username }, { deadlineMs })
  if (result.type !== 'ok' || result.value.platformId !== input.platformId) return null
  const user = result.value
  return {
    username: user.username,
    metadata: {
      followersCount: user.followersCount ?? 0,
      followingCount: user.followingCount ?? 0,
      postsCount: user.postsCount ?? 0,
      isBusinessAccount: user.isBusiness,
      isVerified: user.isVerified,
    },
  }
}
