import type { Clock } from '../core/clock.ts'
import { raiseClock } from '../store/clock-row.ts'
import type { Store } from '../store/store.ts'
import type { Readiness } from './readiness.ts'
import { probeStore } from './store.ts'

/** `/status` is public: however often it is asked, the store is tried at most once in this time. */
const WRITE_PROBE_MS = 1_000

export interface HealthDeps {
  store: Store
  clock: Clock
  readiness: Readiness
}

/** Why this process takes no requests; a store that reads but does not write is no reason, for reads go on. */
export type Trouble = 'starting' | 'draining' | 'store'

/** What the operator may know beyond the reason: `ok`, or what the store said. */
export interface HealthDetails {
  store: { engine: Store['engine']; reads: string; writes: string }
}

export interface ServiceState {
  state: 'up' | 'degraded'
  /** Machine time at which that began, as far as anybody looked. */
  since: number
}

/** How the gateway is: whether this process takes requests, and whether the service does all it should. */
export class Health {
  readonly #deps: HealthDeps
  #state: ServiceState['state'] = 'up'
  #since: number
  #lastWrite: { at: number; result: Promise<string> } | null = null

  constructor(deps: HealthDeps) {
    this.#deps = deps
    this.#since = deps.clock.wall()
  }

  /** For load balancers: null = ready. */
  async trouble(): Promise<Trouble | null> {
    const { readiness } = this.#deps
    if (readiness.state !== 'ready') return readiness.state
    return (await this.#reads()) === 'ok' ? null : 'store'
  }

  async details(): Promise<HealthDetails> {
    const [reads, writes] = await Promise.all([this.#reads(), this.#writes()])
    return { store: { engine: this.#deps.store.engine, reads, writes } }
  }

  async state(): Promise<ServiceState> {
    const { store } = await this.details()
    const isUp = this.#deps.readiness.isReady && store.reads === 'ok' && store.writes === 'ok'
    const state = isUp ? 'up' : 'degraded'
    if (state !== this.#state) {
      this.#state = state
      this.#since = this.#deps.clock.wall()
    }
    return { state, since: this.#since }
  }

  #reads(): Promise<string> {
    return judge(probeStore(this.#deps.store.read))
  }

  /** Raises the clock row, as every ten seconds anyway: a write that changes nothing else. */
  #writes(): Promise<string> {
    const { store, clock } = this.#deps
    const now = clock.elapsed()
    if (this.#lastWrite === null || now - this.#lastWrite.at >= WRITE_PROBE_MS) {
      this.#lastWrite = { at: now, result: judge(store.write((tx) => raiseClock(tx, clock.now()))) }
    }
    return this.#lastWrite.result
  }
}

function judge(probe: Promise<unknown>): Promise<string> {
  return probe.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
