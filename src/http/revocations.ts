import type { Clock, Timer } from '../core/clock.ts'
import type { Db, Store } from '../store/store.ts'
import { readRevocations, writeRevocation } from './store.ts'

const REREAD_MS = 1000
const CHANNEL = 'revocations'

/**
 * «Not before» by subject, kept in memory and re-read every second and on a signal, so that a token revoked on one node
 * dies on all of them. A token that does not say when it was issued is revoked by any entry.
 */
export class Revocations {
  readonly #store: Store
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #before = new Map<string, number>()
  #changed: () => void = () => {}
  #timer: Timer | null = null
  #unlisten: () => void = () => {}
  #stopped = false

  constructor(deps: { store: Store; clock: Clock; failed: (error: unknown) => void }) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#failed = deps.failed
  }

  onChange(callback: () => void): void {
    this.#changed = callback
  }

  isRevoked(userId: string, issuedAtSeconds: number | null): boolean {
    const before = this.#before.get(userId)
    return before !== undefined && (issuedAtSeconds === null || issuedAtSeconds < before)
  }

  /**
   * Inside the caller's transaction; every node hears of it once that is durable, and `reload` makes sure of this one.
   * An earlier `before` never weakens a later one.
   */
  async revoke(tx: Db, entry: { userId: string; beforeSeconds: number }): Promise<void> {
    await writeRevocation(tx, { sub: entry.userId, before: entry.beforeSeconds })
    this.#store.signals.notify(tx, CHANNEL, '')
  }

  /** Reads the table anew: at start, on a signal, after our own change, and every second. */
  async reload(): Promise<void> {
    const rows = await readRevocations(this.#store.read, {})
    const isSame = rows.length === this.#before.size && rows.every((row) => this.#before.get(row.sub) === row.before)
    if (isSame) return
    this.#before = new Map(rows.map((row) => [row.sub, row.before]))
    this.#changed()
  }

  /** Loads once and keeps reading. On SQLite nobody else can write, so once is enough. */
  async start(): Promise<void> {
    this.#unlisten = this.#store.signals.listen(CHANNEL, () => void this.reload().catch(this.#failed))
    await this.reload()
    if (this.#store.engine === 'postgres') this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#unlisten()
    this.#timer?.cancel()
  }

  #schedule(): void {
    this.#timer = this.#clock.after(REREAD_MS, () => {
      this.reload()
        .catch(this.#failed)
        .finally(() => {
          if (!this.#stopped) this.#schedule()
        })
    })
  }
}
