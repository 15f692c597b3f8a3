export { type AcceptDeps, type AcceptedAction, type AcceptInput, acceptAction } from './accept-action.ts'
export { acceptAndWait, answerAgain, type PresentAction, type RunDeps } from './accept-and-wait.ts'
export {
  type Action,
  type ActionClass,
  type ActionStatus,
  type ActionStep,
  type CausedBy,
  CLASS_AUTOMATION,
  CLASS_PERSON,
  isTerminal,
  type OnLimit,
  type Settlement,
  type WaitingFor,
} from './action.ts'
export type { BatchDraft } from './batch/accept-batch.ts'
export { acceptBatchAndWait, answerBatchAgain } from './batch/accept-batch-and-wait.ts'
export { type Batch, type BatchItem, ITEMS_MAX, isSettled as isBatchSettled, toItems } from './batch/batch.ts'
export { BatchPlan, PlannedItem, planDryRun } from './batch/dry-run.ts'
export { ItemView, viewItem, viewWithForecast } from './batch/read-batches.ts'
export { batchRoutes } from './batch/routes.ts'
export { listItems } from './batch/store.ts'
export { BatchSweep, sweepBatches } from './batch/sweep-batches.ts'
export { ForecastBatchView } from './batch/view-batch.ts'
export { cancelAction, cancelQueue } from './cancel-action.ts'
export type { OutboxDeps } from './deps.ts'
export { findActingSession, findOwnAction, isHalfAccepted } from './find-own-action.ts'
export { forecastRoutes } from './forecast-routes.ts'
export type {
  ActionKind,
  ActionKinds,
  Addressee,
  Evidence,
  Finding,
  FindSuppression,
  Prepared,
  ReadbackContext,
  TurnContext,
} from './kind.ts'
export type { LaneRead, LaneReads, NoRead, ReadContext } from './lane-reads.ts'
export { confirmSeen, findUncertain } from './late-evidence.ts'
export { performTurn } from './perform-turn.ts'
export { outboxRoutes } from './routes.ts'
export { isActing, requireAble, statusAt } from './session-able.ts'
export type { ActingSession, SessionHooks, SessionStatus, SessionStatusChange } from './session-hooks.ts'
export { findAction, readStatuses } from './store.ts'
export { timelineFault } from './timeline-fault.ts'
export { ActionView, PendingActionView, viewAction } from './view-action.ts'
export { announceChange } from './wait-for-change.ts'
