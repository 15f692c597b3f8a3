import { describe, expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'

const bench = benchPerTest()

describe('effects', () => {
  it.each([
    ['[["target456"]]'],
    ['["target456"]'],
    ['[[PK]]'],
    ['[["PK"]]'],
  ])('sends to recipients written as %s', async (ids) => {
    const client = await bench.now.loggedIn()
    const recipients = ids.replace('PK', bench.now.pkOf('target_user'))
    const sent = await client.post('/api/v1/direct_v2/threads/broadcast/text/', {
      recipient_users: recipients,
      text: 'hi',
    })
    const threadId = sent.body.payload.thread_id
    expect(threadId).toMatch(/^\d{39}$/)
    for (const thread_ids of [`[${threadId}]`, `["${threadId}"]`]) {
      await client.post('/api/v1/direct_v2/threads/broadcast/text/', { thread_ids, text: 'again' })
    }
    expect(bench.now.ledger('message')).toHaveLength(3)
    expect(new Set(bench.now.ledger('message').map((entry) => entry.threadId)).size).toBe(1)
  })

  it('recognises a repeated token in the same thread only', async () => {
    const client = await bench.now.loggedIn()
    const send = (to: string) =>
      client.post('/api/v1/direct_v2/threads/broadcast/text/', {
        recipient_users: `[["${bench.now.pkOf(to)}"]]`,
        text: 'hi',
        client_context: '6800000000000000001',
      })
    const first = await send('user1')
    expect((await send('user1')).body).toEqual(first.body)
    expect((await send('user2')).body.payload.item_id).not.toBe(first.body.payload.item_id)
    expect(bench.now.ledger('message').map((entry) => entry.duplicateOf)).toEqual([undefined, 2, undefined])
  })

  it('refuses messages to who takes none, acts on what is gone, and comments where they are off', async () => {
    const client = await bench.now.loggedIn()
    const pk = bench.now.pkOf('blocks_messages')
    const refused = await client.post('/api/v1/direct_v2/threads/broadcast/text/', {
      recipient_users: `[[${pk}]]`,
      text: 'hi',
      client_context: '1',
    })
    expect(refused).toMatchObject({ status: 403, body: { action: 'item_ack', payload: { client_context: '1' } } })
    expect((await client.post('/api/v1/web/likes/deleted_post/like/', {})).status).toBe(400)
    const off = await client.post('/api/v1/web/comments/comments_off/add/', { comment_text: 'hello' })
    expect(off.body).toMatchObject({ message: 'feedback_required', comments_disabled: true })
    expect(bench.now.sandbox.world.ledger.size).toBe(1)
  })

  it('asks a private account, and hides its media', async () => {
    const client = await bench.now.loggedIn()
    const pk = bench.now.pkOf('private_user')
    const asked = await client.post(`/api/v1/friendships/create/${pk}/`, {})
    expect(asked.body.friendship_status).toMatchObject({ following: false, outgoing_request: true })
    expect((await client.post('/api/v1/web/likes/private_post/like/', {})).body.message).toBe(
      'Not authorized to view user',
    )
  })

  it('keeps liking and following idempotent', async () => {
    const client = await bench.now.loggedIn()
    for (const path of ['web/likes/media_id/like', 'friendships/create/target456']) {
      for (let time = 0; time < 2; time++) await client.post(`/api/v1/${path}/`, {})
    }
    expect([bench.now.ledger('like').length, bench.now.ledger('follow').length]).toEqual([1, 1])
  })

  it('returns the first comment for a repeated idempotence token', async () => {
    const client = await bench.now.loggedIn()
    const add = () =>
      client.post('/api/v1/media/post789/comment/', { comment_text: 'nice', idempotence_token: 'one-intent' })
    const first = await add()
    expect((await add()).body.comment.pk).toBe(first.body.comment.pk)
    expect(bench.now.sandbox.world.comments.size).toBe(1)
  })

  it('unsends own items only', async () => {
    const client = await bench.now.loggedIn()
    const { body } = await bench.now.control('POST', 'act', {
      as: 'user1',
      do: 'message',
      to: 'your_instagram_username',
    })
    const { threadId, itemId } = body.effects[0]
    const path = (id: string) => `/api/v1/direct_v2/threads/${threadId}/items/${id}/delete/`
    expect((await client.post(path(itemId), {})).status).toBe(400)
    const sent = await client.post('/api/v1/direct_v2/threads/broadcast/text/', {
      thread_ids: `[${threadId}]`,
      text: 'x',
    })
    expect((await client.post(path(sent.body.payload.item_id), {})).status).toBe(200)
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${threadId}/`)).body
    expect(thread.items.map((item: { item_id: string }) => item.item_id)).toEqual([itemId])
  })

  it('shows which item of the same thread another answers', async () => {
    const client = await bench.now.loggedIn()
    const send = async (to: string, form: Record<string, string> = {}) => {
      const recipient_users = `[["${bench.now.pkOf(to)}"]]`
      const sent = await client.post('/api/v1/direct_v2/threads/broadcast/text/', {
        recipient_users,
        text: 'x',
        ...form,
      })
      return sent.body.payload
    }
    const first = await send('user1')
    const elsewhere = await send('user2')
    await send('user1', { replied_to_item_id: first.item_id })
    await send('user1', { replied_to_item_id: elsewhere.item_id })
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${first.thread_id}/`)).body
    const answered = thread.items.map((item: { replied_to_message?: object }) => item.replied_to_message)
    expect(answered).toEqual([undefined, { item_id: first.item_id }, undefined])
  })

  it('pages the inbox without showing a thread twice', async () => {
    const client = await bench.now.loggedIn()
    for (let number = 1; number <= 25; number++) {
      await bench.now.control('POST', 'act', {
        as: `crowd_00${number + 10}`,
        do: 'message',
        to: 'your_instagram_username',
      })
    }
    const first = (await client.get('/api/v1/direct_v2/inbox/?limit=20')).body.inbox
    const second = (await client.get(`/api/v1/direct_v2/inbox/?limit=20&cursor=${first.oldest_cursor}`)).body.inbox
    expect([first.threads.length, second.threads.length, second.oldest_cursor]).toEqual([20, 5, null])
    const ids = [...first.threads, ...second.threads].map((thread) => thread.thread_id)
    expect(new Set(ids).size).toBe(25)
    expect(first.unseen_count).toBe(25)
  })

  it('pushes back at its own limits', async () => {
    bench.now.sandbox.configure({ limits: { like: { hour: 1, day: 2 } } })
    const client = await bench.now.loggedIn()
    const like = (id: string) => client.post(`/api/v1/web/likes/${id}/like/`, {})
    expect((await like('media_id')).status).toBe(200)
    expect((await like('post789')).status).toBe(429)
    await bench.now.clock.advance(3_600_000)
    expect((await like('post789')).status).toBe(200)
    await bench.now.clock.advance(3_600_000)
    expect((await like('post_1234567890')).body).toMatchObject({ message: 'feedback_required', spam: true })
  })
})

