import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
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
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const HOUR_MS = 3_600_000
const CRASH_POINTS = ['webhook-after-claim', 'webhook-before-post', 'webhook-after-post', 'webhook-after-record']

interface Endpoint {
  id: string
  secret: string
}

describe('webhooks of a gateway that is killed', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandbox: RunningProcess
  let gateway: RunningProcess
  let receiver: WebhookReceiver
  let api: Api
  let sessionId: string
  let sent = 0

  const start = async (env: Record<string, string> = {}) => {
    const common = { SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off', SESSION_EXPIRY_HOURS: '8760' }
    gateway = await startGatewayProcess({ dataDir: directory.path, env: { ...common, ...env } })
    api = await apiOf(gateway.url, 'user_123')
  }
  const advance = async (ms: number) => {
    const admin = await apiOf(gateway.url, 'admin', { role: 'admin' })
    expect((await admin.post('/admin/clock', { advanceMs: ms })).status).toBe(200)
  }
  /** Each makes an event at once. */
  const makeEvents = async (count: number) => {
    for (let no = 0; no < count; no += 1) {
      const sendAt = new Date(Date.now() + 200 * 24 * HOUR_MS).toISOString()
      const body = { sessionId, recipientUsername: `person_${sent}`, content: 'Hello', sendAt }
      const message = await api.post('/message', body)
      expect(message.status, JSON.stringify(message.body)).toBe(202)
      const { id } = message.body.data as unknown as { id: string }
      expect((await api.delete(`/message/${id}`)).status).toBe(200)
      sent += 1
    }
  }
  const logged = async () => {
    const list = await api.get('/events?limit=1000')
    return (list.body.data as unknown as { sequence: number; id: string }[]) ?? []
  }

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandbox = await startSandboxProcess()
    receiver = await startWebhookReceiver()
    await sandboxControl(sandbox.url).call('POST', '/users', [{ username: 'hooked', password: 'hook-password' }])
    await start()
    const login = await api.post('/login', { username: 'hooked', password: 'hook-password' })
    sessionId = (login.body.data as unknown as { id: string }).id
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await Promise.all([sandbox.stop('SIGKILL'), receiver.close()])
    await directory.remove()
  })

  const create = async (): Promise<Endpoint> => {
    const created = await api.post('/webhooks', { url: receiver.url, events: ['*'] })
    expect(created.status, JSON.stringify(created.body)).toBe(201)
    return created.body.data as unknown as Endpoint
  }

  /** Distinct ids of what was accepted, each signed for both libraries, in a log without gaps. */
  const judge = async (secret: string, from: number) => {
    const ids = new Set<string>()
    const sequences = new Set<number>()
    for (const { headers, body } of receiver.accepted) {
      const given = headers as Record<string, string>
      new SvixWebhook(secret).verify(body, given)
      const event = new StandardWebhook(secret).verify(body, given) as { id: string; sequence: number }
      expect(given['webhook-id']).toBe(event.id)
      ids.add(event.id)
      sequences.add(event.sequence)
    }
    const all = (await logged()).filter((event) => event.sequence > from)
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => from + index + 1))
    expect([...sequences].toSorted((a, b) => a - b)).toEqual(all.map(({ sequence }) => sequence))
    expect(ids).toEqual(new Set(all.map(({ id }) => id)))
    return ids.size
  }

  it('lose nothing when the receiver is down for six virtual hours and the gateway is killed twice', async () => {
    const from = (await logged()).length
    const { id, secret } = await create()
    receiver.answer = 500
    for (const part of [1, 2, 3]) {
      await makeEvents(30)
      await advance(2 * HOUR_MS)
      if (part === 3) break
      await gateway.stop('SIGKILL')
      await start()
    }
    expect(receiver.asked).toBeGreaterThan(10)
    receiver.answer = 204
    await advance(24 * HOUR_MS)
    await eventually('everything arrives', async () => {
      const distinct = new Set(receiver.accepted.map(({ headers }) => headers['webhook-id']))
      return distinct.size >= 90 ? true : undefined
    })
    expect(await judge(secret, from)).toBeGreaterThanOrEqual(90)
    const pending = await api.get(`/webhooks/${id}/deliveries?status=pending`)
    expect(pending.body.data).toEqual([])
    expect((await api.delete(`/webhooks/${id}`)).status).toBe(200)
  }, 240_000)

  it.each(CRASH_POINTS)('lose nothing when it dies at %s', async (crashPoint) => {
    receiver.accepted.length = 0
    const from = (await logged()).length
    const { id, secret } = await create()
    await gateway.stop('SIGKILL')
    await start({ CRASH_POINT: `${crashPoint}:2` })
    await makeEvents(5).catch(() => undefined)
    await Promise.race([gateway.ended, makeEvents(5).catch(() => undefined)])
    await eventually('the gateway dies', async () => (gateway.process.signalCode === null ? undefined : true))
    await start()
    await makeEvents(1)
    const expected = (await logged()).filter(({ sequence }) => sequence > from).length
    await eventually('everything arrives', async () => {
      const distinct = new Set(receiver.accepted.map(({ headers }) => headers['webhook-id']))
      return distinct.size >= expected ? true : undefined
    })
    await judge(secret, from)
    await api.delete(`/webhooks/${id}`)
  }, 120_000)

  it('are refused for addresses inside, and reach loopback in sandbox mode', async () => {
    for (const url of [
      'http://169.254.169.254/latest',
      'http://10.0.0.1/',
      'http://[::ffff:10.0.0.1]/',
      'http://0x0a000001/',
    ]) {
      const refused = await api.post('/webhooks', { url })
      expect([refused.status, refused.body.error]).toEqual([400, 'url: leads to an address that is not allowed'])
    }
    receiver.accepted.length = 0
    const { id } = await create()
    const test = await api.post(`/webhooks/${id}/test`)
    expect(test.body.data).toMatchObject({ isDelivered: true, status: 204 })
    receiver.answer = (response) => {
      response.writeHead(200)
      response.write('half')
      setTimeout(() => response.destroy(), 20)
    }
    const broken = await api.post(`/webhooks/${id}/test`)
    expect(broken.body.data).toMatchObject({ isDelivered: false, status: 200, error: 'reset', response: 'half' })
  })
})
