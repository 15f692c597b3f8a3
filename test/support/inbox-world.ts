import { performAct } from '../../sandbox/acts/perform.ts'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import type { PlannedAct, User } from '../../sandbox/world/records.ts'
import { createCookieStore } from '../../src/connectors/cookie-store.ts'
import { createWebConnector } from '../../src/connectors/index.ts'
import { createManualClock } from '../../src/core/clock-manual.ts'
import { type Transport, TransportError } from '../../src/core/transport.ts'
import type { StoredEvent } from '../../src/events/index.ts'
import { createPolling, type PollPace } from '../../src/inbound/index.ts'
import { createMessageSources, createUnsendKind } from '../../src/messaging/index.ts'
import type { Store } from '../../src/store/store.ts'
import { type OutboxWorld, outboxWorld } from './outbox-world.ts'

const BASE_URL = 'http://instagram.test'
const OWN = { username: 'your_instagram_username', password: 'your_instagram_password' }
const DAY_MS = 86_400_000

/** An account of the simulated Instagram and everything that listens to it, in one process and one clock. */
export interface InboxWorld extends OutboxWorld {
  sandbox: Sandbox
  /** A person of the sandbox. */
  person(username: string): User
  /** Somebody does something now. */
  act(act: PlannedAct): void
  /** Somebody writes to the account. */
  writes(username: string, text: string): void
  /** Events without those of the session's beginning. */
  news(): Promise<StoredEvent[]>
  /** Requests that reached Instagram, by path. */
  requests(path: string): number
}

export interface InboxWorldOptions {
  pace?: Partial<PollPace>
  backfillMs?: number
  /** What happened before the account was connected. */
  before?(sandbox: Sandbox, now: number): void
}

export async function inboxWorld(store: Store, options: InboxWorldOptions = {}): Promise<InboxWorld> {
  const clock = createManualClock()
  const sandbox = createSandbox({ clock })
  options.before?.(sandbox, clock.now())
  const connector = createWebConnector({ transport: transportTo(sandbox), clock, baseUrl: BASE_URL })
  const cookies = createCookieStore()
  const access = { cookies, proxy: null, userAgent: null, platformId: null }
  const login = await connector.logIn(access, OWN, { deadlineMs: 15_000 })
  if (login.type !== 'logged_in') throw new Error(`login: ${login.type}`)
  clock.tick(1_000)
  const pace: PollPace = { busyMs: 20_000, idleMaxMs: 600_000, perHourMax: 120, ...options.pace }
  const inner = await outboxWorld(store, {
    clock,
    kinds: (deps) => [createUnsendKind(deps)],
    account: { connector, platformId: login.platformId, username: OWN.username, cookies },
    reads: (deps) => {
      const sources = createMessageSources(deps, { inbox: true, backfillMs: options.backfillMs ?? 7 * DAY_MS })
      return createPolling({ ...deps, pace, sources })
    },
  })
  const world: InboxWorld = {
    ...inner,
    sandbox,
    person(username) {
      const found = sandbox.world.userNamed(username)
      if (found === undefined) throw new Error(`nobody is called ${username}`)
      return found
    },
    act(act) {
      performAct(sandbox.world, act, clock.now())
    },
    writes(username, text) {
      world.act({ as: username, do: 'message', to: OWN.username, text })
    },
    async news() {
      return (await inner.events()).slice(1)
    },
    requests: (path) => [...sandbox.requests.after(0)].filter((request) => request.path.includes(path)).length,
  }
  return world
}

function transportTo(sandbox: Sandbox): Transport {
  return async (request) => {
    const url = request.url.slice(BASE_URL.length)
    const said = await sandbox.handle({
      method: request.method,
      url,
      headers: { ...request.headers, host: 'instagram.test' },
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    if (said.kind === 'answered') return { status: said.status, headers: said.headers, body: Buffer.from(said.body) }
    throw new TransportError('unknown', 'reset', 'The connection died.')
  }
}
