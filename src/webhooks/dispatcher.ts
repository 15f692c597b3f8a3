import { crashPoint } from '../core/crash-point.ts'
import { Lookout } from '../core/lookout.ts'
import { listenForEvents } from '../events/index.ts'
import { type Claim, claimEndpoints, clearLeases, hasWork, nextDue, type Room, type Search } from './claim-store.ts'
import { EndpointRun, type RunDeps } from './endpoint-run.ts'
import { listenForEndpoints } from './signal.ts'
import { Slots } from './slots.ts'

export interface DispatcherOptions extends Omit<RunDeps, 'slots' | 'othersWait' | 'onError'> {
  /** This process, unique over restarts. */
  owner: string
  /** For the log. */
  onError(error: unknown, endpointId: string | null): void
}

/**
 * Endpoints held at once, of those that are well and of those in trouble; others wait until one of their kind has nothing
 * more to do, or has had its share.
 */
const RUNS_MAX = 1_000
const RUNS_IN_TROUBLE_MAX = 1_000
const REQUESTS_YOUNG_MAX = 256
const REQUESTS_YOUNG_IN_TROUBLE_MAX = 32
const REQUESTS_MAX = 4_096
/** At the end, what is under way may answer for so long before it is given up. */
const STOP_PATIENCE_MS = 2_000

/**
 * Delivers events to endpoints. It claims those that have something to do and lets each run by itself, so that none
 * waits for another; the log's signals tell whose log has grown, its timer when the next retry is due. Whatever it
 * dies at, the rows say what is left to do.
 *
 * `tick` does one round of claims; `start` calls it whenever there is something to do.
 */
export class WebhookDispatcher {
  readonly #options: DispatcherOptions
  readonly #slots: Slots
  readonly #runs = new Map<string, EndpointRun>()
  readonly #ends = new Set<Promise<void>>()
  /** Whose log has grown since the last round. */
  #users = new Set<string>()
  /** Anybody's may have. */
  #everybody = true
  #othersWait = false
  #listening: (() => void)[] = []
  readonly #lookout: Lookout
  #stopping = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#slots = new Slots({
      clock: options.clock,
      youngMax: REQUESTS_YOUNG_MAX,
      youngInTroubleMax: REQUESTS_YOUNG_IN_TROUBLE_MAX,
      allMax: REQUESTS_MAX,
    })
    const { store, clock, onError } = options
    this.#lookout = new Lookout({
      clock,
      round: async () => {
        await this.tick()
        // Of whom there is no room for, the end of a run looks again.
        return nextDue(store.read, this.#room)
      },
      missed: store.engine === 'postgres' ? () => (this.#everybody = true) : null,
      onError: (error) => onError(error, null),
    })
  }

  /** Frees what a former life of this store held, where only one process can, and begins to follow the log. */
  async start(): Promise<void> {
    const { store } = this.#options
    if (store.engine === 'sqlite') await store.write((tx) => clearLeases(tx))
    this.#listening = [
      listenForEvents(store, (userId) => this.#hear(userId)),
      listenForEndpoints(store, (endpointId) => {
        this.#runs.get(endpointId)?.nudge()
        this.#lookout.look()
      }),
    ]
    this.#lookout.start()
    this.#lookout.look()
  }

  /** One round of claims; resolves with how many endpoints it took, while they are delivered to. */
  async tick(): Promise<number> {
    const { store, clock } = this.#options
    const room = this.#room
    if ((room.well < 1 && room.failing < 1) || this.#stopping) return 0
    const search = { users: [...this.#users], everybody: this.#everybody }
    this.#users = new Set()
    // Before the start nobody tells.
    this.#everybody = !this.#lookout.isRunning
    try {
      const claims = (await hasWork(store.read, { clock }, { ...search, room })) ? await this.#claim(search, room) : []
      const failing = claims.filter(({ isFailing }) => isFailing).length
      this.#othersWait = failing === room.failing || claims.length - failing === room.well
      // Who was not reached is not known by name any more.
      if (this.#othersWait) this.#everybody = true
      for (const claim of claims) this.#launch(new EndpointRun(this.#runDeps(), claim))
      return claims.length
    } catch (error) {
      this.#everybody = true
      throw error
    }
  }

  /** Resolves once no endpoint is held. */
  async idle(): Promise<void> {
    while (this.#ends.size > 0) await Promise.all(this.#ends)
  }

  /** Begins nothing more, lets requests end for a moment, and lets go of every endpoint. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const end of this.#listening) end()
    await this.#lookout.stop()
    for (const run of this.#runs.values()) run.stop()
    const patience = this.#options.clock.after(STOP_PATIENCE_MS, () => {
      for (const run of this.#runs.values()) run.abort()
    })
    await this.idle()
    patience.cancel()
  }

  async #claim(search: Search, room: Room): Promise<Claim[]> {
    const { store, clock, owner } = this.#options
    const claims = await store.write((tx) => claimEndpoints(tx, { clock }, { ...search, owner, room }))
    crashPoint('webhook-after-claim')
    return claims
  }

  get #room(): Room {
    let troubled = 0
    for (const run of this.#runs.values()) if (run.isInTrouble) troubled += 1
    return {
      well: Math.max(0, RUNS_MAX - (this.#runs.size - troubled)),
      failing: Math.max(0, RUNS_IN_TROUBLE_MAX - troubled),
    }
  }

  #runDeps(): RunDeps {
    return { ...this.#options, slots: this.#slots, othersWait: () => this.#othersWait }
  }

  #hear(userId: string): void {
    this.#users.add(userId)
    for (const run of this.#runs.values()) if (run.claim.userId === userId) run.hear()
    this.#lookout.look()
  }

  #launch(run: EndpointRun): void {
    const { clock, onError } = this.#options
    const { endpointId } = run.claim
    this.#runs.set(endpointId, run)
    const end: Promise<void> = clock
      .track(run.run())
      .then(({ dueAt }) => {
        if (dueAt !== null) this.#lookout.arm(dueAt)
      })
      .catch((error: unknown) => onError(error, endpointId))
      .finally(() => {
        this.#ends.delete(end)
        this.#runs.delete(endpointId)
        if (run.hasNews) this.#users.add(run.claim.userId)
        if (run.hasNews || this.#othersWait) this.#lookout.look()
      })
    this.#ends.add(end)
  }
}
