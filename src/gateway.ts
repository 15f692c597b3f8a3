/**
 * The composition root: the only file that knows every feature. It builds them once, in the order in which they stand on
 * each other, and takes them down in the opposite order.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { Config, ReadConfig, Secrets } from './config/index.ts'
import { createCookieStore, createWebConnector, importedCookies, parseCookieStore } from './connectors/index.ts'
import type { Clock } from './core/clock.ts'
import { createSystemClock, type SystemClock } from './core/clock-system.ts'
import { newId } from './core/ids.ts'
import { machineTime } from './core/machine-clock.ts'
import type { FetchMedia } from './core/media.ts'
import { type Random, systemRandom } from './core/random.ts'
import { createEngagementKinds, engagementBulkRoutes, engagementRoutes } from './engagement/index.ts'
import {
  type Api,
  type ApiInfo,
  buildOpenApi,
  createHttpServer,
  createLogger,
  createMetrics,
  loadFingerprintKey,
  loadSigningSecrets,
  type Metrics,
  type Page,
  Readiness,
  RemoteKeySet,
  Revocations,
  type Route,
  revocationRoutes,
  type SigningSecrets,
  signToken,
  sweepIdempotencyKeys,
  TokenVerifier,
  v2Dialect,
} from './http/index.ts'
import { createLaneSignal, createLaneWorker, type LaneWorker } from './lanes/index.ts'
import { CLASSIC_POLICY, type LimitsConfig, STANDARD_POLICY } from './limits/index.ts'
import { bulkRoutes, createMessageKind, createUnsendKind, messagingRoutes } from './messaging/index.ts'
import { accountLimitRoutes } from './operations/account-limits.ts'
import { accountPolicyRoutes } from './operations/account-policy.ts'
import { createAudit } from './operations/audit.ts'
import { auditRoutes } from './operations/audit-routes.ts'
import { clockRoutes } from './operations/clock-routes.ts'
import { Housekeeping } from './operations/housekeeping.ts'
import { killSwitchRoutes } from './operations/kill-switch.ts'
import { Monitor } from './operations/monitor.ts'
import { registerMonitorMetrics } from './operations/monitor-metrics.ts'
import {
  BatchSweep,
  cancelQueue,
  forecastRoutes,
  outboxRoutes,
  performTurn,
  type RunDeps,
  sweepBatches,
} from './outbox/index.ts'
import {
  createExpirySweep,
  createRotateKeys,
  createSessionHooks,
  createValidateSession,
  createVault,
  handoffPages,
  keyRoutes,
  loadKeys,
  SEALED_COLUMNS,
  type SessionDeps,
  sessionRoutes,
  type Vault,
  verifyVault,
} from './sessions/index.ts'
import { keepClockRaised, readSeenAt } from './store/clock-row.ts'
import { makeDataDir, openDataDir, storeFile } from './store/data-dir.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { createMediaFetcher, createTransport } from './transport/index.ts'
import { createLocalV1, type LocalV1, v1Dialect, v1Routes } from './v1/index.ts'

const V2_BASE = '/api/v2/instagram'
const V1_BASE = '/api/instagram'
const LOOPBACK = '127.0.0.1'
const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128']
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']
/** Accounts acted for at once by one process. */
const LANES_AT_ONCE = 64
const HOUSEKEEPING_MS = 3_600_000
/** What runs may take this long to end (machine time); every call to Instagram has a deadline within it. */
const SHUTDOWN_GRACE_MS = 15_000
const API_INFO: ApiInfo = {
  title: 'instagram-gateway',
  version: packageJson.version,
  description: packageJson.description,
}
const FIRST_USER = 'user_123'
const FIRST_TOKEN_MS = 30 * 24 * 3_600_000

