import { GatewayError, invalidFields } from '../core/errors.ts'
import type { Proxy } from '../core/transport.ts'
import { type Answer, type Route, route } from '../http/route.ts'
import { requireUser } from '../http/tenancy.ts'
import { deactivateSession } from './deactivate-session.ts'
import type { SessionDeps } from './dependencies.ts'
import { findOwnSession } from './find-own-session.ts'
import { importSession } from './import-session.ts'
import { logIn } from './log-in.ts'
import { logOut } from './log-out.ts'
import { canCreateSession, listSessions, sessionStats } from './read-sessions.ts'
import { resumeChallenge } from './resume-challenge.ts'
import {
  CanCreateAnswer,
  ChallengeBody,
  ImportBody,
  LoginBody,
  type ProxyBody,
  SessionAnswer,
  SessionListAnswer,
  SessionParams,
  SessionQuery,
  SessionsQuery,
  StatsAnswer,
  UpdateBody,
  UserParams,
} from './schemas.ts'
import { type Session, sessionView } from './session.ts'
import { updateSession } from './update-session.ts'
import type { ValidateSession } from './validate-session.ts'

export type SessionRouteDeps = SessionDeps & { validateSession: ValidateSession }

/** Login and sessions of the v2 API. */
export function sessionRoutes(deps: SessionRouteDeps): Route[] {
  return [...loginRoutes(deps), ...oneSessionRoutes(deps), ...manySessionsRoutes(deps)]
}

const LOGIN_DEFAULTS = { timeoutMs: 30_000, retries: 3 }
const LIST_LIMIT = 100
const TAG = 'Sessions'

function loginRoutes(deps: SessionRouteDeps): Route[] {
  const answerWith =
    (message: string) =>
    (session: Session): Answer => ({ status: 200, data: sessionView(session, deps.clock.now()), message })
  return [
    route({
      operation: 'logIn',
      method: 'POST',
      path: '/login',
      summary: 'Log in to Instagram',
      tag: TAG,
      scope: 'manage',
      limits: ['login'],
      body: LoginBody,
      answers: { 200: SessionAnswer },
      errors: [
        'TWO_FACTOR_REQUIRED',
        'CHALLENGE_REQUIRED',
        'SESSION_LIMIT_REACHED',
        'ACCOUNT_IN_USE',
        'INVALID_CREDENTIALS',
        'INVALID_TWO_FACTOR_CODE',
        'NOT_SUPPORTED',
        'INSTAGRAM_ERROR',
        'PROXY_ERROR',
        'INSTAGRAM_TIMEOUT',
      ],
      handler: ({ principal, receipt, body }) => {
        const { config = {}, connector = 'web' } = body
        if (body.loginMethod === 'browser') {
          throw new GatewayError('NOT_SUPPORTED', {
            message: 'loginMethod "browser" is not supported; leave it at "http".',
          })
        }
        return logIn(deps, {
          principal,
          receipt,
          api: 'v2',
          connector,
          username: body.username,
          password: body.password,
          twoFactorCode: body.twoFactorCode ?? null,
          proxy: proxyOf(config.proxy),
          userAgent: config.userAgent,
          timeoutMs: config.timeout ?? LOGIN_DEFAULTS.timeoutMs,
          retries: config.retryAttempts ?? LOGIN_DEFAULTS.retries,
          answer: answerWith('Login successful'),
        })
      },
    }),
    route({
      operation: 'importSession',
      method: 'POST',
      path: '/session/import',
      summary: 'Open a session with cookies from a browser',
      tag: TAG,
      scope: 'manage',
      limits: ['login'],
      body: ImportBody,
      answers: { 200: SessionAnswer },
      errors: [
        'CHALLENGE_REQUIRED',
        'SESSION_LIMIT_REACHED',
        'ACCOUNT_IN_USE',
        'ACCOUNT_MISMATCH',
        'INVALID_CREDENTIALS',
        'NOT_SUPPORTED',
        'INSTAGRAM_ERROR',
        'PROXY_ERROR',
        'INSTAGRAM_TIMEOUT',
      ],
      handler: ({ principal, receipt, body }) =>
        importSession(deps, {
          principal,
          receipt,
          api: 'v2',
          label: null,
          username: body.username,
          cookies: body.cookies,
          proxy: proxyOf(body.proxy),
          userAgent: body.userAgent,
          answer: answerWith('Session imported'),
        }),
    }),
    route({
      operation: 'resumeChallenge',
      method: 'POST',
      path: '/session/:sessionId/challenge',
      summary: 'Go on after the owner has done what Instagram asked',
      tag: TAG,
      scope: 'manage',
      params: SessionParams,
      body: ChallengeBody,
      bodyOptional: true,
      answers: { 200: SessionAnswer },
      errors: [
        'SESSION_NOT_FOUND',
        'SESSION_NOT_ACTIVE',
        'CHALLENGE_REQUIRED',
        'TWO_FACTOR_REQUIRED',
        'ACCOUNT_MISMATCH',
        'INVALID_TWO_FACTOR_CODE',
        'NOT_SUPPORTED',
        'INSTAGRAM_ERROR',
        'PROXY_ERROR',
        'INSTAGRAM_TIMEOUT',
      ],
      handler: ({ principal, receipt, params, body }) =>
        resumeChallenge(deps, {
          principal,
          receipt,
          sessionId: params.sessionId,
          code: body.code ?? null,
          answer: answerWith('Challenge completed'),
        }),
    }),
    route({
      operation: 'logOut',
      method: 'POST',
      path: '/logout/:sessionId',
      summary: 'Log out at Instagram and wipe the credentials',
      tag: TAG,
      scope: 'manage',
      params: SessionParams,
      answers: { 200: null },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, receipt, params }) => logOut(deps, { principal, receipt, sessionId: params.sessionId }),
    }),
  ]
}

