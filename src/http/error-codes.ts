import type { ErrorCode } from '../core/errors.ts'
import type { Route } from './route.ts'

const ALWAYS: readonly ErrorCode[] = [
  'VALIDATION_ERROR',
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
]
/** A body is read wherever one may be sent, also where the route has no use for it. */
const WITH_BODY: readonly ErrorCode[] = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']
const WITH_KEY: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED']

/** Every code with which a route may refuse: its own, and those that the shell adds. */
export function errorCodesOf(route: Route): ReadonlySet<ErrorCode> {
  return new Set([
    ...ALWAYS,
    ...(route.method === 'GET' ? [] : WITH_BODY),
    ...(route.method === 'POST' ? WITH_KEY : []),
    ...((route.limits ?? []).length > 0 || route.streams === true ? (['RATE_LIMITED'] as const) : []),
    ...route.errors,
  ])
}
