import { expect, it } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { fakeReceipt, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Answer, Call, Principal, Route } from '../http/route.ts'
import { createBodyValidator } from '../http/validation.ts'
import { messagingRoutes } from './index.ts'

const OWN = user('user_123')

/** Calls a route as the HTTP shell does; the answer is checked against its schema. */
async function call(
  world: OutboxWorld,
  operation: string,
  input: { as?: Principal; params?: object; query?: object; body?: object; receipt?: ReturnType<typeof fakeReceipt> },
): Promise<Answer> {
  const route = messagingRoutes(world.deps).find((candidate) => candidate.operation === operation) as Route
  if (route.body !== undefined) createBodyValidator(route.body)(input.body)
  const answer = await route.handler({
    principal: input.as ?? OWN,
    params: input.params ?? {},
    query: input.query ?? {},
    body: input.body ?? {},
    receipt: input.receipt ?? fakeReceipt(),
    requestId: 'req_test',
    preferredWaitMs: null,
  } as unknown as Call<never, never, never>)
  const schema = route.answers[answer.status]
  if (schema == null) throw new Error(`${operation} does not declare ${answer.status}`)
  createBodyValidator({ type: 'object', properties: { data: schema } } as never)({ data: answer.data })
  return answer
}

const post = (world: OutboxWorld, body: object, more: { as?: Principal } = {}) =>
  call(world, 'sendMessage', {
    ...more,
    body: { sessionId: world.session.id, recipientUsername: 'target_user', content: 'Hello! How are you?', ...body },
  })

describeOnEveryStore('sending a message', (openTestStore) => {
  it("answers with the second document's example, and what we add", async () => {
    const world = await outboxWorld(await openTestStore())
    const receipt = fakeReceipt()
    const now = new Date(world.clock.now()).toISOString()
    const answer = await call(world, 'sendMessage', {
      receipt,
      body: {
        sessionId: world.session.id,
        recipientUsername: 'target_user',
        content: 'Hello! How are you?',
        messageType: 'text',
        mediaUrl: 'https://example.com/image.jpg',
      },
    })
    const id = expect.stringMatching(/^msg_\d+_[a-z0-9]+$/)
    expect(answer).toEqual({
      status: 202,
      message: 'Message queued for sending',
      data: {
        id,
        sessionId: world.session.id,
        conversationId: 'conv_north.lamp_target_user',
        messageId: id,
        senderId: 'user_123',
        senderUsername: 'north.lamp',
        recipientId: 'user_target_user',
        recipientUsername: 'target_user',
        content: 'Hello! How are you?',
        messageType: 'text',
        mediaUrl: 'https://example.com/image.jpg',
        isRead: false,
        isFromMe: true,
        timestamp: now,
        metadata: { hashtags: [], mentions: [] },
        status: 'queued',
        origin: 'api',
        actionId: expect.stringMatching(/^act_/),
        scheduledFor: now,
        warnings: [expect.stringContaining('mediaUrl')],
      },
    })
    expect(receipt.claims).toHaveLength(1)
    expect(receipt.answers).toEqual([answer])
  })

  it.each([
    ['an empty text', { content: '' }, 'VALIDATION_ERROR'],
    ['a text over 1000 bytes', { content: 'ä'.repeat(501) }, 'VALIDATION_ERROR'],
    ['a name that nobody can have', { recipientUsername: 'no such name' }, 'VALIDATION_ERROR'],
    ['an instant in the past', { sendAt: '2020-01-01T00:00:00Z' }, 'VALIDATION_ERROR'],
    ['an instant that is none', { expiresAt: 'tomorrow' }, 'VALIDATION_ERROR'],
    ['a type that cannot be sent yet', { messageType: 'image', mediaUrl: 'https://x.test/a.jpg' }, 'NOT_SUPPORTED'],
    ['a type that does not exist', { messageType: 'fax' }, 'VALIDATION_ERROR'],
    ['an unknown session', { sessionId: 'instagram_0_x' }, 'SESSION_NOT_FOUND'],
  ])('refuses %s and writes nothing', async (_, body, code) => {
    const world = await outboxWorld(await openTestStore())
    await expect(post(world, body)).rejects.toMatchObject({ code })
    for (const table of ['actions', 'messages', 'conversations'] as const) {
      expect(await world.store.read.selectFrom(table).selectAll().execute()).toEqual([])
    }
  })

  it('answers one message in particular, once Instagram has it', async () => {
    const world = await outboxWorld(await openTestStore())
    const first = (await post(world, {})).data as { id: string }
    const early = post(world, { replyTo: first.id })
    await expect(early).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { fields: [{ path: 'replyTo' }] } })
    await world.run()
    const answered: unknown[] = []
    world.instagram.sends = [
      (input, _call, arrive) => {
        answered.push(input.replyTo)
        return arrive()
      },
    ]
    expect((await post(world, { content: 'And you?', replyTo: first.id })).status).toBe(202)
    await world.run()
    const [effect] = world.instagram.effects
    expect(answered).toEqual([{ itemId: effect?.itemId, clientToken: effect?.token }])
  })

  it.each([
    ['a message that there is not', () => ({ replyTo: 'msg_0_x' })],
    ['one of another conversation', (id: string) => ({ replyTo: id, recipientUsername: 'somebody_else' })],
  ])('refuses to answer %s and writes nothing', async (_, body) => {
    const world = await outboxWorld(await openTestStore())
    const first = (await post(world, {})).data as { id: string }
    await world.run()
    await expect(post(world, body(first.id))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(await world.store.read.selectFrom('messages').select('id').execute()).toHaveLength(1)
    expect(await world.store.read.selectFrom('conversations').select('id').execute()).toHaveLength(1)
  })

  it("refuses another user's session, and one that the token is not for, as unknown", async () => {
    const world = await outboxWorld(await openTestStore())
    for (const as of [user('user_456'), user('user_123', { sessions: ['someone.else'] })]) {
      await expect(post(world, {}, { as })).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    }
    const confined = user('user_123', { sessions: ['north.lamp'] })
    expect((await post(world, {}, { as: confined })).status).toBe(202)
  })
})

