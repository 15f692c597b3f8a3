import ipaddr from 'ipaddr.js'
import { choice, decimal, flag, integer, list, type Option, secret, split, text, url } from './option.ts'
import { parseRequestLimits, type RequestLimits } from './request-limits.ts'
import { parseWords, type WordsByLanguage } from './words.ts'

const SECRET_BYTES_MIN = 32

/**
 * Every option of the gateway, once. The environment is read by it, the typed `Config` is built from it, and
 * `docs/configuration.md` and `.env.example` are written from it.
 */
export const OPTIONS = {
  HOST: text({ default: '127.0.0.1', description: 'Address to listen on. Anything but loopback wants TLS in front.' }),
  PORT: integer({ default: '3000', min: 0, max: 65_535, description: 'Port to listen on; 0 takes a free one.' }),
  PUBLIC_URL: url({
    default: null,
    defaultNote: '`http://HOST:PORT`',
    protocols: ['http:', 'https:'],
    description: 'How users reach the gateway; links to hand-off pages start with it.',
  }),
  ROLE: choice({
    default: 'all',
    choices: ['all', 'api', 'worker'],
    description: 'What this process does. Other than `all` needs PostgreSQL.',
  }),
  DATA_DIR: text({
    default: null,
    defaultNote: '`data/sandbox` or `data/live`, by mode',
    description: 'Directory of the embedded database, generated secrets and caches. One process at a time.',
  }),
  DATABASE_URL: secret({
    defaultNote: 'none: embedded SQLite in `DATA_DIR`',
    range: 'postgres://…',
    description: 'PostgreSQL 15 or newer; needed for more than one process.',
    fault: (value) =>
      /^postgres(ql)?:\/\//.test(value) && URL.canParse(value) ? null : 'must be a URL that starts with postgres://',
  }),
  LOG_LEVEL: choice({
    default: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    description: 'Least severity that is logged. The level never changes what is redacted.',
  }),
  INSTAGRAM_MODE: choice({
    default: 'sandbox',
    choices: ['sandbox', 'live'],
    description: '`sandbox` talks to the simulated Instagram, `live` to the real one.',
  }),
  INSTAGRAM_BASE_URL: url({
    default: 'https://www.instagram.com',
    protocols: ['https:', 'http:'],
    description:
      'Where live mode finds Instagram’s web interface; also as the first document’s `BASE_URL` has it, with `/api/v1`.',
  }),
  SANDBOX_PORT: integer({
    default: '3001',
    min: 0,
    max: 65_535,
    description: 'Port of the sandbox, on loopback only; 0 takes a free one.',
  }),
  SANDBOX_URL: url({
    default: null,
    defaultNote: 'none: the sandbox runs inside the gateway',
    protocols: ['http:'],
    description: 'A sandbox in its own process (`npm run sandbox`) to use instead of the one inside.',
  }),
  SANDBOX_SEED: integer({
    default: '1',
    min: 0,
    max: 4_294_967_295,
    description: 'Seed of the sandbox’s ids and cookies.',
  }),
  JWT_SECRET: secret({
    defaultNote: 'generated into `DATA_DIR` on first start',
    range: `list, each at least ${SECRET_BYTES_MIN} bytes`,
    description: 'HS256 secrets, separated by commas: the first signs, all verify.',
    fault: jwtSecretFault,
  }),
  JWT_JWKS_URL: url({
    default: null,
    protocols: ['https:', 'http:'],
    description: 'Key set of an identity provider (RS256, PS256, ES256, EdDSA).',
  }),
  JWT_ISSUER: text({ default: null, description: 'Required `iss` of tokens, when set.' }),
  JWT_AUDIENCE: text({ default: null, description: 'Required `aud` of tokens, when set.' }),
  ENCRYPTION_KEYS: secret({
    defaultNote: 'a key file generated in `DATA_DIR`',
    range: 'list of `<version>:<base64 of 32 bytes>`',
    description: 'Keys of the credential vault; the highest version seals, all open.',
    fault: encryptionKeysFault,
  }),
  REQUEST_LIMITS: requestLimits(),
  MAX_SESSIONS_PER_USER: integer({
    default: '100',
    min: 1,
    max: 100_000,
    description: 'Live sessions that one user may have.',
  }),
  SESSION_EXPIRY_HOURS: integer({
    default: '24',
    min: 1,
    max: 8_760,
    description: 'Hours after Instagram last answered a session as logged in until it expires.',
  }),
  SESSION_RETENTION_DAYS: integer({
    default: '30',
    min: 1,
    max: 3_650,
    description: 'Days that ended sessions are kept, without their credentials.',
  }),
  MAX_DAILY_ACTIONS: integer({
    default: '100',
    min: 1,
    max: 10_000,
    description: '`maxDailyActions` of new sessions: actions of all kinds in 24 rolling hours.',
  }),
  ACTION_DELAY: integer({
    default: '30000',
    min: 0,
    max: 86_400_000,
    description: '`actionDelay` of new sessions: least milliseconds between two actions; at least 1000 in live mode.',
  }),
  FOLLOW_LIMIT_PER_DAY: integer({
    default: '200',
    min: 1,
    max: 100_000,
    description: 'Follows in 24 rolling hours under the policy `classic` (v1).',
  }),
  LIKE_LIMIT_PER_DAY: integer({
    default: '1000',
    min: 1,
    max: 100_000,
    description: 'Likes in 24 rolling hours under the policy `classic` (v1).',
  }),
  COMMENT_LIMIT_PER_DAY: integer({
    default: '100',
    min: 1,
    max: 100_000,
    description: 'Comments in 24 rolling hours under the policy `classic` (v1).',
  }),
  BULK_SHARE: decimal({
    default: '0.8',
    above: 0,
    max: 1,
    description: 'Share of every limit that bulk and automation may use; the rest stays for people.',
  }),
  POLL_INBOX: flag({
    default: 'true',
    description: 'Whether the messages that accounts receive are read. Without it none arrive here.',
  }),
  POLL_ACTIVITY: flag({
    default: 'true',
    description: 'Whether the likes, comments, follows and mentions that accounts receive are read.',
  }),
  POLL_FOLLOWERS: flag({
    default: 'true',
    description: 'Whether follower lists are read: without it nobody hears who leaves.',
  }),
  POLL_FOLLOWERS_MS: integer({
    default: '600000',
    min: 60_000,
    max: 86_400_000,
    description: 'Milliseconds between two looks at the number of followers; the list is read when it has changed.',
  }),
  POLL_FOLLOWERS_WALK_MS: integer({
    default: '86400000',
    min: 3_600_000,
    max: 2_592_000_000,
    description: 'Most milliseconds between two readings of a whole follower list, though its number has not changed.',
  }),
  POLL_BACKFILL_DAYS: integer({
    default: '7',
    min: 0,
    max: 3_650,
    description: 'How many days back messages are read when an account is connected. They are stored, and no news.',
  }),
  POLL_BUSY_MS: integer({
    default: '20000',
    min: 2_000,
    max: 3_600_000,
    description:
      'Milliseconds between two reads of a source that has just brought news; each read without news makes it longer.',
  }),
  POLL_IDLE_MAX_MS: integer({
    default: '600000',
    min: 2_000,
    max: 86_400_000,
    description: 'Most milliseconds between two reads of a source, however quiet it is.',
  }),
  POLL_MAX_PER_HOUR: integer({
    default: '120',
    min: 1,
    max: 1_800,
    description: 'Reads of one account in a rolling hour, all sources together.',
  }),
  STOP_WORDS: words({
    default:
      '{"en":["stop","unsubscribe"],"de":["stopp","abmelden"],"es":["alto","baja"],"fr":["arret","desabonner"],"it":["ferma"],"pt":["parar"]}',
    description: 'A contact whose whole message is one of these, in whatever case, is written to no more.',
  }),
  START_WORDS: words({
    default: '{"en":["start"],"de":["anmelden"],"es":["alta"],"fr":["demarrer"],"it":["inizia"],"pt":["iniciar"]}',
    description: 'The words with which a contact takes that back.',
  }),
  AUTOMATION_PER_CONTACT_DAY: integer({
    default: '10',
    min: 1,
    max: 1_000,
    description: 'How often the rules of an account may act on one contact in 24 hours, all together.',
  }),
  ALLOW_NETWORKS: list({
    default: '',
    defaultNote: 'none; loopback in sandbox mode',
    range: 'CIDRs',
    entryFault: (entry) => (isCidr(entry) ? null : `holds ${JSON.stringify(entry)}, which is no CIDR like 10.0.0.0/8`),
    description: 'Private networks that webhooks, media and proxies may reach. Metadata addresses never.',
  }),
  WEBHOOK_ALLOW_PRIVATE: flag({
    default: 'false',
    description: 'The same as listing loopback and all private ranges in `ALLOW_NETWORKS`.',
  }),
  MAX_WEBHOOKS_PER_USER: integer({
    default: '20',
    min: 1,
    max: 100_000,
    description: 'Webhooks that one user may have.',
  }),
  EVENT_RETENTION_DAYS: integer({
    default: '30',
    min: 1,
    max: 3_650,
    description: 'Days that events and ended deliveries are kept; what a webhook still has to get is kept longer.',
  }),
  METRICS_TOKEN: secret({
    defaultNote: 'none: for loopback only',
    description: 'Bearer token that `/metrics` and the details of `/readyz` ask for, from any address.',
    fault: (value) => (/^[\x21-\x7e]{16,}$/.test(value) ? null : 'must be at least 16 visible ASCII characters'),
  }),
}

