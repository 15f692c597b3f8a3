import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LedgerEntry } from '../../sandbox/index.ts'
import { seededRandom } from '../../src/core/random.ts'
import { limitsFor } from '../../src/limits/index.ts'
import { DEFAULT_LIMITS } from '../../src/limits/policy.ts'
import { CLASS_PERSON } from '../../src/outbox/index.ts'
import { storeFile } from '../../src/store/data-dir.ts'
import { lookInto } from '../../src/store/inspect-store.ts'
import type { StoreLocation } from '../../src/store/open-store.ts'
import { checkInvariants, type Violation } from '../support/check-invariants.ts'
import {
  type Api,
  apiOf,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'
import { createDatabase, SHARED_SECRETS } from '../support/postgres-database.ts'

const ACCOUNTS = 12
const PEOPLE = 40
const SENDS_PER_ROUND = 6
const BULK_RECIPIENTS = 8
/** A machine with much else to do starts slowly and acts slowly: what is waited for is in proportion to the start. */
const KILL_WITHIN_MS = 400
const KILL_WITHIN_STARTS = 0.5
const PASSED_WITHIN_MS = 5_000
const PASSED_WITHIN_STARTS = 5
/**
 * What a lost call may take until nobody has to reckon with it, and longer than a lease: so long everybody finds that a
 * start came after the kill. Only then what it left can be judged, and waiting for it took nine tenths of a campaign.
 */
const DOWN_MS = 31_000
/** So long without any change, however often the clock was moved meanwhile. */
const STUCK_MS = 300_000
/** Nothing changed for so long: what is left waits for time to pass. */
const STILL_MS = 2_000
const HOUR_MS = 3_600_000
const LEDGER_PAGE = 10_000
const DAILY_ACTIONS = 10_000

export interface CampaignOptions {
  seed: number
  kills: number
  /** Kills at this named line instead of at random moments. */
  crashPoint?: string
  engine: 'sqlite' | 'postgres'
}

export interface CampaignResult {
  kills: number
  /** Requests that were answered with an acceptance. */
  accepted: number
  /** What the store says that the ledger does not, and every other broken invariant. */
  violations: Violation[]
  /** Accepted messages and bulk items that did not arrive exactly once. */
  notOnce: string[]
}

/** One thing somebody wants done, repeated with its key until it is answered. */
interface Intent {
  path: string
  body: Record<string, unknown>
  key: string
  isAccepted: boolean
  /** The message's text, and how often it must arrive in all. */
  text: string | null
  arrivals: number
}

interface World {
  options: CampaignOptions
  sandbox: RunningProcess
  control: ReturnType<typeof sandboxControl>
  location: StoreLocation
  /** The next process on the store, `DOWN_MS` after the last by every clock there is. */
  start(extra?: Record<string, string>): Promise<RunningProcess>
}

/**
 * Kills a real gateway process again and again during mixed and bulk traffic, starts it again on the same store, repeats
 * whatever was not answered with the same Idempotency-Key, and compares what the store finally says with the ledger of a
 * sandbox process that was never killed.
 */
export async function runKillCampaign(options: CampaignOptions): Promise<CampaignResult> {
  await using opened = new AsyncDisposableStack()
  const world = await openWorld(options, opened)
  let gateway = await world.start()
  opened.defer(async () => void (await gateway.stop('SIGKILL')))
  try {
    const traffic = createTraffic(options.seed, await openSessions(world, gateway))
    let kills = 0
    const roundsMax = options.kills * 6 + 10
    for (let round = 0; kills < options.kills; round += 1) {
      if (round > roundsMax) throw new Error(`only ${kills} kills in ${round} rounds: ${options.crashPoint}`)
      await gateway.stop('SIGKILL')
      gateway = await world.start(options.crashPoint === undefined ? {} : { CRASH_POINT: options.crashPoint })
      traffic.wish(SENDS_PER_ROUND)
      const asking = askUnanswered(await apiOf(gateway.url, 'chaos_user'), traffic.intents)
      if (options.crashPoint === undefined) {
        await sleep(traffic.uniform(Math.round(KILL_WITHIN_MS + KILL_WITHIN_STARTS * gateway.readyAfterMs)))
        await gateway.stop('SIGKILL')
        kills += 1
      } else if (await endedWithin(gateway, PASSED_WITHIN_MS + PASSED_WITHIN_STARTS * gateway.readyAfterMs)) {
        kills += 1
      }
      await asking
    }
    await gateway.stop('SIGKILL')
    gateway = await world.start()
    await askUntilAnswered(await apiOf(gateway.url, 'chaos_user'), traffic.intents)
    await letEverythingEnd(world, gateway)
    await gateway.stop('SIGTERM')
    return { kills, ...(await judge(world, traffic.intents)) }
  } catch (error) {
    throw new Error(`kill campaign, seed ${options.seed}, failed\n${gateway.output()}`, { cause: error })
  }
}

async function openWorld(options: CampaignOptions, opened: AsyncDisposableStack): Promise<World> {
  const directory = await temporaryDirectory()
  opened.defer(() => directory.remove())
  const database = options.engine === 'postgres' ? await createDatabase() : null
  if (database !== null) opened.defer(() => database.drop())
  const sandbox = await startSandboxProcess()
  opened.defer(async () => void (await sandbox.stop('SIGKILL')))
  const env = {
    SANDBOX_URL: sandbox.url,
    REQUEST_LIMITS: 'off',
    ...(database === null ? {} : { DATABASE_URL: database.url, ...SHARED_SECRETS }),
  }
  const control = sandboxControl(sandbox.url)
  let aheadMs = 0
  return {
    options,
    sandbox,
    control,
    location: database === null ? { file: storeFile(directory.path) } : { url: database.url },
    async start(extra = {}) {
      aheadMs += DOWN_MS
      await control.call('POST', '/clock', { advanceMs: DOWN_MS })
      await database?.pass(DOWN_MS)
      // With a server its clock counts; without one the machine's does.
      const wall = database === null ? { NODE_OPTIONS: `--import=${wallAhead(aheadMs)}` } : {}
      return startGatewayProcess({ dataDir: directory.path, env: { ...env, ...wall, ...extra } })
    },
  }
}

/** A module that sets the wall clock of the process that imports it forward. */
function wallAhead(ms: number): string {
  return `data:text/javascript,${encodeURIComponent(`const { now } = Date; Date.now = () => now() + ${ms}`)}`
}

async function openSessions({ options, control }: World, gateway: RunningProcess): Promise<string[]> {
  const names = Array.from({ length: ACCOUNTS }, (_, index) => `chaos_${options.seed}_${index}`)
  const people = Array.from({ length: PEOPLE }, (_, index) => ({
    username: person(index),
    id: String(900_000 + index),
  }))
  await control.call('POST', '/users', [
    ...names.map((username) => ({ username, password: 'chaos-password' })),
    ...people,
  ])
  await control.call(
    'POST',
    '/media',
    people.map((_, index) => ({ owner: person(index), id: post(index), kind: 'post' })),
  )
  const api = await apiOf(gateway.url, 'chaos_user')
  const ids: string[] = []
  for (const username of names) {
    const login = await api.post('/login', { username, password: 'chaos-password' })
    if (login.status !== 200) throw new Error(`login of ${username}: ${login.status} ${login.body.error}`)
    const id = (login.body.data as { id: string } | undefined)?.id ?? ''
    const settings = { actionDelay: 0, maxDailyActions: DAILY_ACTIONS }
    const update = await api.put(`/session/${id}`, { settings })
    if (update.status !== 200) throw new Error(`settings of ${username}: ${update.status} ${update.body.error}`)
    ids.push(id)
  }
  return ids
}

const person = (index: number) => `chaos_person_${index}`
const personId = (index: number) => String(900_000 + index)
const post = (index: number) => String(3_900_000_000_000_000 + index)

/** What the users of this seed want, one wish after the other. */
function createTraffic(seed: number, sessions: readonly string[]) {
  const random = seededRandom(seed)
  const uniform = (below: number) => {
    const [a, b] = random.bytes(2)
    return (((a as number) << 8) | (b as number)) % below
  }
  const intents: Intent[] = []
  const wishes: ((sessionId: string, no: number) => Omit<Intent, 'key' | 'isAccepted'>)[] = [
    (sessionId, no) => message(sessionId, person(uniform(PEOPLE)), `chaos ${seed} ${no}`),
    (sessionId, no) => message(sessionId, person(uniform(PEOPLE)), `chaos ${seed} ${no}`),
    (sessionId) => act('like', { sessionId, postId: post(uniform(PEOPLE)) }),
    (sessionId, no) => act('comment', { sessionId, postId: post(uniform(PEOPLE)), content: `chaos ${seed} ${no}` }),
    (sessionId) => act('follow', { sessionId, userId: personId(uniform(PEOPLE)) }),
    (sessionId, no) => bulk(sessionId, uniform(PEOPLE), `chaos ${seed} ${no}`),
  ]
  return {
    intents,
    uniform,
    wish(count: number) {
      for (let index = 0; index < count; index += 1) {
        const make = wishes[uniform(wishes.length)] as (typeof wishes)[number]
        const sessionId = sessions[uniform(sessions.length)] as string
        intents.push({ ...make(sessionId, intents.length), key: randomUUID(), isAccepted: false })
      }
    },
  }
}

function message(sessionId: string, recipientUsername: string, content: string) {
  return { path: '/message', body: { sessionId, recipientUsername, content }, text: content, arrivals: 1 }
}

function act(kind: string, body: Record<string, unknown>) {
  return { path: `/actions/${kind}`, body: { ...body, onLimit: 'queue' }, text: null, arrivals: 0 }
}

function bulk(sessionId: string, first: number, content: string) {
  const recipients = Array.from({ length: BULK_RECIPIENTS }, (_, index) => person((first + index) % PEOPLE))
  const body = { sessionId, recipients, content, delayBetweenMessages: 0 }
  return { path: '/messages/bulk', body, text: content, arrivals: BULK_RECIPIENTS }
}

/** Asks for every intent that has no answer yet; a connection that dies is no answer. */
async function askUnanswered(api: Api, intents: readonly Intent[]): Promise<void> {
  await Promise.all(
    intents
      .filter((intent) => !intent.isAccepted)
      .map(async (intent) => {
        const headers = { 'Idempotency-Key': intent.key, Prefer: 'respond-async' }
        const response = await api.post(intent.path, intent.body, headers).catch(() => null)
        if (response === null || response.status === 503 || response.body.code === 'IDEMPOTENCY_KEY_IN_USE') return
        if (response.status !== 202 && response.status !== 200) {
          throw new Error(`${intent.path}: ${response.status} ${response.body.error}`)
        }
        intent.isAccepted = true
      }),
  )
}

/** A request whose process died while it ran is answered once that is certain; until then its key is in use. */
async function askUntilAnswered(api: Api, intents: readonly Intent[]): Promise<void> {
  const deadline = performance.now() + STUCK_MS
  while (intents.some((intent) => !intent.isAccepted)) {
    if (performance.now() > deadline) throw new Error(`no answer within ${STUCK_MS} ms`)
    await askUnanswered(api, intents)
    await sleep(200)
  }
}

async function endedWithin(gateway: RunningProcess, ms: number): Promise<boolean> {
  const patience = new AbortController()
  const ended = await Promise.race([
    gateway.ended.then(() => true),
    sleep(ms, false, { signal: patience.signal }).catch(() => false),
  ])
  patience.abort()
  return ended
}

/** Waits until nothing is under way; moves both clocks by an hour whenever what is left only waits for its window. */
async function letEverythingEnd({ location, control }: World, gateway: RunningProcess): Promise<void> {
  const admin = await apiOf(gateway.url, 'admin', { role: 'admin' })
  let last = ''
  let lastChange = performance.now()
  let lastMove = lastChange
  for (;;) {
    const open = await openActions(location)
    if (open.length === 0) return
    const now = performance.now()
    if (open.join() !== last) {
      last = open.join()
      lastChange = now
      lastMove = now
    } else if (now - lastChange > STUCK_MS) {
      throw new Error(`nothing has changed for ${STUCK_MS} ms: ${last}`)
    } else if (now - lastMove > STILL_MS && open.every((state) => state.startsWith('queued'))) {
      await control.call('POST', '/clock', { advanceMs: HOUR_MS })
      await admin.post('/admin/clock', { advanceMs: HOUR_MS })
      lastMove = performance.now()
    }
    await sleep(200)
  }
}

/** How many actions have not ended, by status and kind. */
async function openActions(location: StoreLocation): Promise<string[]> {
  const rows = await lookInto(location, (db) =>
    db
      .selectFrom('actions')
      .select((eb) => ['status', 'kind', eb.fn.countAll<number | string>().as('count')])
      .where('status', 'in', ['queued', 'running'])
      .groupBy(['status', 'kind'])
      .orderBy('status')
      .orderBy('kind')
      .execute(),
  )
  return (rows ?? []).map(({ status, kind, count }) => `${status} ${kind} ${count}`)
}

async function judge(world: World, intents: readonly Intent[]): Promise<Omit<CampaignResult, 'kills'>> {
  const ledger = await readLedger(world.control)
  const subject = { openedThrough: ['v2'] as const, maxDailyActions: DAILY_ACTIONS, policy: null }
  const violations = await lookInto(world.location, (db) =>
    checkInvariants({
      db,
      ledger,
      limitAt: ({ kind, name }) => limitsFor(DEFAULT_LIMITS, subject, kind, CLASS_PERSON)[name],
      people: new Map(Array.from({ length: PEOPLE }, (_, index) => [personId(index), person(index)])),
      isOver: true,
      sharesClock: false,
    }),
  )
  const arrived = new Map<string, number>()
  for (const { kind, text, duplicateOf } of ledger) {
    if (kind !== 'message' || text === undefined || duplicateOf !== undefined) continue
    arrived.set(text, (arrived.get(text) ?? 0) + 1)
  }
  const notOnce = intents
    .filter(({ text, arrivals }) => text !== null && arrivals > 0 && (arrived.get(text) ?? 0) !== arrivals)
    .map(({ path, text, arrivals }) => `${path} ${text}: ${arrived.get(text ?? '') ?? 0} of ${arrivals}`)
  const accepted = intents.filter((intent) => intent.isAccepted).length
  return { accepted, violations: violations ?? [], notOnce }
}

async function readLedger(control: ReturnType<typeof sandboxControl>): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for (;;) {
    const after = entries.at(-1)?.no ?? 0
    const page = (await control.call('GET', `/ledger?after=${after}&limit=${LEDGER_PAGE}`)) as {
      entries: LedgerEntry[]
    }
    entries.push(...page.entries)
    if (page.entries.length === 0) return entries
  }
}
