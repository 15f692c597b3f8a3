export { type ForecastInput, type ForecastStream, forecast } from './forecast.ts'
export {
  BLOCK_LADDER_MS,
  BLOCK_OTHERS_MS,
  climb,
  extend,
  type Pause,
  THROTTLE_LADDER_MS,
} from './pause.ts'
export { type Earliest, earliest, estimateBehind, forecastBehind, type Rule, type Usage, type Window } from './plan.ts'
export {
  ALL_KINDS,
  CLASSIC_POLICY,
  DAY_MS,
  DEFAULT_LIMITS,
  type EffectiveLimits,
  HOUR_MS,
  type KindLimits,
  type LimitPolicy,
  type LimitSubject,
  type LimitsConfig,
  limitsFor,
  STANDARD_POLICY,
} from './policy.ts'
export { forgetUsage, listPauses, readLimits, type WindowState } from './read-limits.ts'
export {
  type AttemptNumbers,
  countAttempts,
  findPause,
  giveNumbersBack,
  moveNumbers,
  readAttempts,
  readRecentAttempts,
  readUsage,
  savePause,
  takeNumbers,
} from './store.ts'
export {
  isSwitchedOff,
  listSwitches,
  type Switch,
  type SwitchScope,
  switchOff,
  switchOn,
} from './switches.ts'
