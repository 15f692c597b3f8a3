import { describe, expect, it } from 'vitest'
import type { Outcome, PushBack } from '../connectors/connector.ts'
import { type Action, type ActionStatus, mayBecome } from './action.ts'
import { afterAttempt, afterReadback } from './decide.ts'
import type { Evidence } from './kind.ts'

const NOW = 1_000_000
const ACTION: Action = {
  id: 'act_1',
  userId: 'user_123',
  sessionId: 'instagram_1',
  accountId: 'acct_1',
  kind: 'story_view',
  class: 0,
  status: 'running',
  step: 'attempt',
  dueAt: 500,
  ord: 1,
  target: '{}',
  payload: '{}',
  resolved: null,
  clientToken: '1',
  onLimit: 'queue',
  sendAt: null,
  expiresAt: null,
  attempts: 1,
  resends: 0,
  failures: 0,
  callDeadlineWall: NOW + 15_000,
  externalId: null,
  code: null,
  reason: null,
  waitingFor: null,
  batchId: null,
  acceptedAt: 500,
  acceptedBy: 'user_123',
  overrideBy: null,
  causedBy: null,
  settledAt: null,
}

const UNCERTAIN: Outcome = { type: 'uncertain', reason: 'lost' }
const THROTTLED: PushBack = { type: 'throttled', retryAfterMs: null, reason: 'wait' }
const decide = (
  outcome: Outcome,
  evidence: Evidence['type'],
  more: { action?: Partial<Action>; isResend?: boolean } = {},
) =>
  afterAttempt({ ...ACTION, ...more.action }, outcome, {
    now: NOW,
    wall: NOW,
    evidence,
    isResend: more.isResend ?? false,
    waitingFor: null,
  })

describe('an uncertain attempt', () => {
  it('of a kind that can be read back waits until the lost call can no longer arrive', () => {
    expect(decide(UNCERTAIN, 'readback')).toMatchObject({ to: 'running', step: 'readback', dueAt: NOW + 15_000 })
  })

  it('of a kind that does no harm twice goes again at once, three times at most', () => {
    expect(decide(UNCERTAIN, 'again')).toMatchObject({ to: 'running', step: 'resend', dueAt: NOW })
    const third = { action: { resends: 3 }, isResend: true }
    expect(decide(UNCERTAIN, 'again', third)).toMatchObject({ to: 'unconfirmed' })
  })

  it('of a kind that leaves no trace is unconfirmed', () => {
    expect(decide(UNCERTAIN, 'none')).toMatchObject({ to: 'unconfirmed' })
  })
})

describe('push-back on a re-send', () => {
  it('is no re-send, and where the first write was proved absent the action is queued again', () => {
    const resend = { action: { resends: 2 }, isResend: true }
    expect(decide(THROTTLED, 'readback', resend)).toMatchObject({ to: 'queued', step: null, dueAt: 500, resends: 1 })
  })

  it('leaves it running where nobody knows whether the first write happened, or unconfirmed for who would not wait', () => {
    const resend = { action: { resends: 2 }, isResend: true }
    expect(decide(THROTTLED, 'again', resend)).toMatchObject({ to: 'running', step: 'resend', resends: 1 })
    const impatient = { action: { resends: 2, onLimit: 'reject' as const }, isResend: true }
    expect(decide(THROTTLED, 'again', impatient)).toMatchObject({ to: 'unconfirmed' })
  })
})

describe('a readback', () => {
  const read = (finding: 'absent' | 'incomplete', wall: number) =>
    afterReadback(
      { ...ACTION, step: 'readback', callDeadlineWall: NOW },
      { type: 'ok', value: { type: finding } },
      { now: NOW, wall },
    )

  it('proves absence only after the lost call has run out', () => {
    expect(read('absent', NOW - 10)).toMatchObject({ to: 'running', step: 'readback', dueAt: NOW + 10 })
    expect(read('absent', NOW)).toMatchObject({ to: 'running', step: 'resend' })
  })

  it('that does not reach back far enough leaves the action unconfirmed', () => {
    expect(read('incomplete', NOW)).toMatchObject({ to: 'unconfirmed' })
  })

  it('that meets push-back says nothing about the write', () => {
    expect(afterReadback({ ...ACTION, step: 'readback' }, THROTTLED, { now: NOW, wall: NOW })).toBeNull()
  })
})

describe('the table of transitions', () => {
  it('leaves terminal statuses only from unconfirmed, and only for better knowledge', () => {
    const all: ActionStatus[] = [
      'queued',
      'running',
      'succeeded',
      'failed',
      'unconfirmed',
      'canceled',
      'expired',
      'skipped',
    ]
    const ways = (from: ActionStatus) => all.filter((to) => mayBecome(from, to))
    for (const ended of ['succeeded', 'failed', 'canceled', 'expired', 'skipped'] as const)
      expect(ways(ended)).toEqual([])
    expect(ways('unconfirmed')).toEqual(['succeeded'])
    // What may have happened can neither be canceled nor expire.
    expect(ways('running')).toEqual(['queued', 'running', 'succeeded', 'failed', 'unconfirmed'])
  })
})
