// biome-ignore lint/style/noRestrictedImports: types of the server's own sockets.
import type { AddressInfo, Socket } from 'node:net'
import Fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type InjectOptions,
  type LightMyRequestResponse,
} from 'fastify'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Secret } from '../core/secret.ts'
import { BODY_BYTES_MAX, parseBody } from './body.ts'
import { v2Dialect } from './dialect.ts'
import { Endpoint } from './endpoint.ts'
import { NotFound } from './not-found.ts'
import type { Page } from './page.ts'
import { pageHeaders, registerRootRoutes } from './root-routes.ts'
import type { Api, ShellDeps } from './shell.ts'
import { StreamSlots } from './sse.ts'

const HEADER_BYTES_MAX = 16 * 1024
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
/** Above what common balancers keep idle connections, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000
const CONNECTIONS_MAX = 10_000
const PARAMETER_LENGTH_MAX = 512
const FORM_BYTES_MAX = 16 * 1024

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

export interface HttpServerDeps extends ShellDeps {
  apis: readonly Api[]
  pages?: readonly Page[]
  metricsToken: Secret | null
  /** Shown by `/readyz`. */
  readyDetails?: () => Record<string, unknown>
}

export interface HttpServer {
  /** Binds and resolves with the address that was really taken. */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number; url: string }>
  /** A request without a socket, for tests. */
  inject(options: InjectOptions): Promise<LightMyRequestResponse>
  /**
   * Drains: readiness fails, new requests get 503, connections close after their answer, no new ones are taken.
   * Resolves once nothing runs any more, or after `graceMs` of machine time, when the rest is cut off.
   */
  close(options: { graceMs: number }): Promise<void>
}

/** The gateway's whole HTTP surface; answers 503 until `readiness` is opened. */
export async function createHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const { clock, random, readiness } = deps
  const nextRequestId = requestIds(random)
  const paths: { path: string; method: string }[] = []
  const notFound = new NotFound(deps, deps.apis, paths)
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : nextRequestId()
    },
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Two Authorization headers become one text with a comma, which no token is; Node would keep the first.
      joinDuplicateHeaders: true,
    },
    frameworkErrors: (error, request, reply) => notFound.fail(request as FastifyRequest, reply as never, error),
    clientErrorHandler: (error, socket) => {
      refuseConnection(error, socket, { requestId: nextRequestId(), now: clock.now() })
    },
  })
  app.server.maxConnections = CONNECTIONS_MAX
  app.decorateRequest('principal', null)
  app.decorateRequest('startedAt', 0)
  app.removeAllContentTypeParsers()
  app.setErrorHandler((error, request, reply) => {
    const fail = request.routeOptions.config.fail ?? notFound.fail
    fail(request, reply, error)
  })
  app.setNotFoundHandler(notFound.handle)
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) paths.push({ path: route.url, method })
  })
  await app.register(async (scope) => registerApis(scope, deps))
  await app.register(async (scope) => registerPages(scope, deps))
  await app.register(async (scope) => registerRootRoutes(scope, deps))
  await app.ready()

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      const bound = app.server.address() as AddressInfo
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
      return { host: bound.address, port: bound.port, url: `http://${name}:${bound.port}` }
    },
    inject: (options) => app.inject(options),
    async close({ graceMs }) {
      readiness.drain()
      const cut = clock.after(graceMs, () => app.server.closeAllConnections())
      try {
        await app.close()
      } finally {
        cut.cancel()
      }
    },
  }
}

/** Sixty random bits name the process, a counter the request: a fifth of the cost of an id that is random throughout. */
function requestIds(random: Random): () => string {
  const instance = Buffer.from(random.bytes(9)).toString('hex').slice(0, 15)
  let count = 0
  return () => {
    count += 1
    return `req_${instance}_${count.toString(36)}`
  }
}

function registerApis(scope: FastifyInstance, deps: HttpServerDeps): void {
  const streams = new StreamSlots()
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      checkEncoding(request.headers['content-encoding'])
      checkCharset(request.headers['content-type'])
      done(null, parseBody(bytes as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  for (const api of deps.apis) {
    for (const route of api.routes) {
      const endpoint = new Endpoint(deps, api, route, streams)
      scope.route({
        method: route.method,
        url: api.base + route.path,
        config: { fail: endpoint.fail },
        onRequest: endpoint.authenticate,
        handler: endpoint.handle,
      })
    }
  }
}

function registerPages(scope: FastifyInstance, deps: HttpServerDeps): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_, text, done) => done(null, Object.fromEntries(new URLSearchParams(text as string))),
  )
  for (const page of deps.pages ?? []) {
    const record = deps.metrics.requestRecorder(page.path, page.method)
    scope.route({
      method: page.method,
      url: page.path,
      handler: async (request, reply) => {
        const startedAt = deps.clock.elapsed()
        const answer = await page.handler({
          params: request.params as Record<string, string>,
          form: (request.body ?? {}) as Record<string, string>,
          requestId: request.id,
        })
        reply.code(answer.status).header('content-type', answer.contentType)
        reply.headers({ 'cache-control': 'no-store', 'x-request-id': request.id, ...pageHeaders(), ...answer.headers })
        record(answer.status, deps.clock.elapsed() - startedAt)
        return reply.send(answer.body)
      },
    })
  }
}

/** Bodies are at most a megabyte: whoever compresses one is told, instead of hearing that their JSON is broken. */
function checkEncoding(contentEncoding: string | undefined): void {
  if (contentEncoding === undefined || /^\s*(identity)?\s*$/i.test(contentEncoding)) return
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', {
    message: `Content-Encoding: ${contentEncoding.slice(0, 64)} is not supported; send the body uncompressed.`,
    headers: { 'Accept-Encoding': 'identity' },
  })
}

function checkCharset(contentType: string | undefined): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  throw Object.assign(new Error('charset'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' })
}

const BAD_CONNECTION = { status: 400, reason: 'Bad Request', code: 'BAD_REQUEST' } as const

const CONNECTION_ERRORS: Readonly<Record<string, { status: number; reason: string; code: ErrorCode }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, reason: 'Request Header Fields Too Large', code: 'HEADERS_TOO_LARGE' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: 'Request Timeout', code: 'BAD_REQUEST' },
}

/** Trouble below HTTP: there is no request yet, so the answer is written by hand and the connection closed. */
function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  context: { requestId: string; now: number },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, reason, code } = CONNECTION_ERRORS[error.code ?? ''] ?? BAD_CONNECTION
  const refusal = new GatewayError(code)
  const timestamp = new Date(context.now).toISOString()
  const { body } = v2Dialect.failure(refusal, { requestId: context.requestId, timestamp })
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${context.requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
