import { GatewayError } from '../../core/errors.ts'
import type { MachineTime } from '../../core/machine-clock.ts'
import { type Connection, createDb, type Prepared, prepareOnce, type Rows } from '../connection.ts'
import { isUnavailable, storeUnavailable } from '../faults.ts'
import type { RowMemory } from '../row-memory.ts'
import type { Db } from '../store.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { explainSqliteFault } from './sqlite-faults.ts'

/**
 * Grouped commits: every callback that waits when a group starts shares one `begin immediate … commit`, so that one
 * `fsync` serves them all.
 *
 * A group starts in the check phase of the event loop, after everything that arrived in this round has been parsed: then
 * concurrent requests meet in one group. Its callbacks run one after another. One that fails takes nothing of the others
 * with it: when it has written, the transaction is rolled back and the group runs again, this time each callback in a
 * savepoint of its own. So do the next groups, because refusals come in rows. Savepoints from the beginning cost 14 µs a
 * callback, most of it for copies of the pages that it touches.
 *
 * A committed group is visible to the next one and to readers, but not yet on the disk (`synchronous = normal`): the log is
 * flushed off this thread, one flush at a time, and covers every group that was committed before it began. Only then
 * signals go out and the group's callbacks resolve or reject, in this order; whoever reads meanwhile waits for `durable`.
 * Why no power cut can lose what was acknowledged: docs/decisions/0006.
 *
 * What comes during a flush has to wait for its end and for the next flush anyway, so it is gathered: a commit writes each
 * touched page to the log, and few large groups touch fewer pages than many small ones. After a flush that several waited
 * for, the next group is given a millisecond more. Once half a load of requests has gathered it runs at once, so that a slow
 * disk does not keep this thread idle. Whoever writes alone waits for nothing but the disk.
 *
 * What ends a group early:
 * - SQLite ended the transaction itself (full disk, I/O error), which shows in `isInTransaction` after a callback: every
 *   callback that ran rejects with `UNAVAILABLE`, whatever it returned, because nothing of it is stored; those that
 *   have not run stay for the next group. A savepoint outside a transaction would open one of its own and acknowledge
 *   writes that were lost (naive code lost 16 of 52 on a full disk), so none is issued.
 * - `commit` failed: the same.
 * - A flush failed: what it covered may or may not be on the disk, and the system may not tell a second time. Those groups
 *   and all later ones reject, and nothing is written any more until the next start, which reads what is really there.
 * - A callback awaited something other than its `tx`. All of SQLite is synchronous, so a group takes microtasks only,
 *   and an immediate that fires meanwhile proves it. Every callback that ran rejects with an error that names the
 *   culprit; its `tx` is dead from then on, so what it does later cannot land in somebody else's transaction.
 */
const GROUP_CALLBACKS_MAX = 128
const GROUP_MS_MAX = 20
/** Callbacks that do not wait for the end of the flush under way. */
const GATHERED_MAX = 32
/** After a flush that this many waited for, others are likely to be on their way. */
const TOGETHER_MIN = 4
const GATHER_MS = 1
/** Groups with savepoints after one that had to run again. */
const CAREFUL_GROUPS = 100

const NONE: ReadonlySet<string> = new Set()

// Taken now: a test that replaces the global timers must not stop the store.
const { setImmediate, clearImmediate, setTimeout } = globalThis

type Work<T> = (tx: Db) => Promise<T>

interface Waiting {
  work: Work<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

type Result = { ok: true; value: unknown } | { ok: false; error: unknown }

interface Ran {
  waiting: Waiting
  share: Share
  result: Result
}

interface Group {
  ran: Ran[]
  current: { waiting: Waiting; share: Share } | null
  hasSavepoints: boolean
  isOver: boolean
  /** Rows that its statements touched. */
  touched: ReadonlySet<string>
  /** Made for the first reader who waits for it. */
  durable: PromiseWithResolvers<void> | null
}

interface GroupWriterDeps {
  database: SqliteDatabase
  memory: RowMemory
  /** Resolves once all that was committed before the call is on the disk. */
  flush: () => Promise<void>
  machine: Pick<MachineTime, 'elapsed'>
  /** Faults that no caller hears of: a signal that threw, a callback that stalled its group. */
  onFault: (error: unknown) => void
}

export class GroupWriter {
  readonly #database: SqliteDatabase
  readonly #memory: RowMemory
  readonly #flush: () => Promise<void>
  readonly #machine: Pick<MachineTime, 'elapsed'>
  readonly #onFault: (error: unknown) => void
  #waiting: Waiting[] = []
  /** Committed and not known to be on the disk, in their order. */
  #unflushed: Group[] = []
  #isFlushing = false
  /** For a moment after a flush. */
  #isGathering = false
  /** Groups that are still to have savepoints. */
  #carefulGroups = 0
  /** Why nothing is written any more; null = all is well. */
  #broken: unknown = null
  #isScheduled = false
  #isClosed = false
  #onIdle: (() => void) | null = null

