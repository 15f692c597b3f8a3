import type { CallOptions, Outcome, ReadResult } from '../connectors/connector.ts'
import { type AppendDeps, appendEvent, type EventType } from '../events/index.ts'
import type { Action, ActionKind, Finding, Settlement, TurnContext } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { materialize, messageOf } from './bulk-message.ts'
import type { MessagePayload, MessageTarget } from './content.ts'
import { newConversation } from './conversation.ts'
import { type Message, viewMessage } from './message.ts'
import { type MediaDeps, type MessageRecipient, owesUpload, prepareMedia } from './prepare-media.ts'
import {
  type Conversation,
  findConversation,
  findConversationWithPerson,
  findMessage,
  moveToConversation,
  removeIfEmpty,
  savePerson,
  saveRecipient,
  saveSettled,
  tieThread,
  touchConversation,
} from './store.ts'

export const MESSAGE_KIND = 'message'

/**
 * Sending a message: look the name up, upload what it carries, send with the action's token, and after a lost answer look
 * for that token.
 */
export function createMessageKind(deps: AppendDeps & MediaDeps): ActionKind {
  return {
    name: MESSAGE_KIND,
    capability: 'send_text',
    resolve: findRecipient,
    prepare: { isOwed: owesUpload, run: (context, call) => prepareMedia(deps, context, call) },
    operation: send,
    evidence: { type: 'readback', read: findInThread },
    addressee: ({ target, resolved }) => ({
      platformId: resolved === null ? null : (JSON.parse(resolved) as MessageRecipient).platformId,
      username: (JSON.parse(target) as MessageTarget).username,
    }),
    describe: describeMessage,
    resolved: placeMessage,
    settled: (tx, action, settlement) => settleMessage(tx, deps, action, settlement),
  }
}

function describeMessage(action: Action): Record<string, unknown> {
  const { messageId, username } = targetOf(action)
  return { messageId, recipientUsername: username }
}

async function findRecipient(context: TurnContext, call: CallOptions): Promise<ReadResult<string>> {
  const { username } = targetOf(context.action)
  const result = await context.connector.lookUpUser(context.access, { username }, call)
  if (result.type === 'refused') return { ...result, code: 'UNKNOWN_RECIPIENT' }
  if (result.type !== 'ok') return result
  const recipient: MessageRecipient = { platformId: result.value.platformId }
  return { type: 'ok', value: JSON.stringify(recipient) }
}

function send(context: TurnContext, call: CallOptions): Promise<Outcome> {
  const { connector, access, action } = context
  const payload = JSON.parse(action.payload) as MessagePayload
  const { platformId, threadId, uploadId } = recipientOf(action)
  const to = threadId === null ? { recipientId: platformId } : { threadId }
  const { replyTo } = payload
  const message = { to, clientToken: action.clientToken, ...(replyTo === undefined ? {} : { replyTo }) }
  switch (payload.type) {
    case 'link':
      return connector.sendLink(access, { ...message, text: payload.text, urls: payload.urls }, call)
    case 'like':
      return connector.sendLike(access, message, call)
    case 'image':
    case 'video':
    case 'voice':
      if (uploadId === undefined) throw new Error(`action ${action.id}: its media is not uploaded`)
      return connector.sendMedia(access, { ...message, kind: payload.type, uploadId }, call)
    default:
      return connector.sendText(access, { ...message, text: payload.text }, call)
  }
}

/** Not on the newest page counts as absent: the same token is sent again, which makes no second message. */
async function findInThread(context: TurnContext, call: CallOptions): Promise<ReadResult<Finding>> {
  const { connector, access, action } = context
  const { platformId, threadId } = recipientOf(action)
  const result =
    threadId === null
      ? await connector.readThreadWith(access, { recipientId: platformId }, call)
      : await connector.readThread(access, { threadId, cursor: null }, call)
  if (result.type !== 'ok') return result
  const item = result.value?.items.find((candidate) => candidate.clientToken === action.clientToken)
  if (item === undefined || result.value === null) return { type: 'ok', value: { type: 'absent' } }
  const { threadId: foundIn } = result.value
  return { type: 'ok', value: { type: 'there', externalId: item.itemId, at: item.at, threadId: foundIn } }
}

