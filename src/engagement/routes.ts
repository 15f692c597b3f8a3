import Type from 'typebox'
import type { RequestLimitName } from '../config/index.ts'
import { type Route, route } from '../http/route.ts'
import { ActionView, answerAgain, PendingActionView, type RunDeps } from '../outbox/index.ts'
import { engage } from './engage.ts'
import { ENGAGEMENT_KINDS, type EngagementKind, KIND_RULES, type TargetField } from './engagement.ts'

const SUMMARIES: Readonly<Record<EngagementKind, string>> = {
  like: 'Like a post',
  unlike: 'Take back a like',
  comment: 'Comment on a post',
  follow: 'Follow a user',
  unfollow: 'Unfollow a user',
  story_view: 'View a story',
  story_reply: 'Reply to a story',
  reel_like: 'Like a reel',
  reel_comment: 'Comment on a reel',
}

/** A comment or a follow is an action, too. */
const LIMITS: Readonly<Partial<Record<EngagementKind, readonly RequestLimitName[]>>> = {
  comment: ['actions', 'comments'],
  reel_comment: ['actions', 'comments'],
  follow: ['actions', 'follows'],
  unfollow: ['actions', 'follows'],
}

const MEDIA_ID = 'A number, a shortcode or an instagram.com address.'
const TARGETS: Readonly<Record<TargetField, string>> = {
  postId: MEDIA_ID,
  reelId: MEDIA_ID,
  storyId: MEDIA_ID,
  userId: "A username, Instagram's id of the user, or the address of a profile.",
}

const COMMON = {
  sessionId: Type.String({ minLength: 1, maxLength: 100 }),
  sendAt: Type.Optional(Type.String({ maxLength: 40, description: 'Not before this instant (RFC 3339).' })),
  expiresAt: Type.Optional(Type.String({ maxLength: 40, description: 'Not after this instant (RFC 3339).' })),
  onLimit: Type.Optional(
    Type.Union([Type.Literal('queue'), Type.Literal('reject')], {
      description: 'Wait when the account has reached a limit, or be refused (default).',
    }),
  ),
}

/** How an act on a post, a story or a person may be refused, through either API. */
export const ENGAGEMENT_ERRORS = [
  'SESSION_NOT_FOUND',
  'SESSION_NOT_ACTIVE',
  'CHALLENGE_REQUIRED',
  'ACTION_CANCELED',
  'ACTION_EXPIRED',
  'TARGET_NOT_FOUND',
  'REFUSED_BY_INSTAGRAM',
  'SUPPRESSED',
  'NOT_SUPPORTED',
  'ACTION_LIMIT_EXCEEDED',
  'INSTAGRAM_ERROR',
  'PROXY_ERROR',
  'INSTAGRAM_TIMEOUT',
] as const

/** `POST /actions/<kind>` for every kind of engagement. */
export function engagementRoutes(deps: RunDeps): Route[] {
  return ENGAGEMENT_KINDS.map((kind) => engagementRoute(deps, kind))
}

function engagementRoute(deps: RunDeps, kind: EngagementKind): Route {
  const { target: field, content, done } = KIND_RULES[kind]
  return route({
    operation: camelCase(kind),
    method: 'POST',
    path: `/actions/${kind.replaceAll('_', '-')}`,
    summary: SUMMARIES[kind],
    tag: 'Actions',
    scope: 'send',
    limits: LIMITS[kind] ?? ['actions'],
    body: Type.Object({
      ...COMMON,
      [field]: Type.String({ minLength: 1, maxLength: 300, description: TARGETS[field] }),
      ...(content === 'none' ? {} : { content: Type.String({ description: CONTENT[content] }) }),
    }),
    answers: { 200: ActionView, 202: PendingActionView },
    errors: ENGAGEMENT_ERRORS,
    handler({ principal, receipt, preferredWaitMs, body }) {
      const { [field]: target, ...input } = body as Body
      return engage(deps, {
        ...{ principal, receipt, preferredWaitMs, kind },
        input: { ...input, target: target as string },
      })
    },
    recover: ({ principal }, actionId) => answerAgain(deps, { principal, actionId, done }),
  })
}

/** What the schema above promises, which TypeScript cannot follow through a computed field. */
type Body = {
  sessionId: string
  content?: string
  sendAt?: string
  expiresAt?: string
  onLimit?: 'queue' | 'reject'
} & {
  [Field in TargetField]?: string
}

const CONTENT = {
  comment: '1 to 2200 characters.',
  message: '1 to 1000 bytes of UTF-8.',
} as const

function camelCase(kind: EngagementKind): string {
  return kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
