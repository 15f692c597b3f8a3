/** Wakes one waiter; remembers a ring that nobody waited for yet, so that none falls between a look and the wait. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring, or at once after one that nobody has heard. */
  heard(): Promise<void>
}

export function createBell(): Bell {
  let rang = false
  let wake: (() => void) | null = null
  return {
    ring: () => {
      rang = true
      wake?.()
    },
    async heard() {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve))
      rang = false
      wake = null
    },
  }
}
