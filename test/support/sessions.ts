import type { Access, Capability, Connector, LoginResult, ReadResult } from '../../src/connectors/connector.ts'
import { createCookieStore, importedCookies, parseCookieStore } from '../../src/connectors/cookie-store.ts'
import { createManualClock, type ManualClock } from '../../src/core/clock-manual.ts'
import { systemRandom } from '../../src/core/random.ts'
import { readEvents, type StoredEvent } from '../../src/events/index.ts'
import type { Answer, Call, Principal, Receipt, Route } from '../../src/http/route.ts'
import { closed } from '../../src/http/schema.ts'
import { createBodyValidator } from '../../src/http/validation.ts'
import { createLaneSignal } from '../../src/lanes/index.ts'
import type { SessionDeps } from '../../src/sessions/dependencies.ts'
import { sessionRoutes } from '../../src/sessions/routes.ts'
import type { SessionView } from '../../src/sessions/session.ts'
import { createValidateSession, type ValidateSession } from '../../src/sessions/validate-session.ts'
import { createVault, nextKey } from '../../src/sessions/vault.ts'
import type { Store } from '../../src/store/store.ts'

const BASE_URL = 'https://www.instagram.com'
const DAY_MS = 86_400_000

type Profile = { platformId: string; username: string }

/** Instagram as a test scripts it: every answer is a property that the test sets; every call is written down. */
export interface ScriptedInstagram {
  connector: Connector
  calls: { operation: string; access: Access; input: unknown }[]
  logIn: LoginResult | ((access: Access) => LoginResult | Promise<LoginResult>)
  submitTwoFactor: LoginResult | ((access: Access, code: string) => LoginResult)
  logOut: ReadResult<null>
  checkSession: ReadResult<Profile> | ((access: Access) => ReadResult<Profile> | Promise<ReadResult<Profile>>)
  lookUpUser: ReadResult<Profile>
  count(operation: string): number
}

function scriptedInstagram(): ScriptedInstagram {
  const calls: ScriptedInstagram['calls'] = []
  const script: ScriptedInstagram = {
    calls,
    logIn: loggedIn('1001'),
    submitTwoFactor: loggedIn('1001'),
    logOut: { type: 'ok', value: null },
    checkSession: { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } },
    lookUpUser: { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } },
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    connector: undefined as never,
  }
  const written = (operation: string, access: Access, input: unknown) => calls.push({ operation, access, input })
  const capabilities = new Set<Capability>(['log_in', 'import_cookies', 'log_out', 'check_session', 'look_up_user'])
  const operations: Partial<Connector> = {
    name: 'web',
    capabilities,
    async logIn(access, input) {
      written('logIn', access, input)
      return typeof script.logIn === 'function' ? script.logIn(access) : script.logIn
    },
    async submitTwoFactor(access, input) {
      written('submitTwoFactor', access, input)
      const { submitTwoFactor } = script
      return typeof submitTwoFactor === 'function' ? submitTwoFactor(access, input.code) : submitTwoFactor
    },
    async logOut(access) {
      written('logOut', access, null)
      return script.logOut
    },
    async checkSession(access) {
      written('checkSession', access, null)
      return typeof script.checkSession === 'function' ? script.checkSession(access) : script.checkSession
    },
    async lookUpUser(access, input) {
      written('lookUpUser', access, input)
      const result = script.lookUpUser
      if (result.type !== 'ok') return result
      return {
        type: 'ok',
        value: {
          ...result.value,
          fullName: '',
          isPrivate: false,
          isVerified: true,
          isBusiness: false,
          followersCount: 1000,
          followingCount: 500,
          postsCount: 50,
        },
      }
    },
  }
  // The other operations are not declared, so nothing may call them.
  script.connector = operations as Connector
  return script
}

/** Logs in and sets the cookie that the jar then holds. */
export function loggedIn(platformId: string): LoginResult {
  return { type: 'logged_in', platformId }
}

export function user(userId: string, more: Partial<Principal> = {}): Principal {
  return { userId, isAdmin: false, scopes: null, sessions: null, ...more }
}

