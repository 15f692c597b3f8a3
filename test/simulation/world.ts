import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { type Config, readConfig } from '../../src/config/index.ts'
import type { MachineTime } from '../../src/core/machine-clock.ts'
import { sweepBatches } from '../../src/outbox/index.ts'
import type { Vault } from '../../src/sessions/index.ts'
import { type Placeholders, statement } from '../../src/store/statement.ts'
import { DEAF } from '../support/deaf.ts'
import { createDice, type Dice } from './dice.ts'
import { GatewayNode, PLACES, type StoreWeather } from './gateway-node.ts'
import { type MemoryStore, MemoryStores } from './memory-store.ts'
import { Network } from './network.ts'
import { SimulatedTime } from './simulated-time.ts'

const START = 1_750_000_000_000
export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
/** How often a node of a cluster looks for due lanes, and prolongs what it holds. */
const LOOK_EVERY_MS = 1_000
const RENEW_EVERY_MS = 10_000
/** The product's rounds of a minute all the time would take half of a simulation's. */
const WATCH_EVERY_MS = 90 * MINUTE_MS
const WATCH_ROUNDS = 5

/** The group writer's patience is machine time; here it must not decide what happens. */
const STANDING_STILL: MachineTime = {
  wall: () => START,
  elapsed: () => 0,
  uptime: () => 0,
  after: () => ({ cancel: () => {} }),
}

const STORES = new MemoryStores()

/** Encryption has tests of its own, and takes a tenth of a simulation's time. */
const GLASS_VAULT: Vault = {
  currentVersion: 1,
  seal: (plain) => plain,
  open: (sealed) => sealed,
  rewrap: () => null,
  useKeys: () => {},
}

/**
 * How the gateway runs: as one process that owns its store, follows its timers and frees all leases when it starts, or
 * as several that share it, look for work by themselves, and take over only what a lease has let go.
 */
export type Topology = 'one_process' | 'cluster'

/** A simulated Instagram, one store, and the nodes that share it. */
export class World {
  readonly seed: number
  readonly topology: Topology
  readonly dice: Dice
  readonly time: SimulatedTime
  readonly sandbox: Sandbox
  readonly network: Network
  readonly store: MemoryStore
  readonly storeWeather: StoreWeather & { slowUntil: number; downUntil: number }
  readonly errors: string[] = []
  readonly #config: Config
  #nodes: GatewayNode[] = []
  #made = 0
  /** Of the clock by which leases are written: the same for all nodes but for a little, as they read one server's. */
  wallSkewMs = 0
  #lanes: { asOf: number; rows: Awaited<ReturnType<typeof findLanes>> } = { asOf: -1, rows: [] }
  readonly #rhythms = new Map<GatewayNode, Rhythm>()

  private constructor(seed: number, store: MemoryStore) {
    this.seed = seed
    this.store = store
    this.dice = createDice(seed)
    this.topology = this.dice.chance(0.5) ? 'one_process' : 'cluster'
    this.time = new SimulatedTime(START)
    this.sandbox = createSandbox({ clock: this.time.addClock(0), seed })
    this.network = new Network({
      time: this.time,
      sandbox: this.sandbox,
      dice: createDice(seed + 0.5e9),
      findHolder: async (platformId) => (await findLaneOf(store.read, { platformId }))[0]?.owner ?? null,
    })
    this.#config = readConfig({ REQUEST_LIMITS: 'off', ...DEAF }).config
    this.storeWeather = this.#makeStoreWeather()
    if (this.topology === 'cluster') {
      this.time.looks = { next: () => this.#nextLook(), run: (now) => this.#look(now) }
    }
  }

  static async open(seed: number): Promise<World> {
    return new World(seed, await STORES.open(STANDING_STILL))
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) node.kill('the end')
    await this.sandbox.close()
    await this.store.close()
  }

  get nodes(): readonly GatewayNode[] {
    return this.#nodes
  }

  /** How often a node has died. */
  get deaths(): number {
    return this.#made - this.#nodes.filter((node) => !node.isGone).length
  }

  get nodesAtOnce(): number {
    return this.topology === 'one_process' ? 1 : 3
  }

  /** Now and then some node's monitor looks a few times, and finds nothing: what it finds is an error line. */
  async keepWatching(): Promise<void> {
    for (let watch = 0; ; watch += 1) {
      await this.time.wait(WATCH_EVERY_MS)
      const node = this.#nodes[watch % this.#nodes.length]
      for (let round = 0; round < WATCH_ROUNDS; round += 1) {
        await this.time.wait(MINUTE_MS)
        if (node?.isAwake) await node.features.monitor.tick()
      }
    }
  }

  /** As a cluster does every minute: what an acceptance that died has left goes. */
  async sweep(): Promise<void> {
    const clock = this.#nodes.find((node) => node.isAwake)?.clock
    if (clock !== undefined && this.storeWeather.downUntil <= this.time.now) {
      await this.time.hold(sweepBatches({ store: this.store, clock }))
    }
  }

  /** Somebody who answers requests, or null while nobody does. */
  anyNode(): GatewayNode | null {
    const awake = this.#nodes.filter((node) => node.isAwake)
    return awake.length === 0 ? null : this.dice.pick(awake)
  }

