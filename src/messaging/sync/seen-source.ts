import type { InboundSource, SourceContext } from '../../inbound/index.ts'
import type { Db } from '../../store/store.ts'
import { findConversation } from '../store.ts'
import { SEEN_SOURCE } from './listen.ts'
import { findUnseen, saveConversation } from './store.ts'

interface SeenJob {
  conversationId: string
  threadId: string
  itemId: string
}

const SEEN_GAP_MS = 10_000

/**
 * Marks threads seen at Instagram up to the newest message that was marked as read here. Best effort: a mark that
 * Instagram does not take is dropped, and the next message that is read makes a new one.
 */
export function createSeenSource(): InboundSource {
  const source: InboundSource<null, SeenJob, null> = {
    name: SEEN_SOURCE,
    capability: 'mark_seen',
    share: 0,
    gapMs: SEEN_GAP_MS,
    goesFirst: true,
    isBestEffort: true,
    async next(tx, { session }) {
      const conversation = await findUnseen(tx, session)
      if (conversation === null || conversation.seenItem === null || conversation.threadId === null) return null
      const { id: conversationId, threadId, seenItem: itemId } = conversation
      return { conversationId, threadId, itemId }
    },
    read: ({ connector, access }, { threadId, itemId }, call) => connector.markSeen(access, { threadId, itemId }, call),
    settle: (tx, context, { job }) => done(tx, context, job),
    refused: done,
  }
  return source as InboundSource
}

async function done(tx: Db, { session }: SourceContext<null>, { conversationId, itemId }: SeenJob) {
  const conversation = await findConversation(tx, session.userId, conversationId)
  // A newer one may have been marked meanwhile.
  if (conversation?.seenItem === itemId) await saveConversation(tx, { ...conversation, seenItem: null })
  const rests = (await findUnseen(tx, session)) === null
  return { state: null, heard: false, more: !rests, rests }
}
