import { expect, it } from 'vitest'
import { openThread, send, unsend } from '../../../sandbox/acts/messages.ts'
import type { Sandbox } from '../../../sandbox/index.ts'
import { type InboxWorld, inboxWorld } from '../../../test/support/inbox-world.ts'
import { fakeReceipt, user } from '../../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../../test/support/stores.ts'
import { lockAccount } from '../../store/lock-account.ts'
import { deleteMessage } from '../delete-message.ts'
import { markRead } from '../mark-read.ts'
import { readConversationMessages, readConversations } from '../read-messages.ts'
import { readStats } from '../read-stats.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const OWN = 'your_instagram_username'
const ME = user('user_123')
const CONVERSATION = `conv_${OWN}_target_user`

interface Row {
  id: string
  content: string
  messageType: string
  isFromMe: boolean
  isRead: boolean
  origin: string
  status: string
  timestamp: string
  senderUsername: string
  senderId: string
  recipientUsername: string
  conversationId: string
}

async function messages(world: InboxWorld, conversationId = CONVERSATION, limit = 100): Promise<Row[]> {
  const input = { conversationId, limit, offset: 0, cursor: undefined, snapshot: undefined }
  const answer = await readConversationMessages(world.deps, ME, input)
  return answer.data as Row[]
}

interface Listed {
  id: string
  participantUsername: string
  unreadCount: number
  isGroup: boolean
  isRequest: boolean
  title?: string
  lastMessage: Row | null
}

async function conversations(world: InboxWorld): Promise<Listed[]> {
  const input = { sessionId: world.session.id, limit: 100, cursor: undefined }
  return (await readConversations(world.deps, ME, input)).data as Listed[]
}

const contents = (rows: Row[]) => rows.map(({ content }) => content)
const told = async (world: InboxWorld) => (await world.news()).map(({ type, data }) => [type, data['content']])

/** Before the account was connected: `count` messages of a person. */
function history(sandbox: Sandbox, username: string, count: number, at: number): void {
  const { world } = sandbox
  const by = world.userNamed(username)
  const own = world.userNamed(OWN)
  if (by === undefined || own === undefined) throw new Error('no such person')
  const thread = openThread(world, { by, others: [own] })
  for (let no = 1; no <= count; no += 1) {
    send(world, { by, thread, at: at + no, type: 'text', text: `before ${no}`, clientContext: null })
  }
}

