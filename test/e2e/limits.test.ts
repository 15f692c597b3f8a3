import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Api,
  type ApiResponse,
  apiOf,
  freePort,
  type LedgerEntry,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ASYNC = { prefer: 'respond-async' }
const CLIENTS = 20

interface Bulk {
  bulkId: string
  status: string
  counts: Record<string, number>
  createdAt: string
  estimatedCompletion: string
  settledAt: string
}

interface Waiting {
  actionId: string
  status: string
  code: string | null
  reason: string | null
  waitingFor: { what: string; rule: string } | null
}

const dataOf = <T>(answer: ApiResponse) => answer.body.data as unknown as T

describe('limits, over HTTP and by the ledger', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let gateway: RunningProcess
  let sandbox: ReturnType<typeof sandboxControl>
  let api: Api
  let sandboxPort: number

  const start = async () => {
    gateway = await startGatewayProcess({
      dataDir: directory.path,
      env: {
        ...{ SANDBOX_PORT: String(sandboxPort), REQUEST_LIMITS: 'off', ACTION_DELAY: '0', MAX_DAILY_ACTIONS: '10000' },
        // Nobody writes to these accounts, and days of reading would be the longest part of this file.
        ...{ POLL_INBOX: 'false', POLL_ACTIVITY: 'false', POLL_FOLLOWERS: 'false', SESSION_EXPIRY_HOURS: '8760' },
      },
    })
    api = await apiOf(gateway.url, 'user_123')
  }

  beforeAll(async () => {
    directory = await temporaryDirectory()
    sandboxPort = await freePort()
    sandbox = sandboxControl(`http://127.0.0.1:${sandboxPort}`)
    await start()
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await directory.remove()
  })

  /** A session of an account of its own. */
  async function open(username: string, as = api): Promise<string> {
    await sandbox.call('POST', '/users', [{ username, password: 'a-password' }])
    const answer = await as.post('/login', { username, password: 'a-password' })
    expect(answer.status).toBe(200)
    return dataOf<{ sessionId: string }>(answer).sessionId
  }

  const advance = (advanceMs: number) => sandbox.call('POST', '/clock', { advanceMs })
  const advanceTo = (now: number) => sandbox.call('POST', '/clock', { now })

  it('refuse the 51st like until its Retry-After and hold across restarts and with 20 clients at once', async () => {
    const account = 'many_likes'
    const sessionId = await open(account)
    const added = (await sandbox.call(
      'POST',
      '/media',
      Array.from({ length: 400 }, () => ({ owner: 'target_user' })),
    )) as { media: { id: string }[] }
    const posts = added.media.map(({ id }) => id)
    const like = () => api.post('/actions/like', { sessionId, postId: posts.pop() }, { prefer: 'wait=60' })
    const likeAtOnce = async (each: number) => {
      const client = async () => {
        const answers: ApiResponse[] = []
        for (let no = 0; no < each; no += 1) answers.push(await like())
        return answers
      }
      return (await Promise.all(Array.from({ length: CLIENTS }, client))).flat()
    }
    const done = (answers: ApiResponse[]) => answers.filter(({ status }) => status === 200).length

    for (let no = 1; no <= 50; no += 1) expect((await like()).status).toBe(200)
    const refused = await like()
    expect([refused.status, refused.body.code, refused.body.details]).toEqual([
      429,
      'ACTION_LIMIT_EXCEEDED',
      expect.objectContaining({ kind: 'like', window: 'hour', limit: 50, used: 50 }),
    ])
    const freeAt = Date.parse(refused.body['timestamp'] as string) + Number(refused.headers.get('retry-after')) * SECOND
    await advanceTo(freeAt - 2 * SECOND)
    expect((await like()).status).toBe(429)
    await advanceTo(freeAt)
    expect((await like()).status).toBe(200)

    await advance(HOUR)
    await gateway.stop()
    await start()
    expect(done(await likeAtOnce(3))).toBe(50)
    await gateway.stop()
    await start()
    expect(done(await likeAtOnce(1))).toBe(0)
    await advance(HOUR)
    expect(done(await likeAtOnce(3))).toBe(50)
    await advance(HOUR)
    // The day's two hundred: 101 were there before the last hour's fifty.
    expect(done(await likeAtOnce(3))).toBe(49)
    const last = await like()
    expect([last.status, last.body.details]).toEqual([429, expect.objectContaining({ window: 'day', used: 200 })])

    const ledger = await sandbox.ledger(account, 'like')
    expect(ledger).toHaveLength(200)
    expect([mostWithin(ledger, HOUR), mostWithin(ledger, DAY)]).toEqual([50, 200])
  })

  it('let a bulk of 500 over hours and days end when its forecast said', async () => {
    const account = 'many_messages'
    const sessionId = await open(account)
    const recipients = Array.from({ length: 500 }, (_, index) => `crowd_${String(index + 1).padStart(4, '0')}`)
    const accepted = dataOf<Bulk>(
      await api.post('/messages/bulk', { sessionId, recipients, content: 'Hello everyone!' }, ASYNC),
    )
    const start = Date.parse(accepted.createdAt)
    const forecast = Date.parse(accepted.estimatedCompletion)
    expect(forecast - start).toBeGreaterThan(3 * DAY)
    await advanceTo(Math.floor(forecast - (forecast - start) / 100))
    const nearly = dataOf<Bulk>(await api.get(`/messages/bulk/${accepted.bulkId}`))
    expect(nearly).toMatchObject({ status: 'running', estimatedCompletion: expect.any(String) })
    await advance(Math.ceil((forecast - start) / 50))
    const ended = dataOf<Bulk>(await api.get(`/messages/bulk/${accepted.bulkId}`))
    expect(ended).toMatchObject({ status: 'completed', counts: { succeeded: 500 } })
    expect(Math.abs(Date.parse(ended.settledAt) - forecast)).toBeLessThan((forecast - start) / 100)

    const ledger = await sandbox.ledger(account, 'message')
    expect(new Set(ledger.map(({ target }) => target)).size).toBe(500)
    // Eight tenths of fifty and of two hundred: the rest is for people.
    expect([mostWithin(ledger, HOUR), mostWithin(ledger, DAY)]).toEqual([40, 160])
  })

  it("make a person's reply the next attempt while 10,000 bulk messages wait", async () => {
    const account = 'busy_account'
    const sessionId = await open(account)
    const actionDelay = MINUTE
    await api.put(`/session/${sessionId}`, { settings: { actionDelay } })
    const recipients = Array.from({ length: 10_000 }, (_, index) => `crowd_${String(index + 1).padStart(4, '0')}`)
    const bulk = dataOf<Bulk>(
      await api.post('/messages/bulk', { sessionId, recipients, content: 'Hello everyone!' }, ASYNC),
    )
    await advance(5 * MINUTE)
    const before = (await sandbox.ledger(account, 'message')).length
    expect(before).toBeGreaterThan(1)
    const reply = await api.post('/message', { sessionId, recipientUsername: 'target_user', content: 'Of course!' })
    const acceptedAt = Date.parse(reply.body['timestamp'] as string)
    await advance(actionDelay)
    const next = (await sandbox.ledger(account, 'message'))[before]
    expect(next).toMatchObject({ target: 'target_user', text: 'Of course!' })
    expect((next?.at ?? 0) - acceptedAt).toBeLessThanOrEqual(actionDelay)
    expect((await api.post(`/messages/bulk/${bulk.bulkId}/cancel`)).status).toBe(200)
  })

  it('are not paid for by what nobody has: unknown names, posts that are gone, comments that are off', async () => {
    const sessionId = await open('careless_account')
    const acts = [
      ['follow', { userId: 'nobody_has_this' }, 'TARGET_NOT_FOUND'],
      ['follow', { userId: '999999999999' }, 'TARGET_NOT_FOUND'],
      ['like', { postId: 'deleted_post' }, 'TARGET_NOT_FOUND'],
      ['like', { postId: 'private_post' }, 'REFUSED_BY_INSTAGRAM'],
      ['comment', { postId: 'comments_off', content: 'Nice' }, 'REFUSED_BY_INSTAGRAM'],
      ['story-view', { storyId: 'expired_story' }, 'TARGET_NOT_FOUND'],
    ] as const
    for (const [path, body, code] of acts) {
      const answer = await api.post(`/actions/${path}`, { sessionId, ...body })
      expect([path, answer.status, answer.body.code]).toEqual([path, 422, code])
    }
    const limits = dataOf<{ kinds: Record<string, { used: number }> }>(await api.get(`/session/${sessionId}/limits`))
    expect(JSON.stringify(limits)).toContain('"used":0')
    expect(JSON.stringify(limits)).not.toMatch(/"used":[1-9]/)
  })

  it('a queue outlives the end of its login, is told about, and goes on after the next one', async () => {
    const account = 'logged_out_elsewhere'
    const owner = await apiOf(gateway.url, 'user_456')
    const sessionId = await open(account, owner)
    const read = async (id: string) => dataOf<Waiting>(await owner.get(`/actions/${id}`))
    await sandbox.call('DELETE', `/sessions/${account}`)
    const sent = await owner.post('/message', { sessionId, recipientUsername: 'user1', content: 'Later, then' })
    const { actionId } = dataOf<Waiting>(sent)
    await advance(MINUTE)
    expect(await read(actionId)).toMatchObject({
      status: 'queued',
      waitingFor: { what: 'session', rule: 'login_required' },
    })
    const told = await owner.get(`/events?sessionId=${sessionId}&limit=100`)
    expect(dataOf<{ type: string }[]>(told).map(({ type }) => type)).toContain('session.login_required')
    expect(await open(account, owner)).toBe(sessionId)
    await advance(MINUTE)
    expect(await read(actionId)).toMatchObject({ status: 'succeeded' })
  })

  it('a queue ends with a session that is deactivated, and says why', async () => {
    const sessionId = await open('leaving_account')
    await api.put(`/session/${sessionId}`, { settings: { actionDelay: HOUR } })
    const send = () => api.post('/message', { sessionId, recipientUsername: 'user1', content: 'One of two' })
    await send()
    await advance(SECOND)
    const { actionId } = dataOf<Waiting>(await send())
    expect((await api.delete(`/session/${sessionId}`)).status).toBe(200)
    expect(dataOf<Waiting>(await api.get(`/actions/${actionId}`))).toMatchObject({
      status: 'canceled',
      code: 'ACTION_CANCELED',
      reason: 'Its session ended.',
    })
    expect(await sandbox.ledger('leaving_account', 'message')).toHaveLength(1)
  })

  it.each([
    ['10,001 recipients', 'recipients', { recipients: Array.from({ length: 10_001 }, (_, no) => `crowd_${no}`) }],
    ['a delay of more than a day', 'delayBetweenMessages', { delayBetweenMessages: DAY + 1 }],
    ['a delay below zero', 'delayBetweenMessages', { delayBetweenMessages: -1 }],
    ['a text of 1001 bytes', 'content', { content: `${'ä'.repeat(500)}x` }],
  ])('a bulk with %s is refused by name, and nothing is queued', async (_, path, wrong) => {
    const sessionId = await open('refused_account')
    const body = { sessionId, recipients: ['user1'], content: 'Hello everyone!', ...wrong }
    const answer = await api.post('/messages/bulk', body, ASYNC)
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR'])
    expect(answer.body.details).toMatchObject({ fields: [{ path }] })
    expect(dataOf(await api.get(`/messages/bulk?sessionId=${sessionId}`))).toEqual([])
    expect(dataOf(await api.get(`/session/${sessionId}/actions`))).toEqual([])
  })
})

/** The most effects within any window of that length. */
function mostWithin(entries: readonly LedgerEntry[], durationMs: number): number {
  return Math.max(
    ...entries.map(({ at: end }) => entries.filter(({ at }) => at > end - durationMs && at <= end).length),
  )
}
