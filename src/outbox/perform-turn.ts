/**
 * Turns of a lane: each is chosen and marked in one transaction, then one call to Instagram with nothing open, then it is
 * settled in a second transaction. Both start with the account's lock and compare the fence in code, so that a worker
 * that was away for longer than its lease writes nothing, neither to Instagram (`mayWrite`) nor to the store.
 *
 * Where one writer commits for everybody, the transaction that settles a turn chooses and marks the next one: half the
 * commits. A crash after it finds the one settled and the other marked and not called, as a crash between marking and
 * calling always did. Elsewhere that would keep the user's place in the event log, which the settling took, for as long
 * as the choosing takes.
 */
import type { CallOptions, ReadResult } from '../connectors/connector.ts'
import { crashPoint } from '../core/crash-point.ts'
import { GatewayError } from '../core/errors.ts'
import { type Claim, giveUpLane, holdsFor, isHeldBy, LEASE_MS, setCheck, type TurnEnd } from '../lanes/index.ts'
import { giveNumbersBack, moveNumbers } from '../limits/index.ts'
import { raiseClock } from '../store/clock-row.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import type { Action } from './action.ts'
import { answerAccount, challenge, failRejecting, throttle } from './answer-account.ts'
import { afterAttempt, afterFailedResolve, afterMediaTrouble, afterReadback } from './decide.ts'
import type { OutboxDeps } from './deps.ts'
import type { TurnContext } from './kind.ts'
import { lostCallMs, TURN_DEADLINE_MS } from './lost-call.ts'
import { type PlannedTurn, PREPARE_DEADLINE_MS, planTurn } from './plan-turn.ts'
import { findAction, saveAction } from './store.ts'
import { applyDecision } from './transition.ts'
import { announceChange } from './wait-for-change.ts'

/** Until a check that gave no clear answer is repeated. */
const CHECK_AGAIN_MS = 60_000
/** Between tries to settle while the store cannot write. */
const SETTLE_AGAIN_MS = 1_000

type TurnDeps = Pick<
  OutboxDeps,
  'store' | 'clock' | 'random' | 'sessions' | 'limits' | 'kinds' | 'findSuppression' | 'reads'
>
type Turn<T extends PlannedTurn['type']> = Extract<PlannedTurn, { type: T }>

/** What a settled turn leads to: an end, or the turn that was chosen and marked with it. */
type Settled = TurnEnd | { type: 'next'; turn: PlannedTurn }
/** Asked before a turn is settled: whether another one may be marked with it. */
type MayGoOn = () => boolean

/**
 * Does the lane's next turn and, for as long as `mayGoOn` says so and one can be marked with the last one's end, those
 * after it; or lets go of the lane. Throws when the store cannot write, and for bugs.
 */
export async function performTurn(deps: TurnDeps, claim: Claim, mayGoOn: MayGoOn = () => false): Promise<TurnEnd> {
  let settled: Settled = {
    type: 'next',
    turn: await deps.store.write(async (tx) => {
      const planned = await planTurn(tx, deps, claim)
      // What ended in the plan, and what has to wait for longer than those who wait for it.
      if (planned.type === 'again' || planned.type === 'asleep') announceChange(tx, deps, claim.accountId)
      if (planned.type === 'attempt') await raiseClock(tx, deps.clock.now())
      return planned
    }),
  }
  while (settled.type === 'next') settled = await perform({ ...deps, claim, mayGoOn }, settled.turn)
  return settled
}

/** What performing one turn takes. */
type Run = TurnDeps & { claim: Claim; mayGoOn: MayGoOn }

async function perform(run: Run, turn: PlannedTurn): Promise<Settled> {
  switch (turn.type) {
    case 'lost':
    case 'again':
      return turn
    case 'asleep':
      return { type: 'released', dueAt: turn.dueAt }
    case 'check':
      return check(run, turn)
    case 'resolve':
      return resolve(run, turn)
    case 'prepare':
      return prepare(run, turn)
    case 'attempt':
      return attempt(run, turn)
    case 'readback':
      return readback(run, turn)
    case 'poll':
      return poll(run, turn)
  }
}