export interface Gateway {
  /** Listens and begins to act. Rejects, with everything taken down again, when a port cannot be had. */
  start(): Promise<Running>
  /** Acts, and listens to nobody: for use inside another program. */
  startWithoutHttp(): Promise<{ url: null }>
  /** The first document's API for code of this process, as a user. */
  localV1(userId: string): LocalV1
  /** Takes no more requests, lets what runs end, gives up the lanes, closes the store. */
  stop(): Promise<void>
  /** The OpenAPI document of what this gateway serves. */
  describe(): Record<string, unknown>
}

export interface Running {
  url: string
  sandboxUrl: string | null
  /** A token to try things with; only on the first start of a data directory in sandbox mode. */
  firstToken: string | null
}

/** What everything stands on. */
interface Foundation {
  config: Config
  secrets: Secrets
  store: Store
  clock: SystemClock
  random: Random
  logger: Logger
  metrics: Metrics
  isFirstStart: boolean
}

/** What the features are built on; a simulation brings its own store, time and randomness. */
export type Ground = Pick<Foundation, 'config' | 'store' | 'random' | 'logger'> & {
  clock: Clock & Pick<SystemClock, 'advance'>
}

/** The way to Instagram, or to what stands in for it. */
interface Outside {
  connectors: SessionDeps['connectors']
  jars: SessionDeps['jars']
  /** For media that users name by URL. */
  fetchMedia: FetchMedia
  keySet: RemoteKeySet | null
  sandboxUrl: string | null
}

