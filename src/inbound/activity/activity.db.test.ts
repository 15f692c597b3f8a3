import { expect, it } from 'vitest'
import { inboundWorld } from '../../../test/support/inbound-world.ts'
import { describeOnEveryStore } from '../../../test/support/stores.ts'

const OWNER = 'north.lamp'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const GONE = { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'gone' } as const
const UNREADABLE = { type: 'unreadable', timedOut: false, reason: 'HTTP 500' } as const
const THROTTLED = { type: 'throttled', retryAfterMs: null, reason: 'Please wait.' } as const

const fromOf = (event: { data: Record<string, unknown> }) => (event.data['from'] as { username: string }).username

describeOnEveryStore('the activity feed', (openTestStore) => {
  it('tells nothing of what was there before anybody listened', async () => {
    const world = await inboundWorld(await openTestStore())
    for (const body of [
      { as: 'crowd', do: 'like', mediaId: world.post, times: 5 },
      { as: 'user1', do: 'comment', mediaId: world.post },
      { as: 'user1', do: 'follow', to: OWNER },
      { as: 'user2', do: 'mention', to: OWNER, mediaId: 'post789' },
    ]) {
      await world.act(body)
    }
    await world.settle()
    expect(await world.received()).toEqual([])
    await world.act({ as: 'user1', do: 'like', mediaId: world.post })
    await world.advance(11 * MINUTE)
    expect((await world.received()).map((event) => [event.type, fromOf(event)])).toEqual([['like.received', 'user1']])
    expect(world.errors).toEqual([])
  })

  it('tells who did what, once, by the same names', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    const [comment] = (await world.act({ as: 'user1', do: 'comment', mediaId: world.post, text: 'lovely' })) as object[]
    await world.act({ as: 'user2', do: 'like', mediaId: world.post })
    await world.act({ as: 'user3', do: 'follow', to: OWNER })
    await world.act({ as: 'user1', do: 'mention', to: OWNER, mediaId: 'post789', text: `see @${OWNER}.` })
    const at = new Date(world.clock.now()).toISOString()
    await world.advance(HOUR)
    const from = (username: string) => {
      const { pk: platformId, fullName } = world.sandbox.world.userNamed(username) as { pk: string; fullName: string }
      return { platformId, username, fullName }
    }
    const events = await world.received()
    expect(Object.fromEntries(events.map(({ type, data }) => [type, data]))).toEqual({
      'comment.received': {
        from: from('user1'),
        occurredAt: at,
        mediaId: world.post,
        commentId: (comment as { commentId: string }).commentId,
        parentCommentId: null,
        text: 'lovely',
      },
      'like.received': { from: from('user2'), occurredAt: at, mediaId: world.post },
      // The follower list, which may be read first, has no instants, and the feed no full names.
      'follow.received': expect.toBeOneOf([
        { from: from('user3'), occurredAt: null },
        { from: { ...from('user3'), fullName: null }, occurredAt: at },
      ]),
      'mention.received': {
        from: from('user1'),
        occurredAt: at,
        mediaId: world.sandbox.world.mediaBy('post789')?.pk,
        commentId: expect.any(String),
        parentCommentId: null,
        text: `see @${OWNER}.`,
        mentionedIn: 'comment',
      },
    })
    expect(events).toHaveLength(4)
    expect(events[0]).toMatchObject({ userId: 'user_123', sessionId: world.session.id, username: OWNER })
  })

  it('finds everybody behind "a, b and 98 others", and who comes later', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    const first = await world.act({ as: 'crowd', do: 'like', mediaId: world.post, times: 100 })
    await world.advance(11 * MINUTE)
    const second = await world.act({ as: 'crowd', do: 'like', mediaId: world.post, times: 7 })
    await world.advance(11 * MINUTE)
    const told = (await world.received('like.received')).map(fromOf)
    expect(told).toHaveLength(107)
    expect(new Set(told)).toEqual(new Set([...first, ...second].map(({ from }) => from)))
  })

  it('does not take those for new who liked an old post long before', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.act({ as: 'crowd', do: 'like', mediaId: world.post, times: 40 })
    // More than a page of the feed lies above those likes when the account is connected.
    await world.act({ as: 'crowd', do: 'comment', mediaId: world.post, times: 120 })
    await world.settle()
    const [like] = await world.act({ as: 'user1', do: 'like', mediaId: world.post })
    await world.advance(11 * MINUTE)
    const later = await world.act({ as: 'crowd', do: 'like', mediaId: world.post, times: 5 })
    await world.advance(11 * MINUTE)
    const told = (await world.received('like.received')).map(fromOf)
    expect(told.sort()).toEqual([like, ...later].map((effect) => effect?.from).sort())
  })

  it('reads back as many pages as it takes', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    await world.act({ as: 'crowd', do: 'comment', mediaId: world.post, text: 'c', times: 230 })
    await world.act({ as: 'user1', do: 'mention', to: OWNER, mediaId: world.post, text: `hey @${OWNER}` })
    await world.advance(HOUR)
    const texts = (await world.received('comment.received')).map(({ data }) => data['text'])
    expect(new Set(texts)).toEqual(new Set(Array.from({ length: 230 }, (_, index) => `c (${index + 1})`)))
    expect(texts).toHaveLength(230)
    expect((await world.received('mention.received')).map(fromOf)).toEqual(['user1'])
  })

  it('tells a comment that is gone before it could be read in the words of the feed', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    world.answers.readComments = [GONE]
    await world.act({ as: 'user1', do: 'comment', mediaId: world.post, text: 'gone soon' })
    await world.advance(HOUR)
    expect((await world.received()).map(({ type, data }) => [type, data['text']])).toEqual([
      ['comment.received', 'gone soon'],
    ])
  })

  it('is not stopped by one post that cannot be read', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    world.answers.readMedia = Array.from({ length: 5 }, () => UNREADABLE)
    await world.act({ as: 'user1', do: 'like', mediaId: world.post })
    await world.act({ as: 'user2', do: 'follow', to: OWNER })
    await world.advance(HOUR)
    expect((await world.received()).map((event) => [event.type, fromOf(event)])).toEqual([
      ['follow.received', 'user2'],
      ['like.received', 'user1'],
    ])
  })

  it('hears what happened while the account was paused, with the same ids only once', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    world.answers.readActivity = [THROTTLED]
    await world.act({ as: 'user1', do: 'comment', mediaId: world.post, text: 'one' })
    await world.advance(11 * MINUTE)
    await world.act({ as: 'user1', do: 'comment', mediaId: world.post, text: 'two' })
    await world.advance(HOUR)
    expect((await world.received()).map(({ data }) => data['text'])).toEqual(['one', 'two'])
  })

  it('repeats a read that died with its process, without telling anything twice', async () => {
    const store = await openTestStore()
    const world = await inboundWorld(store)
    await world.settle()
    await world.act({ as: 'crowd', do: 'like', mediaId: world.post, times: 3 })
    await world.act({ as: 'user1', do: 'follow', to: OWNER })
    const { state } = await store.read
      .selectFrom('inbound_sources')
      .select('state')
      .where('source', '=', 'activity')
      .executeTakeFirstOrThrow()
    await world.advance(HOUR)
    // As if nothing had been settled since.
    await store.write((tx) =>
      tx.updateTable('inbound_sources').set({ state }).where('source', '=', 'activity').execute(),
    )
    await world.advance(HOUR)
    expect((await world.received()).map(({ type }) => type).sort()).toEqual([
      'follow.received',
      'like.received',
      'like.received',
      'like.received',
    ])
  })
})
