import { GatewayError } from '../core/errors.ts'
import { wakeLane } from '../lanes/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import type { Action } from './action.ts'
import { cancelBatchesOf } from './batch/plan-batches.ts'
import type { OutboxDeps } from './deps.ts'
import { endCanceled, endUnconfirmed } from './plan-turn.ts'
import { findAction, findQueued, findRunning } from './store.ts'
import { endQuietly } from './transition.ts'
import { announceChange } from './wait-for-change.ts'

type CancelDeps = Pick<OutboxDeps, 'store' | 'clock' | 'random' | 'sessions' | 'limits' | 'kinds' | 'signal'>

/** What one transaction ends of a queue; the lane ends the rest. */
const ENDS_AT_ONCE = 200

/**
 * Cancels a queued action for its user. Throws `ACTION_NOT_FOUND`, and `NOT_CANCELABLE` once it is running or has ended;
 * canceling twice is fine.
 */
export async function cancelAction(
  tx: Db,
  deps: CancelDeps,
  input: { actionId: string; userId: string },
): Promise<Action> {
  const seen = await findAction(tx, input.actionId)
  if (seen === null || seen.userId !== input.userId) throw new GatewayError('ACTION_NOT_FOUND')
  await lockAccount(tx, seen.accountId)
  const action = (await findAction(tx, input.actionId)) ?? seen
  if (action.status === 'canceled') return action
  if (action.status !== 'queued') {
    throw new GatewayError('NOT_CANCELABLE', {
      message: `It can no longer be canceled: it is ${action.status}.`,
      details: { actionId: action.id, status: action.status },
    })
  }
  announceChange(tx, deps, action.accountId)
  return endQuietly(tx, deps, action, {
    status: 'canceled',
    at: deps.clock.now(),
    cause: 'canceled_by_user',
    code: 'ACTION_CANCELED',
    reason: 'Canceled before its turn.',
  })
}

/**
 * For a session that ends for good, in the transaction that ends it: what is queued is canceled, what is uncertain stays
 * unknown for ever, what is under way right now settles by its answer. A long queue is ended in part here and for the
 * rest by its lane, which finds no live session any more.
 */
export async function cancelQueue(
  tx: Db,
  deps: CancelDeps,
  input: { sessionId: string; accountId: string; reason: 'session_ended' },
): Promise<void> {
  await lockAccount(tx, input.accountId)
  const now = deps.clock.now()
  const running = await findRunning(tx, input.accountId, ENDS_AT_ONCE)
  for (const action of running) {
    if (action.sessionId === input.sessionId && action.step !== 'attempt') await endUnconfirmed(tx, deps, action, now)
  }
  const queued = await findQueued(tx, input.accountId, ENDS_AT_ONCE)
  for (const action of queued) {
    if (action.sessionId === input.sessionId) await endCanceled(tx, deps, action, now)
  }
  announceChange(tx, deps, input.accountId)
  await cancelBatchesOf(tx, deps, { accountId: input.accountId, sessionId: input.sessionId, now })
  await wakeLane(tx, deps, { accountId: input.accountId, at: now })
}
