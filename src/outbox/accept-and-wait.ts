import { crashPoint } from '../core/crash-point.ts'
import { newId } from '../core/ids.ts'
import { preferenceApplied } from '../http/prefer.ts'
import type { Answer, PreferredWaitMs, Principal, Receipt } from '../http/route.ts'
import type { Db } from '../store/store.ts'
import type { AcceptedAction } from './accept-action.ts'
import type { Action } from './action.ts'
import { answerAction } from './answer-action.ts'
import type { OutboxDeps } from './deps.ts'
import { findOwnAction } from './find-own-action.ts'
import { findAction } from './store.ts'
import { type ActionWaitDeps, DEFAULT_WAIT_MS, waitForAction } from './wait-for-action.ts'

export type RunDeps = OutboxDeps & ActionWaitDeps

/** How an API shows an answer that is no refusal; `db` is the transaction of the acceptance where nothing is waited for. */
export type PresentAction = (db: Db, action: Action, answer: Answer) => Promise<Answer>

export interface RunRequest {
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  /** The sentence of a success. */
  done: string
  /** Left out = as the v2 API shows it. */
  present?: PresentAction
  /** The caller's part of the transaction: finds the session and accepts the action under `actionId`. */
  accept(tx: Db, actionId: string): Promise<{ accepted: AcceptedAction; accountId: string }>
}

/**
 * Accepts an action and answers with its end, or after the wait with how it stands. An answer that is known at acceptance
 * is stored in its transaction; one that is waited for is stored by the shell after it was sent, and until then the
 * record of the idempotency key names the action.
 */
export async function acceptAndWait(deps: RunDeps, request: RunRequest): Promise<Answer> {
  const { receipt, preferredWaitMs, done, present = asItIs } = request
  const headers = preferenceApplied(preferredWaitMs)
  const waitMs = preferredWaitMs ?? DEFAULT_WAIT_MS
  const { accepted, accountId, answer } = await deps.store.write(async (tx) => {
    const actionId = newId('act', deps.clock.now(), deps.random)
    await receipt.claim(tx, waitMs === 0 ? {} : { answerWithinMs: waitMs, actionId })
    const taken = await request.accept(tx, actionId)
    if (waitMs > 0) return { ...taken, answer: null }
    const action = await findAction(tx, actionId)
    if (action === null) throw new Error(`action ${actionId} was not accepted`)
    const asAccepted = { action, done, headers, scheduledFor: taken.accepted.scheduledFor }
    const known = await present(tx, action, await answerAction(deps, asAccepted, tx))
    await receipt.answer(tx, known)
    return { ...taken, answer: known }
  })
  crashPoint('after-accept')
  if (answer !== null) return answer
  const action = await waitForAction(deps, { actionId: accepted.actionId, accountId, preferredWaitMs })
  const known = await answerAction(deps, { action, done, headers, scheduledFor: accepted.scheduledFor })
  return present(deps.store.read, action, known)
}

/** The answer of a request whose own one was lost, from its action. Throws the refusal that the action's end means. */
export async function answerAgain(
  deps: RunDeps,
  request: { principal: Principal; actionId: string; done: string; present?: PresentAction },
): Promise<Answer> {
  const { principal, actionId, done, present = asItIs } = request
  const action = await findOwnAction(deps.store.read, deps, principal, actionId)
  return present(deps.store.read, action, await answerAction(deps, { action, done, headers: {} }))
}

const asItIs: PresentAction = async (_db, _action, answer) => answer
