import type { Config } from '../../src/config/index.ts'
import { createCookieStore, createWebConnector, importedCookies, parseCookieStore } from '../../src/connectors/index.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { buildFeatures, type Features } from '../../src/gateway.ts'
import { keyRefusal, lookUpKey } from '../../src/http/idempotency.ts'
import { createLogger, Revocations } from '../../src/http/index.ts'
import { Replay, RequestReceipt } from '../../src/http/receipt.ts'
import type { Answer, Call, Principal, Route } from '../../src/http/route.ts'
import type { Vault } from '../../src/sessions/index.ts'
import { storeUnavailable } from '../../src/store/faults.ts'
import type { Store } from '../../src/store/store.ts'
import { BASE_URL, type Caller, type Network } from './network.ts'
import type { NodeClock, SimulatedTime } from './simulated-time.ts'

/** Places on a node's way where something can befall it, besides between any two instants. */
export const PLACES = ['before_write', 'after_write', 'before_call', 'after_call'] as const
export type Place = (typeof PLACES)[number]

/** The store as one node has it: how slow it is, and whether it takes writes at all. */
export interface StoreWeather {
  delayMs(): number
  isDown(): boolean
}

export interface NodeParts {
  no: number
  seed: number
  time: SimulatedTime
  store: Store
  storeWeather: StoreWeather
  network: Network
  vault: Vault
  config: Config
  wallSkewMs: number
  /** Errors that nobody should ever see. */
  onError(line: string): void
}

export interface RequestInput {
  userId: string
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: Record<string, unknown>
  /** Idempotency key. */
  key?: string
}

export interface Response {
  status: number
  code: string | null
  data: Record<string, unknown>
}

const NEVER = new Promise<never>(() => {})

/**
 * One gateway process of the simulation: the product's own composition over the shared store, a clock of its own, and
 * the simulated network. It can be frozen and it can die at any moment; a dead node's promises never settle, and nothing
 * of it reaches the store or the network again.
 */
export class GatewayNode implements Caller {
  readonly no: number
  readonly clock: NodeClock
  readonly features: Features
  readonly #parts: NodeParts
  readonly #store: Store
  readonly #random: Random
  readonly #routes: Map<string, Route>
  readonly #waiting = new Set<() => void>()
  readonly #asleep: (() => void)[] = []
  readonly #listening: (() => void)[] = []
  #fate: { place: Place; passesLeft: number; act: () => void } | null = null
  #isGone = false

