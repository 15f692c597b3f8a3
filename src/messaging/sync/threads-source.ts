import type { Thread } from '../../connectors/connector.ts'
import { type InboundSource, readSourceState } from '../../inbound/index.ts'
import { findConversation } from '../store.ts'
import { INBOX_SOURCE, listeningOf, THREADS_SOURCE, tellFacts } from './listen.ts'
import { findGap, saveConversation } from './store.ts'
import { type SyncDeps, storeThread } from './store-thread.ts'

interface ThreadJob {
  conversationId: string
  threadId: string
  cursor: string
}

/** Catching up leaves half of the account's reads for what is new. */
const SHARE = 0.5

/**
 * Walks down conversations of which the inbox did not show everything, a page at a time, until known ground. Where each
 * walk stands is in its conversation.
 */
export function createThreadsSource({ deps, backfillMs }: { deps: SyncDeps; backfillMs: number }): InboundSource {
  const source: InboundSource<null, ThreadJob, Thread> = {
    name: THREADS_SOURCE,
    capability: 'read_thread',
    share: SHARE,
    gapMs: 0,
    async next(tx, { session }) {
      const conversation = await findGap(tx, session)
      if (conversation === null || conversation.gap === null || conversation.threadId === null) return null
      const { id: conversationId, threadId, gap } = conversation
      return { conversationId, threadId, cursor: gap.cursor }
    },
    read: ({ connector, access }, { threadId, cursor }, call) =>
      connector.readThread(access, { threadId, cursor }, call),
    async settle(tx, context, { job, found: thread }) {
      const { session } = context
      const known = await findConversation(tx, session.userId, job.conversationId)
      const inbox = (await readSourceState(tx, { session, source: INBOX_SOURCE })) as { baselineAt: number } | null
      const listening = listeningOf(context, { baselineAt: inbox?.baselineAt ?? null, backfillMs })
      const { facts, added } = await storeThread(tx, deps, listening, { thread, known, isOlder: true })
      const rests = (await findGap(tx, session)) === null
      await tellFacts(tx, deps, session.accountId, facts)
      return { state: null, heard: added > 0, more: !rests, rests }
    },
    async refused(tx, { session }, { conversationId }) {
      // The thread is gone, and with it what was missing.
      const conversation = await findConversation(tx, session.userId, conversationId)
      if (conversation?.gap) await saveConversation(tx, { ...conversation, known: conversation.gap.top, gap: null })
      const rests = (await findGap(tx, session)) === null
      return { state: null, heard: false, more: !rests, rests }
    },
  }
  return source as InboundSource
}
