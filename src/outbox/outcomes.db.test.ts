import { expect, it } from 'vitest'
import type { Outcome } from '../../src/connectors/connector.ts'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

const THROTTLED: Outcome = { type: 'throttled', retryAfterMs: null, reason: 'Please wait a few minutes.' }
const BLOCKED: Outcome = { type: 'blocked', until: null, reason: 'We restrict certain activity.' }
const LOGIN_REQUIRED: Outcome = { type: 'login_required', reason: 'login_required' }
const CHALLENGE: Outcome = {
  type: 'challenge',
  kind: 'challenge',
  url: 'https://x.test/c',
  reason: 'challenge_required',
}
const NOT_SENT: Outcome = { type: 'not_sent', cause: 'connect', reason: 'Connection refused.' }
const REFUSED: Outcome = { type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'Cannot be messaged.' }
const UNREADABLE = { type: 'unreadable', timedOut: false, reason: 'HTTP 500' } as const

const causes = async (world: OutboxWorld, id: string) => (await world.timeline(id)).map((entry) => entry.cause)
const usage = (world: OutboxWorld) =>
  world.store.read.selectFrom('usage').selectAll().where('kind', '=', 'message').execute()
const sendsAt = (world: OutboxWorld) =>
  world.instagram.calls.filter((call) => call.operation === 'sendText').map((call) => call.at)
const eventTypes = async (world: OutboxWorld) => (await world.events()).map((event) => event.type).slice(1)

describeOnEveryStore('an uncertain attempt', (openTestStore) => {
  it('is found in the thread when it arrived: one effect, succeeded, no second write', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_after']
    const { actionId } = await world.send()
    await world.run()
    expect(await world.action(actionId)).toMatchObject({ status: 'running', step: 'readback' })
    await world.advance(MINUTE)
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', attempts: 1, externalId: 'item_1' })
    expect(await causes(world, actionId)).toEqual(['attempt', 'uncertain', 'found'])
    expect(world.instagram.effects).toHaveLength(1)
    expect(await eventTypes(world)).toEqual(['message.sent'])
    expect(world.errors).toEqual([])
  })

  it('is read back only after the lost call can no longer arrive', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_before']
    const { actionId } = await world.send()
    const start = world.clock.now()
    await world.advance(MINUTE)
    const read = world.instagram.calls.find((call) => call.operation === 'readThread')
    expect(read?.at).toBe(start + 15 * SECOND)
    expect((await world.action(actionId)).status).toBe('succeeded')
  })

  it('is sent again with the same token when it did not arrive, as an attempt with its own number', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_before']
    const { actionId } = await world.send()
    await world.advance(MINUTE)
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', attempts: 2, resends: 1 })
    expect(await causes(world, actionId)).toEqual(['attempt', 'uncertain', 'absent', 'resend', 'confirmed'])
    expect(world.instagram.effects.map((effect) => effect.token)).toEqual([(await world.action(actionId)).clientToken])
    expect((await usage(world)).map((row) => row.no)).toEqual([1, 2])
  })

  it('is given up as unconfirmed after three re-sends', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_before', 'lost_before', 'lost_before', 'lost_before']
    const { actionId } = await world.send()
    await world.advance(10 * MINUTE)
    expect(await world.action(actionId)).toMatchObject({ status: 'unconfirmed', attempts: 4, resends: 3 })
    expect(await eventTypes(world)).toEqual(['message.unconfirmed'])
  })

  it('waits for a thread that cannot be read, and is unconfirmed after five unreadable answers', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_after']
    world.instagram.reads = [UNREADABLE, UNREADABLE, UNREADABLE, UNREADABLE, UNREADABLE]
    const { actionId } = await world.send()
    await world.advance(5 * MINUTE)
    expect((await world.action(actionId)).status).toBe('running')
    await world.advance(5 * MINUTE)
    expect((await world.action(actionId)).status).toBe('unconfirmed')
  })

  it('stays uncertain while reading it back meets push-back', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = ['lost_after']
    world.instagram.reads = [THROTTLED]
    const { actionId } = await world.send()
    await world.advance(14 * MINUTE)
    expect(await world.action(actionId)).toMatchObject({ status: 'running', step: 'readback' })
    await world.advance(2 * MINUTE)
    expect((await world.action(actionId)).status).toBe('succeeded')
  })
})