  constructor(parts: NodeParts) {
    this.#parts = parts
    this.no = parts.no
    this.clock = parts.time.addClock(parts.wallSkewMs)
    this.#random = seededRandom(parts.seed * 1_000 + parts.no)
    this.#store = this.#openStore()
    this.features = this.#build()
    this.#routes = new Map(this.features.routes.map((route) => [route.operation, route]))
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get isAwake(): boolean {
    return !this.#isGone && !this.clock.isFrozen
  }

  #build(): Features {
    const { network, vault, config, onError } = this.#parts
    const clock = this.clock
    const store = this.#store
    const destination = { write: (line: string) => onError(line) }
    const logger = createLogger({ level: 'error', clock, destination })
    const transport = (request: Parameters<Network['send']>[1]) => (this.#isGone ? NEVER : network.send(this, request))
    const outside = {
      webhooks: {
        check: () => Promise.reject(new Error('simulations deliver no webhooks')),
        post: () => Promise.reject(new Error('simulations deliver no webhooks')),
      },
      fetchMedia: () => Promise.reject(new Error('simulations send no media')),
      connectors: new Map([['web', createWebConnector({ transport, clock, baseUrl: BASE_URL })]]),
      jars: {
        create: createCookieStore,
        parse: parseCookieStore,
        imported: (cookies: Readonly<Record<string, string>>) => importedCookies({ cookies, baseUrl: BASE_URL }),
      },
    }
    return buildFeatures({ config, store, clock, random: this.#random, logger }, outside, {
      vault,
      keySource: { configured: null, dataDir: '' },
      revocations: new Revocations({ store, clock, failed: () => {} }),
      address: { url: 'http://gateway.test' },
      drainSignal: new AbortController().signal,
    })
  }

  #openStore(): Store {
    const { store, storeWeather, time } = this.#parts
    return {
      engine: store.engine,
      read: store.read,
      signals: {
        notify: (tx, channel, payload) => store.signals.notify(tx, channel, payload),
        listen: (channel, listener) => {
          const stop = store.signals.listen(channel, listener)
          this.#listening.push(stop)
          return stop
        },
      },
      readServerWall: () => store.readServerWall(),
      close: () => Promise.resolve(),
      write: async (work) => {
        this.passes('before_write')
        await this.#awake()
        const delayMs = storeWeather.delayMs()
        if (delayMs > 0) await new Promise<void>((resolve) => this.clock.after(delayMs, resolve))
        if (this.#isGone) return NEVER
        if (storeWeather.isDown()) throw storeUnavailable('simulated outage', undefined)
        const result = await time
          .hold(
            store.write((tx) => {
              // Between two groups of writes nobody notices a death but here.
              if (this.#isGone) throw new Error('the node is gone')
              return work(tx)
            }),
          )
          .catch((error: unknown) => (this.#isGone ? NEVER : Promise.reject(error)))
        this.passes('after_write')
        await this.#awake()
        return this.#isGone ? NEVER : result
      },
    }
  }

  passes(place: Place): void {
    const fate = this.#fate
    if (fate === null || fate.place !== place) return
    fate.passesLeft -= 1
    if (fate.passesLeft > 0) return
    this.#fate = null
    fate.act()
  }

  /** Something befalls the node when it passes a place for the n-th time from now on. */
  befallsAt(place: Place, passesLeft: number, act: () => void): void {
    this.#fate = { place, passesLeft, act }
  }

  kill(how: string): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#parts.time.note(`node ${this.no} dies: ${how}`)
    this.#parts.time.removeClock(this.clock)
    for (const stop of this.#listening) stop()
    for (const tell of [...this.#waiting]) tell()
  }

  /** SIGSTOP: time goes on without the node. */
  freeze(): void {
    this.clock.isFrozen = true
  }

  /** SIGCONT: everything that fell due meanwhile is due at once, what arrived meanwhile is read. */
  thaw(): void {
    if (this.#isGone || !this.clock.isFrozen) return
    this.clock.isFrozen = false
    this.clock.moveTo(this.#parts.time.now)
    for (const callback of this.#asleep.splice(0)) callback()
  }

  /** At once, or after the freeze that has just begun. */
  async #awake(): Promise<void> {
    if (this.clock.isFrozen) await new Promise<void>((resolve) => this.whenAwake(resolve))
  }

  whenAwake(callback: () => void): void {
    if (this.#isGone) return
    if (this.clock.isFrozen) this.#asleep.push(callback)
    else callback()
  }

  /** One API request; null when no answer ever came. */
  request(operation: string, input: RequestInput, patienceMs = 60_000): Promise<Response | null> {
    if (!this.isAwake) return Promise.resolve(null)
    return new Promise((resolve) => {
      const finish = (response: Response | null) => {
        this.#waiting.delete(lost)
        patience.cancel()
        resolve(response)
      }
      const lost = () => finish(null)
      const patience = this.#parts.time.after(patienceMs, lost)
      this.#waiting.add(lost)
      void this.#answer(operation, input).then(
        (response) => this.whenAwake(() => finish(response)),
        (error: unknown) => {
          if (this.#isGone) return
          this.#parts.onError(`${operation}: ${error instanceof Error ? error.stack : String(error)}`)
          lost()
        },
      )
    })
  }

  async #answer(operation: string, input: RequestInput): Promise<Response> {
    const route = this.#routes.get(operation)
    if (route === undefined) throw new Error(`no operation ${operation}`)
    const principal: Principal = { userId: input.userId, isAdmin: false, scopes: null, sessions: null }
    const deps = { store: this.#store, clock: this.clock, random: this.#random, limits: null, seals: this.#parts.vault }
    const { userId, key } = input
    const keyed = key === undefined ? null : { userId, key, fingerprint: operation }
    const receipt = new RequestReceipt(deps, {
      userId,
      keyed,
      limits: [],
      canRecover: route.recover !== undefined,
      render: (answer: Answer) => ({ status: answer.status, headers: {}, body: JSON.stringify(answer.data ?? {}) }),
    })
    const call = {
      principal,
      params: input.params ?? {},
      query: input.query ?? {},
      body: input.body ?? {},
      receipt,
      requestId: 'req_simulation',
      // Nobody waits for the end: what comes of it is in the store.
      preferredWaitMs: 0,
    }
    try {
      // As the shell does it: a repeat is answered before anything else is looked at.
      const state = keyed === null ? null : await lookUpKey(this.#store.read, deps, keyed)
      if (state?.type === 'answered') throw new Replay(state.answer)
      if (state?.type === 'in_progress') throw keyRefusal('in_progress')
      if (state?.type === 'abandoned' && state.actionId !== null && route.recover !== undefined) {
        return toResponse(await route.recover(call as unknown as Call<never, never, never>, state.actionId))
      }
      // Bodies are made by the simulation to the route's schema.
      const answer = await route.handler(call as unknown as Call<never, never, never>)
      return toResponse(answer)
    } catch (error) {
      if (error instanceof Replay) {
        const { status, body } = error.answer
        const data = JSON.parse(body) as Record<string, unknown>
        return { status, code: status < 400 ? null : String(data['code']), data }
      }
      if (!(error instanceof GatewayError)) throw error
      const rendered = { status: error.status, headers: {}, body: JSON.stringify({ code: error.code }) }
      if (receipt.hasBegun) await receipt.settle(rendered).catch(() => undefined)
      return { status: error.status, code: error.code, data: {} }
    }
  }
}

function toResponse(answer: Answer): Response {
  return { status: answer.status, code: null, data: (answer.data ?? {}) as Record<string, unknown> }
}
