import type { OutboxDeps } from '../deps.ts'
import { giveUpAcceptances, removeSome } from './store.ts'

const BATCHES_AT_ONCE = 20
const ITEMS_AT_ONCE = 500

/**
 * Removes bulks whose acceptance was interrupted, whatever interrupted it: each whole, in parts that may themselves be
 * interrupted. Returns how many there were. May run on several processes at once.
 */
export async function sweepBatches(deps: Pick<OutboxDeps, 'store' | 'clock'>): Promise<number> {
  const { store, clock } = deps
  let removed = 0
  for (;;) {
    const ids = await store.write((tx) => giveUpAcceptances(tx, { wall: clock.wall(), limit: BATCHES_AT_ONCE }))
    for (const id of ids) {
      while (!(await store.write((tx) => removeSome(tx, id, ITEMS_AT_ONCE))).isGone);
    }
    removed += ids.length
    if (ids.length < BATCHES_AT_ONCE) return removed
  }
}