/**
 * Puts the message where its recipient belongs: a person is known by Instagram's id, so one who took a new name keeps
 * the conversation, and one who took over another's name gets their own.
 */
async function placeMessage(tx: Db, action: Action, now: number): Promise<void> {
  const known = await findMessage(tx, targetOf(action).messageId)
  if (known === null && action.batchId === null) return
  const message = known ?? (await materialize(tx, action, now))
  const { platformId } = recipientOf(action)
  const { userId, accountId, recipientUsername: username } = message
  const named = await findConversation(tx, userId, message.conversationId)
  if (named === null) return
  const conversation = await conversationOf(tx, named, platformId, message)
  await savePerson(tx, { userId, id: conversation.id, platformId, username, at: now })
  await saveRecipient(tx, { id: message.id, recipientId: platformId })
  if (conversation.id !== named.id) {
    const no = conversation.lastNo + 1
    await moveToConversation(tx, { id: message.id, conversationId: conversation.id, no })
    const at = Math.max(message.timestamp, conversation.lastMessageAt)
    await touchConversation(tx, { userId, id: conversation.id, messageId: message.id, at, no })
    await removeIfEmpty(tx, { userId, id: named.id })
  }

  async function conversationOf(db: Db, current: Conversation, person: string, of: Message): Promise<Conversation> {
    if (current.otherPlatformId === person) return current
    const theirs = await findConversationWithPerson(db, { userId, accountId, platformId: person })
    if (theirs !== null) return theirs
    if (current.otherPlatformId === null) return current
    const sides = { userId, accountId, ownUsername: current.ownUsername, otherUsername: username }
    return newConversation(db, sides, { messageId: of.id, at: of.timestamp })
  }
}

const EVENT_OF_STATUS: Record<Settlement['status'], EventType> = {
  succeeded: 'message.sent',
  failed: 'message.failed',
  unconfirmed: 'message.unconfirmed',
  canceled: 'message.canceled',
  expired: 'message.canceled',
  skipped: 'message.canceled',
}

async function settleMessage(tx: Db, deps: AppendDeps, action: Action, settlement: Settlement): Promise<void> {
  const known = await findMessage(tx, targetOf(action).messageId)
  if (known === null && action.batchId === null) return
  const before = known ?? messageOf(action)
  const message: Message = {
    ...before,
    status: settlement.status,
    externalId: settlement.externalId,
    // Acceptance's instant until Instagram says its own.
    timestamp: settlement.externalAt ?? before.timestamp,
  }
  // One of a bulk that never came to its recipient has no row: its action keeps its end.
  if (known !== null) await saveSettled(tx, known, message)
  const { userId, accountId, conversationId: id } = message
  const { threadId } = settlement
  // What was sent to the conversation's own thread has nothing to tie.
  if (known !== null && threadId !== null && threadId !== targetOf(action).threadId)
    await tieThread(tx, { userId, accountId, id, threadId })
  await appendEvent(tx, deps, {
    userId,
    type: EVENT_OF_STATUS[settlement.status],
    at: settlement.at,
    sessionId: message.sessionId,
    username: message.senderUsername,
    data: {
      ...viewMessage(message),
      ...(settlement.corrects === true ? { corrects: 'unconfirmed' } : {}),
      ...(settlement.code === null ? {} : { code: settlement.code }),
      ...(settlement.reason === null ? {} : { reason: settlement.reason }),
      ...(action.causedBy === null ? {} : { causedBy: action.causedBy }),
    },
  })
}

function targetOf(action: Action): MessageTarget {
  return JSON.parse(action.target) as MessageTarget
}

/** Who it goes to, and their thread where the conversation knew it for this very person. */
function recipientOf(action: Action): MessageRecipient & { threadId: string | null } {
  if (action.resolved === null) throw new Error(`action ${action.id}: the recipient was not found yet`)
  const recipient = JSON.parse(action.resolved) as MessageRecipient
  const { platformId } = recipient
  const target = targetOf(action)
  return { ...recipient, threadId: target.platformId === platformId ? target.threadId : null }
}
