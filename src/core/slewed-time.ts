/** At most this much faster or slower than the machine's monotonic clock while a correction is worked off. */
const RATE_MAX = 0.1

/**
 * A time that runs with the monotonic clock and takes corrections gradually, never backwards. Ten per cent is slow
 * enough that a wrong reading cannot empty a rolling window or end somebody's lease early, and fast enough for real
 * drift: six seconds a minute.
 */
export class SlewedTime {
  #base: number
  #baseElapsed: number
  #correction = 0

  constructor(start: number, elapsed: number) {
    this.#base = start
    this.#baseElapsed = elapsed
  }

  read(elapsed: number): number {
    const passed = elapsed - this.#baseElapsed
    return this.#base + passed + this.#worked(passed)
  }

  /** From now on works off `errorMs` (positive: we are behind), instead of what was left of the last correction. */
  correct(elapsed: number, errorMs: number): void {
    this.#rebase(elapsed)
    this.#correction = errorMs
  }

  /** Goes forward at once. */
  jump(elapsed: number, ms: number): void {
    this.#rebase(elapsed)
    this.#base += ms
  }

  #rebase(elapsed: number): void {
    const passed = elapsed - this.#baseElapsed
    const worked = this.#worked(passed)
    this.#base += passed + worked
    this.#baseElapsed = elapsed
    this.#correction -= worked
  }

  #worked(passed: number): number {
    const most = RATE_MAX * passed
    return Math.max(-most, Math.min(most, this.#correction))
  }
}
