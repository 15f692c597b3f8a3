import { GatewayError } from '../core/errors.ts'
import { LocalApi, type LocalInput } from '../http/local-api.ts'
import type { Principal } from '../http/route.ts'
import type { Api } from '../http/shell.ts'
import { statusAt } from '../outbox/index.ts'
import {
  deactivateSession,
  findOwnSessionNamed,
  listSessions,
  type Session,
  type ValidateSession,
} from '../sessions/index.ts'
import type { V1Deps } from './routes.ts'
import type { LimitView, SessionView } from './schemas.ts'
import { viewSession } from './views.ts'

export interface V1Success<Data> {
  success: true
  data: Data
  message: string
}

export interface V1Failure {
  success: false
  /** The document's codes: `INVALID_SESSION`, `RATE_LIMIT_EXCEEDED`, `REQUEST_FAILED`, `VALIDATION_ERROR`; and ours. */
  error_code: string
  message: string
  /** Sentences by field; empty where it is not about fields. */
  errors: Record<string, string[]>
}

/** An answer of the first document's API, and its HTTP status. */
export type V1Answer<Data> = [response: V1Success<Data> | V1Failure, status: number]

export interface V1Data {
  v1CreateSession: { session: SessionView }
  v1DeleteSession: Record<string, never>
  v1GetLimits: { limits: Record<string, LimitView> }
  v1Follow: ActionData
  v1Like: ActionData
  v1Comment: ActionData
}

interface ActionData {
  action_id: string
  status: 'queued' | 'running' | 'succeeded' | 'unconfirmed'
  limits: { follow: LimitView; like: LimitView; comment: LimitView }
}

/** The first document's API as one user, in this process; and what its library does beyond it. */
export interface LocalV1 {
  call<Operation extends keyof V1Data>(operation: Operation, input: LocalInput): Promise<V1Answer<V1Data[Operation]>>
  /** The user's live session on an account; null when there is none. */
  findSession(username: string): Promise<SessionView | null>
  /** Asks Instagram whether it still sees the account as logged in, and answers with the session as it is after that. */
  validateSession(username: string): Promise<V1Answer<{ session: SessionView }>>
  /** Deactivates the user's sessions that have expired; resolves with how many. */
  endExpiredSessions(): Promise<number>
}

type LocalDeps = V1Deps & { validateSession: ValidateSession }

const PAGE = 100

/** Where a page of sessions ended. */
interface Place {
  createdAt: number
  id: string
}

export function createLocalV1(deps: LocalDeps, api: Api): (userId: string) => LocalV1 {
  const local = new LocalApi(api)
  return (userId) => {
    const principal: Principal = { userId, isAdmin: false, scopes: null, sessions: null }
    return {
      async call(operation, input) {
        return parsed(await local.call(principal, operation, input))
      },
      async findSession(username) {
        const session = await findOwnSessionNamed(deps.store.read, principal, username).catch(nullIfNone)
        return session === null ? null : viewSession(deps.store.read, deps, session)
      },
      async validateSession(username) {
        const answer = await local.answer(async () => {
          const { session } = await deps.validateSession(
            await findOwnSessionNamed(deps.store.read, principal, username),
          )
          const data = { session: await viewSession(deps.store.read, deps, session) }
          return { status: 200, data, message: 'Session validated' }
        })
        return parsed(answer)
      },
      endExpiredSessions: () => endExpiredSessions(deps, principal),
    }
  }
}

/** The text is our own dialect's, whose shape these types state. */
function parsed<Data>({ status, body }: { status: number; body: string }): V1Answer<Data> {
  return [JSON.parse(body) as V1Success<Data> | V1Failure, status]
}

function nullIfNone(error: unknown): null {
  if (error instanceof GatewayError && error.code === 'SESSION_NOT_FOUND') return null
  throw error
}

async function endExpiredSessions(deps: LocalDeps, principal: Principal): Promise<number> {
  let ended = 0
  let after: Place | null = null
  do {
    const page: { sessions: Session[]; next: Place | null } = await listSessions(deps, {
      principal,
      userId: principal.userId,
      limit: PAGE,
      after,
    })
    const now = deps.clock.now()
    for (const session of page.sessions) {
      if (statusAt(session, now) !== 'expired') continue
      await deactivateSession(deps, { principal, sessionId: session.id })
      ended += 1
    }
    after = page.next
  } while (after !== null)
  return ended
}