  constructor({ database, memory, flush, machine, onFault }: GroupWriterDeps) {
    this.#database = database
    this.#memory = memory
    this.#flush = flush
    this.#machine = machine
    this.#onFault = onFault
  }

  write<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(storeUnavailable('the store is closed', undefined))
        return
      }
      if (this.#broken !== null) {
        reject(notTaken(this.#broken))
        return
      }
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  /** Resolves once all that is committed now is on the disk; null = it is. Rejects with `UNAVAILABLE` when it cannot be. */
  get durable(): Promise<void> | null {
    const last = this.#unflushed.at(-1)
    if (last === undefined) return null
    last.durable ??= Promise.withResolvers()
    return last.durable.promise
  }

  /** Takes no more work; resolves when what waits has been written. */
  close(): Promise<void> {
    this.#isClosed = true
    if (this.#isIdle) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    if ((this.#isFlushing || this.#isGathering) && this.#waiting.length < GATHERED_MAX) return
    this.#isScheduled = true
    setImmediate(() => void this.#runGroup())
  }

  get #isIdle(): boolean {
    return !this.#isScheduled && this.#waiting.length === 0 && this.#unflushed.length === 0
  }

  /** The last step of every group on this connection, exactly once. */
  #next(): void {
    this.#isScheduled = false
    void this.#flushCommitted()
    this.#goOn()
  }

  #goOn(): void {
    this.#schedule()
    if (this.#isIdle) this.#onIdle?.()
  }

  async #runGroup(): Promise<void> {
    if (this.#waiting.length === 0) {
      this.#next()
      return
    }
    try {
      this.#database.exec('begin immediate')
    } catch (error) {
      const refused = this.#waiting
      this.#waiting = []
      for (const waiting of refused) waiting.reject(explainSqliteFault(error))
      this.#next()
      return
    }

    const hasSavepoints = this.#carefulGroups > 0
    if (hasSavepoints) this.#carefulGroups -= 1
    const group: Group = { ran: [], current: null, hasSavepoints, isOver: false, touched: NONE, durable: null }
    const guard = setImmediate(() => this.#stall(group))
    try {
      if (!(await this.#runCallbacks(group))) {
        this.#beginAgain(group)
        await this.#runCallbacks(group)
      }
      if (group.isOver) return
      this.#database.exec('commit')
    } catch (error) {
      if (!group.isOver) this.#fail(group, unavailable(error))
      return
    } finally {
      clearImmediate(guard)
    }
    group.isOver = true
    group.touched = this.#memory.take()
    this.#unflushed.push(group)
    this.#next()
  }

  /** Takes back what the callbacks wrote that have run, which then are the first of the queue again. */
  #beginAgain(group: Group): void {
    this.#carefulGroups = CAREFUL_GROUPS
    group.ran = []
    group.hasSavepoints = true
    this.#rollBack()
    this.#database.exec('begin immediate')
  }

  #rollBack(): void {
    try {
      if (this.#database.isInTransaction) this.#database.exec('rollback')
    } catch (error) {
      this.#onFault(error)
    }
    this.#memory.settle(this.#memory.take())
  }

  #gather(): void {
    this.#isGathering = true
    setTimeout(() => {
      this.#isGathering = false
      this.#goOn()
    }, GATHER_MS)
  }

  async #flushCommitted(): Promise<void> {
    if (this.#isFlushing || this.#unflushed.length === 0) return
    this.#isFlushing = true
    const covered = this.#unflushed.length
    const callbacks = this.#unflushed.reduce((sum, { ran }) => sum + ran.length, 0)
    try {
      await this.#flush()
      for (const group of this.#unflushed.splice(0, covered)) this.#acknowledge(group)
    } catch (error) {
      this.#breakDown(error)
    }
    this.#isFlushing = false
    if (callbacks >= TOGETHER_MIN) this.#gather()
    // The next flush covers what has gathered, too.
    if (this.#waiting.length === 0) void this.#flushCommitted()
    this.#goOn()
  }

  /**
   * Runs the first callbacks of the queue. False: one failed that had written, and without savepoints only everything can be
   * taken back. Throws when the transaction as a whole cannot go on.
   */
  async #runCallbacks(group: Group): Promise<boolean> {
    const startedAt = this.#machine.elapsed()
    const candidates = this.#waiting.slice(0, GROUP_CALLBACKS_MAX)
    let taken = 0
    try {
      for (const waiting of candidates) {
        if (taken > 0 && this.#machine.elapsed() - startedAt >= GROUP_MS_MAX) break
        taken += 1
        const share = new Share(this.#database, this.#memory)
        group.current = { waiting, share }
        const writesBefore = this.#database.writes
        if (group.hasSavepoints) this.#database.run(SAVEPOINT, [])
        const result = await runCallback(waiting, share)
        if (group.isOver) return true
        group.current = null
        group.ran.push({ waiting, share, result })
        if (!this.#database.isInTransaction) throw result.ok ? new Error('SQLite ended the transaction.') : result.error
        if (group.hasSavepoints) {
          this.#closeSavepoint(result)
        } else if (!result.ok && this.#database.writes > writesBefore) {
          taken = 0
          return false
        }
      }
      return true
    } finally {
      // When the group stalled, `#stall` has taken its callbacks off the queue already, and others may have come.
      if (!group.isOver) this.#waiting.splice(0, taken)
    }
  }

  #closeSavepoint(result: Result): void {
    if (!result.ok) this.#database.run(ROLLBACK_TO_SAVEPOINT, [])
    this.#database.run(RELEASE_SAVEPOINT, [])
  }

  #acknowledge(group: Group): void {
    this.#memory.settle(group.touched)
    for (const { share, result } of group.ran) {
      if (!result.ok) continue
      for (const signal of share.signals) {
        try {
          signal()
        } catch (error) {
          this.#onFault(error)
        }
      }
    }
    for (const { waiting, result } of group.ran) {
      if (result.ok) waiting.resolve(result.value)
      else waiting.reject(result.error)
    }
    group.durable?.resolve()
  }

  /** Rows that were touched count as changing for good: what they hold now may be gone after the next start. */
  #breakDown(cause: unknown): void {
    this.#broken = cause
    this.#onFault(cause)
    const error = notFlushed(cause)
    for (const { ran, durable } of this.#unflushed.splice(0)) {
      for (const { waiting } of ran) waiting.reject(error)
      durable?.reject(error)
    }
    for (const waiting of this.#waiting.splice(0)) waiting.reject(notTaken(cause))
  }

  #fail(group: Group, error: unknown): void {
    group.isOver = true
    group.current?.share.end()
    this.#rollBack()
    for (const { waiting } of group.ran) waiting.reject(error)
    group.current?.waiting.reject(error)
    this.#next()
  }

  #stall(group: Group): void {
    if (group.isOver || group.current === null) return
    const error = new Error(`${nameOf(group.current.waiting.work)} awaited something other than its tx inside a write.`)
    this.#waiting.splice(0, group.ran.length + 1)
    this.#onFault(error)
    this.#fail(group, error)
  }
}

async function runCallback({ work }: Waiting, share: Share): Promise<Result> {
  try {
    return { ok: true, value: await work(share.db) }
  } catch (error) {
    return { ok: false, error }
  } finally {
    share.end()
  }
}

/** One callback's share of the group's transaction. */
class Share implements Connection {
  readonly engine = 'sqlite'
  readonly signals: (() => void)[] = []
  readonly db: Db
  readonly memory: RowMemory
  readonly #database: SqliteDatabase
  #isOver = false