function oneSessionRoutes(deps: SessionRouteDeps): Route[] {
  const show = (session: Session) => sessionView(session, deps.clock.now())
  return [
    route({
      operation: 'getSession',
      method: 'GET',
      path: '/session/:sessionId',
      summary: 'Get a session',
      tag: TAG,
      scope: 'read',
      params: SessionParams,
      query: SessionQuery,
      answers: { 200: SessionAnswer },
      errors: ['SESSION_NOT_FOUND', 'INSTAGRAM_ERROR', 'PROXY_ERROR', 'INSTAGRAM_TIMEOUT'],
      handler: async ({ principal, params, query }) => {
        const session = await findOwnSession(deps.store.read, principal, params.sessionId)
        if (query.validate !== true || session.endedAt !== null) return { status: 200, data: show(session) }
        const validated = await deps.validateSession(session)
        return { status: 200, data: show(validated.session) }
      },
    }),
    route({
      operation: 'updateSession',
      method: 'PUT',
      path: '/session/:sessionId',
      summary: 'Change settings and metadata of a session',
      tag: TAG,
      scope: 'manage',
      params: SessionParams,
      body: UpdateBody,
      answers: { 200: SessionAnswer },
      errors: ['SESSION_NOT_FOUND', 'SESSION_NOT_ACTIVE'],
      handler: async ({ principal, params, body }) => {
        const { settings = {}, metadata = {} } = body
        const session = await updateSession(deps, { principal, sessionId: params.sessionId, settings, metadata })
        return { status: 200, data: show(session), message: 'Session updated' }
      },
    }),
    route({
      operation: 'deactivateSession',
      method: 'DELETE',
      path: '/session/:sessionId',
      summary: 'Deactivate a session without telling Instagram, and wipe the credentials',
      tag: TAG,
      scope: 'manage',
      params: SessionParams,
      answers: { 200: null },
      errors: ['SESSION_NOT_FOUND'],
      handler: async ({ principal, params }) => {
        await deactivateSession(deps, { principal, sessionId: params.sessionId })
        return { status: 200, message: 'Session deactivated' }
      },
    }),
  ]
}

function manySessionsRoutes(deps: SessionRouteDeps): Route[] {
  return [
    route({
      operation: 'getSessionStats',
      method: 'GET',
      path: '/sessions/stats',
      summary: 'Count live sessions: own ones, for an admin all',
      tag: TAG,
      scope: 'read',
      answers: { 200: StatsAnswer },
      errors: [],
      handler: async ({ principal }) => ({ status: 200, data: await sessionStats(deps, { principal }) }),
    }),
    route({
      operation: 'canCreateSession',
      method: 'GET',
      path: '/sessions/can-create/:userId',
      summary: 'Whether the user may open one more session',
      tag: TAG,
      scope: 'read',
      params: UserParams,
      answers: { 200: CanCreateAnswer },
      errors: [],
      handler: async ({ principal, params }) => {
        requireUser(principal, params.userId)
        return { status: 200, data: await canCreateSession(deps, { userId: params.userId }) }
      },
    }),
    route({
      operation: 'listSessions',
      method: 'GET',
      path: '/sessions/:userId',
      summary: 'List the live sessions of a user',
      tag: TAG,
      scope: 'read',
      params: UserParams,
      query: SessionsQuery,
      answers: { 200: SessionListAnswer },
      errors: [],
      handler: async ({ principal, params, query }) => {
        requireUser(principal, params.userId)
        const limit = query.limit ?? LIST_LIMIT
        const after = query.cursor === undefined ? null : parseCursor(query.cursor)
        const { sessions, next } = await listSessions(deps, { principal, userId: params.userId, limit, after })
        const now = deps.clock.now()
        return {
          status: 200,
          data: sessions.map((session) => sessionView(session, now)),
          message: `Found ${sessions.length} sessions`,
          pagination: { limit, hasMore: next !== null, ...(next === null ? {} : { nextCursor: formatCursor(next) }) },
        }
      },
    }),
  ]
}

function proxyOf(body: ProxyBody | undefined): Proxy | null | undefined {
  return body === undefined || body === null ? body : { protocol: 'http', ...body }
}

function formatCursor(place: { createdAt: number; id: string }): string {
  return Buffer.from(`${place.createdAt} ${place.id}`).toString('base64url')
}

function parseCursor(cursor: string): { createdAt: number; id: string } {
  const match = /^([0-9]{1,15}) ([\x21-\x7e]{1,128})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (match === null) throw invalidFields([{ path: 'cursor', message: 'is not a cursor that this list gave out' }])
  return { createdAt: Number(match[1]), id: match[2] as string }
}
