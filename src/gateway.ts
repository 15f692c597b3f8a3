import packageJson from '../package.json' with { type: 'json' }
import {
  type AutomationDeps,
  AutomationEngine,
  automationRoutes,
  createSwitchPresets,
  createWords,
  leastUnevaluated,
  sweepDecisions,
} from './automation/index.ts'
import type { Config, ReadConfig } from './config/index.ts'
import { newId } from './core/ids.ts'
import { createEngagementKinds, engagementBulkRoutes, engagementRoutes } from './engagement/index.ts'
import { eventRoutes, sweepEvents } from './events/index.ts'
import {
  ALL_SEALED_COLUMNS,
  type Foundation,
  type Ground,
  logError,
  type Outside,
  openFoundation,
  openOutside,
} from './ground.ts'
import {
  type Api,
  type ApiInfo,
  buildOpenApi,
  createHttpServer,
  loadFingerprintKey,
  loadSigningSecrets,
  type Page,
  Readiness,
  Revocations,
  type Route,
  revocationRoutes,
  type SigningSecrets,
  signToken,
  sweepIdempotencyKeys,
  TokenVerifier,
  v2Dialect,
} from './http/index.ts'
import {
  createActivitySource,
  createFollowersSource,
  createPolling,
  type InboundSource,
  wakeListeners,
} from './inbound/index.ts'
import { createLaneSignal, createLaneWorker, type LaneWorker } from './lanes/index.ts'
import { CLASSIC_POLICY, type LimitsConfig, STANDARD_POLICY } from './limits/index.ts'
import {
  bulkRoutes,
  createMessageKind,
  createMessageSources,
  createUnsendKind,
  messagingRoutes,
} from './messaging/index.ts'
import { accountLimitRoutes } from './operations/account-limits.ts'
import { accountPolicyRoutes } from './operations/account-policy.ts'
import { createAudit } from './operations/audit.ts'
import { auditRoutes } from './operations/audit-routes.ts'
import { clockRoutes } from './operations/clock-routes.ts'
import { ErrorCounts } from './operations/errors/count-errors.ts'
import { errorRoutes } from './operations/errors/routes.ts'
import { Housekeeping } from './operations/housekeeping.ts'
import { killSwitchRoutes } from './operations/kill-switch.ts'
import { type LimitUsage, Monitor } from './operations/monitor.ts'
import { registerMonitorMetrics } from './operations/monitor-metrics.ts'
import { createUsageMetric, registerServiceMetrics } from './operations/service-metrics.ts'
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
  type SessionDeps,
  sessionRoutes,
  type Vault,
  verifyVault,
} from './sessions/index.ts'
import { keepClockRaised } from './store/clock-row.ts'
import { findSuppressedNames, findSuppression, suppressionRoutes } from './suppressions/index.ts'
import { createLocalV1, type LocalV1, v1Dialect, v1Routes } from './v1/index.ts'
import { leastNeeded, sweepDeliveries, type WebhookDeps, WebhookDispatcher, webhookRoutes } from './webhooks/index.ts'

const V2_BASE = '/api/v2/instagram'
const V1_BASE = '/api/instagram'
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
  /** Counts what fails; started like the monitor. */
  errors: ErrorCounts
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
  const features = buildFeatures(foundation, outside, {
    vault,
    keySource,
    revocations,
    address,
    drainSignal,
    onUsage: createUsageMetric(foundation.metrics.registry),
  })
  const apis = [{ base: V2_BASE, dialect: v2Dialect, routes: features.routes }, features.v1Api]
  registerMonitorMetrics(foundation.metrics.registry, { monitor: features.monitor, clock: foundation.clock })
  registerServiceMetrics(foundation.metrics.registry, { ...foundation, errors: features.errors })
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
    noteRefusal: features.errors.note,
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
      owned.defer(() => features.errors.stop())
      owned.defer(async () => {
        await Promise.all([server.close({ graceMs: SHUTDOWN_GRACE_MS }), features.stop()])
      })
      const opened = await open()
      await features.start()
      features.monitor.start()
      features.errors.start()
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

