import type { Access, Connector } from '../connectors/connector.ts'
import type { ActingSession, SessionHooks, SessionStatusChange } from '../outbox/session-hooks.ts'
import type { Db } from '../store/store.ts'
import { changeStatus } from './change-status.ts'
import { jarIdentity, tryOpenCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { connectBackoff, type Session } from './session.ts'
import { findLiveByAccount, findSession, saveAnswered, saveConnectFailure, saveJar } from './store.ts'

type HookDeps = Pick<SessionDeps, 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'options'>

/**
 * What lanes and the outbox see of sessions. A turn may outlive the login it began under: what it brings home is then
 * about credentials that nobody uses any more, so cookies and push-back of an older jar are dropped.
 */
export function createSessionHooks(deps: HookDeps): SessionHooks {
  /** The jar's text as it was opened, so that a turn which changed no cookie seals and writes nothing. */
  const openedText = new WeakMap<Access, string>()

  async function current(tx: Db, acting: ActingSession): Promise<Session | null> {
    const session = await findSession(tx, acting.id)
    return session === null || session.endedAt !== null || session.jarVersion !== acting.jarVersion ? null : session
  }

  async function keepCookies(tx: Db, acting: ActingSession, access: Access): Promise<void> {
    const text = access.cookies.serialize()
    if (openedText.get(access) === text) return
    const sealedJar = deps.vault.seal(text, jarIdentity(acting.id))
    await saveJar(tx, { id: acting.id, jarVersion: acting.jarVersion, sealedJar })
  }

  return {
    find: findSession,
    findByAccount: findLiveByAccount,

    open(acting): { connector: Connector; access: Access } | null {
      const connector = deps.connectors.get(acting.connector)
      if (connector === undefined || !isStored(acting)) return null
      // Credentials that do not open are as good as wiped: the lane leaves the account alone, and start has told why.
      const access = tryOpenCredentials(deps, acting)
      if (access === null) return null
      openedText.set(access, access.cookies.serialize())
      return { connector, access }
    },

    async answered(tx, acting, access) {
      await keepCookies(tx, acting, access)
      const session = await current(tx, acting)
      if (session === null) return
      const now = deps.clock.now()
      await saveAnswered(tx, { id: session.id, now, expiresAt: now + deps.options.expiryMs })
      // An answer is no proof against a challenge that another request has met meanwhile.
      if (session.status === 'proxy_error' || session.status === 'unreachable' || session.status === 'expired') {
        await changeStatus(tx, deps, session, { status: 'active', reason: null, at: now })
      }
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
        const status = session.sealedProxy === null ? 'unreachable' : 'proxy_error'
        await changeStatus(tx, deps, session, { status, reason, at: now })
      }
      return { retryAt: now + delayMs }
    },
  }
}

/** Every `ActingSession` that `find` and `findByAccount` give is a whole `Session`. */
function isStored(acting: ActingSession): acting is Session {
  return 'sealedJar' in acting
}
