/**
 * Reading the inbox: page by page from the top down to where the last walk began. The first walk goes back as far as the
 * back-fill does and is no news; every later one brings what happened since, however long ago the last one was.
 *
 * State: `high`, the latest activity that the last whole walk began with; `walk`, where one that is under way goes on and
 * what it began with; `baselineAt`, when the session began to listen, by Instagram's clock. Each page is stored with the
 * new state in one transaction, so a walk goes on after a restart where it was.
 */
import type { Inbox, InboxFolder } from '../../connectors/connector.ts'
import { type InboundSource, type SourceContext, wakeSource } from '../../inbound/index.ts'
import type { Db } from '../../store/store.ts'
import { INBOX_SOURCE, listeningOf, REQUESTS_SOURCE, tellFacts, wakeThreads } from './listen.ts'
import { findByThreads } from './store.ts'
import { type Fact, type SyncDeps, storeThread } from './store-thread.ts'

interface InboxState {
  high: number | null
  walk: { cursor: string; top: number } | null
  baselineAt: number
  /** Requests that waited when they were counted last. */
  pending: number
  /** Times in a row that Instagram counted more unread threads than it showed. */
  deaf: number
}

interface InboxJob {
  cursor: string | null
}

type InboxSource = InboundSource<InboxState, InboxJob, Inbox>

export interface InboxOptions {
  deps: SyncDeps
  folder: InboxFolder
  /** How far back the first walk goes. */
  backfillMs: number
}

/** Polls with more unread threads than shown, after which the account counts as deaf. */
const DEAF_AFTER = 3
const DEAF = 'Instagram counts more unread conversations than it shows.'

/** The inbox, or the folder of requests, which rests while the inbox counts none. */
export function createInboxSource(options: InboxOptions): InboundSource {
  const { folder } = options
  const source: InboxSource = {
    name: folder === 'accepted' ? INBOX_SOURCE : REQUESTS_SOURCE,
    capability: 'read_inbox',
    share: 1,
    gapMs: 0,
    async next(_tx, { state }) {
      return { cursor: state?.walk?.cursor ?? null }
    },
    read: ({ connector, access }, { cursor }, call) => connector.readInbox(access, { folder, cursor }, call),
    settle: (tx, context, { job, found }) => takeOver(tx, options, context, { job, inbox: found }),
    async refused(_tx, { state, since }) {
      return { state: { ...(state ?? nothingRead(since)), walk: null }, heard: false, rests: true }
    },
  }
  return source as InboundSource
}

function nothingRead(baselineAt: number): InboxState {
  return { high: null, walk: null, baselineAt, pending: 0, deaf: 0 }
}

async function takeOver(
  tx: Db,
  { deps, folder, backfillMs }: InboxOptions,
  context: SourceContext<InboxState>,
  { job, inbox }: { job: InboxJob; inbox: Inbox },
) {
  const { session, now, since } = context
  const state = context.state ?? nothingRead(baselineOf(inbox, { since, now }))
  const listening = listeningOf(context, { baselineAt: state.baselineAt, backfillMs })
  const ids = inbox.threads.map(({ threadId }) => threadId)
  const known = await findByThreads(tx, session, ids)
  const threads = inbox.threads.filter(({ items, threadId }) => items.length > 0 || known.has(threadId))
  const facts: Fact[] = []
  let added = 0
  let hasGap = false
  for (const thread of threads.toReversed()) {
    const page = { thread, known: known.get(thread.threadId) ?? null, isOlder: false }
    const stored = await storeThread(tx, deps, listening, page)
    facts.push(...stored.facts)
    added += stored.added
    hasGap ||= stored.conversation.gap !== null
  }
  if (hasGap) await wakeThreads(tx, deps, listening)
  if (folder === 'accepted' && inbox.pendingCount > 0 && inbox.pendingCount !== state.pending) {
    await wakeSource(tx, deps, { accountId: session.accountId, source: REQUESTS_SOURCE, at: now })
  }
  const after = walkAfter(state, { job, inbox, floorAt: listening.floorAt })
  const deaf = folder === 'accepted' && isDeaf(inbox, job) ? state.deaf + 1 : job.cursor === null ? 0 : state.deaf
  await tellFacts(tx, deps, session.accountId, facts)
  return {
    state: { ...state, ...after, pending: inbox.pendingCount, deaf },
    heard: added > 0,
    more: after.walk !== null,
    rests: folder === 'pending' && after.walk === null && inbox.pendingCount === 0,
    suspect: deaf >= DEAF_AFTER ? DEAF : null,
  }
}

/** When the session began to listen, by Instagram's clock where it says the time. */
function baselineOf({ snapshotAt }: Inbox, { since, now }: { since: number; now: number }): number {
  return (snapshotAt ?? now) - (now - since)
}

function walkAfter(
  { high, walk }: InboxState,
  { job, inbox, floorAt }: { job: InboxJob; inbox: Inbox; floorAt: number },
): Pick<InboxState, 'high' | 'walk'> {
  const activities = inbox.threads.map(({ lastActivityAt }) => lastActivityAt)
  const isFromTop = job.cursor === null || walk === null
  const top = isFromTop ? Math.max(high ?? 0, ...activities) : walk.top
  // Pinned threads come first whatever their age, so the last one says how far down the page goes.
  const lowest = inbox.threads.at(-1)?.lastActivityAt ?? 0
  const isDown = inbox.olderCursor === null || lowest <= (high ?? floorAt)
  return isDown ? { high: top, walk: null } : { high, walk: { cursor: inbox.olderCursor as string, top } }
}

/** Only where the first page is the only one can its count be compared with what it shows. */
function isDeaf({ unreadCount, olderCursor, threads }: Inbox, { cursor }: InboxJob): boolean {
  if (cursor !== null || olderCursor !== null || unreadCount === null) return false
  return unreadCount > threads.filter(({ isUnread }) => isUnread).length
}
