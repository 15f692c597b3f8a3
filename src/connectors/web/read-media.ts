import type { Access, CallOptions, MediaInfo, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import {
  flagOf,
  idOf,
  instantOf,
  type JsonObject,
  listOf,
  missing,
  objectOf,
  optionalCount,
  optionalFlag,
  optionalText,
} from './json.ts'
import { mediaReference } from './media-id.ts'

const MEDIA_TYPE_VIDEO = 2

/** What a post, reel or story is, whose it is, and whether the account likes it. */
export function readMedia(
  web: Web,
  access: Access,
  { mediaId }: { mediaId: string },
  call: CallOptions,
): Promise<ReadResult<MediaInfo>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/media/${segment(mediaReference(mediaId))}/info/` },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) => readInfo(listOf(body, 'items')[0] ?? missing('media')),
    },
    call,
  )
}

function readInfo(media: JsonObject): MediaInfo {
  const owner = objectOf(media, 'user')
  const hasTime = Object.hasOwn(media, 'taken_at')
  return {
    mediaId: idOf(media, 'pk', 'id'),
    kind: kindOf(optionalText(media, 'product_type')),
    isVideo: optionalCount(media, 'media_type') === MEDIA_TYPE_VIDEO,
    ownerId: idOf(owner, 'pk', 'pk_id', 'id'),
    ownerUsername: optionalText(owner, 'username'),
    hasLiked: flagOf(media, 'has_liked'),
    commentsDisabled: optionalFlag(media, 'comments_disabled') === true,
    takenAt: hasTime ? instantOf(media, 'taken_at') : null,
  }
}

/** Carousels, IGTV and names to come are posts to us. */
function kindOf(productType: string | null): MediaInfo['kind'] {
  if (productType === 'clips') return 'reel'
  return productType === 'story' ? 'story' : 'post'
}
