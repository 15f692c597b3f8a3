import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { readConfig } from '../../src/config/index.ts'
import { createCookieStore, createWebConnector, importedCookies, parseCookieStore } from '../../src/connectors/index.ts'
import { createManualClock, type ManualClock } from '../../src/core/clock-manual.ts'
import { systemRandom } from '../../src/core/random.ts'
import { TransportError, type TransportRequest, type TransportResponse } from '../../src/core/transport.ts'
import { buildFeatures, type Features } from '../../src/gateway.ts'
import { createLogger, Revocations } from '../../src/http/index.ts'
import type { TokenClaims } from '../../src/http/sign-token.ts'
import { createVault, nextKey } from '../../src/sessions/vault.ts'
import type { Store } from '../../src/store/store.ts'
import { DEAF } from './deaf.ts'
import { startTestServer, type TestAnswer } from './http-server.ts'

const BASE_URL = 'http://instagram.test'
const V1 = '/api/instagram'

export const USER = 'user_123'

/** The first document's "Creating a Session", word for word. */
export const SESSION = {
  username: 'user123',
  session_id: 'xyz789',
  cookies: { sessionid: 'abc123' },
  user_agent: 'Mozilla/5.0...',
}
/** The first document's "Performing Actions", word for word. */
export const FOLLOW = { username: 'user123', target_user_id: 'target456', action_type: 'follow' }
export const LIKE = { username: 'user123', media_id: 'post789', action_type: 'like' }
/** As its `client.comment_post("media_id", "Great post!")` says. */
export const COMMENT = { username: 'user123', media_id: 'media_id', text: 'Great post!', action_type: 'comment' }

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface V1World {
  store: Store
  clock: ManualClock
  sandbox: Sandbox
  features: Features
  /** A request to the first document's API, as `USER` unless claims say otherwise; lanes run until it is answered. */
  v1(method: Method, path: string, body?: unknown, options?: CallOptions): Promise<TestAnswer>
  v2(method: Method, path: string, body?: unknown, options?: CallOptions): Promise<TestAnswer>
  /** Runs every lane that is due now until nothing is. */
  run(): Promise<void>
}

interface CallOptions {
  headers?: Record<string, string>
  /** Null = no token. */
  as?: Partial<TokenClaims> | null
}

/** The product's own composition over a store, both APIs in front, and the simulated Instagram behind. */
export async function v1World(store: Store, env: Record<string, string> = {}): Promise<V1World> {
  const clock = createManualClock()
  const random = systemRandom()
  const sandbox = createSandbox({ clock, seed: 1 })
  const { config } = readConfig({ INSTAGRAM_MODE: 'sandbox', ...DEAF, ...env })
  const connector = createWebConnector({ transport: (request) => carry(sandbox, request), clock, baseUrl: BASE_URL })
  const outside = {
    connectors: new Map([['web', connector]]),
    jars: {
      create: createCookieStore,
      parse: parseCookieStore,
      imported: (cookies: Readonly<Record<string, string>>) => importedCookies({ cookies, baseUrl: BASE_URL }),
    },
    webhooks: {
      check: () => Promise.reject(new Error('v1 delivers no webhooks')),
      post: () => Promise.reject(new Error('v1 delivers no webhooks')),
    },
    fetchMedia: () => Promise.reject(new Error('v1 sends no media')),
  }
  const logger = createLogger({ level: 'silent', clock })
  const features = buildFeatures({ config, store, clock, random, logger }, outside, {
    vault: createVault({ keys: [nextKey([], random)], random }),
    keySource: { configured: null, dataDir: '' },
    revocations: new Revocations({ store, clock, failed: () => {} }),
    address: { url: 'http://gateway.test' },
    drainSignal: new AbortController().signal,
  })
  const limits = config.requestLimits
  const server = await startTestServer({ store, clock, routes: features.routes, otherApis: [features.v1Api], limits })

  const run = async () => {
    while ((await features.worker.tick()) > 0) await features.worker.idle()
  }
  const request = async (method: Method, path: string, body: unknown, { headers = {}, as }: CallOptions = {}) => {
    const token = as === null ? null : await server.token({ userId: USER, ...as })
    let isAnswered = false
    const answering = server
      .call(method, path, { headers, token, ...(body === undefined ? {} : { body }) })
      .finally(() => {
        isAnswered = true
      })
    while (!isAnswered) {
      await run()
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    return answering
  }
  return {
    ...{ store, clock, sandbox, features, run },
    v1: (method, path, body, options) => request(method, `/${V1}${path}`, body, options),
    v2: (method, path, body, options) => request(method, path, body, options),
  }
}

async function carry(sandbox: Sandbox, request: TransportRequest): Promise<TransportResponse> {
  const said = await sandbox.handle({
    method: request.method,
    url: request.url.slice(BASE_URL.length),
    headers: { ...request.headers, host: 'instagram.test' },
    ...(request.body === undefined ? {} : { body: request.body }),
  })
  if (said.kind !== 'answered') throw new TransportError('unknown', 'reset', 'the connection died')
  return { status: said.status, headers: said.headers, body: Buffer.from(said.body) }
}
