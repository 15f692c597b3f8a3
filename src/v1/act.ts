import { GatewayError, invalidFields } from '../core/errors.ts'
import { engage } from '../engagement/index.ts'
import type { Answer, Call } from '../http/route.ts'
import type { PresentAction, RunDeps } from '../outbox/index.ts'
import { findOwnSessionNamed } from '../sessions/index.ts'
import { faultsOf } from './dialect.ts'
import { ACTED_KINDS, viewLimits } from './views.ts'

type ActedKind = (typeof ACTED_KINDS)[number]

/** What v1 calls the fields that an engagement's faults name. */
const FIELD_NAMES: Readonly<Record<string, string>> = { postId: 'media_id', userId: 'target_user_id', content: 'text' }

export interface Act {
  username: string
  kind: ActedKind
  target: string
  text?: string
}

/** Accepts one act on the account of a name and waits for its end; the same use case as v2's. */
export async function actAs(
  deps: RunDeps,
  call: Pick<Call<never, never, never>, 'principal' | 'receipt' | 'preferredWaitMs'>,
  act: Act,
): Promise<Answer> {
  const { principal, receipt, preferredWaitMs } = call
  const session = await findOwnSessionNamed(deps.store.read, principal, act.username)
  try {
    return await engage(deps, {
      ...{ principal, receipt, preferredWaitMs },
      kind: act.kind,
      input: {
        sessionId: session.id,
        target: act.target,
        ...(act.text === undefined ? {} : { content: act.text }),
      },
      present: presentIn(deps),
    })
  } catch (error) {
    throw error instanceof GatewayError ? inOurNames(error) : error
  }
}

/** `{action_id, status, limits}`; 200 also while it waits, because the document knows no other success. */
export function presentIn(deps: RunDeps): PresentAction {
  return async (db, action, answer) => {
    const session = await deps.sessions.find(db, action.sessionId)
    if (session === null) throw new Error(`the session of ${action.id} is gone`)
    const limits = await viewLimits(db, deps, session, ACTED_KINDS)
    return { ...answer, status: 200, data: { action_id: action.id, status: action.status, limits } }
  }
}

function inOurNames(error: GatewayError): GatewayError {
  const faults = faultsOf(error)
  if (faults.length === 0) return error
  return invalidFields(faults.map(({ path, message }) => ({ path: FIELD_NAMES[path] ?? path, message })))
}
