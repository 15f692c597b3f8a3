import { GatewayError } from '../core/errors.ts'
import { appendEvent } from '../events/index.ts'
import type { Answer, Principal } from '../http/route.ts'
import { wakeSource } from '../inbound/index.ts'
import type { RunDeps } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { findOwnMessage } from './find-own-message.ts'
import { type Message, viewMessage } from './message.ts'
import { countRead, findConversation, saveRead } from './store.ts'
import { SEEN_SOURCE } from './sync/listen.ts'
import { saveConversation, saveSeenBetween } from './sync/store.ts'

/**
 * Marks a received message as read, and with it all before it, as Instagram does; its sender sees that once the account's
 * lane has told Instagram. Fine to repeat; changes nothing about an own one. Throws `MESSAGE_NOT_FOUND`.
 */
export async function markRead(
  deps: Pick<RunDeps, 'store' | 'clock' | 'random' | 'signal'>,
  principal: Principal,
  messageId: string,
): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const { accountId } = await findOwnMessage(tx, principal, messageId)
    await lockAccount(tx, accountId)
    const message = await findOwnMessage(tx, principal, messageId)
    if (message.hiddenAt !== null) throw new GatewayError('MESSAGE_NOT_FOUND')
    if (message.direction === 'out') {
      return {
        status: 200,
        message: 'Nothing to mark: an own message is read by its recipient',
        data: viewMessage(message),
      }
    }
    const at = deps.clock.now()
    const read = { ...message, readAt: message.readAt ?? at }
    if (await saveRead(tx, { id: messageId, at })) {
      await countRead(tx, { userId: message.userId, id: message.conversationId })
      await markSeenUpTo(tx, deps, message, at)
      await appendEvent(tx, deps, {
        userId: message.userId,
        type: 'message.read',
        at,
        sessionId: message.sessionId,
        username: message.recipientUsername,
        data: viewMessage(read),
      })
    }
    return { status: 200, message: 'Message marked as read', data: viewMessage(read) }
  })
}

/** The newest mark of a conversation is the one that Instagram is told. */
async function markSeenUpTo(tx: Db, deps: Pick<RunDeps, 'signal'>, message: Message, at: number): Promise<void> {
  const { userId, accountId, conversationId, externalId, timestamp } = message
  const conversation = await findConversation(tx, userId, conversationId)
  if (conversation === null || externalId === null || timestamp <= conversation.ownSeenAt) return
  const range = { userId, conversationId, at, after: conversation.ownSeenAt, until: timestamp }
  const before = await saveSeenBetween(tx, { ...range, direction: 'in' })
  const unread = Math.max(0, conversation.unread - before)
  await saveConversation(tx, { ...conversation, unread, ownSeenAt: timestamp, seenItem: externalId })
  await wakeSource(tx, deps, { accountId, source: SEEN_SOURCE, at })
}
