import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { answered, type Received, URL_A, USER, webhookWorld } from '../../test/support/webhook-world.ts'
import { createManualClock } from '../core/clock-manual.ts'
import type { WebhookAnswer } from '../core/webhook-post.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const URL_B = 'https://b.example.org/hook'

/** Both libraries compare the timestamp with the machine's clock, so the test's clock starts there. */
const present = () => createManualClock({ now: Date.now(), patienceMs: 2_000 })

function verify(secret: string, { headers, body }: Received): unknown {
  // Each throws for a signature that is not good.
  new SvixWebhook(secret).verify(body, headers)
  return new StandardWebhook(secret).verify(body, headers)
}

describeOnEveryStore('deliveries of webhooks', (openTestStore, engine) => {
  it('carry the event, signed so that both public libraries accept it', async () => {
    const world = await webhookWorld(await openTestStore(), { clock: present() })
    const { secret } = await world.create({ headers: { Authorization: 'Bearer of-the-owner' } })
    const [event] = await world.append()
    await world.run()
    const [request, ...more] = world.receivers.received as [Received, ...Received[]]
    expect(more).toEqual([])
    expect(verify(secret, request)).toEqual({
      id: event?.id,
      sequence: 1,
      type: 'message.received',
      timestamp: new Date(event?.at ?? 0).toISOString(),
      userId: USER,
      sessionId: 'instagram_1',
      username: 'north.lamp',
      data: { no: 0, text: 'Grüße 🌍' },
    })
    expect(request).toMatchObject({ url: URL_A, deadlineMs: 15_000 })
    expect(request.headers).toMatchObject({
      'webhook-id': event?.id,
      'content-type': 'application/json',
      'user-agent': 'instagram-gateway/test',
      authorization: 'Bearer of-the-owner',
    })
    expect(world.errors).toEqual([])
  })

  it('begin with what happens after the endpoint was made, each event once and in sequence', async () => {
    const world = await webhookWorld(await openTestStore())
    await world.append(3)
    const { id } = await world.create()
    await world.append(300)
    await world.run()
    const sequences = world.receivers.received.map(({ body }) => (JSON.parse(body) as { sequence: number }).sequence)
    expect(sequences.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index + 4))
    expect(await world.endpoint(id)).toMatchObject({ sequence: 303, status: 'active' })
    expect(await world.dispatcher.tick()).toBe(0)
  })

  it('follow the filter by types and sessions, which is matched when they go out', async () => {
    const world = await webhookWorld(await openTestStore())
    await world.create({ events: ['message.*', 'like.received'], sessionIds: ['instagram_1'] })
    await world.append(1, { type: 'message.sent' })
    await world.append(1, { type: 'like.received' })
    await world.append(1, { type: 'follow.received' })
    await world.append(1, { type: 'message.sent', sessionId: 'instagram_2' })
    await world.append(1, { type: 'message.sent', sessionId: null })
    await world.append(1, { userId: 'somebody_else' })
    await world.run()
    const types = world.receivers.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
    expect(types).toEqual(['message.sent', 'like.received'])
  })

  it('are retried ten times over 75 hours with the same bytes and id, then given up with an event', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    await world.create({ url: URL_B, events: ['webhook.exhausted'] })
    world.receivers.behaviours.set(URL_A, 500)
    const [event] = await world.append()
    await world.advance(4 * DAY_MS)
    const requests = world.receivers.of(URL_A)
    expect(requests).toHaveLength(10)
    expect(new Set(requests.map(({ body }) => body))).toHaveProperty('size', 1)
    expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event?.id]))
    expect(new Set(requests.map(({ headers }) => headers['webhook-timestamp']))).toHaveProperty('size', 10)
    const gaps = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0))
    const planned = [5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, ...[2, 5, 10, 14, 20, 24].map((h) => h * HOUR_MS)]
    for (const [index, gap] of gaps.entries()) {
      expect(Math.abs(gap / (planned[index] ?? 1) - 1), `gap ${index}`).toBeLessThanOrEqual(0.1)
    }
    const [delivery] = await world.deliveries(id, 'failed')
    expect(delivery).toMatchObject({ eventId: event?.id, status: 'failed', reason: 'exhausted', nextAttemptAt: null })
    expect(delivery?.attempts).toHaveLength(10)
    expect(delivery?.attempts[0]).toMatchObject({ status: 500, error: 'http_status', response: 'said 500' })
    const [exhausted, ...others] = await world.events('webhook.exhausted')
    expect(others).toEqual([])
    expect(exhausted?.data).toMatchObject({ webhookId: id, eventId: event?.id, sequence: 1, attempts: 10 })
    expect(world.receivers.of(URL_B)).toHaveLength(1)
  })

  it.each([
    ['a redirect', { status: 302 }, 'redirect'],
    ['a hang', { fault: 'timeout' }, 'timeout'],
    ['an answer that breaks off', { status: 200, fault: 'reset' }, 'reset'],
    ['a refused address', { fault: 'address_refused' }, 'address_refused'],
    ['bad TLS', { fault: 'tls' }, 'tls'],
  ] as const)('count %s as a failure, which its attempt names', async (_name, answer, error) => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, answer)
    await world.append()
    await world.run()
    const [delivery] = await world.deliveries(id, 'pending')
    expect(delivery?.attempts).toMatchObject([{ error }])
    expect(delivery?.nextAttemptAt).not.toBeNull()
  })

  it('wait for as long as Retry-After says, and stop where the receiver asks for it', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, { status: 503, retryAfter: '7200' })
    await world.append()
    await world.run()
    const [waiting] = await world.deliveries(id)
    expect(Date.parse(waiting?.nextAttemptAt ?? '') - world.clock.now()).toBe(2 * HOUR_MS)
    world.receivers.behaviours.set(URL_A, { status: 400, directive: 'abort-message' })
    await world.append()
    await world.run()
    expect(await world.deliveries(id, 'failed')).toMatchObject([{ sequence: 2, reason: 'stopped' }])
  })

  it('stop at once when the endpoint says it is gone, and keep what waits for it', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    await world.create({ url: URL_B, events: ['webhook.disabled'] })
    world.receivers.behaviours.set(URL_A, 410)
    await world.append(5)
    await world.advance(DAY_MS)
    expect(await world.endpoint(id)).toMatchObject({ status: 'disabled', disabledReason: 'gone' })
    const before = world.receivers.of(URL_A).length
    expect(world.receivers.of(URL_B)).toHaveLength(1)
    expect(await world.events('webhook.disabled')).toMatchObject([{ data: { webhookId: id, reason: 'gone' } }])
    world.receivers.behaviours.set(URL_A, 200)
    await world.append(5)
    await world.advance(DAY_MS)
    expect(world.receivers.of(URL_A)).toHaveLength(before)
    await world.call('PATCH', `/webhooks/${id}`, { body: { status: 'active' } })
    await world.advance(DAY_MS)
    const delivered = await world.deliveries(id, 'succeeded')
    expect(delivered.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(
      // Its own `webhook.disabled` is the one event of the log that it does not get.
      [1, 2, 3, 4, 5, 7, 8, 9, 10, 11],
    )
  })

  it('end with the endpoint switched off after five days of failing, which is told at half the way', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, 500)
    for (let day = 0; day < 7; day += 1) {
      await world.append(2)
      await world.advance(DAY_MS)
    }
    const [first] = world.receivers.of(URL_A)
    const failing = await world.events('webhook.failing')
    const disabled = await world.events('webhook.disabled')
    expect(failing).toHaveLength(1)
    expect(disabled).toHaveLength(1)
    expect((failing[0]?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2.5 * DAY_MS)
    expect((failing[0]?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(4 * DAY_MS)
    expect((disabled[0]?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * DAY_MS)
    expect(disabled[0]?.data).toMatchObject({ webhookId: id, reason: 'failing' })
    expect((await world.deliveries(id, 'pending')).length).toBeGreaterThan(0)
  })

  it('probe an endpoint that fails instead of using up the tries of everything that waits', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, 500)
    await world.append(200)
    await world.advance(HOUR_MS)
    const duringOutage = world.receivers.received.length
    // One at a time, then a probe every 30 s.
    expect(duringOutage).toBeLessThanOrEqual(10 + HOUR_MS / (30 * SECOND_MS))
    world.receivers.behaviours.delete(URL_A)
    await world.advance(DAY_MS)
    const delivered = new Set(world.receivers.received.slice(duringOutage).map(({ headers }) => headers['webhook-id']))
    expect(delivered.size).toBe(200)
    expect(world.receivers.received).toHaveLength(duringOutage + 200)
    expect(await world.endpoint(id)).toMatchObject({ failingSince: null, pausedUntil: null, sequence: 200 })
  })

  it('never wait for others that hang, a fifth of all: no time passes until the rest has everything', async () => {
    const world = await webhookWorld(await openTestStore(), { perUserMax: 100 })
    const urls = Array.from({ length: 100 }, (_, no) => `https://many.example.org/${no}`)
    for (const [no, url] of urls.entries()) await world.create({ url }, `user_${no}`)
    const [hanging, fine] = [urls.slice(0, 20), urls.slice(20)]
    for (const url of hanging) world.receivers.behaviours.set(url, 'hangs')
    for (let no = 0; no < urls.length; no += 1) await world.append(20, { userId: `user_${no}` })
    await world.dispatcher.tick()
    await world.clock.settle()
    for (const url of fine) expect(world.receivers.of(url), url).toHaveLength(20)
    // Whoever has not answered once is not asked twice at a time.
    for (const url of hanging) expect(world.receivers.of(url), url).toHaveLength(1)
    const stopping = world.dispatcher.stop()
    await world.clock.settle()
    world.clock.tick(2 * SECOND_MS)
    await stopping
    // Given up at the end, so not an attempt.
    const rows = await world.store.read
      .selectFrom('webhook_deliveries')
      .select('attempts')
      .where('status', '=', 'pending')
      .execute()
    expect(new Set(rows.map(({ attempts }) => attempts))).toEqual(new Set(['[]']))
  })

  it('go to a server that stops answering in the midst with sixteen at once, then one by one', async () => {
    const world = await webhookWorld(await openTestStore())
    await world.create()
    const unanswered: (() => void)[] = []
    const answers = (count: number) => {
      let left = count
      return () =>
        left-- > 0
          ? Promise.resolve(answered({ status: 200 }))
          : new Promise<WebhookAnswer>((resolve) => unanswered.push(() => resolve(answered({ status: 200 }))))
    }
    world.receivers.behaviours.set(URL_A, answers(5))
    await world.append(60)
    await world.dispatcher.tick()
    await world.clock.settle()
    expect(world.receivers.received).toHaveLength(5 + 16)
    world.clock.tick(2 * SECOND_MS)
    // All but one answer late: with that one still out, they are followed by none.
    for (const answer of unanswered.splice(1)) answer()
    await world.clock.settle()
    expect(world.receivers.received).toHaveLength(5 + 16)
    world.receivers.behaviours.delete(URL_A)
    for (const answer of unanswered) answer()
    await world.dispatcher.idle()
    expect(world.receivers.received).toHaveLength(60)
  })

  it('carry both signatures for a day after the secret was rotated', async () => {
    const clock = present()
    const world = await webhookWorld(await openTestStore(), { clock })
    const { id, secret } = await world.create()
    const rotation = await world.call('POST', `/webhooks/${id}/rotate-secret`)
    const { secret: next, previousValidUntil } = rotation.body['data'] as Record<string, string>
    expect(next).not.toBe(secret)
    expect(Date.parse(previousValidUntil ?? '') - clock.now()).toBe(DAY_MS)
    await world.append()
    await world.run()
    const [request] = world.receivers.received as [Received]
    verify(secret, request)
    verify(next ?? '', request)
    clock.tick(DAY_MS)
    await world.append()
    await world.run()
    expect(world.receivers.received[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
  })

  it('take machine time for the timestamp, whatever product time says', async () => {
    const clock = createManualClock({ now: Date.now() + 90 * DAY_MS, skewMs: -90 * DAY_MS })
    const world = await webhookWorld(await openTestStore(), { clock })
    const { secret } = await world.create()
    await world.append()
    await world.run()
    const [request] = world.receivers.received as [Received]
    expect(verify(secret, request)).toMatchObject({ timestamp: new Date(clock.now()).toISOString() })
  })

  it('show nobody the owner’s headers when a server says them back', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create({ headers: { 'x-key': 'hunter2-hunter2' } })
    world.receivers.behaviours.set(URL_A, async ({ headers }) =>
      answered({ status: 500, excerpt: `you sent ${headers['x-key']}` }),
    )
    await world.append()
    await world.run()
    const [delivery] = await world.deliveries(id)
    expect(delivery?.attempts[0]?.response).toBe('you sent [redacted]')
    const { rows } = { rows: await world.store.read.selectFrom('webhooks').selectAll().execute() }
    expect(JSON.stringify(rows)).not.toContain('hunter2')
    expect(JSON.stringify(rows)).not.toContain('whsec_')
    expect(world.server.log()).not.toContain('hunter2')
  })

  it('end with the endpoint: what waited for a deleted one goes nowhere', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, 500)
    await world.append(20)
    await world.advance(HOUR_MS)
    const before = world.receivers.received.length
    expect((await world.call('DELETE', `/webhooks/${id}`)).status).toBe(200)
    world.receivers.behaviours.delete(URL_A)
    await world.append(20)
    await world.advance(5 * DAY_MS)
    expect(world.receivers.received).toHaveLength(before)
    expect((await world.call('GET', `/webhooks/${id}`)).body['code']).toBe('WEBHOOK_NOT_FOUND')
  })

  it('go on where a dead process left them', async () => {
    const store = await openTestStore()
    const world = await webhookWorld(store)
    await world.create()
    world.receivers.behaviours.set(URL_A, () => new Promise(() => {}))
    await world.append(40)
    await world.dispatcher.tick()
    await world.clock.settle()
    const before = world.receivers.received.length
    expect(before).toBe(1)
    // The first never comes back: its lease runs out, on a store of one process the next start clears it.
    world.receivers.behaviours.delete(URL_A)
    const next = world.anotherDispatcher('node_2')
    if (engine.isShared) {
      await next.tick()
      expect(world.receivers.received).toHaveLength(before)
    } else {
      await next.start()
    }
    world.clock.tick(31 * SECOND_MS)
    await next.tick()
    await next.idle()
    await next.stop()
    const later = world.receivers.received.filter(({ node }) => node === 'node_2')
    expect(new Set(later.map(({ headers }) => headers['webhook-id'])).size).toBe(40)
  })

  // A file has one process.
  if (engine.isShared) {
    it('reach an endpoint from one of two nodes at a time, and none twice', async () => {
      const place = await engine.place()
      const [one, two] = [await openTestStore({ at: place }), await openTestStore({ at: place })]
      const world = await webhookWorld(one)
      const second = world.anotherDispatcher('node_2', two)
      const urls = Array.from({ length: 8 }, (_, no) => `https://many.example.org/${no}`)
      for (const url of urls) await world.create({ url })
      for (let round = 0; round < 5; round += 1) {
        await world.append(20)
        await (round % 2 === 0 ? world.dispatcher : second).tick()
        // Then both look at the same moment, again and again.
        while ((await Promise.all([world.dispatcher.tick(), second.tick()])).some((claimed) => claimed > 0));
        // Whoever holds an endpoint lets go of it, so that the other can be first in the next round.
        await Promise.all([world.dispatcher.idle(), second.idle()])
      }
      await world.run()
      for (const url of urls) {
        const ids = world.receivers.of(url).map(({ headers }) => headers['webhook-id'])
        expect(new Set(ids).size).toBe(100)
        expect(ids).toHaveLength(100)
        expect(world.receivers.atOnce.get(url)?.hadTwoNodes).toBe(false)
      }
      expect(new Set(world.receivers.received.map(({ node }) => node)).size).toBe(2)
      expect(world.errors).toEqual([])
    })
  }
})
