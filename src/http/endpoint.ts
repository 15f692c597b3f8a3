import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../core/errors.ts'
import { timestampFormatter } from './dialect.ts'
import { errorCodesOf } from './error-codes.ts'
import {
  fingerprint,
  type KeyedRequest,
  keyRefusal,
  lookUpKey,
  parseIdempotencyKey,
  type StoredAnswer,
} from './idempotency.ts'
import type { RecordRequest } from './metrics.ts'
import { parsePrefer } from './prefer.ts'
import { EMPTY_RECEIPT, Replay, RequestReceipt } from './receipt.ts'
import { type LimitState, limitHeaders, readRequestLimits } from './request-limits.ts'
import type { Answer, Call, Principal, Receipt, Route } from './route.ts'
import { closed, NOTHING } from './schema.ts'
import { type Api, refusalHeaders, type ShellDeps, send, toRefusal } from './shell.ts'
import { type FeedStream, SSE_HEADERS, type StreamSlots, serveStream } from './sse.ts'
import { redeemTicket } from './tickets.ts'
import type { Validate } from './validation.ts'

interface Validators {
  params: Validate | null
  query: Validate
  body: Validate | null
  answers: ReadonlyMap<number, Validate | null> | null
}

type AnyCall = Call<never, never, never>

const REPLAYED = { 'Idempotent-Replayed': 'true' }

/**
 * One route's path through the shell: token, body, validation, idempotency key, handler (which takes the request limits
 * in its own transaction), answer. Everything that does not change between requests is prepared here once.
 */
export class Endpoint {
  readonly #deps: ShellDeps
  readonly #api: Api
  readonly #route: Route
  readonly #record: RecordRequest
  readonly #streams: StreamSlots
  readonly #timestamp = timestampFormatter()
  readonly #hasLimits: boolean
  #validators: Validators | null = null

  constructor(deps: ShellDeps, api: Api, route: Route, streams: StreamSlots) {
    this.#streams = streams
    this.#deps = deps
    this.#api = api
    this.#route = route
    this.#record = deps.metrics.requestRecorder(api.base + route.path, route.method)
    this.#hasLimits = deps.limits !== null && (route.limits ?? []).length > 0
  }

