import type { TObject, TSchema } from 'typebox'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { answerExample, requestExample } from './document-examples.ts'
import { errorCodesOf } from './error-codes.ts'
import { ROOT_PATHS, ROOT_TAG } from './root-paths.ts'
import type { Route } from './route.ts'
import { closed } from './schema.ts'
import type { Api } from './shell.ts'

/** What the description says about the product. */
export interface ApiInfo {
  title: string
  version: string
  description: string
}

type Json = Record<string, unknown>

/**
 * The OpenAPI 3.1 document of both APIs, made from the routes that are served, so that it cannot say anything else.
 * The same routes give the same text.
 */
export function buildOpenApi(apis: readonly Pick<Api, 'base' | 'dialect' | 'routes'>[], info: ApiInfo): Json {
  const paths: Record<string, Json> = {}
  const tags = new Set<string>()
  for (const api of apis) {
    for (const route of api.routes) {
      const path = (api.base + route.path).replaceAll(/:([A-Za-z]+)/g, '{$1}')
      tags.add(route.tag)
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(api, route) }
    }
  }
  return {
    openapi: '3.1.1',
    info: { ...info, contact: CONTACT, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...tags, ROOT_TAG].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths: { ...paths, ...ROOT_PATHS },
    components: COMPONENTS,
  }
}

/** The second document's address for support. */
const CONTACT = { name: 'API support', email: 'api-support@your-company.com' }

const TAGS: Readonly<Record<string, string>> = {
  Sessions: 'Live connections between a user and an Instagram account: login, second factor, challenge, settings, end.',
  Messages: 'Direct messages and conversations, one by one and in bulk.',
  Actions: 'What an account does on Instagram besides messaging, and what becomes of everything that was asked for.',
  Limits: 'What an account may still do, and when; pauses that Instagram asked for.',
  Operating: 'For administrators: stopping and resuming, limits of accounts, the audit trail, time in sandbox mode.',
  Admin: 'For administrators: keys and tokens.',
  v1: 'The first API: sessions from cookies, follow, like and comment, in snake case.',
  [ROOT_TAG]: 'Health, metrics and pages, at the root and without a token.',
}

function describeRoute(api: Pick<Api, 'dialect'>, route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)]
  return {
    operationId: route.operation,
    summary: route.summary,
    description: describeUse(route),
    tags: [route.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: describeBody(route, route.body) }),
    responses: { ...describeAnswers(api, route), ...describeErrors(api, route) },
    'x-scope': route.scope,
  }
}

/** What a caller has to know besides the schemas. */
function describeUse(route: Route): string {
  const limits = (route.limits ?? []).map((name) => `\`${name}\``).join(' and ')
  return [
    route.scope === 'admin' ? 'Needs a token with `role: admin`.' : `Needs a token of scope \`${route.scope}\`.`,
    ...(limits === '' ? [] : [`Counts towards the request limit ${limits}.`]),
    ...(waits(route) ? ['Waits up to 5 seconds for the outcome, or as long as `Prefer` says.'] : []),
    ...(route.streams === true ? ['A stream of server-sent events; 204 once nothing more will come.'] : []),
  ].join(' ')
}

/** Whether the answer may be given before or after what was asked for is done. */
function waits(route: Route): boolean {
  return route.recover !== undefined || (200 in route.answers && 202 in route.answers)
}

function describeBody(route: Route, body: TObject): Json {
  const example = requestExample(route.operation)
  const content = {
    'application/json': { schema: plain(closed(body)), ...(example === undefined ? {} : { example }) },
  }
  return { required: route.bodyOptional !== true, content }
}

function pathParameters(route: Route): Json[] {
  return [...route.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: plain(route.params?.properties[name as string] ?? { type: 'string', minLength: 1 }),
  }))
}

function queryParameters(route: Route): Json[] {
  const { properties = {}, required = [] } = (route.query ?? {}) as Partial<TObject>
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = plain(schema)
    const isRequired = (required as readonly string[]).includes(name)
    return {
      name,
      in: 'query',
      ...(isRequired ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }
  })
}

function headerParameters(route: Route): Json[] {
  const names = [
    ...(route.method === 'POST' ? ['IdempotencyKey'] : []),
    ...(waits(route) ? ['Prefer'] : []),
    ...(route.streams === true ? ['LastEventId'] : []),
  ]
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}

