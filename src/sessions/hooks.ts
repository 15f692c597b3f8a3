import type { Access, Connector } from '../connectors/connector.ts'
import type { ActingSession, SessionHooks, SessionStatusChange } from '../outbox/session-hooks.ts'
import type { Db } from '../store/store.ts'
import { changeStatus } from './change-status.ts'
import type { SessionDeps } from './dependencies.ts'
import { OpenedCredentials } from './opened-credentials.ts'
import { connectBackoff, type SealedSession, type Session } from './session.ts'
import { findLiveByAccount, findSession, saveAnsweredTurn, saveConnectFailure, saveJar } from './store.ts'

type HookDeps = Pick<SessionDeps, 'store' | 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'options'>

/**
 * What lanes and the outbox see of sessions. A turn may outlive the login it began under: what it brings home is then
 * about credentials that nobody uses any more, so cookies and push-back of an older jar are dropped.
 */
export function createSessionHooks(deps: HookDeps): SessionHooks {
  const credentials = new OpenedCredentials(deps)

  async function current(tx: Db, acting: ActingSession): Promise<Session | null> {
    const session = await findSession(tx, acting.id)
    return session === null || session.endedAt !== null || session.jarVersion !== acting.jarVersion ? null : session
  }

  async function keepCookies(tx: Db, acting: ActingSession, access: Access): Promise<void> {
    const sealedJar = credentials.sealIfChanged(tx, acting.id, access)
    if (sealedJar !== null) await saveJar(tx, { id: acting.id, jarVersion: acting.jarVersion, sealedJar })
  }

  return {
    find: findSession,
    findByAccount: findLiveByAccount,

    open(acting): { connector: Connector; access: Access } | null {
      const connector = deps.connectors.get(acting.connector)
      if (connector === undefined || !isSealed(acting)) return null
      const access = credentials.open(acting)
      return access === null ? null : { connector, access }
    },

    async answered(tx, acting, access) {
      await keepCookies(tx, acting, access)
      const now = deps.clock.now()
      const { id, jarVersion } = acting
      const status = await saveAnsweredTurn(tx, { id, jarVersion, now, expiresAt: now + deps.options.expiryMs })
      // An answer is no proof against a challenge that another request has met meanwhile.
      if (status !== 'proxy_error' && status !== 'unreachable' && status !== 'expired') return
      const session = await current(tx, acting)
      if (session !== null) await changeStatus(tx, deps, session, { status: 'active', reason: null, at: now })
    },

    saveCookies: keepCookies,

    async setStatus(tx, acting, change: SessionStatusChange) {
      const session = await current(tx, acting)
      if (session !== null) await changeStatus(tx, deps, session, { ...change, at: deps.clock.now() })
    },

    async notSent(tx, acting, cause, reason) {
      const now = deps.clock.now()
      const session = await current(tx, acting)
      // A lease that ran out says nothing about the connection.
      if (session === null || cause === 'lease') return { retryAt: now }
      const failures = session.connectFailures + 1
      const { delayMs, isCutOff } = connectBackoff(failures)
      await saveConnectFailure(tx, { id: session.id, failures, retryAt: now + delayMs })
      if (isCutOff && session.status === 'active') {
        const status = session.hasProxy ? 'proxy_error' : 'unreachable'
        await changeStatus(tx, deps, session, { status, reason, at: now })
      }
      return { retryAt: now + delayMs }
    },
  }
}

/** Every `ActingSession` that `findByAccount` gives, which is how a turn begins. */
function isSealed(acting: ActingSession): acting is SealedSession {
  return 'sealedJar' in acting
}
