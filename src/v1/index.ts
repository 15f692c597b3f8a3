export { v1Dialect } from './dialect.ts'
export { type V1Deps, v1Routes } from './routes.ts'
