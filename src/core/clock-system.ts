import type { Clock, Timer } from './clock.ts'
import { GatewayError } from './errors.ts'
import { type MachineTime, machineTime } from './machine-clock.ts'
import { SlewedTime } from './slewed-time.ts'
import { TimerQueue } from './timer-queue.ts'

const LOOK_MS = 10_000
/** Slower changes of the wall clock between two looks are NTP at work, not a step. */
const STEP_MS = 1_000
const ANCHOR_MS = 60_000
const ANCHOR_TRUSTED_MS = 5 * 60_000
const ADVANCE_PATIENCE_MS = 5_000

export type ClockEvent =
  /** The wall clock was set; product time did not follow. */
  | { type: 'wall_stepped'; byMs: number }
  /** The machine was suspended; product time jumped forward with the world. */
  | { type: 'suspended'; forMs: number }
  /** The server's clock could not be read. */
  | { type: 'anchor_unreadable'; error: unknown }

export interface SystemClock extends Clock {
  /**
   * Sandbox only. Moves product time forward: to the earliest due instant, runs what is due, waits until the tracked
   * work that started has settled (5 s of machine time at most), and repeats. Rejects with `CLOCK_BUSY` while another
   * advance is under way.
   */
  advance(ms: number): Promise<void>
  /** Each advance ends with `work`, before it resolves; for remembering what time it is. `work` must not reject. */
  onAdvance(work: () => Promise<void>): void
  /**
   * Keeps both times on another machine's clock (the database server's), read now and every minute. Rejects when the
   * first reading fails.
   */
  anchor(read: () => Promise<number>): Promise<void>
  /** False once an anchored clock has not been read for five minutes: then nothing may be dispatched. */
  isTrusted(): boolean
  /** How far the wall clock was set while we ran, without product time following; for `doctor`. */
  ignoredStepMs(): number
  /** Ends the clock's own looks and product timers. */
  stop(): void
}

interface SystemClockOptions {
  /** Product time never starts before it: the newest instant that the store has seen. */
  startFloor: number
  /** Epoch milliseconds to start from instead of this machine's: the database server's. */
  startWall?: number
  onEvent?: (event: ClockEvent) => void
  machine?: MachineTime
}

/**
 * The product's clock. Product time starts at the later of the wall clock and `startFloor` and runs with the monotonic
 * clock. A step of the wall clock changes nothing, except when the time since boot, which counts suspension, moved as
 * far: then the world moved on while we slept, and product time jumps after it.
 *
 * Product timers do not hold the process: what they wait for is in the store, and an ended process finds it at its next
 * start. `after` does hold it: somebody awaits it.
 */
