import { expect, it } from 'vitest'
import { type EngagementWorld, engagementWorld } from '../../test/support/engagement-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Outcome } from '../connectors/connector.ts'
import type { Store } from '../store/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Every kind: its route, its body, the write it makes, and what shows that it took effect. */
const KINDS = [
  { path: 'like', body: { postId: 'post_1' }, write: 'like', shows: (w: EngagementWorld) => w.society.liked.size },
  {
    path: 'unlike',
    body: { postId: 'post_1' },
    write: 'unlike',
    before: (w: EngagementWorld) => w.society.liked.add('post_1'),
    shows: (w: EngagementWorld) => 1 - w.society.liked.size,
  },
  {
    path: 'comment',
    body: { postId: 'post_1', content: 'Great post!' },
    write: 'comment',
    shows: (w: EngagementWorld) => w.society.comments.length,
  },
  {
    path: 'follow',
    body: { userId: 'somebody' },
    write: 'follow',
    shows: (w: EngagementWorld) => w.society.followed.size,
  },
  {
    path: 'unfollow',
    body: { userId: 'somebody' },
    write: 'unfollow',
    before: (w: EngagementWorld) => w.society.followed.add('p_somebody'),
    shows: (w: EngagementWorld) => 1 - w.society.followed.size,
  },
  {
    path: 'story-view',
    body: { storyId: 'story_1' },
    write: 'viewStory',
    isStory: true,
    shows: (w: EngagementWorld) => w.society.viewed.size,
  },
  {
    path: 'story-reply',
    body: { storyId: 'story_1', content: 'Nice' },
    write: 'replyToStory',
    isStory: true,
    shows: (w: EngagementWorld) => w.society.replies.length,
  },
  { path: 'reel-like', body: { reelId: 'reel_1' }, write: 'like', shows: (w: EngagementWorld) => w.society.liked.size },
  {
    path: 'reel-comment',
    body: { reelId: 'reel_1', content: 'Great reel!' },
    write: 'comment',
    shows: (w: EngagementWorld) => w.society.comments.length,
  },
]

type Case = (typeof KINDS)[number]
type WorldOptions = Parameters<typeof engagementWorld>[1]

const kindOf = (path: string) => path.replace('-', '_')
const dataOf = (answer: { body: Record<string, unknown> }) => answer.body['data'] as Record<string, unknown>
const detailsOf = (answer: { body: Record<string, unknown> }) => answer.body['details'] as Record<string, unknown>

async function begin(openTestStore: () => Promise<Store>, of: Case, options: WorldOptions = {}) {
  const world = await engagementWorld(await openTestStore(), options)
  of.before?.(world)
  if (of.isStory === true) world.society.media = { kind: 'story' }
  return world
}

