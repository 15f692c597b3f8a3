import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../core/clock.ts'
import { INVARIANTS, type Monitor } from './monitor.ts'

/** Shows what the monitor found. Every invariant is there from the start, as zero. */
export function registerMonitorMetrics(registry: Registry, deps: { monitor: Monitor; clock: Clock }): void {
  const registers = [registry]
  new Counter({
    name: 'gateway_invariant_violations_total',
    help: 'Broken invariants that this process found in the store. Anything but zero is a bug or a damaged store.',
    labelNames: ['invariant'] as const,
    registers,
    collect() {
      const { violations } = deps.monitor.state
      this.reset()
      for (const invariant of INVARIANTS) this.inc({ invariant }, violations[invariant])
    },
  })
  new Gauge({
    name: 'gateway_invariant_check_age_seconds',
    help: 'Product time since the last round of invariant checks; -1 before the first.',
    registers,
    collect() {
      const { checkedAt } = deps.monitor.state
      this.set(checkedAt === null ? -1 : (deps.clock.now() - checkedAt) / 1_000)
    },
  })
}
