/**
 * Choosing a lane's next turn, in one transaction under the account's lock.
 *
 * Order: the ends that are due (expired, or of a session that has ended), the check that is owed, what an uncertain
 * attempt did, its re-send, then among all kinds that may go now the higher class, then the older; a read that is due
 * comes after what people asked for and before automation and bulk. An attempt is marked in the same transaction. A lane that finds nothing writes its next due instant here, too: whoever adds work waits for
 * the lock, sees that instant and lowers it.
 */
import type { Access, Connector } from '../connectors/connector.ts'
import { type Claim, isHeldBy, prolongLease, sleepLane, UPLOAD_LEASE_MS } from '../lanes/index.ts'
import {
  ALL_KINDS,
  type AttemptNumbers,
  earliest,
  findPause,
  isSwitchedOff,
  limitsFor,
  moveNumbers,
  readUsage,
  takeNumbers,
  type Usage,
} from '../limits/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { LaneTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { type Action, CLASS_PERSON } from './action.ts'
import { cancelBatchesOf, endCanceledItems, findDueHeads } from './batch/plan-batches.ts'
import { paceBatch } from './batch/store.ts'
import { afterUncertain } from './decide.ts'
import type { OutboxDeps } from './deps.ts'
import { findHeads } from './find-heads.ts'
import type { ActionKind } from './kind.ts'
import type { LaneRead } from './lane-reads.ts'
import { lostCallMs, stillOutMs, TURN_DEADLINE_MS } from './lost-call.ts'
import { canAct, isCutOff } from './session-able.ts'
import type { ActingSession } from './session-hooks.ts'
import { findAttemptedAt, findExpiring, findQueued, findRunning } from './store.ts'
import { applyDecision, changeAction, endQuietly } from './transition.ts'

/** The same for a turn that uploads. */
export const PREPARE_DEADLINE_MS = 60_000
/** Ends written in one transaction, so that no plan grows with the queue. */
const ENDS_AT_ONCE = 50
/** Running actions looked at in one plan; more than this are never uncertain at once. */
const RUNNING_AT_ONCE = 50

interface Opened {
  session: ActingSession
  connector: Connector
  access: Access
}

export type PlannedTurn =
  | ({ type: 'check' } & Opened)
  | ({ type: 'resolve'; action: Action; kind: ActionKind } & Opened)
  | ({ type: 'prepare'; action: Action; kind: ActionKind } & Opened)
  | ({ type: 'readback'; action: Action; kind: ActionKind; attemptedAt: number } & Opened)
  | ({
      type: 'attempt'
      action: Action
      kind: ActionKind
      isResend: boolean
      numbers: AttemptNumbers
    } & Opened)
  | ({ type: 'poll'; read: LaneRead } & Opened)
  /** Rows were changed; there may be more to do. */
  | { type: 'again' }
  | { type: 'asleep'; dueAt: number | null }
  | { type: 'lost' }

type EndDeps = Pick<OutboxDeps, 'store' | 'random' | 'sessions' | 'kinds'>
type PlanDeps = EndDeps & Pick<OutboxDeps, 'clock' | 'limits' | 'findSuppression' | 'reads'>

interface Plan {
  tx: Db
  deps: PlanDeps
  claim: Claim
  lane: LaneTable
  now: number
  wall: number
  /** The earliest instant at which something changes; null = nothing will by itself. */
  next: number | null
}

/** Chooses and marks the next turn of a claimed lane, or lets go of it. Whoever calls raises the clock row. */
export async function planTurn(tx: Db, deps: PlanDeps, claim: Claim): Promise<PlannedTurn> {
  const lane = await lockAccount(tx, claim.accountId)
  if (!isHeldBy(lane, claim)) return { type: 'lost' }
  const plan: Plan = { tx, deps, claim, lane, now: deps.clock.now(), wall: deps.clock.wall(), next: null }

  if (await expireDue(plan)) return { type: 'again' }
  const session = await deps.sessions.findByAccount(tx, claim.accountId)
  const ending = { accountId: claim.accountId, now: plan.now, liveSessionId: session?.id ?? null }
  if (await endCanceledItems(tx, deps, ending)) return { type: 'again' }
  if (session === null) return (await endAll(plan)) ? { type: 'again' } : goToSleep(plan)
  const running = await recoverLost(plan, session)
  // Whoever switches on again wakes the lanes.
  if (await isSwitchedOff(tx, session)) return goToSleep(plan)

  const turn = (await chooseCare(plan, session, running)) ?? (await chooseWork(plan, session, running))
  return turn === 'sleep' ? goToSleep(plan) : turn
}

