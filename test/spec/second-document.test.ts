import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differencesFromPrinted } from './as-printed.ts'
import { type Exchange, parseCommentedJson, readDocument, readExchanges } from './document.ts'
import {
  hasPythonRequests,
  NODE_MODULES,
  type Printed,
  PYTHON,
  type ServedGateway,
  serveGateway,
} from './served-gateway.ts'

/** The session that the document's examples name; theirs become ours. */
const PRINTED_SESSION = 'instagram_1234567890_abc123'
const BASE = '/api/v2/instagram'
const document = readDocument('second')
const exchanges = readExchanges(document)

describe('the second document, executed in its order', () => {
  const executed = new Set<string>()
  const policies = new Set<string>()
  let gateway: ServedGateway
  let sessionId: string
  let messageId: string
  let conversationId: string

  beforeAll(async () => {
    gateway = await serveGateway()
  })
  afterAll(() => gateway?.stop())

  /** Sends the request of a section as it is printed, with our ids put in. */
  async function execute(title: string, headers: Record<string, string> = {}): Promise<Printed & { printed: unknown }> {
    const exchange = exchanges.get(title) as Exchange
    executed.add(title)
    const ids: Record<string, string> = { sessionId, userId: 'user_123', messageId, conversationId }
    const path = exchange.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] as string)
    const body = JSON.parse(JSON.stringify(exchange.request ?? null).replaceAll(PRINTED_SESSION, sessionId)) as unknown
    const request = { method: exchange.method, path: BASE + path, headers, ...(body === null ? {} : { body }) }
    const answer = await gateway.whileTimePasses(gateway.call(request))
    for (const policy of answer.headers.get('ratelimit-policy')?.split(', ') ?? []) policies.add(policy)
    return { ...answer, printed: exchange.response }
  }

  function expectPrinted({ body, printed }: { body: unknown; printed: unknown }, differing: string[] = []): void {
    expect(printed).toBeDefined()
    expect(differencesFromPrinted(body, printed, differing)).toEqual([])
  }

  it('logs in with the printed body, through its proxy, and out', async () => {
    const login = await execute('Login to Instagram')
    expect(login.status).toBe(200)
    expectPrinted(login)
    ;({ sessionId } = login.body['data'] as { sessionId: string })
    const proxied = (await gateway.sandbox.call('GET', '/requests?path=/api/v1/web/accounts/login/ajax/')) as object
    expect(JSON.stringify(proxied)).toContain('your_instagram_username')
    const logout = await execute('Logout from Instagram')
    expect(logout.status).toBe(200)
    expectPrinted(logout)
  })

  it('shows the session, the sessions of a user, and takes settings and counts', async () => {
    const login = await execute('Login to Instagram')
    ;({ sessionId } = login.body['data'] as { sessionId: string })
    expectPrinted(await execute('Get Session Status'))
    expectPrinted(await execute('Get User Sessions'))
    const updated = await execute('Update Session Settings')
    expect(updated.status).toBe(200)
    expect(updated.body['data']).toMatchObject(exchanges.get('Update Session Settings')?.request as object)
  })

  it('takes a message, and sends it', async () => {
    const sent = await execute('Send Direct Message')
    expect(sent.status).toBe(202)
    expectPrinted(sent, ['data.conversationId'])
    ;({ id: messageId, conversationId } = sent.body['data'] as { id: string; conversationId: string })
    expect(conversationId).toBe('conv_your_instagram_username_target_user')
    await gateway.advance(60_000)
    const ledger = await gateway.sandbox.ledger('your_instagram_username', 'message')
    expect(ledger).toMatchObject([{ text: 'Hello! How are you?' }])
  })

  it('sends a bulk with its own delay, and answers once it is done when asked to wait', async () => {
    const bulk = await execute('Send Bulk Messages', { prefer: 'wait=60' })
    expect(bulk.status).toBe(200)
    expectPrinted(bulk)
    const ledger = await gateway.sandbox.ledger('your_instagram_username', 'message')
    const [first, second, third] = ledger.slice(-3).map(({ at }) => at) as [number, number, number]
    expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(30_000)
  })

  it('reads the conversation and the conversations', async () => {
    expectPrinted(await execute('Get Conversation Messages'), [
      'data[].conversationId',
      'data[].recipientId',
      'data[].isRead',
    ])
    const conversations = await execute('Get User Conversations')
    expect(conversations).toMatchObject({ status: 200, body: { success: true } })
    expect(JSON.stringify(conversations.body['data'])).toContain(conversationId)
  })

  it('marks a received message as read, at Instagram too, and counts messages', async () => {
    const received = { as: 'target_user', do: 'message', to: 'your_instagram_username', text: 'Fine, thanks!' }
    await gateway.sandbox.call('POST', '/act', received)
    await gateway.advance(3_600_000)
    const path = `${BASE}/conversation/${conversationId}/messages`
    const messages = (await gateway.call({ method: 'GET', path })).body['data'] as { id: string; content: string }[]
    const sentId = messageId
    messageId = messages.find(({ content }) => content === received.text)?.id as string
    expect(await execute('Mark Message as Read')).toMatchObject({ status: 200, body: { success: true } })
    messageId = sentId
    const counts = ['total', 'sent', 'received', 'read', 'unread', 'byType.text', 'byType.image', 'byType.video']
    const stats = await execute('Get Message Statistics')
    expectPrinted(
      stats,
      counts.map((name) => `data.${name}`),
    )
    expect(stats.body['data']).toMatchObject({ total: 5, sent: 4, received: 1, byType: { text: 5, image: 0 } })
  })

  it('deletes a message, at Instagram too', async () => {
    expect(await execute('Delete Message')).toMatchObject({ status: 200, body: { success: true } })
    expect(await gateway.sandbox.ledger('your_instagram_username', 'unsend')).toHaveLength(1)
  })

  it.each([
    ['Like a Post', 'like'],
    ['Comment on a Post', 'comment'],
    ['Follow a User', 'follow'],
  ])('does what "%s" asks for, once', async (title, kind) => {
    const done = await execute(title, { prefer: 'wait=60' })
    expect([done.status, done.body]).toMatchObject([200, { success: true, data: { kind, status: 'succeeded' } }])
    const ledger = await gateway.sandbox.ledger('your_instagram_username', kind)
    expect(ledger).toHaveLength(1)
    const { content } = exchanges.get(title)?.request as { content?: string }
    if (content !== undefined) expect(ledger).toMatchObject([{ text: content }])
  })

  it('counts sessions, and says whether a user can create one', async () => {
    const numbers = ['data.total', 'data.active', 'data.expired']
    const stats = await execute('Get Session Statistics')
    const { byUser, ...printed } = (stats.printed as { data: { byUser: object } }).data
    expectPrinted({ body: stats.body, printed: { ...(stats.printed as object), data: printed } }, numbers)
    expect(stats.body['data']).toMatchObject({ byUser: { user_123: expect.any(Number) } })
    expect(Object.values(byUser).every(Number.isInteger)).toBe(true)
    expectPrinted(await execute('Check if User Can Create Session'))
  })

  it('refuses in the printed form, with the printed codes', async () => {
    const [errorFormat] = document.fences.filter(({ section }) => section.endsWith('› Error Responses'))
    const printed = parseCommentedJson(errorFormat?.code as string)
    const refusals: [number, Promise<Printed>][] = [
      [400, gateway.call({ method: 'POST', path: `${BASE}/login`, body: { username: 'somebody' } })],
      [401, gateway.call({ method: 'GET', path: `${BASE}/sessions/user_123` }, null)],
      [401, gateway.call({ method: 'GET', path: `${BASE}/sessions/user_123` }, 'not-a-token')],
      [403, gateway.call({ method: 'GET', path: `${BASE}/sessions/user_456` })],
      [404, gateway.call({ method: 'GET', path: `${BASE}/session/unknown` })],
      [404, gateway.call({ method: 'GET', path: `${BASE}/message/unknown` })],
    ]
    for (const [status, refusing] of refusals) {
      const refusal = await refusing
      expect(refusal.status).toBe(status)
      expectPrinted({ body: refusal.body, printed }, ['error'])
    }
  })

  it('tells the request limits of its list', () => {
    const printed = statementsUnder('› Rate Limiting').flatMap((text) => {
      const [, name, count, minutes] = /^\*\*(.+)\*\*: (\d+) .+ per (\d+ )?minutes?$/.exec(text) ?? []
      if (name === undefined) return []
      const bucket = name === 'Bulk Messages' ? 'bulk' : name.toLowerCase()
      return [`"${bucket}";q=${count};w=${60 * Number(minutes ?? 1)}`]
    })
    expect(printed).toHaveLength(6)
    expect([...policies].sort()).toEqual(printed.sort())
  })

  it('keeps accounts to the limits of its table', async () => {
    const answer = await gateway.call({ method: 'GET', path: `${BASE}/session/${sessionId}/limits` })
    const { limits } = answer.body['data'] as { limits: Record<string, { hour: object; day: object }> }
    const rows = statementsUnder('› Rate Limits').filter((text) => text.startsWith('|'))
    expect(rows).toHaveLength(8)
    for (const row of rows) {
      const [, action, hour, day] = row.split('|').map((cell) => cell.trim()) as [string, string, string, string]
      const kind = action.toLowerCase().replace(' ', '_')
      const windows = { hour: { limit: Number(hour) }, day: { limit: Number(day) } }
      expect([kind, limits[kind]]).toMatchObject([kind, windows])
    }
  })

  it('deactivates the session', async () => {
    expect(await execute('Deactivate Session')).toMatchObject({ status: 200, body: { success: true } })
    expect((await execute('Get Session Status')).body['data']).toMatchObject({ isActive: false })
  })

  it('has been executed as a whole', () => {
    expect([...exchanges.keys()].filter((title) => !executed.has(title))).toEqual([])
  })
})

