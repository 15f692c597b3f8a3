export { type Dialect, v2Dialect } from './dialect.ts'
export { FINGERPRINT_KEY, loadFingerprintKey, metaIdentity } from './fingerprint-key.ts'
export { type Seals, sweepIdempotencyKeys } from './idempotency.ts'
export { RemoteKeySet } from './key-set.ts'
export { createLogger } from './logger.ts'
export { createMetrics, DURATION_BUCKETS_SECONDS, type Metrics } from './metrics.ts'
export { type ApiInfo, buildOpenApi } from './openapi.ts'
export type { Page, PageAnswer, PageVisit } from './page.ts'
export { preferenceApplied } from './prefer.ts'
export { Readiness } from './readiness.ts'
export { revocationRoutes } from './revocation-routes.ts'
export { Revocations } from './revocations.ts'
export {
  type Answer,
  type Call,
  type PreferredWaitMs,
  type Principal,
  type Receipt,
  type Route,
  route,
  type Scope,
} from './route.ts'
export { createHttpServer, type HttpServer, type HttpServerDeps } from './server.ts'
export type { Api } from './shell.ts'
export { loadSigningSecrets, type SigningSecrets, signToken, type TokenClaims } from './sign-token.ts'
export { maySeeSession, requireUser } from './tenancy.ts'
export { TokenVerifier } from './verify-token.ts'