async function attempt(run: Run, turn: Turn<'attempt'>): Promise<Settled> {
  const { kind, numbers, isResend, session, access } = turn
  crashPoint('before-call')
  const outcome = await kind.operation(contextOf(turn), callOptions(run))
  crashPoint('after-response')

  return settle(run, async (tx, now) => {
    const { accountId, id: actionId, kind: kindName } = turn.action
    if (outcome.type !== 'not_sent') {
      const lateMs = outcome.type === 'uncertain' ? lostCallMs(turn.action, run.clock.wall()) : 0
      await moveNumbers(tx, { accountId, kind: kindName, at: now + lateMs, actionId, numbers })
    }
    const action = await findAction(tx, actionId)
    if (action === null || action.status !== 'running' || action.step !== 'attempt') return { type: 'again' }
    if (outcome.type === 'not_sent') {
      await giveNumbersBack(tx, { accountId, kind: kindName, numbers, actionId })
      action.attempts -= 1
    }
    const waitingFor = await answerAccount(tx, run, outcome, { session, access, kind: action.kind, now })
    const facts = { now, wall: run.clock.wall(), evidence: kind.evidence.type, isResend, waitingFor }
    await applyDecision(tx, run, action, afterAttempt(action, outcome, facts), { at: now, session })
    await failRejecting(tx, run, outcome, { session, now })
    if (outcome.type !== 'not_sent' || outcome.cause !== 'lease') return { type: 'again' }
    // Our lease is about to end although the fence still holds: somebody fresher goes on.
    await giveUpLane(tx, run.claim)
    return { type: 'released', dueAt: now }
  })
}

async function resolve(run: Run, turn: Turn<'resolve'>): Promise<Settled> {
  const { kind, session, access } = turn
  if (kind.resolve === undefined) throw new Error(`${kind.name}: nothing to resolve with`)
  const result = await kind.resolve(contextOf(turn), callOptions(run))

  return settle(run, async (tx, now) => {
    const waitingFor = await answerAccount(tx, run, result, { session, access, kind: turn.action.kind, now })
    const action = await findAction(tx, turn.action.id)
    // Canceled meanwhile, or failed with its account just now.
    if (action === null || action.status !== 'queued') return { type: 'again' }
    if (result.type === 'ok') {
      const found: Action = { ...action, resolved: result.value, failures: 0, waitingFor: null }
      await saveAction(tx, found, 'queued')
      await kind.resolved?.(tx, found, now)
      return { type: 'again' }
    }
    const decision = afterFailedResolve(action, result, { now, waitingFor })
    if (decision === null) await saveAction(tx, { ...action, waitingFor }, 'queued')
    else if ('dueAt' in decision) await saveAction(tx, { ...action, ...waits(decision) }, 'queued')
    else await applyDecision(tx, run, action, decision, { at: now, session })
    await failRejecting(tx, run, result, { session, now })
    return { type: 'again' }
  })
}

/** Fetches and uploads; what it finds is kept, so it is done once. Trouble with the media is none of the account's. */
async function prepare(run: Run, turn: Turn<'prepare'>): Promise<Settled> {
  const { kind, session, access } = turn
  if (kind.prepare === undefined) throw new Error(`${kind.name}: nothing to prepare`)
  const result = await kind.prepare.run(contextOf(turn), callOptions(run, PREPARE_DEADLINE_MS))

  // The upload is over, whatever is marked next.
  run.claim.leaseMs = LEASE_MS
  return settle(run, async (tx, now) => {
    const isMedia = result.type === 'media_refused' || result.type === 'media_unreachable'
    const waitingFor = isMedia
      ? null
      : await answerAccount(tx, run, result, { session, access, kind: turn.action.kind, now })
    const action = await findAction(tx, turn.action.id)
    if (action === null || action.status !== 'queued') return { type: 'again' }
    if (result.type === 'ok') {
      await saveAction(tx, { ...action, resolved: result.value, failures: 0, waitingFor: null }, 'queued')
      return { type: 'again' }
    }
    const decision = isMedia
      ? afterMediaTrouble(action, result, { now })
      : afterFailedResolve(action, result, { now, waitingFor })
    if (decision === null) await saveAction(tx, { ...action, waitingFor }, 'queued')
    else if ('dueAt' in decision) await saveAction(tx, { ...action, ...waits(decision) }, 'queued')
    else await applyDecision(tx, run, action, decision, { at: now, session })
    if (!isMedia) await failRejecting(tx, run, result, { session, now })
    return { type: 'again' }
  })
}

/** A queued action that goes on waiting changes no status, so it has no row in the timeline. */
function waits(decision: Pick<Action, 'dueAt' | 'failures' | 'waitingFor'>) {
  const { dueAt, failures, waitingFor } = decision
  return { dueAt, failures, waitingFor }
}

async function readback(run: Run, turn: Turn<'readback'>): Promise<Settled> {
  const { kind, session, access } = turn
  if (kind.evidence.type !== 'readback') throw new Error(`${kind.name}: nothing to read back`)
  const context = { ...contextOf(turn), attemptedAt: turn.attemptedAt }
  const result = await kind.evidence.read(context, callOptions(run))

  return settle(run, async (tx, now) => {
    await answerAccount(tx, run, result, { session, access, kind: turn.action.kind, now })
    const action = await findAction(tx, turn.action.id)
    if (action === null || action.status !== 'running' || action.step !== 'readback') return { type: 'again' }
    const decision = afterReadback(action, result, { now, wall: run.clock.wall() })
    if (decision !== null) await applyDecision(tx, run, action, decision, { at: now, session })
    await failRejecting(tx, run, result, { session, now })
    return { type: 'again' }
  })
}

