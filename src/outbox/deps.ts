import type { Capability } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { LaneSignal } from '../lanes/index.ts'
import type { LimitsConfig } from '../limits/index.ts'
import type { Store } from '../store/store.ts'
import type { ActionKinds, FindSuppression } from './kind.ts'
import type { LaneReads } from './lane-reads.ts'
import type { SessionHooks } from './session-hooks.ts'

/** What the outbox stands on; `gateway.ts` builds it once. Functions take the part that they need. */
export interface OutboxDeps {
  store: Store
  clock: Clock
  random: Random
  signal: LaneSignal
  sessions: SessionHooks
  limits: LimitsConfig
  kinds: ActionKinds
  /** Absent = the lanes only act. */
  reads?: LaneReads
  findSuppression: FindSuppression
  /** What each connector declares, by its name. */
  connectors: ReadonlyMap<string, { readonly capabilities: ReadonlySet<Capability> }>
}
