import { expect, it } from 'vitest'
import { outboxWorld, setPace } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { GatewayError } from '../core/errors.ts'
import { cancelAction, cancelQueue } from './index.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

const refusal = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof GatewayError) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

describeOnEveryStore('accepting', (openTestStore) => {
  it('writes the action and lowers the lane, without event or timeline', async () => {
    const world = await outboxWorld(await openTestStore())
    await world.run()
    const { actionId } = await world.send()
    expect(await world.timeline(actionId)).toEqual([])
    expect(await world.events()).toHaveLength(1)
    const lane = await world.store.read.selectFrom('lanes').selectAll().executeTakeFirstOrThrow()
    expect(lane).toMatchObject({ due_at: world.clock.now(), next_ord: 2 })
  })

  it('paces attempts by the gap, and forecasts them so', async () => {
    const world = await outboxWorld(await openTestStore(), { actionDelayMs: 30 * SECOND })
    const start = world.clock.now()
    const forecasts: unknown[] = []
    for (let count = 0; count < 3; count += 1) forecasts.push((await world.send()).data['scheduledFor'])
    expect(forecasts).toEqual([0, 30, 60].map((seconds) => new Date(start + seconds * SECOND).toISOString()))
    await world.advance(HOUR)
    expect(world.instagram.effects.map((effect) => effect.at - start)).toEqual([0, 30 * SECOND, MINUTE])
  })

  it('never lets an hour or a day hold more attempts than its limit', async () => {
    const world = await outboxWorld(await openTestStore(), { maxDailyActions: 10_000 })
    for (let count = 0; count < 210; count += 1) await world.send()
    const start = world.clock.now()
    await world.advance(2 * DAY)
    const at = world.instagram.effects.map((effect) => effect.at - start)
    expect(at).toHaveLength(210)
    expect(at[49]).toBe(0)
    expect(at[50]).toBe(HOUR)
    expect(at[199]).toBe(3 * HOUR)
    expect(at[200]).toBe(DAY)
  }, 60_000)

  it('says exactly when each goes: through the windows, by the gap, and around those with an instant of their own', async () => {
    const world = await outboxWorld(await openTestStore(), { actionDelayMs: 30 * SECOND, maxDailyActions: 10_000 })
    const start = world.clock.now()
    await world.send()
    await world.run()
    const said = new Map<string, unknown>()
    const send = async (content: string, after?: number) => {
      const sendAt = after === undefined ? {} : { sendAt: new Date(start + after).toISOString() }
      const { data } = await world.send({ content, onLimit: 'queue', ...sendAt })
      said.set(content, data['scheduledFor'])
    }
    await send('at noon', 2 * HOUR)
    for (let count = 0; count < 70; count += 1) await send(`message ${count}`)
    await world.advance(3 * HOUR)
    const went = new Map(world.instagram.effects.slice(1).map(({ text, at }) => [text, new Date(at).toISOString()]))
    expect(went.size).toBe(71)
    expect([...went].sort()).toEqual([...said].sort())
    expect(said.get('message 49')).toBe(new Date(start + HOUR).toISOString())
  }, 60_000)

  it('keeps to a day over all kinds, and follows a raised cap at the next turn', async () => {
    const world = await outboxWorld(await openTestStore(), { maxDailyActions: 2 })
    for (let count = 0; count < 3; count += 1) await world.send()
    await world.advance(HOUR)
    expect(world.instagram.effects).toHaveLength(2)
    await setPace(world, { maxDailyActions: 3 })
    await world.store.write((tx) =>
      tx
        .updateTable('lanes')
        .set({ due_at: world.clock.now() })
        .execute()
        .then(() => undefined),
    )
    await world.run()
    expect(world.instagram.effects).toHaveLength(3)
  })

  it('refuses at the limit, with the exact time after which it would not', async () => {
    const world = await outboxWorld(await openTestStore(), { maxDailyActions: 10_000 })
    for (let count = 0; count < 50; count += 1) await world.send({ onLimit: 'reject' })
    // Queued ones count: none has gone out yet.
    const queued = await refusal(world.send({ onLimit: 'reject' }))
    expect(queued).toMatchObject({ code: 'ACTION_LIMIT_EXCEEDED', retryAfterSeconds: 3_600 })
    await world.run()
    world.clock.tick(10 * MINUTE)
    const refused = await refusal(world.send({ onLimit: 'reject' }))
    expect(refused).toMatchObject({
      code: 'ACTION_LIMIT_EXCEEDED',
      retryAfterSeconds: 3_000,
      details: { kind: 'message', window: 'hour', limit: 50, used: 50 },
    })
    world.clock.tick(3_000 * SECOND - 2 * SECOND)
    await refusal(world.send({ onLimit: 'reject' }))
    world.clock.tick(2 * SECOND)
    const { actionId } = await world.send({ onLimit: 'reject' })
    await world.run()
    expect((await world.action(actionId)).status).toBe('succeeded')
  })

  it('refuses during a pause those who would rather not wait', async () => {
    const world = await outboxWorld(await openTestStore())
    world.instagram.sends = [{ type: 'throttled', retryAfterMs: null, reason: 'wait' }]
    await world.send()
    await world.run()
    const refused = await refusal(world.send({ onLimit: 'reject' }))
    expect(refused).toMatchObject({ code: 'ACTION_LIMIT_EXCEEDED', retryAfterSeconds: 900 })
  })

  it('honours sendAt, and lets others go ahead meanwhile', async () => {
    const world = await outboxWorld(await openTestStore())
    const sendAt = new Date(world.clock.now() + HOUR).toISOString()
    const later = await world.send({ sendAt })
    expect(later.data['scheduledFor']).toBe(sendAt)
    const now = await world.send({ recipientUsername: 'user1' })
    await world.advance(HOUR - 1)
    expect((await world.action(now.actionId)).status).toBe('succeeded')
    expect((await world.action(later.actionId)).status).toBe('queued')
    await world.advance(1)
    expect((await world.action(later.actionId)).status).toBe('succeeded')
  })

  it('expires what did not get its turn, at its instant', async () => {
    const world = await outboxWorld(await openTestStore(), { actionDelayMs: HOUR })
    await world.send()
    const { actionId } = await world.send({ expiresAt: new Date(world.clock.now() + 10 * MINUTE).toISOString() })
    await world.advance(10 * MINUTE - 1)
    expect((await world.action(actionId)).status).toBe('queued')
    await world.advance(1)
    expect(await world.action(actionId)).toMatchObject({ status: 'expired', code: 'ACTION_EXPIRED' })
    expect((await world.message(actionId)).status).toBe('expired')
    expect((await world.events()).map((event) => event.type)).toEqual([
      'session.created',
      'message.sent',
      'message.canceled',
    ])
  })

  it('cancels before the turn and refuses to afterwards', async () => {
    const world = await outboxWorld(await openTestStore(), { actionDelayMs: HOUR })
    const sent = await world.send()
    const waiting = await world.send()
    await world.run()
    const cancel = (actionId: string, userId = 'user_123') =>
      world.store.write((tx) => cancelAction(tx, world.deps, { actionId, userId }))
    expect(await cancel(waiting.actionId)).toMatchObject({ status: 'canceled' })
    expect(await cancel(waiting.actionId)).toMatchObject({ status: 'canceled' })
    expect(await refusal(cancel(sent.actionId))).toMatchObject({ code: 'NOT_CANCELABLE' })
    expect(await refusal(cancel(waiting.actionId, 'user_456'))).toMatchObject({ code: 'ACTION_NOT_FOUND' })
    await world.advance(DAY)
    expect(world.instagram.effects).toHaveLength(1)
  })

  it('ends the whole queue with its session, in the transaction and by the lane', async () => {
    const world = await outboxWorld(await openTestStore(), { actionDelayMs: HOUR })
    const uncertain = await world.send()
    world.instagram.sends = ['lost_after']
    await world.run()
    const ids: string[] = []
    for (let count = 0; count < 230; count += 1) ids.push((await world.send()).actionId)
    await world.store.write(async (tx) => {
      const { id: sessionId, accountId } = world.session
      await tx.updateTable('sessions').set({ status: 'logged_out', ended_at: world.clock.now() }).execute()
      await cancelQueue(tx, world.deps, { sessionId, accountId, reason: 'session_ended' })
    })
    expect((await world.action(uncertain.actionId)).status).toBe('unconfirmed')
    await world.run()
    const statuses = new Set<string>()
    for (const id of ids) statuses.add((await world.action(id)).status)
    expect([...statuses]).toEqual(['canceled'])
    expect((await world.timeline(ids[0] as string))[0]).toMatchObject({ to: 'canceled', cause: 'session_ended' })
    await world.advance(DAY)
    expect(world.instagram.effects).toHaveLength(1)
    expect(world.errors).toEqual([])
  }, 30_000)
})
