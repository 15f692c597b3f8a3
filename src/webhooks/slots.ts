import type { Clock } from '../core/clock.ts'

/** Whoever has requests to send, one slot a time. */
interface Sender {
  /** Starts one request if it still has one to start; whether it did. Takes its slot by `Slots.take`. */
  startOne(): boolean
  /** Whether it would start another one. */
  readonly wantsSlot: boolean
  /** Its server failed last, or leaves a request unanswered: it waits in a line of its own. */
  readonly isInTrouble: boolean
}

export interface Slot {
  free(): void
}

interface SlotsOptions {
  clock: Clock
  /** Requests under way at once that may still answer quickly. */
  youngMax: number
  /** The same of those to servers in trouble, besides. */
  youngInTroubleMax: number
  /** Requests under way at once. */
  allMax: number
}

/** After this, a request waits for its server and no longer for this process: it makes room for the next one. */
const YOUNG_MS = 250
/** After this, it says something about the server. */
const SLOW_MS = 2_000

interface Line {
  readonly waiting: Set<Sender>
  readonly youngMax: number
  young: number
}

/**
 * How many requests this process has under way, and who is next: every endpoint in turn, one request each.
 *
 * What is bounded tightly is what this process has to work on: a request that has not answered at once gives its place to
 * the next one and only counts towards a much larger number. Endpoints in trouble have a line and places of their own.
 * So servers that hang, however many, do not hold the others up.
 */
export class Slots {
  readonly #clock: Clock
  readonly #allMax: number
  readonly #well: Line
  readonly #troubled: Line
  #all = 0

  constructor({ clock, youngMax, youngInTroubleMax, allMax }: SlotsOptions) {
    this.#clock = clock
    this.#allMax = allMax
    this.#well = { waiting: new Set(), youngMax, young: 0 }
    this.#troubled = { waiting: new Set(), youngMax: youngInTroubleMax, young: 0 }
  }

  /** Gets its turn as soon as there is a place; asking again before that changes nothing. */
  want(sender: Sender): void {
    const line = this.#lineOf(sender)
    if (!line.waiting.has(sender)) {
      this.forget(sender)
      line.waiting.add(sender)
    }
    this.#grant(line)
  }

  forget(sender: Sender): void {
    this.#well.waiting.delete(sender)
    this.#troubled.waiting.delete(sender)
  }

  /** Counts a sender's request until it is freed. `onSlow` tells that it has not answered for long. */
  take(sender: Sender, onSlow: () => void): Slot {
    const line = this.#lineOf(sender)
    line.young += 1
    this.#all += 1
    let isYoung = true
    const grow = () => {
      if (!isYoung) return
      isYoung = false
      line.young -= 1
    }
    let timer = this.#clock.after(YOUNG_MS, () => {
      grow()
      timer = this.#clock.after(SLOW_MS - YOUNG_MS, onSlow)
      this.#grant(line)
    })
    return {
      free: () => {
        timer.cancel()
        grow()
        this.#all -= 1
        this.#grant(this.#well)
        this.#grant(this.#troubled)
      },
    }
  }

  #lineOf(sender: Sender): Line {
    return sender.isInTrouble ? this.#troubled : this.#well
  }

  #grant(line: Line): void {
    // A sender that wants another one comes to the end of the line, and the loop meets it there again.
    for (const sender of line.waiting) {
      if (line.young >= line.youngMax || this.#all >= this.#allMax) return
      line.waiting.delete(sender)
      if (sender.startOne() && sender.wantsSlot) this.#lineOf(sender).waiting.add(sender)
    }
  }
}
