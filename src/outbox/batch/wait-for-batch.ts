import type { Db } from '../../store/store.ts'
import { explainWait, mayEndBefore } from '../explain-wait.ts'
import { type ActionWaitDeps, DEFAULT_WAIT_MS } from '../wait-for-action.ts'
import { waitForChange } from '../wait-for-change.ts'
import { type Batch, isSettled } from './batch.ts'
import { findBatch, findQueuedItems } from './store.ts'

/**
 * Waits until every item has ended, and returns the batch, or as it stands when the wait is over. `preferredWaitMs` as the
 * caller asked; null = the default wait, which ends as soon as no further item can be begun within it.
 */
export async function waitForBatch(
  deps: ActionWaitDeps,
  input: { batch: Batch; preferredWaitMs: number | null },
): Promise<Batch> {
  const { batch, preferredWaitMs } = input
  const db = deps.store.read
  const settled = await waitForChange(deps, {
    accountId: batch.accountId,
    waitMs: preferredWaitMs ?? DEFAULT_WAIT_MS,
    async look(leftMs) {
      const now = await current()
      if (isSettled(now)) return now
      if (preferredWaitMs !== null) return null
      if (await maySettleMore(db, deps, now, deps.clock.now() + leftMs)) return null
      // The readings are no snapshot: if an item began between them, the one that was weighed is the one after it.
      return (await current()).counts.queued === now.counts.queued ? now : null
    },
  })
  return settled ?? current()

  async function current(): Promise<Batch> {
    const found = await findBatch(db, batch.id)
    if (found === null) throw new Error(`bulk ${batch.id} is gone`)
    return found
  }
}

/** Whether an item may end before an instant of product time, as things stand. */
async function maySettleMore(db: Db, deps: ActionWaitDeps, batch: Batch, by: number): Promise<boolean> {
  if (batch.counts.running > 0 || batch.status === 'canceled') return true
  if (batch.status !== 'running' || batch.nextAt > by) return false
  const [head] = await findQueuedItems(db, batch.id, 1)
  // The counts were read before: what is queued by them and not there any more has just been begun.
  return head === undefined || mayEndBefore(await explainWait(db, deps, head), by)
}