/** What the features offer to the process. */
export interface Features {
  routes: Route[]
  /** The first document's API over the same use cases. */
  v1Api: Api
  localV1(userId: string): LocalV1
  pages: Page[]
  /** Acts for accounts; runs between `start` and `stop`, or by hand through its `tick`. */
  worker: LaneWorker
  /** Watches the store; started by whoever wants to be watched. */
  monitor: Monitor
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Opens the store, brings its schema up to date, and builds every feature. Rejects with `StoreRefusal`, `VaultError` or the
 * system's error when the process may not or cannot start; nothing stays open then.
 * `checkAnswers` is for tests: what an answer says is compared with the API's description, and is a 500 where they differ.
 */
export async function createGateway(
  { config, secrets }: ReadConfig,
  { checkAnswers = false }: { checkAnswers?: boolean } = {},
): Promise<Gateway> {
  await using opening = new AsyncDisposableStack()
  const foundation = await openFoundation(config, secrets, opening)
  const keySource = {
    configured: secrets.encryptionKeys?.reveal() ?? null,
    dataDir: config.dataDir,
  }
  const vault = createVault({ keys: await loadKeys(foundation, keySource), random: foundation.random })
  await verifyVault({ store: foundation.store, vault })
  const signing = await loadSigningSecrets(foundation, { configured: secrets.jwtSecrets, dataDir: config.dataDir })
  const outside = await openOutside(foundation, opening)

  const address = { url: '' }
  const revocations = new Revocations({ ...foundation, failed: logError(foundation.logger, 'revocations') })
  const readiness = new Readiness()
  const { drainSignal } = readiness
  const features = buildFeatures(foundation, outside, { vault, keySource, revocations, address, drainSignal })
  const apis = [{ base: V2_BASE, dialect: v2Dialect, routes: features.routes }, features.v1Api]
  registerMonitorMetrics(foundation.metrics.registry, { monitor: features.monitor, clock: foundation.clock })
  const verifier = new TokenVerifier({
    rules: config.auth,
    secrets: signing,
    keySet: outside.keySet,
    revocations,
    clock: foundation.clock,
  })
  const server = await createHttpServer({
    ...foundation,
    apis,
    pages: features.pages,
    metricsToken: secrets.metricsToken,
    readyDetails: () => ({ invariants: invariantDetails(features.monitor) }),
    verifier,
    readiness,
    fingerprintKey: await loadFingerprintKey({ ...foundation, seals: vault }),
    limits: config.requestLimits,
    seals: vault,
    checkAnswers,
  })
  const owned = opening.move()

  /** Everything that runs, around what `open` does between the background work's start and the features'. */
  async function begin<Opened>(open: () => Promise<Opened>): Promise<Opened> {
    try {
      await revocations.start()
      owned.defer(() => revocations.stop())
      owned.defer(keepClockRaised(foundation))
      owned.defer(async () => {
        await Promise.all([server.close({ graceMs: SHUTDOWN_GRACE_MS }), features.stop()])
      })
      const opened = await open()
      await features.start()
      features.monitor.start()
      owned.defer(() => features.monitor.stop())
      readiness.open()
      return opened
    } catch (error) {
      await owned.disposeAsync()
      throw error
    }
  }

  return {
    start: () =>
      begin(async () => {
        const bound = await server.listen({ host: config.http.host, port: config.http.port })
        address.url = config.http.publicUrl ?? bound.url
        const firstToken = foundation.isFirstStart ? await makeFirstToken(foundation, signing) : null
        return { url: bound.url, sandboxUrl: outside.sandboxUrl, firstToken }
      }),
    startWithoutHttp: () =>
      begin(async () => {
        address.url = config.http.publicUrl ?? ''
        return { url: null }
      }),
    localV1: features.localV1,
    stop: () => owned.disposeAsync(),
    describe: () => buildOpenApi(apis, API_INFO),
  }
}

async function openFoundation(config: Config, secrets: Secrets, opening: AsyncDisposableStack): Promise<Foundation> {
  const logger = createLogger({ level: config.logLevel, clock: machineTime })
  if (config.store.type === 'postgres') {
    makeDataDir(config.dataDir)
  } else {
    const dataDir = openDataDir({ path: config.dataDir, sinceWall: machineTime.wall() })
    opening.defer(() => dataDir.release())
  }
  const url = secrets.databaseUrl?.reveal() ?? null
  const store = await openStore({
    ...(url === null ? { file: storeFile(config.dataDir) } : { url }),
    mode: config.instagram.mode,
    onFault: logError(logger, 'store'),
  })
  opening.defer(() => store.close())
  const startFloor = await readSeenAt(store.read)
  const startWall = await store.readServerWall()
  const clock = createSystemClock({
    startFloor,
    ...(startWall === null ? {} : { startWall }),
    onEvent: (event) => logger.warn({ event }, 'the clock of this machine is not steady'),
  })
  opening.defer(() => clock.stop())
  if (startWall !== null) {
    await clock.anchor(async () => {
      const wall = await store.readServerWall()
      if (wall === null) throw new Error('the database server gave no time')
      return wall
    })
  }
  const metrics = createMetrics({ version: packageJson.version })
  return { config, secrets, store, clock, random: systemRandom(), logger, metrics, isFirstStart: startFloor === 0 }
}

async function openOutside(foundation: Foundation, opening: AsyncDisposableStack): Promise<Outside> {
  const { config, clock } = foundation
  const sandboxUrl = await openSandbox(foundation, opening)
  const baseUrl = config.instagram.mode === 'live' ? config.instagram.baseUrl : (sandboxUrl as string)
  const transport = createTransport({
    clock,
    guardAddresses: 'proxies',
    allowNetworks: [...config.network.allowed, ...(sandboxUrl === null ? [] : LOOPBACK_NETWORKS)],
    ...(sandboxUrl === null ? {} : { names: reservedNames(sandboxUrl) }),
  })
  opening.defer(() => transport.close())
  const media = createMediaFetcher({
    clock,
    allowNetworks: userNetworks(config),
    ...(sandboxUrl === null ? {} : { names: reservedNames(sandboxUrl) }),
  })
  opening.defer(() => media.close())
  const jwksUrl = config.auth.jwksUrl
  return {
    connectors: new Map([['web', createWebConnector({ transport: transport.send, clock, baseUrl })]]),
    jars: {
      create: createCookieStore,
      parse: parseCookieStore,
      imported: (cookies) => importedCookies({ cookies, baseUrl }),
    },
    fetchMedia: media.fetch,
    keySet: jwksUrl === null ? null : new RemoteKeySet({ url: jwksUrl, transport: transport.send, clock }),
    sandboxUrl,
  }
}

/** Private networks that addresses from users may lead to; metadata addresses never do. */
function userNetworks({ network, instagram }: Config): string[] {
  const isDefault = network.allowed.length === 0
  return [
    ...network.allowed,
    ...(isDefault && instagram.mode === 'sandbox' ? LOOPBACK_NETWORKS : []),
    ...(network.allowPrivate ? [...LOOPBACK_NETWORKS, ...PRIVATE_NETWORKS] : []),
  ]
}

/** The documents' examples name hosts that nobody owns; in sandbox mode the sandbox answers for them. */
function reservedNames(sandboxUrl: string) {
  const { hostname, port } = new URL(sandboxUrl)
  const sandbox = { host: hostname, port: Number(port === '' ? 80 : port) }
  return new Map([
    ['proxy.example.com:8080', sandbox],
    ['example.com', sandbox],
  ])
}

/** The address of the simulated Instagram, started here unless it runs elsewhere; null in live mode. */
async function openSandbox(
  { config, clock }: Pick<Foundation, 'config' | 'clock'>,
  opening: AsyncDisposableStack,
): Promise<string | null> {
  if (config.instagram.mode === 'live') return null
  const { sandbox } = config.instagram
  if (sandbox.type === 'external') return sandbox.url
  // Loaded here only: a live gateway does not carry the simulator.
  const { createSandbox } = await import('../sandbox/index.ts')
  const simulated = createSandbox({
    clock,
    advance: clock.advance,
    seed: sandbox.seed,
    file: join(config.dataDir, 'sandbox.jsonl'),
  })
  opening.defer(() => simulated.close())
  const { url } = await simulated.listen({ host: LOOPBACK, port: sandbox.port })
  return url
}

/** Builds every feature on the given ground; nothing runs before `start`. */
export function buildFeatures(
  ground: Ground,
  outside: Pick<Outside, 'connectors' | 'jars' | 'fetchMedia'>,
  parts: {
    vault: Vault
    keySource: { configured: string | null; dataDir: string }
    revocations: Revocations
    address: { url: string }
    /** Aborted once the server takes no more requests: whoever waits answers with what there is. */
    drainSignal: AbortSignal
  },
): Features {
  const { config, store, clock, random, logger } = ground
  const { vault, revocations, address } = parts
  const signal = createLaneSignal(store.signals)
  const audit = createAudit({ clock, random })
  const sessionDeps: SessionDeps = {
    ...{ store, clock, random, vault, signal, audit },
    connectors: outside.connectors,
    jars: outside.jars,
    cancelQueue: (tx, input) => cancelQueue(tx, outboxDeps, input),
    options: { mode: config.instagram.mode, ...config.sessions },
    publicUrl: () => address.url,
  }
  const kinds = [
    createMessageKind({ random, clock, fetchMedia: outside.fetchMedia }),
    createUnsendKind({ random }),
    ...createEngagementKinds({ clock, random }),
  ]
  const outboxDeps: RunDeps = {
    ...{ store, clock, random, signal },
    sessions: createSessionHooks(sessionDeps),
    limits: limitsConfig(config),
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    connectors: outside.connectors,
    drainSignal: parts.drainSignal,
  }
  const validateSession = createValidateSession(sessionDeps)
  const rotateKeys = createRotateKeys({
    ...{ store, vault, random, audit },
    source: parts.keySource,
    columns: SEALED_COLUMNS,
  })
  const worker = createLaneWorker({
    ...{ store, clock, signal },
    owner: newId('node', clock.wall(), random),
    concurrency: LANES_AT_ONCE,
    performTurn: (claim) => performTurn(outboxDeps, claim),
    onError: logError(logger, 'lane'),
  })
  const expiry = createExpirySweep({ ...sessionDeps, onError: logError(logger, 'expiry') })
  const housekeeping = new Housekeeping({
    clock,
    everyMs: HOUSEKEEPING_MS,
    tasks: [() => sweepIdempotencyKeys({ store, clock }), () => sweepBatches({ store, clock })],
    onError: logError(logger, 'housekeeping'),
  })
  const batchSweep = new BatchSweep({ store, clock, onError: logError(logger, 'bulks') })
  const monitor = new Monitor({
    ...{ store, clock },
    limits: outboxDeps.limits,
    sessions: outboxDeps.sessions,
    onViolation: (violation) => logger.error({ part: 'monitor', ...violation }, 'an invariant is broken'),
    onError: logError(logger, 'monitor'),
  })
  const v1Deps = { ...outboxDeps, ...sessionDeps, validateSession }
  const v1Api = { base: V1_BASE, dialect: v1Dialect, routes: v1Routes(v1Deps) }
  const acts = config.role !== 'api'
  return {
    routes: [
      ...sessionRoutes({ ...sessionDeps, validateSession }),
      ...messagingRoutes(outboxDeps),
      ...bulkRoutes({ ...outboxDeps, findSuppressed: nobody }),
      ...engagementRoutes(outboxDeps),
      ...engagementBulkRoutes(outboxDeps),
      ...outboxRoutes(outboxDeps),
      ...forecastRoutes(outboxDeps),
      ...accountLimitRoutes({ ...outboxDeps, audit }),
      ...killSwitchRoutes({ ...outboxDeps, audit }),
      ...accountPolicyRoutes({ ...outboxDeps, audit, mode: config.instagram.mode }),
      ...auditRoutes({ store }),
      ...keyRoutes({ rotateKeys }),
      ...revocationRoutes({ store, clock, revocations, audit }),
      ...clockRoutes({ clock, mode: config.instagram.mode }),
    ],
    v1Api,
    localV1: createLocalV1(v1Deps, v1Api),
    pages: handoffPages({ ...sessionDeps, validateSession }),
    worker,
    monitor,
    async start() {
      if (!acts) return
      await batchSweep.start()
      await worker.start()
      expiry.start()
      housekeeping.start()
    },
    async stop() {
      await Promise.all([worker.stop(), expiry.stop(), housekeeping.stop(), batchSweep.stop()])
    },
  }
}

/** Until there are suppressions. */
const nobody = async (): Promise<ReadonlySet<string>> => new Set()

function invariantDetails({ state }: Monitor): Record<string, unknown> {
  const { checkedAt, violations } = state
  return { checkedAt: checkedAt === null ? null : new Date(checkedAt).toISOString(), violations }
}

function limitsConfig(config: Config): LimitsConfig {
  const { classicPerDay, bulkShare } = config.limits
  const classic = Object.entries(classicPerDay).map(([kind, day]) => [kind, { day }])
  return {
    standard: STANDARD_POLICY,
    classic: { ...CLASSIC_POLICY, ...Object.fromEntries(classic) },
    bulkShare,
  }
}

async function makeFirstToken(
  { config, clock }: Pick<Foundation, 'config' | 'clock'>,
  secrets: SigningSecrets,
): Promise<string | null> {
  if (config.instagram.mode === 'live') return null
  return signToken(
    { clock, secrets, issuer: config.auth.issuer, audience: config.auth.audience },
    { userId: FIRST_USER, isAdmin: false, scopes: null, sessions: null, expiresInMs: FIRST_TOKEN_MS },
  )
}

function logError(logger: Logger, part: string) {
  return (error: unknown, account: string | null = null) => {
    logger.error({ part, ...(account === null ? {} : { account }), err: error }, 'something failed in the background')
  }
}
