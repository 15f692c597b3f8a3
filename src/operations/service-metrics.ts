import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../core/clock.ts'
import { countByStatus } from '../sessions/index.ts'
import type { Store } from '../store/store.ts'
import type { ErrorCounts } from './errors/count-errors.ts'
import type { LimitUsage } from './monitor.ts'

/** However often somebody scrapes, the sessions are counted at most once in this time (machine time). */
const SESSIONS_EVERY_MS = 10_000
/** Shares of a limit; 1 = nothing is left. */
const USAGE_BUCKETS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]

/** How full the accounts' windows are; without names, because labels are kept for ever. */
export function createUsageMetric(registry: Registry): (usage: LimitUsage) => void {
  const histogram = new Histogram({
    name: 'gateway_limit_usage_ratio',
    help: 'Used part of rolling limits, of accounts that acted in the last minute (a hundred of them at most), once a minute.',
    labelNames: ['kind', 'window'] as const,
    buckets: USAGE_BUCKETS,
    registers: [registry],
  })
  return ({ kind, window, used, limit }) => histogram.observe({ kind, window }, used / limit)
}

/** What an operator watches: sessions by status, and refusals by code. */
export function registerServiceMetrics(
  registry: Registry,
  deps: { store: Pick<Store, 'read'>; clock: Clock; errors: ErrorCounts },
): void {
  const registers = [registry]
  let counted: { atMs: number; byStatus: Promise<ReadonlyMap<string, number>> } | null = null
  new Gauge({
    name: 'gateway_sessions',
    help: 'Live sessions by status, over all nodes.',
    labelNames: ['status'] as const,
    registers,
    async collect() {
      const nowMs = deps.clock.elapsed()
      if (counted === null || nowMs - counted.atMs >= SESSIONS_EVERY_MS) {
        counted = { atMs: nowMs, byStatus: countByStatus(deps.store.read, deps.clock.now()) }
      }
      try {
        const byStatus = await counted.byStatus
        this.reset()
        for (const [status, count] of byStatus) this.set({ status }, count)
      } catch {
        // A store that cannot be read must not take the other metrics with it; /readyz says what is wrong.
        this.reset()
        counted = null
      }
    },
  })
  new Counter({
    name: 'gateway_errors_total',
    help: 'Refused requests of this process by code.',
    labelNames: ['code'] as const,
    registers,
    collect() {
      this.reset()
      for (const [code, count] of deps.errors.totals) this.inc({ code }, count)
    },
  })
}
