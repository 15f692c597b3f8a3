import { GatewayError, invalidFields } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import type { WebhookDeps } from './dependencies.ts'
import type { Endpoint } from './endpoint.ts'
import { findEndpoint } from './store.ts'

type Deps = Pick<WebhookDeps, 'sessions'>

/** The caller's own, within the sessions of their token. Otherwise `WEBHOOK_NOT_FOUND`, as for one that does not exist. */
export async function findOwnEndpoint(db: Db, deps: Deps, principal: Principal, id: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(db, id)
  if (endpoint === null || endpoint.userId !== principal.userId || !(await mayReach(db, deps, principal, endpoint))) {
    throw new GatewayError('WEBHOOK_NOT_FOUND')
  }
  return endpoint
}

/** Whether a token confined to some sessions may see an endpoint: only one that hears of none but these. */
export async function mayReach(
  db: Db,
  deps: Deps,
  principal: Principal,
  { sessionIds }: Pick<Endpoint, 'sessionIds'>,
): Promise<boolean> {
  if (principal.sessions === null) return true
  if (sessionIds === null) return false
  for (const id of sessionIds) {
    const session = await deps.sessions.find(db, id)
    if (!maySeeSession(principal, { id, username: session?.username ?? '' })) return false
  }
  return true
}

/**
 * The sessions an endpoint is to hear of; null = all of the user's, which a confined token cannot ask for. Throws
 * `SESSION_NOT_FOUND`, `VALIDATION_ERROR`.
 */
export async function requireOwnSessions(
  db: Db,
  deps: Deps,
  principal: Principal,
  sessionIds: readonly string[] | null,
): Promise<string[] | null> {
  if (sessionIds === null) {
    if (principal.sessions === null) return null
    throw invalidFields([{ path: 'sessionIds', message: 'must be given: this token reaches some sessions only' }])
  }
  const unique = [...new Set(sessionIds)]
  for (const id of unique) {
    const session = await deps.sessions.find(db, id)
    if (session === null || session.userId !== principal.userId || !maySeeSession(principal, session)) {
      throw new GatewayError('SESSION_NOT_FOUND')
    }
  }
  return unique
}
