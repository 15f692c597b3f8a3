import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import Type from 'typebox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { NO_STORE, startTestServer } from '../../test/support/http-server.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { route } from './route.ts'

const ROUTES = [
  route({
    operation: 'sendThing',
    method: 'POST',
    path: '/things/:thingId',
    summary: 'Send a thing',
    tag: 'Things',
    scope: 'send',
    params: Type.Object({ thingId: Type.String({ maxLength: 40 }) }),
    body: Type.Object({
      content: Type.String({ minLength: 1, maxLength: 10 }),
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
      isUrgent: Type.Optional(Type.Boolean()),
      kind: Type.Optional(Type.Enum(['text', 'image'])),
      names: Type.Optional(Type.Array(Type.String(), { maxItems: 3 })),
      proxy: Type.Optional(Type.Object({ host: Type.String(), port: Type.Integer() })),
    }),
    answers: { 200: Type.Object({ content: Type.String() }) },
    errors: [],
    handler: async ({ body }) => ({ status: 200, data: { content: body.content } }),
  }),
  route({
    operation: 'listThings',
    method: 'GET',
    path: '/things',
    summary: 'List things',
    tag: 'Things',
    scope: 'read',
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      validate: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String()),
    }),
    answers: { 200: Type.Object({}, { additionalProperties: true }) },
    errors: [],
    handler: async ({ query }) => ({ status: 200, data: query }),
  }),
  route({
    operation: 'endThing',
    method: 'POST',
    path: '/things/:thingId/end',
    summary: 'End a thing',
    tag: 'Things',
    scope: 'send',
    params: Type.Object({ thingId: Type.String() }),
    answers: { 200: null },
    errors: [],
    handler: async () => ({ status: 200, message: 'Ended' }),
  }),
  route({
    operation: 'breakThing',
    method: 'DELETE',
    path: '/things/:thingId',
    summary: 'Break',
    tag: 'Things',
    scope: 'manage',
    params: Type.Object({ thingId: Type.String() }),
    answers: { 200: null },
    errors: [],
    handler: async () => {
      throw new TypeError('password=hunter2 went wrong')
    },
  }),
]

interface Case {
  title: string
  body?: unknown
  raw?: string | Buffer
  headers?: Record<string, string>
  path?: string
  status?: number
  code?: string
  /** Path and message of the first field named. */
  field?: [string, RegExp]
  error?: RegExp
}

const nested = (depth: number) => `{"names":${'['.repeat(depth)}${']'.repeat(depth)}}`
const big = (members: number) => `{"names":[${Array.from({ length: members }, () => '1').join(',')}]}`

