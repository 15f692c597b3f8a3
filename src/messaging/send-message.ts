import { crashPoint } from '../core/crash-point.ts'
import { GatewayError, invalidFields } from '../core/errors.ts'
import { newOrderedId } from '../core/ids.ts'
import { parseInstant } from '../core/instant.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import {
  type AcceptDeps,
  type AcceptedAction,
  type ActingSession,
  acceptAction,
  type CausedBy,
  CLASS_AUTOMATION,
  CLASS_PERSON,
  findAction,
  type OnLimit,
  type OutboxDeps,
  type SessionHooks,
} from '../outbox/index.ts'
import type { Audit } from '../sessions/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db, Store } from '../store/store.ts'
import {
  CAPABILITY_OF_TYPE,
  type MessageDraft,
  type MessagePayload,
  type MessageTarget,
  parseDraft,
} from './content.ts'
import { placeNewMessage } from './conversation.ts'
import { type Message, type MessageType, parseMetadata, parseRecipient, viewMessage } from './message.ts'
import { MESSAGE_KIND } from './message-kind.ts'
import type { MessageRecipient } from './prepare-media.ts'
import { addMessage, type Conversation, findMessage } from './store.ts'

export interface SendDeps extends AcceptDeps, Pick<OutboxDeps, 'findSuppression'> {
  store: Store
  audit: Audit
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
    const { message, accepted } = await acceptMessage(tx, deps, { session, draft, acceptedBy: principal.userId })
    if (draft.isOverride) await noteOverride(tx, deps, { actor: principal.userId, message })
    const answer = answerAccepted(message, accepted, draft)
    await receipt.answer(tx, answer)
    return answer
  })
  crashPoint('after-accept')
  return answer
}

/** A message, checked and ready to be accepted. */
export interface SendDraft extends MessageDraft {
  recipient: string
  /** Id of the message that this one answers. */
  answers: string | null
  /** To whoever it is, suppressed or not. */
  isOverride: boolean
  sendAt: number | null
  expiresAt: number | null
  onLimit: OnLimit | null
}

function parseSendDraft(input: SendMessageInput, now: number): SendDraft {
  const recipient = parseRecipient(input.recipientUsername)
  const draft = parseDraft(input)
  const sendAt = parseInstant('sendAt', input.sendAt, now)
  const expiresAt = parseInstant('expiresAt', input.expiresAt, Math.max(now, sendAt ?? 0))
  const isOverride = input.override === true
  const answers = input.replyTo ?? null
  return { ...draft, recipient, answers, isOverride, sendAt, expiresAt, onLimit: input.onLimit ?? null }
}

/** The same refusal for a session of somebody else as for one that does not exist. */
async function findOwnSession(tx: Db, deps: SendDeps, principal: Principal, sessionId: string): Promise<ActingSession> {
  const session = await deps.sessions.find(tx, sessionId)
  if (session === null || session.userId !== principal.userId || !maySeeSession(principal, session)) {
    throw new GatewayError('SESSION_NOT_FOUND')
  }
  return session
}

/** Throws `VALIDATION_ERROR` unless the answered message is one of this conversation that Instagram has. */
async function answering(
  tx: Db,
  { payload }: SendDraft,
  messageId: string,
  conversation: Conversation,
): Promise<MessagePayload> {
  const message = await findMessage(tx, messageId)
  const isOfIt = message?.userId === conversation.userId && message.conversationId === conversation.id
  if (message === null || !isOfIt || message.externalId === null) {
    const fault = 'must be the id of a message of this conversation that Instagram has'
    throw invalidFields([{ path: 'replyTo', message: fault }])
  }
  const action = message.actionId === null ? null : await findAction(tx, message.actionId)
  return { ...payload, replyTo: { itemId: message.externalId, clientToken: action?.clientToken ?? null } }
}

/**
 * Accepts a message in the caller's transaction, under the account's lock. Throws what acceptance refuses, and
 * `SUPPRESSED` unless it is automated. `automated` is for what a rule writes: it comes behind people's, and Instagram has
 * just said who the recipient is.
 */
export async function acceptMessage(
  tx: Db,
  deps: Omit<SendDeps, 'store' | 'sessions' | 'audit'>,
  input: {
    session: ActingSession
    draft: SendDraft
    acceptedBy: string
    automated?: { platformId: string; causedBy: CausedBy }
  },
): Promise<{ message: Message; accepted: AcceptedAction }> {
  const { session, draft, acceptedBy, automated } = input
  const { userId, accountId, username: ownUsername } = session
  const now = deps.clock.now()
  const lane = await lockAccount(tx, accountId)
  const messageId = newOrderedId('msg', { at: now, order: lane.next_ord }, deps.random)
  const sides = { userId, accountId, ownUsername, otherUsername: draft.recipient }
  const { conversation, no } = await placeNewMessage(tx, sides, { messageId, at: now })

  const payload = draft.answers === null ? draft.payload : await answering(tx, draft, draft.answers, conversation)
  // A rule has asked already, by the person and not by the name.
  if (!draft.isOverride && automated === undefined) await refuseSuppressed(tx, deps, conversation, draft.recipient)

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
    class: automated === undefined ? CLASS_PERSON : CLASS_AUTOMATION,
    target: JSON.stringify(target),
    payload: JSON.stringify(payload),
    resolved:
      automated === undefined
        ? knownRecipient(conversation, now)
        : JSON.stringify({ platformId: automated.platformId } satisfies MessageRecipient),
    onLimit: draft.onLimit,
    fallback: 'queue',
    sendAt: draft.sendAt,
    expiresAt: draft.expiresAt,
    acceptedBy,
    ...(draft.isOverride ? { overrideBy: acceptedBy } : {}),
    ...(automated === undefined ? {} : { causedBy: automated.causedBy }),
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
    origin: 'api',
  }
  await addMessage(tx, { message, no })
  return { message, accepted }
}

/** By the person whom the conversation knows, else by the name; asked again once the recipient was looked up. */
async function refuseSuppressed(
  tx: Db,
  deps: Pick<SendDeps, 'findSuppression'>,
  { userId, accountId, otherPlatformId: platformId }: Conversation,
  username: string,
): Promise<void> {
  const suppressionId = await deps.findSuppression(tx, { userId, accountId, platformId, username })
  if (suppressionId === null) return
  throw new GatewayError('SUPPRESSED', { details: { recipientUsername: username, suppressionId } })
}

function noteOverride(tx: Db, deps: SendDeps, { actor, message }: { actor: string; message: Message }): Promise<void> {
  const { id: messageId, actionId, sessionId, recipientUsername } = message
  const details = { messageId, sessionId, recipientUsername }
  return deps.audit(tx, { actor, what: 'suppression.overridden', target: actionId, details })
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
