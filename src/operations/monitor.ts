/**
 * What must always hold, checked continuously over the store by product time: that no window holds more attempts than
 * its limit, that no account has two attempts under way, that what has ended ended once, that nobody was written to who
 * was suppressed, that bulks add up. A round
 * reads what has changed since the last one, in bounded batches, and never writes. What it finds is a bug of ours or a
 * damaged store, so it is counted, shown, and logged once as loudly as a log can.
 */
import type { Clock, Timer } from '../core/clock.ts'
import { ALL_KINDS, countAttempts, DAY_MS, HOUR_MS, type LimitsConfig, limitsFor } from '../limits/index.ts'
import type { ActionKinds, ActionStatus } from '../outbox/index.ts'
import { CLASS_PERSON, isTerminal, type SessionHooks, timelineFault } from '../outbox/index.ts'
import type { Store } from '../store/store.ts'
import {
  findMarked,
  findOverfull,
  findRunning,
  findSettled,
  findSuppressedSpans,
  findTimeline,
  findUnbalanced,
  type SettledCursor,
} from './monitor-store.ts'

export const INVARIANTS = ['windows', 'one_turn', 'one_end', 'suppressed', 'bulk_counts'] as const
export type Invariant = (typeof INVARIANTS)[number]

/** Ids and numbers; never what was written to anybody. */
export interface Violation {
  invariant: Invariant
  accountId: string
  actionId: string | null
  what: string
}

/** How full one window of one account is. */
export interface LimitUsage {
  kind: string
  window: 'hour' | 'day'
  used: number
  limit: number
}

interface MonitorDeps {
  store: Pick<Store, 'read'>
  clock: Clock
  limits: LimitsConfig
  sessions: Pick<SessionHooks, 'findByAccount'>
  /** Of which the monitor asks whom an action wrote to. */
  kinds: ActionKinds
  onViolation(violation: Violation): void
  /** Told of the windows of active accounts, once a round. */
  onUsage?(usage: LimitUsage): void
  onError(error: unknown): void
}

export interface MonitorState {
  /** When the last round ended; null = none has. */
  checkedAt: number | null
  violations: Readonly<Record<Invariant, number>>
}

/** Product time between two rounds, and before the next one of a monitor that is behind. */
const EVERY_MS = 60_000
const BEHIND_MS = 1_000
/** A round longer ago than this tells nothing about the time since. */
const RECENT_MS = 3 * EVERY_MS
/** Ends younger than this may belong to transactions that are not committed yet. */
const UNSETTLED_MS = 10_000
/** Of each kind of row in one round. */
const ROWS_MAX = 500
/** Attempts of an account looked back upon in one round. */
const ATTEMPTS_MAX = 256
const TIMELINE_MAX = 1_000
/** Accounts of a round whose usage is told. */
const MEASURED_MAX = 100
/** Accounts and kinds whose limits are remembered. */
const LIMITS_MAX = 20_000
/** Findings remembered, so that one that lasts is told once. */
const TOLD_MAX = 1_000

/** What the clocks of two nodes may differ by. */
const CLOCKS_APART_MS = 1_000

type SettledAction = Awaited<ReturnType<typeof findSettled>>[number]
type Activity = Map<string, Set<string>>
/** By account and kind: the windows as text, and the round in which they were first seen. */
type SeenLimits = Map<string, { text: string; since: number }>

interface Window {
  accountId: string
  kind: string
  limit: number
  durationMs: number
  /** Since when the limit is known to hold. */
  since: number
}

