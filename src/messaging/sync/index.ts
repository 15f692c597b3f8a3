import type { InboundSource } from '../../inbound/index.ts'
import { createInboxSource } from './inbox-source.ts'
import { createSeenSource } from './seen-source.ts'
import type { SyncDeps } from './store-thread.ts'
import { createThreadsSource } from './threads-source.ts'

/** What messages need of an account's reads: marks always; inbox, requests and the rest of threads when `inbox` is on. */
export function createMessageSources(
  deps: SyncDeps,
  { inbox, backfillMs }: { inbox: boolean; backfillMs: number },
): InboundSource[] {
  const seen = createSeenSource()
  if (!inbox) return [seen]
  return [
    seen,
    createInboxSource({ deps, folder: 'accepted', backfillMs }),
    createInboxSource({ deps, folder: 'pending', backfillMs }),
    createThreadsSource({ deps, backfillMs }),
  ]
}
