/** What the pure forecast of `limits` needs to know of an account, read from the store: as it stands, nothing locked. */
import {
  ALL_KINDS,
  DAY_MS,
  type ForecastInput,
  type ForecastStream,
  findPause,
  forecast,
  isSwitchedOff,
  limitsFor,
  readRecentAttempts,
} from '../../limits/index.ts'
import type { Db } from '../../store/store.ts'
import { type Action, type ActionClass, CLASS_BULK } from '../action.ts'
import type { OutboxDeps } from '../deps.ts'
import { findHeads } from '../find-heads.ts'
import { canAct } from '../session-able.ts'
import type { ActingSession } from '../session-hooks.ts'
import { countQueued, findDueInstants, findRunning } from '../store.ts'
import { type Batch, isSettled } from './batch.ts'
import { findBatchHeads, findUnfinished } from './store.ts'

export type ForecastDeps = Pick<OutboxDeps, 'clock' | 'limits'>
type EstimateDeps = ForecastDeps & Pick<OutboxDeps, 'sessions'>

/** How far a forecast looks, and so what it costs at most. */
interface Reach {
  /** Actions of one kind and class whose own instants are looked at; those behind them only count, up to `countedMax`. */
  instantsMax: number
  countedMax: number
  /** Attempts of one kind within the last day; undefined = all. */
  attemptsMax?: number
  stepsMax?: number
}

const WHOLE: Reach = { instantsMax: 1_000, countedMax: 20_000 }
/** For a forecast within the acceptance of one action: exact unless the account is busier than most ever are. */
export const AT_ACCEPTANCE: Reach = { instantsMax: 100, countedMax: 100, attemptsMax: 1_000, stepsMax: 500 }
const BATCHES_MAX = 50
const RUNNING_MAX = 50

/** When the last item of a batch is forecast; null when it has ended, or somebody has to do something first. */
export async function estimateCompletion(db: Db, deps: EstimateDeps, batch: Batch): Promise<number | null> {
  if (batch.status !== 'running' || isSettled(batch)) return null
  const session = await deps.sessions.find(db, batch.sessionId)
  if (session === null) return null
  const account = await readAccount(db, deps, session, WHOLE)
  const target = account?.batches.get(batch.id)
  // Nothing of it is queued any more: what is under way ends soon.
  if (account === null || target === undefined) return deps.clock.now()
  return run(account, target)?.at(-1) ?? null
}

/** Work that has not been accepted, behind all that has. */
export interface NewWork {
  kind: string
  count: number
  gapMs: number
  class: ActionClass
  /** Not before this instant; absent = now. */
  from?: number
}

/** The instants of work that would be accepted now, ascending; null when somebody has to do something first. */
export async function forecastWork(
  db: Db,
  deps: ForecastDeps,
  { session, work, reach = WHOLE }: { session: ActingSession; work: NewWork; reach?: Reach },
): Promise<number[] | null> {
  const { from = deps.clock.now(), ...stream } = work
  if (work.count === 0) return []
  const account = await readAccount(db, deps, session, reach)
  if (account === null) return null
  const limits = limitsFor(deps.limits, session, work.kind, work.class)
  account.streams.push({ ...stream, limits, dueAt: from, ord: Number.POSITIVE_INFINITY, notBefore: from })
  await addKind(db, session.accountId, account, work.kind)
  return run(account, account.streams.length - 1)
}

interface Account {
  now: number
  session: ActingSession
  reach: Reach
  streams: ForecastStream[]
  /** Which stream is whose. */
  batches: Map<string, number>
  used: Map<string, readonly number[]>
  pausedUntil: Map<string, number>
}

function run(account: Account, target: number): number[] | null {
  const { now, session, streams, used, pausedUntil } = account
  const input: ForecastInput = {
    now: Math.max(now, session.retryAt ?? 0),
    gapMs: session.actionDelayMs,
    lastAt: used.get(ALL_KINDS)?.at(-1) ?? null,
    used,
    pausedUntil,
    streams,
  }
  return forecast(input, target, account.reach.stepsMax)
}