export function createSystemClock(options: SystemClockOptions): SystemClock {
  const { startFloor, onEvent = () => {}, machine = machineTime } = options
  const startWall = options.startWall ?? machine.wall()
  /** Product time may start ahead of the world, and then stays ahead. */
  const leadMs = Math.max(0, startFloor - startWall)
  const product = new SlewedTime(startWall + leadMs, machine.elapsed())
  const anchored = new SlewedTime(startWall, machine.elapsed())
  let offsetMs = 0
  let anchorReadAt: number | null = null
  let ignoredStepMs = 0

  const timers = new TimerQueue()
  const tracked = new Set<Promise<unknown>>()
  let alarm: { instant: number; timer: Timer } | null = null
  const endings: (() => Promise<void>)[] = []
  let isAdvancing = false
  let isStopped = false

  const exactNow = () => product.read(machine.elapsed()) + offsetMs
  const now = () => Math.floor(exactNow())
  const inBackground = (ms: number, callback: () => void) => machine.after(ms, callback, { holdsProcess: false })

  const setAlarm = () => {
    alarm?.timer.cancel()
    alarm = null
    const instant = timers.next()
    if (instant === null || isStopped) return
    const timer = inBackground(Math.max(0, instant - exactNow()), () => {
      timers.runDue(now())
      setAlarm()
    })
    alarm = { instant, timer }
  }

  const steps = createStepWatch(machine)
  const look = () => {
    const event = steps.look()
    if (event?.type === 'suspended') {
      product.jump(machine.elapsed(), event.forMs)
      anchored.jump(machine.elapsed(), event.forMs)
    }
    if (event?.type === 'wall_stepped') ignoredStepMs += event.byMs
    if (event !== null) onEvent(event)
    // Also because a time that is being slewed reaches an instant earlier or later than its timer was set for.
    setAlarm()
    background = inBackground(LOOK_MS, look)
  }
  let background = inBackground(LOOK_MS, look)
  let nextReading: Timer | null = null

  const readAnchor = async (read: () => Promise<number>) => {
    const askedAt = machine.elapsed()
    const answer = await read()
    const answeredAt = machine.elapsed()
    const world = answer + (answeredAt - askedAt) / 2
    product.correct(answeredAt, world + leadMs - product.read(answeredAt))
    anchored.correct(answeredAt, world - anchored.read(answeredAt))
    anchorReadAt = answeredAt
  }
  const keepAnchored = (read: () => Promise<number>) => {
    if (isStopped) return
    nextReading = inBackground(ANCHOR_MS, () => {
      readAnchor(read)
        .catch((error: unknown) => onEvent({ type: 'anchor_unreadable', error }))
        .finally(() => keepAnchored(read))
    })
  }

  const moveTo = (instant: number) => {
    offsetMs += Math.max(0, instant - exactNow())
    timers.runDue(now())
  }

  return {
    now,
    at(instant, callback) {
      const timer = timers.add(instant, callback)
      if (alarm === null || instant < alarm.instant) setAlarm()
      return timer
    },
    wall: () => Math.floor(anchorReadAt === null ? machine.wall() : anchored.read(machine.elapsed())),
    elapsed: machine.elapsed,
    after: (ms, callback) => machine.after(ms, callback, { holdsProcess: true }),
    track(work) {
      tracked.add(work)
      const settled = () => tracked.delete(work)
      work.then(settled, settled)
      return work
    },
    async advance(ms) {
      if (isAdvancing) throw new GatewayError('CLOCK_BUSY')
      isAdvancing = true
      const givenUp = new Set<Promise<unknown>>()
      try {
        const target = now() + ms
        for (let next = timers.next(); next !== null && next <= target; next = timers.next()) {
          moveTo(next)
          await settle({ tracked, givenUp, machine })
        }
        moveTo(target)
        await settle({ tracked, givenUp, machine })
        for (const work of endings) await work()
      } finally {
        isAdvancing = false
        setAlarm()
      }
    },
    onAdvance: (work) => void endings.push(work),
    async anchor(read) {
      await readAnchor(read)
      keepAnchored(read)
    },
    isTrusted: () => anchorReadAt === null || machine.elapsed() - anchorReadAt <= ANCHOR_TRUSTED_MS,
    ignoredStepMs: () => ignoredStepMs,
    stop() {
      isStopped = true
      background.cancel()
      nextReading?.cancel()
      alarm?.timer.cancel()
    },
  }
}

/** Compares the machine's three clocks between two looks. */
function createStepWatch(machine: MachineTime): { look(): ClockEvent | null } {
  let wall = machine.wall() - machine.elapsed()
  let uptime = machine.uptime() - machine.elapsed()
  return {
    look() {
      const wallNow = machine.wall() - machine.elapsed()
      const uptimeNow = machine.uptime() - machine.elapsed()
      const steppedMs = wallNow - wall
      const asleepMs = uptimeNow - uptime
      wall = wallNow
      uptime = uptimeNow
      if (Math.abs(steppedMs) < STEP_MS) return null
      if (asleepMs > 0 && Math.abs(asleepMs - steppedMs) < STEP_MS) return { type: 'suspended', forMs: asleepMs }
      return { type: 'wall_stepped', byMs: steppedMs }
    },
  }
}

interface Settling {
  tracked: ReadonlySet<Promise<unknown>>
  /** Work that took too long once is not waited for again in the same advance. */
  givenUp: Set<Promise<unknown>>
  machine: MachineTime
}

async function settle({ tracked, givenUp, machine }: Settling): Promise<void> {
  for (;;) {
    // A round of the event loop, so that what settled work sets off can register.
    await new Promise((resolve) => setImmediate(resolve))
    const pending = [...tracked].filter((work) => !givenUp.has(work))
    if (pending.length === 0) return
    let patience: Timer | undefined
    const isTooLong = await Promise.race([
      Promise.allSettled(pending).then(() => false),
      new Promise<boolean>((resolve) => {
        patience = machine.after(ADVANCE_PATIENCE_MS, () => resolve(true), { holdsProcess: true })
      }),
    ])
    patience?.cancel()
    if (isTooLong) for (const work of pending) if (tracked.has(work)) givenUp.add(work)
  }
}