export type OptionName = keyof typeof OPTIONS

type ValueOf<O> = O extends Option<infer T> & { default: infer D } ? (null extends D ? T | null : T) : never

/** The parsed value of every option; null where none was given and there is no default. */
export type OptionValues = { [Name in OptionName]: ValueOf<(typeof OPTIONS)[Name]> }

function words(basics: { default: string; description: string }): Option<WordsByLanguage> & { default: string } {
  return { ...basics, type: 'JSON', secret: false, range: 'JSON: lists of words by language', parse: parseWords }
}

function requestLimits(): Option<RequestLimits | null> & { default: string } {
  return {
    type: 'JSON',
    default: '{}',
    defaultNote: 'login 5 in 5 min, messages 30/min, bulk 5 in 5 min, actions 50/min, comments 20/min, follows 30/min',
    secret: false,
    range: 'JSON, the path of a JSON file, or `off`',
    description:
      'Requests a user may make in rolling windows, e.g. `{"login":{"limit":5,"seconds":300}}`; what is not named keeps its default.',
    parse: parseRequestLimits,
  }
}

/** Values that stand in documents and tutorials; whoever can read those could sign tokens. */
const EXAMPLE_SECRET =
  /^(.)\1*$|change.?me|your.?(jwt|256|super)|example|placeholder|secret.?secret|0123456789abcdef0123/i

