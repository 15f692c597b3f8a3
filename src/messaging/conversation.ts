import type { Db } from '../store/store.ts'
import { addConversation, type Conversation, findConversationWith, touchConversation } from './store.ts'

/** Two names may share an id (`a_b` with `c`, `a` with `b_c`); more than this many never do. */
const SUFFIX_MAX = 1_000

export interface ConversationSides {
  userId: string
  accountId: string
  ownUsername: string
  otherUsername: string
}

/**
 * Puts a message that begins now at the end of the conversation with a name, which is opened when there is none; `no` is
 * its number there. The caller holds the account's lock.
 */
export async function placeNewMessage(
  tx: Db,
  sides: ConversationSides,
  message: { messageId: string; at: number },
): Promise<{ conversation: Conversation; no: number }> {
  const known = await findConversationWith(tx, sides)
  if (known === null) return { conversation: await newConversation(tx, sides, message), no: 1 }
  const no = known.lastNo + 1
  await touchConversation(tx, { userId: known.userId, id: known.id, ...message, no })
  return { conversation: known, no }
}

/** Of a conversation that Instagram has said nothing about. */
export const NOTHING_KNOWN = {
  otherPlatformId: null,
  otherFoundAt: null,
  threadId: null,
  unread: 0,
  title: null,
  isGroup: false,
  isRequest: false,
  known: null,
  gap: null,
  ownSeenAt: 0,
  otherSeenAt: 0,
  seenItem: null,
} as const satisfies Partial<Conversation>

/** A conversation of its own, with a suffix where the user has one of the plain id. */
export async function newConversation(
  tx: Db,
  sides: ConversationSides,
  first: { messageId: string | null; at: number },
): Promise<Conversation> {
  const plain = `conv_${sides.ownUsername}_${sides.otherUsername}`
  for (let suffix = 1; suffix <= SUFFIX_MAX; suffix += 1) {
    const conversation: Conversation = {
      ...NOTHING_KNOWN,
      ...sides,
      id: suffix === 1 ? plain : `${plain}_${suffix}`,
      lastMessageId: first.messageId,
      lastMessageAt: first.at,
      lastNo: 1,
    }
    if (await addConversation(tx, conversation)) return conversation
  }
  throw new Error(`conversation ${plain}: no free suffix`)
}
