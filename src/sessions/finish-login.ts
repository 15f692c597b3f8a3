import type { Access, Connector, LoginResult } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import type { Answer, Receipt } from '../http/route.ts'
import { deleteAttempts } from './attempt-store.ts'
import { challengeRequired, challengeStatus } from './challenge.ts'
import type { SessionDeps } from './dependencies.ts'
import { issueHandoff } from './hand-off.ts'
import { type Deadline, instagramFailure } from './instagram-call.ts'
import { type OpenedAccount, openSession } from './open-session.ts'
import { readOwnProfile } from './read-metadata.ts'
import type { Api, Session } from './session.ts'

export type LoginDeps = Pick<
  SessionDeps,
  'store' | 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'signal' | 'options' | 'publicUrl'
>

/** One login on its way, from its claim to its answer. */
export interface Login {
  userId: string
  receipt: Receipt
  api: Api
  label: string | null
  connector: Connector
  /** As normalised; names the attempt. */
  username: string
  /** Digits only. */
  code: string | null
  retries: number
  deadline: Deadline
  answer(session: Session): Answer
}

type Ended = Exclude<LoginResult, { type: 'two_factor' | 'wrong_code' }>
type Challenge = Extract<LoginResult, { type: 'challenge' }>

/** Writes and answers what the last call of a login came to; throws the contract's refusal for anything but success. */
export async function finishLogin(
  deps: LoginDeps,
  login: Login,
  { access, result }: { access: Access; result: LoginResult },
): Promise<Answer> {
  const ended = requireEnded(result)
  switch (ended.type) {
    case 'logged_in':
      return complete(deps, login, access, ended.platformId)
    case 'wrong_credentials':
      throw new GatewayError('INVALID_CREDENTIALS', { details: { reason: ended.reason } })
    case 'challenge':
      throw await handOver(deps, login, access, ended)
    default:
      throw instagramFailure(ended, { hasProxy: access.proxy !== null })
  }
}

/** A second factor is asked for and judged in `two-factor.ts`; elsewhere it is an answer that makes no sense. */
function requireEnded(result: LoginResult): Ended {
  if (result.type !== 'two_factor' && result.type !== 'wrong_code') return result
  throw new GatewayError('INSTAGRAM_ERROR', { details: { reason: `unexpected answer to a login: ${result.type}` } })
}

async function complete(deps: LoginDeps, login: Login, access: Access, platformId: string): Promise<Answer> {
  const { username, deadline } = login
  const profile = await readOwnProfile(login.connector, access, { platformId, username, deadline })
  return deps.store.write(async (tx) => {
    const session = await openSession(tx, deps, {
      ...account(login, access),
      platformId,
      username: profile?.username ?? username,
      metadata: profile?.metadata ?? null,
      status: 'active',
      statusReason: null,
      challengeUrl: null,
    })
    await deleteAttempts(tx, { userId: login.userId, connector: login.connector.name, username })
    const answer = login.answer(session)
    await login.receipt.answer(tx, answer)
    return answer
  })
}

/**
 * Keeps the session and its jar for the time after the owner's approval: a new jar would meet the same checkpoint again.
 */
async function handOver(deps: LoginDeps, login: Login, access: Access, found: Challenge): Promise<GatewayError> {
  const platformId = found.platformId ?? access.platformId ?? (await lookUpPlatformId(login, access))
  if (platformId === null) {
    const message = 'Instagram asks the account owner to confirm in the app; log in again afterwards.'
    return new GatewayError('CHALLENGE_REQUIRED', {
      message,
      details: found.url === null ? {} : { challengeUrl: found.url },
    })
  }
  return deps.store.write(async (tx) => {
    const session = await openSession(tx, deps, {
      ...account(login, access),
      platformId,
      username: login.username,
      metadata: null,
      status: challengeStatus(found),
      statusReason: found.reason,
      challengeUrl: found.url,
    })
    await deleteAttempts(tx, { userId: login.userId, connector: login.connector.name, username: login.username })
    return challengeRequired(session, await issueHandoff(tx, deps, session.id))
  })
}

/** Whom the name belongs to can be read without being logged in. */
async function lookUpPlatformId(login: Login, access: Access): Promise<string | null> {
  const deadlineMs = login.deadline.leftMs()
  if (deadlineMs === 0 || !login.connector.capabilities.has('look_up_user')) return null
  const result = await login.connector.lookUpUser(access, { username: login.username }, { deadlineMs })
  return result.type === 'ok' ? result.value.platformId : null
}

function account(
  login: Login,
  access: Access,
): Pick<OpenedAccount, 'userId' | 'api' | 'label' | 'connector' | 'access'> {
  return { userId: login.userId, api: login.api, label: login.label, connector: login.connector.name, access }
}
