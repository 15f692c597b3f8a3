import { GatewayError } from '../core/errors.ts'
import { appendEvent } from '../events/index.ts'
import type { Answer, PreferredWaitMs, Principal, Receipt } from '../http/route.ts'
import {
  acceptAction,
  acceptAndWait,
  answerAgain,
  CLASS_PERSON,
  cancelAction,
  findActingSession,
  findOwnAction,
  isTerminal,
  type RunDeps,
} from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { findOwnMessage } from './find-own-message.ts'
import type { Message } from './message.ts'
import { findConversation, hideMessage, saveUnsending } from './store.ts'
import { UNSEND_KIND, type UnsendTarget, type UnsendThread } from './unsend-kind.ts'

interface DeleteRequest {
  principal: Principal
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  messageId: string
}

const TAKEN_BACK = 'Message taken back'

function deleted(messageId: string, how: 'canceled' | 'unsent' | 'hidden', message: string): Answer {
  return { status: 200, message, data: { messageId, how } }
}

/**
 * Deletes a message as far as it goes: one that still waits is canceled, an own one that was sent is taken back at
 * Instagram, everything else is hidden here. Fine to repeat. Throws `MESSAGE_NOT_FOUND`, `NOT_CANCELABLE` for one that is
 * on its way or nobody knows of, and what the end of taking it back means.
 */
export async function deleteMessage(deps: RunDeps, request: DeleteRequest): Promise<Answer> {
  const { principal, messageId } = request
  const message = await findOwnMessage(deps.store.read, principal, messageId)
  if (message.hiddenAt !== null) return deletedBefore(message)
  if (message.direction === 'in') return hide(deps, request)
  // Written in an app: there is no action that sent it.
  if (message.actionId === null) return takeBack(deps, request, message)
  const sending = await findOwnAction(deps.store.read, deps, principal, message.actionId)
  switch (sending.status) {
    case 'canceled':
      return deleted(messageId, 'canceled', 'Message canceled')
    case 'queued':
      await deps.store.write((tx) => cancelAction(tx, deps, { actionId: sending.id, userId: principal.userId }))
      return deleted(messageId, 'canceled', 'Message canceled')
    case 'running':
    case 'unconfirmed':
      throw new GatewayError('NOT_CANCELABLE', {
        message:
          sending.status === 'running'
            ? 'It is being sent right now; try again once that has ended.'
            : 'Nothing tells whether it was sent, so it cannot be taken back.',
        details: { messageId, actionId: sending.id, status: sending.status },
      })
    case 'succeeded':
      return takeBack(deps, request, message)
    default:
      return hide(deps, request)
  }
}

async function hide(deps: RunDeps, { principal, messageId }: DeleteRequest): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const message = await findOwnMessage(tx, principal, messageId)
    if (message.hiddenAt !== null) return deletedBefore(message)
    await lockAccount(tx, message.accountId)
    const at = deps.clock.now()
    await hideMessage(tx, { id: messageId, at })
    await appendEvent(tx, deps, {
      userId: message.userId,
      type: 'message.deleted',
      at,
      sessionId: message.sessionId,
      username: message.direction === 'in' ? message.recipientUsername : message.senderUsername,
      data: { messageId, conversationId: message.conversationId, how: 'hidden' },
    })
    return deleted(messageId, 'hidden', 'Message deleted')
  })
}

function deletedBefore({ id, unsendActionId }: Message): Answer {
  return unsendActionId === null ? deleted(id, 'hidden', 'Message deleted') : deleted(id, 'unsent', TAKEN_BACK)
}

async function takeBack(deps: RunDeps, request: DeleteRequest, message: Message): Promise<Answer> {
  const { principal, receipt, preferredWaitMs, messageId } = request
  const earlier =
    message.unsendActionId === null
      ? null
      : await findOwnAction(deps.store.read, deps, principal, message.unsendActionId)
  if (earlier !== null && !isTerminal(earlier.status)) {
    return answerAgain(deps, { principal, actionId: earlier.id, done: TAKEN_BACK })
  }
  const answer = await acceptAndWait(deps, {
    receipt,
    preferredWaitMs,
    done: TAKEN_BACK,
    accept: async (tx, actionId) => {
      const lane = await lockAccount(tx, message.accountId)
      // The account may have been connected anew since.
      const live = await deps.sessions.findByAccount(tx, message.accountId)
      const session = await findActingSession(tx, deps, principal, live?.id ?? message.sessionId)
      const { target, resolved } = await itemOf(tx, message)
      const accepted = await acceptAction(tx, deps, {
        lane,
        session,
        kind: UNSEND_KIND,
        class: CLASS_PERSON,
        actionId,
        target: JSON.stringify(target),
        payload: '{}',
        resolved: resolved === null ? null : JSON.stringify(resolved),
        onLimit: null,
        fallback: 'reject',
        sendAt: null,
        expiresAt: null,
        acceptedBy: principal.userId,
      })
      await saveUnsending(tx, { id: messageId, actionId })
      return { accepted, accountId: message.accountId }
    },
  })
  return answer.status === 200 ? { ...answer, data: { messageId, how: 'unsent' } } : answer
}

async function itemOf(tx: Db, message: Message): Promise<{ target: UnsendTarget; resolved: UnsendThread | null }> {
  const { id: messageId, externalId: itemId, timestamp: sentAt, recipientId } = message
  if (itemId === null) {
    throw new GatewayError('NOT_CANCELABLE', {
      message: 'Instagram did not say which message it is, so it cannot be taken back.',
      details: { messageId },
    })
  }
  const conversation = await findConversation(tx, message.userId, message.conversationId)
  const threadId = conversation?.threadId ?? null
  return { target: { messageId, itemId, sentAt, recipientId }, resolved: threadId === null ? null : { threadId } }
}
