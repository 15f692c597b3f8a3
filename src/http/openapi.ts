import type { TObject, TSchema } from 'typebox'
import { answerExample, requestExample } from './document-examples.ts'
import { describeErrors } from './openapi-errors.ts'
import { headersOf, type Json, SharedParts } from './openapi-parts.ts'
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

/**
 * The OpenAPI 3.1 document of both APIs, made from the routes that are served, so that it cannot say anything else.
 * The same routes give the same text.
 */
export function buildOpenApi(apis: readonly Pick<Api, 'base' | 'dialect' | 'routes'>[], info: ApiInfo): Json {
  const paths: Record<string, Json> = {}
  const tags = new Set<string>()
  const parts = new SharedParts()
  for (const api of apis) {
    for (const route of api.routes) {
      const path = (api.base + route.path).replaceAll(/:([A-Za-z]+)/g, '{$1}')
      tags.add(route.tag)
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(parts, api, route) }
    }
  }
  return {
    openapi: '3.1.1',
    info: { ...info, contact: CONTACT, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...tags, ROOT_TAG].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths: { ...paths, ...ROOT_PATHS },
    components: parts.components(),
  }
}

/** The second document's address for support. */
const CONTACT = { name: 'API support', email: 'api-support@your-company.com' }

const TAGS: Readonly<Record<string, string>> = {
  Sessions: 'Live connections between a user and an Instagram account: login, second factor, challenge, settings, end.',
  Messages: 'Direct messages and conversations, one by one and in bulk.',
  Actions: 'What an account does on Instagram besides messaging, and what becomes of everything that was asked for.',
  Webhooks: 'Addresses that events are sent to, signed, with retries, replay and every attempt to be seen.',
  Suppressions: 'Contacts who must not be written to, by their own wish or their user’s.',
  Automation: 'Rules that act on events within the same limits, what they decided and why, and what they would do.',
  Limits: 'What an account may still do, and when; pauses that Instagram asked for.',
  Operating: 'For administrators: stopping and resuming, limits of accounts, the audit trail, time in sandbox mode.',
  Admin: 'For administrators: keys and tokens.',
  v1: 'The first API: sessions from cookies, follow, like and comment, in snake case.',
  [ROOT_TAG]: 'Health, metrics and pages, at the root and without a token.',
}

function describeRoute(parts: SharedParts, api: Pick<Api, 'dialect'>, route: Route): Json {
  const parameters = [...pathParameters(parts, route), ...queryParameters(parts, route), ...headerParameters(route)]
  return {
    operationId: route.operation,
    summary: route.summary,
    description: describeUse(route),
    tags: [route.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: describeBody(parts, route, route.body) }),
    responses: { ...describeAnswers(parts, api, route), ...describeErrors(parts, api, route) },
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

function describeBody(parts: SharedParts, route: Route, body: TObject): Json {
  const example = requestExample(route.operation)
  const content = {
    'application/json': { schema: parts.schema(closed(body)), ...(example === undefined ? {} : { example }) },
  }
  return { required: route.bodyOptional !== true, content }
}

function pathParameters(parts: SharedParts, route: Route): Json[] {
  return [...route.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: parts.schema(route.params?.properties[name as string] ?? { type: 'string', minLength: 1 }),
  }))
}

function queryParameters(parts: SharedParts, route: Route): Json[] {
  const { properties = {}, required = [] } = (route.query ?? {}) as Partial<TObject>
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = parts.schema(schema)
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

function describeAnswers(parts: SharedParts, { dialect }: Pick<Api, 'dialect'>, route: Route): Json {
  const answers = Object.entries(route.answers).map(([status, data]) => [
    status,
    {
      description: ANSWER_NAMES[status] ?? 'Success',
      headers: headersOf(route, [
        ...(route.method === 'POST' ? ['Idempotent-Replayed'] : []),
        ...(waits(route) ? ['Preference-Applied'] : []),
      ]),
      ...contentOf(parts, { dialect, route, status, data }),
    },
  ])
  return Object.fromEntries(answers)
}

interface AnswerOf {
  dialect: Api['dialect']
  route: Route
  status: string
  data: TSchema | null
}

function contentOf(parts: SharedParts, { dialect, route, status, data }: AnswerOf): Json {
  if (status === '204') return {}
  if (route.streams === true && data !== null) {
    return { content: { 'text/event-stream': { schema: parts.schema(data) } } }
  }
  const example = answerExample(route.operation, Number(status))
  const schema = parts.schema(dialect.successSchema(data))
  return { content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } } }
}

const ANSWER_NAMES: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Nothing more will come',
}
