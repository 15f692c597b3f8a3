import type { Thread } from '../connector.ts'
import {
  idOf,
  instantOf,
  type JsonObject,
  listOf,
  optionalCount,
  optionalFlag,
  optionalId,
  optionalInstant,
  optionalObject,
  optionalText,
} from './json.ts'
import { readPerson } from './person.ts'
import { readItem } from './thread-item.ts'

/** A thread of the inbox or of its own page; `platformId` is the reader's. Throws `Undecodable`. */
export function readThreadObject(thread: JsonObject, platformId: string | null): Thread {
  const viewerId = optionalId(thread, 'viewer_id') ?? platformId
  const items = listOf(thread, 'items').map((item) => readItem(item, viewerId))
  items.sort((one, other) => other.at - one.at || other.micros - one.micros)
  return {
    threadId: idOf(thread, 'thread_id'),
    title: optionalText(thread, 'thread_title') ?? '',
    isGroup: optionalFlag(thread, 'is_group') === true,
    users: listOf(thread, 'users').map(readPerson),
    items,
    olderCursor:
      optionalFlag(thread, 'has_older') === true
        ? (optionalId(thread, 'oldest_cursor') ?? items.at(-1)?.itemId ?? null)
        : null,
    lastActivityAt: instantOf(thread, 'last_activity_at'),
    isPending: optionalFlag(thread, 'pending') === true,
    seenAt: readSeen(thread),
    isUnread: optionalCount(thread, 'read_state') === 1 || optionalFlag(thread, 'marked_as_unread') === true,
  }
}

function readSeen(thread: JsonObject): Record<string, number> {
  const seen = optionalObject(thread, 'last_seen_at') ?? {}
  return Object.fromEntries(
    Object.keys(seen).flatMap((platformId) => {
      const mark = optionalObject(seen, platformId)
      const at = mark === null ? null : optionalInstant(mark, 'timestamp')
      return at === null ? [] : [[platformId, at]]
    }),
  )
}

/** An id inside a JSON list: Instagram writes numbers bare, and they are too long to be numbers here. */
export function listedId(id: string): string {
  return /^[1-9]\d*$/.test(id) ? id : JSON.stringify(id)
}
