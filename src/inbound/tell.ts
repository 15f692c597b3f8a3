import type { Random } from '../core/random.ts'
import { type EventType, ingestEvents } from '../events/index.ts'
import type { ActingSession } from '../outbox/index.ts'
import type { Db, Store } from '../store/store.ts'

/** Somebody as an event names them. */
export interface Actor {
  platformId: string
  username: string | null
  /** Absent where what told of them names none. */
  fullName?: string | null
}

/** Something that happened to the account, before it is known whether it was told already. */
export interface News {
  type: EventType
  /** Instagram's id of it, unique among facts of the kind. */
  externalId: string
  /** Where two types may tell the same fact and only one should: what they share instead of the type. */
  kind?: string
  from: Actor
  /** Instagram's own time of it; null where it names none. */
  occurredAt: number | null
  /** What else there is to say, by the names that all events share (docs/events.md). */
  details?: Record<string, string | null>
}

/** Writes the events of what is new among it; how many those were. The last thing a `settle` does. */
export async function tell(
  tx: Db,
  deps: { random: Random; store: Store },
  { session, now }: { session: ActingSession; now: number },
  news: readonly News[],
): Promise<number> {
  const facts = news.map(({ type, externalId, kind = type, from, occurredAt, details = {} }) => ({
    kind,
    externalId,
    event: {
      userId: session.userId,
      type,
      at: now,
      sessionId: session.id,
      username: session.username,
      data: {
        from: { fullName: null, ...from },
        occurredAt: occurredAt === null ? null : new Date(occurredAt).toISOString(),
        ...details,
      },
    },
  }))
  return ingestEvents(tx, deps, session.accountId, facts)
}
