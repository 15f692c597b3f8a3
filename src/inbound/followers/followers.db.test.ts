import { expect, it } from 'vitest'
import { type InboundWorld, inboundWorld } from '../../../test/support/inbound-world.ts'
import { describeOnEveryStore } from '../../../test/support/stores.ts'

const OWNER = 'north.lamp'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const UNREADABLE = { type: 'unreadable', timedOut: false, reason: 'HTTP 500' } as const

const eventsOf = async (world: InboundWorld) =>
  (await world.received()).map(({ type, data }) => `${type} ${(data['from'] as { username: string }).username}`)
const count = (world: InboundWorld, operation: string) =>
  world.reads.filter((read) => read.operation === operation).length

describeOnEveryStore('followers', (openTestStore) => {
  it('who were there at first are no news, and the list is read again only when their number changes', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 60 })
    await world.settle()
    expect(count(world, 'readFollowers')).toBe(3)
    await world.advance(5 * HOUR)
    expect(count(world, 'readFollowers')).toBe(3)
    expect(await world.received()).toEqual([])
    expect(world.errors).toEqual([])
  })

  it('who leave are told once two complete walks and Instagram agree', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 60 })
    await world.settle()
    const left = await world.act({ as: 'crowd', do: 'unfollow', to: OWNER, times: 5 })
    await world.advance(HOUR)
    expect((await eventsOf(world)).sort()).toEqual(left.map(({ from }) => `unfollow.received ${from}`).sort())
    expect(count(world, 'readFriendship')).toBe(5)
  })

  it('can follow, leave and follow again, each time a fact of its own', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    for (const doing of ['follow', 'unfollow', 'follow', 'unfollow'] as const) {
      await world.act({ as: 'user1', do: doing, to: OWNER })
      await world.advance(HOUR)
    }
    expect(await eventsOf(world)).toEqual([
      'follow.received user1',
      'unfollow.received user1',
      'follow.received user1',
      'unfollow.received user1',
    ])
  })

  it('who come back between two walks were heard to follow twice', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    // The list alone, read in between, knows nothing of the first time.
    world.answers.readUser = Array.from({ length: 4 }, () => UNREADABLE)
    for (const doing of ['follow', 'unfollow', 'follow'] as const) {
      await world.act({ as: 'user1', do: doing, to: OWNER })
      await world.advance(1)
    }
    await world.advance(HOUR)
    const events = await eventsOf(world)
    expect(events.filter((event) => event === 'follow.received user1')).toHaveLength(2)
    expect(events).not.toContain('unfollow.received user1')
  })

  it('whom a list passes over when it shifts have not left', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 80 })
    await world.settle()
    const [first] = await world.act({ as: 'crowd', do: 'unfollow', to: OWNER })
    const before = count(world, 'readFollowers')
    while (count(world, 'readFollowers') === before) await world.advance(1_000)
    // Two from the first page leave: the next page begins two further.
    const rest = [...world.sandbox.world.followersOf('1001').keys()].slice(-2)
    for (const pk of rest)
      await world.act({ as: world.sandbox.world.userOrThrow(pk).username, do: 'unfollow', to: OWNER })
    await world.advance(2 * HOUR)
    const left = [first?.from, ...rest.map((pk) => world.sandbox.world.userOrThrow(pk).username)]
    expect((await eventsOf(world)).sort()).toEqual(left.map((name) => `unfollow.received ${name}`).sort())
  })

  it('whom Instagram no longer knows have not chosen to leave', async () => {
    const world = await inboundWorld(await openTestStore())
    await world.settle()
    world.answers.readFriendship = [{ type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'gone' }]
    await world.act({ as: 'crowd', do: 'unfollow', to: OWNER, times: 2 })
    await world.advance(HOUR)
    expect(await world.received('unfollow.received')).toHaveLength(1)
  })

  it('are not compared with a walk that Instagram cut short, which is said', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 60 })
    await world.settle()
    await world.act({ as: 'crowd', do: 'unfollow', to: OWNER, times: 2 })
    world.answers.readFollowers = [{ type: 'ok', value: { users: [], nextCursor: null, isCut: true } as never }]
    const suspects = async () => (await world.events()).filter(({ type }) => type === 'session.suspect')
    while ((await suspects()).length === 0) await world.advance(MINUTE)
    expect((await suspects()).map(({ data }) => data['source'])).toEqual(['followers'])
    expect(await world.received()).toEqual([])
    await world.advance(DAY)
    expect(await world.received('unfollow.received')).toHaveLength(2)
  })

  it('go on where a pause stopped the walk, and from the start after a long one', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 60 })
    await world.settle()
    const before = count(world, 'readFollowers')
    await world.act({ as: 'crowd', do: 'unfollow', to: OWNER })
    world.answers.readFollowers = [undefined as never, { type: 'throttled', retryAfterMs: null, reason: 'Wait.' }]
    await world.advance(HOUR)
    expect(await eventsOf(world)).toEqual(['unfollow.received crowd_0001'])
    // One page was asked for twice.
    expect(count(world, 'readFollowers') - before).toBe(4)
    await world.act({ as: 'crowd', do: 'unfollow', to: OWNER })
    world.answers.readFollowers = [undefined as never, { type: 'throttled', retryAfterMs: 8 * HOUR, reason: 'Wait.' }]
    await world.advance(10 * HOUR)
    expect((await eventsOf(world)).at(-1)).toBe('unfollow.received crowd_0002')
    expect(count(world, 'readFollowers') - before).toBe(4 + 2 + 3)
  })

  it('who come without a line in the feed are found at the head of the list', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 60 })
    await world.settle()
    world.sandbox.world.follows.put({
      fromPk: world.sandbox.world.userNamed('user2')?.pk ?? '',
      toPk: '1001',
      at: world.clock.now(),
      state: 'following',
    })
    const before = count(world, 'readFollowers')
    await world.advance(HOUR)
    expect(await eventsOf(world)).toEqual(['follow.received user2'])
    expect(count(world, 'readFollowers') - before).toBe(1)
  })

  it('leave at least half of the hour to what is new', async () => {
    const world = await inboundWorld(await openTestStore(), { followers: 150, perHourMax: 30 })
    await world.advance(HOUR - 1)
    expect(count(world, 'readFollowers')).toBeLessThanOrEqual(15)
    expect(world.reads.length).toBeLessThanOrEqual(30)
    await world.advance(8 * HOUR)
    await world.act({ as: 'crowd', do: 'unfollow', to: OWNER, times: 3 })
    await world.advance(12 * HOUR)
    expect(await world.received('unfollow.received')).toHaveLength(3)
  })
})
