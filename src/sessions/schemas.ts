import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { ACTION_DELAY_MS_LIMIT, MAX_DAILY_ACTIONS_LIMIT, SESSION_STATUSES } from './session.ts'

/** Bodies, queries and answers of the session routes; the types, the checks and OpenAPI come from these. */

function closed<P extends Record<string, TSchema>>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false })
}

export const Username = Type.String({
  pattern: '^@?[A-Za-z0-9._]{1,30}$',
  description: 'An Instagram username.',
})

/** Printable: it stands in a header line. */
export const UserAgent = Type.String({ pattern: '^[\\x20-\\x7e]{1,512}$' })

const Proxy = Type.Union(
  [
    closed({
      host: Type.String({ pattern: '^[A-Za-z0-9._:\\[\\]-]{1,253}$' }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      username: Type.Optional(Type.String({ pattern: '^[^\\x00-\\x1f\\x7f]{1,255}$' })),
      password: Type.Optional(Type.String({ pattern: '^[^\\x00-\\x1f\\x7f]{0,255}$' })),
      protocol: Type.Optional(Type.Enum(['http', 'https', 'socks5'], { default: 'http' })),
    }),
    Type.Null(),
  ],
  { description: 'Kept with the session; left out = what the session has, null = none.' },
)
export type ProxyBody = Static<typeof Proxy>

const TwoFactorCode = Type.String({
  pattern: '^[ -]*(?:[0-9][ -]*){6,8}$',
  maxLength: 32,
  description: 'Six digits, or eight of a backup code; spaces and hyphens do not count.',
})

export const LoginBody = closed({
  username: Username,
  password: Type.String({ minLength: 1, maxLength: 1_024 }),
  twoFactorCode: Type.Optional(TwoFactorCode),
  connector: Type.Optional(Type.Enum(['web', 'graph'], { default: 'web' })),
  loginMethod: Type.Optional(Type.Enum(['http', 'browser'], { default: 'http' })),
  config: Type.Optional(
    closed({
      headless: Type.Optional(Type.Boolean({ default: true })),
      userAgent: Type.Optional(UserAgent),
      proxy: Type.Optional(Proxy),
      timeout: Type.Optional(
        Type.Integer({
          minimum: 1_000,
          maximum: 120_000,
          default: 30_000,
          description: 'Milliseconds for the login as a whole.',
        }),
      ),
      retryAttempts: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 5,
          default: 3,
          description: 'Of the connection only; a password is sent once.',
        }),
      ),
    }),
  ),
})

export const Cookies = Type.Record(Type.String({ minLength: 1, maxLength: 128 }), Type.String({ maxLength: 4_096 }), {
  maxProperties: 64,
  description: 'Values by name, from a browser that is logged in; `sessionid` at least.',
})

export const ImportBody = closed({
  username: Username,
  cookies: Cookies,
  userAgent: Type.Optional(UserAgent),
  proxy: Type.Optional(Proxy),
})

export const ChallengeBody = closed({
  code: Type.Optional(TwoFactorCode),
  done: Type.Optional(Type.Literal(true, { description: 'The owner has done what Instagram asked.' })),
})

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const metadataFields = {
  followersCount: Count,
  followingCount: Count,
  postsCount: Count,
  isBusinessAccount: Type.Boolean(),
  isVerified: Type.Boolean(),
}

const settingsFields = {
  autoReply: Type.Boolean(),
  autoLike: Type.Boolean(),
  autoFollow: Type.Boolean(),
  autoUnfollow: Type.Boolean(),
  maxDailyActions: Type.Integer({ minimum: 1, maximum: MAX_DAILY_ACTIONS_LIMIT }),
  actionDelay: Type.Integer({
    minimum: 0,
    maximum: ACTION_DELAY_MS_LIMIT,
    description: 'Least milliseconds between two actions; at least 1000 in live mode.',
  }),
}

export const UpdateBody = closed({
  settings: Type.Optional(Type.Partial(closed(settingsFields))),
  metadata: Type.Optional(Type.Partial(closed(metadataFields))),
})

export const SessionParams = closed({ sessionId: Type.String({ minLength: 1, maxLength: 128 }) })
export const UserParams = closed({ userId: Type.String({ minLength: 1, maxLength: 256 }) })
export const SessionQuery = closed({
  validate: Type.Optional(
    Type.Boolean({ description: 'Asks Instagram whether it still sees the account as logged in.' }),
  ),
})
export const SessionsQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
})

const Instant = Type.String({ format: 'date-time' })

export const SessionAnswer = Type.Object(
  {
    id: Type.String(),
    userId: Type.String(),
    username: Type.String(),
    sessionId: Type.String(),
    isActive: Type.Boolean({ description: 'Whether `status` is `active`.' }),
    lastActivity: Instant,
    metadata: Type.Object(metadataFields, {
      title: 'SessionMetadata',
      additionalProperties: false,
      description: 'As Instagram said at the last login; zeros and false where it could not be read then.',
    }),
    settings: Type.Object(settingsFields, { additionalProperties: false, title: 'SessionSettings' }),
    status: Type.Enum(Object.keys(SESSION_STATUSES)),
    statusReason: Type.Union([Type.String(), Type.Null()]),
    connector: Type.String(),
    createdAt: Instant,
    expiresAt: Instant,
  },
  { additionalProperties: false, title: 'Session' },
)

export const SessionListAnswer = Type.Array(SessionAnswer)

export const StatsAnswer = closed({
  total: Count,
  active: Count,
  expired: Count,
  byUser: Type.Record(Type.String(), Count),
})

export const CanCreateAnswer = closed({
  canCreate: Type.Boolean(),
  reason: Type.Optional(Type.String()),
  limit: Count,
  active: Count,
})

export const RotationAnswer = closed({
  keyVersion: Count,
  rewrapped: Count,
  unreadable: Count,
  droppedVersions: Type.Array(Count),
})
