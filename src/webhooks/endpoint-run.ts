import type { Clock } from '../core/clock.ts'
import { crashPoint } from '../core/crash-point.ts'
import type { Store } from '../store/store.ts'
import { type Claim, giveUpEndpoint, LEASE_MS } from './claim-store.ts'
import type { Endpoint } from './endpoint.ts'
import { type EndpointSecrets, openSecrets, type SecretSeals } from './secrets.ts'
import { ATTEMPT_DEADLINE_MS, type SendDeps, sendEvent } from './send-event.ts'
import type { Slots } from './slots.ts'
import { type Finished, type Taken, type Turn, type TurnDeps, takeTurn } from './turn.ts'

export type RunDeps = TurnDeps &
  SendDeps & {
    store: Store
    clock: Clock
    seals: SecretSeals
    slots: Slots
    /** Whether other endpoints wait for this process to have room for them. */
    othersWait(): boolean
    onError(error: unknown, endpointId: string): void
  }

/** Taken and not yet begun, at most. */
const QUEUE_MAX = 64
/** Requests under way to an endpoint that has just answered well, and to one that has not yet, or is slow. */
const AT_ONCE = 16
const AT_ONCE_UNPROVEN = 1
/** A request begins only under a lease that outlasts it, so that two processes never send to one endpoint. */
const LEASE_LEFT_MIN_MS = ATTEMPT_DEADLINE_MS + 2_000
const TURNS_WHILE_OTHERS_WAIT = 32
/** Until the store is asked again after it failed. */
const AFTER_ERROR_MS = 1_000

/**
 * Delivers to one claimed endpoint until it has nothing more to do: turns (`turn.ts`) bring deliveries and take results,
 * while requests are under way. What is in memory is only what the turns can bring again.
 */
export class EndpointRun {
  readonly #deps: RunDeps
  readonly #claim: Claim
  #endpoint: Endpoint | null = null
  #secrets: { sealed: string; opened: EndpointSecrets } | null = null
  #queue: Taken[] = []
  /** Sequences under way. */
  readonly #underWay = new Set<number>()
  #finished: Finished[] = []
  #slow = 0
  /** The attempt that ended last was a success. */
  #isProven = false
  /** Something failed that no turn has written down: nothing begins before it is known what follows from it. */
  #hasFailed = false
  #turns = 0
  #hasNews = false
  #hasHeard = false
  #hasMore = false
  #isStopping = false
  readonly #abort = new AbortController()
  #wake: (() => void) | null = null

  constructor(deps: RunDeps, claim: Claim) {
    this.#deps = deps
    this.#claim = claim
  }

  get claim(): Claim {
    return this.#claim
  }

  /** News that came too late for the last turn: the endpoint should be looked at once more. */
  get hasNews(): boolean {
    return this.#hasNews || this.#hasHeard
  }

  /** Whether its server failed last, or leaves a request unanswered. */
  get isInTrouble(): boolean {
    const failures = this.#endpoint?.health.failures
    return this.#slow > 0 || this.#hasFailed || (failures === undefined ? this.#claim.isFailing : failures > 0)
  }

  /** The endpoint was changed: a turn at once. */
  nudge(): void {
    this.#hasNews = true
    this.#wake?.()
  }

  /** The log has grown: a turn as soon as there is room for more, and one before the end. */
  hear(): void {
    this.#hasHeard = true
    this.#wake?.()
  }

  /** Begins nothing more; what is under way may end. */
  stop(): void {
    this.#isStopping = true
    this.#queue = []
    this.#wake?.()
  }

  /** Gives up what is under way; it counts as never attempted. */
  abort(): void {
    this.#abort.abort()
  }

  /** Resolves when the endpoint was let go of: with the instant at which it is due again, where it is known. */
  async run(): Promise<{ dueAt: number | null }> {
    try {
      for (;;) {
        const turn = await this.#turn()
        if (turn === null) continue
        if (turn.type === 'released') return { dueAt: turn.dueAt }
        if (turn.type === 'lost') return { dueAt: null }
        this.#adopt(turn)
        if (this.#isStopping && this.#isEmpty) {
          await this.#deps.store.write((tx) => giveUpEndpoint(tx, this.#claim))
          return { dueAt: null }
        }
        await this.#untilTurn()
      }
    } finally {
      this.#deps.slots.forget(this)
    }
  }

