import type { Timer } from '../core/clock.ts'
import type { SystemClock } from '../core/clock-system.ts'
import { connectionOf } from './connection.ts'
import { isUnavailable } from './faults.ts'
import { command, type Placeholders, statement } from './statement.ts'
import type { Db, Store } from './store.ts'

/**
 * The newest instant of product time that the store has seen, so that time never runs backwards over a restart. Raised
 * with each mark and settle (at the end of their transactions) and every ten seconds; planned instants never count.
 */
const raise = command((db, p: Placeholders<{ now: number }>) => {
  const behind = db.selectFrom('clock').select('id').where('id', '=', 1).where('seen_at', '<', p.now)
  const raised = db.updateTable('clock').set({ seen_at: p.now })
  return connectionOf(db).engine === 'postgres'
    ? // All nodes raise this one row: whoever finds it locked leaves it to the one who raises it at this moment,
      // otherwise every settle in the cluster would wait for every other one's commit.
      raised.where('id', 'in', behind.forUpdate().skipLocked())
    : raised.where('id', '=', 1).where('seen_at', '<', p.now)
})

const read = statement((db, _: Placeholders<object>) => db.selectFrom('clock').select('seen_at').where('id', '=', 1))

export async function raiseClock(tx: Db, now: number): Promise<void> {
  await raise(tx, { now })
}

/** Epoch milliseconds; 0 when the store is new. */
export async function readSeenAt(db: Db): Promise<number> {
  const [row] = await read(db, {})
  return row?.seen_at ?? 0
}

const KEEP_MS = 10_000

/**
 * Raises the clock row every ten seconds of machine time, after each advance, and a last time when it is stopped; returns
 * what stops it. A store that takes no writes is tried again the next time.
 */
export function keepClockRaised({ store, clock }: { store: Store; clock: SystemClock }): () => Promise<void> {
  let timer: Timer
  let isStopped = false
  const raiseOnce = () =>
    store
      .write((tx) => raiseClock(tx, clock.now()))
      .catch((error: unknown) => {
        if (!isUnavailable(error)) throw error
      })
  const again = () => {
    if (!isStopped) timer = clock.after(KEEP_MS, () => void raiseOnce().finally(again))
  }
  clock.onAdvance(raiseOnce)
  again()
  return async () => {
    isStopped = true
    timer.cancel()
    await raiseOnce()
  }
}
