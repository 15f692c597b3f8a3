import { type AppendDeps, appendEvent, type EventType } from '../../events/index.ts'
import type { Db } from '../../store/store.ts'
import type { ActingSession } from '../session-hooks.ts'
import type { Batch } from './batch.ts'
import { settleBatch } from './store.ts'
import { viewBatch } from './view-batch.ts'

/** After an item has ended: ends the batch with its last item. Its event comes after the item's. */
export async function settleBatchOf(
  tx: Db,
  deps: AppendDeps,
  input: { batchId: string; at: number; session: ActingSession | null },
): Promise<void> {
  const batch = await settleBatch(tx, input.batchId, input.at)
  if (batch?.status === 'completed') await tellBatch(tx, deps, 'bulk.completed', batch, input)
}

/** Writes the event of a batch, which comes last in the transaction. */
export async function tellBatch(
  tx: Db,
  deps: AppendDeps,
  type: Extract<EventType, `bulk.${string}`>,
  batch: Batch,
  input: { at: number; session: ActingSession | null },
): Promise<void> {
  await appendEvent(tx, deps, {
    userId: batch.userId,
    type,
    at: input.at,
    sessionId: batch.sessionId,
    username: input.session?.username ?? null,
    data: viewBatch(batch),
  })
}
