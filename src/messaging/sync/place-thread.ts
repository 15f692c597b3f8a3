import type { Thread } from '../../connectors/connector.ts'
import type { ActingSession } from '../../outbox/index.ts'
import type { Db } from '../../store/store.ts'
import { NOTHING_KNOWN, newConversation } from '../conversation.ts'
import { addConversation, type Conversation, findConversationWith, findConversationWithPerson } from '../store.ts'

/**
 * The conversation that stands for a thread. Threads are what Instagram keeps: a person's new name changes the
 * conversation's name and nothing else, and somebody else with the old name gets a conversation of their own.
 */
export async function placeThread(
  tx: Db,
  input: { session: ActingSession; thread: Thread; known: Conversation | null; now: number },
): Promise<Conversation> {
  const { session, thread, known, now } = input
  if (thread.isGroup) return named(known ?? (await openGroup(tx, session, thread)), thread)
  const person = personOf(thread)
  const found = known ?? (await findForPerson(tx, session, person)) ?? (await openWith(tx, session, { person, thread }))
  const isRequest = thread.isPending
  const { threadId } = thread
  if (person.platformId === null) return { ...found, threadId, isRequest }
  const { platformId: otherPlatformId, username: otherUsername } = person
  return { ...found, threadId, otherPlatformId, otherUsername, otherFoundAt: now, isRequest }
}

interface Person {
  platformId: string | null
  username: string
}

/** Whoever deleted their account is in no list of members any more. */
function personOf({ users, title }: Thread): Person {
  const [other] = users
  return other ?? { platformId: null, username: title === '' ? 'instagram_user' : title }
}

/** One that was opened by sending, before the thread was known. */
async function findForPerson(tx: Db, session: ActingSession, person: Person): Promise<Conversation | null> {
  const { userId, accountId } = session
  if (person.platformId === null) return null
  const theirs = await findConversationWithPerson(tx, { userId, accountId, platformId: person.platformId })
  if (theirs !== null) return theirs.threadId === null ? theirs : null
  const called = await findConversationWith(tx, { userId, accountId, otherUsername: person.username })
  return called !== null && called.otherPlatformId === null && called.threadId === null ? called : null
}

async function openWith(
  tx: Db,
  { userId, accountId, username: ownUsername }: ActingSession,
  { person, thread }: { person: Person; thread: Thread },
): Promise<Conversation> {
  const sides = { userId, accountId, ownUsername, otherUsername: person.username }
  const opened = await newConversation(tx, sides, { messageId: null, at: thread.lastActivityAt })
  return { ...opened, lastNo: 0, lastMessageAt: 0 }
}

async function openGroup(
  tx: Db,
  { userId, accountId, username: ownUsername }: ActingSession,
  { threadId, title }: Thread,
): Promise<Conversation> {
  const group: Conversation = {
    ...NOTHING_KNOWN,
    userId,
    accountId,
    ownUsername,
    id: `conv_${ownUsername}_group_${threadId}`,
    otherUsername: `group_${threadId}`,
    threadId,
    title,
    isGroup: true,
    lastMessageId: null,
    lastMessageAt: 0,
    lastNo: 0,
  }
  if (!(await addConversation(tx, group))) throw new Error(`conversation ${group.id} stands for another thread`)
  return group
}

function named(group: Conversation, { title, isPending }: Thread): Conversation {
  return { ...group, title, isRequest: isPending }
}