describeOnEveryStore('each kind of action', (openTestStore) => {
  const act = (world: EngagementWorld, of: Case, more: Record<string, unknown> = {}) =>
    world.act(`/actions/${of.path}`, { ...of.body, ...more })
  const writes = (world: EngagementWorld, of: Case) =>
    world.instagram.calls.filter((call) => call.operation === of.write).length
  const lastEvent = async (world: EngagementWorld) => (await world.events()).at(-1)

  it.each(KINDS)('$path takes effect once and says so', async (of) => {
    const world = await begin(openTestStore, of)
    const answer = await act(world, of)
    expect(answer.status).toBe(200)
    expect(dataOf(answer)).toMatchObject({ kind: kindOf(of.path), status: 'succeeded', target: of.body, attempts: 1 })
    expect([of.shows(world), world.society.effects.length]).toEqual([1, 1])
    expect(await lastEvent(world)).toMatchObject({
      type: 'action.succeeded',
      data: { actionId: dataOf(answer)['actionId'], kind: kindOf(of.path) },
    })
    const usage = await world.store.read.selectFrom('usage').select(['kind', 'no']).orderBy('kind').execute()
    expect(usage).toEqual([
      { kind: '*', no: 1 },
      { kind: kindOf(of.path), no: 1 },
    ])
  })

  it.each(KINDS)('$path whose answer was lost ends as one effect and succeeded', async (of) => {
    for (const lost of ['lost_after', 'lost_before'] as const) {
      const world = await begin(openTestStore, of)
      world.society.writes = [lost]
      const first = await act(world, of)
      expect(first.status).toBe(202)
      const id = dataOf(first)['actionId'] as string
      await world.advance(MINUTE)
      expect(await world.action(id)).toMatchObject({ status: 'succeeded' })
      expect(of.shows(world)).toBe(1)
      const isSeenBack = lost === 'lost_after' && of.path !== 'story-view'
      expect(writes(world, of)).toBe(isSeenBack ? 1 : 2)
    }
  })

  it.each(KINDS)('$path that Instagram refuses for the target is failed with its reason', async (of) => {
    const world = await begin(openTestStore, of)
    world.society.writes = [{ type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'The profile is private.' }]
    const answer = await act(world, of)
    expect([answer.status, answer.body['code'], answer.body['error']]).toEqual([
      422,
      'REFUSED_BY_INSTAGRAM',
      'The profile is private.',
    ])
    expect(await lastEvent(world)).toMatchObject({ type: 'action.failed' })
  })

  it.each(KINDS)('$path pushed back is refused for reject and waits for queue', async (of) => {
    const blocked: Outcome = { type: 'blocked', until: null, reason: 'feedback_required' }
    const world = await begin(openTestStore, of)
    world.society.writes = [blocked]
    const refused = await act(world, of)
    expect([refused.status, refused.body['code']]).toEqual([429, 'ACTION_LIMIT_EXCEEDED'])
    expect(detailsOf(refused)).toMatchObject({ kind: kindOf(of.path), reason: 'blocked' })
    expect(refused.headers['retry-after']).toBe('86400')

    const other = await begin(openTestStore, of)
    other.society.writes = [blocked]
    const waits = await act(other, of, { onLimit: 'queue' })
    const until = new Date(other.clock.now() + DAY).toISOString()
    expect(waits.status).toBe(202)
    expect(dataOf(waits)).toMatchObject({
      status: 'queued',
      scheduledFor: until,
      waitingFor: { what: 'pause', until, rule: 'blocked' },
    })
    await other.advance(DAY)
    expect(of.shows(other)).toBe(1)
  })

  it.each(KINDS)('$path counts against its hour, and against the day of all kinds', async (of) => {
    const hour = await begin(openTestStore, of, {
      limits: { standard: { [kindOf(of.path)]: { hour: 1 } }, classic: {}, bulkShare: 1 },
    })
    expect((await act(hour, of)).status).toBe(200)
    const beyond = await act(hour, of)
    expect([beyond.status, beyond.headers['retry-after']]).toEqual([429, '3600'])
    expect(detailsOf(beyond)).toMatchObject({ kind: kindOf(of.path), window: 'hour', limit: 1, used: 1 })

    const total = await begin(openTestStore, of, { maxDailyActions: 1 })
    expect((await act(total, of)).status).toBe(200)
    expect(detailsOf(await act(total, of))).toMatchObject({ kind: '*', window: 'total', limit: 1, used: 1 })
  })
})

describeOnEveryStore('a comment whose answer was lost', (openTestStore) => {
  const comment = { postId: 'post_1', content: 'Great post!' }

  it('is unconfirmed when the page of comments does not reach back to the attempt', async () => {
    const world = await engagementWorld(await openTestStore())
    world.society.writes = ['lost_before']
    world.society.isCommentPageComplete = false
    const { actionId } = dataOf(await world.act('/actions/comment', comment))
    await world.advance(MINUTE)
    expect(await world.action(actionId as string)).toMatchObject({ status: 'unconfirmed' })
  })

  it('is not taken for an older comment of the same text', async () => {
    const world = await engagementWorld(await openTestStore())
    await world.act('/actions/comment', comment)
    await world.advance(MINUTE)
    world.society.writes = ['lost_before']
    await world.act('/actions/comment', comment)
    await world.advance(MINUTE)
    expect(world.society.comments).toHaveLength(2)
  })
})

describeOnEveryStore('a story', (openTestStore) => {
  it('that is none, or is gone, costs no number', async () => {
    const world = await engagementWorld(await openTestStore())
    const none = await world.act('/actions/story-view', { storyId: 'post_1' })
    expect([none.status, none.body['code'], none.body['error']]).toEqual([422, 'TARGET_NOT_FOUND', 'This is no story.'])
    world.society.reads = [{ type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'Media not found.' }]
    expect((await world.act('/actions/story-view', { storyId: 'story_1' })).body['code']).toBe('TARGET_NOT_FOUND')
    expect(await world.store.read.selectFrom('usage').selectAll().execute()).toEqual([])
  })
})

