import type { Db } from '../store/store.ts'
import { addConversation, type Conversation, findConversationWith } from './store.ts'

/** Two names may share an id (`a_b` with `c`, `a` with `b_c`); more than this many never do. */
const SUFFIX_MAX = 1_000

export interface ConversationSides {
  userId: string
  accountId: string
  ownUsername: string
  otherUsername: string
}

/** The conversation of an account with a name, or a new one; the caller holds the account's lock. */
export async function openConversation(
  tx: Db,
  sides: ConversationSides,
  first: { messageId: string; at: number },
): Promise<{ conversation: Conversation; isNew: boolean }> {
  const known = await findConversationWith(tx, sides)
  if (known !== null) return { conversation: known, isNew: false }
  return { conversation: await newConversation(tx, sides, first), isNew: true }
}

/** A conversation of its own, with a suffix where the user has one of the plain id. */
export async function newConversation(
  tx: Db,
  sides: ConversationSides,
  first: { messageId: string; at: number },
): Promise<Conversation> {
  const plain = `conv_${sides.ownUsername}_${sides.otherUsername}`
  for (let suffix = 1; suffix <= SUFFIX_MAX; suffix += 1) {
    const conversation: Conversation = {
      ...sides,
      id: suffix === 1 ? plain : `${plain}_${suffix}`,
      otherPlatformId: null,
      otherFoundAt: null,
      threadId: null,
      lastMessageId: first.messageId,
      lastMessageAt: first.at,
      unread: 0,
    }
    if (await addConversation(tx, conversation)) return conversation
  }
  throw new Error(`conversation ${plain}: no free suffix`)
}
