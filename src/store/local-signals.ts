import { afterCommit } from './connection.ts'
import type { Db, Signals } from './store.ts'

/** Signals within this process. */
export class LocalSignals implements Signals {
  readonly #listeners = new Map<string, Set<(payload: string) => void>>()

  notify(tx: Db, channel: string, payload: string): void {
    afterCommit(tx, () => this.emit(channel, payload))
  }

  emit(channel: string, payload: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(payload)
  }

  listen(channel: string, listener: (payload: string) => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    }
  }
}
