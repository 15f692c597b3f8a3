import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { createCookieStore, createWebConnector } from '../src/connectors/index.ts'
import { createSystemClock } from '../src/core/clock-system.ts'
import type { TransportRequest } from '../src/core/transport.ts'
import { createTransport } from '../src/transport/index.ts'
import {
  type Api,
  apiOf,
  eventually,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../test/support/gateway-process.ts'

// How fast queues empty with no delay at all, against a loop that does nothing but POST the same requests to the same
// process: one request of an account at a time in both, as many accounts.

type Control = ReturnType<typeof sandboxControl>

const USER = 'user_123'
const PASSWORD = 'bench-password'
/** Within the hour of the standard policy, the first message of each account included. */
const MESSAGES_EACH = 40
const DISPATCH_WITHIN_MS = 300_000

export interface Dispatch {
  /** Messages a second. */
  ours: number
  raw: number
  sent: number
  /** Processor time of the gateway for each, microseconds. */
  computedUs: number
}

export async function measureDispatch(accounts: number): Promise<Dispatch> {
  const directory = await temporaryDirectory()
  const sandbox = await startSandboxProcess()
  try {
    return await dispatchAgainst(sandbox.url, { accounts, dataDir: directory.path })
  } finally {
    await sandbox.stop('SIGKILL')
    await directory.remove()
  }
}

async function dispatchAgainst(sandboxUrl: string, options: { accounts: number; dataDir: string }): Promise<Dispatch> {
  const { accounts, dataDir } = options
  const control = sandboxControl(sandboxUrl)
  const names = Array.from({ length: accounts }, (_, index) => `dispatch_${index}`)
  await control.call('POST', '/users', [
    ...names.map((username) => ({ username, password: PASSWORD })),
    { username: 'somebody_else', password: PASSWORD },
  ])
  const raw = await measureRaw(sandboxUrl, names)
  const gateway = await startGatewayProcess({
    dataDir,
    env: { SANDBOX_URL: sandboxUrl, REQUEST_LIMITS: 'off', CHECK_ANSWERS: '', MAX_SESSIONS_PER_USER: '1000' },
  })
  try {
    const api = await apiOf(gateway.url, USER)
    const admin = await apiOf(gateway.url, 'admin', { role: 'admin' })
    const sessionIds = await openSessions(api, names)
    // The first one finds the recipient and the thread.
    const before = await countMessages(control)
    await send(api, sessionIds, 1)
    await allSent(control, before + accounts)
    await admin.post('/admin/pause', {})
    await send(api, sessionIds, MESSAGES_EACH)
    const sent = accounts * MESSAGES_EACH
    const computedBefore = computedMs(gateway)
    const began = performance.now()
    await admin.post('/admin/resume', {})
    await allSent(control, before + accounts + sent)
    const took = performance.now() - began
    return {
      ours: sent / (took / 1_000),
      raw,
      sent,
      computedUs: ((computedMs(gateway) - computedBefore) / sent) * 1_000,
    }
  } finally {
    await gateway.stop()
  }
}

async function openSessions(api: Api, names: string[]): Promise<string[]> {
  const sessionIds: string[] = []
  for (const username of names) {
    const { status, body } = await api.post('/login', { username, password: PASSWORD })
    if (status !== 200) throw new Error(`login of ${username} answered ${status}: ${body.error}`)
    const { sessionId } = body.data as unknown as { sessionId: string }
    await api.put(`/session/${sessionId}`, { settings: { actionDelay: 0, maxDailyActions: 10_000 } })
    sessionIds.push(sessionId)
  }
  return sessionIds
}

async function send(api: Api, sessionIds: string[], each: number): Promise<void> {
  for (let count = 0; count < each; count += 1) {
    await Promise.all(
      sessionIds.map((sessionId) =>
        api.post('/message', { sessionId, recipientUsername: 'somebody_else', content: `number ${count}` }),
      ),
    )
  }
}

/** Messages that have arrived in the sandbox. */
async function countMessages(control: Control): Promise<number> {
  const { counts } = (await control.call('GET', '/state')) as { counts: { items: number } }
  return counts.items
}

async function allSent(control: Control, count: number): Promise<void> {
  const arrived = async () => ((await countMessages(control)) >= count ? true : undefined)
  await eventually(`${count} messages have arrived`, arrived, DISPATCH_WITHIN_MS)
}

/** Processor time of a process since its start, all its threads together. */
function computedMs({ process }: RunningProcess): number {
  const fields = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Of Linux, on every platform that Node runs on. */
const TICK_MS = 10

/** The connector's own request, recorded once an account and repeated with new tokens. */
async function measureRaw(sandboxUrl: string, names: string[]): Promise<number> {
  const clock = createSystemClock({ startFloor: 0 })
  const transport = createTransport({ clock, guardAddresses: 'proxies', allowNetworks: ['127.0.0.0/8'] })
  const agent = new Agent({ connections: names.length })
  try {
    const recorded: TransportRequest[] = []
    for (const username of names) recorded.push(await record(sandboxUrl, username))
    const began = performance.now()
    await Promise.all(
      recorded.map(async ({ url, headers, body }, account) => {
        for (let count = 1; count < MESSAGES_EACH; count += 1) {
          const token = String(7_000_000_000_000_000_000n + BigInt(account) * 1_000n + BigInt(count))
          const fresh = String(body).replaceAll(TOKEN, token)
          const answer = await request(url, { method: 'POST', headers, body: fresh, dispatcher: agent })
          await answer.body.dump()
          if (answer.statusCode !== 200) throw new Error(`the raw loop was answered ${answer.statusCode}`)
        }
      }),
    )
    return (names.length * (MESSAGES_EACH - 1)) / ((performance.now() - began) / 1_000)
  } finally {
    await agent.close()
    await transport.close()
    clock.stop()
  }

  async function record(baseUrl: string, username: string): Promise<TransportRequest> {
    let last: TransportRequest | null = null
    const send = (outgoing: TransportRequest) => {
      last = outgoing
      return transport.send(outgoing)
    }
    const connector = createWebConnector({ transport: send, clock, baseUrl })
    const access = { cookies: createCookieStore(), proxy: null, userAgent: null, platformId: null }
    const call = { deadlineMs: 15_000 }
    const login = await connector.logIn(access, { username, password: PASSWORD }, call)
    if (login.type !== 'logged_in') throw new Error(`login of ${username}: ${login.type}`)
    const session = { ...access, platformId: login.platformId }
    const found = await connector.lookUpUser(session, { username: 'somebody_else' }, call)
    if (found.type !== 'ok') throw new Error(`look-up: ${found.type}`)
    const to = { recipientId: found.value.platformId }
    await connector.sendText(session, { to, text: 'raw', clientToken: TOKEN }, call)
    return last as unknown as TransportRequest
  }
}

const TOKEN = '6999999999999999999'
