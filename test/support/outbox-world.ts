import type {
  CallOptions,
  Capability,
  Connector,
  CookieStore,
  Outcome,
  ReadResult,
  SendTextInput,
} from '../../src/connectors/connector.ts'
import { createCookieStore, parseCookieStore } from '../../src/connectors/cookie-store.ts'
import { createManualClock, type ManualClock } from '../../src/core/clock-manual.ts'
import type { FetchMedia } from '../../src/core/media.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { readEvents, type StoredEvent } from '../../src/events/index.ts'
import { createLaneSignal, createLaneWorker, type LaneWorker, nextDue } from '../../src/lanes/index.ts'
import { DEFAULT_LIMITS, type LimitsConfig } from '../../src/limits/index.ts'
import { createMessageKind, sendMessage } from '../../src/messaging/index.ts'
import type { Message } from '../../src/messaging/message.ts'
import type { SendDeps, SendMessageInput } from '../../src/messaging/send-message.ts'
import { findMessage } from '../../src/messaging/store.ts'
import { createAudit } from '../../src/operations/audit.ts'
import { type Action, type ActionKind, type LaneReads, performTurn, type RunDeps } from '../../src/outbox/index.ts'
import { findAction, readTimeline, type TimelineEntry } from '../../src/outbox/store.ts'
import { createSessionHooks } from '../../src/sessions/hooks.ts'
import { type OpenSessionDeps, openSession } from '../../src/sessions/open-session.ts'
import type { Session } from '../../src/sessions/session.ts'
import { saveSettings } from '../../src/sessions/store.ts'
import { createVault, nextKey } from '../../src/sessions/vault.ts'
import type { Store } from '../../src/store/store.ts'
import { findSuppression } from '../../src/suppressions/index.ts'
import { fakeReceipt, user } from './sessions.ts'

const DAY_MS = 86_400_000

/** A message that really arrived at the other side. */
export interface Effect {
  at: number
  recipientId: string
  text: string
  token: string
  itemId: string
}

/** What one send does instead of arriving: an answer without effect, or anything a test wants. */
export type Behaviour =
  | Outcome
  /** The answer is lost, before or after Instagram did it. */
  | 'lost_before'
  | 'lost_after'
  | ((input: SendTextInput, call: CallOptions, arrive: () => Outcome) => Outcome | Promise<Outcome>)

/**
 * Instagram in memory: one-to-one threads with de-duplication by token. The outside edge of the outbox; everything inside
 * is real.
 */
export interface MemoryInstagram {
  connector: Connector
  effects: Effect[]
  /** Every call, in order; `hasLeft` is false for a request that never reached Instagram. */
  calls: { operation: string; at: number; hasLeft: boolean }[]
  /** What the next sends do; then they arrive. */
  sends: Behaviour[]
  /** What the next reads of their kind answer instead. */
  lookUps: Exclude<ReadResult<never>, { type: 'ok' }>[]
  reads: Exclude<ReadResult<never>, { type: 'ok' }>[]
  checks: ReadResult<{ platformId: string; username: string }>[]
  /** What media addresses lead to; by default a small picture. */
  fetchMedia: FetchMedia
  /** Names that nobody has. */
  unknown: Set<string>
  /** Instagram's id of a name; by default `p_<name>`. */
  ids: Map<string, string>
}

