import type { Access } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import type { Proxy } from '../core/transport.ts'
import type { CookieJars } from './dependencies.ts'
import type { SealedSession, Session } from './session.ts'
import { type Vault, VaultError } from './vault.ts'

/** Identities under which the secrets of a row are sealed. Rotation walks the same columns. */
export const jarIdentity = (sessionId: string): string => `sessions/${sessionId}/jar`
export const proxyIdentity = (sessionId: string): string => `sessions/${sessionId}/proxy`
export const attemptIdentity = (attemptId: string): string => `login_attempts/${attemptId}/state`

export function sealProxy(vault: Vault, sessionId: string, proxy: Proxy | null): string | null {
  return proxy === null ? null : vault.seal(JSON.stringify(proxy), proxyIdentity(sessionId))
}

/** The session's way to Instagram, or null once its credentials were wiped. Throws `VaultError`. */
function openCredentials(deps: { vault: Vault; jars: CookieJars }, session: SealedSession): Access | null {
  if (session.sealedJar === null) return null
  const proxy =
    session.sealedProxy === null
      ? null
      : (JSON.parse(deps.vault.open(session.sealedProxy, proxyIdentity(session.id))) as Proxy)
  return {
    cookies: deps.jars.parse(deps.vault.open(session.sealedJar, jarIdentity(session.id))),
    proxy,
    userAgent: session.userAgent,
    platformId: session.platformId,
  }
}

/** The same, with null for credentials that no key opens. */
export function tryOpenCredentials(deps: { vault: Vault; jars: CookieJars }, session: SealedSession): Access | null {
  try {
    return openCredentials(deps, session)
  } catch (error) {
    if (error instanceof VaultError) return null
    throw error
  }
}

/**
 * The same for a request that cannot go on without it: `SESSION_NOT_ACTIVE` once wiped, `UNAVAILABLE` when the operator
 * has to restore an encryption key first.
 */
export function requireCredentials(deps: { vault: Vault; jars: CookieJars }, session: SealedSession): Access {
  try {
    const access = openCredentials(deps, session)
    if (access !== null) return access
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause
    const message = 'The stored credentials cannot be opened; the operator has to restore the encryption key.'
    throw new GatewayError('UNAVAILABLE', { message, cause, retryAfterSeconds: 60 })
  }
  throw notActive(session)
}

export function notActive(session: Session): GatewayError {
  return new GatewayError('SESSION_NOT_ACTIVE', { details: { sessionId: session.id, status: session.status } })
}
