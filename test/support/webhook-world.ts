import { createManualClock, type ManualClock } from '../../src/core/clock-manual.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { TransportError } from '../../src/core/transport.ts'
import type { WebhookAnswer, WebhookPost, WebhookTransport } from '../../src/core/webhook-post.ts'
import { appendEvent, type EventDraft, type EventType, readEvents, type StoredEvent } from '../../src/events/index.ts'
import type { TokenClaims } from '../../src/http/index.ts'
import { createVault, nextKey, type Vault } from '../../src/sessions/vault.ts'
import type { Store } from '../../src/store/store.ts'
import { nextDue } from '../../src/webhooks/claim-store.ts'
import { type WebhookDeps, WebhookDispatcher, webhookRoutes } from '../../src/webhooks/index.ts'
import { startTestServer, type TestAnswer, type TestServer } from './http-server.ts'

export const USER = 'user_1'

/** A request that reached somebody's server. */
export interface Received extends WebhookPost {
  /** Product time. */
  at: number
  /** The process that sent it. */
  node: string
}

export type Behaviour = number | Partial<WebhookAnswer> | 'hangs' | ((post: WebhookPost) => Promise<WebhookAnswer>)

/** The network's edge: servers by their URL, each of which answers as told, by default with 200. */
export interface Receivers {
  received: Received[]
  behaviours: Map<string, Behaviour>
  /** Hosts that lead where nothing may go. */
  refused: Set<string>
  /** Hosts that no name server knows. */
  unknown: Set<string>
  /** Most requests under way at once, by URL, and the nodes that had one under way together. */
  atOnce: Map<string, { now: number; most: number; nodes: Set<string>; hadTwoNodes: boolean }>
  transport(node: string): WebhookTransport
  of(url: string): Received[]
}

export const URL_A = 'https://a.example.org/hook'

function receivers(clock: ManualClock): Receivers {
  const world: Receivers = {
    received: [],
    behaviours: new Map(),
    refused: new Set(['refused.example.org']),
    unknown: new Set(['unknown.example.org']),
    atOnce: new Map(),
    of: (url) => world.received.filter((request) => request.url === url),
    transport: (node) => ({
      async check(url) {
        const { hostname } = new URL(url)
        if (world.unknown.has(hostname))
          throw new TransportError('unsent', 'dns', 'The host name could not be resolved.')
        if (!world.refused.has(hostname)) return
        throw new TransportError('unsent', 'address_refused', 'The address is not allowed.')
      },
      async post(post) {
        if (!post.mayWrite()) return answered({ fault: 'held_back' })
        world.received.push({ ...post, at: clock.now(), node })
        const busy = world.atOnce.get(post.url) ?? { now: 0, most: 0, nodes: new Set(), hadTwoNodes: false }
        world.atOnce.set(post.url, busy)
        busy.now += 1
        busy.most = Math.max(busy.most, busy.now)
        busy.nodes.add(node)
        busy.hadTwoNodes ||= busy.nodes.size > 1
        try {
          return await behave(clock, world.behaviours.get(post.url) ?? 200, post)
        } finally {
          busy.now -= 1
          if (busy.now === 0) busy.nodes.clear()
        }
      },
    }),
  }
  return world
}

export function answered(answer: Partial<WebhookAnswer>): WebhookAnswer {
  return { status: null, fault: null, retryAfter: null, directive: null, excerpt: '', ...answer }
}

async function behave(clock: ManualClock, behaviour: Behaviour, post: WebhookPost): Promise<WebhookAnswer> {
  if (typeof behaviour === 'function') return behaviour(post)
  if (typeof behaviour === 'number') return answered({ status: behaviour, excerpt: `said ${behaviour}` })
  if (behaviour !== 'hangs') return answered(behaviour)
  return new Promise((resolve) => {
    clock.after(post.deadlineMs, () => resolve(answered({ fault: 'timeout' })))
    post.signal?.addEventListener('abort', () => resolve(answered({ fault: 'held_back' })))
  })
}

export interface WebhookWorld {
  store: Store
  clock: ManualClock
  random: Random
  vault: Vault
  deps: WebhookDeps
  receivers: Receivers
  server: TestServer
  dispatcher: WebhookDispatcher
  errors: unknown[]
  /** A dispatcher of another process; stopped with the test's own hand. */
  anotherDispatcher(node: string, over?: Store): WebhookDispatcher
  /** As `USER`, unless told otherwise. */
  call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options?: { body?: unknown; as?: Partial<TokenClaims>; headers?: Record<string, string> },
  ): Promise<TestAnswer>
  /** Answers with the endpoint and its secret. */
  create(body?: Record<string, unknown>, as?: string): Promise<{ id: string; secret: string }>
  append(count?: number, draft?: Partial<EventDraft>): Promise<StoredEvent[]>
  /** Runs everything that is due now until nothing is. */
  run(): Promise<void>
  /** Moves time, stopping at every instant at which an endpoint is due. */
  advance(ms: number): Promise<void>
  events(type?: EventType): Promise<StoredEvent[]>
  deliveries(id: string, status?: string): Promise<DeliveryJson[]>
  endpoint(id: string): Promise<Record<string, unknown>>
}

