import type { Answer, Principal, Receipt } from '../http/route.ts'
import { tryOpenCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { endLiveSession } from './end-session.ts'
import { findOwnSession } from './find-own-session.ts'
import { ANSWER_GRACE_MS, CALL_DEADLINE_MS } from './instagram-call.ts'
import type { SealedSession } from './session.ts'
import { findSealedSession } from './store.ts'

type LogOutDeps = Pick<
  SessionDeps,
  'store' | 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'cancelQueue' | 'audit'
>

const ANSWER: Answer = { status: 200, message: 'Logout successful' }

/**
 * Tells Instagram, then wipes the credentials, cancels the queue and ends the session. Fine to repeat. What Instagram
 * says does not matter: a user who asks to be forgotten is forgotten here in any case.
 */
export async function logOut(
  deps: LogOutDeps,
  input: { principal: Principal; receipt: Receipt; sessionId: string },
): Promise<Answer> {
  const { session, sealed } = await deps.store.write(async (tx) => {
    await input.receipt.claim(tx, { answerWithinMs: CALL_DEADLINE_MS + ANSWER_GRACE_MS })
    const session = await findOwnSession(tx, input.principal, input.sessionId)
    return { session, sealed: await findSealedSession(tx, session.id) }
  })
  if (sealed !== null) await tellInstagram(deps, sealed)
  return deps.store.write(async (tx) => {
    await endLiveSession(tx, deps, session, { status: 'logged_out', actor: input.principal.userId })
    await input.receipt.answer(tx, ANSWER)
    return ANSWER
  })
}

async function tellInstagram(deps: LogOutDeps, session: SealedSession): Promise<void> {
  const connector = deps.connectors.get(session.connector)
  const access = tryOpenCredentials(deps, session)
  if (access === null || !connector?.capabilities.has('log_out')) return
  await connector.logOut(access, { deadlineMs: CALL_DEADLINE_MS })
}