  get #isEmpty(): boolean {
    return this.#queue.length === 0 && this.#underWay.size === 0 && this.#finished.length === 0
  }

  /** Null when the store could not take it: what ended is still known here, and is brought again. */
  async #turn(): Promise<Turn | null> {
    const { store, clock, onError } = this.#deps
    const finished = [...this.#finished]
    const held = new Set(this.#underWay)
    for (const { delivery } of this.#queue) held.add(delivery.sequence)
    this.#hasNews = false
    this.#hasHeard = false
    this.#turns += 1
    const elapsed = clock.elapsed()
    try {
      const input = { claim: this.#claim, finished, held, room: this.#room }
      const turn = await store.write((tx) => takeTurn(tx, this.#deps, input))
      if (finished.length > 0) crashPoint('webhook-after-record')
      this.#finished.splice(0, finished.length)
      this.#claim.leaseEndsElapsed = elapsed + LEASE_MS
      return turn
    } catch (error) {
      onError(error, this.#claim.endpointId)
      if (this.#isStopping && this.#underWay.size === 0) return { type: 'lost' }
      await new Promise<void>((resolve) => clock.after(AFTER_ERROR_MS, resolve))
      return null
    }
  }

  get #room(): number {
    const yields = this.#turns >= TURNS_WHILE_OTHERS_WAIT && this.#deps.othersWait()
    return this.#isStopping || yields ? 0 : QUEUE_MAX - this.#queue.length
  }

  #adopt(turn: Extract<Turn, { type: 'held' }>): void {
    this.#endpoint = turn.endpoint
    this.#hasFailed = this.#finished.some(({ attempt }) => attempt.error !== null)
    this.#hasMore = turn.hasMore
    // Rows that are due; whoever may begin them takes them again.
    if (!turn.mayBegin) this.#queue = []
    else if (!this.#isStopping) this.#queue.push(...turn.taken)
    if (this.wantsSlot) this.#deps.slots.want(this)
  }

  /** Waits for what makes a turn worth its transaction. */
  async #untilTurn(): Promise<void> {
    while (!this.#isTurnDue) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }

  get #isTurnDue(): boolean {
    if (this.#finished.length > 0 || this.#hasNews || this.#isEmpty) return true
    if ((this.#hasMore || this.#hasHeard) && this.#queue.length < QUEUE_MAX / 2) return true
    return this.#queue.length > 0 && !this.#holdsLongEnough
  }

  get #holdsLongEnough(): boolean {
    return this.#claim.leaseEndsElapsed - this.#deps.clock.elapsed() >= LEASE_LEFT_MIN_MS
  }

  get wantsSlot(): boolean {
    const atOnce = this.#isProven && !this.isInTrouble ? AT_ONCE : AT_ONCE_UNPROVEN
    return this.#queue.length > 0 && !this.#hasFailed && this.#underWay.size < atOnce
  }

  startOne(): boolean {
    if (!this.wantsSlot) return false
    if (!this.#holdsLongEnough) {
      this.#wake?.()
      return false
    }
    const taken = this.#queue.shift()
    if (taken === undefined || this.#endpoint === null) return false
    void this.#attempt(this.#endpoint, taken)
    return true
  }

  async #attempt(endpoint: Endpoint, { delivery, body }: Taken): Promise<void> {
    const { clock, slots, onError } = this.#deps
    this.#underWay.add(delivery.sequence)
    let isSlow = false
    const slot = slots.take(this, () => {
      isSlow = true
      this.#slow += 1
    })
    try {
      const sent = await sendEvent(this.#deps, {
        endpointId: endpoint.id,
        url: endpoint.url,
        secrets: this.#openSecrets(endpoint),
        id: delivery.eventId,
        body,
        mayWrite: () => this.#claim.leaseEndsElapsed > clock.elapsed(),
        signal: this.#abort.signal,
      })
      // Given up before it was sent, or by our own end: no attempt, and still due.
      if (sent.answer.fault === 'held_back') return
      this.#finished.push({ delivery, ...sent })
      this.#isProven = sent.attempt.error === null
      this.#hasFailed ||= !this.#isProven
    } catch (error) {
      onError(error, endpoint.id)
      this.#finished.push({ delivery, ...unsendable(clock.now()) })
    } finally {
      this.#underWay.delete(delivery.sequence)
      if (isSlow) this.#slow -= 1
      this.#wake?.()
      if (this.wantsSlot) slots.want(this)
      slot.free()
    }
  }

  #openSecrets({ id, sealed }: Endpoint): EndpointSecrets {
    if (this.#secrets?.sealed !== sealed) {
      this.#secrets = { sealed, opened: openSecrets(this.#deps.seals, id, sealed) }
    }
    return this.#secrets.opened
  }
}

/** Secrets that no key opens, or a bug of ours: retried like everything else, while somebody reads the log. */
function unsendable(at: number): Pick<Finished, 'answer' | 'attempt'> {
  return {
    answer: { status: null, fault: 'connect', retryAfter: null, directive: null, excerpt: '' },
    attempt: { at, durationMs: 0, status: null, error: 'internal', response: '' },
  }
}
