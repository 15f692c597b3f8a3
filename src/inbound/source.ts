import type { CallOptions, Capability, ReadResult } from '../connectors/connector.ts'
import type { ActingSession, ReadContext } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'

/** What a source may know inside a transaction, under the account's lock. */
export interface SourceContext<State> {
  session: ActingSession
  now: number
  /** When this session began to listen to the source: what happened before is a baseline, no news. */
  since: number
  /** As the last `settle` left it; null before the first. */
  state: State | null
}

/** What a read came to. */
export interface Progress<State> {
  state: State
  /** Something new was there: read again soon. Otherwise the interval grows. */
  heard: boolean
  /** There is more right now (a next page): read again as soon as the account may. */
  more?: boolean
  /** Nothing is left to read until somebody wakes the source (`wakeSource`). */
  rests?: boolean
  /** When to read again, for a source with a pace of its own. */
  nextAt?: number
  /** Why this account seems to hear less than it should; null or absent = it does not. */
  suspect?: string | null
}

/**
 * One thing that is read again and again for each account. Its schedule, floor, hourly limit, backoff and restart belong
 * to `inbound`; the source says what to ask for and what an answer means.
 *
 * Crash: `next` and the record of the read commit before the call, `settle` commits with the new state. Between them
 * nothing is stored, so after a crash the same state is read again: whatever `settle` writes is keyed by Instagram's ids.
 */
export interface InboundSource<State = unknown, Job = unknown, Found = unknown> {
  /** Lower snake case; the key of its row. */
  readonly name: string
  /** Not read where the session's connector does not declare it. */
  readonly capability: Capability
  /**
   * How much of the hourly limit the account's reads may have used up when this one begins, above 0, at most 1: what
   * catches up on the past leaves room for what is new. 0 = not counted, nor held to the floor between two reads.
   */
  readonly share: number
  /** The same while none of the other sources has heard anything for an hour; default: `share`. */
  readonly quietShare?: number
  /** Least milliseconds between two reads of this source. */
  readonly gapMs: number
  /** Does not wait for the oldest due first. */
  readonly goesFirst?: boolean
  /** What to ask for now; null = nothing until somebody wakes the source. */
  next(tx: Db, context: SourceContext<State>): Promise<Job | null>
  /** Exactly one call; touches no store. */
  read(context: ReadContext, job: Job, call: CallOptions): Promise<ReadResult<Found>>
  /** Takes over what was found; events last. */
  settle(tx: Db, context: SourceContext<State>, input: { job: Job; found: Found }): Promise<Progress<State>>
  /** Given up once it cannot be understood, as if it had been refused; nobody misses anything then. */
  readonly isBestEffort?: boolean
  /** Instagram said no to this very read (gone, not allowed). Absent = counts as an answer that cannot be understood. */
  refused?(tx: Db, context: SourceContext<State>, job: Job): Promise<Progress<State>>
  /**
   * Asked each time after five answers in a row that could not be understood: how to go on without this read, so that one
   * poisonous target does not stop the source; null = it has to be read.
   */
  giveUp?(tx: Db, context: SourceContext<State>, job: Job): Promise<Progress<State> | null>
}
