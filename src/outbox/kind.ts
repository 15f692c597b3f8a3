import type { Access, CallOptions, Capability, Connector, Outcome, ReadResult } from '../connectors/connector.ts'
import type { Db } from '../store/store.ts'
import type { Action, Settlement } from './action.ts'
import type { ActingSession } from './session-hooks.ts'

/** Whom an action writes to, as far as it is known. */
export interface Addressee {
  /** Instagram's id. */
  platformId: string | null
  username: string | null
}

/**
 * Asked before somebody is written to, in the transaction that decides it: the id of what forbids it, or null.
 * `suppressions` answers; `gateway.ts` hands it in.
 */
export type FindSuppression = (
  db: Db,
  input: Addressee & { userId: string; accountId: string },
) => Promise<string | null>

/** What a call of a kind may use. */
export interface TurnContext {
  connector: Connector
  access: Access
  session: ActingSession
  action: Action
}

/** For reading back: when the attempt was that the answer is missing of. */
export interface ReadbackContext extends TurnContext {
  attemptedAt: number
}

/** What `prepare` found: as any read, or that the media itself is the trouble, which says nothing about the account. */
export type Prepared =
  | ReadResult<string>
  /** Never: wrong type, too big, an address that is not allowed. */
  | { type: 'media_refused'; reason: string }
  /** Not now: its host cannot be reached or fails. */
  | { type: 'media_unreachable'; reason: string }

/** What reading an uncertain write found. `incomplete`: the page does not reach back far enough to prove absence. */
export type Finding =
  | { type: 'there'; externalId: string | null; at: number | null; threadId: string | null }
  | { type: 'absent' }
  | { type: 'incomplete' }

/** What to do about an uncertain attempt: look, do it again (harmless when it happened), or give up knowing. */
export type Evidence =
  | { type: 'readback'; read(context: ReadbackContext, call: CallOptions): Promise<ReadResult<Finding>> }
  | { type: 'again' }
  | { type: 'none' }

/**
 * One kind of action, as a feature hands it to the outbox. `resolve`, `operation` and `evidence.read` make exactly one
 * call each, retry nothing and touch no store; `resolved` and `settled` run in the outbox's transaction.
 */
export interface ActionKind {
  readonly name: string
  /** Asked of the connector before anything is accepted. */
  readonly capability: Capability
  /** Finds whom or what is meant, as JSON text that the other calls read; absent = the target needs no finding. */
  resolve?(context: TurnContext, call: CallOptions): Promise<ReadResult<string>>
  /** What `resolve` would find, where it is known without asking; null = ask. `resolved` is not called for it. */
  known?(action: Action): string | null
  /** What has to be with Instagram before the write, e.g. an upload; the result replaces `resolved`. */
  readonly prepare?: {
    isOwed(action: Action): boolean
    run(context: TurnContext, call: CallOptions): Promise<Prepared>
  }
  /** The write. */
  operation(context: TurnContext, call: CallOptions): Promise<Outcome>
  readonly evidence: Evidence
  /** For what writes to somebody: who it is. Absent = it writes to nobody. */
  addressee?(action: Pick<Action, 'id' | 'target' | 'resolved'>): Addressee
  /** What the API shows of the target. */
  describe(action: Action): Record<string, unknown>
  /** `resolve` found it: `action.resolved` is set. Not called after `prepare`. */
  resolved?(tx: Db, action: Action, at: number): Promise<void>
  /** The action ended: the feature's own rows, then its event, which comes last in the transaction. */
  settled(tx: Db, action: Action, settlement: Settlement, session: ActingSession): Promise<void>
}

export type ActionKinds = ReadonlyMap<string, ActionKind>