/** Remembers what it was asked for; `claim` may be made to refuse. */
export function fakeReceipt(): Receipt & { claims: ({ answerWithinMs?: number } | undefined)[]; answers: Answer[] } {
  const claims: ({ answerWithinMs?: number } | undefined)[] = []
  const answers: Answer[] = []
  return {
    claims,
    answers,
    async claim(_tx, options) {
      claims.push(options)
    },
    async name() {},
    async answer(_tx, answer) {
      answers.push(answer)
    },
  }
}

export interface CallInput {
  as?: Principal
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: Record<string, unknown>
  receipt?: Receipt
}

export interface SessionsWorld {
  deps: SessionDeps & { validateSession: ValidateSession }
  store: Store
  clock: ManualClock
  instagram: ScriptedInstagram
  canceled: string[]
  audited: { actor: string; what: string; target: string | null }[]
  /** Calls a route as the HTTP shell does, bodies and answers checked against its schemas. */
  call(operation: string, input?: CallInput): Promise<Answer>
  /** `call`, for routes that answer with a session. */
  session(operation: string, input?: CallInput): Promise<SessionView>
  logIn(input?: CallInput): Promise<SessionView>
  events(userId?: string): Promise<StoredEvent[]>
}

export const LOGIN = { username: 'north.lamp', password: 'correct horse' }

/** The feature over a fresh store, a scripted Instagram and a clock in the test's hand. */
export function sessionsWorld(store: Store, options: Partial<SessionDeps['options']> = {}): SessionsWorld {
  const random = systemRandom()
  const clock = createManualClock()
  const instagram = scriptedInstagram()
  const canceled: string[] = []
  const audited: SessionsWorld['audited'] = []
  const plain: SessionDeps = {
    store,
    clock,
    random,
    vault: createVault({ keys: [nextKey([], random)], random }),
    connectors: new Map([['web', instagram.connector]]),
    jars: {
      create: createCookieStore,
      parse: parseCookieStore,
      imported: (cookies) => importedCookies({ cookies: { ...cookies }, baseUrl: BASE_URL }),
    },
    signal: createLaneSignal(store.signals),
    cancelQueue: async (_tx, { sessionId }) => {
      canceled.push(sessionId)
    },
    audit: async (_tx, entry) => {
      audited.push(entry)
    },
    options: {
      mode: 'sandbox',
      perUserMax: 100,
      expiryMs: DAY_MS,
      retentionMs: 30 * DAY_MS,
      maxDailyActions: 100,
      actionDelayMs: 30_000,
      ...options,
    },
    publicUrl: () => 'http://gateway.test',
  }
  const deps = { ...plain, validateSession: createValidateSession(plain) }
  const routes = new Map(sessionRoutes(deps).map((route) => [route.operation, route]))

  const world: SessionsWorld = {
    deps,
    store,
    clock,
    instagram,
    canceled,
    audited,
    async call(operation, input = {}) {
      const route = routes.get(operation)
      if (route === undefined) throw new Error(`no route ${operation}`)
      const answer = await route.handler(callOf(route, input))
      const schema = route.answers[answer.status]
      if (schema === undefined) throw new Error(`${operation} answered ${answer.status}, which it does not declare`)
      if (schema !== null)
        createBodyValidator({ type: 'object', properties: { data: schema } } as never)({ data: answer.data })
      return answer
    },
    async session(operation, input) {
      return (await world.call(operation, input)).data as SessionView
    },
    logIn: (input = {}) => world.session('logIn', { body: LOGIN, ...input }),
    events: (userId = 'user_123') => readEvents(store.read, { userId, after: 0, limit: 100 }),
  }
  return world
}

function callOf(route: Route, input: CallInput): Call<never, never, never> {
  const checked = (schema: Route['body'], value: unknown) =>
    schema === undefined ? {} : createBodyValidator(closed(schema))(value ?? {})
  const call = {
    principal: input.as ?? user('user_123'),
    params: checked(route.params, input.params),
    query: checked(route.query, input.query),
    body: checked(route.body, input.body),
    receipt: input.receipt ?? fakeReceipt(),
    requestId: 'req_test',
    preferredWaitMs: null,
  }
  return call as unknown as Call<never, never, never>
}

/** Moves time while a call waits for it (pauses between retries), without sleeping. */
export async function underTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  done.catch(() => {})
  while (!isDone) {
    clock.tick(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
