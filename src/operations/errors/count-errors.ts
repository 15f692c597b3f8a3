/**
 * How often what failed, kept for thirty days. Requests that are refused are counted in memory and added to the store
 * every ten seconds, at most one statement for each code and operation however many there were; a process that is
 * killed loses those seconds. Actions that failed are counted from their own rows, each time range by one node, so
 * none is missed and none counts twice. Only codes, names of operations and instants are kept.
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Store } from '../../store/store.ts'
import {
  addCounts,
  countFailedActions,
  dayOf,
  deleteCounts,
  type ErrorCount,
  moveCountedUntil,
  readCountedUntil,
  readCounts,
} from './store.ts'

export const KEPT_DAYS_MAX = 30
const DAY_MS = 24 * 3_600_000
/** Machine time. */
const EVERY_MS = 10_000
/** Ends younger than this may belong to transactions that are not committed yet. */
const UNSETTLED_MS = 10_000
/** A time in which nothing failed is passed over without a write, until it is this long. */
const QUIET_MS = 3_600_000

interface ErrorCountsDeps {
  store: Store
  clock: Clock
  onError(error: unknown): void
}

export class ErrorCounts {
  readonly #deps: ErrorCountsDeps
  #pending = new Map<string, ErrorCount>()
  #total = new Map<ErrorCode, number>()
  #timer: Timer | null = null
  #round: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: ErrorCountsDeps) {
    this.#deps = deps
  }

  /** Refused requests of this process by code, since it started. */
  get totals(): ReadonlyMap<ErrorCode, number> {
    return this.#total
  }

  /** Counts one refused request; costs a look-up. */
  readonly note = (code: ErrorCode, operation: string): void => {
    this.#total.set(code, (this.#total.get(code) ?? 0) + 1)
    const at = this.#deps.clock.now()
    merge(this.#pending, {
      day: dayOf(at),
      code,
      source: 'request',
      name: operation,
      count: 1,
      firstAt: at,
      lastAt: at,
    })
  }

  start(): void {
    if (this.#isStopped) return
    this.#timer = this.#deps.clock.after(EVERY_MS, () => {
      this.#round = this.flush()
        .catch(this.#deps.onError)
        .finally(() => this.start())
    })
  }

  /** Resolves when everything noted is in the store, or could not be written. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#round
    await this.flush().catch(this.#deps.onError)
  }

  /** Adds what was noted, and what failed meanwhile, to the store. Rejects when it cannot be written; then it is kept. */
  async flush(): Promise<void> {
    await this.#flushRequests()
    await this.#countActions()
  }

  /** Counts of the last `days` days, today included. */
  async read({ days }: { days: number }): Promise<ErrorCount[]> {
    await this.flush()
    return readCounts(this.#deps.store.read, { since: this.#deps.clock.now() - (days - 1) * DAY_MS })
  }

  /** Forgets what is too old; for housekeeping. */
  async sweep(): Promise<void> {
    const before = this.#deps.clock.now() - KEPT_DAYS_MAX * DAY_MS
    await this.#deps.store.write((tx) => deleteCounts(tx, { before }))
  }

  async #flushRequests(): Promise<void> {
    const taken = this.#pending
    if (taken.size === 0) return
    this.#pending = new Map()
    try {
      await this.#deps.store.write((tx) => addCounts(tx, [...taken.values()]))
    } catch (error) {
      for (const count of taken.values()) merge(this.#pending, count)
      throw error
    }
  }

  async #countActions(): Promise<void> {
    const { store, clock } = this.#deps
    const until = clock.now() - UNSETTLED_MS
    const from = await readCountedUntil(store.read)
    if (until <= from) return
    const failed = await countFailedActions(store.read, {
      after: Math.max(from, until - KEPT_DAYS_MAX * DAY_MS),
      until,
    })
    if (failed.length === 0 && until - from < QUIET_MS) return
    await store.write(async (tx) => {
      if (await moveCountedUntil(tx, { from, to: until })) await addCounts(tx, failed)
    })
  }
}

function merge(counts: Map<string, ErrorCount>, more: ErrorCount): void {
  const key = `${more.day} ${more.code} ${more.name}`
  const known = counts.get(key)
  if (known === undefined) {
    counts.set(key, { ...more })
    return
  }
  known.count += more.count
  known.firstAt = Math.min(known.firstAt, more.firstAt)
  known.lastAt = Math.max(known.lastAt, more.lastAt)
}
