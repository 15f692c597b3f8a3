import type { Thread, ThreadItem } from '../connector.ts'
import {
  idOf,
  instantOf,
  type JsonObject,
  listOf,
  optionalCount,
  optionalFlag,
  optionalId,
  optionalObject,
  optionalText,
  textOf,
} from './json.ts'

/** Which member of an item holds what was written; an item of any other type passes through without text. */
const TEXT_HOLDERS = ['link', 'reel_share', 'story_share'] as const

/** A thread of the inbox or of its own page; `platformId` is the reader's. Throws `Undecodable`. */
export function readThreadObject(thread: JsonObject, platformId: string | null): Thread {
  const viewerId = optionalId(thread, 'viewer_id') ?? platformId
  const items = listOf(thread, 'items').map((item) => readItem(item, viewerId))
  items.sort((one, other) => other.at - one.at)
  return {
    threadId: idOf(thread, 'thread_id'),
    title: optionalText(thread, 'thread_title') ?? '',
    isGroup: optionalFlag(thread, 'is_group') === true,
    users: listOf(thread, 'users').map((user) => ({
      platformId: idOf(user, 'pk', 'pk_id', 'id'),
      username: textOf(user, 'username'),
    })),
    items,
    olderCursor:
      optionalFlag(thread, 'has_older') === true
        ? (optionalId(thread, 'oldest_cursor') ?? items.at(-1)?.itemId ?? null)
        : null,
    lastActivityAt: instantOf(thread, 'last_activity_at'),
    isUnread: optionalCount(thread, 'read_state') === 1 || optionalFlag(thread, 'marked_as_unread') === true,
  }
}

function readItem(item: JsonObject, viewerId: string | null): ThreadItem {
  const senderId = idOf(item, 'user_id')
  return {
    itemId: idOf(item, 'item_id'),
    senderId,
    isFromMe: optionalFlag(item, 'is_sent_by_viewer') ?? senderId === viewerId,
    at: instantOf(item, 'timestamp'),
    itemType: optionalText(item, 'item_type') ?? 'unknown',
    text: textIn(item),
    clientToken: optionalId(item, 'client_context'),
  }
}

function textIn(item: JsonObject): string | null {
  const own = optionalText(item, 'text') ?? optionalText(item, 'like')
  if (own !== null) return own
  for (const key of TEXT_HOLDERS) {
    const holder = optionalObject(item, key)
    if (holder !== null) return optionalText(holder, 'text')
  }
  return null
}

/** An id inside a JSON list: Instagram writes numbers bare, and they are too long to be numbers here. */
export function listedId(id: string): string {
  return /^[1-9]\d*$/.test(id) ? id : JSON.stringify(id)
}
