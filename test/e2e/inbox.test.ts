import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Api,
  apiOf,
  eventually,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'

const OWN = 'your_instagram_username'
const CONVERSATION = `conv_${OWN}_target_user`
const MESSAGES = 300

describe('an account that somebody writes to', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandbox: RunningProcess
  let gateway: RunningProcess
  let api: Api
  let admin: Api

  const start = async () => {
    const env = { SANDBOX_URL: sandbox.url, POLL_MAX_PER_HOUR: '1800' }
    gateway = await startGatewayProcess({ dataDir: directory.path, env })
    api = await apiOf(gateway.url, 'user_123')
    admin = await apiOf(gateway.url, 'root', { role: 'admin' })
  }
  const advance = async (advanceMs: number) => {
    await sandboxControl(sandbox.url).call('POST', '/clock', { advanceMs })
    expect((await admin.post('/admin/clock', { advanceMs })).status).toBe(200)
  }
  /** A poll is answered by another process, so it may end after the moment it was due at. */
  const passUntil = (what: string, probe: () => Promise<boolean>) =>
    eventually(what, async () => {
      await advance(10_000)
      return (await probe()) ? true : undefined
    })
  const act = (times: number, text: string) =>
    sandboxControl(sandbox.url).call('POST', '/act', { as: 'target_user', do: 'message', to: OWN, text, times })

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandbox = await startSandboxProcess()
    await start()
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await sandbox.stop('SIGKILL')
    await directory.remove()
  })

  it('has every message once, as message and as event, over a kill in the middle of catching up', async () => {
    const login = await api.post('/login', {
      username: OWN,
      password: 'your_instagram_password',
      twoFactorCode: '123456',
    })
    expect(login.status).toBe(200)
    // The clocks move one after the other: a first look between the two would take what was just written for old.
    await eventually('the first look into the inbox', async () => {
      const { requests } = (await sandboxControl(sandbox.url).call('GET', '/requests?path=direct_v2/inbox')) as {
        requests: unknown[]
      }
      return requests.length > 0 ? true : undefined
    })
    await act(MESSAGES, 'Hello')
    await passUntil('some messages', async () => (await list()).length > 0)
    expect((await list()).length).toBeLessThan(MESSAGES)
    await gateway.stop('SIGKILL')
    await start()
    await passUntil('all messages', async () => (await list()).length >= MESSAGES)
    const listed = await list()
    expect(listed).toHaveLength(MESSAGES)
    expect(new Set(listed).size).toBe(MESSAGES)
    const told = await events()
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1))
    const received = told.filter(({ type }) => type === 'message.received')
    expect(received.map(({ data }) => data.id).sort()).toEqual(listed.sort())
  })

  it('lists each once while more come in', async () => {
    const before = await list()
    const newest = async () => (await list())[0]
    const seen = await list(async () => {
      const last = await newest()
      await act(2, 'More')
      await passUntil('more messages', async () => (await newest()) !== last)
    })
    expect(seen).toEqual(before)
  })

  it('refuses a period that does not exist, and counts the others', async () => {
    const sessions = (await api.get('/sessions/user_123')).body.data as unknown as { id: string }[]
    const stats = (period: string) => api.get(`/session/${sessions[0]?.id}/messages/stats?period=${period}`)
    expect((await stats('fortnight')).status).toBe(400)
    expect((await stats('day')).body).toMatchObject({ message: 'Retrieved message statistics for day' })
    const { data } = (await stats('all')).body as unknown as { data: { received: number; byType: { text: number } } }
    expect(data.received).toBe((await list()).length)
    expect(data.byType.text).toBe(data.received)
  })

  /** Ids of the whole conversation, page by page. */
  async function list(between: () => Promise<void> = async () => {}): Promise<string[]> {
    const ids: string[] = []
    for (let cursor = ''; ; ) {
      const page = await api.get(`/conversation/${CONVERSATION}/messages?limit=100${cursor}`)
      // Nobody has written yet.
      if (page.status === 404) return ids
      const { data, pagination } = page.body as unknown as {
        data: { id: string }[]
        pagination: { nextCursor?: string }
      }
      ids.push(...data.map(({ id }) => id))
      if (pagination.nextCursor === undefined) return ids
      cursor = `&cursor=${encodeURIComponent(pagination.nextCursor)}`
      await between()
    }
  }

  async function events() {
    const found: { sequence: number; type: string; data: { id: string } }[] = []
    for (;;) {
      const page = await api.get(`/events?limit=100&after=${found.length}`)
      const data = page.body.data as unknown as typeof found
      found.push(...data)
      if (data.length < 100) return found
    }
  }
})
