import { GatewayError } from '../core/errors.ts'
import { parseBody } from './body.ts'
import { EMPTY_RECEIPT } from './receipt.ts'
import type { Call, Principal, Route } from './route.ts'
import { closed, NOTHING } from './schema.ts'
import type { Api } from './shell.ts'
import type { Validate } from './validation.ts'

export interface LocalInput {
  params?: Readonly<Record<string, string>>
  body?: Readonly<Record<string, unknown>>
}

export interface LocalAnswer {
  status: number
  /** The envelope, as text, word for word what the server would send. */
  body: string
}

type Validators = { params: Validate; body: Validate }

/**
 * An API called in this process: the same checks, use cases and envelopes as over HTTP. Request limits and idempotency
 * keys belong to requests, and there are none here.
 */
export class LocalApi {
  readonly #api: Api
  readonly #routes: ReadonlyMap<string, Route>
  readonly #validators = new Map<string, Validators>()

  constructor(api: Api) {
    this.#api = api
    this.#routes = new Map(api.routes.map((route) => [route.operation, route]))
  }

  /** Refusals are answers. Rejects with what is no refusal of the catalogue, which is a bug. */
  async call(principal: Principal, operation: string, input: LocalInput): Promise<LocalAnswer> {
    const route = this.#routes.get(operation)
    if (route === undefined) throw new TypeError(`There is no operation ${operation}.`)
    return this.answer(async () => {
      const validators = this.#validators.get(operation) ?? (await this.#loadValidators(route))
      // What cannot come over HTTP (half characters, cycles, functions) does not come in here either.
      const body = parseBody(Buffer.from(JSON.stringify(input.body ?? {})))
      const call = {
        principal,
        params: validators.params(input.params ?? {}),
        query: {},
        body: validators.body(body),
        receipt: EMPTY_RECEIPT,
        requestId: 'local',
        preferredWaitMs: null,
        lastEventId: null,
      }
      // The validators are made from the very schemas that the handler's types come from.
      return route.handler(call as unknown as Call<never, never, never>)
    })
  }

  /** The envelope of what `work` comes to. */
  async answer(work: () => ReturnType<Route['handler']>): Promise<LocalAnswer> {
    try {
      const answer = await work()
      return { status: answer.status, body: this.#api.dialect.success(answer, '') }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return this.#api.dialect.failure(error, { requestId: 'local', timestamp: '' })
    }
  }

  async #loadValidators(route: Route): Promise<Validators> {
    const { createBodyValidator, createParamsValidator } = await import('./validation.ts')
    const validators = {
      params: createParamsValidator(route.params ?? NOTHING),
      body: createBodyValidator(closed(route.body ?? NOTHING)),
    }
    this.#validators.set(route.operation, validators)
    return validators
  }
}
