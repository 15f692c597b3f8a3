import type { Answer, PreferredWaitMs, Principal, Receipt } from '../http/route.ts'
import {
  type ActingSession,
  acceptBatchAndWait,
  answerBatchAgain,
  type Batch,
  type BatchDraft,
  findActingSession,
  isBatchSettled,
  listItems,
  type PlannedItem,
  planDryRun,
  type RunDeps,
  toItems,
  viewItem,
  viewWithForecast,
} from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import {
  type EngagementKind,
  type EngagementPayload,
  type EngagementTarget,
  KIND_RULES,
  parseContent,
  parseTargets,
} from './engagement.ts'

export interface EngageBulkInput {
  sessionId: string
  kind: EngagementKind
  targets: string[]
  content?: string
  delay?: number
  dryRun?: boolean
}

interface EngageBulkRequest {
  principal: Principal
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  input: EngageBulkInput
}

/** Items that an answer lists; the rest is read by page. */
const LISTED_MAX = 100

/**
 * Accepts one act on many targets, whole or not at all, and answers with its end, or after the wait with how it stands.
 * Throws `VALIDATION_ERROR`, `SESSION_NOT_FOUND`, `SESSION_NOT_ACTIVE`, `NOT_SUPPORTED`.
 */
export async function engageBulk(deps: RunDeps, request: EngageBulkRequest): Promise<Answer> {
  const { principal, receipt, preferredWaitMs, input } = request
  const { kind } = input
  const targets = parseTargets(KIND_RULES[kind].target, input.targets)
  const payload: EngagementPayload = { content: parseContent(kind, input.content) }
  const session = await findActingSession(deps.store.read, deps, principal, input.sessionId)
  const ids = targets.map(({ id }) => id)
  const draft: BatchDraft = {
    sessionId: session.id,
    kind,
    payload: JSON.stringify(payload),
    gapMs: input.delay ?? 0,
    items: toItems(ids, new Set()),
    targetOf: (index: number) => JSON.stringify(targets[index]),
  }
  if (input.dryRun === true) return answerDryRun(deps, { session, draft, targets })
  return acceptBatchAndWait(deps, { principal, receipt, preferredWaitMs, draft, answer: answerBulk(deps) })
}

/** What would happen now, target by target; writes nothing and asks Instagram nothing. */
async function answerDryRun(
  deps: RunDeps,
  { session, draft, targets }: { session: ActingSession; draft: BatchDraft; targets: readonly EngagementTarget[] },
): Promise<Answer> {
  const { plan, items } = await planDryRun(deps.store.read, deps, { session, draft })
  const planned = targets.map(({ given }, index) => ({ target: given, ...(items[index] as PlannedItem) }))
  const message = `Dry run: ${plan.wouldSend} of ${plan.total} would be done`
  return { status: 200, message, data: { ...plan, targets: planned } }
}

/** The answer of a request whose own one was lost, from its bulk. */
export function answerBulkAgain(deps: RunDeps, principal: Principal, batchId: string): Promise<Answer> {
  return answerBatchAgain(deps, { principal, batchId, answer: answerBulk(deps) })
}

function answerBulk(deps: RunDeps) {
  return async (batch: Batch, db: Db): Promise<Answer> => {
    const view = await viewWithForecast(db, deps, batch)
    const items = await listItems(db, { batchId: batch.id, afterOrd: 0, limit: LISTED_MAX })
    const shown = items.map((item) => viewItem(deps.kinds, { ...item, payload: batch.payload }))
    const data = { ...view, actions: shown }
    const { sent, failed, queued } = view
    if (isBatchSettled(batch)) return { status: 200, message: `Bulk completed: ${sent} done, ${failed} failed`, data }
    return { status: 202, message: `Bulk accepted: ${sent} done, ${failed} failed, ${queued} queued`, data }
  }
}
