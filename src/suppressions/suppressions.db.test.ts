import { expect, it } from 'vitest'
import { startTestServer } from '../../test/support/http-server.ts'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { bulkRoutes, messagingRoutes } from '../messaging/index.ts'
import type { Store } from '../store/store.ts'
import { findSuppressedNames, suppressionRoutes } from './index.ts'

const DAY = 86_400_000

async function rig(store: Store, sessions: string[] | null = null) {
  const world = await outboxWorld(store)
  const deps = { ...world.deps, findSuppressedNames }
  const routes = [...messagingRoutes(deps), ...bulkRoutes(deps), ...suppressionRoutes(deps)]
  const http = await startTestServer({ store, clock: world.clock, routes, limits: null })
  const token = await http.token({ userId: 'user_123', expiresInMs: 365 * DAY, sessions })
  type Method = 'GET' | 'POST' | 'DELETE'
  const call = async (method: Method, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await http.call(method, path, { token, headers, ...(body === undefined ? {} : { body }) })
    return { ...answer, data: answer.body['data'] as never as Record<string, unknown> }
  }
  return {
    ...world,
    http,
    call,
    suppress: (contact: object) => call('POST', '/suppressions', contact),
    post: (body: object = {}) =>
      call('POST', '/message', {
        sessionId: world.session.id,
        recipientUsername: 'target_user',
        content: 'Hello! How are you?',
        ...body,
      }),
    list: async (query = '') => (await call('GET', `/suppressions${query}`)).data as unknown as { id: string }[],
  }
}

const audited = (world: OutboxWorld) => world.store.read.selectFrom('audit').select(['what', 'target']).execute()

