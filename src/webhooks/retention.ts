import type { Clock } from '../core/clock.ts'
import type { Db, Store } from '../store/store.ts'
import { FAILING_MAX_MS } from './retry.ts'
import { type EndpointRow, listDeleted, removeSome, toEndpoint } from './store.ts'

const ENDPOINTS_AT_ONCE = 200
const DELIVERIES_AT_ONCE = 500

/**
 * The lowest sequence of the user's log that some endpoint still has to get, null when there is none. What waits for an
 * endpoint that has been switched off for as long as one may fail waits no longer than the log itself keeps it.
 */
export async function leastNeeded(db: Db, { userId, now }: { userId: string; now: number }): Promise<number | null> {
  const rows = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('user_id', '=', userId)
    .where('status', '!=', 'deleted')
    .execute()
  const needed: number[] = []
  for (const row of rows) {
    const { id, status, statusAt, takenTo, replay } = toEndpoint(row as EndpointRow)
    if (status === 'disabled' && statusAt + FAILING_MAX_MS <= now) continue
    needed.push(takenTo + 1, (await earliestPending(db, id)) ?? takenTo + 1)
    if (replay !== null) needed.push(replay.after + 1)
  }
  return needed.length === 0 ? null : Math.min(...needed)
}

async function earliestPending(db: Db, endpointId: string): Promise<number | null> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select('sequence')
    .where('endpoint_id', '=', endpointId)
    .where('status', '!=', 'succeeded')
    .where('status', '=', 'pending')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence ?? null
}

interface SweepDeps {
  store: Store
  clock: Clock
  /** From the end of a delivery to its deletion. */
  retentionMs: number
}

/** Deletes deliveries that ended long ago, and everything of deleted endpoints; in batches, on several processes at once. */
export async function sweepDeliveries(deps: SweepDeps): Promise<void> {
  const { store } = deps
  for (;;) {
    const deleted = await listDeleted(store.read, ENDPOINTS_AT_ONCE)
    for (const id of deleted) while (!(await store.write((tx) => removeSome(tx, id, DELIVERIES_AT_ONCE))));
    if (deleted.length < ENDPOINTS_AT_ONCE) break
  }
  let after = ''
  for (;;) {
    const ids = await endpointsAfter(store.read, after)
    for (const id of ids) while ((await sweepEndpoint(deps, id)) === DELIVERIES_AT_ONCE);
    if (ids.length < ENDPOINTS_AT_ONCE) return
    after = ids.at(-1) ?? ''
  }
}

async function endpointsAfter(db: Db, after: string): Promise<string[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(ENDPOINTS_AT_ONCE)
    .execute()
  return rows.map(({ id }) => id)
}

/** Of the oldest deliveries those that are old enough; returns how many there were. */
async function sweepEndpoint({ store, clock, retentionMs }: SweepDeps, endpointId: string): Promise<number> {
  const before = clock.now() - retentionMs
  const rows = await store.read
    .selectFrom('webhook_deliveries')
    .select(['sequence', 'settled_at'])
    .where('endpoint_id', '=', endpointId)
    .orderBy('sequence')
    .limit(DELIVERIES_AT_ONCE)
    .execute()
  const old = rows.filter(({ settled_at }) => settled_at !== null && settled_at < before)
  const last = old.at(-1)
  if (last === undefined) return 0
  await store.write((tx) =>
    tx
      .deleteFrom('webhook_deliveries')
      .where('endpoint_id', '=', endpointId)
      .where('sequence', '<=', last.sequence)
      .where('settled_at', '<', before)
      .execute(),
  )
  return old.length
}
