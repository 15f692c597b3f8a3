/** Tells the worker of this process that some lane is due at an instant of product time. A hint: the table is the truth. */
export interface LaneSignal {
  emit(dueAt: number): void
  /** Returns how to stop listening. */
  listen(listener: (dueAt: number) => void): () => void
}

export function createLaneSignal(): LaneSignal {
  const listeners = new Set<(dueAt: number) => void>()
  return {
    emit(dueAt) {
      for (const listener of listeners) listener(dueAt)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