describeOnEveryStore('reading messages', (openTestStore) => {
  it('shows a conversation newest first, page by page', async () => {
    const world = await outboxWorld(await openTestStore())
    for (const content of ['one', 'two', 'three']) {
      await post(world, { content })
      world.clock.tick(1_000)
    }
    await world.run()
    const params = { conversationId: 'conv_north.lamp_target_user' }
    const page = (query: object) => call(world, 'listConversationMessages', { params, query })
    const contents = (answer: Answer) => (answer.data as { content: string }[]).map((message) => message.content)

    const first = await page({ limit: 2 })
    expect(contents(first)).toEqual(['three', 'two'])
    expect(first).toMatchObject({
      message: 'Retrieved 2 messages',
      pagination: { limit: 2, offset: 0, hasMore: true, nextCursor: expect.any(String) },
    })
    const second = await page({ limit: 2, cursor: first.pagination?.nextCursor })
    expect(contents(second)).toEqual(['one'])
    expect(second.pagination).toEqual({ limit: 2, hasMore: false, snapshot: expect.any(Number) })
    expect(contents(await page({ limit: 2, offset: 2 }))).toEqual(['one'])
    await expect(page({ cursor: 'x' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect((await page({})).data).toMatchObject([
      { status: 'succeeded', recipientId: 'p_target_user', timestamp: expect.any(String) },
      {},
      {},
    ])
  })

  it('shows one message with the status of its action', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_after']
    const { data } = await post(world, {})
    const { id } = data as { id: string }
    await world.run()
    const read = () => call(world, 'getMessage', { params: { messageId: id } })
    expect((await read()).data).toMatchObject({ status: 'running' })
    await world.advance(60_000)
    expect((await read()).data).toMatchObject({ status: 'succeeded' })
    await expect(call(world, 'getMessage', { params: { messageId: id }, as: user('user_456') })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_FOUND',
    })
  })

  it('lists conversations, the latest first', async () => {
    const world = await outboxWorld(await openTestStore())
    for (const recipientUsername of ['user1', 'user2', 'user1']) {
      await post(world, { recipientUsername, content: `to ${recipientUsername}` })
      world.clock.tick(1_000)
    }
    const params = { sessionId: world.session.id }
    const list = await call(world, 'listConversations', { params, query: { limit: 1 } })
    expect(list).toMatchObject({
      message: 'Found 1 conversations',
      data: [
        {
          id: 'conv_north.lamp_user1',
          participantUsername: 'user1',
          unreadCount: 0,
          lastMessage: { content: 'to user1', status: 'queued' },
        },
      ],
      pagination: { limit: 1, hasMore: true },
    })
    const rest = await call(world, 'listConversations', { params, query: { cursor: list.pagination?.nextCursor } })
    expect(rest.data).toMatchObject([{ id: 'conv_north.lamp_user2' }])
  })

  it("hides another user's conversation", async () => {
    const world = await outboxWorld(await openTestStore())
    await post(world, {})
    const params = { conversationId: 'conv_north.lamp_target_user' }
    for (const as of [user('user_456'), user('user_123', { sessions: ['someone.else'] })]) {
      await expect(call(world, 'listConversationMessages', { params, as })).rejects.toMatchObject({
        code: 'CONVERSATION_NOT_FOUND',
      })
    }
  })
})

describeOnEveryStore('a conversation', (openTestStore) => {
  it('belongs to the person: a new owner of the name gets their own', async () => {
    const world = await outboxWorld(await openTestStore())
    const first = await world.send()
    await world.run()
    world.clock.tick(25 * 3_600_000)
    world.instagram.ids.set('target_user', 'p_somebody_else')
    const second = await world.send()
    await world.run()
    const before = await world.message(first.actionId)
    const after = await world.message(second.actionId)
    expect(before).toMatchObject({ conversationId: 'conv_north.lamp_target_user', recipientId: 'p_target_user' })
    expect(after).toMatchObject({ conversationId: 'conv_north.lamp_target_user_2', recipientId: 'p_somebody_else' })
    expect(world.instagram.effects.map((effect) => effect.recipientId)).toEqual(['p_target_user', 'p_somebody_else'])
    const third = await world.send()
    expect((await world.message(third.actionId)).conversationId).toBe('conv_north.lamp_target_user_2')
  })

  it('keeps its id when the person takes a new name', async () => {
    const world = await outboxWorld(await openTestStore())
    await world.send()
    await world.run()
    world.instagram.ids.set('new_name', 'p_target_user')
    const renamed = await world.send({ recipientUsername: 'new_name' })
    await world.run()
    expect((await world.message(renamed.actionId)).conversationId).toBe('conv_north.lamp_target_user')
    const conversations = await world.store.read.selectFrom('conversations').selectAll().execute()
    expect(conversations).toMatchObject([
      { id: 'conv_north.lamp_target_user', other_username: 'new_name', thread_id: 'thread_p_target_user' },
    ])
  })
})
