import type { Timer } from './clock.ts'

interface Entry {
  instant: number
  /** Order of making: timers of one instant run first come, first served. */
  no: number
  callback: () => void
  isCanceled: boolean
}

/** Timers in the order of their instants (a binary heap); knows no clock. */
export class TimerQueue {
  readonly #heap: Entry[] = []
  #made = 0

  add(instant: number, callback: () => void): Timer {
    this.#made += 1
    const entry = { instant, no: this.#made, callback, isCanceled: false }
    this.#heap.push(entry)
    this.#raise(this.#heap.length - 1)
    return {
      cancel: () => {
        entry.isCanceled = true
      },
    }
  }

  /** The earliest instant, or null. */
  next(): number | null {
    while (this.#heap[0]?.isCanceled === true) this.#removeFirst()
    return this.#heap[0]?.instant ?? null
  }

  /**
   * Takes the timers due at `now` off the queue and calls them in order. Timers that they add wait for the next call,
   * so a callback that asks for an instant in the past is never called synchronously.
   */
  runDue(now: number): void {
    const due: Entry[] = []
    for (let next = this.next(); next !== null && next <= now; next = this.next()) due.push(this.#removeFirst())
    for (const entry of due) {
      // An earlier one of the same instant may have canceled it.
      if (!entry.isCanceled) entry.callback()
    }
  }

  #raise(from: number): void {
    const heap = this.#heap
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(heap[index] as Entry, heap[parent] as Entry)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #removeFirst(): Entry {
    const heap = this.#heap
    const first = heap[0] as Entry
    const last = heap.pop() as Entry
    if (heap.length === 0) return first
    heap[0] = last
    let index = 0
    for (;;) {
      let least = index
      for (const child of [2 * index + 1, 2 * index + 2]) {
        const entry = heap[child]
        if (entry !== undefined && isBefore(entry, heap[least] as Entry)) least = child
      }
      if (least === index) return first
      this.#swap(index, least)
      index = least
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const entry = heap[a] as Entry
    heap[a] = heap[b] as Entry
    heap[b] = entry
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.instant < b.instant || (a.instant === b.instant && a.no < b.no)
}
