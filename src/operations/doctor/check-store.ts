import type { StoreFacts } from '../../store/inspect-store.ts'
import type { Finding, Trouble } from './trouble.ts'

const POSTGRES_VERSION_MIN = 150_000
const SKEW_MS_MAX = 5_000
/** Product time may run ahead of the wall clock by what a sandbox was advanced; in live mode only by a step of the clock. */
const AHEAD_MS_MAX = 60_000
/** No machine that runs this is older than the software. */
const SOFTWARE_MADE_AT = Date.UTC(2025, 0, 1)

/** What the store says about itself; `facts` is null before the first start. */
export function checkStore(facts: StoreFacts | null, mode: 'sandbox' | 'live'): Finding {
  if (facts === null) return { subject: 'store', troubles: [], detail: 'will be made at the first start' }
  const troubles: Trouble[] = []
  if (facts.mode !== null && facts.mode !== mode) {
    troubles.push({
      what: `the store belongs to ${facts.mode} mode, and INSTAGRAM_MODE is ${mode}`,
      remedy: `choose another DATA_DIR or DATABASE_URL, or set INSTAGRAM_MODE=${facts.mode}`,
    })
  }
  for (const name of facts.newerBreaking) {
    troubles.push({
      what: `a newer version has changed the store (${name})`,
      remedy: 'start that version, or restore a backup from before the upgrade',
    })
  }
  if (facts.mode !== null && facts.pendingMigrations.length > 0) {
    troubles.push({
      what: `${facts.pendingMigrations.length} migrations are pending (${facts.pendingMigrations.join(', ')})`,
      remedy: 'back the store up, then run: instagram-gateway migrate (a start does the same)',
    })
  }
  if (facts.server !== null && facts.server.version < POSTGRES_VERSION_MIN) {
    troubles.push({
      what: `PostgreSQL is of version ${(facts.server.version / 10_000).toFixed(0)}`,
      remedy: 'upgrade it to 15 or newer',
    })
  }
  return { subject: 'store', troubles, detail: facts.mode === null ? 'empty' : `${facts.mode}, current` }
}

/** Do the machine's clock, the store's memory of time and the server's clock agree? `wall` is this machine's. */
export function checkClock(facts: StoreFacts | null, mode: 'sandbox' | 'live', wall: number): Finding {
  const troubles: Trouble[] = []
  const remedy = 'set the clock right and keep it so (NTP)'
  if (wall < SOFTWARE_MADE_AT) {
    troubles.push({ what: `the machine believes it is ${new Date(wall).toISOString()}`, remedy })
  }
  const aheadMs = (facts?.seenAt ?? 0) - wall
  if (mode === 'live' && aheadMs > AHEAD_MS_MAX) {
    troubles.push({
      what: `the clock was set back by ${Math.round(aheadMs / 60_000)} min since the last run; limits and expiry go by the later time`,
      remedy,
    })
  }
  const server = facts?.server ?? null
  if (server !== null && Math.abs(server.wall - wall) > SKEW_MS_MAX) {
    const skewSeconds = Math.round((server.wall - wall) / 1000)
    troubles.push({
      what: `the database's clock differs from this machine's by ${skewSeconds} s`,
      remedy: 'synchronise both (NTP); tokens are judged by this machine, leases by the database',
    })
  }
  return { subject: 'clock', troubles, detail: new Date(wall).toISOString() }
}