async function goToSleep(plan: Plan): Promise<PlannedTurn> {
  await sleepLane(plan.tx, plan.claim, plan.next)
  return { type: 'asleep', dueAt: plan.next }
}

function notBefore(plan: Plan, at: number): void {
  plan.next = plan.next === null ? at : Math.min(plan.next, at)
}

/** Queued actions whose time is over. */
async function expireDue(plan: Plan): Promise<boolean> {
  const { tx, deps, now } = plan
  const [first] = await findExpiring(tx, plan.claim.accountId, 1)
  if (first === undefined) return false
  if ((first.expiresAt as number) > now) {
    notBefore(plan, first.expiresAt as number)
    return false
  }
  const expiring = await findExpiring(tx, plan.claim.accountId, ENDS_AT_ONCE)
  const due = expiring.filter((action) => (action.expiresAt as number) <= now)
  for (const action of due) {
    await endQuietly(tx, deps, action, {
      status: 'expired',
      at: now,
      cause: 'expired',
      code: 'ACTION_EXPIRED',
      reason: 'Its time was over before its turn.',
    })
  }
  const next = expiring[due.length]
  if (next !== undefined) notBefore(plan, next.expiresAt as number)
  return due.length === ENDS_AT_ONCE
}

/** The account has no live session: nothing of it goes out any more. */
async function endAll(plan: Plan): Promise<boolean> {
  const { tx, deps, claim, now } = plan
  const running = await findRunning(tx, claim.accountId, RUNNING_AT_ONCE)
  for (const action of running) {
    await stampLost(plan, action)
    await endUnconfirmed(tx, deps, action, now)
  }
  const queued = await findQueued(tx, claim.accountId, ENDS_AT_ONCE)
  for (const action of queued) await endCanceled(tx, deps, action, now)
  const hasCanceled = await cancelBatchesOf(tx, deps, { accountId: claim.accountId, sessionId: null, now })
  return hasCanceled || running.length === RUNNING_AT_ONCE || queued.length === ENDS_AT_ONCE
}

export async function endUnconfirmed(tx: Db, deps: EndDeps, action: Action, at: number): Promise<void> {
  const reason = 'The session ended before it was known whether it happened.'
  await endQuietly(tx, deps, action, { status: 'unconfirmed', at, cause: 'session_ended', code: null, reason })
}

export async function endCanceled(tx: Db, deps: EndDeps, action: Action, at: number): Promise<void> {
  const reason = 'Its session ended.'
  await endQuietly(tx, deps, action, {
    status: 'canceled',
    at,
    cause: 'session_ended',
    code: 'ACTION_CANCELED',
    reason,
  })
}

/** Whatever is marked as under way while we hold the lane lost its worker: it is uncertain, nothing else. */
async function recoverLost(plan: Plan, session: ActingSession): Promise<Action[]> {
  const { tx, deps, now, wall } = plan
  const running = await findRunning(tx, plan.claim.accountId, RUNNING_AT_ONCE)
  let recovered = false
  for (const action of running) {
    const kind = deps.kinds.get(action.kind)
    if (kind === undefined) continue
    await stampLost(plan, action)
    if (action.sessionId !== session.id) {
      await endUnconfirmed(tx, deps, action, now)
      recovered = true
    } else if (action.step === 'attempt') {
      const facts = { now, wall, evidence: kind.evidence.type }
      const decision = afterUncertain(action, 'The process that sent it ended.', facts)
      await applyDecision(tx, deps, action, decision, { at: now, session })
      recovered = true
    }
  }
  return recovered ? findRunning(tx, plan.claim.accountId, RUNNING_AT_ONCE) : running
}

/** An attempt without a worker may take effect until its call's deadline, and counts from then. */
async function stampLost({ tx, now, wall }: Plan, action: Action): Promise<void> {
  if (action.step !== 'attempt') return
  const { accountId, id: actionId, kind } = action
  await moveNumbers(tx, { accountId, kind, at: now + lostCallMs(action, wall), actionId })
}