  /** `onRequest`: before a byte of the body is read. */
  readonly authenticate = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { readiness, verifier, clock } = this.#deps
    request.startedAt = clock.elapsed()
    if (!readiness.isReady) {
      this.fail(request, reply, new GatewayError('UNAVAILABLE', { retryAfterSeconds: 1 }))
      return
    }
    const header = request.headers.authorization
    const ticket = header === undefined ? this.#ticketOf(request) : null
    if (ticket !== null) {
      void this.#redeem(request, reply, ticket, done)
      return
    }
    const principal = verifier.known(header)
    if (principal !== null) this.#admit(request, reply, principal, done)
    else void this.#verify(request, reply, header, done)
  }

  readonly handle = (request: FastifyRequest, reply: FastifyReply): void => {
    void this.#run(request, reply)
  }

  /** Answers a request that failed before its handler was reached. */
  readonly fail = (request: FastifyRequest, reply: FastifyReply, error: unknown): void => {
    void this.#refuse(request, reply, error, null)
  }

  async #verify(request: FastifyRequest, reply: FastifyReply, header: string | undefined, done: () => void) {
    try {
      const verified = await this.#deps.verifier.verify(header)
      if (typeof verified !== 'string') return this.#admit(request, reply, verified, done)
      this.#deps.logger.debug({ request_id: request.id, reason: verified }, 'token refused')
      this.fail(request, reply, new GatewayError('UNAUTHORIZED'))
    } catch (error) {
      this.fail(request, reply, error)
    }
  }

  #ticketOf(request: FastifyRequest): string | null {
    if (this.#route.streams !== true) return null
    const { ticket } = request.query as { ticket?: unknown }
    return typeof ticket === 'string' ? ticket : null
  }

  async #redeem(request: FastifyRequest, reply: FastifyReply, ticket: string, done: () => void): Promise<void> {
    try {
      const principal = await redeemTicket(this.#deps, ticket)
      if (principal !== null) return this.#admit(request, reply, principal, done)
      this.fail(
        request,
        reply,
        new GatewayError('UNAUTHORIZED', { message: 'This ticket was used before, or is over.' }),
      )
    } catch (error) {
      this.fail(request, reply, error)
    }
  }

  #admit(request: FastifyRequest, reply: FastifyReply, principal: Principal, done: () => void): void {
    request.principal = principal
    const { scope } = this.#route
    const mayDo = scope === 'admin' ? principal.isAdmin : (principal.scopes?.has(scope) ?? true)
    if (mayDo) done()
    else this.fail(request, reply, new GatewayError('FORBIDDEN'))
  }

  async #run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let receipt: RequestReceipt | null = null
    const { inFlight } = this.#deps.metrics
    inFlight.count += 1
    try {
      // Awaited once in the life of the route: each await costs a turn of the microtask queue.
      if (this.#validators === null) this.#validators = await this.#loadValidators()
      const call = this.#readCall(request, this.#validators)
      if (this.#route.method === 'POST' || this.#hasLimits) {
        const keyed = this.#readKey(request, call)
        if (keyed !== null || this.#hasLimits) receipt = this.#openReceipt(call.principal, keyed)
        if (receipt !== null && keyed !== null) {
          call.receipt = receipt
          if (await this.#answerFromKey(request, reply, receipt, keyed, call)) return
        }
        if (receipt !== null) call.receipt = receipt
      }
      const answer = await this.#route.handler(call)
      if (answer.stream !== undefined) {
        await this.#serve(request, reply, answer.stream)
        return
      }
      this.#check(answer)
      if (receipt === null) this.#write(request, reply, this.#render(answer), undefined)
      else await this.#finish(request, reply, receipt, answer)
    } catch (error) {
      await this.#refuse(request, reply, error, receipt)
    } finally {
      inFlight.count -= 1
    }
  }

  #readCall(request: FastifyRequest, validators: Validators): AnyCall & { receipt: Receipt } {
    const call = {
      principal: request.principal as Principal,
      params: validators.params === null ? {} : validators.params(request.params),
      query: validators.query(request.query),
      body: validators.body === null ? {} : validators.body(this.#bodyOf(request)),
      receipt: EMPTY_RECEIPT,
      requestId: request.id,
      preferredWaitMs: parsePrefer(request.headers['prefer']),
      lastEventId: this.#route.streams === true ? lastEventIdOf(request) : null,
    }
    // The validators above are made from the very schemas that the handler's types come from.
    return call as unknown as AnyCall & { receipt: Receipt }
  }

  #bodyOf(request: FastifyRequest): unknown {
    if (request.body !== undefined) return request.body
    if (this.#route.body === undefined || this.#route.bodyOptional === true) return {}
    throw new GatewayError('VALIDATION_ERROR', {
      message: 'A JSON body is required.',
      details: { fields: [{ path: 'the body', message: 'is required' }] },
    })
  }

  #readKey(request: FastifyRequest, call: AnyCall): KeyedRequest | null {
    if (this.#route.method !== 'POST') return null
    const key = parseIdempotencyKey(request.headers['idempotency-key'])
    if (key === null) return null
    const path = request.url.split('?', 1)[0] as string
    const said = { method: this.#route.method, path, body: call.body }
    return { userId: call.principal.userId, key, fingerprint: fingerprint(this.#deps.fingerprintKey, said) }
  }

  #openReceipt(principal: Principal, keyed: KeyedRequest | null): RequestReceipt {
    return new RequestReceipt(this.#deps, {
      userId: principal.userId,
      keyed,
      limits: this.#route.limits ?? [],
      canRecover: this.#route.recover !== undefined,
      render: (answer) => this.#render(answer),
    })
  }

  /** Whether the key already decided the answer, which then has been sent. */
  async #answerFromKey(
    request: FastifyRequest,
    reply: FastifyReply,
    receipt: RequestReceipt,
    keyed: KeyedRequest,
    call: AnyCall,
  ): Promise<boolean> {
    const state = await lookUpKey(this.#deps.store.read, this.#deps, keyed)
    if (state.type === 'in_progress' || state.type === 'other_request') throw keyRefusal(state.type)
    if (state.type === 'answered') throw new Replay(state.answer)
    const { recover } = this.#route
    if (state.type === 'free' || state.actionId === null || recover === undefined) return false
    const rendered = await this.#renderRecovered(request, recover(call, state.actionId))
    await receipt.settleRecovered(rendered, state.claim)
    // Another repeat may have stored its own rendering first; then that one is the answer.
    const now = await lookUpKey(this.#deps.store.read, this.#deps, keyed)
    if (now.type === 'answered') throw new Replay(now.answer)
    await this.#send(request, reply, rendered, receipt, REPLAYED)
    return true
  }

  /** How an action ended may be a refusal, which is as much an answer as a success; trouble of our own is not. */
  async #renderRecovered(request: FastifyRequest, recovering: Promise<Answer>): Promise<StoredAnswer> {
    try {
      return this.#render(await recovering)
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code === 'UNAVAILABLE') throw error
      return this.#renderRefusal(request, error)
    }
  }

  async #finish(request: FastifyRequest, reply: FastifyReply, receipt: RequestReceipt, answer: Answer): Promise<void> {
    const recorded = receipt.recordedFor(answer)
    if (recorded === null) await this.#settleAndSend(request, reply, this.#render(answer), receipt)
    else await this.#send(request, reply, recorded, receipt)
  }

  async #settleAndSend(
    request: FastifyRequest,
    reply: FastifyReply,
    rendered: StoredAnswer,
    receipt: RequestReceipt,
  ): Promise<void> {
    const settled = receipt.settle(rendered).catch((error) => {
      // The answer is true whether or not it could be stored; a repeat then finds the record abandoned.
      this.#deps.logger.warn(
        { request_id: request.id, operation: this.#route.operation, err: error },
        'answer not stored',
      )
    })
    if (!receipt.isWaitedFor) await settled
    await this.#send(request, reply, rendered, receipt)
  }

  async #refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    error: unknown,
    receipt: RequestReceipt | null,
  ): Promise<void> {
    if (error instanceof Replay) return this.#send(request, reply, error.answer, receipt, REPLAYED)
    const context = { requestId: request.id, operation: this.#route.operation }
    const refusal = toRefusal(this.#deps, this.#declared(error), context)
    this.#deps.noteRefusal?.(refusal.code, this.#route.operation)
    const rendered = this.#renderRefusal(request, refusal)
    if (receipt?.hasBegun === true) await this.#settleAndSend(request, reply, rendered, receipt)
    else await this.#send(request, reply, rendered, receipt)
  }

  #renderRefusal(request: FastifyRequest, refusal: GatewayError): StoredAnswer {
    const timestamp = this.#timestamp(this.#deps.clock.now())
    const { status, body } = this.#api.dialect.failure(refusal, { requestId: request.id, timestamp })
    return { status, body, headers: refusalHeaders(refusal) }
  }

  #render(answer: Answer): StoredAnswer {
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: this.#api.dialect.success(answer, this.#timestamp(this.#deps.clock.now())),
    }
  }

  async #send(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: StoredAnswer,
    receipt: RequestReceipt | null,
    extra?: Record<string, string>,
  ): Promise<void> {
    const headers = this.#hasLimits ? { ...extra, ...(await this.#limitHeaders(request, receipt)) } : extra
    this.#write(request, reply, answer, headers)
  }

  #write(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: StoredAnswer,
    headers: Record<string, string> | undefined,
  ): void {
    send(this.#deps, request, reply, answer, headers)
    this.#note(request, answer.status)
  }

  /** The response is ours from here on: Fastify neither writes nor ends it. */
  async #serve(request: FastifyRequest, reply: FastifyReply, feed: FeedStream): Promise<void> {
    const { clock, readiness, logger } = this.#deps
    const { userId, expiresAtWall } = request.principal as Principal
    const free = this.#streams.take(userId)
    if (free === null) {
      const message = 'Too many open streams; close some of them.'
      throw new GatewayError('RATE_LIMITED', { message, retryAfterSeconds: 30 })
    }
    try {
      reply.hijack()
      reply.raw.writeHead(200, { ...SSE_HEADERS, 'x-request-id': request.id })
      await serveStream({ clock, drainSignal: readiness.drainSignal, expiresAtWall }, reply.raw, feed)
    } catch (error) {
      // The client sees its connection end, and comes back with the last event that it got.
      logger.warn({ request_id: request.id, operation: this.#route.operation, err: error }, 'a stream ended early')
    } finally {
      free()
      this.#note(request, 200)
    }
  }

  #note(request: FastifyRequest, status: number): void {
    const durationMs = this.#deps.clock.elapsed() - request.startedAt
    this.#record(status, durationMs)
    const { logger } = this.#deps
    // A line for each success costs more than a tenth of what a small answer does; they are for debugging.
    const level = status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug'
    if (!logger.isLevelEnabled(level)) return
    const line = { request_id: request.id, operation: this.#route.operation, status, duration_ms: round(durationMs) }
    logger[level](line, 'request')
  }

  async #limitHeaders(request: FastifyRequest, receipt: RequestReceipt | null): Promise<Record<string, string>> {
    const { limits, store, clock, logger } = this.#deps
    if (request.principal === null || limits === null) return {}
    const query = { userId: request.principal.userId, names: this.#route.limits ?? [], now: clock.now() }
    try {
      const states: LimitState[] = receipt?.limitStates ?? (await readRequestLimits(store.read, { limits }, query))
      return limitHeaders(states)
    } catch (error) {
      logger.warn({ request_id: request.id, err: error }, 'request limits could not be read')
      return {}
    }
  }

  #check(answer: Answer): void {
    const answers = this.#validators?.answers
    if (answers === null || answers === undefined) return
    const validate = answers.get(answer.status)
    const name = `${this.#route.operation} ${answer.status}`
    if (validate === undefined) throw new Error(`${name} is not declared`)
    if (validate === null && answer.data !== undefined) throw new Error(`${name} has data that is not declared`)
    // What JSON leaves out is not there for the client either.
    validate?.({ data: JSON.parse(JSON.stringify(answer.data)) as unknown })
  }

  /** A refusal that the description does not name is a bug like any other answer that does not fit it. */
  #declared(error: unknown): unknown {
    if (this.#deps.checkAnswers !== true || !(error instanceof GatewayError)) return error
    if (errorCodesOf(this.#route).has(error.code)) return error
    return new Error(`${this.#route.operation} ${error.code} is not declared`, { cause: error })
  }

  async #loadValidators(): Promise<Validators> {
    const make = await import('./validation.ts')
    const { params, query, body, method, answers } = this.#route
    const takesBody = method !== 'GET' && (method !== 'DELETE' || body !== undefined)
    return {
      params: params === undefined ? null : make.createParamsValidator(params),
      query: make.createQueryValidator(closed(query ?? NOTHING)),
      body: takesBody ? make.createBodyValidator(closed(body ?? NOTHING)) : null,
      answers: this.#deps.checkAnswers === true ? make.createAnswerValidators(answers) : null,
    }
  }
}

function lastEventIdOf(request: FastifyRequest): string | null {
  const id = request.headers['last-event-id'] ?? (request.query as { lastEventId?: unknown }).lastEventId
  return typeof id === 'string' && id !== '' ? id : null
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
