import type { Answer, PreferredWaitMs, Principal, Receipt } from '../http/route.ts'
import {
  type ActingSession,
  type Action,
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
  viewWithForecast,
} from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { type BulkPayload, bulkPayload, bulkTarget, messageOf } from './bulk-message.ts'
import { CAPABILITY_OF_TYPE, type MessageDraft, parseDraft } from './content.ts'
import { type MessageType, parseRecipients } from './message.ts'
import { MESSAGE_KIND } from './message-kind.ts'

export interface BulkDeps extends RunDeps {
  /** Which of some names must not be written to. */
  findSuppressedNames(
    db: Db,
    input: { userId: string; accountId: string; usernames: readonly string[] },
  ): Promise<ReadonlySet<string>>
}

export interface SendBulkInput {
  sessionId: string
  recipients: string[]
  content?: string
  messageType?: MessageType
  mediaUrl?: string
  delayBetweenMessages?: number
  dryRun?: boolean
}

/** Messages that an answer lists; the rest is read by page. */
const LISTED_MAX = 100

interface BulkRequest {
  principal: Principal
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  input: SendBulkInput
}

/**
 * Accepts one message to many, whole or not at all, and answers with its end, or after the wait with how it stands.
 * Throws `VALIDATION_ERROR`, `SESSION_NOT_FOUND`, `SESSION_NOT_ACTIVE`, `NOT_SUPPORTED`.
 */
export async function sendBulk(deps: BulkDeps, request: BulkRequest): Promise<Answer> {
  const { principal, receipt, preferredWaitMs, input } = request
  const message = parseDraft(input)
  const usernames = parseRecipients(input.recipients)
  const db = deps.store.read
  const session = await findActingSession(db, deps, principal, input.sessionId)
  const { userId, accountId } = session
  const suppressed = await deps.findSuppressedNames(db, { userId, accountId, usernames })
  const draft: BatchDraft = {
    sessionId: session.id,
    kind: MESSAGE_KIND,
    capability: CAPABILITY_OF_TYPE[message.type],
    payload: JSON.stringify(bulkPayload(message, session.username)),
    gapMs: input.delayBetweenMessages ?? 0,
    items: toItems(usernames, suppressed),
    targetOf: (index, actionId) => JSON.stringify(bulkTarget(usernames[index] as string, actionId)),
  }
  if (input.dryRun === true) return answerDryRun(deps, { session, draft, message })
  return acceptBatchAndWait(deps, { principal, receipt, preferredWaitMs, draft, answer: answerBulk(deps) })
}

/** The answer of a request whose own one was lost, from its bulk. */
export function answerBulkAgain(deps: BulkDeps, principal: Principal, batchId: string): Promise<Answer> {
  return answerBatchAgain(deps, { principal, batchId, answer: answerBulk(deps) })
}

function answerBulk(deps: BulkDeps) {
  return async (batch: Batch, db: Db): Promise<Answer> => {
    const view = await viewWithForecast(db, deps, batch)
    const items = await listItems(db, { batchId: batch.id, afterOrd: 0, limit: LISTED_MAX })
    const { warnings } = (JSON.parse(batch.payload) as BulkPayload).shown
    const data = {
      ...view,
      messages: items.map((item) => viewItem({ ...item, payload: batch.payload })),
      ...(warnings.length === 0 ? {} : { warnings }),
    }
    const { sent, failed, queued } = view
    if (isBatchSettled(batch)) {
      return { status: 200, message: `Bulk message completed: ${sent} sent, ${failed} failed`, data }
    }
    return { status: 202, message: `Bulk message accepted: ${sent} sent, ${failed} failed, ${queued} queued`, data }
  }
}

function viewItem(item: Action) {
  const { id, recipientUsername, content, status } = messageOf(item)
  return {
    id,
    recipientUsername,
    content,
    status,
    actionId: item.id,
    ...(item.code === null ? {} : { code: item.code }),
    ...(item.reason === null ? {} : { reason: item.reason }),
  }
}

/** What would happen now, recipient by recipient; writes nothing. */
async function answerDryRun(
  deps: BulkDeps,
  { session, draft, message }: { session: ActingSession; draft: BatchDraft; message: MessageDraft },
): Promise<Answer> {
  const { plan, items } = await planDryRun(deps.store.read, deps, { session, draft })
  const recipients = draft.items.map(({ key }, index) => ({ recipientUsername: key, ...(items[index] as PlannedItem) }))
  const data = { ...plan, recipients, ...(message.warnings.length === 0 ? {} : { warnings: message.warnings }) }
  return { status: 200, message: `Dry run: ${plan.wouldSend} of ${plan.total} would be sent`, data }
}
