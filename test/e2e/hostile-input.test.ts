import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEAF } from '../support/deaf.ts'
import {
  apiOf,
  eventually,
  JWT_SECRET,
  type RunningProcess,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'
import { badBodies, badQueryTexts, type Schema, sample } from '../support/hostile-values.ts'

// Every operation of the committed description against every kind of bad request: the documented status, never a 500, and
// not one row more or less afterwards. A new route is covered by being described.

const V1 = '/api/instagram/'
const OWNER = 'user_123'
const STRANGER = 'user_stranger'
const ACCOUNT = 'your_instagram_username'

interface Parameter {
  name: string
  in: 'path' | 'query'
  schema: Schema
}

interface Operation {
  id: string
  api: 'v1' | 'v2'
  method: string
  path: string
  scope: string
  parameters: Parameter[]
  body: Schema | null
  bodyRequired: boolean
  statuses: Set<number>
}

const OPERATIONS = readOperations()

/** What exists and belongs to `OWNER`, by the name of the parameter or field that takes it. */
const owned: Record<string, string> = { userId: OWNER }

/** Fields that only some text satisfies, or that a rule beyond the schema asks for. */
const KNOWN: Readonly<Record<string, unknown>> = {
  recipientUsername: 'target_user',
  content: 'Hello!',
  sub: 'user_nobody',
  text: 'Great post!',
  kind: 'comment',
  since: '2026-01-01T00:00:00Z',
  description: 'Ours.',
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let gateway: RunningProcess
let token: Record<'owner' | 'stranger' | 'admin' | 'expired' | 'forged' | 'unsigned', string>

beforeAll(async () => {
  directory = await temporaryDirectory()
  gateway = await startGatewayProcess({
    dataDir: directory.path,
    env: { REQUEST_LIMITS: 'off', LOG_LEVEL: 'error', ACTION_DELAY: '0', ...DEAF },
  })
  token = {
    owner: await tokenFor(OWNER),
    stranger: await tokenFor(STRANGER),
    admin: await tokenFor('root', { role: 'admin' }),
    expired: await signed({ secret: JWT_SECRET, expires: '-1m' }),
    forged: await signed({ secret: 'another-secret-of-at-least-thirty-two-bytes', expires: '1h' }),
    unsigned: `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: OWNER, exp: 9_999_999_999 })}.`,
  }
  await makeWhatBelongsToTheOwner()
})

afterAll(async () => {
  await gateway.stop('SIGKILL')
  await directory.remove()
})

describe.each(OPERATIONS)('$method $path', (operation) => {
  it('asks for a token that is valid now', async () => {
    await unchanged(async () => {
      for (const bearer of [null, 'x', 'a.b.c', token.expired, token.forged, token.unsigned]) {
        const answer = await send(operation, { bearer })
        expectRefusal(operation, answer, 401, 'UNAUTHORIZED')
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
      }
    })
  })

  it('asks for its scope', async () => {
    await unchanged(async () => {
      const lacking = { read: ['send', 'manage'], send: ['read', 'manage'], manage: ['read', 'send'], admin: ['read'] }
      for (const scope of [...(lacking[operation.scope as keyof typeof lacking] ?? []), '']) {
        const bearer = await tokenFor(OWNER, { scope })
        expectRefusal(operation, await send(operation, { bearer }), 403, 'FORBIDDEN')
      }
      if (operation.scope === 'admin') expectRefusal(operation, await send(operation, {}), 403, 'FORBIDDEN')
    })
  })

  it('names another user’s things no differently from what does not exist', async () => {
    await unchanged(async () => {
      if (operation.scope === 'admin') return
      const confined = await tokenFor(OWNER, { sessions: ['somebody_elses'] })
      for (const bearer of [token.stranger, confined]) {
        const ids = idsOf(operation).filter((name) => name !== 'userId')
        if (ids.length === 0) continue
        const foreign = await send(operation, { bearer })
        const missing = await send(operation, { bearer, ids: Object.fromEntries(ids.map((id) => [id, 'nowhere_1'])) })
        // The first document has one word for a session that is not there: INVALID_SESSION.
        expectRefusal(operation, foreign, operation.api === 'v1' ? 401 : 404)
        expect(withoutMoment(foreign.body)).toEqual(withoutMoment(missing.body))
      }
      if (!idsOf(operation).includes('userId')) return
      expectRefusal(operation, await send(operation, { bearer: token.stranger }), 403, 'FORBIDDEN')
    })
  })

  it('refuses bad addresses', async () => {
    await unchanged(async () => {
      for (const parameter of operation.parameters.filter((one) => one.in === 'path')) {
        for (const text of ['%00', 'a%00b', '%ED%A0%80', '%ff', 'x'.repeat(600), '..%2f..%2fetc']) {
          const answer = await send(operation, { bearer: tokenOf(operation), ids: { [parameter.name]: text } })
          expect([400, 403, 404], `${parameter.name}=${text}: ${JSON.stringify(answer.body)}`).toContain(answer.status)
          expectRefusal(operation, answer, answer.status)
        }
      }
      expectRefusal(operation, await send(operation, { query: '?surely_unknown=1' }), 400, 'VALIDATION_ERROR')
      for (const { name, schema } of operation.parameters.filter((one) => one.in === 'query')) {
        const value = String(sample(schema, KNOWN, name))
        const twice = await send(operation, { query: `?${name}=${value}&${name}=${value}` })
        expectRefusal(operation, twice, 400, 'VALIDATION_ERROR')
        for (const [title, text] of badQueryTexts(schema)) {
          const answer = await send(operation, { query: `?${name}=${text}` })
          expect(answer.status, `${name} ${title}: ${JSON.stringify(answer.body)}`).toBe(400)
        }
      }
    })
  })

  it('refuses bodies that are none', async () => {
    await unchanged(async () => {
      const { body } = operation
      if (operation.method === 'GET' || operation.method === 'DELETE') return
      const bearer = tokenOf(operation)
      const nested = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
      const texts = ['{', '{"a":}', "{'a':1}", '\ufeff{}', 'null', '[]', '"x"', '7', nested, `{"a":${nested}}`]
      for (const raw of body === null ? texts.slice(0, 4) : texts) {
        const answer = await send(operation, { bearer, raw })
        expect(answer.status, `${raw.slice(0, 20)}: ${JSON.stringify(answer.body)}`).toBe(400)
        expectRefusal(operation, answer, 400)
      }
      if (operation.bodyRequired) expectRefusal(operation, await send(operation, { bearer, raw: '' }), 400)
      if (body === null) return
      const large = await send(operation, { bearer, raw: JSON.stringify('x'.repeat(1024 * 1024)) })
      expectRefusal(operation, large, 413, 'BODY_TOO_LARGE')
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16']) {
        const answer = await send(operation, { bearer, raw: '{}', headers: { 'content-type': type } })
        expectRefusal(operation, answer, 415, 'UNSUPPORTED_MEDIA_TYPE')
      }
    })
  })

  it('names the field that is wrong', async () => {
    await unchanged(async () => {
      if (operation.body === null) return
      for (const { title, raw, field } of badBodies(operation.body, { ...KNOWN, ...ownedIn(operation) })) {
        const answer = await send(operation, { bearer: tokenOf(operation), raw })
        expect([answer.status, codeOf(answer)], `${title}: ${JSON.stringify(answer.body)}`).toEqual([
          400,
          'VALIDATION_ERROR',
        ])
        expect(
          faultyPaths(answer).map((path) => path.split(/[.[]/)[0]),
          title,
        ).toContain(field)
      }
    })
  })

  it('refuses idempotency keys that are none', async () => {
    await unchanged(async () => {
      if (operation.method !== 'POST') return
      for (const key of ['a b', '""', 'k'.repeat(256)]) {
        const headers = { 'idempotency-key': key }
        expectRefusal(operation, await send(operation, { bearer: tokenOf(operation), headers }), 400)
      }
    })
  })
})

it('has an example of everything of a user that an address can name', () => {
  for (const operation of OPERATIONS.filter(({ scope }) => scope !== 'admin')) {
    for (const { name } of operation.parameters.filter((one) => one.in === 'path')) {
      expect(Object.keys(ownedIn(operation)), operation.path).toContain(name)
    }
  }
})

it('answers other methods with 405 and those there are', async () => {
  for (const path of new Set(OPERATIONS.map((one) => one.path))) {
    const methods = OPERATIONS.filter((one) => one.path === path).map((one) => one.method)
    const method = ['PATCH', 'DELETE', 'PUT', 'POST'].find((one) => !methods.includes(one)) as string
    const answer = await call(method, addressOf(path, {}), { bearer: token.owner })
    expect([answer.status, codeOf(answer)], path).toEqual([405, 'METHOD_NOT_ALLOWED'])
    for (const allowed of methods) expect(answer.headers.get('allow')).toContain(allowed)
  }
})

interface Sent {
  bearer?: string | null
  ids?: Record<string, string>
  query?: string
  raw?: string
  headers?: Record<string, string>
}

interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

/** The operation as the owner would call it, changed by what the test says. */
function send(operation: Operation, sent: Sent): Promise<Answer> {
  const known = { ...KNOWN, ...ownedIn(operation), ...sent.ids }
  const body = operation.body === null ? undefined : JSON.stringify(sample(operation.body, known))
  const raw = sent.raw ?? body
  return call(operation.method, addressOf(operation.path, sent.ids ?? {}) + (sent.query ?? ''), {
    bearer: sent.bearer === undefined ? (sent.query === undefined ? token.owner : tokenOf(operation)) : sent.bearer,
    ...(raw === undefined ? {} : { raw }),
    headers: sent.headers ?? {},
  })
}

async function call(method: string, address: string, sent: Omit<Sent, 'ids' | 'query'>): Promise<Answer> {
  const response = await fetch(gateway.url + address, {
    method,
    headers: {
      ...(sent.bearer == null ? {} : { authorization: `Bearer ${sent.bearer}` }),
      ...(sent.raw === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    ...(sent.raw === undefined ? {} : { body: sent.raw }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

/** Wherever its API says it. */
function codeOf({ body }: Answer): unknown {
  return body['code'] ?? body['error_code']
}

function faultyPaths({ body }: Answer): string[] {
  if (body['errors'] !== undefined) return Object.keys(body['errors'] as object)
  return (body['details'] as { fields: { path: string }[] }).fields.map(({ path }) => path)
}

function expectRefusal(operation: Operation, answer: Answer, status: number, code?: string): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status)
  expect([...operation.statuses], `${operation.id} documents ${status}`).toContain(status)
  if (operation.api === 'v1') {
    expect(answer.body).toEqual({
      success: false,
      error_code: code ?? expect.any(String),
      message: expect.any(String),
      errors: expect.any(Object),
    })
    return
  }
  expect(answer.body).toMatchObject({
    success: false,
    error: expect.any(String),
    code: code ?? expect.any(String),
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    requestId: answer.headers.get('x-request-id'),
  })
}

/** Nothing half-written: every table holds as many rows after the refusals as before. */
async function unchanged(requests: () => Promise<void>): Promise<void> {
  const before = countRows()
  await requests()
  expect(countRows()).toEqual(before)
}

/** All but the counts of refusals, which grow with every one and hold nothing of it. */
function countRows(): Record<string, number> {
  const database = new DatabaseSync(join(directory.path, 'gateway.db'), { readOnly: true })
  try {
    const tables = database
      .prepare("select name from sqlite_schema where type = 'table' and name <> 'error_counts'")
      .all() as { name: string }[]
    return Object.fromEntries(
      tables.map(({ name }) => [
        name,
        database.prepare(`select count(*) as count from "${name}"`).get()?.['count'] as number,
      ]),
    )
  } finally {
    database.close()
  }
}

async function makeWhatBelongsToTheOwner(): Promise<void> {
  const api = await apiOf(gateway.url, OWNER)
  const login = await api.post('/login', {
    username: ACCOUNT,
    password: 'your_instagram_password',
  })
  const session = login.body.data as unknown as { id: string }
  const message = { sessionId: session.id, recipientUsername: 'target_user', content: 'Hello!' }
  const sent = (await api.post('/message', message)).body.data as unknown as Record<string, string>
  await eventually('the message is sent', async () => {
    const { body } = await api.get(`/message/${sent['id']}`)
    return (body.data as unknown as { status: string }).status === 'succeeded' ? true : undefined
  })
  const bulk = { sessionId: session.id, recipients: ['user1'], content: 'Hello everyone!' }
  const bulked = await api.post('/messages/bulk', bulk, { prefer: 'wait=30' })
  expect(bulked.status).toBe(200)
  const rule = await api.post(`/session/${session.id}/rules`, { on: 'follow.received', action: { type: 'follow' } })
  const webhook = await api.post('/webhooks', { url: 'http://127.0.0.1:65000/hook' })
  expect([rule.status, webhook.status], JSON.stringify([rule.body, webhook.body])).toEqual([201, 201])
  Object.assign(owned, {
    ruleId: (rule.body.data as unknown as { id: string }).id,
    webhookId: (webhook.body.data as unknown as { id: string }).id,
    bulkId: (bulked.body.data as unknown as { bulkId: string }).bulkId,
    sessionId: session.id,
    messageId: sent['id'],
    conversationId: sent['conversationId'],
    actionId: sent['actionId'],
  })
}

/** Names of the operation's parameters and fields that name something of a user. */
function idsOf(operation: Operation): string[] {
  const inPath = operation.parameters.filter((one) => one.in === 'path').map((one) => one.name)
  const known = ownedIn(operation)
  const inBody = (operation.body?.required ?? []).filter((name) => name in known && name !== 'userId')
  return [...inPath, ...inBody]
}

/** The first document names a session by its account; where one is opened, that name is nobody's yet. */
function ownedIn({ api, id }: Operation): Readonly<Record<string, string>> {
  return api === 'v1' && id !== 'v1CreateSession' ? { ...owned, username: ACCOUNT } : owned
}

function addressOf(path: string, ids: Readonly<Record<string, string>>): string {
  return path.replaceAll(
    /\{([A-Za-z]+)\}/g,
    (_, name: string) => ids[name] ?? owned[name] ?? (name === 'username' ? ACCOUNT : `none_${name}`),
  )
}

function tokenOf(operation: Operation): string {
  return operation.scope === 'admin' ? token.admin : token.owner
}

function withoutMoment({ requestId: _, timestamp: __, ...body }: Answer['body']): Answer['body'] {
  return body
}

function signed({ secret, expires }: { secret: string; expires: string }): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(OWNER)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret))
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

interface DescribedOperation {
  operationId: string
  'x-scope': string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { required: boolean; content: { 'application/json': { schema: Schema } } }
  responses: Record<string, unknown>
}

function readOperations(): Operation[] {
  const text = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, DescribedOperation>> }
  // What sits at the root is no operation of either API.
  const served = Object.entries(paths).filter(([path]) => path.startsWith('/api/'))
  return served.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      api: path.startsWith(V1) ? ('v1' as const) : ('v2' as const),
      method: method.toUpperCase(),
      path,
      scope: described['x-scope'],
      parameters: (described.parameters ?? []).filter((one): one is Parameter => !('$ref' in one)),
      body: described.requestBody?.content['application/json'].schema ?? null,
      bodyRequired: described.requestBody?.required === true,
      statuses: new Set(Object.keys(described.responses).map(Number)),
    })),
  )
}
