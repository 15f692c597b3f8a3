import { GatewayError } from '../core/errors.ts'
import { appendEvent } from '../events/index.ts'
import type { Answer, Principal } from '../http/route.ts'
import type { RunDeps } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import { findOwnMessage } from './find-own-message.ts'
import { viewMessage } from './message.ts'
import { countRead, saveRead } from './store.ts'

/** Marks a received message as read; fine to repeat. Throws `MESSAGE_NOT_FOUND`, `NOT_SUPPORTED` for an own one. */
export async function markRead(
  deps: Pick<RunDeps, 'store' | 'clock' | 'random'>,
  principal: Principal,
  messageId: string,
): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const { accountId } = await findOwnMessage(tx, principal, messageId)
    await lockAccount(tx, accountId)
    const message = await findOwnMessage(tx, principal, messageId)
    if (message.hiddenAt !== null) throw new GatewayError('MESSAGE_NOT_FOUND')
    if (message.direction === 'out') {
      throw new GatewayError('NOT_SUPPORTED', { message: 'Only a received message can be marked as read.' })
    }
    const at = deps.clock.now()
    const read = { ...message, readAt: message.readAt ?? at }
    if (await saveRead(tx, { id: messageId, at })) {
      await countRead(tx, { userId: message.userId, id: message.conversationId })
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
