import { performance } from 'node:perf_hooks'
import type { Clock } from './clock.ts'
import { GatewayError } from './errors.ts'
import { TimerQueue } from './timer-queue.ts'

const START = 1_750_000_000_000
const QUIET_ROUNDS = 50

export interface ManualClock extends Clock {
  /**
   * Moves both times forward by `ms`: to the earliest due instant, runs what is due, waits until the tracked work that
   * started has settled, and repeats. Work that stands still for `patienceMs` of real time waits for a timer of its own
   * (a deadline, a pause) and is not waited for again until one has fired. Rejects with `CLOCK_BUSY` while another
   * advance is under way.
   */
  advance(ms: number): Promise<void>
  /** Moves both times forward and runs what became due, in order, without waiting for any work. */
  tick(ms?: number): void
  /** Waits for tracked work without moving time. */
  settle(): Promise<void>
  /** The earliest instant of product time that anything waits for, or null. */
  nextDue(): number | null
}

interface ManualClockOptions {
  /** Where product time starts; epoch milliseconds. */
  now?: number
  /** How far machine time is ahead of product time: a node with a skewed clock. */
  skewMs?: number
  /** Real milliseconds; small where all work is inside the process (simulations), larger where a database answers. */
  patienceMs?: number
}

/** Both times in one hand, for tests and simulations. */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  const start = options.now ?? START
  const skewMs = options.skewMs ?? 0
  const patienceMs = options.patienceMs ?? 200
  const timers = new TimerQueue()
  const tracked = new Set<Promise<unknown>>()
  /** Tracked work that stood still when we last waited for it. */
  let stuck = new Set<Promise<unknown>>()
  let current = start
  /** Rises with everything that shows that work goes on. */
  let activity = 0
  let isAdvancing = false

  const runDue = () => {
    stuck = new Set()
    timers.runDue(current)
  }

  const addTimer = (instant: number, callback: () => void) => {
    activity += 1
    return timers.add(instant, callback)
  }

  const settle = async () => {
    for (;;) {
      // One round of the event loop even when nothing is tracked: what a callback started may register in it.
      await nextRound()
      const seen = activity
      let rounds = 0
      const since = performance.now()
      while (activity === seen && hasLiveWork(tracked, stuck)) {
        if (rounds >= QUIET_ROUNDS && performance.now() - since >= patienceMs) {
          stuck = new Set(tracked)
          return
        }
        rounds += 1
        await nextRound()
      }
      if (activity === seen) return
    }
  }

  return {
    now: () => current,
    wall: () => current + skewMs,
    elapsed: () => current - start,
    at: addTimer,
    after: (ms, callback) => addTimer(current + ms, callback),
    track(work) {
      activity += 1
      tracked.add(work)
      const settled = () => {
        activity += 1
        tracked.delete(work)
      }
      work.then(settled, settled)
      return work
    },
    async advance(ms) {
      if (isAdvancing) throw new GatewayError('CLOCK_BUSY')
      isAdvancing = true
      try {
        const target = current + ms
        await settle()
        for (let next = timers.next(); next !== null && next <= target; next = timers.next()) {
          current = Math.max(current, next)
          runDue()
          await settle()
        }
        current = target
      } finally {
        isAdvancing = false
      }
    },
    tick(ms = 0) {
      const target = current + ms
      for (let next = timers.next(); next !== null && next <= target; next = timers.next()) {
        current = Math.max(current, next)
        runDue()
      }
      current = target
    },
    settle,
    nextDue: () => timers.next(),
  }
}

function hasLiveWork(tracked: Set<Promise<unknown>>, stuck: Set<Promise<unknown>>): boolean {
  for (const work of tracked) if (!stuck.has(work)) return true
  return false
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
