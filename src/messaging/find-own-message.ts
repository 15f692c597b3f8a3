import { GatewayError } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import { findBulkMessage } from './bulk-message.ts'
import type { Message } from './message.ts'
import { findMessage } from './store.ts'

/** Hidden ones included. Throws `MESSAGE_NOT_FOUND`, for somebody else's as for one that does not exist. */
export async function findOwnMessage(db: Db, principal: Principal, messageId: string): Promise<Message> {
  const message = (await findMessage(db, messageId)) ?? (await findBulkMessage(db, messageId))
  if (message === null || message.userId !== principal.userId) throw new GatewayError('MESSAGE_NOT_FOUND')
  const username = message.direction === 'out' ? message.senderUsername : message.recipientUsername
  if (maySeeSession(principal, { id: message.sessionId, username })) return message
  throw new GatewayError('MESSAGE_NOT_FOUND')
}
