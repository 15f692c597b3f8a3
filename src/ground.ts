/**
 * What every feature stands on, and the way out: store, clock, log, and the connection with Instagram or with the simulated
 * one. Knows no feature but what a vault or a session needs to be handed.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { Config, Secrets } from './config/index.ts'
import { createCookieStore, createWebConnector, importedCookies, parseCookieStore } from './connectors/index.ts'
import type { Clock } from './core/clock.ts'
import { createSystemClock, type SystemClock } from './core/clock-system.ts'
import { machineTime } from './core/machine-clock.ts'
import type { FetchMedia } from './core/media.ts'
import { type Random, systemRandom } from './core/random.ts'
import type { WebhookTransport } from './core/webhook-post.ts'
import { createLogger, createMetrics, type Metrics, RemoteKeySet } from './http/index.ts'
import { SEALED_COLUMNS, type SessionDeps } from './sessions/index.ts'
import { readSeenAt } from './store/clock-row.ts'
import { makeDataDir, openDataDir, storeFile } from './store/data-dir.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { createMediaFetcher, createTransport, createWebhookSender, measured } from './transport/index.ts'
import { WEBHOOK_SEALED_COLUMN } from './webhooks/index.ts'

/** Whatever is sealed, in every table: what is missing here is lost with the next rotation of keys. */
export const ALL_SEALED_COLUMNS = [...SEALED_COLUMNS, WEBHOOK_SEALED_COLUMN]

const LOOPBACK = '127.0.0.1'
const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128']
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']

/** What everything stands on. */
export interface Foundation {
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
export interface Outside {
  connectors: SessionDeps['connectors']
  jars: SessionDeps['jars']
  /** For media that users name by URL. */
  fetchMedia: FetchMedia
  /** To addresses that users gave for their events. */
  webhooks: WebhookTransport
  keySet: RemoteKeySet | null
  sandboxUrl: string | null
}

/** Opens the store and brings its schema up to date; what was opened is given back through `opening`. */
export async function openFoundation(
  config: Config,
  secrets: Secrets,
  opening: AsyncDisposableStack,
): Promise<Foundation> {
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

/** Connects the gateway with Instagram, or with what stands in for it. */
export async function openOutside(foundation: Foundation, opening: AsyncDisposableStack): Promise<Outside> {
  const { config, clock, metrics } = foundation
  const sandboxUrl = await openSandbox(foundation, opening)
  const baseUrl = config.instagram.mode === 'live' ? config.instagram.baseUrl : (sandboxUrl as string)
  const transport = createTransport({
    clock,
    guardAddresses: 'proxies',
    allowNetworks: [...config.network.allowed, ...(sandboxUrl === null ? [] : LOOPBACK_NETWORKS)],
    ...(sandboxUrl === null ? {} : { names: reservedNames(sandboxUrl) }),
  })
  opening.defer(() => transport.close())
  const send = measured(transport.send, { clock, observe: metrics.recordExchange })
  const userChosen = {
    clock,
    allowNetworks: userNetworks(config),
    ...(sandboxUrl === null ? {} : { names: reservedNames(sandboxUrl) }),
  }
  const media = createMediaFetcher(userChosen)
  opening.defer(() => media.close())
  const webhooks = createWebhookSender(userChosen)
  opening.defer(() => webhooks.close())
  const jwksUrl = config.auth.jwksUrl
  return {
    connectors: new Map([['web', createWebConnector({ transport: send, clock, baseUrl })]]),
    jars: {
      create: createCookieStore,
      parse: parseCookieStore,
      imported: (cookies) => importedCookies({ cookies, baseUrl }),
    },
    fetchMedia: media.fetch,
    webhooks,
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

/** Where errors of background work go: the log, with the part that failed and, where known, the account. */
export function logError(logger: Logger, part: string) {
  return (error: unknown, account: string | null = null) => {
    logger.error({ part, ...(account === null ? {} : { account }), err: error }, 'something failed in the background')
  }
}
