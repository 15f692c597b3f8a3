import type { MachineTime } from '../../core/machine-clock.ts'
import { type Connection, createDb, type Prepared, prepareOnce, type Rows } from '../connection.ts'
import { isUnavailable, storeUnavailable } from '../faults.ts'
import type { Db } from '../store.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { explainSqliteFault } from './sqlite-faults.ts'

/**
 * Grouped commits: every callback that waits when a group starts shares one `begin immediate … commit`, so that one
 * `fsync` serves them all.
 *
 * A group starts in the check phase of the event loop, after everything that arrived in this round has been parsed: then
 * concurrent requests meet in one group. Its callbacks run one after another, each in a savepoint of its own, so one
 * that fails rolls back alone. Nothing resolves before `commit` has returned; signals go out first, then the results.
 *
 * What ends a group early:
 * - SQLite ended the transaction itself (full disk, I/O error), which shows in `isInTransaction` after a callback: every
 *   callback that ran rejects with `UNAVAILABLE`, whatever it returned, because nothing of it is stored; those that
 *   have not run stay for the next group. A savepoint outside a transaction would open one of its own and acknowledge
 *   writes that were lost (naive code lost 16 of 52 on a full disk), so none is issued.
 * - `commit` failed: the same.
 * - A callback awaited something other than its `tx`. All of SQLite is synchronous, so a group takes microtasks only,
 *   and an immediate that fires meanwhile proves it. Every callback that ran rejects with an error that names the
 *   culprit; its `tx` is dead from then on, so what it does later cannot land in somebody else's transaction.
 */
const GROUP_CALLBACKS_MAX = 128
const GROUP_MS_MAX = 20

// Taken now: a test that replaces the global timers must not stop the store.
const { setImmediate, clearImmediate } = globalThis

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
  isOver: boolean
}

interface GroupWriterDeps {
  database: SqliteDatabase
  machine: Pick<MachineTime, 'elapsed'>
  /** Faults that no caller hears of: a signal that threw, a callback that stalled its group. */
  onFault: (error: unknown) => void
}

export class GroupWriter {
  readonly #database: SqliteDatabase
  readonly #machine: Pick<MachineTime, 'elapsed'>
  readonly #onFault: (error: unknown) => void
  #waiting: Waiting[] = []
  #isScheduled = false
  #isClosed = false
  #onIdle: (() => void) | null = null

  constructor({ database, machine, onFault }: GroupWriterDeps) {
    this.#database = database
    this.#machine = machine
    this.#onFault = onFault
  }

  write<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(storeUnavailable('the store is closed', undefined))
        return
      }
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  /** Takes no more work; resolves when what waits has been written. */
  close(): Promise<void> {
    this.#isClosed = true
    if (!this.#isScheduled) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => void this.#runGroup())
  }

  /** The last step of every group, exactly once. */
  #next(): void {
    this.#isScheduled = false
    if (this.#waiting.length > 0) this.#schedule()
    else this.#onIdle?.()
  }

  async #runGroup(): Promise<void> {
    try {
      this.#database.exec('begin immediate')
    } catch (error) {
      const refused = this.#waiting
      this.#waiting = []
      for (const waiting of refused) waiting.reject(explainSqliteFault(error))
      this.#next()
      return
    }

    const group: Group = { ran: [], current: null, isOver: false }
    const guard = setImmediate(() => this.#stall(group))
    try {
      await this.#runCallbacks(group)
      if (group.isOver) return
      this.#database.exec('commit')
    } catch (error) {
      if (!group.isOver) this.#fail(group, unavailable(error))
      return
    } finally {
      clearImmediate(guard)
    }
    this.#acknowledge(group)
  }

  /** Throws when the transaction as a whole cannot go on. */
  async #runCallbacks(group: Group): Promise<void> {
    const startedAt = this.#machine.elapsed()
    const candidates = this.#waiting.slice(0, GROUP_CALLBACKS_MAX)
    let taken = 0
    try {
      for (const waiting of candidates) {
        if (taken > 0 && this.#machine.elapsed() - startedAt >= GROUP_MS_MAX) break
        taken += 1
        const share = new Share(this.#database)
        group.current = { waiting, share }
        const result = await this.#runCallback(waiting, share)
        if (group.isOver) return
        group.current = null
        group.ran.push({ waiting, share, result })
        this.#closeSavepoint(result)
      }
    } finally {
      // When the group stalled, `#stall` has taken its callbacks off the queue already, and others may have come.
      if (!group.isOver) this.#waiting.splice(0, taken)
    }
  }

  async #runCallback(waiting: Waiting, share: Share): Promise<Result> {
    try {
      this.#database.run(SAVEPOINT, [])
      return { ok: true, value: await waiting.work(share.db) }
    } catch (error) {
      return { ok: false, error }
    } finally {
      share.end()
    }
  }

  #closeSavepoint(result: Result): void {
    if (!this.#database.isInTransaction) {
      throw result.ok ? new Error('SQLite ended the transaction.') : result.error
    }
    if (!result.ok) this.#database.run(ROLLBACK_TO_SAVEPOINT, [])
    this.#database.run(RELEASE_SAVEPOINT, [])
  }

  #acknowledge(group: Group): void {
    group.isOver = true
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
    this.#next()
  }

  #fail(group: Group, error: unknown): void {
    group.isOver = true
    group.current?.share.end()
    try {
      if (this.#database.isInTransaction) this.#database.exec('rollback')
    } catch (rollbackError) {
      this.#onFault(rollbackError)
    }
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

/** One callback's share of the group's transaction. */
class Share implements Connection {
  readonly engine = 'sqlite'
  readonly signals: (() => void)[] = []
  readonly db: Db
  readonly #database: SqliteDatabase
  #isOver = false

  constructor(database: SqliteDatabase) {
    this.#database = database
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
