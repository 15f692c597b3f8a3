import type { FaultKind, FaultRule } from '../../sandbox/faults.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { TransportError, type TransportRequest, type TransportResponse } from '../../src/core/transport.ts'
import type { Flight } from '../support/check-invariants.ts'
import type { Dice } from './dice.ts'
import type { NodeClock, SimulatedTime } from './simulated-time.ts'

export const BASE_URL = 'http://instagram.test'

/** How likely each trouble is for one call. */
export interface Weather {
  /** Nothing leaves the node. */
  unsent: number
  /** The connection dies before Instagram did anything, or after. */
  lostBefore: number
  lostAfter: number
  /** No answer within the deadline; Instagram acts some time meanwhile, or never. */
  hang: number
  /** The answer takes seconds. */
  slow: number
  /** Instagram answers something else than it should. */
  trouble: number
  /** Instagram pushes back. */
  pushBack: number
}

export const CALM: Weather = {
  unsent: 0,
  lostBefore: 0,
  lostAfter: 0,
  hang: 0,
  slow: 0,
  trouble: 0,
  pushBack: 0,
}

type Fate = keyof Weather | 'answered'

/** What the network needs to know of the node that calls. */
export interface Caller {
  clock: NodeClock
  readonly no: number
  readonly isGone: boolean
  /** Runs now, or once the node is awake again; never when it is gone. */
  whenAwake(callback: () => void): void
  /** Before the bytes of a request leave, and once Instagram has acted: places to die at. */
  passes(place: 'before_call' | 'after_call'): void
}

const TROUBLES: readonly FaultKind[] = ['status', 'html', 'empty', 'status']
const PUSH_BACKS: readonly FaultKind[] = [
  'throttle',
  'throttle',
  'feedback_required',
  'challenge_required',
  'checkpoint_required',
  'login_required',
  'login_required',
]

/** Between the nodes and the simulated Instagram: delays, losses, and a record of what was under way when. */
export class Network {
  readonly #time: SimulatedTime
  readonly #sandbox: Sandbox
  readonly #dice: Dice
  weather: Weather = CALM
  /** No connection to anywhere before this instant. */
  downUntil = 0
  readonly flights: Flight[] = []

  readonly #findHolder: (platformId: string) => Promise<string | null>

  constructor(parts: {
    time: SimulatedTime
    sandbox: Sandbox
    dice: Dice
    /** Who holds the lane of an account. */
    findHolder(platformId: string): Promise<string | null>
  }) {
    this.#time = parts.time
    this.#sandbox = parts.sandbox
    this.#dice = parts.dice
    this.#findHolder = parts.findHolder
  }

