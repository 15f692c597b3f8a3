import type { AppendDeps } from '../../events/index.ts'
/** What a lane's plan does about bulks; all of it under the account's lock. */
import type { Db } from '../../store/store.ts'
import type { Action } from '../action.ts'
import type { OutboxDeps } from '../deps.ts'
import type { ActingSession } from '../session-hooks.ts'
import { endQuietly } from '../transition.ts'
import { isSettled } from './batch.ts'
import { settleBatchOf, tellBatch } from './settle-batch.ts'
import { changeStatus, findBatch, findBatchHeads, findEnding, findQueuedItems, findUnfinished } from './store.ts'

type EndDeps = Pick<OutboxDeps, 'store' | 'kinds' | 'sessions' | 'random'>

/** Items whose ends are written in one transaction. */
const ENDS_AT_ONCE = 50
const BATCHES_AT_ONCE = 50

/**
 * The head of every running bulk that is not waiting out its own gap; `waitUntil` is told when a gap ends. Reads one row a
 * bulk, whatever waits in it.
 */
export async function findDueHeads(
  tx: Db,
  input: { accountId: string; now: number; waitUntil(at: number): void },
): Promise<Action[]> {
  const due: Action[] = []
  for (const { action, nextAt } of await findBatchHeads(tx, input.accountId)) {
    if (nextAt <= input.now) due.push(action)
    else input.waitUntil(nextAt)
  }
  return due
}

/**
 * Cancels some of what canceled bulks of the account still have queued, be it that the canceling was interrupted or that
 * an item came back to the queue; false = there was nothing to do.
 */
export async function endCanceledItems(
  tx: Db,
  deps: EndDeps,
  input: { accountId: string; now: number; liveSessionId: string | null },
): Promise<boolean> {
  const batchId = await findEnding(tx, input.accountId)
  if (batchId === null) return false
  for (const item of await findQueuedItems(tx, batchId, ENDS_AT_ONCE)) {
    const why = item.sessionId === input.liveSessionId ? BULK_CANCELED : SESSION_ENDED
    await endQuietly(tx, deps, item, { status: 'canceled', at: input.now, code: 'ACTION_CANCELED', ...why })
  }
  return true
}

const BULK_CANCELED = { cause: 'bulk_canceled', reason: 'Its bulk was canceled.' }
const SESSION_ENDED = { cause: 'session_ended', reason: 'Its session ended.' }

/** A bulk of the account ends with its session; false = none is left. */
export async function cancelBatchesOf(
  tx: Db,
  deps: EndDeps,
  input: { accountId: string; sessionId: string | null; now: number },
): Promise<boolean> {
  const unfinished = await findUnfinished(tx, input.accountId, BATCHES_AT_ONCE)
  const ended = unfinished.filter(({ sessionId }) => input.sessionId === null || sessionId === input.sessionId)
  for (const batch of ended) {
    const session = await deps.sessions.find(tx, batch.sessionId)
    await cancelBatch(tx, deps, { batchId: batch.id, now: input.now, session })
  }
  return ended.length > 0
}

/** From now on nothing more of it is begun. What is queued is canceled after this, in parts. False = it had ended. */
export async function cancelBatch(
  tx: Db,
  deps: AppendDeps,
  input: { batchId: string; now: number; session: ActingSession | null },
): Promise<boolean> {
  const { batchId, now: at, session } = input
  if (!(await changeStatus(tx, { id: batchId, from: ['running', 'paused'], to: 'canceled' }))) return false
  const batch = await findBatch(tx, batchId)
  if (batch === null) return false
  if (isSettled(batch)) await settleBatchOf(tx, deps, { batchId, at, session })
  await tellBatch(tx, deps, 'bulk.canceled', batch, { at, session })
  return true
}
