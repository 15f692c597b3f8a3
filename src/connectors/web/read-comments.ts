import type { Access, CallOptions, Comment, CommentPage, ReadResult } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import {
  idOf,
  instantOf,
  type JsonObject,
  listOf,
  optionalFlag,
  optionalId,
  optionalObject,
  optionalText,
  textOf,
} from './json.ts'
import { mediaReference } from './media-id.ts'
import { readFullName } from './person.ts'

/** One page of comments; `complete` only when Instagram names no further one in either direction. */
export function readComments(
  web: Web,
  access: Access,
  { mediaId, cursor }: { mediaId: string; cursor: string | null },
  call: CallOptions,
): Promise<ReadResult<CommentPage>> {
  const path = `/api/v1/media/${segment(mediaReference(mediaId))}/comments/`
  const query = { can_support_threading: 'true', permalink_enabled: 'false', ...fromCursor(cursor) }
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
        const olderCursor = toCursor(body)
        return { comments, complete: !hasMore && olderCursor === null, olderCursor }
      },
    },
    call,
  )
}

const CURSORS = ['min_id', 'max_id'] as const

/** Instagram names the next page in either of two ways, and wants it back in the same. */
function toCursor(body: JsonObject): string | null {
  for (const name of CURSORS) {
    const value = optionalId(body, `next_${name}`)
    if (value !== null) return `${name}=${value}`
  }
  return null
}

function fromCursor(cursor: string | null): Record<string, string> {
  const name = CURSORS.find((known) => cursor?.startsWith(`${known}=`) === true)
  return name === undefined || cursor === null ? {} : { [name]: cursor.slice(name.length + 1) }
}

function readComment(entry: JsonObject): Comment {
  const author = optionalObject(entry, 'user')
  return {
    commentId: idOf(entry, 'pk', 'id'),
    authorId: idOf(entry, 'user_id'),
    authorUsername: author === null ? null : optionalText(author, 'username'),
    authorFullName: author === null ? null : readFullName(author),
    text: textOf(entry, 'text'),
    at: instantOf(entry, 'created_at_utc', 'created_at'),
    parentId: optionalId(entry, 'parent_comment_id'),
  }
}