  /** One exchange, as the product's own transport would end it. */
  send(caller: Caller, request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const { clock } = caller
      const fate = this.#fateOf()
      let isWritten = false
      let flight: Flight | null = null
      const finish = (act: () => void) => {
        deadline.cancel()
        if (flight !== null) flight.until = Math.min(flight.until, this.#time.now)
        act()
      }
      const fail = (certainty: 'unsent' | 'unknown', kind: TransportError['kind']) =>
        finish(() => reject(new TransportError(certainty, kind, `simulated: ${kind}`)))
      const deadline = clock.after(request.deadlineMs, () =>
        isWritten ? fail('unknown', 'timeout') : fail('unsent', 'connect'),
      )
      const connectMs = this.#dice.between(0, fate === 'slow' ? 2_000 : 20)
      clock.after(connectMs, () => {
        if (fate === 'unsent' || this.downUntil > this.#time.now) return fail('unsent', 'connect')
        if (request.mayWrite?.() === false) return fail('unsent', 'lease')
        caller.passes('before_call')
        if (caller.isGone) return
        isWritten = true
        flight = this.#takeOff(caller, request, request.deadlineMs - connectMs)
        this.#carry(caller, request, { fate, flight }, (response) => {
          if (response === null) fail('unknown', 'reset')
          else finish(() => resolve(response))
        })
      })
    })
  }

  #fateOf(): Fate {
    for (const fate of Object.keys(this.weather) as (keyof Weather)[]) {
      if (this.#dice.chance(this.weather[fate])) return fate
    }
    return 'answered'
  }

  #takeOff(caller: Caller, request: TransportRequest, leftMs: number): Flight {
    const flight: Flight = {
      platformId: /(?:^|; )ds_user_id=(\d+)/.exec(request.headers['cookie'] ?? '')?.[1] ?? null,
      // Only what lanes do asks for its lease; logging in and the like run beside them.
      isTurn: request.mayWrite !== undefined,
      request: `${request.method} ${new URL(request.url).pathname}`,
      token: tokenIn(request.body),
      from: this.#time.now,
      until: this.#time.now + leftMs,
      sender: caller.no,
    }
    this.flights.push(flight)
    // Read before anything else can change it: the store answers at once.
    if (flight.isTurn && flight.platformId !== null) {
      void this.#findHolder(flight.platformId).then((holder) => {
        flight.holder = holder
      })
    }
    return flight
  }

  /** From the moment the bytes have left, the request goes on without its node. */
  #carry(
    caller: Caller,
    request: TransportRequest,
    { fate, flight }: { fate: Fate; flight: Flight },
    answered: (response: TransportResponse | null) => void,
  ): void {
    const dice = this.#dice
    const deliver = (response: TransportResponse | null, ms: number) =>
      this.#time.after(ms, () => caller.whenAwake(() => answered(response)))
    if (fate === 'lostBefore') {
      deliver(null, dice.between(0, 500))
      return
    }
    const leftMs = flight.until - flight.from
    const waits = fate === 'hang' ? dice.between(0, leftMs - 1) : dice.between(1, fate === 'slow' ? 6_000 : 60)
    if (fate === 'hang' && dice.chance(0.4)) return
    this.#time.after(waits, () => {
      void this.#act(request, fate).then((response) => {
        caller.passes('after_call')
        // Nobody is left to be told; but it has happened, and can happen no more.
        if (caller.isGone) flight.until = Math.min(flight.until, this.#time.now)
        if (fate === 'hang') return
        deliver(fate === 'lostAfter' ? null : response, dice.between(1, fate === 'slow' ? 6_000 : 60))
      })
    })
  }

  async #act(request: TransportRequest, fate: Fate): Promise<TransportResponse | null> {
    const id = this.#troubleFor(fate)
    const url = request.url.slice(BASE_URL.length)
    const said = await this.#sandbox.handle({
      method: request.method,
      url,
      headers: { ...request.headers, host: 'instagram.test' },
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    if (id !== null) this.#sandbox.faults.remove(id)
    const path = url.split('?', 1)[0]
    this.#time.note(`call ${path} ${fate} ${said.kind === 'answered' ? said.status : said.kind}`)
    if (said.kind !== 'answered') return null
    return { status: said.status, headers: said.headers, body: Buffer.from(said.body) }
  }

  #troubleFor(fate: Fate): string | null {
    const dice = this.#dice
    if (fate !== 'trouble' && fate !== 'pushBack') return null
    const fault = dice.pick(fate === 'trouble' ? TROUBLES : PUSH_BACKS)
    // A server in trouble may have done it all the same; one that pushes back has not.
    const effect = fate === 'trouble' && dice.chance(0.5)
    return this.#sandbox.faults.add({ ...NO_FAULT, fault, effect, code: dice.pick([500, 502, 503]) }).id
  }
}

const NO_FAULT: Omit<FaultRule, 'fault'> = {
  skip: 0,
  times: 1,
  effect: false,
  ms: null,
  code: 500,
  body: null,
  headers: {},
  retryAfter: null,
  until: null,
  url: null,
}

function tokenIn(body: TransportRequest['body']): string | null {
  return typeof body === 'string' ? (/(?:^|&)client_context=([^&]+)/.exec(body)?.[1] ?? null) : null
}