  startNode(): void {
    this.#made += 1
    const node = new GatewayNode({
      no: this.#made,
      seed: this.seed,
      time: this.time,
      store: this.store,
      storeWeather: this.storeWeather,
      network: this.network,
      vault: GLASS_VAULT,
      config: this.#config,
      wallSkewMs: this.wallSkewMs + (this.topology === 'cluster' ? this.dice.between(-20, 20) : 0),
      onError: (line) => this.#noteError(line),
    })
    this.#nodes = [...this.#nodes.filter((other) => !other.isGone), node]
    this.time.note(`node ${node.no} starts`)
    if (this.topology === 'cluster') {
      const since = this.time.now + this.dice.between(0, LOOK_EVERY_MS - 1)
      this.#rhythms.set(node, { since, looked: this.time.now, renewed: this.time.now })
    } else {
      // A start that finds the store down ends the process, and whoever watches it starts the next.
      void node.features.start().catch(() => this.crash(node, 'the store is down'))
    }
  }

  /** Kills a node, now or at the next place of its way; another takes its place a while later. */
  crash(node: GatewayNode, how: string): void {
    if (node.isGone) return
    node.kill(how)
    this.#rhythms.delete(node)
    this.time.after(this.dice.between(SECOND_MS, 5 * MINUTE_MS), () => {
      if (this.#nodes.filter((other) => !other.isGone).length < this.nodesAtOnce) this.startNode()
    })
  }

  /** Something befalls a node on its way, in the middle of what it does. */
  befallSoon(node: GatewayNode, act: () => void): void {
    node.befallsAt(this.dice.pick(PLACES), this.dice.between(1, 12), act)
  }

  /** Whoever died on their way is followed by another. */
  replaceDead(): void {
    const missing = this.nodesAtOnce - this.#nodes.filter((node) => !node.isGone).length
    for (let index = 0; index < missing; index += 1) this.startNode()
  }

  /** The wall clock of every machine steps; product time does not follow. */
  stepWall(ms: number): void {
    this.wallSkewMs += ms
    this.time.note(`wall steps by ${ms}`)
    for (const node of this.#nodes) node.clock.wallSkewMs += ms
  }

  #makeStoreWeather(): World['storeWeather'] {
    const { dice, time } = this
    const weather = {
      slowUntil: 0,
      downUntil: 0,
      delayMs: () => (weather.slowUntil > time.now ? dice.between(0, 4_000) : 0),
      isDown: () => weather.downUntil > time.now,
    }
    return weather
  }

  /** An outage that we made is no error; anything else is. */
  #noteError(line: string): void {
    if (line.includes('simulated outage')) return
    this.time.note('error')
    this.errors.push(line)
  }

  /**
   * A node of a cluster looks once a second; looks that would find nothing are left out, which changes nothing but the
   * time that a simulation takes.
   */
  async #nextLook(): Promise<number | null> {
    const due = await this.#nextClaimable()
    let next: number | null = null
    for (const [node, rhythm] of this.#rhythms) {
      if (!node.isAwake) continue
      const look =
        due === null ? null : nextBeat(rhythm, LOOK_EVERY_MS, Math.max(due, this.time.now, rhythm.looked + 1))
      const holds = node.features.worker.inFlight > 0
      const renewal = holds ? nextBeat(rhythm, RENEW_EVERY_MS, Math.max(this.time.now, rhythm.renewed + 1)) : null
      for (const at of [renewal, look]) if (at !== null && (next === null || at < next)) next = at
    }
    return next
  }

  #look(now: number): void {
    for (const [node, rhythm] of this.#rhythms) {
      if (!node.isAwake) continue
      const { worker } = node.features
      if (worker.inFlight > 0 && rhythm.renewed < now && nextBeat(rhythm, RENEW_EVERY_MS, now) === now) {
        rhythm.renewed = now
        void worker.renewLeases()
      }
      if (rhythm.looked === now || nextBeat(rhythm, LOOK_EVERY_MS, now) !== now) continue
      rhythm.looked = now
      void worker.tick().catch((error: unknown) => this.#noteError(String(error)))
    }
  }

  /** When the first lane is due that nobody holds any more. */
  async #nextClaimable(): Promise<number | null> {
    const changes = this.store.changes()
    if (this.#lanes.asOf !== changes) this.#lanes = { asOf: changes, rows: await findLanes(this.store.read, {}) }
    const lanes = this.#lanes.rows
    const instants = lanes.map(({ due_at: dueAt, owner, lease_until_wall: lease }) =>
      Math.max(dueAt ?? 0, owner === null ? 0 : (lease ?? 0) - this.wallSkewMs),
    )
    return instants.length === 0 ? null : Math.min(...instants)
  }
}

const findLaneOf = statement((db, p: Placeholders<{ platformId: string }>) =>
  db
    .selectFrom('accounts')
    .innerJoin('lanes', 'lanes.account_id', 'accounts.id')
    .select('lanes.owner')
    .where('accounts.platform_id', '=', p.platformId),
)

const findLanes = statement((db, _p: Placeholders<Record<string, never>>) =>
  db.selectFrom('lanes').select(['due_at', 'owner', 'lease_until_wall']).where('due_at', 'is not', null),
)

/** What a node does every so often, by its own phase. */
interface Rhythm {
  since: number
  looked: number
  renewed: number
}

function nextBeat({ since }: Rhythm, everyMs: number, earliest: number): number {
  return since + everyMs * Math.ceil((earliest - since) / everyMs)
}
