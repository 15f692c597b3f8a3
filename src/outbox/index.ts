export { type AcceptDeps, type AcceptedAction, type AcceptInput, acceptAction } from './accept-action.ts'
export {
  type Action,
  type ActionClass,
  type ActionStatus,
  type ActionStep,
  CLASS_AUTOMATION,
  CLASS_BULK,
  CLASS_PERSON,
  isTerminal,
  type OnLimit,
  type Settlement,
  type WaitingFor,
} from './action.ts'
export { cancelAction, cancelQueue } from './cancel-action.ts'
export type { OutboxDeps } from './deps.ts'
export type { ActionKind, ActionKinds, Evidence, Finding, TurnContext } from './kind.ts'
export { performTurn } from './perform-turn.ts'
export { outboxRoutes } from './routes.ts'
export type { ActingSession, SessionHooks, SessionStatus, SessionStatusChange } from './session-hooks.ts'
export { readStatuses } from './store.ts'
