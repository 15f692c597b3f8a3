import { expect, it } from 'vitest'
import { type InboxWorld, inboxWorld } from '../../../test/support/inbox-world.ts'
import { fakeReceipt, user } from '../../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../../test/support/stores.ts'
import { deleteMessage } from '../delete-message.ts'
import { readConversationMessages, readConversations } from '../read-messages.ts'

const SECOND = 1_000
const MINUTE = 60_000
const OWN = 'your_instagram_username'
const ME = user('user_123')

async function shown(world: InboxWorld): Promise<string[]> {
  const input = { conversationId: `conv_${OWN}_target_user`, limit: 100, offset: 0 }
  const page = await readConversationMessages(world.deps, ME, { ...input, cursor: undefined, snapshot: undefined })
  return (page.data as { content: string }[]).map(({ content }) => content)
}

async function listed(world: InboxWorld) {
  const input = { sessionId: world.session.id, limit: 100, cursor: undefined }
  const { data } = await readConversations(world.deps, ME, input)
  return (data as { lastMessage: { content: string } | null }[])[0]
}

const deletions = async (world: InboxWorld) => (await world.events()).filter(({ type }) => type === 'message.deleted')

/** The account's owner, phone in hand. */
const takeBack = (world: InboxWorld) => world.act({ as: OWN, do: 'unsend', to: 'target_user' })

async function sent(world: InboxWorld, content: string): Promise<string> {
  const { actionId } = await world.send({ content })
  await world.run()
  expect(await world.action(actionId)).toMatchObject({ status: 'succeeded' })
  world.clock.tick(SECOND)
  return actionId
}

describeOnEveryStore('a message sent here and taken back in the app', (openTestStore) => {
  it('is gone here, too, and told, when it was the only one', async () => {
    const world = await inboxWorld(await openTestStore())
    const actionId = await sent(world, 'Hello?')
    takeBack(world)
    await world.advance(2 * MINUTE)
    expect(await shown(world)).toEqual([])
    const { id, conversationId } = await world.message(actionId)
    expect((await deletions(world)).map(({ data }) => data)).toEqual([{ messageId: id, conversationId, how: 'unsent' }])
    expect(await listed(world)).toMatchObject({ lastMessage: null })
    // That it was sent stays true.
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded' })
  })

  it('is noticed below an answer, although nothing new came', async () => {
    const world = await inboxWorld(await openTestStore())
    await sent(world, 'Hello?')
    world.writes('target_user', 'Yes?')
    await world.advance(MINUTE)
    expect(await shown(world)).toEqual(['Yes?', 'Hello?'])
    takeBack(world)
    await world.advance(10 * MINUTE)
    expect([await shown(world), (await deletions(world)).length]).toEqual([['Yes?'], 1])
  })

  it('is noticed as the newest, once it is old enough not to be merely late on the page', async () => {
    const world = await inboxWorld(await openTestStore())
    world.writes('target_user', 'Yes?')
    await world.advance(MINUTE)
    world.writes('target_user', 'Hello?')
    await world.advance(MINUTE)
    await sent(world, 'Wrong person, sorry')
    takeBack(world)
    await world.advance(50 * SECOND)
    expect(await shown(world)).toEqual(['Wrong person, sorry', 'Hello?', 'Yes?'])
    await world.advance(10 * MINUTE)
    expect([await shown(world), (await deletions(world)).length]).toEqual([['Hello?', 'Yes?'], 1])
    expect(await listed(world)).toMatchObject({ lastMessage: { content: 'Hello?' } })
    world.writes('target_user', 'Still there?')
    await world.advance(10 * MINUTE)
    expect(await shown(world)).toEqual(['Still there?', 'Hello?', 'Yes?'])
  })

  it('is told once when it is taken back here', async () => {
    const world = await inboxWorld(await openTestStore())
    const { id } = await world.message(await sent(world, 'Hello?'))
    await deleteMessage(world.deps, { principal: ME, receipt: fakeReceipt(), preferredWaitMs: 0, messageId: id })
    await world.advance(20 * MINUTE)
    expect(await deletions(world)).toHaveLength(1)
  })

  it('is not believed of a long conversation that comes empty', async () => {
    const world = await inboxWorld(await openTestStore())
    for (let no = 1; no <= 11; no += 1) await sent(world, `message ${no}`)
    await world.advance(2 * MINUTE)
    const items = [...world.sandbox.world.items.values()]
    for (const item of items) world.sandbox.world.items.put({ ...item, deletedAt: world.clock.now() })
    await world.advance(30 * MINUTE)
    expect([(await shown(world)).length, await deletions(world)]).toEqual([11, []])
  })
})
