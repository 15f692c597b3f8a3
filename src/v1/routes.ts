import { GatewayError, invalidFields } from '../core/errors.ts'
import { ENGAGEMENT_ERRORS, KIND_RULES } from '../engagement/index.ts'
import { type Answer, type Principal, type Route, route } from '../http/route.ts'
import { answerAgain, type RunDeps, requireAble } from '../outbox/index.ts'
import {
  deactivateSession,
  findOwnSessionEverNamed,
  findOwnSessionNamed,
  type ImportInput,
  importSession,
  type SessionDeps,
} from '../sessions/index.ts'
import { actAs, presentIn } from './act.ts'
import {
  AccountParams,
  ActionAnswer,
  CommentBody,
  FollowBody,
  LikeBody,
  LimitsAnswer,
  SessionAnswer,
  SessionBody,
} from './schemas.ts'
import { ACTED_KINDS, viewLimits, viewSession } from './views.ts'

export type V1Deps = SessionDeps & RunDeps

const TAG = 'v1'

/** The first document's API. Every rule is the use cases'; what is here is its names. */
export function v1Routes(deps: V1Deps): Route[] {
  return [...sessionRoutes(deps), ...actionRoutes(deps)]
}

function sessionRoutes(deps: V1Deps): Route[] {
  return [
    route({
      operation: 'v1CreateSession',
      method: 'POST',
      path: '/session',
      summary: 'Open a session with cookies from a browser',
      tag: TAG,
      scope: 'manage',
      limits: ['login'],
      body: SessionBody,
      answers: { 201: SessionAnswer },
      errors: [
        'INVALID_CREDENTIALS',
        'CHALLENGE_REQUIRED',
        'SESSION_LIMIT_REACHED',
        'ACCOUNT_IN_USE',
        'NOT_SUPPORTED',
        'INSTAGRAM_ERROR',
        'PROXY_ERROR',
        'INSTAGRAM_TIMEOUT',
      ],
      handler: ({ principal, receipt, body }) =>
        createSession(deps, {
          principal,
          receipt,
          label: body.session_id,
          username: body.username,
          cookies: body.cookies,
          userAgent: body.user_agent,
        }),
    }),
    route({
      operation: 'v1DeleteSession',
      method: 'DELETE',
      path: '/session/:username',
      summary: 'Deactivate a session without telling Instagram, and wipe the credentials',
      tag: TAG,
      scope: 'manage',
      params: AccountParams,
      answers: { 200: null },
      errors: ['SESSION_NOT_FOUND'],
      handler: async ({ principal, params }) => {
        const session = await findOwnSessionEverNamed(deps.store.read, principal, params.username)
        await deactivateSession(deps, { principal, sessionId: session.id })
        return { status: 200, message: 'Session invalidated' }
      },
    }),
    route({
      operation: 'v1GetLimits',
      method: 'GET',
      path: '/limits/:username',
      summary: 'Read what the account may still do',
      tag: TAG,
      scope: 'read',
      params: AccountParams,
      answers: { 200: LimitsAnswer },
      errors: ['SESSION_NOT_FOUND', 'SESSION_NOT_ACTIVE'],
      handler: ({ principal, params }) => readLimitsOf(deps, principal, params.username),
    }),
  ]
}

type NewSession = Pick<ImportInput, 'principal' | 'receipt' | 'label' | 'username' | 'cookies' | 'userAgent'>

async function createSession(deps: V1Deps, input: NewSession): Promise<Answer> {
  try {
    return await importSession(deps, {
      ...input,
      api: 'v1',
      proxy: undefined,
      answer: async (session, tx) => ({
        status: 201,
        data: { session: await viewSession(tx, deps, session) },
        message: 'Session created',
      }),
    })
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'ACCOUNT_MISMATCH') throw error
    throw invalidFields([{ path: 'cookies', message: 'belong to another Instagram account' }])
  }
}

async function readLimitsOf(deps: V1Deps, principal: Principal, username: string): Promise<Answer> {
  const db = deps.store.read
  const session = await findOwnSessionNamed(db, principal, username)
  requireAble(session, deps.clock.now(), null)
  const kinds = [...ACTED_KINDS, ...[...deps.kinds.keys()].sort()]
  const limits = await viewLimits(db, deps, session, [...new Set(kinds)])
  return { status: 200, data: { limits }, message: 'Limits retrieved' }
}

const ACTION = {
  method: 'POST',
  tag: TAG,
  scope: 'send',
  answers: { 200: ActionAnswer },
  errors: ENGAGEMENT_ERRORS,
} as const

function actionRoutes(deps: V1Deps): Route[] {
  const recover =
    (kind: (typeof ACTED_KINDS)[number]) =>
    ({ principal }: { principal: Principal }, actionId: string) =>
      answerAgain(deps, { principal, actionId, done: KIND_RULES[kind].done, present: presentIn(deps) })
  return [
    route({
      ...ACTION,
      operation: 'v1Follow',
      path: '/follow',
      summary: 'Follow a user',
      limits: ['actions', 'follows'],
      body: FollowBody,
      handler: (call) => {
        const { username, target_user_id: target } = call.body
        return actAs(deps, call, { username, kind: 'follow', target })
      },
      recover: recover('follow'),
    }),
    route({
      ...ACTION,
      operation: 'v1Like',
      path: '/like',
      summary: 'Like a post',
      limits: ['actions'],
      body: LikeBody,
      handler: (call) => {
        const { username, media_id: target } = call.body
        return actAs(deps, call, { username, kind: 'like', target })
      },
      recover: recover('like'),
    }),
    route({
      ...ACTION,
      operation: 'v1Comment',
      path: '/comment',
      summary: 'Comment on a post',
      limits: ['actions', 'comments'],
      body: CommentBody,
      handler: (call) => {
        const { username, media_id: target } = call.body
        return actAs(deps, call, { username, kind: 'comment', target, text: textOf(call.body) })
      },
      recover: recover('comment'),
    }),
  ]
}

/** The document's client names the text, its HTTP examples do not; so both names that clients guess are taken. */
function textOf({ text, comment }: CommentBody): string {
  if (text !== undefined && comment !== undefined) {
    throw invalidFields([{ path: 'comment', message: 'is another name for text; give one of them' }])
  }
  const given = text ?? comment
  if (given === undefined) throw invalidFields([{ path: 'text', message: 'is required' }])
  return given
}
