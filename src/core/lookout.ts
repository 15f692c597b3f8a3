import type { Clock, Timer } from './clock.ts'

interface LookoutOptions {
  clock: Clock
  /** Begins what is due; resolves with the earliest instant at which something else is, null = until somebody says so. */
  round(): Promise<number | null>
  /** Called once a second before a round of its own, where signals of other processes may get lost; null = they cannot. */
  missed: (() => void) | null
  onError(error: unknown): void
}

const MISSED_EVERY_MS = 1_000
const AFTER_ERROR_MS = 5_000

/**
 * When to look for work: one timer for the earliest instant that is known, one round at a time, and one more for whoever
 * asked during it.
 */
export class Lookout {
  readonly #options: LookoutOptions
  #timer: { at: number; timer: Timer } | null = null
  #poll: Timer | null = null
  #looking: Promise<void> | null = null
  #lookAgain = false
  #isRunning = false

  constructor(options: LookoutOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  start(): void {
    this.#isRunning = true
    if (this.#options.missed !== null) this.#schedulePoll(this.#options.missed)
  }

  /** Begins no further round; resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#timer?.timer.cancel()
    this.#timer = null
    this.#poll?.cancel()
    await this.#looking
  }

  /** Looks at that instant of product time, or before. */
  arm(at: number): void {
    if (!this.#isRunning || (this.#timer !== null && this.#timer.at <= at)) return
    this.#timer?.timer.cancel()
    const timer = this.#options.clock.at(at, () => {
      this.#timer = null
      this.look()
    })
    this.#timer = { at, timer }
  }

  look(): void {
    if (!this.#isRunning) return
    if (this.#looking !== null) {
      this.#lookAgain = true
      return
    }
    this.#looking = this.#options.clock.track(this.#lookOnce()).finally(() => {
      this.#looking = null
      if (!this.#lookAgain) return
      this.#lookAgain = false
      this.look()
    })
  }

  async #lookOnce(): Promise<void> {
    const { clock, round, onError } = this.#options
    try {
      const due = await round()
      if (due !== null) this.arm(due)
    } catch (error) {
      onError(error)
      this.arm(clock.now() + AFTER_ERROR_MS)
    }
  }

  #schedulePoll(missed: () => void): void {
    this.#poll = this.#options.clock.after(MISSED_EVERY_MS, () => {
      missed()
      this.look()
      if (this.#isRunning) this.#schedulePoll(missed)
    })
  }
}
