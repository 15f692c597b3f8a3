import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ApiResponse,
  apiOf,
  freePort,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'

/** The first document's requests, word for word. */
const SESSION = {
  username: 'user123',
  session_id: 'xyz789',
  cookies: { sessionid: 'abc123' },
  user_agent: 'Mozilla/5.0...',
}
const FOLLOW = { username: 'user123', target_user_id: 'target456', action_type: 'follow' }
const LIKE = { username: 'user123', media_id: 'post789', action_type: 'like' }
const COMMENT = { username: 'user123', media_id: 'media_id', text: 'Great post!', action_type: 'comment' }

interface Limits {
  [kind: string]: { limit: number; used: number; remaining: number; reset_at: string | null }
}

describe('somebody who has read only the first document', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandboxPort: number
  let gateway: RunningProcess
  let token: string

  const start = async () => {
    gateway = await startGatewayProcess({ dataDir: directory.path, env: { SANDBOX_PORT: String(sandboxPort) } })
  }
  const call = async (method: string, path: string, body?: unknown, bearer = token): Promise<ApiResponse> => {
    const response = await fetch(`${gateway.url}/api/instagram${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as ApiResponse['body'] }
  }
  const readLimits = async () => {
    const { body } = await call('GET', '/limits/user123')
    return (body.data as unknown as { limits: Limits }).limits
  }
  const ledger = (kind: string) => sandboxControl(`http://127.0.0.1:${sandboxPort}`).ledger('user123', kind)

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandboxPort = await freePort()
    token = await tokenFor('user_123')
    await start()
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await directory.remove()
  })

  it('creates the session of its example', async () => {
    const { status, body } = await call('POST', '/session', SESSION)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      success: true,
      data: {
        session: {
          username: 'user123',
          session_id: 'xyz789',
          is_active: true,
          limits: { follow: { limit: 200 }, like: { limit: 1000 }, comment: { limit: 100 } },
        },
      },
    })
  })

  it('performs the actions of its examples, once each', async () => {
    for (const [path, body] of [
      ['/follow', FOLLOW],
      ['/like', LIKE],
      ['/comment', COMMENT],
    ] as const) {
      const answer = await call('POST', path, body)
      expect([answer.status, answer.body]).toMatchObject([200, { success: true, data: { status: 'succeeded' } }])
    }
    expect(await ledger('follow')).toHaveLength(1)
    expect(await ledger('like')).toHaveLength(1)
    expect(await ledger('comment')).toMatchObject([{ text: 'Great post!' }])
  })

  it('reads what is left, also after the process died', async () => {
    const limits = await readLimits()
    expect(limits).toMatchObject({
      follow: { limit: 200, used: 1, remaining: 199, reset_at: expect.any(String) },
      like: { limit: 1000, used: 1, remaining: 999 },
      comment: { limit: 100, used: 1, remaining: 99 },
    })
    await gateway.stop('SIGKILL')
    await start()
    expect(await readLimits()).toEqual(limits)
  })

  it('shares one account with v2: one usage, the smaller limit of each window', async () => {
    const v2 = await apiOf(gateway.url, 'user_123')
    const sessions = (await v2.get('/sessions/user_123')).body.data as unknown as { id: string }[]
    expect(sessions).toHaveLength(1)
    const login = await v2.post('/login', { username: 'user123', password: 'user123_password' })
    const { id: sessionId } = login.body.data as unknown as { id: string }
    expect(sessionId).toBe(sessions[0]?.id)
    expect((await v2.post('/actions/like', { sessionId, postId: 'post_1234567890' })).status).toBe(200)
    expect(await readLimits()).toMatchObject({
      // Fifty likes an hour are v2's; both APIs' likes are in it.
      like: { limit: 50, used: 2, remaining: 48 },
      follow: { limit: 30, used: 1, remaining: 29 },
      comment: { limit: 20, used: 1, remaining: 19 },
    })
    const { limits } = (await v2.get(`/session/${sessionId}/limits`)).body.data as unknown as {
      limits: { like: { day: object } }
    }
    expect(limits.like.day).toMatchObject({ limit: 200, used: 2 })
  })

  it('gets its error types, in its format', async () => {
    const failure = (code: string, errors = {}) => ({
      success: false,
      error_code: code,
      message: expect.any(String),
      errors,
    })
    const invalid = await call('POST', '/follow', { ...FOLLOW, username: 'nobody' })
    expect([invalid.status, invalid.body]).toEqual([401, failure('INVALID_SESSION')])
    const wrong = await call('POST', '/like', { username: 'user123', action_type: 'like' })
    expect([wrong.status, wrong.body]).toEqual([400, failure('VALIDATION_ERROR', { media_id: ['is required'] })])
    await sandboxControl(`http://127.0.0.1:${sandboxPort}`).fault({ fault: 'drop_before', times: 10 })
    const failed = await call('POST', '/session', SESSION)
    expect([failed.status, failed.body]).toEqual([502, failure('REQUEST_FAILED')])
    const stranger = await call('GET', '/limits/user123', undefined, 'not-a-token')
    expect([stranger.status, stranger.body]).toEqual([401, failure('UNAUTHORIZED')])
  })

  it('ends the session', async () => {
    expect((await call('DELETE', '/session/user123')).status).toBe(200)
    expect((await call('GET', '/limits/user123')).body).toMatchObject({ error_code: 'INVALID_SESSION' })
  })
})