/** Builds every feature on the given ground; nothing runs before `start`. */
export function buildFeatures(
  ground: Ground,
  outside: Pick<Outside, 'connectors' | 'jars' | 'fetchMedia' | 'webhooks'>,
  parts: {
    vault: Vault
    keySource: { configured: string | null; dataDir: string }
    revocations: Revocations
    address: { url: string }
    /** Aborted once the server takes no more requests: whoever waits answers with what there is. */
    drainSignal: AbortSignal
    onUsage?: (usage: LimitUsage) => void
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
    settingsChanged: createSwitchPresets({ clock, random }),
    options: { mode: config.instagram.mode, ...config.sessions },
    publicUrl: () => address.url,
  }
  const kinds = [
    createMessageKind({ store, random, clock, fetchMedia: outside.fetchMedia }),
    createUnsendKind({ store, random }),
    ...createEngagementKinds({ store, clock, random }),
  ]
  const { connectors } = outside
  const actingDeps = {
    ...{ store, clock, random, signal, connectors },
    sessions: createSessionHooks(sessionDeps),
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
  }
  const { polling } = config
  const pace = { countMs: polling.followersCountMs, walkMs: polling.followersWalkMs }
  const sources: InboundSource[] = [
    ...createMessageSources(actingDeps, polling),
    ...(polling.activity ? [createActivitySource({ store, random, signal })] : []),
    ...(polling.followers ? [createFollowersSource({ store, random, pace })] : []),
  ]
  const outboxDeps: RunDeps = {
    ...actingDeps,
    reads: createPolling({ store, random, pace: polling, connectors, sources }),
    limits: limitsConfig(config),
    findSuppression,
    drainSignal: parts.drainSignal,
  }
  const { stopWords: stop, startWords: start, perContactDay } = config.automation
  const automationDeps: AutomationDeps = { ...outboxDeps, words: createWords({ stop, start }), perContactDay }
  const automation = new AutomationEngine({ ...automationDeps, onError: logError(logger, 'automation') })
  const validateSession = createValidateSession(sessionDeps)
  const rotateKeys = createRotateKeys({
    ...{ store, vault, random, audit },
    source: parts.keySource,
    columns: ALL_SEALED_COLUMNS,
  })
  const owner = newId('node', clock.wall(), random)
  const webhookDeps: WebhookDeps = {
    ...{ store, clock, random, seals: vault, transport: outside.webhooks },
    sessions: outboxDeps.sessions,
    userAgent: `instagram-gateway/${packageJson.version}`,
    perUserMax: config.webhooks.perUserMax,
  }
  const dispatcher = new WebhookDispatcher({ ...webhookDeps, owner, onError: logError(logger, 'webhooks') })
  const worker = createLaneWorker({
    ...{ store, clock, signal },
    owner,
    concurrency: LANES_AT_ONCE,
    performTurn: (claim, mayGoOn) => performTurn(outboxDeps, claim, mayGoOn),
    onError: logError(logger, 'lane'),
  })
  const expiry = createExpirySweep({ ...sessionDeps, onError: logError(logger, 'expiry') })
  const errors = new ErrorCounts({ store, clock, onError: logError(logger, 'error counts') })
  const housekeeping = new Housekeeping({
    clock,
    everyMs: HOUSEKEEPING_MS,
    tasks: [
      () => sweepIdempotencyKeys({ store, clock }),
      () => sweepBatches({ store, clock }),
      () => sweepDecisions({ store, clock }),
      () => sweepEvents({ store, clock, readers: [leastNeeded, leastUnevaluated], ...config.events }),
      () => errors.sweep(),
      () => sweepDeliveries({ store, clock, ...config.events }),
    ],
    onError: logError(logger, 'housekeeping'),
  })
  const batchSweep = new BatchSweep({ store, clock, onError: logError(logger, 'bulks') })
  const monitor = new Monitor({
    ...{ store, clock },
    limits: outboxDeps.limits,
    sessions: outboxDeps.sessions,
    kinds: outboxDeps.kinds,
    onViolation: (violation) => logger.error({ part: 'monitor', ...violation }, 'an invariant is broken'),
    onError: logError(logger, 'monitor'),
    ...(parts.onUsage === undefined ? {} : { onUsage: parts.onUsage }),
  })
  const v1Deps = { ...outboxDeps, ...sessionDeps, validateSession }
  const v1Api = { base: V1_BASE, dialect: v1Dialect, routes: v1Routes(v1Deps) }
  const acts = config.role !== 'api'
  return {
    routes: [
      ...sessionRoutes({ ...sessionDeps, validateSession }),
      ...messagingRoutes({ ...outboxDeps, audit }),
      ...bulkRoutes({ ...outboxDeps, findSuppressedNames }),
      ...suppressionRoutes(outboxDeps),
      ...automationRoutes(automationDeps),
      ...engagementRoutes(outboxDeps),
      ...engagementBulkRoutes(outboxDeps),
      ...outboxRoutes(outboxDeps),
      ...forecastRoutes(outboxDeps),
      ...accountLimitRoutes({ ...outboxDeps, audit }),
      ...killSwitchRoutes({ ...outboxDeps, audit }),
      ...accountPolicyRoutes({ ...outboxDeps, audit, mode: config.instagram.mode }),
      ...auditRoutes({ store }),
      ...errorRoutes({ errors }),
      ...eventRoutes({ store, clock, random }),
      ...keyRoutes({ rotateKeys }),
      ...revocationRoutes({ store, clock, revocations, audit }),
      ...webhookRoutes(webhookDeps),
      ...clockRoutes({ clock, mode: config.instagram.mode }),
    ],
    v1Api,
    localV1: createLocalV1(v1Deps, v1Api),
    pages: handoffPages({ ...sessionDeps, validateSession }),
    worker,
    monitor,
    errors,
    async start() {
      if (!acts) return
      await batchSweep.start()
      if (config.polling.inbox) await store.write((tx) => wakeListeners(tx, { at: clock.now() }))
      await worker.start()
      automation.start()
      await dispatcher.start()
      expiry.start()
      housekeeping.start()
    },
    async stop() {
      await Promise.all([
        worker.stop(),
        dispatcher.stop(),
        automation.stop(),
        expiry.stop(),
        housekeeping.stop(),
        batchSweep.stop(),
      ])
    },
  }
}

function invariantDetails({ state }: Monitor): Record<string, unknown> {
  const { checkedAt, violations } = state
  return { checkedAt: checkedAt === null ? null : new Date(checkedAt).toISOString(), violations }
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

function limitsConfig(config: Config): LimitsConfig {
  const { classicPerDay, bulkShare } = config.limits
  const classic = Object.entries(classicPerDay).map(([kind, day]) => [kind, { day }])
  return {
    standard: STANDARD_POLICY,
    classic: { ...CLASSIC_POLICY, ...Object.fromEntries(classic) },
    bulkShare,
  }
}