export class Monitor {
  readonly #deps: MonitorDeps
  readonly #violations: Record<Invariant, number> = {
    windows: 0,
    one_turn: 0,
    one_end: 0,
    suppressed: 0,
    bulk_counts: 0,
  }
  readonly #told = new Set<string>()
  #settled: SettledCursor
  #runningAfter = ''
  #checkedAt: number | null = null
  /** Attempts from this instant on have not been looked at. */
  #attemptsAfter: number
  /** By account and kind, as of the last round in which it was active. */
  #limits: SeenLimits = new Map()
  #timer: Timer | null = null
  #round: Promise<void> = Promise.resolve()
  #isBehind = false
  #isStopped = false

  constructor(deps: MonitorDeps) {
    this.#deps = deps
    const now = deps.clock.now()
    this.#settled = { at: now, id: '' }
    this.#attemptsAfter = now
  }

  get state(): MonitorState {
    return { checkedAt: this.#checkedAt, violations: { ...this.#violations } }
  }

  start(): void {
    if (this.#isStopped) return
    const { clock, onError } = this.#deps
    this.#timer = clock.at(clock.now() + (this.#isBehind ? BEHIND_MS : EVERY_MS), () => {
      this.#round = clock
        .track(this.tick())
        .catch(onError)
        .finally(() => this.start())
    })
  }

  /** Resolves when a running round has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#round
  }

  /** One round. Rejects when the store cannot be read; the next one then looks at the same rows. */
  async tick(): Promise<void> {
    const now = this.#deps.clock.now()
    const active: Activity = new Map()
    await this.#checkEnds(now, active)
    await this.#checkTurns(active)
    await this.#checkWindows(now, active)
    await this.#checkBatches()
    this.#checkedAt = now
  }

  async #checkEnds(now: number, active: Activity): Promise<void> {
    const { read } = this.#deps.store
    const rows = await findSettled(read, { ...this.#settled, until: now - UNSETTLED_MS, limit: ROWS_MAX })
    for (const row of rows) {
      const wrong = (what: string) =>
        this.#tell({ invariant: 'one_end', accountId: row.account_id, actionId: row.id, what })
      note(active, row.account_id, row.kind)
      if (!isTerminal(row.status as ActionStatus)) wrong(`it has ended, and is ${row.status}`)
      if (row.step !== null) wrong(`it has ended, and is at step ${row.step}`)
      if (row.status === 'succeeded' && row.attempts < 1) wrong('it succeeded without an attempt')
      const timeline = await findTimeline(read, { actionId: row.id, limit: TIMELINE_MAX })
      const fault = timelineFault(row.status, timeline)
      if (fault !== null) wrong(fault)
      await this.#checkSuppressed(row, timeline)
    }
    this.#isBehind = rows.length === ROWS_MAX
    const last = rows.at(-1)
    if (last !== undefined) this.#settled = { at: last.settled_at as number, id: last.id }
  }

  /** Nothing was begun that writes to somebody who was suppressed then, but what a person sent all the same. */
  async #checkSuppressed(action: SettledAction, timeline: readonly { at: number; cause: string }[]): Promise<void> {
    const { id, user_id: userId, account_id: accountId, override_by: overrideBy } = action
    const { addressee } = this.#deps.kinds.get(action.kind) ?? {}
    const attempts = timeline.filter(({ cause }) => cause === 'attempt' || cause === 'resend')
    if (addressee === undefined || overrideBy !== null || attempts.length === 0) return
    const { platformId, username } = addressee(action)
    const contact = { platformId: platformId ?? '', username: username ?? '' }
    const spans = await findSuppressedSpans(this.#deps.store.read, { userId, accountId, ...contact })
    for (const span of spans) {
      const isInside = ({ at }: { at: number }) =>
        at > span.created_at + CLOCKS_APART_MS && (span.lifted_at === null || at < span.lifted_at - CLOCKS_APART_MS)
      if (!attempts.some(isInside)) continue
      this.#tell({ invariant: 'suppressed', accountId, actionId: id, what: `it was attempted while ${span.id} held` })
    }
  }

  async #checkTurns(active: Activity): Promise<void> {
    const running = await findRunning(this.#deps.store.read, { afterAccount: this.#runningAfter, limit: ROWS_MAX })
    const attempting = new Map<string, string>()
    for (const { id, account_id: accountId, kind, step } of running) {
      note(active, accountId, kind)
      if (step === null) this.#tell({ invariant: 'one_end', accountId, actionId: id, what: 'it runs at no step' })
      if (step !== 'attempt') continue
      const other = attempting.get(accountId)
      const what = `it is attempted while ${other} is`
      if (other !== undefined) this.#tell({ invariant: 'one_turn', accountId, actionId: id, what })
      attempting.set(accountId, id)
    }
    // A full batch may have cut an account in two; going on behind it leaves that one to the next time around.
    this.#runningAfter = running.length < ROWS_MAX ? '' : (running.at(-1)?.account_id ?? '')
  }

  async #checkWindows(now: number, active: Activity): Promise<void> {
    // After a pause nobody knows what was set meanwhile, and perhaps set back.
    const isRecent = this.#checkedAt !== null && now - this.#checkedAt <= RECENT_MS
    const known: SeenLimits = isRecent ? this.#limits : new Map()
    const limits: SeenLimits = new Map()
    let measured = 0
    for (const [accountId, kinds] of active) {
      const session = await this.#deps.sessions.findByAccount(this.#deps.store.read, accountId)
      if (session === null) continue
      measured += 1
      for (const kind of [...kinds, ALL_KINDS]) {
        const { hour, day, total } = limitsFor(this.#deps.limits, session, kind, CLASS_PERSON)
        const windows =
          kind === ALL_KINDS ? [[total, DAY_MS] as const] : [[hour, HOUR_MS] as const, [day, DAY_MS] as const]
        if (measured <= MEASURED_MAX) {
          for (const [limit, durationMs] of windows) await this.#measure({ accountId, kind, limit, durationMs, now })
        }
        const key = `${accountId} ${kind}`
        const text = JSON.stringify(windows)
        const before = known.get(key)
        limits.set(key, before?.text === text ? before : { text, since: now })
        // Attempts are judged by the limits they were decided by: for what came before these were seen, nobody knows.
        if (before?.text !== text) continue
        for (const [limit, durationMs] of windows) {
          if (limit !== null) await this.#checkWindow({ accountId, kind, limit, durationMs, since: before.since })
        }
      }
    }
    for (const [key, seen] of known) if (!limits.has(key) && limits.size < LIMITS_MAX) limits.set(key, seen)
    this.#limits = limits
    this.#attemptsAfter = now - UNSETTLED_MS
  }

  async #checkWindow(window: Window): Promise<void> {
    const { accountId, kind, limit, durationMs, since } = window
    const { read } = this.#deps.store
    const after = Math.max(this.#attemptsAfter, since)
    const early = await findOverfull(read, { accountId, kind, limit, durationMs, after, back: ATTEMPTS_MAX })
    for (const { no, at, ref, leftAt } of early) {
      // The number carries the instant of its effect, which may be long after the decision: a lost attempt's is.
      const [marked] = ref === null ? [] : await findMarked(read, { actionId: ref })
      if ((marked?.at ?? at) <= since) continue
      const what = `${kind} no. ${no} came ${at - leftAt} ms after no. ${no - limit}, the window is ${limit} in ${durationMs} ms`
      this.#tell({ invariant: 'windows', accountId, actionId: ref, what })
    }
  }

  async #measure(window: { accountId: string; kind: string; limit: number | null; durationMs: number; now: number }) {
    const { accountId, kind, limit, durationMs, now } = window
    const { store, onUsage } = this.#deps
    if (limit === null || onUsage === undefined) return
    const used = await countAttempts(store.read, { accountId, kind, from: 0, after: now - durationMs })
    onUsage({ kind, window: durationMs === DAY_MS ? 'day' : 'hour', used, limit })
  }

  async #checkBatches(): Promise<void> {
    const unbalanced = await findUnbalanced(this.#deps.store.read, { limit: ROWS_MAX })
    for (const { id, account_id: accountId, total } of unbalanced) {
      this.#tell({ invariant: 'bulk_counts', accountId, actionId: null, what: `the counts of ${id} are not ${total}` })
    }
  }

  #tell(violation: Violation): void {
    const key = `${violation.invariant} ${violation.accountId} ${violation.actionId} ${violation.what}`
    if (this.#told.has(key)) return
    if (this.#told.size >= TOLD_MAX) this.#told.clear()
    this.#told.add(key)
    this.#violations[violation.invariant] += 1
    this.#deps.onViolation(violation)
  }
}

function note(active: Activity, accountId: string, kind: string): void {
  const kinds = active.get(accountId)
  if (kinds === undefined) active.set(accountId, new Set([kind]))
  else kinds.add(kind)
}