describeOnEveryStore('push-back', (openTestStore) => {
  it('"please wait" stops the account for 15 min, 1 h, 4 h and 24 h on repeats', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [THROTTLED, THROTTLED, THROTTLED, THROTTLED, THROTTLED]
    const { actionId } = await world.send()
    const start = world.clock.now()
    await world.run()
    expect(await world.action(actionId)).toMatchObject({
      status: 'queued',
      waitingFor: { what: 'pause', until: start + 15 * MINUTE, rule: 'throttled' },
    })
    await world.advance(4 * DAY)
    const at = sendsAt(world)
    expect(at.slice(1).map((instant, index) => instant - (at[index] as number))).toEqual([
      15 * MINUTE,
      HOUR,
      4 * HOUR,
      24 * HOUR,
      24 * HOUR,
    ])
    // What was answered so was an attempt: its number stays used, but it is no re-send.
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', attempts: 6, resends: 0 })
  })

  it('waits as long as Instagram says when that is longer', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [{ type: 'throttled', retryAfterMs: 2 * HOUR, reason: 'wait' }]
    await world.send()
    await world.advance(DAY)
    const [first, second] = sendsAt(world) as [number, number]
    expect(second - first).toBe(2 * HOUR)
  })

  it('a block stops its kind for 24 h', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [BLOCKED, BLOCKED]
    await world.send()
    await world.advance(4 * DAY)
    const at = sendsAt(world)
    expect(at.slice(1).map((instant, index) => instant - (at[index] as number))).toEqual([DAY, 2 * DAY])
    const pauses = await world.store.read.selectFrom('pauses').select(['kind', 'level']).orderBy('kind').execute()
    expect(pauses).toEqual([
      { kind: '*', level: -1 },
      { kind: 'message', level: 1 },
    ])
    expect(await eventTypes(world)).toEqual(['limit.paused', 'limit.paused', 'message.sent'])
  })

  it('fails an action that would rather be refused than wait', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [THROTTLED]
    const { actionId } = await world.send({ onLimit: 'reject' })
    await world.run()
    expect(await world.action(actionId)).toMatchObject({
      status: 'failed',
      code: 'ACTION_LIMIT_EXCEEDED',
      reason: 'Please wait a few minutes.',
    })
  })

  it('a challenge stops the lane and keeps the queue', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [CHALLENGE]
    const { actionId } = await world.send()
    await world.advance(3 * HOUR)
    expect(await world.reloadSession()).toMatchObject({
      status: 'challenge_required',
      challengeUrl: 'https://x.test/c',
    })
    expect(await world.action(actionId)).toMatchObject({
      status: 'queued',
      waitingFor: { what: 'session', rule: 'challenge_required' },
    })
    expect(sendsAt(world)).toHaveLength(1)
  })

  it('"login required" is believed only after a check says the same', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [LOGIN_REQUIRED]
    const { actionId } = await world.send()
    await world.run()
    expect(world.instagram.calls.map((call) => call.operation)).toEqual([
      'lookUpUser',
      'sendText',
      'checkSession',
      'sendText',
    ])
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect((await world.reloadSession()).status).toBe('active')
  })

  it('a session that is really gone stops the lane, and the queue goes on after the next login', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [LOGIN_REQUIRED]
    world.instagram.checks = [{ type: 'login_required', reason: 'login_required' }]
    const { actionId } = await world.send()
    await world.advance(HOUR)
    expect((await world.reloadSession()).status).toBe('login_required')
    expect(await world.action(actionId)).toMatchObject({ status: 'queued', attempts: 1 })
    await expect(world.send()).rejects.toMatchObject({ code: 'SESSION_NOT_ACTIVE' })
    const explicit = await world.send({ onLimit: 'queue' })
    expect(explicit.data['scheduledFor']).toBeNull()
  })
})

