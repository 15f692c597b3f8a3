import type { Timer } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { listenForEvents, readEvents, type StoredEvent } from '../events/index.ts'
import { decideEvent, passOver } from './decide-event.ts'
import type { AutomationDeps } from './deps.ts'
import { RULE_EVENTS } from './rule.ts'
import { findBehind, lockCursor, readCursor, saveCursor } from './store.ts'

type EngineDeps = AutomationDeps & { onError(error: unknown): void }

const RELEVANT: ReadonlySet<string> = new Set(RULE_EVENTS)
const EVENTS_AT_ONCE = 500
const USERS_AT_ONCE = 500
/** Users evaluated beside each other. */
const SIDE_BY_SIDE = 8
/** Machine time between looks where a wake-up from another process may get lost. */
const LOOK_EVERY_MS = 5_000
/** Machine time until the next try when the store takes no writes. */
const RETRY_MS = 1_000
/** So many events that concern nobody move the stored cursor, too, so that a start does not read them all again. */
const CURSOR_LAG_MAX = 5_000
const SCANNED_MAX = 50_000

/**
 * Reads the event log behind a stored cursor for each user and lets the rules decide. Nobody calls it: it listens for
 * appends, and looks by itself at the start and, where several processes share the store, now and then.
 */
export class AutomationEngine {
  readonly #deps: EngineDeps
  /** Up to where each user's log was read here; behind it only the stored cursor counts. */
  readonly #scanned = new Map<string, number>()
  readonly #pending = new Set<string>()
  #wake: Timer | null = null
  #look: Timer | null = null
  #stopListening: (() => void) | null = null
  #running: Promise<void> = Promise.resolve()
  #isRunning = false
  #isStopped = false

  constructor(deps: EngineDeps) {
    this.#deps = deps
  }

  start(): void {
    const { store } = this.#deps
    this.#stopListening = listenForEvents(store, (userId) => {
      this.#pending.add(userId)
      this.#schedule()
    })
    this.#lookAround()
  }

  /** Evaluates everything that was not evaluated yet. Rejects when the store cannot take it. */
  async tick(): Promise<void> {
    let after = ''
    for (;;) {
      const behind = await findBehind(this.#deps.store.read, { after, limit: USERS_AT_ONCE })
      const users = behind.filter(({ userId, last }) => last > (this.#scanned.get(userId) ?? 0))
      await this.#evaluateAll(users.map(({ userId }) => userId))
      const last = behind.at(-1)
      if (last === undefined || behind.length < USERS_AT_ONCE) return
      after = last.userId
    }
  }

  /** Resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopListening?.()
    this.#wake?.cancel()
    this.#look?.cancel()
    await this.#running
  }

  /** By product time, so that whoever advances it waits for what it brought about. */
  #schedule(): void {
    if (this.#isStopped || this.#isRunning || this.#wake !== null) return
    const { clock } = this.#deps
    this.#wake = clock.at(clock.now(), () => {
      this.#wake = null
      this.#run(async () => {
        while (this.#pending.size > 0 && !this.#isStopped) {
          const users = [...this.#pending]
          this.#pending.clear()
          await this.#evaluateAll(users)
        }
      })
    })
  }

  #lookAround(): void {
    if (this.#isStopped) return
    const { clock, store } = this.#deps
    if (!this.#isRunning) this.#run(() => this.tick())
    if (store.engine === 'postgres') this.#look = clock.after(LOOK_EVERY_MS, () => this.#lookAround())
  }

  #run(work: () => Promise<void>): void {
    this.#isRunning = true
    this.#running = this.#deps.clock.track(
      work()
        .catch((error: unknown) => this.#retry(error))
        .finally(() => {
          this.#isRunning = false
          if (this.#pending.size > 0) this.#schedule()
        }),
    )
  }

  #retry(error: unknown): void {
    this.#deps.onError(error)
    this.#look?.cancel()
    if (!this.#isStopped) this.#look = this.#deps.clock.after(RETRY_MS, () => this.#lookAround())
  }

  async #evaluateAll(userIds: readonly string[]): Promise<void> {
    for (let from = 0; from < userIds.length; from += SIDE_BY_SIDE) {
      await Promise.all(userIds.slice(from, from + SIDE_BY_SIDE).map((userId) => this.#evaluate(userId)))
    }
  }

  async #evaluate(userId: string): Promise<void> {
    const { store } = this.#deps
    const cursor = await readCursor(store.read, userId)
    let after = Math.max(cursor, this.#scanned.get(userId) ?? 0)
    let stored = cursor
    while (!this.#isStopped) {
      const events = await readEvents(store.read, { userId, after, limit: EVENTS_AT_ONCE })
      for (const event of events) {
        if (RELEVANT.has(event.type)) {
          if (this.#isStopped) return
          await this.#decide(event)
          stored = event.sequence
        }
        after = event.sequence
      }
      if (after - stored >= CURSOR_LAG_MAX) {
        await this.#moveCursor(userId, after)
        stored = after
      }
      if (this.#scanned.size >= SCANNED_MAX) this.#scanned.clear()
      this.#scanned.set(userId, after)
      if (events.length < EVENTS_AT_ONCE) return
    }
  }

  async #decide(event: StoredEvent): Promise<void> {
    const { store, onError } = this.#deps
    try {
      await store.write((tx) => decideEvent(tx, this.#deps, event))
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'UNAVAILABLE') throw error
      onError(error)
      await store.write((tx) => passOver(tx, this.#deps, event))
    }
  }

  #moveCursor(userId: string, sequence: number): Promise<void> {
    return this.#deps.store.write(async (tx) => {
      if ((await lockCursor(tx, userId)) < sequence) await saveCursor(tx, { userId, sequence })
    })
  }
}
