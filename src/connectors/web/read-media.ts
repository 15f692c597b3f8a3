import type { Access, CallOptions, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { flagOf, idOf, listOf, missing, objectOf } from './json.ts'

/** Whose post it is and whether the account likes it. */
export function readMedia(
  web: Web,
  access: Access,
  { mediaId }: { mediaId: string },
  call: CallOptions,
): Promise<ReadResult<{ mediaId: string; ownerId: string; hasLiked: boolean }>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/media/${segment(mediaId)}/info/` },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const media = listOf(body, 'items')[0] ?? missing('media')
        const owner = objectOf(media, 'user')
        return {
          mediaId: idOf(media, 'pk', 'id'),
          ownerId: idOf(owner, 'pk', 'pk_id', 'id'),
          hasLiked: flagOf(media, 'has_liked'),
        }
      },
    },
    call,
  )
}
