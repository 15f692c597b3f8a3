export { v1Dialect, wordingOf } from './dialect.ts'
export { createLocalV1, type LocalV1, type V1Answer, type V1Data, type V1Failure, type V1Success } from './local.ts'
export { type V1Deps, v1Routes } from './routes.ts'
export type { LimitView, SessionView } from './schemas.ts'
