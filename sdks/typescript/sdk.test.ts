import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import openApi from '../../openapi.json' with { type: 'json' }
import {
  eventually,
  type RunningProcess,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../../test/support/gateway-process.ts'
import { createInstagramAPI, Gateway, GatewayError, instagramAPI, type Message, type Session } from './src/index.ts'

describe('the TypeScript SDK against a started gateway', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let running: RunningProcess
  let token: string
  let gateway: Gateway
  let session: Session

  beforeAll(async () => {
    directory = await temporaryDirectory()
    running = await startGatewayProcess({ dataDir: directory.path, env: { ACTION_DELAY: '0' } })
    token = await tokenFor('user_123')
    gateway = new Gateway({ url: running.url, token })
    const login = await gateway.logIn({ username: 'your_instagram_username', password: 'your_instagram_password' })
    session = login.data
  })

  afterAll(async () => {
    await running?.stop('SIGKILL')
    await directory?.remove()
  })

  it('has a method for every operation', () => {
    const ids = Object.entries(openApi.paths)
      .filter(([path]) => path.startsWith('/api/'))
      .flatMap(([, methods]) => Object.values(methods).map((operation) => operation.operationId))
    expect(ids.length).toBeGreaterThan(30)
    for (const id of ids) expect(gateway).toHaveProperty(id, expect.any(Function))
  })

  it('logs in, and knows the session by its type', async () => {
    expect(session).toMatchObject({ userId: 'user_123', isActive: true, status: 'active' })
    const answer = await gateway.getSession(session.id, { validate: true })
    expectTypeOf(answer.data).toEqualTypeOf<Session>()
    expect(answer).toMatchObject({ status: 200, isReplayed: false, requestId: expect.stringMatching(/^req_/) })
    expect(answer.data.metadata.followersCount).toBe(1000)
  })

  it('sends a message once, whatever is sent again with its key', async () => {
    const body = { sessionId: session.id, recipientUsername: 'target_user', content: 'Once' }
    const first = await gateway.sendMessage(body, { idempotencyKey: 'once' })
    const second = await gateway.sendMessage(body, { idempotencyKey: 'once' })
    expect(first).toMatchObject({ status: 202, message: 'Message queued for sending', isReplayed: false })
    expect(second).toMatchObject({ isReplayed: true, data: { id: first.data.id } })
    await expect(sent(first.data)).resolves.toMatchObject({ content: 'Once' })
  })

  it('reads every message of a conversation, page by page', async () => {
    for (const content of ['Twice', 'Thrice']) {
      const { data } = await gateway.sendMessage({ sessionId: session.id, recipientUsername: 'target_user', content })
      await sent(data)
    }
    const seen: Message[] = []
    const conversation = 'conv_your_instagram_username_target_user'
    for await (const message of gateway.iterateConversationMessages(conversation, { limit: 1 })) seen.push(message)
    expect(seen.map(({ content }) => content)).toEqual(['Thrice', 'Twice', 'Once'])
  })

  it('waits for an action', async () => {
    const liked = await gateway.like({ sessionId: session.id, postId: 'post_1234567890' }, { waitMs: 20_000 })
    expect(liked).toMatchObject({ status: 200, data: { kind: 'like', status: 'succeeded' } })
  })

  it('follows a bulk until it has ended', async () => {
    const patient = new Gateway({ url: running.url, token, sleep: async () => {} })
    const bulk = await patient.sendBulkMessages(
      { sessionId: session.id, recipients: ['user1', 'user2', 'user3'], content: 'All', delayBetweenMessages: 0 },
      { waitMs: 0 },
    )
    if (!('bulkId' in bulk.data)) throw new Error('a bulk that is no dry run has an id')
    const seen: { sent: number; status: string }[] = []
    for await (const { data } of patient.streamMessageBulk(bulk.data.bulkId)) seen.push(data)
    expect(seen.at(-1)).toMatchObject({ sent: 3, failed: 0, status: 'completed' })
    const items = []
    for await (const item of patient.iterateMessageBulkItems(bulk.data.bulkId, { limit: 2 })) items.push(item)
    expect(items).toHaveLength(3)
  })

  it('throws what the gateway refuses', async () => {
    const error = await gateway.getSession('instagram_0_none').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ status: 404, code: 'SESSION_NOT_FOUND', requestId: expect.any(String) })
    const invalid = gateway.sendMessage({ sessionId: session.id, recipientUsername: '', content: 'x' })
    await expect(invalid).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { fields: [expect.anything()] } })
  })

  it("speaks the first document's API, too", async () => {
    const limits = await gateway.v1GetLimits('your_instagram_username')
    expect(limits.data.limits.like).toMatchObject({ used: 1 })
    await expect(gateway.v1GetLimits('nobody')).rejects.toMatchObject({ status: 401, code: 'INVALID_SESSION' })
  })

  it("offers the second document's client", async () => {
    instagramAPI.baseURL = `${running.url}/api/v2/instagram`
    instagramAPI.token = token
    const login = await instagramAPI.login('your_instagram_username', 'your_instagram_password')
    expect(login).toMatchObject({ success: true, message: 'Login successful', data: { id: session.id } })
    const api = createInstagramAPI({ baseURL: instagramAPI.baseURL, token })
    const sent = await api.sendMessage(login.data.sessionId, 'target_user', 'As in the document')
    expect(sent).toMatchObject({ success: true, data: { content: 'As in the document', messageType: 'text' } })
    await expect(api.login('your_instagram_username', 'wrong')).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
  })

  function sent({ id }: { id: string }): Promise<Message> {
    return eventually('the message is sent', async () => {
      const { data } = await gateway.getMessage(id)
      return data.status === 'succeeded' ? data : undefined
    })
  }
})
