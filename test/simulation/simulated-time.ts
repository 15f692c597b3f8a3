import { createHash, type Hash } from 'node:crypto'
import type { Clock, Timer } from '../../src/core/clock.ts'
import { TimerQueue } from '../../src/core/timer-queue.ts'

// Taken once: nothing that a test replaces may reach the loop that everything stands on.
const { setImmediate } = globalThis

/**
 * The clock of one simulated machine. It stands still while the machine is frozen, and for ever once it is gone; a machine
 * that wakes up finds itself at the world's instant at once, with everything due that fell due meanwhile.
 */
export class NodeClock implements Clock {
  isFrozen = false
  /** How far the machine's idea of the wall clock is off; may change under way. */
  wallSkewMs: number
  readonly #start: number
  readonly #timers = new TimerQueue()
  #now: number

  constructor(now: number, wallSkewMs: number) {
    this.#start = now
    this.#now = now
    this.wallSkewMs = wallSkewMs
  }

  now = (): number => this.#now
  wall = (): number => this.#now + this.wallSkewMs
  elapsed = (): number => this.#now - this.#start
  at = (instant: number, callback: () => void): Timer => this.#timers.add(instant, callback)
  after = (ms: number, callback: () => void): Timer => this.#timers.add(this.#now + ms, callback)
  track = <T>(work: Promise<T>): Promise<T> => work

  /** One node cannot move the time of all. */
  async advance(): Promise<void> {
    throw new Error('time is moved by the simulation alone')
  }

  nextDue(): number | null {
    return this.#timers.next()
  }

  moveTo(instant: number): void {
    this.#now = instant
    this.#timers.runDue(instant)
  }
}

/**
 * One time for a whole world: nodes with clocks of their own, the network between them, and the people who use them.
 * Between two instants everything that can go on has gone on: all promises are settled but those that wait for an
 * instant, and the store has written what it was given.
 */
export class SimulatedTime {
  readonly start: number
  #now: number
  readonly #agenda = new TimerQueue()
  readonly #clocks = new Set<NodeClock>()
  #unfinished = 0
  readonly #trace: Hash = createHash('sha256')
  #traced = 0
  /** Set to see what happens, line by line. */
  onTrace: ((line: string) => void) | null = null
  /** More that may happen by itself: the earliest instant, and what runs then. */
  looks: { next(): Promise<number | null>; run(now: number): void } | null = null

  constructor(start: number) {
    this.start = start
    this.#now = start
  }

  get now(): number {
    return this.#now
  }

  /** Calls back at an instant of the world, whatever becomes of any node. */
  at(instant: number, callback: () => void): Timer {
    return this.#agenda.add(instant, callback)
  }

  after(ms: number, callback: () => void): Timer {
    return this.at(this.#now + ms, callback)
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** A clock that runs with the world. */
  addClock(wallSkewMs: number): NodeClock {
    const clock = new NodeClock(this.#now, wallSkewMs)
    this.#clocks.add(clock)
    return clock
  }

  removeClock(clock: NodeClock): void {
    this.#clocks.delete(clock)
  }

  /** The world does not move on before `work` has come to an end; for what waits for no instant. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#unfinished += 1
    try {
      return await work
    } finally {
      this.#unfinished -= 1
    }
  }

  /** Writes down what happened; equal seeds give equal hashes. */
  note(line: string): void {
    this.#traced += 1
    const text = `${this.#now - this.start} ${line}`
    this.#trace.update(text).update('\n')
    this.onTrace?.(text)
  }

  traceHash(): string {
    return `${this.#traced}:${this.#trace.copy().digest('base64url').slice(0, 16)}`
  }

  async runUntil(target: number): Promise<void> {
    for (;;) {
      await this.#settle()
      const next = await this.#next()
      if (next === null || next > target) break
      this.#moveTo(next)
    }
    this.#moveTo(target)
    await this.#settle()
  }

  async #next(): Promise<number | null> {
    let next = (await this.looks?.next()) ?? null
    const sooner = (instant: number | null) => {
      if (instant !== null && (next === null || instant < next)) next = instant
    }
    for (const clock of this.#clocks) if (!clock.isFrozen) sooner(clock.nextDue())
    sooner(this.#agenda.next())
    return next === null ? null : Math.max(next, this.#now)
  }

  #moveTo(instant: number): void {
    this.#now = instant
    for (const clock of this.#clocks) if (!clock.isFrozen) clock.moveTo(instant)
    this.#agenda.runDue(instant)
    this.looks?.run(instant)
  }

  /** A round of the event loop runs every promise that can go on; writes need a round more. */
  async #settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => setImmediate(resolve))
    } while (this.#unfinished > 0)
  }
}
