/**
 * The life of an action.
 *
 * ```
 * queued ──► running ──► succeeded
 *   ▲  │        │ ├────► failed        Instagram said no for good, or tries are used up
 *   │  │        │ └────► unconfirmed   it may have happened and nothing can tell us
 *   └──┼────────┘  the write certainly did not happen and the action may wait
 *      ├──► failed       nothing was written: no such recipient, or no way to find out
 *      ├──► canceled     by the user, or because its session ended
 *      ├──► expired      `expiresAt` passed before its turn
 *      └──► skipped      suppressed, or a duplicate within a bulk
 * ```
 *
 * While `running`, `step` says what the lane does next with it: `attempt` = a write is under way right now, `readback` =
 * the write may have happened, look, `resend` = it certainly did not, write again with the same token.
 *
 * **Crashes.** Every line of the way may be the last one of the process:
 * - before the accepting transaction commits: the caller got no answer, and nothing is stored;
 * - after it: the action is queued and its lane due; any process goes on;
 * - after the claim, before the mark: the same;
 * - after the mark commits and before the settling transaction commits, whatever happened in between, the next holder
 *   of the lane finds it `running` at step `attempt`. A lane does one thing at a time, so nobody works on it: it is an
 *   uncertain attempt and nothing else, and is read back like one. Its number stays used;
 * - after the settling transaction: it has ended.
 * A worker that was only asleep cannot settle late (the fence differs) nor write late (its lease is over).
 */

export type ActionStatus =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'unconfirmed'
  | 'canceled'
  | 'expired'
  | 'skipped'

export type ActionStep = 'attempt' | 'readback' | 'resend'

/** Every legal change of status. `running → running` is a change of step. */
const TRANSITIONS: Record<ActionStatus, readonly ActionStatus[]> = {
  queued: ['running', 'failed', 'canceled', 'expired', 'skipped'],
  running: ['running', 'queued', 'succeeded', 'failed', 'unconfirmed'],
  // Evidence that comes later may correct it once.
  unconfirmed: ['succeeded'],
  succeeded: [],
  failed: [],
  canceled: [],
  expired: [],
  skipped: [],
}

export function mayBecome(from: ActionStatus, to: ActionStatus): boolean {
  return TRANSITIONS[from].includes(to)
}

/** Whether nothing more will happen by itself. */
export function isTerminal(status: ActionStatus): boolean {
  return status !== 'queued' && status !== 'running'
}

/** Who goes first; lower before higher. */
export const CLASS_PERSON = 0
export const CLASS_AUTOMATION = 1
export const CLASS_BULK = 2
export type ActionClass = typeof CLASS_PERSON | typeof CLASS_AUTOMATION | typeof CLASS_BULK

export type OnLimit = 'queue' | 'reject'

/** What an action waits for; `turn` = for nothing but those ahead of it. */
export interface WaitingFor {
  what: 'turn' | 'pause' | 'window' | 'delay' | 'session' | 'connection' | 'instagram' | 'time'
  /** Null = until somebody does something. */
  until: number | null
  /** Which rule: a window (`hour`, `day`, `total`), a push-back (`throttled`, `blocked`), `kill_switch`, a session status. */
  rule: string
}

/** Cause of an action that nobody asked for. */
export interface CausedBy {
  ruleId: string
  eventId: string
}

export interface Action {
  id: string
  userId: string
  sessionId: string
  accountId: string
  kind: string
  class: ActionClass
  status: ActionStatus
  step: ActionStep | null
  dueAt: number
  ord: number
  /** JSON texts of the kind: whom it is about as the caller named it, what to send, what `resolve` found. */
  target: string
  payload: string
  resolved: string | null
  /** Instagram's de-duplication token, the same on every retry. */
  clientToken: string
  onLimit: OnLimit
  sendAt: number | null
  expiresAt: number | null
  attempts: number
  resends: number
  /** Consecutive reads that could not be understood, before the write or after it. */
  failures: number
  /** Machine time until which a lost call may still take effect. */
  callDeadlineWall: number | null
  externalId: string | null
  /** Error code of the catalogue, once it ended otherwise than well. */
  code: string | null
  reason: string | null
  waitingFor: WaitingFor | null
  batchId: string | null
  acceptedAt: number
  acceptedBy: string
  /** Who sent it whether or not its recipient is suppressed. */
  overrideBy: string | null
  /** The rule that did it, and the event that it answers; null = somebody asked for it. */
  causedBy: CausedBy | null
  settledAt: number | null
}

/** How an action ended, for the feature that it belongs to. */
export interface Settlement {
  status: Exclude<ActionStatus, 'queued' | 'running'>
  at: number
  /** Instagram's id of what came to be, its instant and thread where it names them. */
  externalId: string | null
  externalAt: number | null
  threadId: string | null
  code: string | null
  reason: string | null
  /** It had ended as `unconfirmed` before. */
  corrects?: true
}
