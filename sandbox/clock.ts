import type { Clock, Timer } from '../src/core/clock.ts'

/** A clock whose owner can move product time forwards. */
export interface MovableClock extends Clock {
  /** Moves product time by `ms`, running what is due in order, each at its own instant. */
  advance(ms: number): Promise<void>
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

interface Alarm {
  instant: number
  callback: () => void
}

/** The clock of a sandbox that runs alone: machine time plus an offset. Never runs backwards. */
export function standaloneClock(): MovableClock {
  const start = Date.now() - performance.now()
  const alarms = new Set<Alarm>()
  const running = new Set<Promise<unknown>>()
  let offset = 0
  let pinned: number | null = null
  let wakeUp: NodeJS.Timeout | undefined
  let isAdvancing = false

  const now = () => pinned ?? Math.floor(start + performance.now() + offset)

  function earliest(): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of alarms) if (first === undefined || alarm.instant < first.instant) first = alarm
    return first
  }

  function plan(): void {
    clearTimeout(wakeUp)
    const first = earliest()
    if (first === undefined || isAdvancing) return
    wakeUp = setTimeout(ring, Math.min(Math.max(first.instant - now(), 0), LONGEST_TIMEOUT_MS))
    wakeUp.unref()
  }

  function ring(): void {
    for (let first = earliest(); first !== undefined && first.instant <= now(); first = earliest()) {
      alarms.delete(first)
      first.callback()
    }
    plan()
  }

  async function advance(ms: number): Promise<void> {
    if (isAdvancing) throw new Error('the clock is being moved already')
    isAdvancing = true
    clearTimeout(wakeUp)
    const target = now() + ms
    try {
      for (let first = earliest(); first !== undefined && first.instant <= target; first = earliest()) {
        pinned = Math.max(now(), first.instant)
        alarms.delete(first)
        first.callback()
        await Promise.allSettled([...running])
      }
    } finally {
      pinned = null
      offset += Math.max(0, target - now())
      isAdvancing = false
      plan()
    }
  }

  return {
    now,
    at(instant, callback) {
      const alarm = { instant, callback }
      alarms.add(alarm)
      plan()
      return { cancel: () => void alarms.delete(alarm) }
    },
    wall: () => Date.now(),
    elapsed: () => performance.now(),
    after(ms, callback): Timer {
      const timeout = setTimeout(callback, ms)
      timeout.unref()
      return { cancel: () => clearTimeout(timeout) }
    },
    track(work) {
      running.add(work)
      const settled = () => void running.delete(work)
      work.then(settled, settled)
      return work
    },
    advance,
  }
}
