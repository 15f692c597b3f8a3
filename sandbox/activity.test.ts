import { beforeEach, describe, expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'
import type { WebClient } from './web-client.fixture.ts'

const bench = benchPerTest()
const OWNER = 'your_instagram_username'

interface Story {
  pk: string
  notif_name: string
  args: Record<string, unknown> & { text: string; timestamp: number; tuuid: string; links: { id: string }[] }
}

let client: WebClient
beforeEach(async () => {
  client = await bench.now.loggedIn()
})

const act = async (body: Record<string, unknown>) => {
  const answer = await bench.now.control('POST', 'act', body)
  expect(answer.status).toBe(200)
  return answer.body.effects as Record<string, string>[]
}
const newest = () => bench.now.sandbox.world.mediaOf(bench.now.pkOf(OWNER))[0]?.pk ?? ''
const news = async (form: Record<string, string> = {}) => (await client.post('/api/v1/news/inbox/', form)).body

describe('the activity feed', () => {
  it('tells likes on one post as one story that moves up as it grows', async () => {
    const mediaId = newest()
    const texts: string[] = []
    const seen: Story[] = []
    for (const [as, times] of [
      ['user1', 1],
      ['user2', 1],
      ['user3', 1],
      ['crowd', 7],
    ] as const) {
      await act({ as, do: 'like', mediaId, times })
      const [story] = (await news()).new_stories
      texts.push(story.args.text)
      seen.push(story)
    }
    expect(texts).toEqual([
      'user1 liked your post.',
      'user2 and user1 liked your post.',
      'user3, user2 and 1 other liked your post.',
      'crowd_0007, crowd_0006 and 8 others liked your post.',
    ])
    expect(new Set(seen.map(({ pk }) => pk)).size).toBe(1)
    expect(new Set(seen.map(({ args }) => args.tuuid)).size).toBe(4)
    expect(seen[3]?.args).toMatchObject({
      profile_id: bench.now.pkOf('crowd_0007'),
      second_profile_id: bench.now.pkOf('crowd_0006'),
      rich_text: expect.stringMatching(
        /^\{crowd_0007\|000000\|1\|user\?id=\d+\}, \{crowd_0006\|.*\} and 8 others liked/,
      ),
    })
    const { users, user_count } = (await client.get(`/api/v1/media/${mediaId}/likers/`)).body
    expect([users.length, user_count]).toEqual([10, 10])
  })

  it('takes a like back from its story', async () => {
    const mediaId = newest()
    await act({ as: 'user1', do: 'like', mediaId })
    await client.post('/api/v1/web/likes/post789/like/', {})
    const liker = bench.now.client()
    await liker.logIn('user2', 'user2_password')
    await liker.post(`/api/v1/web/likes/${mediaId}/like/`, {})
    await liker.post(`/api/v1/web/likes/${mediaId}/unlike/`, {})
    expect((await news()).new_stories.map(({ args }: Story) => args.text)).toEqual(['user1 liked your post.'])
  })

  it('parts what was seen from what is new', async () => {
    await act({ as: 'user1', do: 'follow', to: OWNER })
    expect((await news()).counts).toMatchObject({ relationships: 1, activity_feed_dot_badge: 1 })
    await client.post('/api/v1/news/inbox_seen/', {})
    await bench.now.clock.advance(1)
    await act({ as: 'user2', do: 'comment', mediaId: newest(), text: 'lovely' })
    const { new_stories, old_stories, counts } = await news()
    expect(new_stories.map(({ notif_name }: Story) => notif_name)).toEqual(['comment'])
    expect(old_stories.map(({ notif_name }: Story) => notif_name)).toEqual(['user_followed'])
    expect(counts).toMatchObject({ relationships: 0, comments: 1 })
  })

  it('is walked in pages, without a gap when something happens meanwhile', async () => {
    await act({ as: 'crowd', do: 'comment', mediaId: newest(), text: 'c', times: 230 })
    const texts = new Set<string>()
    let page = await news()
    await act({ as: 'user1', do: 'comment', mediaId: newest(), text: 'late' })
    for (;;) {
      for (const { args } of [...page.new_stories, ...page.old_stories] as Story[]) texts.add(args.text)
      if (page.is_last_page) break
      page = await news({ max_id: String(page.continuation_token) })
    }
    expect(texts.size).toBe(230)
  })

  it('shows requests of who wants to follow a private account', async () => {
    await bench.now.control('POST', 'users', [{ username: OWNER, private: true }])
    await act({ as: 'user1', do: 'follow', to: OWNER })
    const body = await news()
    expect(body.counts.requests).toBe(1)
    expect(body.friend_request_stories).toMatchObject([{ story_type: 6 }])
  })
})

describe('follower lists', () => {
  const page = async (cursor: string | null) =>
    (
      await client.get(
        `/api/v1/friendships/${bench.now.pkOf(OWNER)}/followers/${cursor === null ? '' : `?max_id=${cursor}`}`,
      )
    ).body

  it('of ten thousand are walked to their end, newest first', async () => {
    await bench.now.control('POST', 'users', [{ username: OWNER, followers: 10_000 }])
    await act({ as: 'user1', do: 'follow', to: OWNER })
    const names: string[] = []
    for (let cursor: string | null = null; ; ) {
      const { users, next_max_id, has_more } = await page(cursor)
      names.push(...users.map(({ username }: { username: string }) => username))
      if (!has_more) break
      cursor = next_max_id
    }
    expect([names.length, new Set(names).size, names[0]]).toEqual([10_001, 10_001, 'user1'])
  })

  it('shift under whoever walks them: who comes shows people twice, who leaves hides one', async () => {
    const first = await page(null)
    await act({ as: 'user1', do: 'follow', to: OWNER })
    const second = await page(first.next_max_id)
    expect(second.users[0]).toEqual(first.users[24])
    await act({ as: 'user1', do: 'unfollow', to: OWNER })
    await act({ as: first.users[0].username, do: 'unfollow', to: OWNER })
    const hidden = (await page(first.next_max_id)).users[0]
    expect([second.users[1], second.users[2]].map(({ pk }) => pk).indexOf(hidden.pk)).toBe(1)
  })
})

describe('people who act', () => {
  it('repeat only what can happen again', async () => {
    const mediaId = newest()
    expect(await act({ as: 'user1', do: 'like', mediaId, times: 5 })).toHaveLength(1)
    expect(await act({ as: 'user1', do: 'follow', to: OWNER, times: 5 })).toHaveLength(1)
    expect(await act({ as: 'user1', do: 'follow', to: OWNER })).toEqual([])
    expect(await act({ as: 'user1', do: 'comment', mediaId, times: 5, text: 'again' })).toHaveLength(5)
  })

  it('are a crowd in which everybody does it once', async () => {
    const mediaId = newest()
    const [story] = (await bench.now.control('POST', 'media', [{ owner: OWNER, kind: 'story' }])).body.media
    const acts = [
      { do: 'message', to: OWNER },
      { do: 'story_reply', mediaId: story.id },
      { do: 'comment', mediaId },
      { do: 'like', mediaId },
      { do: 'unfollow', to: OWNER },
      { do: 'follow', to: OWNER },
      { do: 'mention', to: OWNER },
    ]
    for (const body of acts) {
      const effects = await act({ as: 'crowd', ...body, times: 300 })
      expect([body.do, new Set(effects.map(({ from }) => from)).size]).toEqual([body.do, 300])
    }
    // Those who never followed come after the thousand who do.
    const strangers = await act({ as: 'crowd', do: 'follow', to: OWNER, times: 2 })
    expect(strangers.map(({ from }) => from)).toEqual(['crowd_1001', 'crowd_1002'])
  })

  it('mention somebody in a story by a message that shows it', async () => {
    const [story] = (await bench.now.control('POST', 'media', [{ owner: 'user1', kind: 'story' }])).body.media
    const [effect] = await act({ as: 'user1', do: 'mention', to: OWNER, mediaId: story.id })
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${effect?.['threadId']}/`)).body
    expect(thread.items).toMatchObject([
      {
        item_id: effect?.['itemId'],
        item_type: 'reel_share',
        reel_share: {
          type: 'mention',
          mentioned_user_id: bench.now.pkOf(OWNER),
          reel_owner_id: bench.now.pkOf('user1'),
          media: { pk: story.pk },
        },
      },
    ])
    expect((await news()).new_stories).toEqual([])
    await bench.now.clock.advance(86_400_000)
    expect(await act({ as: 'user1', do: 'mention', to: OWNER, mediaId: story.id })).toEqual([])
  })

  it.each([
    [{ as: 'user1', do: 'like', mediaId: 'story789' }, 'mediaId'],
    [{ as: 'user1', do: 'story_reply', mediaId: 'post789' }, 'mediaId'],
    [{ as: 'user1', do: 'mention', to: OWNER, mediaId: 'story789' }, 'mediaId'],
    [{ as: 'crowd', do: 'read', to: OWNER }, 'to'],
  ])('cannot do %j', async (body, field) => {
    expect(await bench.now.control('POST', 'act', body)).toMatchObject({ status: 400, body: { field } })
    expect(bench.now.ledger('like')).toEqual([])
  })

  it('do all seven kinds in a seeded run', async () => {
    await bench.now.control('POST', 'media', [{ owner: OWNER, kind: 'story' }])
    const { acts } = (await bench.now.control('POST', 'seeded-run', { seed: 3, acts: 100, overMs: 60_000 })).body
    expect(new Set(acts.map((planned: { do: string }) => planned.do)).size).toBe(7)
    await bench.now.clock.advance(60_000)
    expect(bench.now.sandbox.world.plans.size).toBe(0)
  })
})
