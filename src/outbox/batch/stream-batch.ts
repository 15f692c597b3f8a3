import type { Answer, Principal } from '../../http/route.ts'
import type { SseStream } from '../../http/sse.ts'
import { type WaitDeps, waitForChange } from '../wait-for-change.ts'
import { type Batch, isSettled } from './batch.ts'
import { findOwnBatch } from './find-own-batch.ts'
import { type ReadBatchDeps, viewWithForecast } from './read-batches.ts'
import { findBatch } from './store.ts'

/** Between two events; what happens meanwhile is in the next one. */
const LEAST_GAP_MS = 250
/** Machine time after which a forecast is told anew although nothing happened. */
const RETELL_MS = 60_000

type StreamDeps = ReadBatchDeps & WaitDeps

/**
 * The progress of a bulk as events: how it stands now, then after every change, until all of it has ended. A client that
 * comes back with the id of the last of them is told with 204 that nothing more will come.
 */
export async function streamBatch(
  deps: StreamDeps,
  request: { principal: Principal; batchId: string; lastEventId: string | null },
): Promise<Answer> {
  const batch = await findOwnBatch(deps.store.read, deps, request.principal, request.batchId)
  if (batch.settledAt !== null && request.lastEventId === idOf(batch)) return { status: 204 }
  return { status: 200, stream: (stream) => follow(deps, batch, stream) }
}

async function follow(deps: StreamDeps, first: Batch, stream: SseStream): Promise<void> {
  let batch = first
  for (;;) {
    const data = await viewWithForecast(deps.store.read, deps, batch)
    stream.send({ id: idOf(batch), type: isSettled(batch) ? `bulk.${batch.status}` : 'bulk.progress', data })
    if (isSettled(batch) || stream.signal.aborted) return
    await new Promise<void>((resume) => deps.clock.after(LEAST_GAP_MS, resume))
    const told = idOf(batch)
    const changed = await waitForChange(
      { ...deps, drainSignal: stream.signal },
      {
        accountId: batch.accountId,
        waitMs: RETELL_MS,
        look: async () => {
          const now = await findBatch(deps.store.read, batch.id)
          return now === null || idOf(now) === told ? null : now
        },
      },
    )
    if (stream.signal.aborted) return
    batch = changed ?? (await findBatch(deps.store.read, batch.id)) ?? batch
  }
}

/** The same for the same state; states of one bulk never come again, except by pausing and resuming. */
function idOf({ status, counts }: Batch): string {
  return `${status}.${Object.values(counts).join('.')}`
}
