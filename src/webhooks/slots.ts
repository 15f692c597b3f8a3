import type { Clock } from '../core/clock.ts'

/** Whoever has requests to send, one slot a time. */
interface Sender {
  /** Starts one request if it still has one to start; whether it did. Takes its slot by `Slots.take`. */
  startOne(): boolean
  /** Whether it would start another one. */
  readonly wantsSlot: boolean
}

export interface Slot {
  free(): void
}

interface SlotsOptions {
  clock: Clock
  /** Requests under way at once that may still answer quickly. */
  youngMax: number
  /** Requests under way at once. */
  allMax: number
}

/** After this, a request is no longer believed to answer quickly. */
const YOUNG_MS = 1_000

/**
 * How many requests this process has under way, and who is next: every endpoint in turn, one request each.
 *
 * A request that has not answered within a second gives its place to the next one and only counts towards a much larger
 * number. So servers that hang, however many, hold the others up for a second and not until their deadlines.
 */
export class Slots {
  readonly #options: SlotsOptions
  readonly #waiting = new Set<Sender>()
  #young = 0
  #all = 0

  constructor(options: SlotsOptions) {
    this.#options = options
  }

  /** Gets its turn as soon as there is a place; asking again before that changes nothing. */
  want(sender: Sender): void {
    this.#waiting.add(sender)
    this.#grant()
  }

  forget(sender: Sender): void {
    this.#waiting.delete(sender)
  }

  /** Counts a request until it is freed. `onOld` tells that it has not answered quickly. */
  take(onOld: () => void): Slot {
    this.#young += 1
    this.#all += 1
    let isYoung = true
    const grow = () => {
      isYoung = false
      this.#young -= 1
    }
    const timer = this.#options.clock.after(YOUNG_MS, () => {
      grow()
      onOld()
      this.#grant()
    })
    return {
      free: () => {
        timer.cancel()
        if (isYoung) grow()
        this.#all -= 1
        this.#grant()
      },
    }
  }

  #grant(): void {
    const { youngMax, allMax } = this.#options
    // A sender that wants another one comes to the end of the line, and the loop meets it there again.
    for (const sender of this.#waiting) {
      if (this.#young >= youngMax || this.#all >= allMax) return
      this.#waiting.delete(sender)
      if (sender.startOne() && sender.wantsSlot) this.#waiting.add(sender)
    }
  }
}
