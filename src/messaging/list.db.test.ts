import { expect, it } from 'vitest'
import { inboxWorld } from '../../test/support/inbox-world.ts'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { readConversationMessages, readConversations } from './read-messages.ts'

const ME = user('user_123')
const SECOND = 1_000
const MINUTE = 60 * SECOND

interface Page {
  data: { id: string; content: string }[]
  pagination: { nextCursor?: string; hasMore: boolean; snapshot: number }
}

type Place = Partial<{ offset: number; cursor: string | undefined; snapshot: number }>

async function page(world: OutboxWorld, conversationId: string, place: Place): Promise<Page> {
  const { offset = 0, cursor, snapshot } = place
  const input = { conversationId, limit: 7, offset, cursor, snapshot }
  return (await readConversationMessages(world.deps, ME, input)) as unknown as Page
}

/** Messages of one conversation: the first are sent, the last ones still wait for their turn. */
async function conversation(world: OutboxWorld): Promise<{ id: string; ids: string[] }> {
  const sent: { id: string; conversationId: string }[] = []
  for (let no = 0; no < 40; no += 1) {
    const { data } = await world.send({ content: `no ${no}` })
    sent.push(data as unknown as { id: string; conversationId: string })
    world.clock.tick(SECOND)
    if (no === 20) await world.run()
  }
  return { id: sent[0]?.conversationId ?? '', ids: sent.map(({ id }) => id).reverse() }
}

/** Everything of a conversation by cursor. */
async function walk(world: OutboxWorld, conversationId: string): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { data, pagination } = await page(world, conversationId, { cursor })
    seen.push(...data.map(({ content }) => content))
    cursor = pagination.nextCursor
  } while (cursor !== undefined)
  return seen
}

describeOnEveryStore('a list that is read while things happen', (openTestStore) => {
  it('shows each message of a conversation once by cursor, while messages come and queued ones are sent', async () => {
    const world = await outboxWorld(await openTestStore())
    const { id, ids } = await conversation(world)
    const seen: string[] = []
    let cursor: string | undefined
    for (;;) {
      const { data, pagination } = await page(world, id, { cursor })
      seen.push(...data.map((message) => message.id))
      await world.send({ content: 'later' })
      await world.run()
      world.clock.tick(SECOND)
      if (pagination.nextCursor === undefined) break
      cursor = pagination.nextCursor
    }
    expect(seen).toEqual(ids)
    const { data } = await page(world, id, {})
    expect(data[0]?.content).toBe('later')
  })

  it('does the same by offset with the snapshot of the first page', async () => {
    const world = await outboxWorld(await openTestStore())
    const { id, ids } = await conversation(world)
    const first = await page(world, id, {})
    const seen = first.data.map((message) => message.id)
    for (let offset = 7; offset < 42; offset += 7) {
      await world.send({ content: 'later' })
      await world.run()
      world.clock.tick(SECOND)
      const { data } = await page(world, id, { offset, snapshot: first.pagination.snapshot })
      seen.push(...data.map((message) => message.id))
    }
    expect(seen).toEqual(ids)
  })

  it('keeps messages of one millisecond in the order that they were sent and received in, page by page', async () => {
    const world = await inboxWorld(await openTestStore())
    const texts = Array.from({ length: 25 }, (_, no) => `no ${no}`)
    // More than the inbox shows of a thread: the older ones are read later.
    for (const text of texts) world.writes('target_user', text)
    await world.advance(MINUTE)
    const received = await walk(world, `conv_${world.session.username}_target_user`)
    expect(received).toEqual(texts.toReversed())
    for (const text of texts) await world.send({ recipientUsername: 'user1', content: text })
    expect(await walk(world, `conv_${world.session.username}_user1`)).toEqual(texts.toReversed())
  })

  it('shows each conversation once, where it stood when the walk began', async () => {
    const world = await outboxWorld(await openTestStore())
    for (let no = 0; no < 12; no += 1) {
      await world.send({ recipientUsername: `person${no}` })
      await world.run()
      world.clock.tick(SECOND)
    }
    const seen: string[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < 10; pages += 1) {
      const answer = await readConversations(world.deps, ME, { sessionId: world.session.id, limit: 5, cursor })
      seen.push(...(answer.data as { participantUsername: string }[]).map((row) => row.participantUsername))
      cursor = answer.pagination?.nextCursor
      if (cursor === undefined) break
      await world.send({ recipientUsername: 'person0' })
      await world.send({ recipientUsername: `newcomer${pages}` })
      await world.run()
      world.clock.tick(SECOND)
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, no) => `person${11 - no}`))
  })
})