describeOnEveryStore('a request that never left', (openTestStore) => {
  it('gives its number back, and backs off 30 s, 1, 2 and 4 min', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [NOT_SENT, NOT_SENT, NOT_SENT, NOT_SENT]
    const { actionId } = await world.send()
    await world.run()
    expect(await usage(world)).toEqual([])
    await world.advance(10 * MINUTE)
    const at = sendsAt(world)
    expect(at.slice(1).map((instant, index) => (instant - (at[index] as number)) / SECOND)).toEqual([30, 60, 120, 240])
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', attempts: 1 })
    expect((await usage(world)).map((row) => row.no)).toEqual([1])
  })

  it('cuts the account off after five, checks every 10 min, and goes on by itself', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [NOT_SENT, NOT_SENT, NOT_SENT, NOT_SENT, NOT_SENT]
    world.instagram.checks = [NOT_SENT as never]
    const { actionId } = await world.send()
    const rejecting = await world.send({ onLimit: 'reject' })
    await world.advance(8 * MINUTE)
    expect((await world.reloadSession()).status).toBe('unreachable')
    expect(await world.action(rejecting.actionId)).toMatchObject({ status: 'failed', code: 'INSTAGRAM_ERROR' })
    expect((await world.action(actionId)).status).toBe('queued')

    await world.advance(HOUR)
    expect(world.instagram.calls.filter((call) => call.operation === 'checkSession')).toHaveLength(2)
    expect((await world.reloadSession()).status).toBe('active')
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect(world.instagram.effects).toHaveLength(1)
  })
})

describeOnEveryStore('a target', (openTestStore) => {
  it('that nobody is called fails in resolve without using a number', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.unknown.add('target_user')
    const { actionId } = await world.send()
    await world.run()
    expect(await world.action(actionId)).toMatchObject({ status: 'failed', code: 'UNKNOWN_RECIPIENT', attempts: 0 })
    expect(await usage(world)).toEqual([])
    expect(await eventTypes(world)).toEqual(['message.failed'])
  })

  it('that refuses fails with its reason', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [REFUSED]
    const { actionId } = await world.send()
    await world.run()
    expect(await world.action(actionId)).toMatchObject({
      status: 'failed',
      code: 'REFUSED_BY_INSTAGRAM',
      reason: 'Cannot be messaged.',
    })
  })

  it('that is poisonous backs off while others go ahead, and fails after five', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.lookUps = [UNREADABLE]
    const poisonous = await world.send()
    const other = await world.send({ recipientUsername: 'user1' })
    await world.run()
    expect(await world.action(poisonous.actionId)).toMatchObject({
      status: 'queued',
      failures: 1,
      waitingFor: { what: 'instagram', until: world.clock.now() + 30 * SECOND },
    })
    expect((await world.action(other.actionId)).status).toBe('succeeded')
    world.instagram.lookUps = [UNREADABLE, UNREADABLE, UNREADABLE, { ...UNREADABLE, timedOut: true }]
    await world.advance(8 * MINUTE)
    expect(await world.action(poisonous.actionId)).toMatchObject({ status: 'failed', code: 'INSTAGRAM_TIMEOUT' })
  })

  it('found within the last day is not looked up again', async () => {
    const world = await outboxWorld(await openTestStore())
    await world.send()
    await world.run()
    await world.send()
    await world.advance(DAY + HOUR)
    await world.send()
    await world.run()
    expect(world.instagram.calls.map((call) => call.operation)).toEqual([
      'lookUpUser',
      'sendText',
      'sendText',
      'lookUpUser',
      'sendText',
    ])
  })
})
