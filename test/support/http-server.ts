import { PassThrough } from 'node:stream'
import { afterEach } from 'vitest'
import { DEFAULT_REQUEST_LIMITS, type RequestLimits } from '../../src/config/index.ts'
import type { Clock } from '../../src/core/clock.ts'
import { systemRandom } from '../../src/core/random.ts'
import { Secret } from '../../src/core/secret.ts'
import { v2Dialect } from '../../src/http/dialect.ts'
import type { RemoteKeySet } from '../../src/http/key-set.ts'
import { createLogger } from '../../src/http/logger.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import type { Page } from '../../src/http/page.ts'
import { Readiness } from '../../src/http/readiness.ts'
import { Revocations } from '../../src/http/revocations.ts'
import type { Route } from '../../src/http/route.ts'
import { createHttpServer, type HttpServer } from '../../src/http/server.ts'
import type { Api, ShellDeps } from '../../src/http/shell.ts'
import { signToken, type TokenClaims } from '../../src/http/sign-token.ts'
import { TokenVerifier } from '../../src/http/verify-token.ts'
import type { Store } from '../../src/store/store.ts'

export const BASE = '/api/v2/instagram'
export const JWT_SECRET = new Secret('kX2v9mQ7rT4wZ8bN1cL6sD3fG5hJ0pYa')

export interface TestServer {
  server: HttpServer
  readiness: Readiness
  revocations: Revocations
  /** Everything that was logged. */
  log(): string
  token(claims?: Partial<TokenClaims>): Promise<string>
  /** A request with JSON and a token of `user_1`, unless told otherwise. */
  call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS',
    path: string,
    options?: { body?: unknown; raw?: string | Buffer; headers?: Record<string, string>; token?: string | null },
  ): Promise<TestAnswer>
}

export interface TestAnswer {
  status: number
  headers: Record<string, unknown>
  text: string
  body: Record<string, unknown>
}

export interface TestServerOptions {
  store: Store
  clock: Clock
  /** Or what makes them from the shell's own revocations. */
  routes: readonly Route[] | ((revocations: Revocations) => readonly Route[])
  /** Beside the v2 API; called by paths that start with `//`. */
  otherApis?: readonly Api[]
  limits?: RequestLimits | null
  pages?: readonly Page[]
  keySet?: RemoteKeySet
  secrets?: readonly Secret[]
  issuer?: string
  audience?: string
  metricsToken?: Secret
  noteRefusal?: ShellDeps['noteRefusal']
}

/** For tests of what must never reach the store. */
export const NO_STORE: Store = new Proxy({} as Store, {
  get: (_, name) => (name === 'engine' ? 'sqlite' : unusable(String(name))),
})

function unusable(name: string): never {
  throw new Error(`the store was used (${name})`)
}

const open: HttpServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close({ graceMs: 0 })
})

/** The HTTP shell around some routes, ready; closed after the test. Answers are checked against their schemas. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { store, clock } = options
  const lines = new PassThrough()
  const logged: string[] = []
  lines.on('data', (line) => logged.push(String(line)))
  const logger = createLogger({ level: 'debug', clock, destination: lines })
  const revocations = new Revocations({ store, clock, failed: () => {} })
  if (store !== NO_STORE) await revocations.reload()
  const secrets = options.secrets ?? [JWT_SECRET]
  const rules = { issuer: options.issuer ?? null, audience: options.audience ?? null }
  const verifier = new TokenVerifier({ rules, secrets, keySet: options.keySet ?? null, revocations, clock })
  const readiness = new Readiness()
  readiness.open()
  const server = await createHttpServer({
    apis: [
      {
        base: BASE,
        dialect: v2Dialect,
        routes: typeof options.routes === 'function' ? options.routes(revocations) : options.routes,
      },
      ...(options.otherApis ?? []),
    ],
    pages: options.pages ?? [],
    verifier,
    readiness,
    logger,
    metrics: createMetrics({ version: 'test' }),
    fingerprintKey: Buffer.from('fingerprints of tests'),
    store,
    clock,
    random: systemRandom(),
    limits: options.limits === undefined ? DEFAULT_REQUEST_LIMITS : options.limits,
    seals: {
      seal: (plain, identity) => `sealed:${identity}:${Buffer.from(plain).toString('base64')}`,
      open: (text, identity) => Buffer.from(text.slice(`sealed:${identity}:`.length), 'base64').toString(),
    },
    metricsToken: options.metricsToken ?? null,
    ...(options.noteRefusal === undefined ? {} : { noteRefusal: options.noteRefusal }),
    checkAnswers: true,
  })
  open.push(server)
  const token = (claims: Partial<TokenClaims> = {}) =>
    signToken(
      { clock, secrets: [JWT_SECRET], ...rules },
      { userId: 'user_1', isAdmin: false, scopes: null, sessions: null, expiresInMs: 3_600_000, ...claims },
    )
  let usual: string | null = null
  return {
    server,
    readiness,
    revocations,
    token,
    log: () => logged.join(''),
    async call(method, path, { body, raw, headers = {}, token: given } = {}) {
      usual ??= await token()
      const bearer = given === undefined ? usual : given
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const response = await server.inject({
        method,
        url: path.startsWith('//') ? path.slice(1) : BASE + path,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload === undefined ? {} : { payload }),
      })
      const isJson = String(response.headers['content-type']).startsWith('application/json') && response.payload !== ''
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.payload,
        body: isJson ? (JSON.parse(response.payload) as Record<string, unknown>) : {},
      }
    },
  }
}