const BODIES: Case[] = [
  { title: 'a missing field', body: {}, field: ['content', /required/] },
  { title: 'a wrong type', body: { content: 5 }, field: ['content', /string/] },
  { title: 'a numeric string', body: { content: 'x', count: '3' }, field: ['count', /integer/] },
  { title: 'a string for a flag', body: { content: 'x', isUrgent: 'true' }, field: ['isUrgent', /boolean/] },
  { title: 'null for a string', body: { content: null }, field: ['content', /string/] },
  { title: 'a number out of range', body: { content: 'x', count: 9 }, field: ['count', /5/] },
  { title: 'a fraction for an integer', body: { content: 'x', count: 1.5 }, field: ['count', /integer/] },
  { title: 'an infinite number', raw: '{"content":"x","count":1e999}', field: ['count', /integer/] },
  { title: 'an enum in another case', body: { content: 'x', kind: 'Text' }, field: ['kind', /text, image/] },
  { title: 'too long a string', body: { content: 'x'.repeat(11) }, field: ['content', /10/] },
  { title: 'too many items', body: { content: 'x', names: ['a', 'b', 'c', 'd'] }, field: ['names', /3/] },
  { title: 'an item of another type', body: { content: 'x', names: ['a', 5] }, field: ['names[1]', /string/] },
  { title: 'an unknown field', body: { content: 'x', contents: 'y' }, field: ['contents', /did you mean content\?/] },
  {
    title: 'an unknown field inside',
    body: { content: 'x', proxy: { host: 'h', prot: 1, port: 1 } },
    field: ['proxy.prot', /did you mean port\?/],
  },
  { title: 'an array for the body', body: [1], field: ['the body', /object/] },
  { title: 'null for the body', raw: 'null', field: ['the body', /object/] },
  { title: 'a text for the body', raw: '"x"', field: ['the body', /object/] },
  { title: 'no body', field: ['the body', /required/] },
  {
    title: 'an empty body with a content type',
    raw: '',
    headers: { 'content-type': 'application/json' },
    field: ['the body', /required/],
  },
  { title: 'NUL', raw: '{"content":"a\\u0000b"}', field: ['content', /U\+0000/] },
  { title: 'NUL inside', raw: '{"content":"a","names":["b","\\u0000"]}', field: ['names[1]', /U\+0000/] },
  { title: 'a lone surrogate', raw: '{"content":"\\ud83d"}', field: ['content', /surrogate/] },
  { title: 'NUL in a field name', raw: '{"a\\u0000":1}', field: ['', /not clean text/] },
  { title: 'a __proto__ key', raw: '{"content":"a","__proto__":{"x":1}}', field: ['__proto__', /not an allowed name/] },
  { title: 'an escaped __proto__ key', raw: '{"\\u005f_proto__":{}}', field: ['__proto__', /not an allowed name/] },
  {
    title: 'a constructor key inside',
    raw: '{"content":"a","proxy":{"constructor":1}}',
    field: ['proxy.constructor', /not an/],
  },
  { title: 'a prototype key', raw: '{"prototype":1}', field: ['prototype', /not an allowed name/] },
  { title: 'malformed JSON', raw: '{"content":', code: 'BAD_REQUEST', error: /not valid JSON/ },
  { title: 'two JSON texts', raw: '{}{}', code: 'BAD_REQUEST', error: /not valid JSON/ },
  { title: 'a byte order mark', raw: '\ufeff{"content":"a"}', code: 'BAD_REQUEST', error: /byte order mark/ },
  { title: 'invalid UTF-8', raw: Buffer.from([0x22, 0xff, 0xfe, 0x22]), code: 'BAD_REQUEST', error: /UTF-8/ },
  { title: 'deep nesting', raw: nested(33), code: 'BAD_REQUEST', error: /deeper than 32/ },
  { title: 'very deep nesting', raw: nested(400_000), code: 'BAD_REQUEST', error: /deeper than 32/ },
  { title: 'unclosed deep nesting', raw: '['.repeat(500_000), code: 'BAD_REQUEST', error: /deeper than 32/ },
  { title: 'too many members', raw: big(20_001), code: 'BAD_REQUEST', error: /20000 members/ },
  { title: 'many wrong members', raw: big(19_000), field: ['content', /required/] },
  { title: 'too large a body', raw: `"${'x'.repeat(1024 * 1024)}"`, status: 413, code: 'BODY_TOO_LARGE' },
  {
    title: 'plain text',
    raw: 'x',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    title: 'a form',
    raw: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    title: 'a broken content type',
    raw: '{}',
    headers: { 'content-type': 'json' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    title: 'another charset',
    raw: '{}',
    headers: { 'content-type': 'application/json; charset=utf-16' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    title: 'a compressed body',
    raw: gzipSync('{"content":"a"}'),
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    error: /Content-Encoding: gzip/,
  },
  { title: 'NUL in the address', body: { content: 'a' }, path: '/things/a%00b', field: ['thingId', /U\+0000/] },
  { title: 'too long an id', body: { content: 'a' }, path: `/things/${'a'.repeat(41)}`, field: ['thingId', /40/] },
  {
    title: 'an id beyond every route',
    body: { content: 'a' },
    path: `/things/${'a'.repeat(600)}`,
    status: 404,
    code: 'NOT_FOUND',
  },
  { title: 'an undecodable address', body: { content: 'a' }, path: '/things/%ff', code: 'BAD_REQUEST' },
  {
    title: 'a field where none is taken',
    body: { now: true },
    path: '/things/1/end',
    field: ['now', /not a known field/],
  },
  {
    title: 'a key of spaces',
    body: { content: 'a' },
    headers: { 'idempotency-key': 'a b' },
    field: ['Idempotency-Key', /ASCII/],
  },
  {
    title: 'an empty quoted key',
    body: { content: 'a' },
    headers: { 'idempotency-key': '""' },
    field: ['Idempotency-Key', /ASCII/],
  },
  {
    title: 'too long a key',
    body: { content: 'a' },
    headers: { 'idempotency-key': 'k'.repeat(256) },
    field: ['Idempotency-Key', /255/],
  },
]

const QUERIES: Case[] = [
  { title: 'a repeated parameter', path: '/things?limit=1&limit=2', field: ['limit', /once/] },
  { title: 'a bracketed parameter', path: '/things?name[x]=1', field: ['name[x]', /not a known field/] },
  { title: 'an unknown parameter', path: '/things?limt=1', field: ['limt', /did you mean limit\?/] },
  { title: 'no number', path: '/things?limit=ten', field: ['limit', /integer/] },
  { title: 'an empty number', path: '/things?limit=', field: ['limit', /integer/] },
  { title: 'a hexadecimal number', path: '/things?limit=0x10', field: ['limit', /integer/] },
  { title: 'a number out of range', path: '/things?limit=101', field: ['limit', /100/] },
  { title: 'a number for a flag', path: '/things?validate=1', field: ['validate', /boolean/] },
  { title: 'NUL', path: '/things?name=%00', field: ['name', /U\+0000/] },
]

describe('the HTTP shell refuses', () => {
  const start = () => startTestServer({ store: NO_STORE, clock: createManualClock(), routes: ROUTES })

  test.each([...BODIES, ...QUERIES.map((entry) => ({ ...entry, isQuery: true }))])('$title', async (given: Case & {
    isQuery?: boolean
  }) => {
    const { call } = await start()
    const answer = await call(given.isQuery === true ? 'GET' : 'POST', given.path ?? '/things/1', {
      ...('body' in given ? { body: given.body } : {}),
      ...(given.raw === undefined ? {} : { raw: given.raw }),
      headers: given.headers ?? {},
    })
    expect(answer.status).toBe(given.status ?? 400)
    expect(answer.body).toMatchObject({
      success: false,
      code: given.code ?? 'VALIDATION_ERROR',
      error: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      requestId: answer.headers['x-request-id'],
    })
    if (given.error !== undefined) expect(answer.body['error']).toMatch(given.error)
    if (given.field !== undefined) {
      const { fields } = answer.body['details'] as { fields: { path: string; message: string }[] }
      expect(fields.length).toBeLessThanOrEqual(8)
      expect(fields[0]?.path).toBe(given.field[0])
      expect(fields[0]?.message).toMatch(given.field[1])
    }
  })

  test('a large body while it is still being written, and goes on with the connection', async () => {
    const { server, token } = await start()
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const bearer = await token()
    const head = (request: string, length: number) =>
      `${request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bearer}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let heard = ''
    let isClosed = false
    socket.on('data', (chunk) => (heard += String(chunk))).on('close', () => (isClosed = true))
    const hears = (text: string) => expect.poll(() => isClosed || heard.includes(text), { timeout: 5_000 }).toBe(true)
    const large = 'x'.repeat(2 * 1024 * 1024)
    socket.write(head('POST /api/v2/instagram/things/1', large.length) + large.slice(0, 1_000))
    await hears('BODY_TOO_LARGE')
    socket.write(large.slice(1_000) + head('GET /api/v2/instagram/things', 0))
    await hears('HTTP/1.1 200 ')
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
  })

  test('names every unknown field, eight at most', async () => {
    const { call } = await start()
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field${index}`, index]))
    const answer = await call('POST', '/things/1', { body: { content: 'x', ...many } })
    expect((answer.body['details'] as { fields: unknown[] }).fields).toHaveLength(8)
  })

  test('another method with 405 and the methods there are', async () => {
    const { call } = await start()
    const put = await call('PUT', '/things/1', { body: {} })
    expect([put.status, put.headers['allow'], put.body['code']]).toEqual([405, 'DELETE, POST', 'METHOD_NOT_ALLOWED'])
    expect((await call('OPTIONS', '/things')).headers['allow']).toBe('GET, HEAD')
    expect((await call('POST', '//healthz', { body: {} })).headers['allow']).toBe('GET, HEAD')
  })

  test('an unknown path with 404 in the envelope of its API, token or not', async () => {
    const { call } = await start()
    for (const path of ['/nothing', '//nothing', '/things/1/', '//api/v2/instagram']) {
      const answer = await call('GET', path, { token: null })
      expect([answer.status, answer.body['success'], answer.body['code']]).toEqual([404, false, 'NOT_FOUND'])
    }
  })

  test('nothing that is fine', async () => {
    const { call } = await start()
    const strange = '\ufeffé\u202e 😀'
    expect((await call('POST', '/things/1', { body: { content: strange } })).body['data']).toEqual({ content: strange })
    expect((await call('GET', '/things?limit=50&validate=true&name=%E2%82%AC')).body['data']).toEqual({
      limit: 50,
      validate: true,
      name: '€',
    })
    expect((await call('POST', '/things/1/end')).status).toBe(200)
    expect((await call('POST', '/things/1/end', { body: {} })).status).toBe(200)
    expect(
      (await call('POST', '/things/1/end', { raw: '', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(200)
    expect((await call('HEAD', '/things')).status).toBe(200)
    const charset = { 'content-type': 'application/json; charset=UTF-8' }
    expect((await call('POST', '/things/1', { raw: '{"content":"a"}', headers: charset })).status).toBe(200)
  })

  test('to show what went wrong inside', async () => {
    const { call, log } = await start()
    const answer = await call('DELETE', '/things/1')
    expect([answer.status, answer.body['code']]).toEqual([500, 'INTERNAL_ERROR'])
    expect(answer.text).not.toMatch(/hunter2|TypeError/)
    expect(log()).toContain(String(answer.headers['x-request-id']))
    expect(log()).toContain('"type":"TypeError"')
  })

  test('request ids that are no sane token', async () => {
    const { call } = await start()
    const id = async (given: string) =>
      (await call('GET', '/things', { headers: { 'x-request-id': given } })).headers['x-request-id']
    expect(await id('abc-1.2_3')).toBe('abc-1.2_3')
    for (const bad of ['a b', 'a"b', 'x'.repeat(65), 'ä']) expect(await id(bad)).toMatch(/^req_/)
    const missing = await call('GET', `//nothing`, { headers: { 'x-request-id': 'mine' } })
    expect(missing.headers['x-request-id']).toBe('mine')
  })

  test('to add anything to the envelope of the second document', async () => {
    const { call } = await start()
    const answer = await call('POST', '/things/1/end')
    expect(answer.text).toBe('{"success":true,"message":"Ended","timestamp":"2025-06-15T15:06:40.000Z"}')
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})
