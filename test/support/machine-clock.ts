import type { Clock, Timer } from '../../src/core/clock.ts'

/** The machine's real time in both roles, for tests that talk to real sockets. */
export function machineClock(): Clock {
  const after = (ms: number, callback: () => void): Timer => {
    const timer = setTimeout(callback, ms)
    return { cancel: () => clearTimeout(timer) }
  }
  return {
    now: () => Date.now(),
    at: (instant, callback) => after(Math.max(0, instant - Date.now()), callback),
    wall: () => Date.now(),
    elapsed: () => performance.now(),
    after,
    track: (work) => work,
  }
}