function jwtSecretFault(value: string): string | null {
  const entries = split(value)
  if (entries.length === 0) return 'must hold at least one secret'
  for (const [index, entry] of entries.entries()) {
    const which = entries.length === 1 ? '' : ` (no. ${index + 1} of ${entries.length})`
    if (Buffer.byteLength(entry) < SECRET_BYTES_MIN) {
      return `must be at least ${SECRET_BYTES_MIN} bytes${which}; make one with: openssl rand -base64 48`
    }
    if (EXAMPLE_SECRET.test(entry)) {
      return `looks like an example value${which}; make one with: openssl rand -base64 48`
    }
  }
  return null
}

function encryptionKeysFault(value: string): string | null {
  const entries = split(value)
  const versions = new Set<string>()
  for (const [index, entry] of entries.entries()) {
    const match = /^([1-9][0-9]{0,8}):([A-Za-z0-9+/_-]{43}=?)$/.exec(entry)
    if (match === null) return `entry no. ${index + 1} must have the form <version>:<base64 of 32 bytes>`
    const version = match[1] as string
    if (versions.has(version)) return `has two keys of version ${version}`
    versions.add(version)
    const bytes = Buffer.from(match[2] as string, 'base64')
    if (bytes.every((byte) => byte === bytes[0])) return `entry no. ${index + 1} is no random key`
  }
  return entries.length === 0 ? 'must hold at least one key' : null
}

function isCidr(entry: string): boolean {
  return ipaddr.isValidCIDR(entry)
}