function memoryInstagram(clock: ManualClock): MemoryInstagram {
  const instagram: MemoryInstagram = {
    connector: undefined as never,
    effects: [],
    calls: [],
    sends: [],
    lookUps: [],
    reads: [],
    checks: [],
    fetchMedia: async () => ({ bytes: new Uint8Array([0xff, 0xd8, 0xff]), type: 'image/jpeg' }),
    unknown: new Set(),
    ids: new Map(),
  }
  const note = (operation: string) => instagram.calls.push({ operation, at: clock.now(), hasLeft: true })
  const arrive = (input: SendTextInput): Outcome => {
    const recipientId = 'recipientId' in input.to ? input.to.recipientId : input.to.threadId.replace(/^thread_/, '')
    const known = instagram.effects.find((effect) => effect.token === input.clientToken)
    const effect = known ?? {
      at: clock.now(),
      recipientId,
      text: input.text,
      token: input.clientToken,
      itemId: `item_${instagram.effects.length + 1}`,
    }
    if (known === undefined) instagram.effects.push(effect)
    return { type: 'done', externalId: effect.itemId, at: effect.at, threadId: `thread_${recipientId}` }
  }
  const readThread = async (recipientId: string) => {
    note('readThread')
    const scripted = instagram.reads.shift()
    if (scripted !== undefined) return scripted
    const items = instagram.effects
      .filter((effect) => effect.recipientId === recipientId)
      .map((effect) => ({
        itemId: effect.itemId,
        senderId: '1001',
        isFromMe: true,
        at: effect.at,
        micros: 0,
        itemType: 'text',
        text: effect.text,
        clientToken: effect.token,
        media: null,
        story: null,
      }))
      .reverse()
    if (items.length === 0) return { type: 'ok' as const, value: null }
    const value = {
      threadId: `thread_${recipientId}`,
      title: '',
      isGroup: false,
      users: [],
      items,
      olderCursor: null,
      lastActivityAt: items[0]?.at ?? 0,
      isUnread: false,
      isPending: false,
      seenAt: {},
    }
    return { type: 'ok' as const, value }
  }
  const operations: Partial<Connector> = {
    name: 'web',
    capabilities: new Set<Capability>(['send_text', 'look_up_user', 'check_session', 'read_thread']),
    async sendText(_access, input, call) {
      if (call.mayWrite?.() === false) return { type: 'not_sent', cause: 'lease', reason: 'The lease ran out.' }
      note('sendText')
      const behaviour = instagram.sends.shift()
      if (behaviour === undefined) return arrive(input)
      if (typeof behaviour === 'function') return behaviour(input, call, () => arrive(input))
      if (behaviour === 'lost_after') arrive(input)
      if (typeof behaviour === 'string') return { type: 'uncertain', reason: 'The answer was lost.' }
      const noted = instagram.calls.at(-1)
      if (behaviour.type === 'not_sent' && noted !== undefined) noted.hasLeft = false
      return behaviour
    },
    async lookUpUser(_access, { username }) {
      note('lookUpUser')
      const scripted = instagram.lookUps.shift()
      if (scripted !== undefined) return scripted
      if (instagram.unknown.has(username)) {
        return { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'User not found' }
      }
      return {
        type: 'ok',
        value: {
          platformId: instagram.ids.get(username) ?? `p_${username}`,
          username,
          fullName: '',
          isPrivate: false,
          isVerified: false,
          isBusiness: false,
          followersCount: null,
          followingCount: null,
          postsCount: null,
        },
      }
    },
    readThreadWith: (_access, { recipientId }) => readThread(recipientId),
    async readThread(_access, { threadId }) {
      const result = await readThread(threadId.replace(/^thread_/, ''))
      if (result.type !== 'ok' || result.value !== null) return result as never
      return { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'No such thread.' }
    },
    async checkSession() {
      note('checkSession')
      return instagram.checks.shift() ?? { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } }
    },
  }
  // The other operations are not declared, so nothing may call them.
  instagram.connector = operations as Connector
  return instagram
}

export interface OutboxWorld {
  store: Store
  clock: ManualClock
  random: Random
  instagram: MemoryInstagram
  deps: RunDeps & SendDeps
  session: Session
  worker: LaneWorker
  errors: unknown[]
  /** A worker of another process, which knows nothing of the first. */
  anotherWorker(): LaneWorker
  send(input?: Partial<SendMessageInput>): Promise<{ actionId: string; data: Record<string, unknown> }>
  /** Runs every lane that is due now until nothing is. */
  run(): Promise<void>
  /** Moves time, stopping at every instant at which a lane is due. */
  advance(ms: number): Promise<void>
  action(id: string): Promise<Action>
  message(actionId: string): Promise<Message>
  timeline(id: string): Promise<TimelineEntry[]>
  events(): Promise<StoredEvent[]>
  reloadSession(): Promise<Session>
}

