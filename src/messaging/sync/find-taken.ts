/**
 * What is stored of a conversation and no longer shown was taken back by whoever wrote it, in an app. A page proves it
 * between its own items; above them, where it is the newest page; and below them, where it is the whole thread.
 */
import type { Thread } from '../../connectors/connector.ts'
import type { Db } from '../../store/store.ts'
import type { Conversation } from '../store.ts'
import { findStoredBetween, type StoredItem } from './store.ts'

/** Instagram may show a page without what it has just taken, so what is newer than all of it waits for this long. */
const SETTLED_MS = 60_000
/** The inbox shows as many items of a thread; a longer one that comes empty is hidden, not taken back. */
const WHOLE_MAX = 10

export interface Taken {
  items: StoredItem[]
  /** Something is missing and may yet be shown. */
  isOpen: boolean
}

const NOTHING: Taken = { items: [], isOpen: false }

export async function findTaken(
  db: Db,
  input: { thread: Thread; conversation: Conversation; isOlder: boolean; now: number },
): Promise<Taken> {
  const { thread, conversation, isOlder, now } = input
  const { userId, id: conversationId } = conversation
  const [newest, oldest] = [thread.items[0], thread.items.at(-1)]
  const isWhole = thread.olderCursor === null && !isOlder
  if (newest === undefined && !isWhole) return NOTHING
  const bottom = oldest?.at ?? Number.MAX_SAFE_INTEGER
  const stored = await findStoredBetween(db, {
    ...{ userId, conversationId },
    after: isWhole ? -1 : bottom,
    before: isOlder && newest !== undefined ? newest.at : Number.MAX_SAFE_INTEGER,
  })
  const shown = new Set(thread.items.map(({ itemId }) => itemId))
  const missing = stored.filter(({ externalId, isFromHere }) => !shown.has(externalId) && !(isOlder && isFromHere))
  const isShort = stored.filter(({ at }) => at <= bottom).length <= WHOLE_MAX
  const isCertain = ({ at }: StoredItem) => {
    if (newest !== undefined && at < newest.at) return at > bottom || isShort
    return at <= now - SETTLED_MS && (newest !== undefined || isShort)
  }
  return {
    items: missing.filter(isCertain),
    isOpen: missing.some(({ at }) => at > now - SETTLED_MS && at >= (newest?.at ?? 0)),
  }
}
