import { describe, it } from 'vitest'
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
import { createDatabase, runsOnPostgres, SHARED_SECRETS } from '../support/postgres-database.ts'

const SENDER = 'your_instagram_username'

// Together, because most of each is waiting for a lease to run out.
describe.skipIf(!runsOnPostgres).concurrent('two gateways on one database', () => {
  it.for([
    // Awake again, it is still about to write its request, and must find out that it may not.
    { when: 'before its request', crashPoint: 'before-call:1:SIGSTOP' },
    // Its request took effect; the answer it holds is no longer its to record.
    { when: 'after the answer', crashPoint: 'before-settle:2:SIGSTOP' },
  ])('one that sleeps past its lease $when neither sends nor writes when it wakes', async ({ crashPoint }, {
    expect,
  }) => {
    await using world = await openWorld()
    const { start, sandbox } = world
    const sleeper = await start({ CRASH_POINT: crashPoint })
    const api = await apiOf(sleeper.url, 'user_123')
    const login = await api.post('/login', { username: SENDER, password: 'your_instagram_password' })
    const { id: sessionId } = login.body.data as unknown as { id: string }
    const message = { sessionId, recipientUsername: 'target_user', content: 'exactly once' }
    const sent = await api.post('/message', message)
    expect(sent.status).toBe(202)
    const { id } = sent.body.data as unknown as { id: string }
    await eventually('the first node is frozen', async () => ((await isFrozen(sleeper)) ? true : undefined))

    const other = await start()
    const otherApi = await apiOf(other.url, 'user_123')
    await succeeded(otherApi, id)
    const timeline = await attempts(sandbox)

    sleeper.process.kill('SIGCONT')
    await eventually('the first node answers again', async () => {
      const answered = await api.get(`/message/${id}`).catch(() => null)
      return answered?.status === 200 ? true : undefined
    })
    // Whatever it still meant to do is done once it has taken the next message of the account, or left it to the other.
    const next = await api.post('/message', { ...message, content: 'the next one' })
    await succeeded(otherApi, (next.body.data as unknown as { id: string }).id)

    const ledger = await sandboxControl(sandbox.url).ledger(SENDER, 'message')
    expect(ledger.filter((entry) => entry.text === 'exactly once')).toHaveLength(1)
    expect((await attempts(sandbox)).filter((text) => text === 'exactly once')).toEqual(timeline)
  })

  async function succeeded(api: Api, messageId: string): Promise<void> {
    await eventually(
      'the message succeeds',
      async () => {
        const message = await api.get(`/message/${messageId}`)
        const { status } = message.body.data as unknown as { status: string }
        return status === 'succeeded' ? status : undefined
      },
      120_000,
    )
  }
})

/** A database, a sandbox and as many gateways as the test starts; all of them end with it, frozen ones too. */
async function openWorld() {
  await using opening = new AsyncDisposableStack()
  const database = await createDatabase()
  opening.defer(() => database.drop())
  const sandbox = await startSandboxProcess()
  opening.defer(async () => void (await sandbox.stop('SIGKILL')))
  const owned = opening.move()
  const start = async (env: Record<string, string> = {}): Promise<RunningProcess> => {
    const directory = await temporaryDirectory()
    owned.defer(() => directory.remove())
    const node = await startGatewayProcess({
      dataDir: directory.path,
      env: {
        DATABASE_URL: database.url,
        SANDBOX_URL: sandbox.url,
        REQUEST_LIMITS: 'off',
        ACTION_DELAY: '0',
        ...SHARED_SECRETS,
        ...env,
      },
    })
    owned.defer(async () => {
      node.process.kill('SIGCONT')
      await node.stop('SIGKILL')
    })
    return node
  }
  return { start, sandbox, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function isFrozen(node: RunningProcess): Promise<boolean> {
  return fetch(`${node.url}/healthz`, { signal: AbortSignal.timeout(500) }).then(
    () => false,
    () => true,
  )
}

/** Texts of the sends that reached the simulated Instagram, duplicates that it recognised included. */
async function attempts(sandbox: RunningProcess): Promise<string[]> {
  const ledger = await sandboxControl(sandbox.url).ledger(SENDER, 'message')
  return ledger.map((entry) => entry.text ?? '')
}
