import type { Clock, Timer } from '../core/clock.ts'
import { appendEvent } from '../events/index.ts'
import { isActing, statusAt } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import { changeStatus } from './change-status.ts'
import type { SessionDeps } from './dependencies.ts'
import {
  type DueSession,
  deleteEndedSessions,
  deleteExpiredAttempts,
  deleteExpiredHandoffs,
  expiredSessions,
  expiringSessions,
  nextInstants,
  saveExpiringTold,
} from './expiry-store.ts'
import { expiringLeadMs } from './session.ts'
import { findSession } from './store.ts'

/**
 * What the passing of time does to sessions: `session.expiring` an hour before, `session.expired` at it, and the deletion
 * of what nobody needs any more. Everything is decided by the rows, so a restart loses nothing and several processes may
 * sweep at once. It sleeps until the next row is due, and looks again before a session that was opened meanwhile can be.
 */
export interface ExpirySweep {
  start(): void
  /** Does all that is due now; returns how many rows it changed. */
  tick(): Promise<number>
  /** Resolves when a running tick has ended. */
  stop(): Promise<void>
}

type SweepDeps = Pick<SessionDeps, 'store' | 'random' | 'options'> & {
  clock: Clock
  onError(error: unknown): void
}

const BATCH = 100
const LOOK_MS_MOST = 3_600_000
/** Between two ticks, so that a row which cannot be changed does not keep the process busy. */
const LOOK_MS_LEAST = 1_000
const RETRY_MS = 60_000

export function createExpirySweep(deps: SweepDeps): ExpirySweep {
  let timer: Timer | null = null
  let running: Promise<void> = Promise.resolve()
  let isStopped = false

  const sleepUntil = (instant: number) => {
    if (!isStopped) timer = deps.clock.at(instant, wake)
  }
  const wake = () => {
    running = deps.clock.track(sweepAndSleep())
  }
  const sweepAndSleep = async () => {
    try {
      await sweep(deps)
      sleepUntil(await nextLook(deps))
    } catch (error) {
      deps.onError(error)
      sleepUntil(deps.clock.now() + RETRY_MS)
    }
  }

  return {
    start: () => sleepUntil(deps.clock.now()),
    tick: () => sweep(deps),
    async stop() {
      isStopped = true
      timer?.cancel()
      await running
    },
  }
}

async function sweep(deps: SweepDeps): Promise<number> {
  const { store } = deps
  const now = deps.clock.now()
  const until = now + expiringLeadMs(deps.options.expiryMs)
  const before = now - deps.options.retentionMs
  const limit = BATCH
  let changed = 0
  changed += await inBatches(async () =>
    each(await expiredSessions(store.read, { now, limit }), (due) => expire(deps, due, now)),
  )
  changed += await inBatches(async () =>
    each(await expiringSessions(store.read, { now, until, limit }), (due) => tellExpiring(deps, due, { now, until })),
  )
  changed += await inBatches(() => store.write((tx) => deleteEndedSessions(tx, { before, limit })))
  changed += await inBatches(() => store.write((tx) => deleteExpiredAttempts(tx, { now, limit })))
  changed += await inBatches(() => store.write((tx) => deleteExpiredHandoffs(tx, { now, limit })))
  return changed
}

/** Until a batch is not full. */
async function inBatches(change: () => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const changed = await change()
    total += changed
    if (changed < BATCH) return total
  }
}

/** One transaction each, so that no two accounts' locks are held together. */
async function each(due: DueSession[], change: (session: DueSession) => Promise<boolean>): Promise<number> {
  const results = await Promise.all(due.map(change))
  return results.filter((isChanged) => isChanged).length
}

function expire(deps: SweepDeps, due: DueSession, now: number): Promise<boolean> {
  return deps.store.write(async (tx) => {
    await lockAccount(tx, due.accountId)
    const session = await findSession(tx, due.id)
    // A turn or a login may have moved it since it was read.
    if (session === null || session.status === statusAt(session, now)) return false
    await changeStatus(tx, deps, session, { status: 'expired', reason: null, at: now })
    return true
  })
}

function tellExpiring(
  deps: SweepDeps,
  due: DueSession,
  { now, until }: { now: number; until: number },
): Promise<boolean> {
  return deps.store.write(async (tx) => {
    await lockAccount(tx, due.accountId)
    const session = await findSession(tx, due.id)
    if (session === null || !isActing(session.status)) return false
    if (!(await saveExpiringTold(tx, { id: due.id, now, until }))) return false
    await appendEvent(tx, deps, {
      userId: session.userId,
      type: 'session.expiring',
      at: now,
      sessionId: session.id,
      username: session.username,
      data: { expiresAt: new Date(session.expiresAt).toISOString() },
    })
    return true
  })
}

async function nextLook(deps: SweepDeps): Promise<number> {
  const { expiryMs, retentionMs } = deps.options
  const now = deps.clock.now()
  const leadMs = expiringLeadMs(expiryMs)
  const { expiresAt, untoldExpiresAt, endedAt } = await nextInstants(deps.store.read)
  const next = Math.min(
    expiresAt ?? Number.POSITIVE_INFINITY,
    untoldExpiresAt === null ? Number.POSITIVE_INFINITY : untoldExpiresAt - leadMs,
    endedAt === null ? Number.POSITIVE_INFINITY : endedAt + retentionMs,
    // The earliest that a session opened from now on has anything due.
    now + Math.min(LOOK_MS_MOST, expiryMs - leadMs),
  )
  return Math.max(next, now + LOOK_MS_LEAST)
}
