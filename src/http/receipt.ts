import type { RequestLimitName, RequestLimits } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import { newId } from '../core/ids.ts'
import type { Random } from '../core/random.ts'
import { afterCommit } from '../store/connection.ts'
import type { Db, Store } from '../store/store.ts'
import {
  ANSWER_GRACE_MS,
  answerIdentity,
  isStored,
  judge,
  type KeyedRequest,
  keyRefusal,
  type Seals,
  type StoredAnswer,
} from './idempotency.ts'
import { type LimitState, takeRequest } from './request-limits.ts'
import type { Answer, Receipt } from './route.ts'
import { findKey, insertKey, nameKey, releaseKey, storeAnswer, takeOverKey } from './store.ts'

export interface ReceiptDeps {
  store: Store
  clock: Clock
  random: Random
  /** Null = request limits are off. */
  limits: RequestLimits | null
  seals: Seals
}

interface ReceiptRequest {
  userId: string
  /** Null = the request came without a key. */
  keyed: KeyedRequest | null
  limits: readonly RequestLimitName[]
  /** Whether the route can make an answer afresh from an action. */
  canRecover: boolean
  /** The envelope of an answer, as it will be sent. */
  render(answer: Answer): StoredAnswer
}

/** Thrown by `claim` when the key already has an answer: the shell sends that one, and the transaction is undone. */
export class Replay extends Error {
  override readonly name = 'Replay'
  readonly answer: StoredAnswer

  constructor(answer: StoredAnswer) {
    super('the stored answer of an earlier request')
    this.answer = answer
  }
}

/** For requests that have neither a key nor a limit. */
export const EMPTY_RECEIPT: Receipt = {
  claim: () => Promise.resolve(),
  name: () => Promise.resolve(),
  answer: () => Promise.resolve(),
}

/** One request's hold on its idempotency key and its request limits. */
export class RequestReceipt implements Receipt {
  readonly #deps: ReceiptDeps
  readonly #request: ReceiptRequest
  readonly #claim: string
  #begun = false
  #isWaitedFor = false
  #recorded: { answer: Answer; rendered: StoredAnswer } | null = null
  /** How the user stands after the claim; null when it never came to one, or was undone. */
  limitStates: LimitState[] | null = null

  constructor(deps: ReceiptDeps, request: ReceiptRequest) {
    this.#deps = deps
    this.#request = request
    this.#claim = request.keyed === null ? '' : newId('req', deps.clock.wall(), deps.random)
  }

  async claim(tx: Db, options: { answerWithinMs?: number; actionId?: string } = {}): Promise<void> {
    const { keyed, limits, userId } = this.#request
    if (keyed !== null) {
      if (options.actionId !== undefined && !this.#request.canRecover) {
        throw new TypeError('A route that names its action to the receipt needs `recover`.')
      }
      if (!(await this.#claimKey(tx, keyed, options))) return
    }
    this.#isWaitedFor = options.answerWithinMs !== undefined
    if (this.#deps.limits !== null && limits.length > 0) {
      const deps = { engine: this.#deps.store.engine, limits: this.#deps.limits }
      const states = await takeRequest(tx, deps, { userId, names: limits, now: this.#deps.clock.now() })
      afterCommit(tx, () => {
        this.limitStates = states
      })
    }
    this.#begun = true
  }

  async name(tx: Db, options: { answerWithinMs: number; actionId: string }): Promise<void> {
    const { keyed } = this.#request
    if (keyed === null) return
    if (!this.#request.canRecover) throw new TypeError('A route that names its action to the receipt needs `recover`.')
    const answerByWall = this.#deps.clock.wall() + options.answerWithinMs + ANSWER_GRACE_MS
    const named = await nameKey(tx, { ...keyed, claim: this.#claim, actionId: options.actionId, answerByWall })
    if (named !== 1) throw keyRefusal('in_progress')
  }

  async answer(tx: Db, answer: Answer, options: { showsSecret?: boolean } = {}): Promise<void> {
    if (this.#request.keyed === null) return
    const rendered = this.#request.render(answer)
    await this.#store(tx, this.#request.keyed, rendered, options.showsSecret === true)
    this.#recorded = { answer, rendered }
  }

  /** What was stored for the answer that the handler returned, or null when it stored none. */
  recordedFor(answer: Answer): StoredAnswer | null {
    return this.#recorded?.answer === answer ? this.#recorded.rendered : null
  }

  /** Whether the answer may be sent before it is stored. */
  get isWaitedFor(): boolean {
    return this.#isWaitedFor
  }

  /**
   * Stores what the shell is about to send, or frees the key when such an answer is not stored. Does nothing for a
   * refusal that came before execution began.
   */
  async settle(rendered: StoredAnswer): Promise<void> {
    const { keyed } = this.#request
    if (keyed === null || !(isStored(rendered.status) || this.#begun)) return
    await this.#settle(keyed, rendered, this.#claim)
  }

  /** The same for the record of an earlier request, whose answer was made afresh from its action. */
  async settleRecovered(rendered: StoredAnswer, claim: string): Promise<void> {
    const { keyed } = this.#request
    if (keyed !== null) await this.#settle(keyed, rendered, claim)
  }

  async #settle(keyed: KeyedRequest, rendered: StoredAnswer, claim: string): Promise<void> {
    await this.#deps.store.write(async (tx) => {
      if (isStored(rendered.status)) await this.#store(tx, keyed, rendered, false, claim)
      else await releaseKey(tx, { ...keyed, claim })
    })
  }

  /** True once a `claim` went through, even if its transaction was rolled back afterwards. */
  get hasBegun(): boolean {
    return this.#begun
  }

  /** False when this very request holds the key already, from an earlier transaction. */
  async #claimKey(
    tx: Db,
    keyed: KeyedRequest,
    options: { answerWithinMs?: number; actionId?: string },
  ): Promise<boolean> {
    const { clock } = this.#deps
    const record = {
      ...keyed,
      answerByWall: clock.wall() + (options.answerWithinMs ?? 0) + ANSWER_GRACE_MS,
      claim: this.#claim,
      actionId: options.actionId ?? null,
      now: clock.now(),
    }
    if ((await insertKey(tx, record)) === 1) return true
    const [row] = await findKey(tx, { userId: keyed.userId, key: keyed.key })
    if (row?.claim === this.#claim) return false
    const state = judge(row, keyed, this.#deps)
    if (state.type === 'answered') throw new Replay(state.answer)
    if (state.type === 'other_request') throw keyRefusal('other_request')
    // An abandoned record that names an action is answered from that action, before a handler is called; whoever meets it
    // here only now lost a race by milliseconds and meets the answer on the next try.
    const mayTakeOver = state.type === 'abandoned' && state.actionId === null
    if (mayTakeOver && (await takeOverKey(tx, { ...record, oldClaim: state.claim })) === 1) return true
    throw keyRefusal('in_progress')
  }

  async #store(
    tx: Db,
    keyed: KeyedRequest,
    rendered: StoredAnswer,
    isSecret: boolean,
    claim = this.#claim,
  ): Promise<void> {
    const { clock, seals } = this.#deps
    await storeAnswer(tx, {
      ...keyed,
      claim,
      status: rendered.status,
      body: isSecret ? seals.seal(rendered.body, answerIdentity(keyed)) : rendered.body,
      headers: JSON.stringify({ headers: rendered.headers, sealed: isSecret }),
      now: clock.now(),
    })
  }
}
