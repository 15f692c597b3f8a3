import { ALL_KINDS, earliest, findPause, isSwitchedOff, limitsFor, readUsage } from '../limits/index.ts'
import type { Db } from '../store/store.ts'
import type { Action, WaitingFor } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import { canAct, isCutOff, statusAt } from './session-able.ts'
import type { ActingSession } from './session-hooks.ts'

type ExplainDeps = Pick<OutboxDeps, 'clock' | 'sessions' | 'limits'>

/**
 * What an action that has not ended waits for as things stand, by the rules of the plan; `turn` when nothing but what is
 * ahead of it stands in the way. Null once it has ended, and while its write is under way.
 */
export async function explainWait(db: Db, deps: ExplainDeps, action: Action): Promise<WaitingFor | null> {
  const isUncertain = action.status === 'running' && action.step !== 'attempt'
  if (action.status !== 'queued' && !isUncertain) return null
  const session = await deps.sessions.find(db, action.sessionId)
  if (session === null) return null
  const now = deps.clock.now()
  return (
    (await waitOfSession(db, session, now)) ??
    waitOfItsOwn(action, now) ??
    (await waitOfLimits(db, deps, { session, action, now })) ?? { what: 'turn', until: null, rule: 'queue' }
  )
}

/** Whether an action that waits so may end before an instant of product time. */
export function mayEndBefore(waiting: WaitingFor | null, by: number): boolean {
  if (waiting === null || waiting.what === 'turn') return true
  return waiting.until !== null && waiting.until <= by
}

async function waitOfSession(db: Db, session: ActingSession, now: number): Promise<WaitingFor | null> {
  if (await isSwitchedOff(db, session)) return { what: 'pause', until: null, rule: 'kill_switch' }
  const status = statusAt(session, now)
  if (!canAct(session, now) && !isCutOff(session, now)) return { what: 'session', until: null, rule: status }
  const retryAt = session.retryAt ?? 0
  if (isCutOff(session, now)) return { what: 'connection', until: retryAt > now ? retryAt : null, rule: status }
  return retryAt > now ? { what: 'connection', until: retryAt, rule: 'not_sent' } : null
}

function waitOfItsOwn(action: Action, now: number): WaitingFor | null {
  if (action.dueAt <= now) return null
  const until = action.dueAt
  if (action.status === 'running') return { what: 'instagram', until, rule: 'readback' }
  if (action.failures === 0) return { what: 'time', until, rule: 'sendAt' }
  return action.waitingFor ?? { what: 'instagram', until, rule: 'unreadable' }
}

async function waitOfLimits(
  db: Db,
  deps: ExplainDeps,
  { session, action, now }: { session: ActingSession; action: Action; now: number },
): Promise<WaitingFor | null> {
  const { accountId, actionDelayMs } = session
  const limits = limitsFor(deps.limits, session, action.kind, action.class)
  const usage = await readUsage(db, { accountId, kind: action.kind, limits })
  // Reading back is no attempt: only a pause of the whole account keeps it waiting.
  const isRead = action.step === 'readback'
  const counted = isRead
    ? { until: usage.accountPausedUntil ?? 0, rule: 'pause' }
    : earliestOf(usage, now, actionDelayMs)
  const { until, rule } = counted
  if (rule === null || (until !== null && until <= now)) return null
  if (until === null) return { what: 'window', until, rule }
  if (rule === 'delay') return { what: 'delay', until, rule: 'delay' }
  if (rule !== 'pause') return { what: 'window', until, rule }
  const ofKind = usage.kindPausedUntil === until && !isRead
  const pause = await findPause(db, accountId, ofKind ? action.kind : ALL_KINDS)
  return { what: 'pause', until, rule: pause?.reason ?? 'pause' }
}

function earliestOf(usage: Parameters<typeof earliest>[0], now: number, gapMs: number) {
  const { at, rule } = earliest(usage, now, gapMs)
  return { until: at, rule }
}