describeOnEveryStore('finding the target', (openTestStore) => {
  const asked = (world: EngagementWorld) => world.instagram.calls.map(({ operation }) => operation)
  const usageOf = (world: EngagementWorld) => world.store.read.selectFrom('usage').selectAll().execute()
  const gone = { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'It does not exist.' } as const

  it.each(KINDS)('$path on what is not there is failed, and costs no number', async (of) => {
    const world = await begin(openTestStore, of)
    world.instagram.unknown.add('somebody')
    world.society.reads = [gone]
    const answer = await world.act(`/actions/${of.path}`, of.body)
    expect([answer.status, answer.body['code']]).toEqual([422, 'TARGET_NOT_FOUND'])
    expect(asked(world)).not.toContain(of.write)
    expect(await usageOf(world)).toEqual([])
  })

  it.each([
    ['@North.Lamp', 'lookUpUser', 'p_north.lamp'],
    ['https://www.instagram.com/north.lamp/?igsh=abc', 'lookUpUser', 'p_north.lamp'],
    ['70000001', 'readUser', '70000001'],
  ])('follows %s by what %s says', async (userId, look, platformId) => {
    const world = await engagementWorld(await openTestStore())
    const answer = await world.act('/actions/follow', { userId })
    expect(dataOf(answer)).toMatchObject({ status: 'succeeded', target: { userId } })
    expect(asked(world)).toEqual([look, 'follow'])
    expect([...world.society.followed]).toEqual([platformId])
  })

  it('asks once for what several acts of the hour are about, and again after it', async () => {
    const world = await engagementWorld(await openTestStore())
    const media = 'https://www.instagram.com/p/DCSf3dWaVJW/'
    await world.act('/actions/like', { postId: media })
    await world.act('/actions/comment', { postId: 'DCSf3dWaVJW', content: 'Nice' })
    expect(asked(world)).toEqual(['readMedia', 'like', 'comment'])
    await world.advance(HOUR)
    await world.act('/actions/unlike', { postId: media })
    expect(asked(world).slice(3)).toEqual(['readMedia', 'unlike'])
  })

  it('refuses a comment where comments are off, and a like on a story, before the write', async () => {
    const world = await engagementWorld(await openTestStore())
    world.society.media = { commentsDisabled: true }
    const comment = await world.act('/actions/comment', { postId: 'post_1', content: 'Nice' })
    expect([comment.body['code'], comment.body['error']]).toEqual([
      'REFUSED_BY_INSTAGRAM',
      'Comments are turned off for this post.',
    ])
    expect((await world.act('/actions/like', { postId: 'post_1' })).status).toBe(200)
    world.society.media = { kind: 'story' }
    expect((await world.act('/actions/like', { postId: 'story_1' })).body['code']).toBe('TARGET_NOT_FOUND')
    expect(world.society.effects.map(({ kind }) => kind)).toEqual(['like'])
  })

  it('that Instagram pushes back on waits without a number for queue, and is refused for reject', async () => {
    const world = await engagementWorld(await openTestStore())
    const throttled = { type: 'throttled', retryAfterMs: null, reason: 'Please wait.' } as const
    world.society.reads = [throttled]
    const refused = await world.act('/actions/like', { postId: 'post_1' })
    expect([refused.status, refused.body['code']]).toEqual([429, 'ACTION_LIMIT_EXCEEDED'])
    await world.advance(15 * MINUTE)
    world.society.reads = [throttled]
    const waits = await world.act('/actions/like', { postId: 'post_1', onLimit: 'queue' })
    expect(dataOf(waits)).toMatchObject({ status: 'queued', waitingFor: { what: 'pause' } })
    expect(await usageOf(world)).toEqual([])
    await world.advance(DAY)
    expect(await world.action(dataOf(waits)['actionId'] as string)).toMatchObject({ status: 'succeeded', attempts: 1 })
  })
})

