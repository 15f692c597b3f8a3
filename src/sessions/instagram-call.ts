import type { CallOptions, LoginResult, NotSent, PushBack, ReadResult } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'

/** Calls to Instagram that a request waits for: one deadline for all of them together, and the refusals they end in. */

/** Where a route does not let the caller choose. */
export const CALL_DEADLINE_MS = 15_000
/** How long an unanswered idempotency record counts as in progress beyond the deadline of the calls. */
export const ANSWER_GRACE_MS = 10_000

const RETRY_FIRST_MS = 200

export interface Deadline {
  /** Milliseconds of machine time that are left; 0 once over. */
  leftMs(): number
}

export function startDeadline(clock: Clock, totalMs: number): Deadline {
  const started = clock.elapsed()
  return { leftMs: () => Math.max(0, Math.floor(totalMs - (clock.elapsed() - started))) }
}

/**
 * Makes a call, and makes it again while nothing left us: `retries` times at most, within the deadline. An answer that
 * was lost is never a reason to repeat.
 */
export async function callWithRetries<R extends { type: string }>(
  deps: { clock: Clock },
  input: { deadline: Deadline; retries: number },
  call: (options: CallOptions) => Promise<R | NotSent>,
): Promise<R | NotSent> {
  for (let retry = 0; ; retry += 1) {
    const deadlineMs = input.deadline.leftMs()
    if (deadlineMs === 0) throw new GatewayError('INSTAGRAM_TIMEOUT')
    const result = await call({ deadlineMs })
    if (!isNotSent(result) || retry === input.retries || result.cause === 'address_refused') return result
    const pauseMs = RETRY_FIRST_MS * 2 ** retry
    if (pauseMs >= input.deadline.leftMs()) return result
    await new Promise<void>((resolve) => deps.clock.after(pauseMs, resolve))
  }
}

function isNotSent(result: { type: string }): result is NotSent {
  return result.type === 'not_sent'
}

type Failure =
  | Extract<LoginResult, { type: 'throttled' | 'unreadable' | 'not_sent' }>
  | Exclude<ReadResult<never>, { type: 'ok' } | Extract<PushBack, { type: 'challenge' | 'login_required' }>>

/** The refusal for a call that told us nothing about the session. */
export function instagramFailure(failure: Failure, context: { hasProxy: boolean }): GatewayError {
  switch (failure.type) {
    case 'not_sent': {
      const details = { reason: failure.reason, cause: failure.cause }
      return new GatewayError(context.hasProxy ? 'PROXY_ERROR' : 'INSTAGRAM_ERROR', { details })
    }
    case 'unreadable':
      return new GatewayError(failure.timedOut ? 'INSTAGRAM_TIMEOUT' : 'INSTAGRAM_ERROR', {
        details: { reason: failure.reason },
      })
    case 'throttled':
      return new GatewayError('INSTAGRAM_ERROR', {
        message: 'Instagram asks to wait before trying again.',
        details: { reason: failure.reason },
        retryAfterSeconds: Math.max(1, Math.ceil((failure.retryAfterMs ?? THROTTLED_MS) / 1000)),
      })
    case 'blocked':
    case 'refused':
      return new GatewayError('INSTAGRAM_ERROR', { details: { reason: failure.reason } })
  }
}

/** The first pause that the lane would keep after the same answer. */
const THROTTLED_MS = 15 * 60_000
