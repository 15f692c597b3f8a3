import type { Access, CallOptions, Connector, ReadResult } from '../connectors/connector.ts'
import type { Db } from '../store/store.ts'
import type { ActingSession } from './session-hooks.ts'

/**
 * The poll turns of a lane: reads that belong to no action (inbox, activity, followers). The outbox gives them their
 * place, after what people asked for and before automation and bulk, and answers the account for what they meet; what is
 * read, how often and to what end is the business of whoever hands this in (`inbound/`).
 */
export interface LaneReads {
  /**
   * The read that is due for the account, recorded as begun, or when one will be (null = until its lane is woken).
   * Asked in the plan's transaction under the account's lock, only for a session that can act and is neither paused nor
   * switched off.
   */
  next(tx: Db, input: { session: ActingSession; now: number }): Promise<LaneRead | NoRead>
}

export interface NoRead {
  type: 'none'
  nextAt: number | null
}

export interface LaneRead {
  type: 'read'
  /** Exactly one call, with nothing of the store open. */
  call(context: ReadContext, call: CallOptions): Promise<ReadResult<unknown>>
  /**
   * In the settling transaction under the account's lock, after the answer was applied to the account. Not called when
   * the session ended meanwhile. `session` is as it was when the read began.
   */
  settled(tx: Db, input: { result: ReadResult<unknown>; session: ActingSession; now: number }): Promise<void>
}

export interface ReadContext {
  connector: Connector
  access: Access
  session: ActingSession
}