/** The outbox, its lanes and messages over a store, with an Instagram in memory and a clock in the test's hand. */
export async function outboxWorld(
  store: Store,
  options: {
    actionDelayMs?: number
    maxDailyActions?: number
    limits?: LimitsConfig
    clock?: ManualClock
    /** Beside messages. */
    kinds?: (deps: { store: Store; clock: ManualClock; random: Random }) => ActionKind[]
    /** What the lanes read beside; by default nothing. */
    reads?: (deps: RunDeps) => LaneReads
    /** Another Instagram than the one in memory, and who is logged in there. */
    account?: { connector: Connector; platformId: string; username: string; cookies: CookieStore }
  } = {},
): Promise<OutboxWorld> {
  const clock = options.clock ?? createManualClock()
  const random = seededRandom(1)
  const instagram = memoryInstagram(clock)
  const signal = createLaneSignal(store.signals)
  const { account } = options
  const connectors = new Map([['web', account?.connector ?? instagram.connector]])
  const vault = createVault({ keys: [nextKey([], random)], random })
  const sessionOptions: OpenSessionDeps['options'] = {
    mode: 'sandbox',
    perUserMax: 100,
    // Longer than any pause, so that tests of days need no login in between.
    expiryMs: 30 * DAY_MS,
    retentionMs: 30 * DAY_MS,
    maxDailyActions: options.maxDailyActions ?? 100,
    actionDelayMs: options.actionDelayMs ?? 0,
  }
  const jars = { create: createCookieStore, parse: parseCookieStore, imported: () => createCookieStore() }
  const hooks = createSessionHooks({ store, clock, random, vault, connectors, jars, options: sessionOptions })
  const kinds = [
    createMessageKind({ store, random, clock, fetchMedia: (request) => instagram.fetchMedia(request) }),
    ...(options.kinds?.({ store, clock, random }) ?? []),
  ]
  const deps: RunDeps & SendDeps = {
    store,
    clock,
    random,
    signal,
    sessions: hooks,
    limits: options.limits ?? DEFAULT_LIMITS,
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    connectors,
    findSuppression,
    audit: createAudit({ clock, random }),
    drainSignal: new AbortController().signal,
  }
  if (options.reads !== undefined) deps.reads = options.reads(deps)
  const session = await store.write((tx) =>
    openSession(
      tx,
      { store, clock, random, vault, signal, options: sessionOptions },
      {
        userId: 'user_123',
        api: 'v2',
        label: null,
        connector: 'web',
        platformId: account?.platformId ?? '1001',
        username: account?.username ?? 'north.lamp',
        access: {
          cookies: account?.cookies ?? createCookieStore(),
          proxy: null,
          userAgent: null,
          platformId: account?.platformId ?? '1001',
        },
        metadata: null,
        status: 'active',
        statusReason: null,
        challengeUrl: null,
      },
    ),
  )
  const errors: unknown[] = []
  let workers = 0
  const newWorker = () => {
    workers += 1
    return createLaneWorker({
      store,
      clock,
      signal,
      owner: `node_${workers}`,
      concurrency: 16,
      performTurn: (claim, mayGoOn) => performTurn(deps, claim, mayGoOn),
      onError: (error) => errors.push(error),
    })
  }
  const worker = newWorker()

  const world: OutboxWorld = {
    store,
    clock,
    random,
    instagram,
    deps,
    session,
    worker,
    errors,
    anotherWorker: newWorker,
    async send(input = {}) {
      const answer = await sendMessage(deps, {
        principal: user('user_123'),
        receipt: fakeReceipt(),
        input: { sessionId: session.id, recipientUsername: 'target_user', content: 'Hello! How are you?', ...input },
      })
      const data = answer.data as Record<string, unknown>
      return { actionId: data['actionId'] as string, data }
    },
    async run() {
      while ((await worker.tick()) > 0) await worker.idle()
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
    async action(id) {
      const action = await findAction(store.read, id)
      if (action === null) throw new Error(`no action ${id}`)
      return action
    },
    async message(actionId) {
      const { messageId } = JSON.parse((await world.action(actionId)).target) as { messageId: string }
      const message = await findMessage(store.read, messageId)
      if (message === null) throw new Error(`no message of ${actionId}`)
      return message
    },
    timeline: (id) => readTimeline(store.read, id),
    events: () => readEvents(store.read, { userId: 'user_123', after: 0, limit: 1_000 }),
    async reloadSession() {
      return (await hooks.find(store.read, session.id)) as Session
    },
  }
  return world
}

/** Changes the account's pace, as `PUT /session/{id}` does. */
export async function setPace(
  world: OutboxWorld,
  pace: { maxDailyActions?: number; actionDelay?: number },
): Promise<void> {
  const { id, settings, metadata } = await world.reloadSession()
  await world.store.write((tx) => saveSettings(tx, { id, settings: { ...settings, ...pace }, metadata }))
}
