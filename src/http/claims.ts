import type { Principal, Scope } from './route.ts'

const LEEWAY_SECONDS = 30
const USER_LENGTH_MAX = 256
const CONFINED_SESSIONS_MAX = 1000
const SCOPES: ReadonlySet<string> = new Set<Scope>(['read', 'send', 'manage'])

export interface VerifiedToken {
  principal: Principal
  /** Epoch seconds. */
  expiresAt: number
  /** Epoch seconds; null when the token does not say. */
  issuedAt: number | null
}

export interface ClaimRules {
  issuer: string | null
  audience: string | null
}

/** Why a token was refused; for the log, never for the client. */
export type TokenFault =
  | 'missing'
  | 'malformed'
  | 'header'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'claims'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'revoked'

/** Judges the claims of a token whose signature is good. `nowSeconds` is machine time. */
export function readClaims(
  claims: Record<string, unknown>,
  rules: ClaimRules,
  nowSeconds: number,
): VerifiedToken | TokenFault {
  const { sub, exp, nbf, iat, iss, aud } = claims
  if (typeof sub !== 'string' || !isUserId(sub) || !isInstant(exp)) return 'claims'
  if (nbf !== undefined && !isInstant(nbf)) return 'claims'
  if (iat !== undefined && !isInstant(iat)) return 'claims'
  if (exp <= nowSeconds) return 'expired'
  if ((nbf ?? 0) > nowSeconds + LEEWAY_SECONDS || (iat ?? 0) > nowSeconds + LEEWAY_SECONDS) return 'not_yet_valid'
  if (rules.issuer !== null && iss !== rules.issuer) return 'issuer'
  if (rules.audience !== null && !(Array.isArray(aud) ? aud : [aud]).includes(rules.audience)) return 'audience'
  const scopes = readScopes(claims['scope'])
  const sessions = readSessions(claims['sessions'])
  if (scopes === undefined || sessions === undefined) return 'claims'
  const isAdmin = claims['role'] === 'admin'
  const principal = { userId: sub, isAdmin, scopes, sessions, expiresAtWall: exp * 1_000 }
  return { principal, expiresAt: exp, issuedAt: iat ?? null }
}

/** Undefined = malformed. Unknown words are other services' business. */
function readScopes(scope: unknown): ReadonlySet<Scope> | null | undefined {
  if (scope === undefined) return null
  if (typeof scope !== 'string') return undefined
  return new Set(scope.split(' ').filter((word): word is Scope => SCOPES.has(word)))
}

function readSessions(sessions: unknown): readonly string[] | null | undefined {
  if (sessions === undefined) return null
  if (!Array.isArray(sessions) || sessions.length > CONFINED_SESSIONS_MAX) return undefined
  return sessions.every((session) => typeof session === 'string') ? sessions : undefined
}

function isUserId(sub: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  return sub.length > 0 && sub.length <= USER_LENGTH_MAX && sub.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(sub)
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
