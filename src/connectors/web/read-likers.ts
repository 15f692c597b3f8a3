import type { Access, CallOptions, Likers, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { listOf, optionalCount } from './json.ts'
import { mediaReference } from './media-id.ts'
import { readPerson } from './person.ts'

/** Who likes a post or reel: one page, which Instagram cuts off for media with many likes. */
export function readLikers(
  web: Web,
  access: Access,
  { mediaId }: { mediaId: string },
  call: CallOptions,
): Promise<ReadResult<Likers>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/media/${segment(mediaReference(mediaId))}/likers/` },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const users = listOf(body, 'users').map(readPerson)
        const count = optionalCount(body, 'user_count')
        return { users, isComplete: count !== null && count <= users.length }
      },
    },
    call,
  )
}
