import type { Access } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import type { Proxy } from '../core/transport.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import { findOpenAttempt, type LoginAttempt, takeCode } from './attempt-store.ts'
import { tryOpenCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { finishLogin, type Login, type LoginDeps } from './finish-login.ts'
import { ANSWER_GRACE_MS, callWithRetries, startDeadline } from './instagram-call.ts'
import { sessionLimitReached } from './open-session.ts'
import { requireConnector } from './require-connector.ts'
import { type Api, normalizeUsername, type SealedSession, type Session } from './session.ts'
import { countLive, findLiveByUsername } from './store.ts'
import { codeRefused, continueAttempt, meetSecondFactor } from './two-factor.ts'

export interface LogInInput {
  principal: Principal
  receipt: Receipt
  api: Api
  connector: string
  username: string
  password: string
  twoFactorCode: string | null
  /** Undefined = what the user's session on the account already has; null = none. */
  proxy: Proxy | null | undefined
  userAgent: string | undefined
  /** For everything that Instagram is asked during this login. */
  timeoutMs: number
  /** Of the connection only; a password that may have arrived is not sent again. */
  retries: number
  answer(session: Session): Answer
}

/**
 * Logs in at Instagram and opens the user's session on the account, or renews the one there is. A second factor goes on
 * with the same attempt in a later call. Every refusal is one of the contract's codes.
 *
 * Three steps: a bare idempotency record and the request limit are committed, Instagram is called with nothing held, and
 * one transaction writes all that came of it. A crash in between leaves the record, which counts as new once its time is
 * over, and no session.
 */
export async function logIn(deps: LoginDeps, input: LogInInput): Promise<Answer> {
  const connector = requireConnector(deps, input.connector, 'log_in')
  const username = normalizeUsername(input.username)
  const begun = await deps.store.write((tx) => begin(tx, deps, input, username))
  const login: Login = {
    userId: input.principal.userId,
    receipt: input.receipt,
    api: input.api,
    label: null,
    connector,
    username,
    code: digitsOf(input.twoFactorCode),
    retries: input.retries,
    deadline: startDeadline(deps.clock, input.timeoutMs),
    answer: input.answer,
  }
  if (begun.step === 'codes_used_up') throw codeRefused(0)
  if (begun.step === 'second_factor') return continueAttempt(deps, login, begun.attempt)
  return sendPassword(deps, login, { access: accessFor(deps, input, begun.own), password: input.password })
}

/** A token that is confined to some sessions may only log in to these, by their id or their account's name. */
export function requireReach(principal: Principal, username: string, own: Session | null): void {
  if (maySeeSession(principal, { id: own?.id ?? username, username })) return
  throw new GatewayError('FORBIDDEN', { message: 'This token is confined to other accounts.' })
}

type Begun =
  | { step: 'password'; own: SealedSession | null }
  | { step: 'second_factor'; attempt: LoginAttempt }
  | { step: 'codes_used_up' }

async function begin(tx: Db, deps: LoginDeps, input: LogInInput, username: string): Promise<Begun> {
  await input.receipt.claim(tx, { answerWithinMs: input.timeoutMs + ANSWER_GRACE_MS })
  const { userId } = input.principal
  const whose = { userId, connector: input.connector, username }
  const own = await findLiveByUsername(tx, whose)
  requireReach(input.principal, username, own)
  const attempt = await findOpenAttempt(tx, { ...whose, now: deps.clock.now() })
  if (attempt !== null && input.twoFactorCode !== null) {
    // Counted before the call: a code that may have reached Instagram is spent, whatever becomes of us.
    const attemptsLeft = await takeCode(tx, attempt.id)
    if (attemptsLeft === null) return { step: 'codes_used_up' }
    return { step: 'second_factor', attempt: { ...attempt, attemptsLeft } }
  }
  if (attempt !== null && attempt.method === 'push' && attempt.attemptsLeft > 0) {
    return { step: 'second_factor', attempt }
  }
  const { perUserMax } = deps.options
  if (own === null && (await countLive(tx, userId)) >= perUserMax) throw sessionLimitReached(perUserMax)
  return { step: 'password', own }
}

async function sendPassword(
  deps: LoginDeps,
  login: Login,
  { access, password }: { access: Access; password: string },
): Promise<Answer> {
  const { connector, username } = login
  const result = await callWithRetries(deps, login, (call) => connector.logIn(access, { username, password }, call))
  if (result.type === 'two_factor') return meetSecondFactor(deps, login, { access, asked: result })
  return finishLogin(deps, login, { access, result })
}

/**
 * The jar of one's own session is used again: it is the device that Instagram knows, and the only one that a checkpoint
 * which its owner has approved lets in. Credentials that no key opens any more are left behind: logging in mends them.
 */
function accessFor(deps: Pick<SessionDeps, 'vault' | 'jars'>, input: LogInInput, own: SealedSession | null): Access {
  const known = own === null ? null : tryOpenCredentials(deps, own)
  return {
    cookies: known?.cookies ?? deps.jars.create(),
    proxy: input.proxy === undefined ? (known?.proxy ?? null) : input.proxy,
    userAgent: input.userAgent ?? known?.userAgent ?? null,
    platformId: known?.platformId ?? null,
  }
}

/** People type codes as `123 456` or `123-456`. */
function digitsOf(code: string | null): string | null {
  return code === null ? null : code.replaceAll(/[\s-]/g, '')
}
