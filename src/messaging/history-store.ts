/** What rules ask about the past of a conversation. */
import type { Db } from '../store/store.ts'
import { findConversationWith, findConversationWithPerson } from './store.ts'

/** The conversation of an account with somebody; null = there is none. */
export async function findConversationId(
  db: Db,
  input: { userId: string; accountId: string; platformId: string; username: string | null },
): Promise<string | null> {
  const theirs = await findConversationWithPerson(db, input)
  if (theirs !== null || input.username === null) return theirs?.id ?? null
  const called = await findConversationWith(db, { ...input, otherUsername: input.username })
  return called !== null && called.otherPlatformId === null ? called.id : null
}

/**
 * Whether a person wrote for the account in a conversation after `from` and not after `to`: through the API, by the instant
 * of acceptance, or in an app. What rules and bulks wrote is nobody's hand.
 */
export async function isHandWritten(
  db: Db,
  input: { userId: string; conversationId: string; from: number; to: number },
): Promise<boolean> {
  const { from, to } = input
  const rows = await db
    .selectFrom('messages')
    .leftJoin('actions', 'actions.id', 'messages.action_id')
    .select('messages.id')
    .where('messages.user_id', '=', input.userId)
    .where('messages.conversation_id', '=', input.conversationId)
    .where('messages.timestamp', '>', from)
    .where('messages.direction', '=', 'out')
    .where((eb) =>
      eb.or([
        eb.and([eb('actions.id', 'is', null), eb('messages.timestamp', '<=', to)]),
        eb.and([
          eb('actions.class', '=', 0),
          eb('actions.accepted_at', '>', from),
          eb('actions.accepted_at', '<=', to),
        ]),
      ]),
    )
    .limit(1)
    .execute()
  return rows.length > 0
}

/** Whether anything was written in a conversation, by either side, before one of its messages. */
export async function hasEarlierMessage(
  db: Db,
  input: { userId: string; conversationId: string; messageId: string; at: number },
): Promise<boolean> {
  const rows = await db
    .selectFrom('messages')
    .select('id')
    .where('user_id', '=', input.userId)
    .where('conversation_id', '=', input.conversationId)
    .where('id', '<>', input.messageId)
    .where('timestamp', '<=', input.at)
    .where((eb) => eb.or([eb('timestamp', '<', input.at), eb('id', '<', input.messageId)]))
    .limit(1)
    .execute()
  return rows.length > 0
}
