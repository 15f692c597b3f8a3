import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Dialect } from './dialect.ts'
import { errorCodesOf } from './error-codes.ts'
import { headersOf, type Json, type SharedParts } from './openapi-parts.ts'
import type { Route } from './route.ts'
import type { Api } from './shell.ts'

/** A refusal with more codes than this is particular to what it refuses, and stands where it belongs. */
const SHARED_CODES_MAX = 3

const ERROR_HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

/** Every refusal of a route, by status, with an example for each code. */
export function describeErrors(parts: SharedParts, { dialect }: Pick<Api, 'dialect'>, route: Route): Json {
  const statusOf = (code: ErrorCode) => dialect.failure(new GatewayError(code), { requestId: '', timestamp: '' }).status
  const byStatus = Map.groupBy([...errorCodesOf(route)].sort(), statusOf)
  const answers = [...byStatus]
    .sort(([left], [right]) => left - right)
    .map(([status, codes]) => {
      const headers = headersOf(route, ERROR_HEADERS[status] ?? [])
      const answer = { description: codes.join(', '), headers, content: describeFailure(parts, dialect, codes) }
      if (codes.length > SHARED_CODES_MAX) return [String(status), answer]
      return [String(status), parts.response(nameOf(dialect, codes, headers), answer)]
    })
  return Object.fromEntries(answers)
}

function describeFailure(parts: SharedParts, dialect: Dialect, codes: readonly ErrorCode[]): Json {
  const schema = { allOf: [parts.schema(dialect.failureSchema), parts.schema(dialect.failureCodes(codes))] }
  const examples = Object.fromEntries(codes.map((code) => [code, exampleOf(parts, dialect, code)]))
  return { 'application/json': { schema, examples } }
}

function exampleOf(parts: SharedParts, dialect: Dialect, code: ErrorCode): Json {
  const context = { requestId: 'req_1234567890abc12_1', timestamp: '2024-01-01T12:00:00.000Z' }
  const { body } = dialect.failure(new GatewayError(code), context)
  return parts.example(prefixOf(dialect) + pascalCase(code), { value: JSON.parse(body) })
}

/** Says what the response is, so that the same one has the same name whichever routes there are. */
function nameOf(dialect: Dialect, codes: readonly ErrorCode[], headers: Json): string {
  const counted = 'RateLimit' in headers ? 'Counted' : ''
  return prefixOf(dialect) + codes.map(pascalCase).join('Or') + counted
}

function prefixOf({ name }: Dialect): string {
  return name === 'v1' ? 'V1' : ''
}

function pascalCase(code: ErrorCode): string {
  return code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('')
}
