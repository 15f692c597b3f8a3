import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/core/random.ts'
import {
  type Api,
  type ApiResponse,
  apiOf,
  eventually,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'

const ACCOUNTS = 12
const SENDS_PER_ROUND = 6
const KILL_WITHIN_MS = 400
const SETTLE_WITHIN_MS = 120_000
const HOUR_MS = 3_600_000
/** Sends of one account in one product hour stay below the hour's limit of 50. */
const ROUNDS_PER_HOUR = 60

export interface CampaignOptions {
  seed: number
  kills: number
  /** Kills at this named line instead of at random moments. */
  crashPoint?: string
  /** More environment for the gateway, e.g. `DATABASE_URL` with its secrets. */
  env?: Record<string, string>
}

export interface CampaignResult {
  kills: number
  accepted: number
  /** Accepted messages whose effect is missing in the ledger. */
  lost: string[]
  /** Messages with more than one effect in the ledger. */
  doubled: string[]
  /** Messages whose status says something else than the ledger. */
  untrue: string[]
}

interface Intent {
  text: string
  key: string
  account: number
  messageId?: string
}

/**
 * Kills a real gateway process again and again while messages are being sent, starts it again on the same store, repeats
 * whatever was not answered with the same Idempotency-Key, and compares what the gateway finally says with the ledger of
 * a sandbox process that was never killed.
 */
export async function runKillCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const directory = await temporaryDirectory()
  const sandbox = await startSandboxProcess()
  const control = sandboxControl(sandbox.url)
  const random = seededRandom(options.seed)
  const uniform = (below: number) => {
    const [a, b] = random.bytes(2)
    return (((a as number) << 8) | (b as number)) % below
  }
  const env = { SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off', ...options.env }
  const start = (extra: Record<string, string> = {}) =>
    startGatewayProcess({ dataDir: directory.path, env: { ...env, ...extra } })

  let gateway = await start()
  try {
    const names = Array.from({ length: ACCOUNTS }, (_, index) => `chaos_${options.seed}_${index}`)
    await control.call(
      'POST',
      '/users',
      names.map((username) => ({ username, password: 'chaos-password' })),
    )
    const sessions = await openSessions(await apiOf(gateway.url, 'chaos_user'), names)
    const intents: Intent[] = []
    let kills = 0
    const attemptsMax = options.kills * 6 + 10
    for (let round = 0; kills < options.kills; round += 1) {
      if (round > attemptsMax) throw new Error(`only ${kills} kills in ${round} rounds: ${options.crashPoint}`)
      await gateway.stop('SIGKILL')
      gateway = await start(options.crashPoint === undefined ? {} : { CRASH_POINT: options.crashPoint })
      if (round % ROUNDS_PER_HOUR === ROUNDS_PER_HOUR - 1) {
        const admin = await apiOf(gateway.url, 'admin', { role: 'admin' })
        await admin.post('/admin/clock', { advanceMs: HOUR_MS }).catch(() => undefined)
      }
      for (let index = 0; index < SENDS_PER_ROUND; index += 1) {
        intents.push({ text: `chaos ${options.seed} ${intents.length}`, key: randomUUID(), account: uniform(ACCOUNTS) })
      }
      const sending = sendUnanswered(await apiOf(gateway.url, 'chaos_user'), sessions, intents)
      if (options.crashPoint === undefined) {
        await sleep(uniform(KILL_WITHIN_MS))
        await gateway.stop('SIGKILL')
        kills += 1
      } else if (await endedWithin(gateway, 5_000)) {
        kills += 1
      }
      await sending
    }
    await gateway.stop('SIGKILL')
    gateway = await start()
    const api = await apiOf(gateway.url, 'chaos_user')
    await sendUnanswered(api, sessions, intents)
    return { kills, ...(await compare(api, intents, control, names)) }
  } catch (error) {
    throw new Error(`kill campaign, seed ${options.seed}, failed\n${gateway.output()}`, { cause: error })
  } finally {
    await gateway.stop('SIGKILL')
    await sandbox.stop('SIGKILL')
    await directory.remove()
  }
}

async function openSessions(api: Api, names: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const username of names) {
    const login = await api.post('/login', { username, password: 'chaos-password' })
    if (login.status !== 200) throw new Error(`login of ${username}: ${login.status} ${login.body.error}`)
    const id = (login.body.data as { id: string } | undefined)?.id ?? ''
    const update = await api.put(`/session/${id}`, { settings: { actionDelay: 0, maxDailyActions: 10_000 } })
    if (update.status !== 200) throw new Error(`settings of ${username}: ${update.status} ${update.body.error}`)
    ids.push(id)
  }
  return ids
}

/** Sends every intent that has no answer yet; a connection that dies is no answer. */
async function sendUnanswered(api: Api, sessions: string[], intents: Intent[]): Promise<void> {
  await Promise.all(
    intents
      .filter((intent) => intent.messageId === undefined)
      .map(async (intent) => {
        const response: ApiResponse | null = await api
          .post(
            '/message',
            { sessionId: sessions[intent.account], recipientUsername: 'target_user', content: intent.text },
            { 'Idempotency-Key': intent.key },
          )
          .catch(() => null)
        if (response === null || response.status === 503 || response.body.code === 'IDEMPOTENCY_KEY_IN_USE') return
        if (response.status !== 202) throw new Error(`send: ${response.status} ${response.body.error}`)
        intent.messageId = (response.body.data as { id: string } | undefined)?.id ?? ''
      }),
  )
}

async function endedWithin(gateway: RunningProcess, ms: number): Promise<boolean> {
  const patience = new AbortController()
  const ended = await Promise.race([
    gateway.ended.then(() => true),
    sleep(ms, false, { signal: patience.signal }).catch(() => false),
  ])
  patience.abort()
  return ended
}

async function compare(
  api: Api,
  intents: Intent[],
  control: ReturnType<typeof sandboxControl>,
  names: string[],
): Promise<Omit<CampaignResult, 'kills'>> {
  const statuses = new Map<string, string>()
  const deadline = performance.now() + SETTLE_WITHIN_MS
  for (const intent of intents) {
    const status = await eventually(`a final status of ${intent.text}`, async () => {
      const message = await api.get(`/message/${intent.messageId}`)
      const now = (message.body.data as { status?: string } | undefined)?.status
      if (now === 'queued' || now === 'running') {
        if (performance.now() > deadline) return `still ${now}`
        return undefined
      }
      return now ?? `answer ${message.status}`
    })
    statuses.set(intent.text, status)
  }
  const effects = new Map<string, number>()
  for (const name of names) {
    for (const entry of await control.ledger(name, 'message')) {
      if (entry.duplicateOf !== undefined || entry.text === undefined) continue
      effects.set(entry.text, (effects.get(entry.text) ?? 0) + 1)
    }
  }
  const result = { accepted: intents.length, lost: [] as string[], doubled: [] as string[], untrue: [] as string[] }
  for (const { text } of intents) {
    const count = effects.get(text) ?? 0
    const status = statuses.get(text) ?? 'unknown'
    if (count > 1) result.doubled.push(text)
    if (count === 0 && status === 'succeeded') result.lost.push(text)
    if (status !== 'succeeded') result.untrue.push(`${text}: ${status} with ${count} effects`)
  }
  return result
}