/** Turns that come before any work: the check of the session, and what uncertain attempts did. */
async function chooseCare(
  plan: Plan,
  session: ActingSession,
  running: readonly Action[],
): Promise<PlannedTurn | 'sleep' | null> {
  const { now, lane } = plan
  const cutOff = isCutOff(session, now)
  if (!cutOff && !canAct(session, now)) return 'sleep'
  const waitUntil = Math.max(session.retryAt ?? 0, lane.check_at ?? 0)
  if (waitUntil > now) {
    notBefore(plan, waitUntil)
    return 'sleep'
  }
  const owesCheck = cutOff || lane.check_at !== null
  const readback = firstReadable(plan, running)
  if (!owesCheck && readback === undefined) return null
  const pause = await findPause(plan.tx, session.accountId, ALL_KINDS)
  if (pause !== null && pause.until > now) {
    notBefore(plan, pause.until)
    return 'sleep'
  }
  const opened = await open(plan, session)
  if (opened === null) return 'sleep'
  if (owesCheck || readback === undefined) return { type: 'check', ...opened }
  const attemptedAt = await findAttemptedAt(plan.tx, readback.action)
  return { type: 'readback', action: readback.action, kind: readback.kind, attemptedAt, ...opened }
}

/** The first readback that is due, which it is not while the lost call may still arrive. */
function firstReadable(plan: Plan, running: readonly Action[]): { action: Action; kind: ActionKind } | undefined {
  for (const action of running) {
    const kind = plan.deps.kinds.get(action.kind)
    if (action.step !== 'readback' || kind === undefined) continue
    const dueAt = Math.max(action.dueAt, plan.now + stillOutMs(action, plan.wall, { ifUnknown: 0 }))
    if (dueAt <= plan.now) return { action, kind }
    notBefore(plan, dueAt)
  }
  return undefined
}

interface Candidate {
  action: Action
  kind: ActionKind
  usage: Usage
}

async function chooseWork(
  plan: Plan,
  session: ActingSession,
  running: readonly Action[],
): Promise<PlannedTurn | 'sleep'> {
  const { tx, deps, now } = plan
  const resends = running.filter((action) => action.step === 'resend')
  const { accountId } = plan.claim
  const waitUntil = (at: number) => notBefore(plan, at)
  const heads = [...(await findHeads(tx, accountId)), ...(await findDueHeads(tx, { accountId, now, waitUntil }))]
  const strangers = heads.filter((action) => action.sessionId !== session.id)
  for (const action of strangers) {
    if (action.batchId === null) await endCanceled(tx, deps, action, now)
    else await cancelBatchesOf(tx, deps, { accountId, sessionId: action.sessionId, now })
  }
  if (strangers.length > 0) return { type: 'again' }

  const candidate = await firstThatMayGo(plan, session, [...resends, ...heads.sort(byTurn)])
  const read = candidate !== null && comesBeforeReads(candidate.action) ? null : await findDueRead(plan, session)
  if (candidate === null && read === null) return 'sleep'
  const opened = await open(plan, session)
  if (opened === null) return 'sleep'
  if (read !== null) return { type: 'poll', read, ...opened }
  if (candidate === null) return 'sleep'
  const { kind } = candidate
  const action = withKnownTarget(candidate)
  // What is sent again has been found before.
  if (kind.resolve !== undefined && action.resolved === null && action.status === 'queued') {
    return { type: 'resolve', action, kind, ...opened }
  }
  const found = { ...candidate, action }
  if (await endSuppressed(plan, found, session)) return { type: 'again' }
  if (kind.prepare?.isOwed(action)) return beginPrepare(plan, found, opened)
  return markAttempt(plan, found, opened)
}

function withKnownTarget({ action, kind }: Candidate): Action {
  if (action.resolved !== null || action.status !== 'queued') return action
  return { ...action, resolved: kind.known?.(action) ?? null }
}

/** The higher class first, then the older. */
function byTurn(a: Action, b: Action): number {
  return a.class - b.class || a.dueAt - b.dueAt || a.ord - b.ord
}

async function firstThatMayGo(
  plan: Plan,
  session: ActingSession,
  inOrder: readonly Action[],
): Promise<Candidate | null> {
  for (const action of inOrder) {
    const candidate = await weigh(plan, session, action)
    if (candidate !== null) return candidate
  }
  return null
}

