import type { ActingSession } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { liftSuppressions, suppressContact } from '../suppressions/index.ts'
import type { AutomationDeps, Words } from './deps.ts'
import type { Fact } from './fact.ts'
import { isWord } from './text.ts'

/** What a contact said about being written to; null = nothing. */
export function readWish({ type, text, isGroup, contact }: Fact, words: Words): 'stop' | 'start' | null {
  if ((type !== 'message.received' && type !== 'story_reply.received') || isGroup || contact.platformId === null)
    return null
  if (isWord(text, words.stop)) return 'stop'
  return isWord(text, words.start) ? 'start' : null
}

/**
 * Does what a contact asked for, under the account's lock. A word undoes a word: whom the user suppressed stays so.
 * Returns whether the contact was not suppressed before.
 */
export async function heed(
  tx: Db,
  deps: AutomationDeps,
  { session, fact, wish }: { session: ActingSession; fact: Fact; wish: 'stop' | 'start' },
): Promise<{ isFirstStop: boolean }> {
  const { userId, accountId } = session
  const { platformId, username } = fact.contact
  const contact = { userId, platformId, username }
  const by = `contact:${platformId}`
  if (wish === 'start') {
    await liftSuppressions(tx, deps, { ...contact, username: null, id: null, scope: accountId, reason: 'stop', by })
    return { isFirstStop: false }
  }
  if ((await deps.findSuppression(tx, { ...contact, accountId })) !== null) return { isFirstStop: false }
  const stop = { scope: accountId, sessionId: session.id, reason: 'stop' as const, eventId: fact.eventId, by }
  await suppressContact(tx, deps, { ...contact, ...stop })
  return { isFirstStop: true }
}
