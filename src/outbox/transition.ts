import type { Db } from '../store/store.ts'
import { type Action, type ActionStatus, mayBecome, type Settlement } from './action.ts'
import { settleBatchOf } from './batch/settle-batch.ts'
import { moveCount } from './batch/store.ts'
import type { Decision } from './decide.ts'
import type { OutboxDeps } from './deps.ts'
import type { ActingSession } from './session-hooks.ts'
import { insertTimeline, saveAction } from './store.ts'

type EndDeps = Pick<OutboxDeps, 'store' | 'kinds' | 'sessions' | 'random'>

/** Writes one change of an action with its timeline row. The caller holds the account's lock and read `before` under it. */
export async function changeAction(
  tx: Db,
  before: Action,
  change: Partial<Action> & { status: ActionStatus },
  input: { at: number; cause: string },
): Promise<Action> {
  const after: Action = { ...before, ...change }
  if (!mayBecome(before.status, after.status)) {
    throw new Error(`action ${before.id}: ${before.status} cannot become ${after.status}`)
  }
  await saveAction(tx, after, before.status)
  if (after.batchId !== null) await moveCount(tx, { batchId: after.batchId, from: before.status, to: after.status })
  await insertTimeline(tx, {
    actionId: after.id,
    at: input.at,
    from: before.status,
    to: after.status,
    cause: input.cause,
    waitingFor: after.waitingFor === null ? null : JSON.stringify(after.waitingFor),
  })
  return after
}

/** Ends an action and tells the feature that it belongs to, whose event comes last. */
export async function endAction(
  tx: Db,
  deps: EndDeps,
  before: Action,
  input: Omit<Settlement, 'at'> & { at: number; cause: string; session?: ActingSession },
): Promise<Action> {
  const { cause, session: given, ...settlement } = input
  const after = await changeAction(
    tx,
    before,
    {
      status: settlement.status,
      step: null,
      externalId: settlement.externalId,
      code: settlement.code,
      reason: settlement.reason,
      waitingFor: null,
      settledAt: settlement.at,
    },
    { at: settlement.at, cause },
  )
  const session = given?.id === before.sessionId ? given : await deps.sessions.find(tx, before.sessionId)
  const kind = deps.kinds.get(after.kind)
  // A session outlives its actions' ends: it is swept only long after its queue was canceled.
  if (kind !== undefined && session !== null) await kind.settled(tx, after, settlement, session)
  if (after.batchId !== null) await settleBatchOf(tx, deps, { batchId: after.batchId, at: settlement.at, session })
  return after
}

/** An end without anything from Instagram. */
export async function endQuietly(
  tx: Db,
  deps: EndDeps,
  before: Action,
  input: {
    status: Settlement['status']
    at: number
    cause: string
    code: string | null
    reason: string | null
    session?: ActingSession
  },
): Promise<Action> {
  return endAction(tx, deps, before, { ...input, externalId: null, externalAt: null, threadId: null })
}

/** Carries out what an answer means for its action. */
export async function applyDecision(
  tx: Db,
  deps: EndDeps,
  before: Action,
  decision: Decision,
  input: { at: number; session: ActingSession },
): Promise<void> {
  if ('dueAt' in decision) {
    const { to, cause, ...waits } = decision
    await changeAction(tx, before, { ...waits, status: to }, { at: input.at, cause })
    return
  }
  await endAction(tx, deps, before, {
    status: decision.to,
    at: input.at,
    cause: decision.cause,
    code: decision.code,
    reason: decision.reason,
    externalId: decision.external?.id ?? null,
    externalAt: decision.external?.at ?? null,
    threadId: decision.external?.threadId ?? null,
    session: input.session,
  })
}
