/** What is seen later of writes that nobody could tell the end of. */
import type { Db } from '../store/store.ts'
import type { Action } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import type { ActingSession } from './session-hooks.ts'
import { findRunning, findUnconfirmed } from './store.ts'
import { endAction } from './transition.ts'

/** Looked through for one page of a thread; older ones stay as they are. */
const UNCERTAIN_AT_MOST = 200

/** The account's actions whose write may have taken effect: those that are being read back, and those given up. */
export async function findUncertain(db: Db, accountId: string): Promise<Action[]> {
  const running = await findRunning(db, accountId, UNCERTAIN_AT_MOST)
  return [...running, ...(await findUnconfirmed(db, accountId, UNCERTAIN_AT_MOST))]
}

/**
 * An uncertain action did take effect: it was seen. One that is being read back is settled by it, one that ended as
 * unconfirmed is corrected, once. Call under the account's lock.
 */
export async function confirmSeen(
  tx: Db,
  deps: Pick<OutboxDeps, 'store' | 'kinds' | 'sessions' | 'random'>,
  input: {
    action: Action
    session: ActingSession
    at: number
    seen: { externalId: string; at: number; threadId: string }
  },
): Promise<void> {
  const { action, session, at, seen } = input
  const isCorrection = action.status === 'unconfirmed'
  await endAction(tx, deps, action, {
    status: 'succeeded',
    at,
    cause: isCorrection ? 'seen_later' : 'found',
    code: null,
    reason: null,
    externalId: seen.externalId,
    externalAt: seen.at,
    threadId: seen.threadId,
    ...(isCorrection ? { corrects: true as const } : {}),
    session,
  })
}
