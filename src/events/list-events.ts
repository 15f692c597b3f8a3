import type { Answer, Principal } from '../http/route.ts'
import type { Store } from '../store/store.ts'
import type { StoredEvent } from './event.ts'
import { type EventFilter, isAskedFor } from './filter.ts'
import { readEvents } from './log.ts'
import { viewEvent } from './view.ts'

/** Rows that one filtered page looks at, so that a rare type in a long log costs no more than a common one. */
const LOOKED_AT_MAX = 2_000

/**
 * Events in order after a sequence number. A filtered page may hold fewer than `limit` although there are more; its
 * `nextCursor`, the sequence number up to which it looked, is the next `after`. What retention took away is named.
 */
export async function listEvents(
  deps: { store: Store },
  principal: Principal,
  input: EventFilter & { after: number; limit: number },
): Promise<Answer> {
  const { after, limit } = input
  const isPlain = input.types === null && input.sessionId === null && principal.sessions === null
  const reach = isPlain ? limit : LOOKED_AT_MAX
  const looked = await readEvents(deps.store.read, { userId: principal.userId, after, limit: reach + 1 })
  const asked = looked.slice(0, reach).filter((event) => isAskedFor(principal, input, event))
  const shown = asked.slice(0, limit)
  const seen = asked.length > limit ? shown.at(-1) : looked.slice(0, reach).at(-1)
  const hasMore = asked.length > limit || looked.length > reach
  return {
    status: 200,
    message: goneMessage(after, looked[0]) ?? `Found ${shown.length} events`,
    data: shown.map(viewEvent),
    pagination: { limit, ...(seen === undefined ? {} : { nextCursor: String(seen.sequence) }), hasMore },
  }
}

function goneMessage(after: number, first: StoredEvent | undefined): string | null {
  if (first === undefined || first.sequence === after + 1) return null
  return `Events ${after + 1} to ${first.sequence - 1} are past their retention`
}