/** The action if it may go now; otherwise notes when it may. */
async function weigh(plan: Plan, session: ActingSession, action: Action): Promise<Candidate | null> {
  const { tx, deps, now } = plan
  const kind = deps.kinds.get(action.kind)
  if (kind === undefined) return null
  if (action.dueAt > now) {
    notBefore(plan, action.dueAt)
    return null
  }
  const limits = limitsFor(deps.limits, session, action.kind, action.class)
  const usage = await readUsage(tx, { accountId: session.accountId, kind: action.kind, limits })
  const { at } = earliest(usage, now, session.actionDelayMs)
  // Whoever changes the policy wakes the lane.
  if (at === null) return null
  if (at <= now) return { action, kind, usage }
  notBefore(plan, at)
  return null
}

/** A re-send goes ahead of its kind whoever asked for it. */
function comesBeforeReads(action: Action): boolean {
  return action.class === CLASS_PERSON || action.step === 'resend'
}

/** The read that is due; otherwise notes when one will be. A pause of one kind says nothing about reading. */
async function findDueRead(plan: Plan, session: ActingSession): Promise<LaneRead | null> {
  const { tx, deps, now } = plan
  if (deps.reads === undefined) return null
  const pause = await findPause(tx, session.accountId, ALL_KINDS)
  if (pause !== null && pause.until > now) {
    notBefore(plan, pause.until)
    return null
  }
  const next = await deps.reads.next(tx, { session, now })
  if (next.type === 'read') return next
  if (next.nextAt !== null) notBefore(plan, next.nextAt)
  return null
}

/** Opens the credentials; without them the account can only log in again. */
async function open({ tx, deps }: Plan, session: ActingSession): Promise<Opened | null> {
  const opened = deps.sessions.open(session)
  if (opened !== null) return { session, ...opened }
  const reason = 'The stored credentials cannot be opened; log in again.'
  await deps.sessions.setStatus(tx, session, { status: 'login_required', reason })
  return null
}

/**
 * Ends an action whose recipient must not be written to, in the transaction that would mark its attempt: whoever suppresses
 * holds the account's lock, so nothing is marked after it. What may have arrived already is not sent again, and stays
 * unknown: that it was not on the newest page is no proof.
 */
async function endSuppressed({ tx, deps, now }: Plan, { action, kind }: Candidate, session: ActingSession) {
  if (kind.addressee === undefined || action.overrideBy !== null) return false
  const { userId, accountId } = action
  const found = await deps.findSuppression(tx, { ...kind.addressee(action), userId, accountId })
  if (found === null) return false
  const isUncertain = action.step === 'resend'
  await endQuietly(tx, deps, action, {
    status: isUncertain ? 'unconfirmed' : 'skipped',
    at: now,
    cause: 'suppressed',
    code: 'SUPPRESSED',
    reason: isUncertain
      ? 'The recipient asked not to be messaged before it was known whether it arrived.'
      : 'The recipient asked not to be messaged.',
    session,
  })
  return true
}

/** An upload may take longer than the usual lease. */
async function beginPrepare(plan: Plan, { action, kind }: Candidate, opened: Opened): Promise<PlannedTurn> {
  await prolongLease(plan.tx, plan.deps, plan.claim, UPLOAD_LEASE_MS)
  return { type: 'prepare', action, kind, ...opened }
}

/** Numbers and stamps the attempt before anything leaves the process. */
async function markAttempt(plan: Plan, candidate: Candidate, opened: Opened): Promise<PlannedTurn> {
  const { tx, now, wall } = plan
  const { kind, usage } = candidate
  const isResend = candidate.action.step === 'resend'
  const { accountId, id: actionId, kind: kindName } = candidate.action
  const numbers = await takeNumbers(tx, { accountId, kind: kindName, usage, at: now, actionId })
  const action = await changeAction(
    tx,
    candidate.action,
    {
      status: 'running',
      step: 'attempt',
      attempts: candidate.action.attempts + 1,
      resends: candidate.action.resends + (isResend ? 1 : 0),
      callDeadlineWall: wall + TURN_DEADLINE_MS,
      waitingFor: null,
    },
    { at: now, cause: isResend ? 'resend' : 'attempt' },
  )
  if (action.batchId !== null) await paceBatch(tx, action.batchId, now)
  const { session, connector, access } = opened
  return { type: 'attempt', action, kind, isResend, numbers, session, connector, access }
}
