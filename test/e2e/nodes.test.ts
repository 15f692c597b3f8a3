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
import { createDatabase, runsOnPostgres, SHARED_SECRETS } from '../support/postgres-database.ts'

const USER = 'user_123'
const ACCOUNT = 'your_instagram_username'
const MESSAGES = 40
/** What the contract gives a revocation to reach every node, and some for the machine. */
const REVOKED_WITHIN_MS = 1_500

describe.runIf(runsOnPostgres)('gateways that share one PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandbox: RunningProcess
  const nodes: RunningProcess[] = []
  let sessionId: string

  beforeAll(async () => {
    database = await createDatabase()
    directory = await temporaryDirectory()
    sandbox = await startSandboxProcess()
  })

  afterAll(async () => {
    for (const node of nodes) await node.stop('SIGKILL')
    await sandbox.stop('SIGKILL')
    await database.drop()
    await directory.remove()
  })

  const startNode = async (role: 'all' | 'api' | 'worker' = 'all') => {
    const node = await startGatewayProcess({
      dataDir: `${directory.path}/node-${nodes.length}`,
      env: {
        ...SHARED_SECRETS,
        DATABASE_URL: database.url,
        SANDBOX_URL: sandbox.url,
        ROLE: role,
        REQUEST_LIMITS: 'off',
        ACTION_DELAY: '0',
        MAX_DAILY_ACTIONS: '10000',
      },
    })
    nodes.push(node)
    return { node, api: await apiOf(node.url, USER) }
  }

  const send = async (api: Api, content: string, headers: Record<string, string> = {}) => {
    const answer = await api.post('/message', { sessionId, recipientUsername: 'target_user', content }, headers)
    expect(answer.status).toBe(202)
    return (answer.body.data as unknown as { id: string }).id
  }

  const delivered = (api: Api, id: string) =>
    eventually(`${id} is delivered`, async () => {
      const { body } = await api.get(`/message/${id}`)
      return (body.data as unknown as { status: string }).status === 'succeeded' ? true : undefined
    })

  const effects = async (text: string) => {
    const ledger = await sandboxControl(sandbox.url).ledger(ACCOUNT, 'message')
    return ledger.filter((entry) => entry.text?.startsWith(text) === true)
  }

  it('start together on an empty database, share sessions, and act for an account once', async () => {
    const [first, second] = await Promise.all([startNode(), startNode()])
    const login = await first.api.post('/login', { username: ACCOUNT, password: 'your_instagram_password' })
    sessionId = (login.body.data as unknown as { id: string }).id
    expect((await second.api.get(`/session/${sessionId}?validate=true`)).body).toMatchObject({
      data: { status: 'active' },
    })

    const apis = [first.api, second.api]
    const ids = await Promise.all(
      Array.from({ length: MESSAGES }, (_, no) => send(apis[no % 2] as Api, `shared ${no}`)),
    )
    for (const id of ids) await delivered(second.api, id)
    const arrived = await effects('shared ')
    expect(arrived).toHaveLength(MESSAGES)
    expect(arrived.filter((entry) => entry.duplicateOf !== undefined)).toEqual([])

    const headers = { 'idempotency-key': 'on-both-nodes' }
    const same = await Promise.all([...apis, ...apis].map((api) => send(api, 'said once', headers)))
    expect(new Set(same).size).toBe(1)
  })

  it('refuse a revoked token everywhere within a second', async () => {
    const [first, second] = nodes as [RunningProcess, RunningProcess]
    const victim = await apiOf(second.url, 'user_gone')
    expect((await victim.get('/sessions/user_gone')).status).toBe(200)
    const admin = await apiOf(first.url, 'root', { role: 'admin' })
    const before = new Date(Date.now() + 1_000).toISOString()
    expect((await admin.post('/admin/revoke', { sub: 'user_gone', before })).status).toBe(200)
    const revokedAt = performance.now()
    await eventually('the other node refuses it', async () =>
      (await victim.get('/sessions/user_gone')).status === 401 ? true : undefined,
    )
    expect(performance.now() - revokedAt).toBeLessThan(REVOKED_WITHIN_MS)
  })

  it('accept in one role and act in another', async () => {
    for (const node of nodes) expect(await node.stop('SIGTERM')).toBe(0)
    const { api } = await startNode('api')
    const waiting = await send(api, 'said to the api')
    const worker = await startNode('worker')
    expect((await api.get(`/message/${waiting}`)).body).toMatchObject({ success: true })
    await delivered(api, waiting)
    await delivered(worker.api, await send(api, 'and another'))
    expect(await effects('said to the api')).toHaveLength(1)
  })
})
