import { ingestEvents } from '../../events/index.ts'
import type { SourceContext } from '../../inbound/index.ts'
import { wakeSource } from '../../inbound/index.ts'
import type { Db } from '../../store/store.ts'
import type { Fact, Listening, SyncDeps } from './store-thread.ts'

export const INBOX_SOURCE = 'inbox'
export const THREADS_SOURCE = 'threads'
export const REQUESTS_SOURCE = 'requests'
export const SEEN_SOURCE = 'seen'

/** Writes the events of what was stored, in the order in which it happened; last in the transaction. */
export async function tellFacts(tx: Db, deps: SyncDeps, accountId: string, facts: readonly Fact[]): Promise<void> {
  await ingestEvents(tx, deps, accountId, facts)
}

/** Has the missing part of conversations read. */
export async function wakeThreads(tx: Db, deps: SyncDeps, { session, now }: Listening): Promise<void> {
  await wakeSource(tx, deps, { accountId: session.accountId, source: THREADS_SOURCE, at: now })
}

/** `baselineAt`: when the session began to listen by Instagram's clock, as the inbox found it; null = by ours. */
export function listeningOf(
  { session, now, since }: SourceContext<unknown>,
  { baselineAt, backfillMs }: { baselineAt: number | null; backfillMs: number },
): Listening {
  const baseline = baselineAt ?? since
  return { session, now, baselineAt: baseline, floorAt: baseline - backfillMs }
}
