import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEventStream } from '../support/event-stream.ts'
import {
  apiOf,
  eventually,
  type RunningProcess,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const USER = 'user_123'
const OWNER = 'your_instagram_username'
const TIMES = 100
const HOUR_MS = 3_600_000
const KINDS = ['message', 'story_reply', 'comment', 'like', 'follow', 'unfollow', 'mention'].map(
  (kind) => `${kind}.received`,
)

interface Told {
  id: string
  sequence: number
  type: string
}

/** One for each kind, so that every event has a decision; some of them find reasons not to act. */
const RULES = [
  { on: 'message.received', keywords: ['hello'], action: { type: 'message', content: 'Hi {{username}}!' } },
  { on: 'story_reply.received', firstContact: true, action: { type: 'message', content: 'Thank you' } },
  { on: 'comment.received', keywords: ['price'], action: { type: 'message', content: 'It is {{keyword}}less' } },
  { on: 'like.received', action: { type: 'message', content: 'Thanks, {{fullName|friend}}' } },
  { on: 'follow.received', action: { type: 'follow' } },
  { on: 'unfollow.received', action: { type: 'unfollow' } },
  { on: 'mention.received', mentionedIn: 'comment', action: { type: 'like' } },
]
const SUPPRESSED = ['crowd_0005', 'crowd_0042']

interface Decided {
  rule: string
  event: string
  outcome: string
  reason: string
  text: string | null
}

/** Each process has a clock of its own, moved together. */
describe('an account to which everything happens a hundred times', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandbox: RunningProcess
  let gateway: RunningProcess
  let receiver: WebhookReceiver

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandbox = await startSandboxProcess()
    receiver = await startWebhookReceiver()
    gateway = await start()
  })
  afterAll(async () => {
    await gateway?.stop('SIGKILL')
    await Promise.all([sandbox?.stop('SIGKILL'), receiver?.close()])
    await directory?.remove()
  })

  const start = () =>
    startGatewayProcess({
      dataDir: directory.path,
      env: { SANDBOX_URL: sandbox.url, POLL_MAX_PER_HOUR: '1800', REQUEST_LIMITS: 'off' },
    })
  const api = () => apiOf(gateway.url, USER)

  async function control<T>(name: string, body: unknown): Promise<T> {
    const answer = await fetch(`${sandbox.url}/_sandbox/${name}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async function pass(ms: number): Promise<void> {
    await control('clock', { advanceMs: ms })
    const admin = await apiOf(gateway.url, 'admin_user', { role: 'admin' })
    expect((await admin.post('/admin/clock', { advanceMs: ms })).status).toBe(200)
  }

  const crowd = async (body: Record<string, unknown>) => {
    const { effects } = await control<{ effects: unknown[] }>('act', { as: 'crowd', ...body, times: TIMES })
    expect(effects).toHaveLength(TIMES)
  }

  async function logged(): Promise<Told[]> {
    const events: Told[] = []
    for (;;) {
      const { body } = await (await api()).get(`/events?after=${events.at(-1)?.sequence ?? 0}&limit=1000`)
      const page = body.data as unknown as Told[]
      if (page.length === 0) return events
      events.push(...page)
    }
  }

  it('tells each once, to a receiver that was down and a stream that was cut; rules do with it what they foretold', async () => {
    const { media } = await control<{ media: { pk: string }[] }>('media', [
      { owner: OWNER },
      { owner: OWNER, kind: 'story' },
    ])
    const [post, story] = media.map(({ pk }) => pk)
    const login = await (await api()).post('/login', { username: OWNER, password: 'your_instagram_password' })
    expect(login.status).toBe(200)
    const { sessionId } = login.body.data as unknown as { sessionId: string }
    for (const username of SUPPRESSED) await (await api()).post('/suppressions', { username })
    const rules: string[] = []
    for (const rule of RULES) {
      const body = { ...rule, enabled: false, maxAgeHours: 720 }
      const made = await (await api()).post(`/session/${sessionId}/rules`, body)
      rules.push((made.body.data as unknown as { id: string }).id)
    }
    const created = await (await api()).post('/webhooks', { url: receiver.url, events: KINDS })
    const { secret } = created.body.data as unknown as { secret: string }
    receiver.answer = 500
    // What is there when an account is first read is no news.
    await pass(2 * HOUR_MS)

    // Who leaves is one of those who were there; who comes is not.
    await crowd({ do: 'unfollow', to: OWNER })
    await crowd({ do: 'like', mediaId: post })
    await crowd({ do: 'comment', mediaId: post, text: 'nice' })
    await crowd({ do: 'mention', to: OWNER, mediaId: 'post789', text: `see @${OWNER}` })
    await crowd({ do: 'message', to: OWNER, text: 'hello' })
    await crowd({ do: 'story_reply', mediaId: story, text: 'wow' })
    for (const enough of [60, 250]) {
      const moving = pass(HOUR_MS).catch(() => {})
      await eventually(`${enough} events are told`, async () => ((await logged()).length >= enough ? true : undefined))
      await gateway.stop('SIGKILL')
      await moving
      gateway = await start()
    }
    await pass(3 * HOUR_MS)
    // Those who left come back, and are new again.
    await crowd({ do: 'follow', to: OWNER })
    await pass(3 * HOUR_MS)
    expect(receiver.accepted).toEqual([])
    receiver.answer = 204
    await pass(24 * HOUR_MS)

    const log = await logged()
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1))
    const received = log.filter(({ type }) => KINDS.includes(type))
    const counts = Object.fromEntries(KINDS.map((kind) => [kind, received.filter(({ type }) => type === kind).length]))
    expect(counts).toEqual(Object.fromEntries(KINDS.map((kind) => [kind, TIMES])))

    await eventually('everything is delivered', async () =>
      new Set(receiver.accepted.map(({ headers }) => headers['webhook-id'])).size >= received.length ? true : undefined,
    )
    const delivered = new Map<string, number>()
    for (const { headers, body } of receiver.accepted) {
      new SvixWebhook(secret).verify(body, headers as Record<string, string>)
      const event = new StandardWebhook(secret).verify(body, headers as Record<string, string>) as Told
      delivered.set(event.id, event.sequence)
    }
    expect(delivered.size).toBe(KINDS.length * TIMES)
    expect(delivered).toEqual(new Map(received.map(({ id, sequence }) => [id, sequence])))

    const heard = await hear(log.length)
    expect(heard).toEqual(log.map(({ sequence }) => sequence))

    const foretold = await foretell(rules)
    expect(foretold).toHaveLength(KINDS.length * TIMES)
    expect(new Set(foretold.map(({ reason }) => reason))).toEqual(
      new Set(['matched', 'suppressed', 'keyword not found', 'not the first contact', 'not followed by a rule']),
    )
    await gateway.stop('SIGTERM')
    beginAnew(directory.path)
    gateway = await start()
    const decided = await eventually('every event is decided', async () => {
      const made = decisions(directory.path)
      return made.length >= foretold.length ? made : undefined
    })
    expect(decided.toSorted(byEvent)).toEqual(foretold.toSorted(byEvent))
  })

  /** What each rule would have done about all these events; they are off. */
  async function foretell(rules: readonly string[]): Promise<Decided[]> {
    const all: Decided[] = []
    for (const rule of rules) {
      const answer = await (await api()).post(`/rules/${rule}/simulate`, { since: '2000-01-01T00:00:00Z' })
      const { decisions } = answer.body.data as unknown as { decisions: (Decided & { eventId: string })[] }
      for (const { eventId: event, outcome, reason, text = null } of decisions) {
        all.push({ rule, event, outcome, reason, text })
      }
    }
    return all
  }

  /** Sequences that a client gets which is cut off a hundred times on its way. */
  async function hear(total: number): Promise<number[]> {
    const authorization = `Bearer ${await tokenFor(USER)}`
    const heard: number[] = []
    for (let cuts = 0; heard.length < total; cuts += 1) {
      const last = String(heard.at(-1) ?? 0)
      const stream = await openEventStream(`${gateway.url}/api/v2/instagram/events/stream`, {
        authorization,
        'last-event-id': last,
      })
      const left = total - heard.length
      await stream.received(cuts < 100 ? Math.min(left, 1 + (cuts % 7)) : left)
      stream.cut()
      await stream.ended
      // What was read into the client after the cut is lost with it.
      heard.push(...stream.events.slice(0, cuts < 100 ? 1 + (cuts % 7) : left).map(({ id }) => Number(id)))
    }
    return heard
  }
})

/** Has the engine meet all events of the log once more, with every rule on, as if it had been on from the beginning. */
function beginAnew(dataDir: string): void {
  const store = new DatabaseSync(join(dataDir, 'gateway.db'))
  store.exec('update rules set enabled = 1, active_after = 0 where preset is null')
  store.exec('update automation_cursors set sequence = 0')
  store.close()
}

function decisions(dataDir: string): Decided[] {
  const store = new DatabaseSync(join(dataDir, 'gateway.db'), { readOnly: true })
  try {
    const made = store.prepare(`select d.rule_id as rule, d.event_id as event, d.outcome, d.reason,
      json_extract(a.payload, '$.text') as text from decisions d left join actions a on a.id = d.action_id`)
    return made.all().map((row) => ({ ...row })) as unknown as Decided[]
  } finally {
    store.close()
  }
}

function byEvent(a: Decided, b: Decided): number {
  return a.event < b.event ? -1 : 1
}