/** Null when the account does nothing until somebody does something. */
async function readAccount(db: Db, deps: ForecastDeps, session: ActingSession, reach: Reach): Promise<Account | null> {
  const now = deps.clock.now()
  if (!canAct(session, now) || (await isSwitchedOff(db, session))) return null
  const account: Account = {
    now,
    session,
    reach,
    streams: [],
    batches: new Map(),
    used: new Map(),
    pausedUntil: new Map(),
  }
  await addResends(db, deps, account)
  await addQueue(db, deps, account)
  await addBatches(db, deps, account)
  for (const kind of [ALL_KINDS, ...account.streams.map((stream) => stream.kind)]) {
    await addKind(db, session.accountId, account, kind)
  }
  return account
}

/** Attempts and pauses of a kind, once. */
async function addKind(db: Db, accountId: string, account: Account, kind: string): Promise<void> {
  if (account.used.has(kind)) return
  const most = account.reach.attemptsMax === undefined ? {} : { most: account.reach.attemptsMax }
  account.used.set(kind, await readRecentAttempts(db, { accountId, kind, after: account.now - DAY_MS, ...most }))
  const pause = await findPause(db, accountId, kind)
  if (pause !== null && pause.until > account.now) account.pausedUntil.set(kind, pause.until)
}

/** What has to be written again goes before everything else. */
async function addResends(db: Db, deps: ForecastDeps, { session, streams, now }: Account): Promise<void> {
  const running = await findRunning(db, session.accountId, RUNNING_MAX)
  for (const action of running) {
    if (action.step === 'resend') streams.push({ ...streamOf(deps, session, action), class: -1, notBefore: now })
  }
}

/** The queue without bulks: those that are due together, those of later instants one by one. */
async function addQueue(db: Db, deps: ForecastDeps, { session, streams, now, reach }: Account): Promise<void> {
  const { accountId } = session
  for (const head of await findHeads(db, accountId)) {
    const of = { accountId, kind: head.kind, class: head.class }
    const instants = await findDueInstants(db, { ...of, limit: reach.instantsMax })
    const later = instants.filter((at) => at > now)
    let due = instants.length - later.length
    if (due === reach.instantsMax && due < reach.countedMax) {
      const [row] = await countQueued(db, { ...of, dueBy: now, limit: reach.countedMax })
      due = Number(row?.count ?? due)
    }
    const stream = streamOf(deps, session, head)
    if (due > 0) streams.push({ ...stream, count: due })
    for (const [index, at] of later.entries()) {
      streams.push({ ...stream, dueAt: at, ord: head.ord + due + index, notBefore: at })
    }
  }
}

async function addBatches(db: Db, deps: ForecastDeps, { session, streams, batches }: Account): Promise<void> {
  const heads = new Map<string, Action>()
  for (const { action } of await findBatchHeads(db, session.accountId)) {
    if (action.batchId !== null) heads.set(action.batchId, action)
  }
  for (const batch of await findUnfinished(db, session.accountId, BATCHES_MAX)) {
    const head = heads.get(batch.id)
    if (head === undefined) continue
    batches.set(batch.id, streams.length)
    const { gapMs, nextAt: notBefore, counts } = batch
    streams.push({ ...streamOf(deps, session, head), count: counts.queued, gapMs, notBefore })
  }
}

function streamOf(deps: ForecastDeps, session: ActingSession, action: Action): ForecastStream {
  const { kind, dueAt, ord } = action
  const limits = limitsFor(deps.limits, session, kind, action.class)
  return { kind, class: action.class, dueAt, ord, count: 1, notBefore: dueAt, gapMs: 0, limits }
}

/** The instants of a bulk that would be accepted now, for those of its items that are not skipped. */
export function forecastNewBatch(
  db: Db,
  deps: ForecastDeps,
  input: {
    session: ActingSession
    draft: { kind: string; gapMs: number; items: readonly { skip: unknown }[] }
  },
): Promise<number[] | null> {
  const { kind, gapMs, items } = input.draft
  const count = items.filter(({ skip }) => skip === null).length
  return forecastWork(db, deps, { session: input.session, work: { kind, count, gapMs, class: CLASS_BULK } })
}
