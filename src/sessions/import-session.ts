import type { Access, ReadResult } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import type { Proxy } from '../core/transport.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import type { Db } from '../store/store.ts'
import { tryOpenCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import { ANSWER_GRACE_MS, CALL_DEADLINE_MS, instagramFailure, startDeadline } from './instagram-call.ts'
import { requireReach } from './log-in.ts'
import { openSession, sessionLimitReached } from './open-session.ts'
import { readOwnProfile } from './read-metadata.ts'
import { requireConnector } from './require-connector.ts'
import { type Api, normalizeUsername, type Session } from './session.ts'
import { countLive, findLiveByUsername } from './store.ts'

export type ImportDeps = Pick<
  SessionDeps,
  'store' | 'clock' | 'random' | 'vault' | 'connectors' | 'jars' | 'signal' | 'options'
>

export interface ImportInput {
  principal: Principal
  receipt: Receipt
  api: Api
  /** The v1 caller's own label. */
  label: string | null
  username: string
  /** Values by name. */
  cookies: Readonly<Record<string, string>>
  /** Undefined = what the user's session on the account already has; null = none. */
  proxy: Proxy | null | undefined
  userAgent: string | undefined
  /** In the transaction that opened the session. */
  answer(session: Session, tx: Db): Answer | Promise<Answer>
}

const CONNECTOR = 'web'

/**
 * Opens a session with cookies from the owner's browser. Instagram is asked first whose they are; the name in the request
 * only has to agree. The cookies replace the whole jar of a session there was, they are not merged into it.
 */
export async function importSession(deps: ImportDeps, input: ImportInput): Promise<Answer> {
  const connector = requireConnector(deps, CONNECTOR, 'import_cookies')
  const username = normalizeUsername(input.username)
  const cookies = deps.jars.imported(input.cookies)
  const own = await deps.store.write(async (tx) => {
    await input.receipt.claim(tx, { answerWithinMs: CALL_DEADLINE_MS + ANSWER_GRACE_MS })
    const whose = { userId: input.principal.userId, connector: CONNECTOR, username }
    const live = await findLiveByUsername(tx, whose)
    requireReach(input.principal, username, live)
    const { perUserMax } = deps.options
    if (live === null && (await countLive(tx, whose.userId)) >= perUserMax) throw sessionLimitReached(perUserMax)
    return live
  })
  const known = own === null ? null : tryOpenCredentials(deps, own)
  const access: Access = {
    cookies,
    proxy: input.proxy === undefined ? (known?.proxy ?? null) : input.proxy,
    userAgent: input.userAgent ?? known?.userAgent ?? null,
    platformId: null,
  }
  const deadline = startDeadline(deps.clock, CALL_DEADLINE_MS)
  const checked = await connector.checkSession(access, { deadlineMs: deadline.leftMs() })
  const { platformId } = requireOwner(checked, { username, access })
  const profile = await readOwnProfile(connector, access, { platformId, username, deadline })
  return deps.store.write(async (tx) => {
    const session = await openSession(tx, deps, {
      userId: input.principal.userId,
      api: input.api,
      label: input.label,
      connector: connector.name,
      platformId,
      username,
      access,
      metadata: profile?.metadata ?? null,
      status: 'active',
      statusReason: null,
      challengeUrl: null,
    })
    const answer = await input.answer(session, tx)
    await input.receipt.answer(tx, answer)
    return answer
  })
}

/** Whose cookies these are, or the refusal. */
function requireOwner(
  result: ReadResult<{ platformId: string; username: string }>,
  expected: { username: string; access: Access },
): { platformId: string } {
  switch (result.type) {
    case 'ok':
      if (normalizeUsername(result.value.username) === expected.username) return result.value
      throw new GatewayError('ACCOUNT_MISMATCH')
    case 'login_required':
      throw new GatewayError('INVALID_CREDENTIALS', {
        message: 'Instagram does not accept these cookies; export them again from a browser that is logged in.',
        details: { reason: result.reason },
      })
    case 'challenge':
      // Whose they are is unproven, so no session can be kept for later.
      throw new GatewayError('CHALLENGE_REQUIRED', {
        message:
          'Instagram asks the account owner to confirm; do it in the browser the cookies are from, then import again.',
        details: result.url === null ? {} : { challengeUrl: result.url },
      })
    default:
      throw instagramFailure(result, { hasProxy: expected.access.proxy !== null })
  }
}
