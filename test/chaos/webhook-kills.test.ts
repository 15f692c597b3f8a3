import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Api,
  apiOf,
  eventually,
  type RunningProcess,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'
import { createDatabase, runsOnPostgres, SHARED_SECRETS } from '../support/postgres-database.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const USER = 'user_123'
const SENDER = 'your_instagram_username'
const POINTS = ['webhook-after-claim', 'webhook-before-post', 'webhook-after-post', 'webhook-after-record']
const DAY_MS = 86_400_000

interface Endpoint {
  secret: string
  /** The number of the newest event when it was made. */
  after: number
  receiver: WebhookReceiver
}

interface Told {
  id: string
  sequence: number
}

/** On SQLite, which one process has to itself, `test/chaos/webhooks.test.ts` does the same. */
describe.skipIf(!runsOnPostgres)('webhooks of two gateways on one database', () => {
  const owned = new AsyncDisposableStack()
  let start: (env?: Record<string, string>) => Promise<RunningProcess>
  let api: Api
  let sessionId: string
  let made = 0

  beforeAll(async () => {
    const database = await createDatabase()
    owned.defer(() => database.drop())
    const directory = await temporaryDirectory()
    owned.defer(() => directory.remove())
    const sandbox = await startSandboxProcess()
    owned.defer(async () => void (await sandbox.stop('SIGKILL')))
    let nodes = 0
    start = async (env = {}) => {
      nodes += 1
      const node = await startGatewayProcess({
        dataDir: `${directory.path}/node-${nodes}`,
        env: { DATABASE_URL: database.url, SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off', ...SHARED_SECRETS, ...env },
      })
      owned.defer(async () => void (await node.stop('SIGKILL')))
      return node
    }
    const survivor = await start()
    api = await apiOf(survivor.url, USER)
    const login = await api.post('/login', { username: SENDER, password: 'your_instagram_password' })
    sessionId = (login.body.data as unknown as { id: string }).id
  })
  afterAll(() => owned.disposeAsync())

  const logged = async () => {
    const list = await api.get('/events?limit=1000')
    return list.body.data as unknown as Told[]
  }

  /** Makes an event at once. */
  const makeEvent = async () => {
    const sendAt = new Date(Date.now() + 200 * DAY_MS).toISOString()
    const message = { sessionId, recipientUsername: `person_${made}`, content: 'Hello', sendAt }
    made += 1
    const accepted = await api.post('/message', message)
    const { id } = accepted.body.data as unknown as { id: string }
    expect((await api.delete(`/message/${id}`)).status).toBe(200)
  }

  /** An endpoint, and a second node that dies at the point as soon as it gets hold of one before the first does. */
  const dieAt = async (crashPoint: string): Promise<Endpoint> => {
    const receiver = await startWebhookReceiver()
    owned.defer(() => receiver.close())
    const node = await start({ CRASH_POINT: `${crashPoint}:1` })
    const after = (await logged()).at(-1)?.sequence ?? 0
    const created = await api.post('/webhooks', { url: receiver.url })
    const { secret } = created.body.data as unknown as { secret: string }
    while (node.process.signalCode === null) await makeEvent()
    return { secret, after, receiver }
  }

  it('lose nothing when one dies between claim and record: the other repeats it under the same id', async () => {
    const endpoints: Endpoint[] = []
    for (const crashPoint of POINTS) endpoints.push(await dieAt(crashPoint))
    await makeEvent()
    const log = await logged()
    let repeats = 0
    for (const { secret, after, receiver } of endpoints) {
      const wanted = new Map(log.filter(({ sequence }) => sequence > after).map(({ id, sequence }) => [id, sequence]))
      await eventually(
        'the survivor delivers everything once the lease has run out',
        async () => (idsOf(receiver).size >= wanted.size ? true : undefined),
        60_000,
      )
      const bodies = new Map<string, string>()
      for (const { headers, body } of receiver.accepted) {
        const { id, sequence } = new Webhook(secret).verify(body, headers as Record<string, string>) as Told
        expect(headers['webhook-id']).toBe(id)
        expect(wanted.get(id)).toBe(sequence)
        expect(bodies.get(id) ?? body).toBe(body)
        bodies.set(id, body)
      }
      expect(bodies.size).toBe(wanted.size)
      repeats += receiver.accepted.length - bodies.size
    }
    // Whoever died after a request had sent it already.
    expect(repeats).toBeGreaterThan(0)
  })
})

function idsOf({ accepted }: WebhookReceiver): Set<unknown> {
  return new Set(accepted.map(({ headers }) => headers['webhook-id']))
}