describeOnEveryStore('the inbox', (openTestStore) => {
  it('stores what was there without a word, and tells what comes after', async () => {
    const world = await inboxWorld(await openTestStore(), {
      before: (sandbox, now) => history(sandbox, 'target_user', 3, now - HOUR),
    })
    await world.run()
    expect(contents(await messages(world))).toEqual(['before 3', 'before 2', 'before 1'])
    expect(await world.news()).toEqual([])
    world.writes('target_user', 'Hello!')
    await world.advance(MINUTE)
    const [first] = await messages(world)
    expect(first).toMatchObject({
      content: 'Hello!',
      messageType: 'text',
      isFromMe: false,
      isRead: false,
      status: 'received',
      senderUsername: 'target_user',
      senderId: world.person('target_user').pk,
      recipientUsername: OWN,
      conversationId: CONVERSATION,
    })
    expect(await world.news()).toMatchObject([{ type: 'message.received', data: { id: first?.id, content: 'Hello!' } }])
    expect(await conversations(world)).toMatchObject([
      { id: CONVERSATION, unreadCount: 4, isGroup: false, lastMessage: { content: 'Hello!' } },
    ])
    await world.advance(HOUR)
    expect(await world.news()).toHaveLength(1)
    expect(world.errors).toEqual([])
  })

  it('tells a message that came between the login and the first look', async () => {
    const world = await inboxWorld(await openTestStore())
    world.writes('target_user', 'At once')
    await world.run()
    expect(await told(world)).toEqual([['message.received', 'At once']])
  })

  it('walks down to known ground after a long absence, page after page, and over a restart', async () => {
    const world = await inboxWorld(await openTestStore(), { backfillMs: 0 })
    world.writes('target_user', 'first')
    await world.advance(MINUTE)
    for (let no = 1; no <= 95; no += 1) {
      world.clock.tick(10)
      world.writes('target_user', `no ${no}`)
    }
    // The process dies in the middle of the walk; another one goes on.
    let calls = 0
    const { readThread } = world.deps.connectors.get('web') as unknown as {
      readThread: (...input: unknown[]) => unknown
    }
    const connector = world.deps.connectors.get('web') as unknown as Record<string, unknown>
    connector['readThread'] = (...input: unknown[]) => {
      calls += 1
      if (calls === 3) throw new Error('died')
      return readThread(...input)
    }
    await world.advance(10 * MINUTE)
    const found = await messages(world)
    expect(found).toHaveLength(96)
    expect(contents(found)).toEqual([...Array.from({ length: 95 }, (_, index) => `no ${95 - index}`), 'first'])
    expect(new Set((await world.news()).map(({ data }) => data['id'])).size).toBe(96)
    expect(await world.news()).toHaveLength(96)
    expect(world.errors).toHaveLength(1)
  })

  it('back-fills several pages of the inbox and of threads, as far back as it should', async () => {
    const world = await inboxWorld(await openTestStore(), {
      backfillMs: 2 * DAY,
      before(sandbox, now) {
        history(sandbox, 'target_user', 60, now - HOUR)
        for (let no = 1; no <= 45; no += 1) {
          sandbox.world.users.put({
            ...(sandbox.world.userNamed('user1') as NonNullable<ReturnType<typeof sandbox.world.userNamed>>),
            pk: `9000000${no}`,
            aliases: [],
            username: `person${no}`,
          })
          history(sandbox, `person${no}`, 1, now - no * 2 * HOUR)
        }
      },
    })
    await world.advance(30 * MINUTE)
    expect(await messages(world)).toHaveLength(60)
    const listed = await conversations(world)
    // Pages are whole, so a little more than two days.
    expect(listed.length).toBeGreaterThanOrEqual(24)
    expect(listed.length).toBeLessThanOrEqual(46)
    expect(await world.news()).toEqual([])
    world.writes('person40', 'New')
    await world.advance(11 * MINUTE)
    expect(await told(world)).toEqual([['message.received', 'New']])
  })

  it('keeps one fact to one event of the most specific kind', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.run()
    const { world: instagram } = world.sandbox
    const story = (owner: string) =>
      instagram.media.put({
        ...([...instagram.media.values()].find(({ kind }) => kind === 'post') as never as Parameters<
          typeof instagram.media.put
        >[0]),
        pk: owner === OWN ? '3500000000000000777' : '3500000000000000888',
        aliases: [],
        code: owner === OWN ? 'OwnStory' : 'TheirStory',
        ownerPk: world.person(owner).pk,
        kind: 'story',
        takenAt: world.clock.now(),
        expiresAt: world.clock.now() + DAY,
      })
    const own = story(OWN)
    const theirs = story('target_user')
    world.act({ as: 'target_user', do: 'story_reply', mediaId: own.pk, text: 'Wow' })
    world.act({ as: 'target_user', do: 'mention', to: OWN, mediaId: theirs.pk })
    await world.advance(MINUTE)
    expect(await world.news()).toMatchObject([
      {
        type: 'story_reply.received',
        data: { messageType: 'story_reply', content: 'Wow', metadata: { storyId: own.pk } },
      },
      { type: 'mention.received', data: { messageType: 'story_mention', metadata: { storyId: theirs.pk } } },
    ])
    expect(await world.news()).toHaveLength(2)
  })

  it('shows what the account wrote in an app as its own, without an action and without an event', async () => {
    const world = await inboxWorld(await openTestStore())
    world.writes('target_user', 'Hello?')
    await world.run()
    world.act({ as: OWN, do: 'message', to: 'target_user', text: 'From my phone' })
    await world.advance(MINUTE)
    const [own] = await messages(world)
    expect(own).toMatchObject({ content: 'From my phone', isFromMe: true, status: 'succeeded', origin: 'elsewhere' })
    expect(own).not.toHaveProperty('actionId')
    expect(await told(world)).toEqual([['message.received', 'Hello?']])
    // Answering it in the app has shown it, too.
    expect(await conversations(world)).toMatchObject([{ unreadCount: 0 }])
  })

  it('knows its own messages again, and corrects one that was given up as unconfirmed', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.send({ content: 'Once' })
    await world.advance(MINUTE)
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'drop_after', kind: 'message', effect: true })
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'status', kind: 'thread', times: 5 })
    const inboxDown = world.sandbox.faults.add({ ...NO_FAULT, fault: 'status', kind: 'inbox', times: 100 })
    const { actionId } = await world.send({ content: 'Twice?' })
    await world.advance(15 * MINUTE)
    expect((await world.action(actionId)).status).toBe('unconfirmed')
    world.sandbox.faults.remove(inboxDown.id)
    await world.advance(15 * MINUTE)
    expect((await world.timeline(actionId)).slice(-2).map(({ to, cause }) => [to, cause])).toEqual([
      ['unconfirmed', 'unreadable'],
      ['succeeded', 'seen_later'],
    ])
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded' })
    expect(contents(await messages(world))).toEqual(['Twice?', 'Once'])
    // Seen in the inbox while it was still being read back, it needs no more reading.
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'drop_after', kind: 'message', effect: true })
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'status', kind: 'thread', times: 5 })
    const third = await world.send({ content: 'Thrice' })
    await world.advance(15 * MINUTE)
    expect(await world.action(third.actionId)).toMatchObject({ status: 'succeeded', attempts: 1 })
    const sent = (await world.news()).filter(({ type }) => type === 'message.sent')
    expect(sent.map(({ data }) => data['corrects'])).toEqual([undefined, 'unconfirmed', undefined])
  })

  it('keeps a conversation through a new name, and gives a newcomer with the old name another', async () => {
    const world = await inboxWorld(await openTestStore())
    world.writes('target_user', 'I am who I am')
    await world.advance(MINUTE)
    const { users } = world.sandbox.world
    const renamed = world.person('target_user')
    users.put({ ...renamed, username: 'new_name' })
    users.put({ ...world.person('user1'), username: 'target_user' })
    world.writes('target_user', 'I am somebody else')
    world.writes('new_name', 'Still me')
    await world.advance(MINUTE)
    const listed = await conversations(world)
    expect(listed.map(({ id, participantUsername }) => [id, participantUsername]).sort()).toEqual([
      [CONVERSATION, 'new_name'],
      [`${CONVERSATION}_2`, 'target_user'],
    ])
    expect(contents(await messages(world))).toEqual(['Still me', 'I am who I am'])
    expect(contents(await messages(world, `${CONVERSATION}_2`))).toEqual(['I am somebody else'])
  })

  it('reads groups and requests', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.run()
    const { world: instagram } = world.sandbox
    const [own, one, two] = [world.person(OWN), world.person('user1'), world.person('user2')]
    const group = openThread(instagram, { by: one, others: [own, two], title: 'Plans' })
    send(instagram, {
      by: one,
      thread: group,
      at: world.clock.now(),
      type: 'text',
      text: 'Who comes?',
      clientContext: null,
    })
    world.clock.tick(SECOND)
    send(instagram, { by: two, thread: group, at: world.clock.now(), type: 'text', text: 'Me', clientContext: null })
    const stranger = world.person('user3')
    const request = openThread(instagram, { by: stranger, others: [own] })
    request.pendingFor = [own.pk]
    send(instagram, {
      by: stranger,
      thread: request,
      at: world.clock.now(),
      type: 'text',
      text: 'May I?',
      clientContext: null,
    })
    await world.advance(2 * MINUTE)
    const listed = await conversations(world)
    expect(listed).toHaveLength(2)
    expect(listed.find(({ isGroup }) => isGroup)).toMatchObject({ id: `conv_${OWN}_group_${group.id}`, title: 'Plans' })
    expect(listed.find(({ isRequest }) => isRequest)).toMatchObject({ participantUsername: 'user3' })
    const senders = (await messages(world, `conv_${OWN}_group_${group.id}`)).map((row) => row.senderUsername)
    expect(senders).toEqual(['user2', 'user1'])
    const news = await world.news()
    expect(news[0]?.data['senderFullName']).toBe(
      world.sandbox.world.userNamed(String(news[0]?.data['senderUsername']))?.fullName,
    )
    const facts = news.map(({ data }) => [data['content'], data['isGroup'], data['isRequest']])
    expect(facts.sort()).toEqual([
      ['May I?', false, true],
      ['Me', true, false],
      ['Who comes?', true, false],
    ])
    // Accepted in the app, the same conversation is no request any more.
    request.pendingFor = []
    send(instagram, {
      by: stranger,
      thread: request,
      at: world.clock.now(),
      type: 'text',
      text: 'Thanks',
      clientContext: null,
    })
    await world.advance(11 * MINUTE)
    expect((await conversations(world)).map(({ isRequest }) => isRequest)).toEqual([false, false])
  })

  it('takes a message away that its writer took back, once its neighbours show the place empty', async () => {
    const world = await inboxWorld(await openTestStore())
    for (const text of ['one', 'two', 'three']) {
      world.clock.tick(SECOND)
      world.writes('target_user', text)
    }
    await world.run()
    const { world: instagram } = world.sandbox
    const item = [...instagram.items.values()].find(({ text }) => text === 'two')
    const thread = item === undefined ? undefined : instagram.threads.get(item.threadId)
    if (item === undefined || thread === undefined) throw new Error('no item')
    unsend(instagram, { by: world.person('target_user'), thread, itemId: item.id, at: world.clock.now() })
    world.clock.tick(SECOND)
    world.writes('target_user', 'four')
    await world.advance(MINUTE)
    expect(contents(await messages(world))).toEqual(['four', 'three', 'one'])
    expect(await conversations(world)).toMatchObject([{ unreadCount: 3 }])
    expect((await world.news()).at(-1)).toMatchObject({ type: 'message.deleted', data: { how: 'unsent' } })
  })

  it('marks as read here and at Instagram, the newest of a thread, once in ten seconds', async () => {
    const world = await inboxWorld(await openTestStore())
    for (const text of ['one', 'two', 'three']) {
      world.clock.tick(SECOND)
      world.writes('target_user', text)
    }
    await world.advance(SECOND)
    const rows = await messages(world)
    for (const row of rows.toReversed()) await markRead(world.deps, ME, row.id)
    expect(await conversations(world)).toMatchObject([{ unreadCount: 0 }])
    await world.advance(SECOND)
    const seen = () =>
      [...world.sandbox.world.ledger.values()].filter(({ kind, account }) => kind === 'seen' && account === OWN)
    expect(seen()).toHaveLength(1)
    world.writes('target_user', 'four')
    await world.advance(MINUTE)
    const [four] = await messages(world)
    await markRead(world.deps, ME, four?.id ?? '')
    await world.advance(MINUTE)
    expect(seen()).toHaveLength(2)
    expect((await world.news()).filter(({ type }) => type === 'message.read')).toHaveLength(4)
    // A mark that Instagram does not take is dropped.
    world.writes('target_user', 'five')
    await world.advance(3 * MINUTE)
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'status', kind: 'seen', times: 10 })
    const [five] = await messages(world)
    await markRead(world.deps, ME, five?.id ?? '')
    const before = world.requests('/seen')
    await world.advance(10 * MINUTE)
    expect(world.requests('/seen')).toBe(before + 1)
    expect((await world.news()).filter(({ type }) => type === 'session.suspect')).toEqual([])
  })

  it('shows own messages as read once the other side has seen them', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.send({ content: 'Seen?' })
    await world.advance(MINUTE)
    expect(await messages(world)).toMatchObject([{ isRead: false }])
    world.act({ as: 'target_user', do: 'read', to: OWN })
    await world.advance(10 * MINUTE)
    expect(await messages(world)).toMatchObject([{ isRead: true, isFromMe: true }])
  })

  it('takes back at Instagram what was written in an app, and hides what was received', async () => {
    const world = await inboxWorld(await openTestStore())
    world.act({ as: OWN, do: 'message', to: 'target_user', text: 'Typo' })
    world.clock.tick(SECOND)
    world.writes('target_user', 'Pardon?')
    await world.run()
    const [received, own] = await messages(world)
    const request = { principal: ME, preferredWaitMs: 0 }
    await deleteMessage(world.deps, { ...request, receipt: fakeReceipt(), messageId: own?.id ?? '' })
    await deleteMessage(world.deps, { ...request, receipt: fakeReceipt(), messageId: received?.id ?? '' })
    await world.advance(MINUTE)
    expect(await messages(world)).toEqual([])
    const unsent = [...world.sandbox.world.ledger.values()].filter(({ kind }) => kind === 'unsend')
    expect(unsent).toHaveLength(1)
  })

  it('is not asked while Instagram wants the owner, and goes on without a loss when they are back', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.run()
    world.sandbox.faults.add({ ...NO_FAULT, fault: 'challenge_required', kind: 'inbox' })
    world.writes('target_user', 'Are you there?')
    await world.advance(HOUR)
    expect((await world.reloadSession()).status).toBe('challenge_required')
    expect(await told(world)).toEqual([['session.challenge_required', undefined]])
    await world.store.write(async (tx) => {
      await lockAccount(tx, world.session.accountId)
      await tx.updateTable('sessions').set({ status: 'active' }).execute()
      await tx.updateTable('lanes').set({ due_at: world.clock.now() }).execute()
    })
    await world.advance(MINUTE)
    expect((await told(world)).at(-1)).toEqual(['message.received', 'Are you there?'])
  })

  it('hears everything in its order after time has jumped by a day', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.run()
    for (let day = 0; day < 3; day += 1) {
      world.clock.tick(DAY)
      world.writes('target_user', `day ${day}`)
    }
    await world.advance(MINUTE)
    expect(await told(world)).toEqual([0, 1, 2].map((day) => ['message.received', `day ${day}`]))
  })

  it('reports an account that is told of more unread conversations than it is shown', async () => {
    const world = await inboxWorld(await openTestStore())
    world.writes('target_user', 'shown')
    const connector = world.deps.connectors.get('web') as unknown as Record<
      string,
      (...input: unknown[]) => Promise<unknown>
    >
    const readInbox = connector['readInbox'] as (...input: unknown[]) => Promise<{ value: { unreadCount: number } }>
    connector['readInbox'] = async (...input) => {
      const result = await readInbox(...input)
      return { ...result, value: { ...result.value, unreadCount: 2 } }
    }
    await world.advance(10 * MINUTE)
    const suspects = (await world.news()).filter(({ type }) => type === 'session.suspect')
    expect(suspects.map(({ data }) => data)).toEqual([
      { source: 'inbox', reason: 'Instagram counts more unread conversations than it shows.' },
    ])
  })

  it('counts what was sent and received in rolling periods', async () => {
    const world = await inboxWorld(await openTestStore())
    await world.send({ content: 'one' })
    world.writes('target_user', 'two')
    await world.advance(2 * HOUR)
    world.act({ as: OWN, do: 'message', to: 'target_user', text: 'three' })
    await world.advance(11 * MINUTE)
    const stats = async (period: 'hour' | 'day' | 'all') =>
      (await readStats(world.deps, ME, { sessionId: world.session.id, period })).data
    expect(await stats('hour')).toMatchObject({ total: 1, sent: 1, received: 0 })
    const to = world.clock.now()
    expect(await stats('day')).toEqual({
      total: 3,
      sent: 2,
      received: 1,
      // Whoever writes has seen what was there.
      read: 2,
      unread: 1,
      byType: { text: 3, image: 0, video: 0, voice: 0, link: 0, like: 0 },
      period: 'day',
      from: new Date(to - DAY).toISOString(),
      to: new Date(to).toISOString(),
    })
    expect(await stats('all')).toMatchObject({ total: 3, from: null })
    await world.advance(25 * HOUR)
    expect(await stats('day')).toMatchObject({ total: 0 })
  })
})

const NO_FAULT = {
  skip: 0,
  times: 1,
  effect: false,
  ms: null,
  code: 500,
  body: null,
  headers: {},
  retryAfter: null,
  until: null,
  url: null,
}
