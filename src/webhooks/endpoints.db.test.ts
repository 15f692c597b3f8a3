import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { URL_A, webhookWorld } from '../../test/support/webhook-world.ts'
import { readEvents, sweepEvents } from '../events/index.ts'
import { createVault, nextKey } from '../sessions/vault.ts'
import { leastNeeded, sweepDeliveries } from './retention.ts'
import { openSecrets, WEBHOOK_SEALED_COLUMN } from './secrets.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describeOnEveryStore('webhooks', (openTestStore) => {
  it('are shown with everything but their secrets', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id, secret } = await world.create({
      events: ['message.*'],
      sessionIds: ['instagram_1'],
      headers: { 'X-Key': 'hunter2' },
      description: 'The shop',
    })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const shown = await world.call('GET', `/webhooks/${id}`)
    expect(shown.body['data']).toMatchObject({
      ...{ id, url: URL_A, events: ['message.*'], sessionIds: ['instagram_1'], description: 'The shop' },
      ...{ headerNames: ['x-key'], status: 'active', disabledReason: null, sequence: 0 },
    })
    const list = await world.call('GET', '/webhooks')
    expect(list.body['data']).toEqual([shown.body['data']])
    expect(shown.text + list.text).not.toMatch(/whsec_|hunter2/)
  })

  it.each([
    [{ url: 'ftp://a.example.org/' }, 'url'],
    [{ url: 'not a url' }, 'url'],
    [{ url: 'https://user:pass@a.example.org/' }, 'url'],
    [{ url: 'https://a.example.org/#part' }, 'url'],
    [{ url: 'https://refused.example.org/hook' }, 'url'],
    [{ events: ['message.recieved'] }, 'events[0]'],
    [{ events: ['nothing.*'] }, 'events[0]'],
    [{ headers: { Host: 'elsewhere' } }, 'headers.Host'],
    [{ headers: { 'Webhook-Id': 'mine' } }, 'headers.Webhook-Id'],
    [{ headers: { 'content-type': 'text/plain' } }, 'headers.content-type'],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }, 'headers.Transfer-Encoding'],
    [{ headers: { 'x-a': 'one\r\nx-b: two' } }, 'headers.x-a'],
    [{ headers: { 'bad name': 'x' } }, 'headers.bad name'],
    [{ headers: { 'x-a': '1', 'X-A': '2' } }, 'headers.X-A'],
    [{ unknown: true }, 'unknown'],
  ])('are refused for %j, naming the field', async (body, path) => {
    const world = await webhookWorld(await openTestStore())
    const answer = await world.call('POST', '/webhooks', { body: { url: URL_A, ...body } })
    expect(answer.status).toBe(400)
    expect(answer.body['details']).toMatchObject({ fields: [{ path }] })
    expect((await world.call('GET', '/webhooks')).body['data']).toEqual([])
  })

  it('say nothing of where a refused address leads, and nothing of a header’s value', async () => {
    const world = await webhookWorld(await openTestStore())
    const body = { url: URL_A, headers: { 'x-key': 'hunter2\n' } }
    expect((await world.call('POST', '/webhooks', { body })).text).not.toContain('hunter2')
    const refused = await world.call('POST', '/webhooks', { body: { url: 'https://refused.example.org/' } })
    expect(refused.body['error']).toBe('url: leads to an address that is not allowed')
  })

  it('are made for a name that does not resolve yet, which the answer says', async () => {
    const world = await webhookWorld(await openTestStore())
    const body = { url: 'https://unknown.example.org/hook' }
    const made = await world.call('POST', '/webhooks', { body })
    const warnings = ['url: the name unknown.example.org does not resolve at present.']
    expect(made.body['data']).toMatchObject({ ...body, status: 'active', warnings })
    const { id } = await world.create()
    const changed = await world.call('PATCH', `/webhooks/${id}`, { body })
    expect(changed.body['data']).toMatchObject({ ...body, warnings })
    const again = await world.call('PATCH', `/webhooks/${id}`, { body: { url: URL_A } })
    expect(again.body['data']).not.toHaveProperty('warnings')
  })

  it('belong to their user: for others they do not exist', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    const as = { userId: 'user_2' }
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { status: 'disabled' }],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret'],
      ['POST', '/replay', { after: 0 }],
      ['POST', '/redrive'],
      ['GET', '/deliveries'],
    ] as const) {
      const theirs = await world.call(method, `/webhooks/${id}${path}`, { body, as })
      const none = await world.call(method, `/webhooks/wh_1_none${path}`, { body, as })
      expect([theirs.status, theirs.body['code']]).toEqual([404, 'WEBHOOK_NOT_FOUND'])
      expect(theirs.body['error']).toBe(none.body['error'])
    }
    expect((await world.call('GET', '/webhooks', { as })).body['data']).toEqual([])
  })

  it('are changed with the scope "manage" and looked at with "read"', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    const as = { scopes: ['read', 'send'] as const }
    expect((await world.call('GET', `/webhooks/${id}`, { as: { scopes: ['read'] } })).status).toBe(200)
    expect(
      (await world.call('POST', '/webhooks', { body: { url: URL_A }, as: { scopes: [...as.scopes] } })).status,
    ).toBe(403)
    expect((await world.call('DELETE', `/webhooks/${id}`, { as: { scopes: [...as.scopes] } })).status).toBe(403)
  })

  it('stay within the sessions that a token is confined to', async () => {
    const world = await webhookWorld(await openTestStore())
    const as = { sessions: ['north.lamp'] }
    const all = await world.create()
    const own = await world.create({ sessionIds: ['instagram_1'] })
    const both = await world.create({ sessionIds: ['instagram_1', 'instagram_2'] })
    const list = (await world.call('GET', '/webhooks', { as })).body['data'] as { id: string }[]
    expect(list.map(({ id }) => id)).toEqual([own.id])
    expect((await world.call('GET', `/webhooks/${own.id}`, { as })).status).toBe(200)
    for (const { id } of [all, both]) expect((await world.call('DELETE', `/webhooks/${id}`, { as })).status).toBe(404)
    const create = (body: object) => world.call('POST', '/webhooks', { body: { url: URL_A, ...body }, as })
    expect((await create({ sessionIds: ['instagram_1'] })).status).toBe(201)
    expect((await create({ sessionIds: ['instagram_2'] })).body['code']).toBe('SESSION_NOT_FOUND')
    expect((await create({ sessionIds: ['instagram_9'] })).body['code']).toBe('SESSION_NOT_FOUND')
    expect((await create({})).body['details']).toMatchObject({ fields: [{ path: 'sessionIds' }] })
    const widen = await world.call('PATCH', `/webhooks/${own.id}`, { body: { sessionIds: null }, as })
    expect(widen.status).toBe(400)
  })

  it('are as many as configured', async () => {
    const world = await webhookWorld(await openTestStore(), { perUserMax: 2 })
    const { id } = await world.create()
    await world.create()
    const third = await world.call('POST', '/webhooks', { body: { url: URL_A } })
    expect([third.status, third.body['code']]).toEqual([409, 'WEBHOOK_LIMIT_REACHED'])
    await world.call('DELETE', `/webhooks/${id}`)
    await world.create()
  })

  it('answer a repeated creation with the same secret, which no copy of the store shows', async () => {
    const world = await webhookWorld(await openTestStore())
    const request = { body: { url: URL_A }, headers: { 'idempotency-key': 'once' } }
    const first = await world.call('POST', '/webhooks', request)
    const second = await world.call('POST', '/webhooks', request)
    expect(second.text).toBe(first.text)
    expect(second.headers['idempotent-replayed']).toBe('true')
    const rows = await world.store.read.selectFrom('idempotency_keys').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('whsec_')
    expect((await world.call('GET', '/webhooks')).body['data']).toHaveLength(1)
  })

  it('are changed field by field; a new address begins with a clean record', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create({ headers: { 'x-key': 'hunter2' } })
    world.receivers.behaviours.set(URL_A, 500)
    await world.append()
    await world.run()
    expect(await world.endpoint(id)).toMatchObject({ failingSince: expect.any(String) })
    const body = { url: 'https://b.example.org/', events: ['*'], headers: null, description: 'Moved' }
    const changed = await world.call('PATCH', `/webhooks/${id}`, { body })
    expect(changed.body['data']).toMatchObject({
      ...{ url: body.url, events: ['*'], headerNames: [], description: 'Moved', failingSince: null },
    })
    expect((await world.call('PATCH', `/webhooks/${id}`, { body: {} })).status).toBe(400)
    await world.advance(10_000)
    expect(world.receivers.of(body.url)).toHaveLength(1)
  })

  it('send nothing while their owner has them switched off, and go on where they were', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    const off = await world.call('PATCH', `/webhooks/${id}`, { body: { status: 'disabled' } })
    expect(off.body['data']).toMatchObject({ status: 'disabled', disabledReason: 'owner' })
    await world.append(3)
    await world.advance(HOUR_MS)
    expect(world.receivers.received).toEqual([])
    expect((await world.call('POST', `/webhooks/${id}/redrive`)).body['code']).toBe('WEBHOOK_DISABLED')
    await world.call('PATCH', `/webhooks/${id}`, { body: { status: 'active' } })
    await world.run()
    expect(world.receivers.received).toHaveLength(3)
  })

  it('send a signed test event at once, and say how it went', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create({ events: ['like.received'] })
    const good = await world.call('POST', `/webhooks/${id}/test`)
    expect(good.body['data']).toMatchObject({ isDelivered: true, status: 200, error: null, response: 'said 200' })
    expect(JSON.parse(world.receivers.received[0]?.body ?? '')).toMatchObject({ type: 'webhook.test', sequence: 0 })
    world.receivers.behaviours.set(URL_A, { fault: 'tls' })
    const bad = await world.call('POST', `/webhooks/${id}/test`)
    expect(bad.body['data']).toMatchObject({ isDelivered: false, status: null, error: 'tls' })
    expect(await world.events()).toEqual([])
  })

  it('get a range of past events again on request, under the same ids', async () => {
    const world = await webhookWorld(await openTestStore())
    const events = await world.append(10)
    const { id } = await world.create({ events: ['message.*'] })
    world.clock.tick(DAY_MS)
    const later = await world.append(10)
    await world.append(5, { type: 'like.received' })
    await world.run()
    expect(world.receivers.received).toHaveLength(10)
    const answer = await world.call('POST', `/webhooks/${id}/replay`, { body: { after: 5 } })
    expect([answer.status, answer.body['data']]).toEqual([202, { id, after: 5, until: 25 }])
    await world.run()
    const ids = world.receivers.received.slice(10).map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids)).toEqual(new Set([...events.slice(5), ...later].map((event) => event.id)))
    expect(ids).toHaveLength(15)
    const since = new Date(world.clock.now() - HOUR_MS).toISOString()
    await world.call('POST', `/webhooks/${id}/replay`, { body: { since, types: ['message.received'] } })
    await world.run()
    expect(
      world.receivers.received
        .slice(25)
        .map(({ headers }) => headers['webhook-id'])
        .toSorted(),
    ).toEqual(later.map((event) => event.id).toSorted())
    const until = since
    await world.call('POST', `/webhooks/${id}/replay`, { body: { after: 0, until } })
    await world.run()
    expect(world.receivers.received).toHaveLength(45)
    expect(await world.endpoint(id)).toMatchObject({ isReplaying: false, sequence: 25 })
  })

  it.each([
    [{}, 'after'],
    [{ after: 1, since: '2026-01-01T00:00:00Z' }, 'after'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }, 'until'],
    [{ after: 0, types: ['x.y'] }, 'types[0]'],
  ])('refuse to replay %j', async (body, path) => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    const answer = await world.call('POST', `/webhooks/${id}/replay`, { body })
    expect(answer.status).toBe(400)
    expect(answer.body['details']).toMatchObject({ fields: [{ path }] })
  })

  it('send again on request what failed for good and what waits', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    world.receivers.behaviours.set(URL_A, { status: 400, directive: 'abort-message' })
    await world.append(3)
    await world.run()
    world.receivers.behaviours.set(URL_A, 500)
    await world.append(2)
    await world.run()
    expect(await world.deliveries(id, 'failed')).toHaveLength(3)
    expect(await world.deliveries(id, 'pending')).toHaveLength(2)
    world.receivers.behaviours.delete(URL_A)
    const answer = await world.call('POST', `/webhooks/${id}/redrive`)
    expect(answer.body['data']).toEqual({ id, redriven: 5 })
    await world.run()
    const delivered = await world.deliveries(id, 'succeeded')
    expect(delivered.map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2, 1])
    expect(delivered.every(({ attempts }) => attempts.length === 2)).toBe(true)
  })

  it('list deliveries page by page', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id } = await world.create()
    await world.append(5)
    await world.run()
    const first = await world.call('GET', `/webhooks/${id}/deliveries?limit=3`)
    const { nextCursor } = first.body['pagination'] as { nextCursor: string }
    const second = await world.call('GET', `/webhooks/${id}/deliveries?limit=3&cursor=${nextCursor}`)
    const numbers = [first, second].flatMap(({ body }) =>
      (body['data'] as { sequence: number }[]).map((d) => d.sequence),
    )
    expect(numbers).toEqual([5, 4, 3, 2, 1])
    expect((await world.call('GET', `/webhooks/${id}/deliveries?cursor=x`)).status).toBe(400)
  })

  it('keep events from the retention for as long as they wait for them', async () => {
    const store = await openTestStore()
    const world = await webhookWorld(store)
    const { id } = await world.create()
    await world.append(2)
    await world.run()
    world.receivers.behaviours.set(URL_A, 500)
    await world.append(2)
    await world.append(3, { userId: 'user_2' })
    await world.run()
    const sweep = async () => {
      const deps = { store, clock: world.clock, retentionMs: DAY_MS }
      await sweepEvents({ ...deps, readers: [leastNeeded] })
      await sweepDeliveries(deps)
      const left = await readEvents(store.read, { userId: 'user_1', after: 0, limit: 10 })
      return left.map(({ sequence }) => sequence)
    }
    expect(await sweep()).toEqual([1, 2, 3, 4])
    world.clock.tick(DAY_MS + 1)
    expect(await sweep()).toEqual([3, 4])
    expect(await readEvents(store.read, { userId: 'user_2', after: 0, limit: 10 })).toEqual([])
    expect((await world.deliveries(id)).map(({ sequence }) => sequence)).toEqual([4, 3])
    await world.call('PATCH', `/webhooks/${id}`, { body: { status: 'disabled' } })
    expect(await sweep()).toEqual([3, 4])
    world.clock.tick(5 * DAY_MS)
    expect(await sweep()).toEqual([])
    await world.call('PATCH', `/webhooks/${id}`, { body: { status: 'active' } })
    await world.advance(HOUR_MS)
    expect((await world.deliveries(id)).map(({ reason }) => reason)).toEqual(['event_gone', 'event_gone'])
    await world.call('DELETE', `/webhooks/${id}`)
    await sweep()
    expect(await store.read.selectFrom('webhook_deliveries').selectAll().execute()).toEqual([])
    expect(await store.read.selectFrom('webhooks').selectAll().execute()).toEqual([])
  })

  it('keep their secrets through a rotation of the encryption keys', async () => {
    const world = await webhookWorld(await openTestStore())
    const { id, secret } = await world.create()
    const keys = [nextKey([], world.random)]
    const before = createVault({ keys, random: world.random })
    const sealed = before.seal(
      JSON.stringify({ signing: [{ secret, until: null }], headers: {} }),
      `webhooks/${id}/secrets`,
    )
    await world.store.write((tx) => tx.updateTable('webhooks').set({ secrets: sealed }).execute())
    const after = createVault({ keys: [...keys, nextKey(keys, world.random)], random: world.random })
    const [entry] = await WEBHOOK_SEALED_COLUMN.page(world.store.read, { after: '', limit: 10 })
    const identity = WEBHOOK_SEALED_COLUMN.identity(entry?.key ?? '')
    const to = after.rewrap(entry?.sealed ?? '', identity) ?? ''
    const change = { key: id, from: sealed, to }
    expect(await world.store.write((tx) => WEBHOOK_SEALED_COLUMN.replace(tx, change))).toBe(1)
    expect(openSecrets(after, id, to).signing).toEqual([{ secret, until: null }])
  })
})
