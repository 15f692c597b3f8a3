import type { Timer } from '../../core/clock.ts'
import type { OutboxDeps } from '../deps.ts'
import { giveUpAcceptances, removeSome } from './store.ts'

const BATCHES_AT_ONCE = 20
const ITEMS_AT_ONCE = 500
/** Machine time between two looks where other processes may die in the middle of an acceptance. */
const LOOK_EVERY_MS = 60_000

type SweepDeps = Pick<OutboxDeps, 'store' | 'clock'>

/**
 * Removes bulks whose acceptance was interrupted, whatever interrupted it: each whole, in parts that may themselves be
 * interrupted. Returns how many there were. May run on several processes at once. `diedBefore` is machine time: whoever
 * was to come back until then has not.
 */
export async function sweepBatches(deps: SweepDeps, diedBefore = deps.clock.wall()): Promise<number> {
  const { store } = deps
  let removed = 0
  for (;;) {
    const ids = await store.write((tx) => giveUpAcceptances(tx, { wall: diedBefore, limit: BATCHES_AT_ONCE }))
    for (const id of ids) {
      while (!(await store.write((tx) => removeSome(tx, id, ITEMS_AT_ONCE))).isGone);
    }
    removed += ids.length
    if (ids.length < BATCHES_AT_ONCE) return removed
  }
}

/** Sweeps at the start, when on a store of one process no acceptance can be alive, and where there are several from then on. */
export class BatchSweep {
  readonly #deps: SweepDeps & { onError(error: unknown): void }
  #timer: Timer | null = null
  #running: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(deps: SweepDeps & { onError(error: unknown): void }) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    if (this.#deps.store.engine === 'sqlite') {
      await sweepBatches(this.#deps, Number.MAX_SAFE_INTEGER)
      return
    }
    await this.#sweep()
    this.#schedule()
  }

  /** Resolves when a running sweep has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#running
  }

  #sweep(): Promise<unknown> {
    this.#running = sweepBatches(this.#deps).catch(this.#deps.onError)
    return this.#running
  }

  #schedule(): void {
    if (this.#isStopped) return
    this.#timer = this.#deps.clock.after(LOOK_EVERY_MS, () => void this.#sweep().finally(() => this.#schedule()))
  }
}
