import type { Action } from './action.ts'
import { isTerminal } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import { explainWait, mayEndBefore } from './explain-wait.ts'
import { findAction } from './store.ts'
import { type WaitDeps, waitForChange } from './wait-for-change.ts'

export type ActionWaitDeps = WaitDeps & Pick<OutboxDeps, 'sessions' | 'limits'>

/** Unless the caller says otherwise. */
export const DEFAULT_WAIT_MS = 5_000

/**
 * Waits until an action has ended and returns it, or as it stands when the wait is over. `preferredWaitMs` as the caller
 * asked; null = the default wait, which ends as soon as the action can no longer end within it.
 */
export async function waitForAction(
  deps: ActionWaitDeps,
  input: { actionId: string; accountId: string; preferredWaitMs: number | null },
): Promise<Action> {
  const { accountId, actionId, preferredWaitMs } = input
  const db = deps.store.read
  const ended = await waitForChange(deps, {
    accountId,
    waitMs: preferredWaitMs ?? DEFAULT_WAIT_MS,
    async look(leftMs) {
      const action = await requireAction()
      if (isTerminal(action.status)) return action
      if (preferredWaitMs !== null) return null
      const by = deps.clock.now() + leftMs
      if (mayEndBefore(await explainWait(db, deps, action), by)) return null
      // The two readings are no snapshot: an action that began between them was weighed against its own attempt.
      return (await requireAction()).status === action.status ? action : null
    },
  })
  return ended ?? requireAction()

  async function requireAction(): Promise<Action> {
    const action = await findAction(db, actionId)
    if (action === null) throw new Error(`action ${actionId} is gone`)
    return action
  }
}
