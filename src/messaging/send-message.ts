import { crashPoint } from '../core/crash-point.ts'
import { GatewayError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parseInstant } from '../core/instant.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import {
  type AcceptDeps,
  type AcceptedAction,
  type ActingSession,
  acceptAction,
  CLASS_PERSON,
  type OnLimit,
  type SessionHooks,
} from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db, Store } from '../store/store.ts'
import { CAPABILITY_OF_TYPE, type MessageDraft, type MessageTarget, parseDraft } from './content.ts'
import { openConversation } from './conversation.ts'
import { type Message, type MessageType, parseMetadata, parseRecipient, viewMessage } from './message.ts'
import { MESSAGE_KIND } from './message-kind.ts'
import type { MessageRecipient } from './prepare-media.ts'
import { addMessage, type Conversation, touchConversation } from './store.ts'

export interface SendDeps extends AcceptDeps {
  store: Store
  sessions: Pick<SessionHooks, 'find'>
}

export interface SendMessageInput {
  sessionId: string
  recipientUsername: string
  content?: string
  messageType?: MessageType
  mediaUrl?: string
  /** RFC 3339. */
  sendAt?: string
  expiresAt?: string
  onLimit?: OnLimit
  override?: boolean
  replyTo?: string
}

/** A name that Instagram gave away is blocked for two weeks, so within a day it still means the same person. */
const NAME_HOLDS_MS = 86_400_000

/**
 * Accepts a message: one transaction for the idempotency key, the action, the conversation and the message, and the
 * stored answer. It is sent later, by the account's lane.
 */
export async function sendMessage(
  deps: SendDeps,
  request: { principal: Principal; receipt: Receipt; input: SendMessageInput },
): Promise<Answer> {
  const { principal, receipt, input } = request
  const draft = parseSendDraft(input, deps.clock.now())
  const answer = await deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const session = await findOwnSession(tx, deps, principal, input.sessionId)
    const { message, accepted } = await accept(tx, deps, { session, draft, acceptedBy: principal.userId })
    const answer = answerAccepted(message, accepted, draft)
    await receipt.answer(tx, answer)
    return answer
  })
  crashPoint('after-accept')
  return answer
}

interface SendDraft extends MessageDraft {
  recipient: string
  sendAt: number | null
  expiresAt: number | null
  onLimit: OnLimit | null
}

function parseSendDraft(input: SendMessageInput, now: number): SendDraft {
  const recipient = parseRecipient(input.recipientUsername)
  const draft = parseDraft(input)
  if (input.replyTo !== undefined) {
    throw new GatewayError('NOT_SUPPORTED', { message: 'The connector cannot answer one message in particular.' })
  }
  const sendAt = parseInstant('sendAt', input.sendAt, now)
  const expiresAt = parseInstant('expiresAt', input.expiresAt, Math.max(now, sendAt ?? 0))
  return { ...draft, recipient, sendAt, expiresAt, onLimit: input.onLimit ?? null }
}

/** The same refusal for a session of somebody else as for one that does not exist. */
async function findOwnSession(tx: Db, deps: SendDeps, principal: Principal, sessionId: string): Promise<ActingSession> {
  const session = await deps.sessions.find(tx, sessionId)
  if (session === null || session.userId !== principal.userId || !maySeeSession(principal, session)) {
    throw new GatewayError('SESSION_NOT_FOUND')
  }
  return session
}

async function accept(
  tx: Db,
  deps: SendDeps,
  { session, draft, acceptedBy }: { session: ActingSession; draft: SendDraft; acceptedBy: string },
): Promise<{ message: Message; accepted: AcceptedAction }> {
  const { userId, accountId, username: ownUsername } = session
  const now = deps.clock.now()
  const lane = await lockAccount(tx, accountId)
  const messageId = newId('msg', now, deps.random)
  const sides = { userId, accountId, ownUsername, otherUsername: draft.recipient }
  const { conversation, isNew } = await openConversation(tx, sides, { messageId, at: now })
  if (!isNew) await touchConversation(tx, { userId, id: conversation.id, messageId, at: now })

  const target: MessageTarget = {
    messageId,
    username: draft.recipient,
    platformId: conversation.otherPlatformId,
    threadId: conversation.threadId,
  }
  const accepted = await acceptAction(tx, deps, {
    lane,
    session,
    kind: MESSAGE_KIND,
    capability: CAPABILITY_OF_TYPE[draft.type],
    class: CLASS_PERSON,
    target: JSON.stringify(target),
    payload: JSON.stringify(draft.payload),
    resolved: knownRecipient(conversation, now),
    onLimit: draft.onLimit,
    fallback: 'queue',
    sendAt: draft.sendAt,
    expiresAt: draft.expiresAt,
    acceptedBy,
  })
  const message: Message = {
    id: messageId,
    userId,
    sessionId: session.id,
    accountId,
    conversationId: conversation.id,
    actionId: accepted.actionId,
    unsendActionId: null,
    externalId: null,
    senderId: userId,
    senderUsername: ownUsername,
    recipientId: conversation.otherPlatformId ?? `user_${draft.recipient}`,
    recipientUsername: draft.recipient,
    content: draft.content,
    messageType: draft.type,
    mediaUrl: draft.mediaUrl,
    metadata: parseMetadata(draft.content),
    direction: 'out',
    status: accepted.status,
    readAt: null,
    hiddenAt: null,
    timestamp: now,
  }
  await addMessage(tx, message)
  return { message, accepted }
}

/** Spares looking a name up again that Instagram answered within the last day. */
function knownRecipient(conversation: Conversation, now: number): string | null {
  const { otherPlatformId: platformId, otherFoundAt } = conversation
  if (platformId === null || otherFoundAt === null || now - otherFoundAt > NAME_HOLDS_MS) return null
  const recipient: MessageRecipient = { platformId }
  return JSON.stringify(recipient)
}

function answerAccepted(message: Message, accepted: AcceptedAction, draft: SendDraft): Answer {
  const { scheduledFor } = accepted
  return {
    status: 202,
    message: 'Message queued for sending',
    data: {
      ...viewMessage(message),
      scheduledFor: scheduledFor === null ? null : new Date(scheduledFor).toISOString(),
      ...(draft.warnings.length === 0 ? {} : { warnings: draft.warnings }),
    },
  }
}