describe('people', () => {
  it('shows what they do on every surface at once', async () => {
    const client = await bench.now.loggedIn()
    const mediaId = bench.now.sandbox.world.mediaOf(bench.now.pkOf('your_instagram_username'))[0]?.pk ?? ''
    const acts = [
      { as: 'user1', do: 'follow', to: 'your_instagram_username' },
      { as: 'user1', do: 'like', mediaId },
      { as: 'user2', do: 'comment', mediaId, text: 'lovely' },
      { as: 'user3', do: 'mention', to: 'your_instagram_username', mediaId: 'post789' },
    ]
    for (const act of acts) expect((await bench.now.control('POST', 'act', act)).status).toBe(200)
    const news = (await client.post('/api/v1/news/inbox/', {})).body
    const kinds = news.new_stories.map((story: { notif_name: string }) => story.notif_name)
    expect(kinds).toEqual(['mention_comment', 'comment', 'like', 'user_followed'])
    const info = (await client.get(`/api/v1/media/${mediaId}/info/`)).body.items[0]
    expect(info).toMatchObject({ like_count: 1, comment_count: 1 })
    const me = client.cookies.get('ds_user_id')
    expect((await client.get(`/api/v1/users/${me}/info/`)).body.user.follower_count).toBe(1001)
    const followers = (await client.get(`/api/v1/friendships/${me}/followers/`)).body.users
    expect(followers[0].username).toBe('user1')
  })

  it('act by themselves when time has come', async () => {
    const client = await bench.now.loggedIn()
    const pk = bench.now.pkOf('echo_user')
    await client.post('/api/v1/direct_v2/threads/broadcast/text/', {
      recipient_users: `[[${pk}]]`,
      text: 'anyone there?',
    })
    await bench.now.control('POST', 'act', { as: 'fickle_follower', do: 'follow', to: 'your_instagram_username' })
    expect((await bench.now.control('POST', 'clock', { advanceMs: 86_400_000 })).status).toBe(200)
    expect(bench.now.ledger('message').map((entry) => entry.account)).toEqual(['your_instagram_username', 'echo_user'])
    const [follow, unfollow] = [bench.now.ledger('follow')[0], bench.now.ledger('unfollow')[0]]
    expect((unfollow?.at ?? 0) - (follow?.at ?? 0)).toBe(86_400_000)
  })

  it('do the same in a run with the same seed', async () => {
    const run = { seed: 7, acts: 30, overMs: 3_600_000 }
    const textsOf = (acts: { as: string; do: string }[]) => acts.map((act) => `${act.as} ${act.do}`)
    const first = (await bench.now.control('POST', 'seeded-run', run)).body.acts
    await bench.now.control('POST', 'reset', {})
    expect(textsOf((await bench.now.control('POST', 'seeded-run', run)).body.acts)).toEqual(textsOf(first))
    await bench.now.control('POST', 'clock', { advanceMs: 3_600_000 })
    expect(bench.now.sandbox.world.ledger.size).toBeGreaterThan(5)
  })
})
