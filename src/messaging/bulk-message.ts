/**
 * The messages of a bulk. Ten thousand of them are accepted as actions only: the message and its conversation come to be
 * when its recipient was found. Until then, and for ever if it never gets that far, the message is what its action says;
 * both have the same id but for the prefix.
 */
import { type Action, findAction, isHalfAccepted } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import type { MessageDraft, MessagePayload, MessageTarget } from './content.ts'
import { placeNewMessage } from './conversation.ts'
import { type Message, parseMetadata } from './message.ts'
import { addMessage } from './store.ts'

/** What all messages of a bulk say; `shown` is what a message shows beyond what is sent. */
export type BulkPayload = MessagePayload & {
  shown: { ownUsername: string; content: string; mediaUrl: string | null; warnings: string[] }
}

export function bulkPayload({ payload, content, mediaUrl, warnings }: MessageDraft, ownUsername: string): BulkPayload {
  return { ...payload, shown: { ownUsername, content, mediaUrl, warnings } }
}

const MESSAGE_PREFIX = 'msg_'
const ACTION_PREFIX = 'act_'

function messageIdOf(actionId: string): string {
  return MESSAGE_PREFIX + actionId.slice(ACTION_PREFIX.length)
}

/** The target of one item. */
export function bulkTarget(username: string, actionId: string): MessageTarget {
  return { messageId: messageIdOf(actionId), username, platformId: null, threadId: null }
}

/** The message that an action of a bulk stands for, as long as it has no row of its own. */
export function messageOf(action: Action): Message {
  // Both were written by the acceptance of the bulk.
  const { messageId, username } = JSON.parse(action.target) as MessageTarget
  const { type, shown } = JSON.parse(action.payload) as BulkPayload
  return {
    id: messageId,
    userId: action.userId,
    sessionId: action.sessionId,
    accountId: action.accountId,
    conversationId: `conv_${shown.ownUsername}_${username}`,
    actionId: action.id,
    unsendActionId: null,
    externalId: null,
    senderId: action.userId,
    senderUsername: shown.ownUsername,
    recipientId: `user_${username}`,
    recipientUsername: username,
    content: shown.content,
    messageType: type,
    mediaUrl: shown.mediaUrl,
    metadata: parseMetadata(shown.content),
    direction: 'out',
    status: action.status,
    readAt: null,
    hiddenAt: null,
    timestamp: action.acceptedAt,
    origin: 'api',
  }
}

/** Null when the id is of no message of a bulk, or of one that has its own row. */
export async function findBulkMessage(db: Db, messageId: string): Promise<Message | null> {
  if (!messageId.startsWith(MESSAGE_PREFIX)) return null
  const action = await findAction(db, ACTION_PREFIX + messageId.slice(MESSAGE_PREFIX.length))
  if (action === null || action.batchId === null || (await isHalfAccepted(db, action))) return null
  const { messageId: own } = JSON.parse(action.target) as Partial<MessageTarget>
  return own === messageId ? messageOf(action) : null
}

/** Gives a message of a bulk its row, in the conversation with the name that it was addressed to. */
export async function materialize(tx: Db, action: Action, now: number): Promise<Message> {
  const pending = messageOf(action)
  const { userId, accountId, id: messageId } = pending
  const sides = { userId, accountId, ownUsername: pending.senderUsername, otherUsername: pending.recipientUsername }
  const { conversation, no } = await placeNewMessage(tx, sides, { messageId, at: now })
  const message: Message = { ...pending, conversationId: conversation.id, status: 'queued' }
  await addMessage(tx, { message, no })
  return message
}
