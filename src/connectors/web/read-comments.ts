import type { Access, CallOptions, Comment, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { idOf, instantOf, type JsonObject, listOf, optionalFlag, optionalId, textOf } from './json.ts'
import { mediaReference } from './media-id.ts'

/** The newest page of comments; `complete` only when Instagram names no further one in either direction. */
export function readComments(
  web: Web,
  access: Access,
  { mediaId }: { mediaId: string },
  call: CallOptions,
): Promise<ReadResult<{ comments: Comment[]; complete: boolean }>> {
  const path = `/api/v1/media/${segment(mediaReference(mediaId))}/comments/`
  const query = { can_support_threading: 'true', permalink_enabled: 'false' }
  return read(
    web,
    access,
    {
      request: { method: 'GET', path, query },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const comments = listOf(body, 'comments').map(readComment)
        comments.sort((one, other) => other.at - one.at)
        const hasMore =
          optionalFlag(body, 'has_more_comments') === true || optionalFlag(body, 'has_more_headload_comments') === true
        return { comments, complete: !hasMore && optionalId(body, 'next_min_id', 'next_max_id') === null }
      },
    },
    call,
  )
}

function readComment(entry: JsonObject): Comment {
  return {
    commentId: idOf(entry, 'pk', 'id'),
    authorId: idOf(entry, 'user_id'),
    text: textOf(entry, 'text'),
    at: instantOf(entry, 'created_at_utc', 'created_at'),
  }
}
