import type { CallOptions, Outcome, ReadResult, Thread } from '../connectors/connector.ts'
import { type AppendDeps, appendEvent, type EventType } from '../events/index.ts'
import type { ActingSession, Action, ActionKind, Finding, Settlement, TurnContext } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { findMessage, hideMessage } from './store.ts'

export const UNSEND_KIND = 'unsend'

/** Which item of whose thread, as the message knew it at acceptance. */
export interface UnsendTarget {
  messageId: string
  itemId: string
  sentAt: number
  recipientId: string
}

/** What `resolve` finds where the conversation did not know it. */
export interface UnsendThread {
  threadId: string
}

/** Taking an own message back. Doing it twice is doing it once. */
export function createUnsendKind(deps: AppendDeps): ActionKind {
  return {
    name: UNSEND_KIND,
    capability: 'unsend',
    resolve: findThread,
    operation: unsend,
    evidence: { type: 'readback', read: lookForItem },
    describe: (action) => ({ messageId: targetOf(action).messageId }),
    settled: (tx, action, settlement, session) => settleUnsend(tx, deps, { action, settlement, session }),
  }
}

async function findThread(context: TurnContext, call: CallOptions): Promise<ReadResult<string>> {
  const { connector, access, action } = context
  const result = await connector.readThreadWith(access, { recipientId: targetOf(action).recipientId }, call)
  if (result.type !== 'ok') return result
  if (result.value === null) return { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'The conversation is gone.' }
  const thread: UnsendThread = { threadId: result.value.threadId }
  return { type: 'ok', value: JSON.stringify(thread) }
}

function unsend({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  return connector.unsend(access, { threadId: threadOf(action), itemId: targetOf(action).itemId }, call)
}

/** Gone from a page that reaches back to it = taken back. Otherwise again, which is harmless. */
async function lookForItem(context: TurnContext, call: CallOptions): Promise<ReadResult<Finding>> {
  const { connector, access, action } = context
  const { itemId, sentAt } = targetOf(action)
  const threadId = threadOf(action)
  const result = await connector.readThread(access, { threadId, cursor: null }, call)
  if (result.type !== 'ok') return result
  const isGone = reachesBackTo(result.value, sentAt) && !result.value.items.some((item) => item.itemId === itemId)
  const finding: Finding = isGone ? { type: 'there', externalId: itemId, at: null, threadId } : { type: 'absent' }
  return { type: 'ok', value: finding }
}

function reachesBackTo(thread: Thread, at: number): boolean {
  return thread.olderCursor === null || thread.items.some((item) => item.at < at)
}

const EVENT_OF_STATUS: Readonly<Record<Settlement['status'], EventType>> = {
  succeeded: 'message.deleted',
  failed: 'action.failed',
  unconfirmed: 'action.unconfirmed',
  canceled: 'action.canceled',
  expired: 'action.expired',
  skipped: 'action.skipped',
}

async function settleUnsend(
  tx: Db,
  deps: AppendDeps,
  { action, settlement, session }: { action: Action; settlement: Settlement; session: ActingSession },
): Promise<void> {
  const { messageId } = targetOf(action)
  const { status, at, code, reason } = settlement
  const message = await findMessage(tx, messageId)
  if (message !== null && status === 'succeeded') {
    // The inbox showed it to be gone before its own answer did, and that was told.
    if (message.hiddenAt !== null) return
    await hideMessage(tx, { id: messageId, at })
  }
  await appendEvent(tx, deps, {
    userId: action.userId,
    type: EVENT_OF_STATUS[status],
    at,
    sessionId: action.sessionId,
    username: session.username,
    data: {
      actionId: action.id,
      kind: UNSEND_KIND,
      messageId,
      ...(message === null ? {} : { conversationId: message.conversationId }),
      ...(status === 'succeeded' ? { how: 'unsent' } : { code, reason }),
    },
  })
}

function targetOf(action: Action): UnsendTarget {
  return JSON.parse(action.target) as UnsendTarget
}

function threadOf(action: Action): string {
  if (action.resolved === null) throw new Error(`action ${action.id}: the thread was not found yet`)
  return (JSON.parse(action.resolved) as UnsendThread).threadId
}
