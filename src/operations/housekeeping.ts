import type { Clock, Timer } from '../core/clock.ts'

interface HousekeepingDeps {
  clock: Clock
  /** Product milliseconds between two rounds. */
  everyMs: number
  /** Each deletes what is no longer needed, in batches, and may run on several processes at once. */
  tasks: readonly (() => Promise<unknown>)[]
  onError(error: unknown): void
}

/** Rounds of deletion by product time; a task that fails does not keep the others from running. */
export class Housekeeping {
  readonly #deps: HousekeepingDeps
  #timer: Timer | null = null
  #round: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps
  }

  start(): void {
    if (this.#isStopped) return
    const { clock, everyMs } = this.#deps
    this.#timer = clock.at(clock.now() + everyMs, () => {
      this.#round = clock.track(this.tick()).finally(() => this.start())
    })
  }

  /** One round. */
  async tick(): Promise<void> {
    for (const task of this.#deps.tasks) {
      try {
        await task()
      } catch (error) {
        this.#deps.onError(error)
      }
    }
  }

  /** Resolves when a running round has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#round
  }
}
