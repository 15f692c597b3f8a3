import { expect, it } from 'vitest'
import { outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'

describeOnEveryStore('an action', (openTestStore) => {
  it('is looked up, attempted once and succeeds', async () => {
    const world = await outboxWorld(await openTestStore())
    const { actionId, data } = await world.send()
    expect(data).toMatchObject({
      status: 'queued',
      conversationId: 'conv_north.lamp_target_user',
      senderId: 'user_123',
      recipientId: 'user_target_user',
      scheduledFor: new Date(world.clock.now()).toISOString(),
    })
    await world.run()

    expect(world.errors).toEqual([])
    expect(await world.action(actionId)).toMatchObject({ status: 'succeeded', attempts: 1, externalId: 'item_1' })
    expect(await world.timeline(actionId)).toMatchObject([
      { from: 'queued', to: 'running', cause: 'attempt' },
      { from: 'running', to: 'succeeded', cause: 'confirmed' },
    ])
    expect(await world.message(actionId)).toMatchObject({
      status: 'succeeded',
      externalId: 'item_1',
      recipientId: 'p_target_user',
    })
    expect(world.instagram.effects).toHaveLength(1)
    expect(world.instagram.calls.map((call) => call.operation)).toEqual(['lookUpUser', 'sendText'])
    expect((await world.events()).map((event) => [event.sequence, event.type])).toEqual([
      [1, 'session.created'],
      [2, 'message.sent'],
    ])
  })
})