describeOnEveryStore('bad input', (openTestStore) => {
  it.each([
    ['comment', { postId: 'p' }, 'content', 'is required'],
    ['comment', { postId: 'p', content: ' \n' }, 'content', 'must not be empty'],
    ['comment', { postId: 'p', content: 'ä'.repeat(2201) }, 'content', 'must be at most 2200 characters, has 2201'],
    [
      'story-reply',
      { storyId: 's', content: 'ä'.repeat(501) },
      'content',
      'must be at most 1000 bytes of UTF-8, has 1002',
    ],
    ['like', {}, 'postId', 'is required'],
    ['like', { postId: 'two words' }, 'postId', 'must be an id, a shortcode or an instagram.com address'],
    ['like', { postId: 'https://evil.example/p/DCSf3dWaVJW/' }, 'postId', 'must be an id, a shortcode'],
    ['like', { postId: 'p', content: 'x' }, 'content', 'is not a known field'],
    [
      'follow',
      { userId: 'a/../b' },
      'userId',
      "must be a username, Instagram's id of a user, or the address of a profile",
    ],
    ['follow', { userId: 'https://www.instagram.com/p/DCSf3dWaVJW/' }, 'userId', 'must be a username'],
    ['like', { postId: 'p', sendAt: '2001-01-01T00:00:00Z' }, 'sendAt', 'must be in the future'],
    ['like', { postId: 'p', onLimit: 'later' }, 'onLimit', 'must be one of queue, reject'],
  ])('%s %j is 400 naming %s, and nothing is queued', async (path, body, field, message) => {
    const world = await engagementWorld(await openTestStore())
    const answer = await world.post(`/actions/${path}`, body)
    expect([answer.status, answer.body['code']]).toEqual([400, 'VALIDATION_ERROR'])
    const [fault] = detailsOf(answer)['fields'] as { path: string; message: string }[]
    expect(fault?.path).toBe(field)
    expect(fault?.message).toContain(message)
    expect(await world.store.read.selectFrom('actions').selectAll().execute()).toEqual([])
  })
})

describeOnEveryStore('the hour of likes', (openTestStore) => {
  const like = { postId: 'post_1' }

  it('refuses the 51st with a Retry-After after which it succeeds and two seconds before which it does not', async () => {
    const world = await engagementWorld(await openTestStore(), { maxDailyActions: 10_000 })
    for (let no = 1; no <= 50; no += 1) {
      expect((await world.act('/actions/like', like)).status).toBe(200)
      await world.advance(10_000)
    }
    const refused = await world.act('/actions/like', like)
    expect(refused.status).toBe(429)
    const retryAfterMs = Number(refused.headers['retry-after']) * 1_000
    await world.advance(retryAfterMs - 2_000)
    expect((await world.act('/actions/like', like)).status).toBe(429)
    await world.advance(2_000)
    expect((await world.act('/actions/like', like)).status).toBe(200)
    expect(mostWithin(world.society.effects, 3_600_000)).toBe(50)
  })

  it('counts a like by the route that asked for it, whatever the id names', async () => {
    const world = await engagementWorld(await openTestStore())
    await world.act('/actions/like', { postId: 'reel_1' })
    await world.act('/actions/reel-like', { reelId: 'post_1' })
    expect(world.society.effects.map(({ kind, target }) => [kind, target])).toEqual([
      ['like', 'reel_1'],
      ['like', 'post_1'],
    ])
    const rows = await world.store.read.selectFrom('usage').select(['kind', 'no']).orderBy('kind').execute()
    expect(rows.map(({ kind, no }) => `${kind} ${no}`)).toEqual(['* 1', '* 2', 'like 1', 'reel_like 1'])
  })

  it('holds with 20 clients at once', async () => {
    const world = await engagementWorld(await openTestStore(), { maxDailyActions: 10_000 })
    const client = async () => {
      const statuses: number[] = []
      for (let no = 0; no < 4; no += 1) {
        statuses.push((await world.post('/actions/like', like, { prefer: 'respond-async' })).status)
      }
      return statuses
    }
    const statuses = (await Promise.all(Array.from({ length: 20 }, client))).flat()
    expect(statuses.filter((status) => status === 202)).toHaveLength(50)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
    await world.run()
    expect(world.society.effects).toHaveLength(50)
  })
})

/** The most effects within any window of that length. */
function mostWithin(effects: readonly { at: number }[], durationMs: number): number {
  return Math.max(
    ...effects.map(({ at: end }) => effects.filter(({ at }) => at > end - durationMs && at <= end).length),
  )
}
