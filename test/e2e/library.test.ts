import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ConfigError,
  createGateway,
  InstagramClient,
  InstagramConfig,
  InstagramError,
  InstagramSession,
  InstagramSessionManager,
  type LibraryGateway,
} from '../../src/index.ts'
import { DEAF } from '../support/deaf.ts'
import { freePort, sandboxControl, temporaryDirectory } from '../support/gateway-process.ts'

const SESSION = {
  username: 'user123',
  sessionId: 'session_xyz',
  cookies: { sessionid: 'abc123' },
  userAgent: 'Mozilla/5.0...',
}

describe('the library', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandboxPort: number
  let gateway: LibraryGateway

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandboxPort = await freePort()
  })
  afterAll(() => directory.remove())

  beforeEach(async () => {
    gateway = await createGateway({
      ...InstagramConfig,
      DATA_DIR: directory.path,
      SANDBOX_PORT: sandboxPort,
      LOG_LEVEL: 'warn',
      // An account that is read does not expire.
      ...DEAF,
      LIKE_LIMIT_PER_DAY: 1,
      PORT: 0,
    })
    await gateway.start()
  })
  afterEach(() => gateway.stop())

  it('has the document’s numbers', () => {
    expect(InstagramConfig).toEqual({
      BASE_URL: 'https://www.instagram.com/api/v1',
      FOLLOW_LIMIT_PER_DAY: 200,
      LIKE_LIMIT_PER_DAY: 1000,
      COMMENT_LIMIT_PER_DAY: 100,
      SESSION_EXPIRY_HOURS: 24,
    })
  })

  it('runs the document’s session and client examples, with nothing listening for them', async () => {
    const session = await InstagramSession.create(SESSION)
    expect(session).toMatchObject({ username: 'user123', sessionId: 'session_xyz', isActive: true })
    expect(session.expiresAt.getTime() - session.createdAt.getTime()).toBe(24 * 3_600_000)
    expect(await session.validate()).toBe(true)

    const client = new InstagramClient({ username: 'user123' })
    for (const [answering, kind] of [
      [() => client.followUser('target_user'), 'follow'],
      [() => client.likePost('media_id'), 'like'],
      [() => client.commentPost('media_id', 'Great post!'), 'comment'],
    ] as const) {
      const [response, status] = await answering()
      expect([status, response]).toMatchObject([200, { success: true, data: { status: 'succeeded' } }])
      expect(await sandboxControl(`http://127.0.0.1:${sandboxPort}`).ledger('user123', kind)).toHaveLength(1)
    }
  })

  it('answers refusals with the document’s codes instead of throwing', async () => {
    const [limited, tooMany] = await new InstagramClient('user123').likePost('post789')
    expect([tooMany, limited]).toMatchObject([429, { success: false, error_code: 'RATE_LIMIT_EXCEEDED', errors: {} }])
    const [unknown, unauthorized] = await new InstagramClient('nobody').followUser('target456')
    expect([unauthorized, unknown]).toMatchObject([401, { error_code: 'INVALID_SESSION' }])
    const [invalid, bad] = await new InstagramClient('user123').commentPost('media_id', '\ud800')
    expect([bad, invalid]).toMatchObject([
      400,
      { error_code: 'VALIDATION_ERROR', errors: { text: [expect.any(String)] } },
    ])
  })

  it('finds sessions again after a restart, with what they used', async () => {
    const session = await InstagramSessionManager.getSession('user123')
    expect(session?.limits).toMatchObject({ follow: { used: 1 }, like: { limit: 1, used: 1, remaining: 0 } })
    expect(await session?.readLimits()).toMatchObject({ comment: { used: 1 }, message: { used: 0 } })
    expect(await InstagramSessionManager.getSession('nobody')).toBeNull()
  })

  it('throws refusals where a session is the answer', async () => {
    const error = await InstagramSessionManager.createSession({ ...SESSION, username: 'no name' }).catch((e) => e)
    expect(error).toBeInstanceOf(InstagramError)
    expect(error).toMatchObject({
      errorCode: 'VALIDATION_ERROR',
      status: 400,
      errors: { username: [expect.any(String)] },
    })
  })

  it('cleans up what has expired and nothing else, and invalidates by name', async () => {
    await InstagramSessionManager.createSession(SESSION)
    expect(await InstagramSessionManager.cleanup()).toBe(0)
    const control = sandboxControl(`http://127.0.0.1:${sandboxPort}`)
    await control.call('POST', '/clock', { advanceMs: 24 * 3_600_000 })
    expect((await InstagramSessionManager.getSession('user123'))?.isActive).toBe(false)
    expect(await InstagramSessionManager.cleanup()).toBe(1)
    expect(await InstagramSessionManager.getSession('user123')).toBeNull()
    expect(await InstagramSessionManager.invalidateSession('user123')).toBe(true)
    expect(await InstagramSessionManager.invalidateSession('nobody')).toBe(false)
  })

  it('serves both APIs when asked to, over the same sessions', async () => {
    await gateway.stop()
    const options = { DATA_DIR: directory.path, SANDBOX_PORT: sandboxPort, PORT: 0, LOG_LEVEL: 'warn' }
    const listening = await createGateway(options)
    try {
      const { url } = await listening.start({ listen: true })
      expect((await fetch(`${url}/api/instagram/limits/user123`)).status).toBe(401)
    } finally {
      await listening.stop()
    }
  })

  it('starts once', async () => {
    await expect(gateway.start()).rejects.toThrow('create another one')
    await gateway.stop()
    await expect(gateway.start()).rejects.toThrow('create another one')
  })

  it('refuses options that are none, and calls without a gateway', async () => {
    const wrong = createGateway({ FOLLOW_LIMIT_PER_DAYS: 3 } as never)
    await expect(wrong).rejects.toThrow('FOLLOW_LIMIT_PER_DAYS is no option; did you mean FOLLOW_LIMIT_PER_DAY?')
    await expect(createGateway({ PORT: 70_000 })).rejects.toBeInstanceOf(ConfigError)
    await gateway.stop()
    await expect(new InstagramClient('user123').likePost('post789')).rejects.toThrow('No gateway is running')
  })
})
