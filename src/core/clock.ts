/**
 * The two times of the gateway, both handed in; nothing else may read the machine's clock.
 *
 * *Product time* (`now`, `at`) is what users see and plan by: limits, pauses, expiry, retries, event timestamps.
 * It never runs backwards, survives restarts, and in sandbox mode can be advanced.
 *
 * *Machine time* (`wall`, `elapsed`, `after`) is for what other machines or this process's own patience depend on:
 * leases, token expiry, deadlines, waits, shutdown.
 */
export interface Clock {
  /** Product time in epoch milliseconds. */
  now(): number
  /** Calls back once product time has reached `instant`. An instant that has passed calls back soon, never synchronously. */
  at(instant: number, callback: () => void): Timer
  /** Machine time in epoch milliseconds, without the sandbox's offset. */
  wall(): number
  /** Monotonic milliseconds of this process; only differences mean something. */
  elapsed(): number
  /** Calls back once after `ms` of machine time. */
  after(ms: number, callback: () => void): Timer
  /**
   * Registers work that product time started (a turn, a poll, a delivery), so that advancing the clock
   * waits until it has settled. Returns the same promise.
   */
  track<T>(work: Promise<T>): Promise<T>
}

export interface Timer {
  cancel(): void
}
