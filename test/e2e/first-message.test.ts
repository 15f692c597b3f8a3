import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Api,
  apiOf,
  eventually,
  freePort,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'

/** The second document's login body, code and proxy included. */
const LOGIN = {
  username: 'your_instagram_username',
  password: 'your_instagram_password',
  twoFactorCode: '123456',
  config: {
    headless: true,
    userAgent: 'Custom User Agent',
    proxy: { host: 'proxy.example.com', port: 8080, username: 'proxy_user', password: 'proxy_pass' },
    timeout: 30000,
    retryAttempts: 3,
  },
}

describe('a newcomer with an empty data directory', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandboxPort: number
  let gateway: RunningProcess
  let api: Api
  let sessionId: string

  const start = async () => {
    gateway = await startGatewayProcess({ dataDir: directory.path, env: { SANDBOX_PORT: String(sandboxPort) } })
    api = await apiOf(gateway.url, 'user_123')
  }

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandboxPort = await freePort()
    await start()
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await directory.remove()
  })

  it("logs in with the second document's body and gets its example's fields", async () => {
    const login = await api.post('/login', LOGIN)
    expect(login.body).toMatchObject({
      success: true,
      message: 'Login successful',
      data: {
        userId: 'user_123',
        username: 'your_instagram_username',
        isActive: true,
        metadata: {
          followersCount: 1000,
          followingCount: 500,
          postsCount: 50,
          isBusinessAccount: false,
          isVerified: false,
        },
        settings: {
          autoReply: false,
          autoLike: false,
          autoFollow: false,
          autoUnfollow: false,
          maxDailyActions: 100,
          actionDelay: 30000,
        },
      },
    })
    expect(login.status).toBe(200)
    const data = login.body.data as unknown as { id: string; sessionId: string }
    expect(data.id).toMatch(/^instagram_\d+_[a-z0-9]+$/)
    expect(data.sessionId).toBe(data.id)
    sessionId = data.id
  })

  it("sends the second document's message, and it arrives exactly once", async () => {
    const sent = await api.post('/message', {
      sessionId,
      recipientUsername: 'target_user',
      content: 'Hello! How are you?',
      messageType: 'text',
      mediaUrl: 'https://example.com/image.jpg',
    })
    expect(sent.status).toBe(202)
    expect(sent.body).toMatchObject({
      message: 'Message queued for sending',
      data: {
        conversationId: 'conv_your_instagram_username_target_user',
        senderId: 'user_123',
        recipientUsername: 'target_user',
        content: 'Hello! How are you?',
        isRead: false,
        isFromMe: true,
        metadata: { hashtags: [], mentions: [] },
      },
    })
    const data = sent.body.data as unknown as { id: string; conversationId: string }
    await succeeded(data.id)

    const ledger = await sandboxControl(`http://127.0.0.1:${sandboxPort}`).ledger('your_instagram_username', 'message')
    expect(ledger.filter((entry) => entry.text === 'Hello! How are you?')).toHaveLength(1)

    const conversation = await api.get(`/conversation/${data.conversationId}/messages?limit=50&offset=0`)
    expect(conversation.body).toMatchObject({
      message: 'Retrieved 1 messages',
      data: [{ id: data.id, content: 'Hello! How are you?', isFromMe: true }],
    })
    const conversations = await api.get(`/session/${sessionId}/conversations`)
    expect(conversations.body.data).toHaveLength(1)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('still has session and history after %s and a new start', async (signal) => {
    const code = await gateway.stop(signal)
    if (signal === 'SIGTERM') expect(code).toBe(0)
    await start()
    const session = await api.get(`/session/${sessionId}?validate=true`)
    expect(session.body).toMatchObject({ success: true, data: { id: sessionId, isActive: true, status: 'active' } })
    const conversation = await api.get('/conversation/conv_your_instagram_username_target_user/messages')
    expect(conversation.body.message).toBe('Retrieved 1 messages')
  })

  async function succeeded(messageId: string): Promise<void> {
    await eventually('the message succeeds', async () => {
      const message = await api.get(`/message/${messageId}`)
      const data = message.body.data as unknown as { status: string }
      return data.status === 'succeeded' ? data : undefined
    })
  }
})
