import { createBell } from '../core/bell.ts'
import type { Clock } from '../core/clock.ts'
import type { Db, Store } from '../store/store.ts'

/** Between looks where a wake-up may get lost on its way from another process. */
const LOOK_EVERY_MS = 1_000

export interface WaitDeps {
  store: Store
  clock: Clock
  /** Aborted when the server drains: whoever waits answers with what there is. */
  drainSignal: AbortSignal
}

/** Tells everybody who waits for something of an account, here and in other processes, once `tx` is durable. */
export function announceChange(tx: Db, deps: { store: Store }, accountId: string): void {
  deps.store.signals.notify(tx, channelOf(accountId), '')
}

function channelOf(accountId: string): string {
  return `account/${accountId}`
}

/**
 * Looks now and after every change of the account until `look` finds something, at most for `waitMs` of machine time;
 * null when the time is over or the server drains. `leftMs` is what remains of the wait at each look. Listening begins
 * before the first look, so no change falls between them.
 */
export async function waitForChange<T>(
  deps: WaitDeps,
  input: { accountId: string; waitMs: number; look(leftMs: number): Promise<T | null> },
): Promise<T | null> {
  const { store, clock, drainSignal } = deps
  const endsElapsed = clock.elapsed() + input.waitMs
  const bell = createBell()
  const stopListening = store.signals.listen(channelOf(input.accountId), bell.ring)
  drainSignal.addEventListener('abort', bell.ring)
  try {
    for (;;) {
      const leftMs = Math.max(0, endsElapsed - clock.elapsed())
      const found = await input.look(leftMs)
      if (found !== null) return found
      if (leftMs === 0 || drainSignal.aborted) return null
      // Looking took its time, too.
      const restMs = Math.max(0, endsElapsed - clock.elapsed())
      const timer = clock.after(store.engine === 'postgres' ? Math.min(restMs, LOOK_EVERY_MS) : restMs, bell.ring)
      await bell.heard()
      timer.cancel()
    }
  } finally {
    stopListening()
    drainSignal.removeEventListener('abort', bell.ring)
  }
}