/** A read of no action. What it found is taken over only while the session that asked is still the live one. */
async function poll(run: Run, turn: Turn<'poll'>): Promise<Settled> {
  const { read, session, access, connector } = turn
  const result = await read.call({ connector, access, session }, callOptions(run))

  return settle(run, async (tx, now) => {
    await answerAccount(tx, run, result, { session, access, kind: null, now })
    const live = await run.sessions.findByAccount(tx, session.accountId)
    if (live?.id === session.id) await read.settled(tx, { result, session, now })
    await failRejecting(tx, run, result, { session, now })
    return { type: 'again' }
  })
}

async function check(run: Run, turn: Turn<'check'>): Promise<Settled> {
  const { session, access, connector } = turn
  const result = await connector.checkSession(access, callOptions(run))

  return settle(run, async (tx, now) => {
    const owedFrom = await answerCheck(tx, run, result, { session, access, now })
    await setCheck(tx, session.accountId, owedFrom)
    return { type: 'again' }
  })
}

/** What a check said about the session; returns from when on the next one is owed, null = none. */
async function answerCheck(
  tx: Db,
  deps: TurnDeps,
  result: ReadResult<{ platformId: string }>,
  context: Pick<Turn<'check'>, 'session' | 'access'> & { now: number },
): Promise<number | null> {
  const { session, access, now } = context
  switch (result.type) {
    case 'ok':
      if (result.value.platformId === session.platformId) {
        await deps.sessions.answered(tx, session, access)
        return null
      }
      await deps.sessions.setStatus(tx, session, {
        status: 'login_required',
        reason: 'The cookies belong to another account by now; log in again.',
      })
      return null
    case 'login_required':
      await deps.sessions.setStatus(tx, session, { status: 'login_required', reason: result.reason })
      return null
    case 'challenge':
      await deps.sessions.saveCookies(tx, session, access)
      await challenge(tx, deps, session, result)
      return null
    case 'not_sent':
      await answerAccount(tx, deps, result, { session, access, kind: null, now })
      await failRejecting(tx, deps, result, { session, now })
      return now
    case 'throttled':
      await throttle(tx, deps, { session, now }, result)
      return now
    case 'blocked':
      await answerAccount(tx, deps, result, { session, access, kind: null, now })
      return now
    case 'unreadable':
    case 'refused':
      await deps.sessions.saveCookies(tx, session, access)
      return now + CHECK_AGAIN_MS
  }
}

function contextOf(turn: Turn<'attempt' | 'resolve' | 'prepare' | 'readback'>): TurnContext {
  const { connector, access, session, action } = turn
  return { connector, access, session, action }
}

/** Nothing is written to Instagram with less of the lease left than the call may take. */
function callOptions(
  { clock, claim }: Pick<Run, 'clock' | 'claim'>,
  deadlineMs: number = TURN_DEADLINE_MS,
): CallOptions {
  return { deadlineMs, mayWrite: () => holdsFor(claim, clock, deadlineMs) }
}

/**
 * Settles a turn under the account's lock if the lane is still ours, and marks the next one. While the store cannot write
 * it is tried again for as long as the lease lasts; after that the attempt is found as uncertain and read back, which is
 * slower but as true.
 */
async function settle(run: Run, work: (tx: Db, now: number) => Promise<TurnEnd>): Promise<Settled> {
  const { store, clock, claim, mayGoOn } = run
  crashPoint('before-settle')
  let marksNext = mayGoOn() && store.engine === 'sqlite'
  for (;;) {
    try {
      const settled = await store.write(async (tx): Promise<Settled> => {
        const lane = await lockAccount(tx, claim.accountId)
        if (!isHeldBy(lane, claim)) return { type: 'lost' }
        const now = clock.now()
        announceChange(tx, run, claim.accountId)
        const end = await work(tx, now)
        const goesOn = marksNext && end.type === 'again'
        const settled: Settled = goesOn ? { type: 'next', turn: await planTurn(tx, run, claim) } : end
        await raiseClock(tx, clock.now())
        return settled
      })
      crashPoint('after-settle')
      return settled
    } catch (error) {
      const isOutage = error instanceof GatewayError && error.code === 'UNAVAILABLE'
      if (isOutage && holdsFor(claim, clock, SETTLE_AGAIN_MS)) {
        await new Promise<void>((resume) => clock.after(SETTLE_AGAIN_MS, resume))
      } else if (marksNext) {
        // What is wrong with the next turn must not undo this one.
        marksNext = false
      } else {
        throw error
      }
    }
  }
}