function describeAnswers({ dialect }: Pick<Api, 'dialect'>, route: Route): Json {
  const answers = Object.entries(route.answers).map(([status, data]) => [
    status,
    {
      description: ANSWER_NAMES[status] ?? 'Success',
      headers: headersOf(route, [
        ...(route.method === 'POST' ? ['Idempotent-Replayed'] : []),
        ...(waits(route) ? ['Preference-Applied'] : []),
      ]),
      ...contentOf(dialect, route, status, data),
    },
  ])
  return Object.fromEntries(answers)
}

function contentOf(dialect: Api['dialect'], route: Route, status: string, data: TSchema | null): Json {
  if (status === '204') return {}
  if (route.streams === true && data !== null) return { content: { 'text/event-stream': { schema: plain(data) } } }
  const example = answerExample(route.operation, Number(status))
  const schema = plain(dialect.successSchema(data))
  return { content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } }
}

const ANSWER_NAMES: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Nothing more will come',
}

function describeErrors({ dialect }: Pick<Api, 'dialect'>, route: Route): Json {
  const statusOf = (code: ErrorCode) => dialect.failure(new GatewayError(code), { requestId: '', timestamp: '' }).status
  const byStatus = Map.groupBy([...errorCodesOf(route)].sort(), statusOf)
  const answers = [...byStatus]
    .sort(([left], [right]) => left - right)
    .map(([status, group]) => [
      String(status),
      {
        description: group.join(', '),
        headers: headersOf(route, ERROR_HEADERS[status] ?? []),
        content: { 'application/json': { schema: plain(dialect.failureSchema(group)) } },
      },
    ])
  return Object.fromEntries(answers)
}

const ERROR_HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

function headersOf(route: Route, extra: readonly string[]): Json {
  const limited = (route.limits ?? []).length > 0 && !extra.includes('WWW-Authenticate')
  const names = ['X-Request-Id', ...(limited ? ['RateLimit-Policy', 'RateLimit'] : []), ...extra]
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

const text = (description: string) => ({ description, schema: { type: 'string' } })

const COMPONENTS: Json = {
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'HS256, or RS256, PS256, ES256, EdDSA from a key set; checked after RFC 8725. `sub` is the user.',
    },
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'Makes repeating the request safe for 24 hours: the same request under the same key is done once.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
    Prefer: {
      name: 'Prefer',
      in: 'header',
      description: '`respond-async` answers at once, `wait=N` waits up to N seconds, 60 at most.',
      schema: { type: 'string', maxLength: 200 },
      example: 'wait=30',
    },
    LastEventId: {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'The `id` of the last event received: the stream goes on after it.',
      schema: { type: 'string', maxLength: 200 },
    },
  },
  headers: {
    'X-Request-Id': text('Names this request in our log; yours, if it was sent and is a sane token.'),
    'Idempotent-Replayed': text('`true` when this is the stored answer of an earlier request with the same key.'),
    'Preference-Applied': text('Which preference the answer followed.'),
    'RateLimit-Policy': text('Request limits of the user: quota `q` in `w` seconds, rolling.'),
    RateLimit: text('What is left: `r` requests; `t` seconds until more becomes available.'),
    'Retry-After': { description: 'Seconds to wait, at least 1.', schema: { type: 'integer', minimum: 1 } },
    'WWW-Authenticate': text('`Bearer error="invalid_token"`.'),
  },
  schemas: {
    Pagination: {
      type: 'object',
      required: ['limit', 'hasMore'],
      properties: {
        limit: { type: 'integer' },
        offset: { type: 'integer' },
        nextCursor: { type: 'string' },
        hasMore: { type: 'boolean' },
      },
    },
  },
}

/** TypeBox hangs its own marks on schemas; the document holds what JSON shows of them. */
function plain(schema: TSchema | Json): Json {
  const copy = JSON.parse(JSON.stringify(schema)) as Json
  return replaceRefs(copy) as Json
}

function replaceRefs(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(replaceRefs)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [
      name,
      name === '$ref' && typeof value === 'string' && !value.startsWith('#')
        ? `#/components/schemas/${value}`
        : replaceRefs(value),
    ]),
  )
}
