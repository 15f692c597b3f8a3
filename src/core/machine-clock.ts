import { uptime } from 'node:os'
import type { Timer } from './clock.ts'

/** The machine's own time, raw: what the system clock is made of, and what tests replace. */
export interface MachineTime {
  /** Epoch milliseconds as the operating system believes them; may step either way. */
  wall(): number
  /** Monotonic milliseconds that stand still while the machine is suspended. */
  elapsed(): number
  /** Milliseconds since boot that go on while the machine is suspended. */
  uptime(): number
  /** `holdsProcess`: whether the process stays alive for it. */
  after(ms: number, callback: () => void, options: { holdsProcess: boolean }): Timer
}

/** Node's timers take at most this many milliseconds; beyond it they fire at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

export const machineTime: MachineTime = {
  wall: () => Date.now(),
  elapsed: () => performance.now(),
  uptime: () => uptime() * 1000,
  after(ms, callback, { holdsProcess }) {
    let timer: NodeJS.Timeout
    const arm = (leftMs: number) => {
      const isLast = leftMs <= TIMEOUT_MS_MAX
      timer = setTimeout(() => (isLast ? callback() : arm(leftMs - TIMEOUT_MS_MAX)), Math.min(leftMs, TIMEOUT_MS_MAX))
      if (!holdsProcess) timer.unref()
    }
    arm(ms)
    return { cancel: () => clearTimeout(timer) }
  },
}
