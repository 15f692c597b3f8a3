import { parseInstant } from '../core/instant.ts'
import type { Answer, PreferredWaitMs, Principal, Receipt } from '../http/route.ts'
import {
  acceptAction,
  acceptAndWait,
  CLASS_PERSON,
  findActingSession,
  type OnLimit,
  type PresentAction,
  type RunDeps,
} from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import {
  type EngagementKind,
  type EngagementPayload,
  type EngagementTarget,
  KIND_RULES,
  parseContent,
  parseTarget,
} from './engagement.ts'

export interface EngageInput {
  sessionId: string
  /** As the caller named it. */
  target: string
  content?: string
  /** RFC 3339. */
  sendAt?: string
  expiresAt?: string
  onLimit?: OnLimit
}

export interface EngageRequest {
  principal: Principal
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  kind: EngagementKind
  input: EngageInput
  /** Left out = as the v2 API shows it. */
  present?: PresentAction
}

/**
 * Accepts one act and waits for its end. Throws `VALIDATION_ERROR`, `SESSION_NOT_FOUND`, what acceptance refuses, and the
 * refusal that the act's end means.
 */
export async function engage(deps: RunDeps, request: EngageRequest): Promise<Answer> {
  const { principal, receipt, preferredWaitMs, kind, input, present } = request
  const draft = parseDraft(kind, input, deps.clock.now())
  return acceptAndWait(deps, {
    receipt,
    preferredWaitMs,
    done: KIND_RULES[kind].done,
    ...(present === undefined ? {} : { present }),
    async accept(tx, actionId) {
      const { accountId } = await findActingSession(tx, deps, principal, input.sessionId)
      const lane = await lockAccount(tx, accountId)
      // Once more, because it may have changed while another transaction held the account.
      const session = await findActingSession(tx, deps, principal, input.sessionId)
      const accepted = await acceptAction(tx, deps, {
        lane,
        session,
        kind,
        class: CLASS_PERSON,
        actionId,
        ...columnsOf(draft),
        resolved: null,
        onLimit: input.onLimit ?? null,
        fallback: 'reject',
        sendAt: draft.sendAt,
        expiresAt: draft.expiresAt,
        acceptedBy: principal.userId,
      })
      return { accepted, accountId }
    },
  })
}

interface Draft {
  target: EngagementTarget
  payload: EngagementPayload
  sendAt: number | null
  expiresAt: number | null
}

function parseDraft(kind: EngagementKind, input: EngageInput, now: number): Draft {
  const target = parseTarget(KIND_RULES[kind].target, input.target)
  const content = parseContent(kind, input.content)
  const sendAt = parseInstant('sendAt', input.sendAt, now)
  const expiresAt = parseInstant('expiresAt', input.expiresAt, Math.max(now, sendAt ?? 0))
  return { target, payload: { content }, sendAt, expiresAt }
}

function columnsOf({ target, payload }: Draft): { target: string; payload: string } {
  return { target: JSON.stringify(target), payload: JSON.stringify(payload) }
}
