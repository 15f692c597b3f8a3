import type { Principal } from '../http/route.ts'
import type { SessionDeps } from './dependencies.ts'
import { endLiveSession } from './end-session.ts'
import { findOwnSession } from './find-own-session.ts'

type DeactivateDeps = Pick<SessionDeps, 'store' | 'clock' | 'random' | 'cancelQueue' | 'audit'>

/** Ends the session without telling Instagram; credentials are wiped and the queue is canceled. Fine to repeat. */
export async function deactivateSession(
  deps: DeactivateDeps,
  input: { principal: Principal; sessionId: string },
): Promise<void> {
  await deps.store.write(async (tx) => {
    const session = await findOwnSession(tx, input.principal, input.sessionId)
    await endLiveSession(tx, deps, session, { status: 'deactivated', actor: input.principal.userId })
  })
}
