import type { Access, Connector, ReadResult } from '../connectors/connector.ts'
import { wakeLane } from '../lanes/index.ts'
import type { SessionStatusChange } from '../outbox/session-hooks.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { challengeStatus } from './challenge.ts'
import { changeStatus } from './change-status.ts'
import { jarIdentity, notActive, requireCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { CALL_DEADLINE_MS, instagramFailure } from './instagram-call.ts'
import { requireConnector } from './require-connector.ts'
import type { Session } from './session.ts'
import { findSealedSession, findSession, saveAnswered, saveValidatedJar } from './store.ts'

export type ValidateDeps = Pick<
  SessionDeps,
  'store' | 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'signal' | 'options'
>

/** What Instagram said about a session that it could be asked about. */
export type Verdict = 'logged_in' | 'challenge' | 'login_required' | 'other_account'

export interface Validated {
  /** As it is after the answer was written. */
  session: Session
  verdict: Verdict
}

/**
 * Asks Instagram whether it still sees the account as logged in, and writes what follows from the answer. Throws when
 * Instagram could not be asked (502, 504) or the session has ended (`SESSION_NOT_ACTIVE`).
 */
export type ValidateSession = (session: Session) => Promise<Validated>

/** Requests about one account within this time share one call. */
const SHARED_MS = 2_000

/** One per process: it keeps the calls that are shared. Losing them costs a call, nothing else. */
export function createValidateSession(deps: ValidateDeps): ValidateSession {
  const calls = new Map<string, { startedMs: number; answer: Promise<Validated> }>()

  function forgetOld(nowMs: number): void {
    for (const [key, { startedMs }] of calls) {
      if (nowMs - startedMs < SHARED_MS) return
      calls.delete(key)
    }
  }

  return (session) => {
    const nowMs = deps.clock.elapsed()
    forgetOld(nowMs)
    // A newer login is another question.
    const key = `${session.id} ${session.jarVersion}`
    const shared = calls.get(key)
    if (shared !== undefined) return shared.answer
    const answer = validate(deps, session)
    calls.set(key, { startedMs: nowMs, answer })
    // Who has just confirmed at Instagram must not hear what was true a second before.
    const forget = () => calls.delete(key)
    answer.then(({ verdict }) => verdict === 'logged_in' || forget(), forget)
    return answer
  }
}

async function validate(deps: ValidateDeps, asked: Session): Promise<Validated> {
  const session = await findSealedSession(deps.store.read, asked.id)
  if (session === null || session.endedAt !== null) throw notActive(session ?? asked)
  const connector = requireConnector(deps, session.connector, 'check_session')
  const access = requireCredentials(deps, session)
  const before = access.cookies.serialize()
  const verdict = await ask(connector, access, session)
  const text = access.cookies.serialize()
  const after = await deps.store.write(async (tx) => {
    await lockAccount(tx, session.accountId)
    const current = await findSession(tx, session.id)
    // Ended or logged in anew while we asked: the answer is about credentials that are gone.
    if (current === null || current.jarVersion !== session.jarVersion) return current
    if (text !== before) {
      const sealedJar = deps.vault.seal(text, jarIdentity(session.id))
      await saveValidatedJar(tx, { id: session.id, sealedJar })
    }
    await apply(tx, deps, current, verdict)
    return findSession(tx, session.id)
  })
  return { session: after ?? session, verdict: verdict.verdict }
}

interface Asked {
  verdict: Verdict
  change: SessionStatusChange
}

async function ask(connector: Connector, access: Access, session: Session): Promise<Asked> {
  const result = await connector.checkSession(access, { deadlineMs: CALL_DEADLINE_MS })
  switch (result.type) {
    case 'ok':
      return judgeOwner(result, session)
    case 'challenge':
      return {
        verdict: 'challenge',
        change: { status: challengeStatus(result), reason: result.reason, challengeUrl: result.url },
      }
    case 'login_required':
      return { verdict: 'login_required', change: loginRequired(session, result.reason) }
    default:
      throw instagramFailure(result, { hasProxy: access.proxy !== null })
  }
}

/** The account is pinned to its platform id: cookies that turn out to be somebody else's are not used. */
function judgeOwner(result: Extract<ReadResult<{ platformId: string }>, { type: 'ok' }>, session: Session): Asked {
  if (result.value.platformId === session.platformId) {
    return { verdict: 'logged_in', change: { status: 'active', reason: null } }
  }
  const reason = 'The cookies belong to another Instagram account; log in again.'
  return { verdict: 'other_account', change: { status: 'login_required', reason } }
}

/**
 * A challenge met while logging in leaves a jar that was never logged in: until the owner has confirmed and logged in
 * again, that is still what the session waits for.
 */
function loginRequired(session: Session, reason: string): SessionStatusChange {
  const { status, statusReason, challengeUrl } = session
  const isWaiting = status === 'challenge_required' || status === 'suspended'
  return isWaiting ? { status, reason: statusReason, challengeUrl } : { status: 'login_required', reason }
}

async function apply(tx: Db, deps: ValidateDeps, session: Session, { verdict, change }: Asked): Promise<void> {
  const now = deps.clock.now()
  if (verdict === 'logged_in') {
    await saveAnswered(tx, { id: session.id, now, expiresAt: now + deps.options.expiryMs })
    await wakeLane(tx, deps, { accountId: session.accountId, at: now })
  }
  await changeStatus(tx, deps, session, { ...change, at: now })
}