  constructor(database: SqliteDatabase, memory: RowMemory) {
    this.#database = database
    this.memory = memory
    this.db = createDb(this)
  }

  readonly afterCommit = (signal: () => void): void => {
    this.#assertOpen()
    this.signals.push(signal)
  }

  run(prepared: Prepared, values: readonly unknown[]): Rows {
    this.#assertOpen()
    try {
      return this.#database.run(prepared, values)
    } catch (error) {
      throw explainSqliteFault(error)
    }
  }

  query(sql: string, values: readonly unknown[]): Rows {
    this.#assertOpen()
    try {
      return this.#database.query(sql, values)
    } catch (error) {
      throw explainSqliteFault(error)
    }
  }

  end(): void {
    this.#isOver = true
  }

  /** Both checks keep a statement out of a transaction that is not this callback's. */
  #assertOpen(): void {
    if (this.#isOver) throw new Error('This tx is over: its callback has returned, or was given up.')
    if (!this.#database.isInTransaction)
      throw storeUnavailable('the transaction was ended by an earlier fault', undefined)
  }
}

function notFlushed(cause: unknown): unknown {
  const message = 'The disk failed, so it is not known whether this was stored. The gateway has to be started again.'
  return new GatewayError('UNAVAILABLE', { message, cause })
}

function notTaken(cause: unknown): unknown {
  return storeUnavailable('the disk failed, and the gateway has to be started again', cause)
}

function unavailable(error: unknown): unknown {
  const explained = explainSqliteFault(error)
  return isUnavailable(explained) ? explained : storeUnavailable('the database ended the transaction', error)
}

function nameOf(work: Work<unknown>): string {
  if (work.name !== '') return work.name
  return `The callback «${work.toString().replace(/\s+/g, ' ').slice(0, 120)}»`
}

const SAVEPOINT = prepareOnce('savepoint callback')
const ROLLBACK_TO_SAVEPOINT = prepareOnce('rollback to callback')
const RELEASE_SAVEPOINT = prepareOnce('release callback')
