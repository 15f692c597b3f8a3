import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Dialect } from './dialect.ts'
import type { StoredAnswer } from './idempotency.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'
import type { ReceiptDeps } from './receipt.ts'
import type { Principal, Route } from './route.ts'
import type { TokenVerifier } from './verify-token.ts'

/** One of the two APIs: where it lives, how it words its answers, what it offers. */
export interface Api {
  /** E.g. `/api/v2/instagram`. */
  base: string
  dialect: Dialect
  routes: readonly Route[]
}

/** What every endpoint works with. */
export interface ShellDeps extends ReceiptDeps {
  verifier: TokenVerifier
  readiness: Readiness
  logger: Logger
  metrics: Metrics
  /** Key of the fingerprints under idempotency keys; the same on every node. */
  fingerprintKey: Uint8Array
  /** Told of every refused request, for counting; must not throw. */
  noteRefusal?: (code: ErrorCode, operation: string) => void
  /** Checks every answer against the schema the route declares, and fails where they differ. For tests. */
  checkAnswers?: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the token was verified. */
    principal: Principal | null
    /** Monotonic milliseconds at arrival. */
    startedAt: number
  }
  interface FastifyContextConfig {
    /** Answers errors that Fastify itself finds on this route, e.g. while reading the body. */
    fail?: (request: FastifyRequest, reply: FastifyReply, error: unknown) => void
  }
}

/** Writes an answer. Everything that leaves either API goes through here. */
export function send(
  deps: { readiness: Readiness },
  request: FastifyRequest,
  reply: FastifyReply,
  answer: StoredAnswer,
  extra?: Record<string, string>,
): void {
  reply.code(answer.status)
  reply.header('content-type', 'application/json; charset=utf-8')
  reply.header('cache-control', 'no-store')
  reply.header('x-request-id', request.id)
  for (const name in answer.headers) reply.header(name, answer.headers[name])
  if (extra !== undefined) for (const name in extra) reply.header(name, extra[name])
  // Fastify closes the connection of a body that it refuses unread. A client that is still writing then sees a broken
  // connection instead of the answer, so what is not much too large is read and thrown away.
  if (answer.status === 413 && Number(request.headers['content-length']) <= DISCARDED_BYTES_MAX) {
    reply.removeHeader('connection')
  }
  if (deps.readiness.isDraining) reply.header('connection', 'close')
  reply.send(answer.body)
}

const DISCARDED_BYTES_MAX = 8 * 1024 * 1024

const FASTIFY_ERRORS: Readonly<Record<string, { code: ErrorCode; message?: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'UNSUPPORTED_MEDIA_TYPE' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'BAD_REQUEST',
    message: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_BAD_URL: { code: 'BAD_REQUEST', message: 'The address is not validly encoded.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'NOT_FOUND' },
}

/** The refusal that a thrown value means; a bug of ours is logged, and shown as nothing but `INTERNAL_ERROR`. */
export function toRefusal(deps: { logger: Logger }, error: unknown, context: { requestId: string; operation: string }) {
  if (error instanceof GatewayError) return error
  const { code, statusCode } = error instanceof Error ? (error as { code?: unknown; statusCode?: unknown }) : {}
  const known = typeof code === 'string' ? FASTIFY_ERRORS[code] : undefined
  if (known !== undefined) {
    return new GatewayError(known.code, known.message === undefined ? {} : { message: known.message })
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new GatewayError('BAD_REQUEST')
  deps.logger.error(
    { request_id: context.requestId, operation: context.operation, err: error },
    'a request failed for a reason that is not in the catalogue',
  )
  return new GatewayError('INTERNAL_ERROR', { cause: error })
}

/** The headers that belong to a refusal whatever its dialect. */
export function refusalHeaders(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { ...error.headers }
  if (error.retryAfterSeconds !== undefined) headers['Retry-After'] = String(error.retryAfterSeconds)
  if (error.code === 'UNAVAILABLE' && error.retryAfterSeconds === undefined) headers['Retry-After'] = '1'
  if (error.code === 'UNAUTHORIZED') headers['WWW-Authenticate'] = 'Bearer error="invalid_token"'
  return headers
}
