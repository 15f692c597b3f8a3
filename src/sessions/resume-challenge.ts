import { GatewayError } from '../core/errors.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import type { Db } from '../store/store.ts'
import { findOpenAttempt, type LoginAttempt, takeCode } from './attempt-store.ts'
import { challengeRequired } from './challenge.ts'
import { notActive } from './credentials.ts'
import { findOwnSession } from './find-own-session.ts'
import type { LoginDeps } from './finish-login.ts'
import { issueHandoff } from './hand-off.ts'
import { ANSWER_GRACE_MS, CALL_DEADLINE_MS, startDeadline } from './instagram-call.ts'
import { requireConnector } from './require-connector.ts'
import type { Session } from './session.ts'
import { codeRefused, continueAttempt } from './two-factor.ts'
import type { Validated, ValidateSession } from './validate-session.ts'

export type ResumeDeps = LoginDeps & { validateSession: ValidateSession }

export interface ResumeInput {
  principal: Principal
  receipt: Receipt
  sessionId: string
  /** A security code; null = the owner says that it is done. */
  code: string | null
  answer(session: Session): Answer
}

/**
 * After the owner did what Instagram asked: goes on with the same jar. A code continues the login that waits for one;
 * what a challenge page asks for is typed there by the owner, never by us.
 */
export async function resumeChallenge(deps: ResumeDeps, input: ResumeInput): Promise<Answer> {
  const { session, attempt } = await deps.store.write((tx) => begin(tx, deps, input))
  if (input.code !== null) return submitCode(deps, input, { session, attempt })
  const validated = await deps.validateSession(session)
  await requireLoggedIn(deps, validated)
  const answer = input.answer(validated.session)
  await deps.store.write((tx) => input.receipt.answer(tx, answer))
  return answer
}

async function begin(
  tx: Db,
  deps: ResumeDeps,
  input: ResumeInput,
): Promise<{ session: Session; attempt: LoginAttempt | null }> {
  await input.receipt.claim(tx, { answerWithinMs: CALL_DEADLINE_MS + ANSWER_GRACE_MS })
  const session = await findOwnSession(tx, input.principal, input.sessionId)
  if (session.endedAt !== null) throw notActive(session)
  if (input.code === null) return { session, attempt: null }
  const { userId, connector, username } = session
  const attempt = await findOpenAttempt(tx, { userId, connector, username, now: deps.clock.now() })
  if (attempt === null) throw codeNotAskedFor()
  return { session, attempt: { ...attempt, attemptsLeft: (await takeCode(tx, attempt.id)) ?? -1 } }
}

async function submitCode(
  deps: ResumeDeps,
  input: ResumeInput,
  { session, attempt }: { session: Session; attempt: LoginAttempt | null },
): Promise<Answer> {
  if (attempt === null) throw codeNotAskedFor()
  if (attempt.attemptsLeft < 0) throw codeRefused(0)
  const login = {
    userId: session.userId,
    receipt: input.receipt,
    api: 'v2' as const,
    label: null,
    connector: requireConnector(deps, session.connector, 'log_in'),
    username: attempt.username,
    code: input.code,
    retries: 0,
    deadline: startDeadline(deps.clock, CALL_DEADLINE_MS),
    answer: input.answer,
  }
  return continueAttempt(deps, login, attempt)
}

function codeNotAskedFor(): GatewayError {
  return new GatewayError('NOT_SUPPORTED', {
    message:
      'Instagram asked for no code here; the owner confirms through the hand-off link, then send {"done": true}.',
  })
}

/** Throws the refusal that tells what is still to be done. */
async function requireLoggedIn(
  deps: Pick<LoginDeps, 'store' | 'clock' | 'vault' | 'publicUrl'>,
  { session, verdict }: Validated,
): Promise<void> {
  if (verdict === 'logged_in') return
  if (verdict === 'other_account') throw new GatewayError('ACCOUNT_MISMATCH')
  if (session.status === 'login_required') throw notActive(session)
  const link = await deps.store.write((tx) => issueHandoff(tx, deps, session.id))
  throw verdict === 'challenge'
    ? challengeRequired(session, link)
    : challengeRequired(
        session,
        link,
        'Instagram does not see a login yet: once the owner has confirmed, log in again.',
      )
}
