export { type Dialect, v2Dialect } from './dialect.ts'
export { loadFingerprintKey } from './fingerprint-key.ts'
export { type Seals, sweepIdempotencyKeys } from './idempotency.ts'
export { RemoteKeySet } from './key-set.ts'
export { createLogger } from './logger.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { type ApiInfo, buildOpenApi } from './openapi.ts'
export type { Page, PageAnswer, PageVisit } from './page.ts'
export { Readiness } from './readiness.ts'
export { revocationRoutes } from './revocation-routes.ts'
export { Revocations } from './revocations.ts'
export type {
  Answer,
  Call,
  PreferredWaitMs,
  Principal,
  Receipt,
  Route,
  Scope,
} from './route.ts'
export { createHttpServer, type HttpServer, type HttpServerDeps } from './server.ts'
export type { Api } from './shell.ts'
export { loadSigningSecrets, type SigningSecrets, signToken, type TokenClaims } from './sign-token.ts'
export { TokenVerifier } from './verify-token.ts'
