import { onTestFinished } from 'vitest'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import type { Access, Connector, ReadResult } from '../../src/connectors/connector.ts'
import { createCookieStore } from '../../src/connectors/cookie-store.ts'
import { createWebConnector } from '../../src/connectors/index.ts'
import { createManualClock } from '../../src/core/clock-manual.ts'
import { TransportError } from '../../src/core/transport.ts'
import type { StoredEvent } from '../../src/events/index.ts'
import { createActivitySource, createFollowersSource, createPolling, type PollPace } from '../../src/inbound/index.ts'
import { createLaneSignal } from '../../src/lanes/index.ts'
import type { Store } from '../../src/store/store.ts'
import { type OutboxWorld, outboxWorld } from './outbox-world.ts'

const OWNER = 'north.lamp'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BASE_URL = 'https://instagram.test'
const READS = [
  'readActivity',
  'readLikers',
  'readComments',
  'readMedia',
  'readFollowers',
  'readFriendship',
  'readUser',
] as const
export type Reading = (typeof READS)[number]

export interface InboundWorld extends OutboxWorld {
  sandbox: Sandbox
  /** A post of the account without likes and comments. */
  post: string
  /** Somebody does something; see the sandbox's README. */
  act(body: Record<string, unknown>): Promise<{ from: string }[]>
  control(name: string, body: unknown): Promise<Record<string, unknown>>
  /** Every read of the activity sources, in order. */
  reads: { operation: Reading; at: number }[]
  /** What the next reads of an operation answer instead. */
  answers: Partial<Record<Reading, ReadResult<never>[]>>
  /** Events of the kinds that others cause, oldest first. */
  received(type?: StoredEvent['type']): Promise<StoredEvent[]>
  /** Lets the sources read until they have their baseline. */
  settle(): Promise<void>
}

/** The activity sources over the simulated Instagram, spoken to by the real web connector, with time in the test's hand. */
export async function inboundWorld(
  store: Store,
  options: { followers?: number; perHourMax?: number; walkMs?: number } = {},
): Promise<InboundWorld> {
  const clock = createManualClock()
  const sandbox = createSandbox({ clock, seed: 7 })
  onTestFinished(() => sandbox.close())
  const control = async (name: string, body: unknown) => {
    const said = await sandbox.handle({
      method: 'POST',
      url: `/_sandbox/${name}`,
      headers: {},
      body: JSON.stringify(body),
    })
    if (said.kind !== 'answered' || said.status !== 200) throw new Error(`${name}: ${JSON.stringify(said)}`)
    return JSON.parse(String(said.body)) as Record<string, unknown>
  }
  await control('users', [{ username: OWNER, id: '1001', password: 'pw', followers: options.followers ?? 3 }])
  const { media } = (await control('media', [{ owner: OWNER }])) as { media: [{ pk: string }] }
  const web = sandboxConnector(sandbox, clock)
  const access: Access = { cookies: createCookieStore(), proxy: null, userAgent: null, platformId: null }
  await web.logIn(access, { username: OWNER, password: 'pw' }, { deadlineMs: 1_000 })

  const pace: PollPace = { busyMs: 20_000, idleMaxMs: 10 * MINUTE, perHourMax: options.perHourMax ?? 1_000 }
  const followersPace = { countMs: 10 * MINUTE, walkMs: options.walkMs ?? 24 * HOUR }
  const world = await outboxWorld(store, {
    clock,
    reads: (deps) =>
      createPolling({
        ...deps,
        pace,
        sources: [
          createActivitySource({ ...deps, signal: createLaneSignal(store.signals) }),
          createFollowersSource({ ...deps, pace: followersPace }),
        ],
      }),
  })
  const reads: InboundWorld['reads'] = []
  const answers: InboundWorld['answers'] = {}
  overrideReads(world.instagram.connector, { web, access, reads, answers, now: clock.now })
  return {
    ...world,
    ...{ sandbox, control, reads, answers },
    post: media[0].pk,
    async act(body) {
      const { effects } = (await control('act', body)) as { effects: { from: string }[] }
      return effects
    },
    async received(type) {
      const { events } = world
      return (await events()).filter((event) =>
        type === undefined ? event.type.endsWith('.received') : event.type === type,
      )
    },
    settle: () => world.advance(HOUR),
  }
}

function sandboxConnector(sandbox: Sandbox, clock: ReturnType<typeof createManualClock>): Connector {
  return createWebConnector({
    clock,
    baseUrl: BASE_URL,
    transport: async (request) => {
      const said = await sandbox.handle({
        method: request.method,
        url: request.url.slice(BASE_URL.length),
        headers: { ...request.headers, host: 'instagram.test' },
        ...(request.body === undefined ? {} : { body: request.body }),
      })
      if (said.kind !== 'answered') throw new TransportError('unknown', 'reset', 'the connection died')
      return { status: said.status, headers: said.headers, body: Buffer.from(said.body) }
    },
  })
}

/** The world's own Instagram stays what it is for everything else. */
function overrideReads(
  connector: Connector,
  input: Pick<InboundWorld, 'reads' | 'answers'> & { web: Connector; access: Access; now: () => number },
): void {
  const { web, access, reads, answers, now } = input
  Object.assign(connector, {
    capabilities: new Set([...connector.capabilities, 'read_activity', 'read_followers']),
    ...Object.fromEntries(
      READS.map((operation) => [
        operation,
        async (_access: Access, what: never, call: never) => {
          reads.push({ operation, at: now() })
          return answers[operation]?.shift() ?? web[operation](access, what, call)
        },
      ]),
    ),
  })
}
