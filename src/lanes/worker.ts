import type { Clock, Timer } from '../core/clock.ts'
import { crashPoint } from '../core/crash-point.ts'
import { Lookout } from '../core/lookout.ts'
import type { Store } from '../store/store.ts'
import { type Claim, RENEW_EVERY_MS } from './lane.ts'
import type { LaneSignal } from './signal.ts'
import { claimLanes, clearLeases, giveUpLane, nextDue, renewLease, sleepLane } from './store.ts'

/**
 * How a turn ended.
 * - `again`: the lane is still held, and may have more to do
 * - `released`: nothing to do before `dueAt` (null = until woken); the turn's own transaction let go of the lane
 * - `lost`: somebody else holds the lane; nothing may be written any more
 */
export type TurnEnd = { type: 'again' } | { type: 'released'; dueAt: number | null } | { type: 'lost' }

interface LaneWorkerOptions {
  store: Store
  clock: Clock
  signal: LaneSignal
  /** This process, unique over restarts. */
  owner: string
  /** Most lanes held at once. */
  concurrency: number
  /**
   * Does one turn, or lets go of the lane. It may go on with the next one whenever `mayGoOn`, asked once a turn before it
   * is settled, answers true. Throws only when the store cannot write, or for a bug.
   */
  performTurn(claim: Claim, mayGoOn: () => boolean): Promise<TurnEnd>
  /** For the log. */
  onError(error: unknown, accountId: string | null): void
}

/** Turns in a row of one lane while others wait for a place. */
const TURNS_WHILE_OTHERS_WAIT = 8
/** Until a lane whose turn threw is tried again. */
const AFTER_ERROR_MS = 5_000

/**
 * Claims due lanes and runs them, one turn of an account at a time, `concurrency` accounts at once. It holds nothing
 * that is not in the table: whenever it dies, its lanes are due and free again after their leases (on a store of one
 * process, at the next start).
 *
 * `tick` does one round of claims; `start` calls it whenever the earliest lane falls due.
 */
export class LaneWorker {
  readonly #options: LaneWorkerOptions
  readonly #held = new Map<string, Claim>()
  readonly #runs = new Set<Promise<void>>()
  #stopListening: (() => void) | null = null
  readonly #lookout: Lookout
  /** Runs while a lane is held. */
  #renewal: Timer | null = null
  #othersWait = false
  #renews = false
  #stopping = false

  constructor(options: LaneWorkerOptions) {
    this.#options = options
    const { store, clock, concurrency, onError } = options
    this.#lookout = new Lookout({
      clock,
      round: async () => {
        await this.tick()
        // With every place taken, the end of a run looks again.
        return this.#held.size >= concurrency ? null : nextDue(store.read)
      },
      missed: store.engine === 'postgres' ? () => {} : null,
      onError: (error) => onError(error, null),
    })
  }

  /** Lanes held now. */
  get inFlight(): number {
    return this.#held.size
  }

  /** Frees what a former life of this store held, where only one process can, and begins to follow due lanes. */
  async start(): Promise<void> {
    const { store, clock, signal } = this.#options
    if (store.engine === 'sqlite') await store.write((tx) => clearLeases(tx))
    this.#lookout.start()
    this.#renews = true
    this.#stopListening = signal.listen((dueAt) => this.#lookout.arm(dueAt))
    this.#lookout.arm(clock.now())
  }

  /** One round of claims; resolves with how many lanes it took, while their turns go on. */
  async tick(): Promise<number> {
    const { store, clock, owner, concurrency } = this.#options
    const free = concurrency - this.#held.size
    if (free <= 0 || this.#stopping) return 0
    const claims = await store.write((tx) => claimLanes(tx, { clock }, { owner, limit: free }))
    crashPoint('after-claim')
    this.#othersWait = claims.length === free
    for (const claim of claims) this.#launch(claim)
    return claims.length
  }

  /** Resolves once no lane is held. */
  async idle(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(this.#runs)
  }

  /** Claims nothing more, lets running turns end, and lets go of every lane. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#stopListening?.()
    await this.#lookout.stop()
    await this.idle()
    this.#renews = false
    this.#renewal?.cancel()
  }

  #launch(claim: Claim): void {
    this.#held.set(claim.accountId, claim)
    this.#scheduleRenewal()
    const run: Promise<void> = this.#options.clock
      .track(this.#run(claim))
      .catch((error: unknown) => this.#options.onError(error, claim.accountId))
      .finally(() => {
        this.#runs.delete(run)
        if (this.#held.get(claim.accountId) === claim) this.#held.delete(claim.accountId)
        if (this.#othersWait) this.#lookout.arm(this.#options.clock.now())
      })
    this.#runs.add(run)
  }

  async #run(claim: Claim): Promise<void> {
    const { store, performTurn } = this.#options
    let turns = 0
    const mayGoOn = () => !this.#stopping && !(this.#othersWait && turns >= TURNS_WHILE_OTHERS_WAIT)
    const mayAddOne = () => {
      turns += 1
      return mayGoOn()
    }
    for (;;) {
      if (!mayGoOn()) {
        await store.write((tx) => giveUpLane(tx, claim))
        return
      }
      const before = turns
      let end: TurnEnd
      try {
        end = await performTurn(claim, mayAddOne)
      } catch (error) {
        this.#options.onError(error, claim.accountId)
        await this.#letGo(claim)
        return
      }
      if (end.type === 'released' && end.dueAt !== null) this.#lookout.arm(end.dueAt)
      if (end.type !== 'again') return
      if (turns === before) turns += 1
    }
  }

  /** After a turn that threw: a little later again, by whoever claims it. Tried until the store takes it. */
  async #letGo(claim: Claim): Promise<void> {
    const { store, clock } = this.#options
    for (;;) {
      const dueAt = clock.now() + AFTER_ERROR_MS
      try {
        await store.write((tx) => sleepLane(tx, claim, dueAt))
        this.#lookout.arm(dueAt)
        return
      } catch (error) {
        this.#options.onError(error, claim.accountId)
        if (this.#stopping) return
        await new Promise<void>((resolve) => clock.after(AFTER_ERROR_MS, resolve))
      }
    }
  }

  #scheduleRenewal(): void {
    if (!this.#renews || this.#renewal !== null) return
    this.#renewal = this.#options.clock.after(RENEW_EVERY_MS, () => {
      this.#renewal = null
      if (this.#held.size === 0) return
      void this.renewLeases()
      this.#scheduleRenewal()
    })
  }

  /** Prolongs the leases of all held lanes; runs every 10 s while there are any, between `start` and the end of `stop`. */
  async renewLeases(): Promise<void> {
    const { store, clock, onError } = this.#options
    // By id, the order in which everybody locks lanes.
    const claims = [...this.#held.values()].sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
    if (claims.length === 0) return
    const elapsed = clock.elapsed()
    const wall = clock.wall()
    try {
      const kept = await store.write(async (tx) => {
        const renewed: { claim: Claim; leaseMs: number }[] = []
        for (const claim of claims) {
          const { leaseMs } = claim
          if (await renewLease(tx, claim, wall + leaseMs)) renewed.push({ claim, leaseMs })
        }
        return renewed
      })
      for (const { claim, leaseMs } of kept) claim.leaseEndsElapsed = elapsed + leaseMs
    } catch (error) {
      onError(error, null)
    }
  }
}

export function createLaneWorker(options: LaneWorkerOptions): LaneWorker {
  return new LaneWorker(options)
}
