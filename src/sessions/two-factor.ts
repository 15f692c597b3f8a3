import type { Access, CookieStore, LoginResult } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Proxy } from '../core/transport.ts'
import type { Answer } from '../http/route.ts'
import { deleteAttempts, giveCodeBack, insertAttempt, type LoginAttempt, saveAttempt } from './attempt-store.ts'
import { attemptIdentity } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { finishLogin, type Login, type LoginDeps } from './finish-login.ts'
import { callWithRetries } from './instagram-call.ts'
import { VaultError } from './vault.ts'

/**
 * The second factor of a login. The attempt is a row, sealed, so that the code may come minutes later and to another
 * process: it goes on with the jar, proxy, user agent and identifier of the first call, and Instagram sends no second SMS.
 */
const ATTEMPT_LIFE_MS = 10 * 60_000
const CODES_MAX = 5

type Asked = Extract<LoginResult, { type: 'two_factor' }>

/** What an attempt goes on with. */
interface AttemptState {
  jar: string
  proxy: Proxy | null
  userAgent: string | null
  platformId: string | null
  identifier: string
}

/** Instagram asked for a code: stores the attempt, then submits the code that came with the call, or asks the user. */
export async function meetSecondFactor(
  deps: LoginDeps,
  login: Login,
  { access, asked }: { access: Access; asked: Asked },
): Promise<Answer> {
  const now = deps.clock.now()
  const id = newId('log', now, deps.random)
  const whose = { userId: login.userId, connector: login.connector.name, username: login.username }
  const attempt: LoginAttempt = {
    id,
    ...whose,
    method: asked.method,
    obfuscatedContact: asked.obfuscatedContact,
    attemptsLeft: login.code === null ? CODES_MAX : CODES_MAX - 1,
    sealedState: sealState(deps, id, { access, identifier: asked.identifier }),
    createdAt: now,
    expiresAt: now + ATTEMPT_LIFE_MS,
  }
  await deps.store.write(async (tx) => {
    // The attempt that goes on is the newest: older ones hold cookies that nothing will use.
    await deleteAttempts(tx, whose)
    await insertAttempt(tx, attempt)
  })
  if (login.code === null) throw codeNeeded(attempt)
  return continueAttempt(deps, login, attempt)
}

/** Submits the code, which the caller has counted already; without one (push) asks whether the owner has approved. */
export async function continueAttempt(deps: LoginDeps, login: Login, attempt: LoginAttempt): Promise<Answer> {
  const { access, identifier } = openState(deps, attempt)
  const { username, code } = login
  const result = await callWithRetries(deps, login, (call) =>
    login.connector.submitTwoFactor(access, { username, identifier, code: code ?? '', method: attempt.method }, call),
  )
  switch (result.type) {
    case 'wrong_code':
      await save(deps, attempt, { access, identifier, isOver: result.expired })
      throw code === null && !result.expired
        ? codeNeeded(attempt)
        : codeRefused(result.expired ? 0 : attempt.attemptsLeft, result.reason)
    case 'two_factor': {
      await save(deps, attempt, { access, identifier: result.identifier, isOver: false })
      throw codeNeeded(attempt)
    }
    case 'not_sent':
      if (code !== null) await deps.store.write((tx) => giveCodeBack(tx, attempt.id))
      break
    default:
  }
  return finishLogin(deps, login, { access, result })
}

function codeNeeded(attempt: LoginAttempt): GatewayError {
  const details = {
    method: attempt.method,
    ...(attempt.obfuscatedContact === null ? {} : { obfuscatedContact: attempt.obfuscatedContact }),
    expiresAt: new Date(attempt.expiresAt).toISOString(),
    attemptsLeft: attempt.attemptsLeft,
  }
  if (attempt.method !== 'push') return new GatewayError('TWO_FACTOR_REQUIRED', { details })
  const message = 'Instagram asks its owner to approve the login in the app; repeat the call afterwards.'
  return new GatewayError('TWO_FACTOR_REQUIRED', { message, details })
}

export function codeRefused(attemptsLeft: number, reason?: string): GatewayError {
  const details = { attemptsLeft, ...(reason === undefined ? {} : { reason }) }
  if (attemptsLeft > 0) return new GatewayError('INVALID_TWO_FACTOR_CODE', { details })
  const message = 'No more codes are accepted for this login; log in again without a code.'
  return new GatewayError('INVALID_TWO_FACTOR_CODE', { message, details })
}

async function save(
  deps: Pick<SessionDeps, 'store' | 'vault'>,
  attempt: LoginAttempt,
  change: { access: Access; identifier: string; isOver: boolean },
): Promise<void> {
  const sealedState = sealState(deps, attempt.id, change)
  await deps.store.write((tx) => saveAttempt(tx, { id: attempt.id, sealedState, isOver: change.isOver }))
}

function sealState(
  deps: Pick<SessionDeps, 'vault'>,
  attemptId: string,
  { access, identifier }: { access: Access; identifier: string },
): string {
  const { cookies, proxy, userAgent, platformId } = access
  const state: AttemptState = { jar: cookies.serialize(), proxy, userAgent, platformId, identifier }
  return deps.vault.seal(JSON.stringify(state), attemptIdentity(attemptId))
}

function openState(
  deps: Pick<SessionDeps, 'vault' | 'jars'>,
  attempt: LoginAttempt,
): { access: Access; identifier: string } {
  const state = JSON.parse(openSealed(deps, attempt)) as AttemptState
  const cookies: CookieStore = deps.jars.parse(state.jar)
  const { proxy, userAgent, platformId, identifier } = state
  return { access: { cookies, proxy, userAgent, platformId }, identifier }
}

/** An attempt that no key opens any more is over like one without codes: the way on is the same. */
function openSealed(deps: Pick<SessionDeps, 'vault'>, attempt: LoginAttempt): string {
  try {
    return deps.vault.open(attempt.sealedState, attemptIdentity(attempt.id))
  } catch (error) {
    if (error instanceof VaultError) throw codeRefused(0)
    throw error
  }
}
