import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../core/errors.ts'
import { type Dialect, timestampFormatter, v2Dialect } from './dialect.ts'
import type { RecordRequest } from './metrics.ts'
import { type Api, refusalHeaders, type ShellDeps, send, toRefusal } from './shell.ts'

interface KnownPath {
  pattern: RegExp
  methods: string[]
}

/** Answers what no route took: 405 where the path exists for another method, else 404, in the words of its API. */
export class NotFound {
  readonly #deps: ShellDeps
  readonly #apis: readonly Api[]
  readonly #paths: readonly { path: string; method: string }[]
  readonly #record: RecordRequest
  readonly #timestamp = timestampFormatter()
  #known: readonly KnownPath[] | null = null

  constructor(deps: ShellDeps, apis: readonly Api[], paths: readonly { path: string; method: string }[]) {
    this.#deps = deps
    this.#apis = apis
    this.#paths = paths
    this.#record = deps.metrics.requestRecorder('unmatched', '_OTHER')
  }

  readonly handle = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.url.split('?', 1)[0] as string
    this.#known ??= compile(this.#paths)
    const methods = this.#known.filter(({ pattern }) => pattern.test(path)).flatMap((known) => known.methods)
    if (methods.length === 0) {
      this.#refuse(request, reply, new GatewayError('NOT_FOUND'), {})
      return
    }
    const allow = [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
    this.#refuse(request, reply, new GatewayError('METHOD_NOT_ALLOWED'), { Allow: allow.sort().join(', ') })
  }

  /** Answers what Fastify refused outside every route, e.g. an address that cannot be decoded. */
  readonly fail = (request: FastifyRequest, reply: FastifyReply, error: unknown): void => {
    this.#refuse(request, reply, toRefusal(this.#deps, error, { requestId: request.id, operation: 'unmatched' }), {})
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, error: GatewayError, headers: Record<string, string>): void {
    this.#deps.noteRefusal?.(error.code, 'unmatched')
    const timestamp = this.#timestamp(this.#deps.clock.now())
    const rendered = this.#dialectOf(request.url).failure(error, { requestId: request.id, timestamp })
    send(this.#deps, request, reply, { ...rendered, headers: { ...refusalHeaders(error), ...headers } })
    this.#record(rendered.status, 0)
  }

  #dialectOf(url: string): Dialect {
    return this.#apis.find(({ base }) => url.startsWith(base))?.dialect ?? v2Dialect
  }
}

/** Compiled at the first miss: a start should not pay for requests that nobody should make. */
function compile(paths: readonly { path: string; method: string }[]): KnownPath[] {
  const byPath = Map.groupBy(paths, ({ path }) => path)
  return [...byPath].map(([path, entries]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`),
    methods: entries.map(({ method }) => method),
  }))
}