function statementsUnder(section: string): string[] {
  return document.statements.filter((statement) => statement.section.endsWith(section)).map(({ text }) => text)
}

describe("the second document's clients", () => {
  let gateway: ServedGateway

  beforeAll(async () => {
    gateway = await serveGateway()
  })
  afterAll(() => gateway?.stop())

  const client = (language: string) => document.fences.find((fence) => fence.language === language)?.code as string

  it('runs the JavaScript example with axios as it is printed', async () => {
    const printed = client('javascript')
      .replace('https://your-api-domain.com', gateway.url)
      .replace('your-jwt-token', gateway.token)
    const use = `
      (async () => {
        const login = await instagramAPI.login('your_instagram_username', 'your_instagram_password')
        const sent = await instagramAPI.sendMessage(login.data.sessionId, 'target_user', 'Hello! How are you?')
        console.log(JSON.stringify([login, sent]))
      })()`
    const env = { NODE_PATH: NODE_MODULES }
    expectAnswers(await gateway.runProgram('example.cjs', printed + use, { command: process.execPath, env }))
  })

  it('runs the Python example with requests as it is printed', async ({ skip }) => {
    if (!(await hasPythonRequests())) skip()
    const use = `
import json
api = InstagramAPI(${JSON.stringify(`${gateway.url}${BASE}`)}, ${JSON.stringify(gateway.token)})
login = api.login('your_instagram_username', 'your_instagram_password')
sent = api.send_message(login['data']['sessionId'], 'target_user', 'Hello! How are you?')
print(json.dumps([login, sent]))
`
    expectAnswers(await gateway.runProgram('example.py', client('python') + use, { command: PYTHON }))
  })

  /** What the programs print are the answers that the document prints for these calls. */
  function expectAnswers(output: string): void {
    const [login, sent] = JSON.parse(output) as [unknown, unknown]
    const [printedLogin, printedMessage] = ['Login to Instagram', 'Send Direct Message'].map(
      (title) => exchanges.get(title)?.response,
    )
    expect(differencesFromPrinted(login, printedLogin)).toEqual([])
    // Instagram's id, once the account has met the recipient.
    expect(differencesFromPrinted(sent, printedMessage, ['data.conversationId', 'data.recipientId'])).toEqual([])
  }
})
