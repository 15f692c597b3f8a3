import type { PushBack } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'
import type { HandoffLink } from './hand-off.ts'

type Challenge = Extract<PushBack, { type: 'challenge' }>

/** The status in which a session waits for what Instagram asks. */
export function challengeStatus(challenge: Pick<Challenge, 'kind'>): 'challenge_required' | 'suspended' {
  return challenge.kind === 'suspended' ? 'suspended' : 'challenge_required'
}

/** The refusal that hands the challenge to a person. */
export function challengeRequired(
  session: { id: string; challengeUrl: string | null },
  link: HandoffLink,
  message?: string,
): GatewayError {
  const details = {
    sessionId: session.id,
    ...(session.challengeUrl === null ? {} : { challengeUrl: session.challengeUrl }),
    handoffUrl: link.url,
    expiresAt: new Date(link.expiresAt).toISOString(),
  }
  return new GatewayError('CHALLENGE_REQUIRED', message === undefined ? { details } : { message, details })
}
