import type { Clock } from '../core/clock.ts'
import type { Db, Store } from '../store/store.ts'

interface SweepDeps {
  store: Store
  clock: Clock
  /** From an event to its deletion. */
  retentionMs: number
  readers: readonly LogReader[]
}

/** Answers with the lowest sequence of a user's log that it still has to read; null = none. */
type LogReader = (db: Db, user: { userId: string; now: number }) => Promise<number | null>

interface Place {
  at: number
  userId: string
  sequence: number
}

const AT_ONCE = 500

/**
 * Deletes events older than the retention, except those that somebody still has to get; in batches. Numbers are never
 * given again. May run on several processes at once.
 */
export async function sweepEvents(deps: SweepDeps): Promise<void> {
  const before = deps.clock.now() - deps.retentionMs
  let after: Place | null = null
  for (;;) {
    const page: Place[] = await oldest(deps.store.read, { before, after })
    const users = Map.groupBy(page, ({ userId }) => userId)
    for (const [userId, events] of users) {
      const sequences = events.map(({ sequence }) => sequence)
      await deps.store.write(async (tx) => {
        const needed = await leastNeeded(tx, deps, userId)
        await tx
          .deleteFrom('events')
          .where('user_id', '=', userId)
          .where('sequence', '>=', Math.min(...sequences))
          .where('sequence', '<=', Math.max(...sequences))
          .where('sequence', '<', needed)
          .where('at', '<', before)
          .execute()
      })
    }
    if (page.length < AT_ONCE) return
    after = page.at(-1) ?? null
  }
}

/** Inside the transaction of the deletion, so that nobody moves back meanwhile. */
async function leastNeeded(tx: Db, { readers, clock }: SweepDeps, userId: string): Promise<number> {
  let least = Number.MAX_SAFE_INTEGER
  for (const read of readers) least = Math.min(least, (await read(tx, { userId, now: clock.now() })) ?? least)
  return least
}

async function oldest(db: Db, { before, after }: { before: number; after: Place | null }): Promise<Place[]> {
  const rows = await db
    .selectFrom('events')
    .select(['at', 'user_id', 'sequence'])
    .where('at', '<', before)
    .$if(after !== null, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple('at', 'user_id', 'sequence'),
          '>',
          eb.tuple(after?.at ?? 0, after?.userId ?? '', after?.sequence ?? 0),
        ),
      ),
    )
    .orderBy('at')
    .orderBy('user_id')
    .orderBy('sequence')
    .limit(AT_ONCE)
    .execute()
  return rows.map((row) => ({ at: row.at, userId: row.user_id, sequence: row.sequence }))
}
