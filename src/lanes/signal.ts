import type { Db, Signals } from '../store/store.ts'

const CHANNEL = 'lanes'

/**
 * Tells the workers, here and in other processes, that some lane is due at an instant of product time. A hint: the table
 * is the truth, and where processes share it each looks by itself as well.
 */
export interface LaneSignal {
  /** Sent once `tx` is durable. */
  wake(tx: Db, dueAt: number): void
  /** Returns what ends the listening. */
  listen(listener: (dueAt: number) => void): () => void
}

export function createLaneSignal(signals: Signals): LaneSignal {
  return {
    wake: (tx, dueAt) => signals.notify(tx, CHANNEL, String(dueAt)),
    listen: (listener) => signals.listen(CHANNEL, (payload) => listener(Number(payload))),
  }
}
