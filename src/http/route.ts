import type { Static, TObject, TSchema } from 'typebox'
import type { RequestLimitName } from '../config/index.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Db } from '../store/store.ts'
import type { FeedStream } from './sse.ts'

/** Who a verified token names, and how far it reaches. */
export interface Principal {
  userId: string
  isAdmin: boolean
  /** Null = every scope. */
  scopes: ReadonlySet<Scope> | null
  /** Session ids or usernames the token is confined to; null = all of the user's. */
  sessions: readonly string[] | null
  /** When the token ends, in epoch milliseconds of machine time; absent = whoever calls has none. */
  expiresAtWall?: number
}

export type Scope = 'read' | 'send' | 'manage'

export type { RequestLimitName } from '../config/index.ts'

/** What a handler answers with; the dialect puts it into its envelope. */
export interface Answer {
  status: number
  data?: unknown
  message?: string
  pagination?: { limit: number; offset?: number; nextCursor?: string; hasMore: boolean; snapshot?: number }
  headers?: Record<string, string>
  /** Instead of `data`: events for as long as the client listens. Only of routes that declare `streams`. */
  stream?: FeedStream
}

/**
 * The idempotency key and the request limits of one request, handed to the use case so that both are taken in the
 * transaction of the work. Without a key, and without limits on the route, both calls do nothing.
 */
export interface Receipt {
  /**
   * First statement of the transaction. Throws `RATE_LIMITED`, `IDEMPOTENCY_KEY_IN_USE`, `IDEMPOTENCY_KEY_REUSED`, or a
   * replay of the stored answer, which the HTTP layer catches: let it pass through.
   * `answerWithinMs` (machine time) is for work whose answer comes after the transaction (a call to Instagram, a wait).
   */
  claim(tx: Db, options?: { answerWithinMs?: number; actionId?: string }): Promise<void>
  /**
   * For work that takes several transactions: first statement of the one that accepts it. Names what the key stands for
   * from then on, and when its answer may be expected. Throws `IDEMPOTENCY_KEY_IN_USE` when another request has taken the
   * key over meanwhile, so that the work is not done twice.
   */
  name(tx: Db, options: { answerWithinMs: number; actionId: string }): Promise<void>
  /** Stores the answer that the handler is about to return. Refusals that never reach here are not stored. */
  answer(tx: Db, answer: Answer, options?: { showsSecret?: boolean }): Promise<void>
}

/** `Prefer`: null = nothing asked; 0 = `respond-async`; otherwise milliseconds of machine time, 60,000 at most. */
export type PreferredWaitMs = number | null

export interface Call<Params, Query, Body> {
  principal: Principal
  params: Params
  query: Query
  body: Body
  receipt: Receipt
  requestId: string
  preferredWaitMs: PreferredWaitMs
  /** The last event that a reconnecting client got, as its header or its query says. Of routes that stream. */
  lastEventId: string | null
}

/**
 * One operation of the API, from which validation, types, OpenAPI and the request's path through the shell follow.
 * Create with `route(…)`, so that the handler's types come from the schemas.
 */
export interface Route {
  /** camelCase, stable; names the operation in OpenAPI, logs and metrics. */
  operation: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API's base, e.g. `/session/:sessionId`. */
  path: string
  summary: string
  tag: string
  /** `admin` needs the role. */
  scope: Scope | 'admin'
  limits?: readonly RequestLimitName[]
  params?: TObject
  query?: TObject
  body?: TObject
  /** A POST that may come without a body. */
  bodyOptional?: boolean
  /** Answers 200 with an event stream; the schema is that of an event's `data`. Its query takes `STREAM_QUERY`. */
  streams?: true
  /** Schema of `data` by status; `null` = an answer without data. */
  answers: Record<number, TSchema | null>
  /** Beyond those every route can give. */
  errors: readonly ErrorCode[]
  /**
   * Makes the answer afresh from the action that `claim` named, when a repeat finds that the first request's answer was
   * never stored (the process died while waiting). Needed by routes whose answer is waited for.
   */
  recover?: (call: Call<never, never, never>, actionId: string) => Promise<Answer>
  handler: (call: Call<never, never, never>) => Promise<Answer>
}

type Typed<S> = S extends TSchema ? Static<S> : Record<string, never>

/** Declares a route; the handler sees what the schemas promise. */
export function route<
  const P extends TObject | undefined,
  const Q extends TObject | undefined,
  const B extends TObject | undefined,
>(
  definition: Omit<Route, 'handler' | 'recover' | 'params' | 'query' | 'body'> & {
    params?: P
    query?: Q
    body?: B
    handler: (call: Call<Typed<P>, Typed<Q>, Typed<B>>) => Promise<Answer>
    recover?: (call: Call<Typed<P>, Typed<Q>, Typed<B>>, actionId: string) => Promise<Answer>
  },
): Route {
  return definition as unknown as Route
}