describeOnEveryStore('who must not be written to', (openTestStore) => {
  it('is refused as a recipient by name, and nothing of the message is kept', async () => {
    const world = await rig(await openTestStore())
    const { status, data } = await world.suppress({ username: '@Target_User', sessionId: world.session.id })
    expect(status).toBe(201)
    expect(data).toMatchObject({
      username: 'target_user',
      platformId: null,
      sessionId: world.session.id,
      reason: 'manual',
    })
    const refused = await world.post()
    expect(refused.status).toBe(422)
    expect(refused.body).toMatchObject({
      code: 'SUPPRESSED',
      details: { recipientUsername: 'target_user', suppressionId: data['id'] },
    })
    for (const table of ['actions', 'messages', 'conversations'] as const) {
      expect(await world.store.read.selectFrom(table).selectAll().execute()).toEqual([])
    }
    expect((await world.post({ recipientUsername: 'somebody_else' })).status).toBe(202)
  })

  it('gets what a person sends all the same, which is kept with the action and in the audit trail', async () => {
    const world = await rig(await openTestStore())
    await world.suppress({ username: 'target_user' })
    const { status, data } = await world.post({ override: true })
    expect(status).toBe(202)
    await world.run()
    const actionId = data['actionId'] as string
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', overrideBy: 'user_123' })
    expect(await audited(world)).toEqual([{ what: 'suppression.overridden', target: actionId }])
  })

  it('is not sent what was accepted before, unless with the override', async () => {
    const world = await rig(await openTestStore())
    const { actionId } = await world.send()
    const overridden = await world.send({ content: 'all the same', override: true })
    await world.suppress({ username: 'target_user' })
    await world.run()
    expect(world.instagram.effects.map(({ text }) => text)).toEqual(['all the same'])
    expect(await world.action(actionId)).toMatchObject({ status: 'skipped', code: 'SUPPRESSED', attempts: 0 })
    expect(await world.action(overridden.actionId)).toMatchObject({ status: 'succeeded' })
    expect((await world.events()).find(({ data }) => data['actionId'] === actionId)).toMatchObject({
      type: 'message.canceled',
      data: { code: 'SUPPRESSED' },
    })
    const numbers = await world.store.read.selectFrom('usage').select('ref').where('kind', '=', 'message').execute()
    expect(numbers).toEqual([{ ref: overridden.actionId }])
  })

  it('is known by id under a new name, as soon as the recipient was looked up', async () => {
    const world = await rig(await openTestStore())
    world.instagram.ids.set('new_name', '77')
    await world.suppress({ username: 'old_name', platformId: '77' })
    const { status, data } = await world.post({ recipientUsername: 'new_name' })
    expect(status).toBe(202)
    await world.run()
    expect(world.instagram.effects).toEqual([])
    expect(await world.action(data['actionId'] as string)).toMatchObject({ status: 'skipped', code: 'SUPPRESSED' })
    // From now on the conversation knows who it is.
    expect((await world.post({ recipientUsername: 'new_name' })).status).toBe(422)
  })

  it('is not whoever took the name over, once the recipient was looked up', async () => {
    const world = await rig(await openTestStore())
    world.instagram.ids.set('shared_name', '88')
    const { actionId } = await world.send({ recipientUsername: 'shared_name' })
    await world.suppress({ username: 'shared_name', platformId: '77' })
    await world.run()
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded' })
  })

  it('is not sent again what may have arrived, and nobody claims to know', async () => {
    const world = await rig(await openTestStore())
    world.instagram.sends = ['lost_before']
    const { actionId } = await world.send()
    await world.run()
    await world.suppress({ username: 'target_user' })
    await world.advance(DAY)
    expect(await world.action(actionId)).toMatchObject({ status: 'unconfirmed', code: 'SUPPRESSED', attempts: 1 })
    expect(world.instagram.calls.filter(({ operation }) => operation === 'sendText')).toHaveLength(1)
  })

  it('is left out of bulks, and of what their dry runs would send', async () => {
    const world = await rig(await openTestStore())
    world.instagram.ids.set('renamed', '77')
    await world.suppress({ username: 'by_name' })
    await world.suppress({ platformId: '77', sessionId: world.session.id })
    const body = { sessionId: world.session.id, recipients: ['by_name', 'renamed', 'free'], content: 'Hello' }
    const plan = await world.call('POST', '/messages/bulk', { ...body, dryRun: true })
    expect(plan.data).toMatchObject({ suppressed: 1, wouldSend: 2 })
    const accepted = await world.call('POST', '/messages/bulk', body, { prefer: 'respond-async' })
    expect(accepted.data).toMatchObject({ skipped: 1, queued: 2 })
    await world.run()
    expect(world.instagram.effects.map(({ recipientId }) => recipientId)).toEqual(['p_free'])
    const { data } = await world.call('GET', `/messages/bulk/${accepted.data['bulkId']}`)
    expect(data).toMatchObject({ skipped: 2, sent: 1, queued: 0 })
  })

  it('may be written to again once it is lifted, which is fine to repeat', async () => {
    const world = await rig(await openTestStore())
    await world.suppress({ username: 'target_user' })
    await world.suppress({ username: 'target_user', sessionId: world.session.id })
    const ofAccount = `/suppressions?username=@target_user&sessionId=${world.session.id}`
    expect((await world.call('DELETE', ofAccount)).data).toEqual({ lifted: 1 })
    expect((await world.post()).status).toBe(422)
    expect((await world.call('DELETE', '/suppressions?username=target_user')).data).toEqual({ lifted: 1 })
    expect((await world.call('DELETE', '/suppressions?username=target_user')).data).toEqual({ lifted: 0 })
    expect((await world.post()).status).toBe(202)
    expect(await world.list()).toEqual([])
  })

  it('is one entry however often it is named, which learns the id', async () => {
    const world = await rig(await openTestStore())
    const first = await world.suppress({ username: 'target_user' })
    expect((await world.suppress({ username: 'target_user' })).status).toBe(200)
    const named = await world.suppress({ username: 'target_user', platformId: '77' })
    expect(named.data).toMatchObject({ id: first.data['id'], platformId: '77' })
    expect((await world.suppress({ platformId: '77' })).data).toMatchObject({ username: 'target_user' })
    expect(await world.list()).toHaveLength(1)
  })

  it('is listed by page, by account and by name', async () => {
    const world = await rig(await openTestStore())
    for (const username of ['a', 'b', 'c']) {
      world.clock.tick(1)
      await world.suppress({ username, ...(username === 'b' ? { sessionId: world.session.id } : {}) })
    }
    const page = await world.call('GET', '/suppressions?limit=2')
    expect(page.data).toMatchObject([{ username: 'c' }, { username: 'b' }])
    const { nextCursor } = page.body['pagination'] as { nextCursor: string }
    expect(await world.list(`?limit=2&cursor=${nextCursor}`)).toMatchObject([{ username: 'a' }])
    expect(await world.list('?username=b')).toMatchObject([{ username: 'b' }])
    expect(await world.list(`?sessionId=${world.session.id}`)).toHaveLength(3)
  })

  it('is nobody else’s business: other users neither see nor lift it', async () => {
    const world = await rig(await openTestStore())
    const { data } = await world.suppress({ username: 'target_user' })
    const token = await world.http.token({ userId: 'user_456', expiresInMs: DAY })
    const other = (method: 'GET' | 'DELETE', path: string) => world.http.call(method, path, { token })
    expect((await other('GET', '/suppressions')).body['data']).toEqual([])
    expect((await other('DELETE', `/suppressions?id=${data['id']}`)).body['data']).toEqual({ lifted: 0 })
    expect((await other('GET', `/suppressions?sessionId=${world.session.id}`)).status).toBe(404)
  })

  it('is named per session by tokens that are confined to sessions', async () => {
    const world = await rig(await openTestStore(), ['north.lamp'])
    const refused = await world.suppress({ username: 'target_user' })
    expect(refused.body).toMatchObject({ code: 'VALIDATION_ERROR', details: { fields: [{ path: 'sessionId' }] } })
    expect((await world.suppress({ username: 'target_user', sessionId: world.session.id })).status).toBe(201)
    expect((await world.call('DELETE', '/suppressions?username=target_user')).status).toBe(400)
  })

  it.each([
    [{}, 'username'],
    [{ username: 'no spaces' }, 'username'],
    [{ platformId: '../1' }, 'platformId'],
    [{ username: 'a', until: 'tomorrow' }, 'until'],
  ])('is refused as %j, naming %s', async (body, path) => {
    const world = await rig(await openTestStore())
    const { status, body: said } = await world.suppress(body)
    expect(status).toBe(400)
    expect(said['details']).toMatchObject({ fields: [{ path }] })
    expect((await world.call('DELETE', '/suppressions')).status).toBe(400)
  })
})