export interface DeliveryJson {
  sequence: number
  eventId: string
  status: string
  reason: string | null
  attempts: { at: string; status: number | null; error: string | null; latencyMs: number; response: string }[]
  nextAttemptAt: string | null
}

const SESSIONS = new Map([
  ['instagram_1', { id: 'instagram_1', userId: USER, username: 'north.lamp' }],
  ['instagram_2', { id: 'instagram_2', userId: USER, username: 'south.lamp' }],
  ['instagram_9', { id: 'instagram_9', userId: 'user_9', username: 'far.lamp' }],
])

/** The feature over a store, with servers in memory and a clock in the test's hand. */
export async function webhookWorld(
  store: Store,
  options: { perUserMax?: number; clock?: ManualClock } = {},
): Promise<WebhookWorld> {
  const clock = options.clock ?? createManualClock({ patienceMs: store.engine === 'postgres' ? 2_000 : 200 })
  const random = seededRandom(1)
  const vault = createVault({ keys: [nextKey([], random)], random })
  const edge = receivers(clock)
  const deps: WebhookDeps = {
    ...{ store, clock, random, seals: vault, transport: edge.transport('node_1') },
    sessions: { find: async (_db, id) => (SESSIONS.get(id) ?? null) as never },
    userAgent: 'instagram-gateway/test',
    perUserMax: options.perUserMax ?? 20,
  }
  const errors: unknown[] = []
  const newDispatcher = (node: string, over: Store) =>
    new WebhookDispatcher({
      ...{ ...deps, store: over, transport: edge.transport(node) },
      owner: node,
      onError: (error) => errors.push(error),
    })
  const dispatcher = newDispatcher('node_1', store)
  const server = await startTestServer({ store, clock, routes: webhookRoutes(deps) })
  const world: WebhookWorld = {
    ...{ store, clock, random, vault, deps, receivers: edge, server, dispatcher, errors },
    anotherDispatcher: (node, over = store) => newDispatcher(node, over),
    async call(method, path, { body, as = {}, headers = {} } = {}) {
      // Made anew each time: a test's days would outlive it.
      const token = await server.token({ userId: USER, ...as })
      return server.call(method, path, { ...(body === undefined ? {} : { body }), headers, token })
    },
    async create(body = {}, as = USER) {
      const request = { body: { url: URL_A, ...body }, as: { userId: as } }
      const { status, body: answer } = await world.call('POST', '/webhooks', request)
      if (status !== 201) throw new Error(`createWebhook: ${status} ${JSON.stringify(answer)}`)
      return answer['data'] as { id: string; secret: string }
    },
    append: (count = 1, draft = {}) =>
      store.write(async (tx) => {
        const events: StoredEvent[] = []
        for (let no = 0; no < count; no += 1) {
          const base = { userId: USER, type: 'message.received', at: clock.now(), sessionId: 'instagram_1' } as const
          const event = { ...base, username: 'north.lamp', data: { no, text: 'Grüße 🌍' }, ...draft }
          events.push(await appendEvent(tx, { store, random }, event))
        }
        return events
      }),
    async run() {
      while ((await dispatcher.tick()) > 0) await dispatcher.idle()
    },
    async advance(ms) {
      const target = clock.now() + ms
      await world.run()
      for (;;) {
        const next = await nextDue(store.read)
        if (next === null || next > target) break
        clock.tick(Math.max(0, next - clock.now()))
        await world.run()
      }
      clock.tick(target - clock.now())
    },
    async events(type) {
      const events = await readEvents(store.read, { userId: USER, after: 0, limit: 10_000 })
      return type === undefined ? events : events.filter((event) => event.type === type)
    },
    async deliveries(id, status) {
      const query = status === undefined ? '?limit=100' : `?limit=100&status=${status}`
      return (await world.call('GET', `/webhooks/${id}/deliveries${query}`)).body['data'] as DeliveryJson[]
    },
    async endpoint(id) {
      return (await world.call('GET', `/webhooks/${id}`)).body['data'] as Record<string, unknown>
    },
  }
  return world
}
