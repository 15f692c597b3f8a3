/**
 * What an answer means for its action: pure, by the tables of "Outcomes". What it means for the account (pauses,
 * session status, connection backoff) is `answer-account.ts`.
 */
import type { Outcome, PushBack, ReadResult } from '../connectors/connector.ts'
import type { Action, ActionStep, WaitingFor } from './action.ts'
import type { Evidence, Finding } from './kind.ts'
import { lostCallMs, stillOutMs } from './lost-call.ts'

/** Re-sends after uncertain attempts; then nothing more is tried. */
const RESENDS_MAX = 3
/** Reads in a row that could not be understood, until the action stops waiting for one. */
const FAILURES_MAX = 5
const FAILURE_BACKOFF_MS = [30_000, 60_000, 120_000, 240_000] as const

interface Ended {
  to: 'succeeded' | 'failed' | 'unconfirmed'
  cause: string
  code: string | null
  reason: string | null
  external: { id: string | null; at: number | null; threadId: string | null } | null
}

interface Waits {
  to: 'queued' | 'running'
  step: ActionStep | null
  cause: string
  dueAt: number
  resends: number
  failures: number
  waitingFor: WaitingFor | null
}

export type Decision = Ended | Waits

interface Facts {
  now: number
  wall: number
  evidence: Evidence['type']
  /** Whether the attempt was a re-send: it followed an uncertain one. */
  isResend: boolean
  /** What the account waits for after this answer. */
  waitingFor: WaitingFor | null
}

/** After the one write of an attempt. */
export function afterAttempt(action: Action, outcome: Outcome, facts: Facts): Decision {
  switch (outcome.type) {
    case 'done':
      return succeeded('confirmed', { id: outcome.externalId, at: outcome.at, threadId: outcome.threadId })
    case 'refused':
      return failed(outcome.code, outcome.reason)
    case 'uncertain':
      return afterUncertain(action, outcome.reason, facts)
    case 'not_sent':
      return back(action, `not_sent: ${outcome.cause}`, facts)
    default:
      return action.onLimit === 'reject' ? rejectedBy(outcome, facts, action) : back(action, outcome.type, facts)
  }
}

/** An attempt whose answer was lost, or whose worker died: the uncertainty table of its kind. */
export function afterUncertain(
  action: Action,
  reason: string,
  facts: Pick<Facts, 'now' | 'wall' | 'evidence'>,
): Decision {
  if (facts.evidence === 'none') return unconfirmed('uncertain', reason)
  if (facts.evidence === 'again') return resend(action, facts.now, 'uncertain')
  return {
    to: 'running',
    step: 'readback',
    cause: 'uncertain',
    dueAt: facts.now + lostCallMs(action, facts.wall),
    resends: action.resends,
    failures: 0,
    waitingFor: null,
  }
}

/** After reading what an uncertain attempt did. Null = the answer says nothing about the write; look again later. */
export function afterReadback(
  action: Action,
  result: ReadResult<Finding>,
  facts: Pick<Facts, 'now' | 'wall'>,
): Decision | null {
  switch (result.type) {
    case 'ok':
      return afterFinding(action, result.value, facts)
    case 'unreadable':
      if (action.failures + 1 >= FAILURES_MAX) return unconfirmed('unreadable', result.reason)
      return readAgain(action, 'unreadable', facts.now + failureBackoffMs(action.failures + 1), action.failures + 1)
    case 'refused':
      return unconfirmed('refused', result.reason)
    default:
      return null
  }
}

function afterFinding(action: Action, finding: Finding, facts: Pick<Facts, 'now' | 'wall'>): Decision {
  if (finding.type === 'there') {
    return succeeded('found', { id: finding.externalId, at: finding.at, threadId: finding.threadId })
  }
  if (finding.type === 'incomplete') return unconfirmed('incomplete', 'Nothing tells whether it happened.')
  const waitMs = stillOutMs(action, facts.wall, { ifUnknown: 0 })
  // Until the lost call's own deadline it may still arrive, so not finding it proves nothing yet.
  if (waitMs > 0) return readAgain(action, 'too_early', facts.now + waitMs, action.failures)
  return resend(action, facts.now, 'absent')
}

