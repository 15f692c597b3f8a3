import Type, { type Static } from 'typebox'
import { Cookies, UserAgent, Username } from '../sessions/index.ts'

/** Bodies and answers of the first document; the types, the checks and OpenAPI come from these. */

const Instant = Type.String({ format: 'date-time' })
const Target = Type.String({ minLength: 1, maxLength: 300 })

export const SessionBody = Type.Object({
  username: Username,
  session_id: Type.String({
    pattern: '^[\\x21-\\x7e]{1,256}$',
    description: 'Your own name for the session; kept and returned. The credential is in the cookies.',
  }),
  cookies: Cookies,
  user_agent: UserAgent,
})

export const AccountParams = Type.Object({ username: Username })

export const FollowBody = Type.Object({
  username: Username,
  target_user_id: Target,
  action_type: Type.Literal('follow'),
})

export const LikeBody = Type.Object({
  username: Username,
  media_id: Target,
  action_type: Type.Literal('like'),
})

const Text = Type.String({ description: '1 to 2200 characters.' })

export const CommentBody = Type.Object({
  username: Username,
  media_id: Target,
  text: Type.Optional(Text),
  comment: Type.Optional(Type.String({ description: 'Another name for `text`; one of them is required.' })),
  action_type: Type.Literal('comment'),
})
export type CommentBody = Static<typeof CommentBody>

const LimitView = Type.Object(
  {
    limit: Type.Integer(),
    used: Type.Integer(),
    remaining: Type.Integer(),
    reset_at: Type.Union([Instant, Type.Null()], {
      description: 'When the next use leaves the window; null while nothing is used.',
    }),
    paused_until: Type.Optional(Type.String({ format: 'date-time', description: 'While Instagram wants a pause.' })),
    reason: Type.Optional(Type.String()),
  },
  { title: 'V1Limit', description: 'The rolling window that leaves least room.' },
)
export type LimitView = Static<typeof LimitView>

const ActedLimits = Type.Object({ follow: LimitView, like: LimitView, comment: LimitView }, { title: 'V1ActedLimits' })

/** Every kind that the account can do, those of v2 included. */
export const LimitsAnswer = Type.Object({
  limits: Type.Object(ActedLimits.properties, { additionalProperties: LimitView }),
})

export const SessionView = Type.Object(
  {
    username: Type.String(),
    session_id: Type.Union([Type.String(), Type.Null()], {
      description: 'As it was given; null for a session that only v2 has opened.',
    }),
    created_at: Instant,
    expires_at: Instant,
    is_active: Type.Boolean(),
    limits: ActedLimits,
  },
  { title: 'V1Session' },
)
export type SessionView = Static<typeof SessionView>

export const SessionAnswer = Type.Object({ session: SessionView })

export const ActionAnswer = Type.Object(
  {
    action_id: Type.String(),
    status: Type.Enum(['queued', 'running', 'succeeded', 'unconfirmed']),
    limits: ActedLimits,
  },
  { title: 'V1Action' },
)
