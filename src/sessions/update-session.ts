import { invalidFields } from '../core/errors.ts'
import type { Principal } from '../http/route.ts'
import { wakeLane } from '../lanes/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import { notActive } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { findOwnSession } from './find-own-session.ts'
import { LIVE_ACTION_DELAY_MS_LEAST, type Session, type SessionMetadata, type SessionSettings } from './session.ts'
import { saveSettings } from './store.ts'

type UpdateDeps = Pick<SessionDeps, 'store' | 'clock' | 'signal' | 'options' | 'settingsChanged'>

/** Changes any part of settings and metadata. The lane looks again: a shorter gap may let it act now. */
export async function updateSession(
  deps: UpdateDeps,
  input: {
    principal: Principal
    sessionId: string
    settings: Partial<SessionSettings>
    metadata: Partial<SessionMetadata>
  },
): Promise<Session> {
  const { actionDelay } = input.settings
  if (deps.options.mode === 'live' && actionDelay !== undefined && actionDelay < LIVE_ACTION_DELAY_MS_LEAST) {
    const message = `must be at least ${LIVE_ACTION_DELAY_MS_LEAST} in live mode`
    throw invalidFields([{ path: 'settings.actionDelay', message }])
  }
  return deps.store.write(async (tx) => {
    const { accountId } = await findOwnSession(tx, input.principal, input.sessionId)
    await lockAccount(tx, accountId)
    const session = await findOwnSession(tx, input.principal, input.sessionId)
    if (session.endedAt !== null) throw notActive(session)
    const settings = { ...session.settings, ...input.settings }
    const metadata = { ...session.metadata, ...input.metadata }
    await saveSettings(tx, { id: session.id, settings, metadata })
    await deps.settingsChanged?.(tx, { session, before: session.settings, after: settings })
    await wakeLane(tx, deps, { accountId, at: deps.clock.now() })
    return { ...session, settings, metadata }
  })
}