/** After `resolve` did not find whom or what is meant. Null = the action simply waits with its account. */
export function afterFailedResolve(
  action: Action,
  result: Exclude<ReadResult<string>, { type: 'ok' }>,
  facts: Pick<Facts, 'now' | 'waitingFor'>,
): Decision | null {
  switch (result.type) {
    case 'refused':
      return failed(result.code, result.reason)
    case 'unreadable': {
      const failures = action.failures + 1
      if (failures >= FAILURES_MAX) {
        return failed(result.timedOut ? 'INSTAGRAM_TIMEOUT' : 'INSTAGRAM_ERROR', result.reason)
      }
      const dueAt = facts.now + failureBackoffMs(failures)
      const waitingFor: WaitingFor = { what: 'instagram', until: dueAt, rule: 'unreadable' }
      return { to: 'queued', step: null, cause: 'unreadable', dueAt, resends: action.resends, failures, waitingFor }
    }
    case 'not_sent':
      return null
    default:
      if (action.onLimit === 'reject') return failed(pushBackCode(result), result.reason)
      return { ...stays(action), cause: result.type, waitingFor: facts.waitingFor }
  }
}

/** After media that could not be had: none of Instagram's doing. */
export function afterMediaTrouble(
  action: Action,
  result: { type: 'media_refused' | 'media_unreachable'; reason: string },
  facts: Pick<Facts, 'now'>,
): Decision {
  const failures = action.failures + 1
  if (result.type === 'media_refused' || failures >= FAILURES_MAX) return failed('MEDIA_NOT_ALLOWED', result.reason)
  const dueAt = facts.now + failureBackoffMs(failures)
  const waitingFor: WaitingFor = { what: 'time', until: dueAt, rule: 'media_unreachable' }
  const { resends } = action
  return { to: 'queued', step: null, cause: 'media_unreachable', dueAt, resends, failures, waitingFor }
}

/** The code with which an action that would rather be refused ends. */
function pushBackCode(pushBack: PushBack): string {
  switch (pushBack.type) {
    case 'throttled':
    case 'blocked':
      return 'ACTION_LIMIT_EXCEEDED'
    case 'challenge':
      return 'CHALLENGE_REQUIRED'
    case 'login_required':
      return 'SESSION_NOT_ACTIVE'
  }
}

/** 30 s, 1, 2, 4 min. */
function failureBackoffMs(failures: number): number {
  return FAILURE_BACKOFF_MS[Math.min(failures, FAILURE_BACKOFF_MS.length) - 1] as number
}

/** The write certainly did not happen and the action may wait: it is the head again, because its due instant stays. */
function back(action: Action, cause: string, facts: Facts): Waits {
  const resends = facts.isResend ? action.resends - 1 : action.resends
  const { waitingFor } = facts
  // Without evidence nobody knows whether the write before the re-send happened, so it cannot count as queued again.
  if (facts.isResend && facts.evidence === 'again') {
    return { ...stays(action), to: 'running', step: 'resend', cause, resends, waitingFor }
  }
  return { ...stays(action), to: 'queued', step: null, cause, resends, waitingFor }
}

function rejectedBy(pushBack: PushBack, facts: Facts, action: Action): Decision {
  if (facts.isResend && facts.evidence === 'again') return unconfirmed(pushBack.type, pushBack.reason)
  return { ...failed(pushBackCode(pushBack), pushBack.reason), cause: `${pushBack.type} ${action.kind}` }
}

function resend(action: Action, now: number, cause: string): Decision {
  if (action.resends >= RESENDS_MAX) return unconfirmed(cause, 'It was tried four times and never confirmed.')
  return { to: 'running', step: 'resend', cause, dueAt: now, resends: action.resends, failures: 0, waitingFor: null }
}

function readAgain(action: Action, cause: string, dueAt: number, failures: number): Waits {
  return { ...stays(action), to: 'running', step: 'readback', cause, dueAt, failures }
}

function stays(action: Action): Waits {
  return {
    to: action.status === 'running' ? 'running' : 'queued',
    step: action.step,
    cause: '',
    dueAt: action.dueAt,
    resends: action.resends,
    failures: action.failures,
    waitingFor: null,
  }
}

function succeeded(cause: string, external: Ended['external']): Ended {
  return { to: 'succeeded', cause, code: null, reason: null, external }
}

function failed(code: string, reason: string): Ended {
  return { to: 'failed', cause: code.toLowerCase(), code, reason, external: null }
}

function unconfirmed(cause: string, reason: string): Ended {
  return { to: 'unconfirmed', cause, code: null, reason, external: null }
}
