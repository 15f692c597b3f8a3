import type { Secret } from '../core/secret.ts'
import type { OptionName, OptionValues } from './options.ts'
import type { RequestLimits } from './request-limits.ts'

const HOUR_MS = 3_600_000
const LIVE_ACTION_DELAY_MIN_MS = 1000

/** What the gateway runs by. Secrets are not in it and never travel with it. */
export interface Config {
  instagram: Instagram
  role: 'all' | 'api' | 'worker'
  dataDir: string
  store: { type: 'sqlite' } | { type: 'postgres' }
  http: {
    host: string
    port: number
    /** Null = built from host and the port that was really bound. */
    publicUrl: string | null
  }
  auth: { jwksUrl: string | null; issuer: string | null; audience: string | null }
  /** Null = off. */
  requestLimits: RequestLimits | null
  sessions: {
    perUserMax: number
    expiryMs: number
    retentionMs: number
    maxDailyActions: number
    actionDelayMs: number
  }
  limits: {
    /** Over 24 rolling hours. */
    classicPerDay: { follow: number; like: number; comment: number }
    bulkShare: number
  }
  automation: {
    /** With which a contact asks not to be messaged, and takes it back. */
    stopWords: readonly string[]
    startWords: readonly string[]
    /** How often rules of an account may act on one contact in 24 hours. */
    perContactDay: number
  }
  polling: {
    inbox: boolean
    activity: boolean
    followers: boolean
    followersCountMs: number
    followersWalkMs: number
    backfillMs: number
    busyMs: number
    idleMaxMs: number
    perHourMax: number
  }
  network: {
    /** CIDRs. */
    allowed: readonly string[]
    /** Webhooks may go to loopback and all private ranges. */
    allowPrivate: boolean
  }
  webhooks: { perUserMax: number }
  events: { retentionMs: number }
  logLevel: OptionValues['LOG_LEVEL']
}

export type Instagram =
  | { mode: 'sandbox'; sandbox: { type: 'embedded'; port: number; seed: number } | { type: 'external'; url: string } }
  | { mode: 'live'; baseUrl: string }

export interface Secrets {
  databaseUrl: Secret | null
  /** Comma-separated; the first signs, all verify. Null = the one generated in the data directory. */
  jwtSecrets: Secret | null
  /** Text of `<version>:<base64>` entries. Null = the key file in the data directory. */
  encryptionKeys: Secret | null
  metricsToken: Secret | null
}

/** The typed configuration of parsed options. Contradictions are `contradictions`' business. */
export function buildConfig(values: OptionValues): { config: Config; secrets: Secrets } {
  const config: Config = {
    instagram: instagram(values),
    role: values.ROLE,
    dataDir: values.DATA_DIR ?? `data/${values.INSTAGRAM_MODE}`,
    store: { type: values.DATABASE_URL === null ? 'sqlite' : 'postgres' },
    http: { host: values.HOST, port: values.PORT, publicUrl: values.PUBLIC_URL },
    auth: { jwksUrl: values.JWT_JWKS_URL, issuer: values.JWT_ISSUER, audience: values.JWT_AUDIENCE },
    requestLimits: values.REQUEST_LIMITS,
    sessions: {
      perUserMax: values.MAX_SESSIONS_PER_USER,
      expiryMs: values.SESSION_EXPIRY_HOURS * HOUR_MS,
      retentionMs: values.SESSION_RETENTION_DAYS * 24 * HOUR_MS,
      maxDailyActions: values.MAX_DAILY_ACTIONS,
      actionDelayMs: values.ACTION_DELAY,
    },
    limits: {
      classicPerDay: {
        follow: values.FOLLOW_LIMIT_PER_DAY,
        like: values.LIKE_LIMIT_PER_DAY,
        comment: values.COMMENT_LIMIT_PER_DAY,
      },
      bulkShare: values.BULK_SHARE,
    },
    automation: {
      stopWords: Object.values(values.STOP_WORDS).flat(),
      startWords: Object.values(values.START_WORDS).flat(),
      perContactDay: values.AUTOMATION_PER_CONTACT_DAY,
    },
    polling: {
      inbox: values.POLL_INBOX,
      activity: values.POLL_ACTIVITY,
      followers: values.POLL_FOLLOWERS,
      followersCountMs: values.POLL_FOLLOWERS_MS,
      followersWalkMs: values.POLL_FOLLOWERS_WALK_MS,
      backfillMs: values.POLL_BACKFILL_DAYS * 24 * HOUR_MS,
      busyMs: values.POLL_BUSY_MS,
      idleMaxMs: values.POLL_IDLE_MAX_MS,
      perHourMax: values.POLL_MAX_PER_HOUR,
    },
    network: { allowed: values.ALLOW_NETWORKS, allowPrivate: values.WEBHOOK_ALLOW_PRIVATE },
    webhooks: { perUserMax: values.MAX_WEBHOOKS_PER_USER },
    events: { retentionMs: values.EVENT_RETENTION_DAYS * 24 * HOUR_MS },
    logLevel: values.LOG_LEVEL,
  }
  const secrets: Secrets = {
    databaseUrl: values.DATABASE_URL,
    jwtSecrets: values.JWT_SECRET,
    encryptionKeys: values.ENCRYPTION_KEYS,
    metricsToken: values.METRICS_TOKEN,
  }
  return { config, secrets }
}

