import { GatewayError } from '../../core/errors.ts'
import type { Principal } from '../../http/route.ts'
import { wakeLane } from '../../lanes/index.ts'
import { lockAccount } from '../../store/lock-account.ts'
import type { Db } from '../../store/store.ts'
import type { OutboxDeps } from '../deps.ts'
import { announceChange } from '../wait-for-change.ts'
import type { Batch } from './batch.ts'
import { findOwnBatch } from './find-own-batch.ts'
import { cancelBatch, endCanceledItems } from './plan-batches.ts'
import { tellBatch } from './settle-batch.ts'
import { changeStatus } from './store.ts'

export type ChangeBatchDeps = Pick<OutboxDeps, 'store' | 'clock' | 'random' | 'signal' | 'sessions' | 'kinds'>

interface ChangeRequest {
  principal: Principal
  batchId: string
}

/** Begins no further item until it is resumed; one under way finishes. Pausing twice is fine. */
export async function pauseBatch(deps: ChangeBatchDeps, request: ChangeRequest): Promise<Batch> {
  return change(deps, request, async (tx, batch) => {
    if (batch.status === 'paused') return
    if (!(await changeStatus(tx, { id: batch.id, from: ['running'], to: 'paused' }))) throw hasEnded(batch)
    await tell(tx, deps, request, 'bulk.paused')
  })
}

/** Goes on with a paused bulk. Resuming one that runs is fine. */
export async function resumeBatch(deps: ChangeBatchDeps, request: ChangeRequest): Promise<Batch> {
  return change(deps, request, async (tx, batch) => {
    if (batch.status === 'running') return
    if (!(await changeStatus(tx, { id: batch.id, from: ['paused'], to: 'running' }))) throw hasEnded(batch)
    await wakeLane(tx, deps, { accountId: batch.accountId, at: deps.clock.now() })
    await tell(tx, deps, request, 'bulk.resumed')
  })
}

/**
 * Cancels what is queued; an item under way finishes. The first transaction stops the bulk, the following ones end its
 * items in parts; whatever interrupts them, the lane goes on with it. Canceling twice is fine.
 */
export async function cancelBatchOf(deps: ChangeBatchDeps, request: ChangeRequest): Promise<Batch> {
  const { accountId, sessionId } = await change(deps, request, async (tx, batch) => {
    if (batch.status === 'canceled') return
    const session = await deps.sessions.find(tx, batch.sessionId)
    const isCanceled = await cancelBatch(tx, deps, { batchId: batch.id, now: deps.clock.now(), session })
    if (!isCanceled) throw hasEnded(batch)
    await wakeLane(tx, deps, { accountId: batch.accountId, at: deps.clock.now() })
  })
  const endSome = async (tx: Db) => {
    await lockAccount(tx, accountId)
    const hasMore = await endCanceledItems(tx, deps, { accountId, now: deps.clock.now(), liveSessionId: sessionId })
    if (hasMore) announceChange(tx, deps, accountId)
    return hasMore
  }
  while (await deps.store.write(endSome));
  return findOwnBatch(deps.store.read, deps, request.principal, request.batchId)
}

async function change(
  deps: ChangeBatchDeps,
  { principal, batchId }: ChangeRequest,
  work: (tx: Db, batch: Batch) => Promise<void>,
): Promise<Batch> {
  return deps.store.write(async (tx) => {
    const { accountId } = await findOwnBatch(tx, deps, principal, batchId)
    await lockAccount(tx, accountId)
    await work(tx, await findOwnBatch(tx, deps, principal, batchId))
    announceChange(tx, deps, accountId)
    return findOwnBatch(tx, deps, principal, batchId)
  })
}

async function tell(
  tx: Db,
  deps: ChangeBatchDeps,
  { principal, batchId }: ChangeRequest,
  type: 'bulk.paused' | 'bulk.resumed',
): Promise<void> {
  const batch = await findOwnBatch(tx, deps, principal, batchId)
  const session = await deps.sessions.find(tx, batch.sessionId)
  await tellBatch(tx, deps, type, batch, { at: deps.clock.now(), session })
}

function hasEnded(batch: Batch): GatewayError {
  return new GatewayError('BULK_ENDED', {
    message: `The bulk has ended: it is ${batch.status}.`,
    details: { bulkId: batch.id, status: batch.status },
  })
}
