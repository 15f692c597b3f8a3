import Type, { type TSchema } from 'typebox'
import { expect, test } from 'vitest'
import { v2Dialect } from './dialect.ts'
import { buildOpenApi } from './openapi.ts'
import { SharedParts } from './openapi-parts.ts'
import { route } from './route.ts'

const ROUTES = [
  route({
    operation: 'sendMessage',
    method: 'POST',
    path: '/message/:messageId',
    summary: 'Send a direct message',
    tag: 'Messages',
    scope: 'send',
    limits: ['messages'],
    params: Type.Object({ messageId: Type.String({ maxLength: 100 }) }),
    body: Type.Object({
      content: Type.String({ maxLength: 1000 }),
      proxy: Type.Optional(Type.Object({ host: Type.String() })),
    }),
    answers: { 202: Type.Object({ id: Type.String() }) },
    errors: ['SUPPRESSED', 'SESSION_NOT_ACTIVE', 'SESSION_NOT_FOUND'],
    handler: async () => ({ status: 202, data: { id: 'msg_1' } }),
  }),
  route({
    operation: 'listMessages',
    method: 'GET',
    path: '/message/:messageId',
    summary: 'List',
    tag: 'Messages',
    scope: 'read',
    query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'How many.' })) }),
    answers: { 200: Type.Array(Type.Object({ id: Type.String() })) },
    errors: [],
    handler: async () => ({ status: 200, data: [] }),
  }),
]
const INFO = { title: 'Test', version: '1.0.0', description: 'A test.' }
const build = () => buildOpenApi([{ base: '/api/v2/instagram', dialect: v2Dialect, routes: ROUTES }], INFO)

type Json = { [name: string]: Json } & { [index: number]: Json }
const at = (...path: (string | number)[]) => path.reduce<Json>((node, step) => node[step] as Json, build() as Json)
const ITEM = '/api/v2/instagram/message/{messageId}'

/** Where a `$ref` leads. */
const follow = (node: Json) => at(...(node['$ref'] as unknown as string).split('/').slice(1))
const refusal = (status: string) => follow(at('paths', ITEM, 'post', 'responses', status))
const codes = (status: string) =>
  refusal(status)['content']?.['application/json']?.['schema']?.['allOf']?.[1]?.['properties']?.['code']?.['enum']

test('describes every route with all its answers and codes', () => {
  const post = at('paths', ITEM, 'post')
  expect(Object.keys(post['responses'] as Json)).toEqual([
    '202',
    '400',
    '401',
    '403',
    '404',
    '409',
    '413',
    '415',
    '422',
    '429',
    '500',
    '503',
  ])
  expect(codes('409')).toEqual(['IDEMPOTENCY_KEY_IN_USE', 'SESSION_NOT_ACTIVE'])
  expect(codes('404')).toEqual(['NOT_FOUND', 'SESSION_NOT_FOUND'])
  const schema = at('paths', ITEM, 'post', 'responses', '202', 'content', 'application/json', 'schema')
  expect(schema).toMatchObject({ required: ['success', 'data', 'timestamp'] })
  expect(post).toMatchObject({ operationId: 'sendMessage', tags: ['Messages'], 'x-scope': 'send' })
})

test('describes parameters, closed bodies and headers', () => {
  const body = at('paths', ITEM, 'post', 'requestBody', 'content', 'application/json', 'schema')
  expect(body['additionalProperties']).toBe(false)
  expect(at('paths', ITEM, 'post', 'requestBody')['required']).toBe(true)
  expect(body['properties']?.['proxy']).toMatchObject({ additionalProperties: false })
  expect(at('paths', ITEM, 'post', 'parameters')).toMatchObject([
    { name: 'messageId', in: 'path', required: true, schema: { type: 'string', maxLength: 100 } },
    { $ref: '#/components/parameters/IdempotencyKey' },
  ])
  expect(at('paths', ITEM, 'get', 'parameters', 1)).toEqual({
    name: 'limit',
    in: 'query',
    description: 'How many.',
    schema: { type: 'integer', minimum: 1, maximum: 100 },
  })
  expect(Object.keys(refusal('429')['headers'] as Json)).toEqual([
    'X-Request-Id',
    'RateLimit-Policy',
    'RateLimit',
    'Retry-After',
  ])
  expect(Object.keys(refusal('401')['headers'] as Json)).not.toContain('RateLimit')
})

test("shows the documents' examples as they are printed, and what is added to them", () => {
  const { request, answer } = {
    request: at('paths', ITEM, 'post', 'requestBody', 'content', 'application/json', 'example'),
    answer: at('paths', ITEM, 'post', 'responses', '202', 'content', 'application/json', 'example'),
  }
  expect(request).toMatchObject({ recipientUsername: 'target_user', mediaUrl: 'https://example.com/image.jpg' })
  expect(answer).toMatchObject({
    message: 'Message queued for sending',
    data: { conversationId: 'conv_your_username_target_user', isFromMe: true, status: 'queued' },
  })
})

test('tells a caller what the schemas do not: scope, limits, waiting, and the paths at the root', () => {
  expect(at('paths', ITEM, 'post')['description']).toBe(
    'Needs a token of scope `send`. Counts towards the request limit `messages`.',
  )
  expect(at('paths', '/healthz', 'get')).toMatchObject({ security: [], tags: ['Root'] })
})

test('says once what operations share, and gives every code an example', () => {
  const [post, get] = (['post', 'get'] as const).map((method) => at('paths', ITEM, method, 'responses', '401'))
  expect(post).toEqual({ $ref: '#/components/responses/Unauthorized' })
  expect(post).toEqual(get)
  const example = refusal('404')['content']?.['application/json']?.['examples']?.['SESSION_NOT_FOUND'] as Json
  expect(follow(example)['value']).toMatchObject({ success: false, code: 'SESSION_NOT_FOUND' })
})

test('refuses two things under one name', () => {
  const named = (properties: Record<string, TSchema>) => Type.Object(properties, { title: 'Thing' })
  const parts = new SharedParts()
  expect(parts.schema(Type.Array(named({ a: Type.String() })))).toEqual({
    type: 'array',
    items: { $ref: '#/components/schemas/Thing' },
  })
  expect(() => parts.schema(named({ b: Type.String() }))).toThrow('two different schemas are called Thing')
})

test('lists come with pagination, and every reference leads somewhere', () => {
  const document = JSON.stringify(build())
  expect(document).toContain('"pagination":{"$ref":"#/components/schemas/Pagination"}')
  const references = [...document.matchAll(/"\$ref":"#\/components\/([^/]+)\/([^"]+)"/g)]
  expect(references.length).toBeGreaterThan(10)
  for (const [, kind, name] of references) expect(at('components', kind as string, name as string)).toBeDefined()
})

test('the same routes give the same text, without marks of the schema library', () => {
  expect(JSON.stringify(build())).toBe(JSON.stringify(build()))
  expect(JSON.stringify(build())).not.toContain('"~')
})