interface Contradiction {
  /** The options that it is about. */
  between: readonly OptionName[]
  isGiven(values: OptionValues): boolean
  /** Says what to change. */
  sentence(values: OptionValues): string
}

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    between: ['DATABASE_URL', 'JWT_SECRET', 'JWT_JWKS_URL'],
    isGiven: (values) => values.DATABASE_URL !== null && values.JWT_SECRET === null && values.JWT_JWKS_URL === null,
    sentence: () => 'DATABASE_URL is set, so tokens must be the same on every node: set JWT_SECRET or JWT_JWKS_URL.',
  },
  {
    between: ['DATABASE_URL', 'ENCRYPTION_KEYS'],
    isGiven: (values) => values.DATABASE_URL !== null && values.ENCRYPTION_KEYS === null,
    sentence: () => 'DATABASE_URL is set, so every node must read the same credentials: set ENCRYPTION_KEYS.',
  },
  {
    between: ['ROLE', 'DATABASE_URL'],
    isGiven: (values) => values.ROLE !== 'all' && values.DATABASE_URL === null,
    sentence: ({ ROLE }) =>
      `ROLE=${ROLE} shares its work with other processes: set DATABASE_URL, or leave ROLE at all.`,
  },
  {
    between: ['INSTAGRAM_MODE', 'SANDBOX_URL'],
    isGiven: (values) => values.INSTAGRAM_MODE === 'live' && values.SANDBOX_URL !== null,
    sentence: () => 'SANDBOX_URL is set, but INSTAGRAM_MODE is live: remove one of them.',
  },
  {
    between: ['INSTAGRAM_MODE', 'ACTION_DELAY'],
    isGiven: (values) => values.INSTAGRAM_MODE === 'live' && values.ACTION_DELAY < LIVE_ACTION_DELAY_MIN_MS,
    sentence: () => `ACTION_DELAY is under ${LIVE_ACTION_DELAY_MIN_MS} ms, which live mode does not allow: raise it.`,
  },
  {
    between: ['POLL_BUSY_MS', 'POLL_IDLE_MAX_MS'],
    isGiven: (values) => values.POLL_BUSY_MS > values.POLL_IDLE_MAX_MS,
    sentence: () => 'POLL_BUSY_MS is above POLL_IDLE_MAX_MS: lower it, or raise the other.',
  },
  {
    between: ['INSTAGRAM_MODE', 'SANDBOX_URL', 'PORT', 'SANDBOX_PORT'],
    isGiven: (values) => values.INSTAGRAM_MODE === 'sandbox' && values.SANDBOX_URL === null && sharesPort(values),
    sentence: () => 'PORT and SANDBOX_PORT are the same: change one of them.',
  },
]

/**
 * Combinations that cannot work, each a sentence that says what to change. Those about an option that is faulty by itself
 * are left out: they would only add noise to the fault that explains them.
 */
export function contradictions(values: OptionValues, faulty: ReadonlySet<OptionName>): string[] {
  return CONTRADICTIONS.filter(({ between }) => !between.some((name) => faulty.has(name)))
    .filter(({ isGiven }) => isGiven(values))
    .map(({ sentence }) => sentence(values))
}

function sharesPort(values: OptionValues): boolean {
  return values.PORT !== 0 && values.PORT === values.SANDBOX_PORT
}

function instagram(values: OptionValues): Instagram {
  if (values.INSTAGRAM_MODE === 'live') {
    // The connectors add the path of each call themselves.
    return { mode: 'live', baseUrl: values.INSTAGRAM_BASE_URL.replace(/\/api\/v1$/, '') }
  }
  if (values.SANDBOX_URL !== null) {
    return { mode: 'sandbox', sandbox: { type: 'external', url: values.SANDBOX_URL } }
  }
  return { mode: 'sandbox', sandbox: { type: 'embedded', port: values.SANDBOX_PORT, seed: values.SANDBOX_SEED } }
}
