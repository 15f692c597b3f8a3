import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Db } from '../store/store.ts'
import { Monitor, type Violation } from './monitor.ts'
import { registerMonitorMetrics } from './monitor-metrics.ts'

const MINUTE_MS = 60_000

function watched(world: OutboxWorld) {
  const violations: Violation[] = []
  const monitor = new Monitor({
    store: world.store,
    clock: world.clock,
    limits: world.deps.limits,
    sessions: world.deps.sessions,
    onViolation: (violation) => violations.push(violation),
    onError: (error) => {
      throw error
    },
  })
  return { monitor, violations }
}

/** Two messages that arrived, and one that waits. */
async function someWork(world: OutboxWorld): Promise<string> {
  const { actionId } = await world.send({ content: 'one' })
  await world.send({ content: 'two' })
  await world.run()
  await world.send({ content: 'later', sendAt: new Date(world.clock.now() + 24 * 60 * MINUTE_MS).toISOString() })
  return actionId
}

const breaks: [title: string, invariant: string, damage: (tx: Db, actionId: string) => Promise<unknown>][] = [
  [
    'an end that its timeline does not know',
    'one_end',
    (tx, id) => tx.updateTable('actions').set({ status: 'failed' }).where('id', '=', id).execute(),
  ],
  ['a timeline with a hole', 'one_end', (tx, id) => tx.deleteFrom('timeline').where('action_id', '=', id).execute()],
  [
    'an end that still is at a step',
    'one_end',
    (tx, id) => tx.updateTable('actions').set({ step: 'readback' }).where('id', '=', id).execute(),
  ],
  [
    'an action that was given back to the queue after its end',
    'one_end',
    (tx, id) => tx.updateTable('actions').set({ status: 'queued' }).where('id', '=', id).execute(),
  ],
  [
    'two attempts of one account at once',
    'one_turn',
    (tx) => tx.updateTable('actions').set({ status: 'running', step: 'attempt', settled_at: null }).execute(),
  ],
]

describeOnEveryStore('the monitor of invariants', (openTestStore) => {
  test('finds nothing where all is well, and says when it looked', async () => {
    const world = await outboxWorld(await openTestStore())
    const { monitor, violations } = watched(world)
    expect(monitor.state.checkedAt).toBeNull()
    await someWork(world)
    for (let round = 0; round < 3; round += 1) {
      world.clock.tick(MINUTE_MS)
      await monitor.tick()
    }
    expect(violations).toEqual([])
    expect(monitor.state.checkedAt).toBe(world.clock.now())
  })

  test.each(breaks)('finds %s, once', async (_, invariant, damage) => {
    const world = await outboxWorld(await openTestStore())
    const { monitor, violations } = watched(world)
    const actionId = await someWork(world)
    await world.store.write((tx) => damage(tx, actionId))
    world.clock.tick(MINUTE_MS)
    await monitor.tick()
    const found = violations.length
    await monitor.tick()
    expect(violations).toHaveLength(found)
    expect(new Set(violations.map((violation) => violation.invariant))).toEqual(new Set([invariant]))
    expect(violations[0]?.accountId).toBe(world.session.accountId)
    expect(JSON.stringify(violations)).not.toContain('one"')
  })

  test('finds an attempt that its window had no room for, by the limits it was decided by', async () => {
    const limits = { standard: { message: { hour: 2, day: null } }, classic: {}, bulkShare: 1 }
    const world = await outboxWorld(await openTestStore(), { limits })
    const { monitor, violations } = watched(world)
    await someWork(world)
    world.clock.tick(MINUTE_MS)
    await monitor.tick()
    const { accountId } = world.session
    const at = world.clock.now() + 1
    await world.store.write((tx) =>
      tx.insertInto('usage').values({ subject: accountId, kind: 'message', no: 3, at, ref: null }).execute(),
    )
    // Only accounts where something happens are looked at.
    await world.send({ content: 'three', expiresAt: new Date(world.clock.now() + 1_000).toISOString() })
    world.clock.tick(2_000)
    await world.run()
    world.clock.tick(MINUTE_MS)
    await monitor.tick()
    expect(violations).toMatchObject([{ invariant: 'windows', accountId }])
  })

  test('finds bulks whose counts do not add up', async () => {
    const world = await outboxWorld(await openTestStore())
    const { monitor, violations } = watched(world)
    const counts = {
      queued: 1,
      running: 0,
      succeeded: 1,
      failed: 0,
      unconfirmed: 0,
      canceled: 0,
      expired: 0,
      skipped: 0,
    }
    const bulk = (id: string, total: number) => ({
      ...{ id, user_id: 'user_123', session_id: world.session.id, account_id: world.session.accountId },
      ...{ kind: 'message', class: 2, status: 'paused', payload: '{}', gap_ms: 0, next_at: 0, total, duplicates: 0 },
      ...{ ...counts, accept_by_wall: null, accepted_by: 'user_123', created_at: 0, settled_at: null },
    })
    await world.store.write((tx) =>
      tx
        .insertInto('batches')
        .values([bulk('bulk_1', 2), bulk('bulk_2', 3)])
        .execute(),
    )
    await monitor.tick()
    expect(violations).toMatchObject([{ invariant: 'bulk_counts', what: 'the counts of bulk_2 are not 3' }])
  })

  test('looks every minute of product time, and shows what it knows as metrics', async () => {
    const world = await outboxWorld(await openTestStore())
    const { monitor } = watched(world)
    const registry = new Registry()
    registerMonitorMetrics(registry, { monitor, clock: world.clock })
    expect(await registry.metrics()).toContain('gateway_invariant_check_age_seconds -1')
    monitor.start()
    await world.clock.advance(MINUTE_MS)
    expect(monitor.state.checkedAt).toBe(world.clock.now())
    world.clock.tick(5_000)
    const metrics = await registry.metrics()
    expect(metrics).toContain('gateway_invariant_violations_total{invariant="windows"} 0')
    expect(metrics).toContain('gateway_invariant_check_age_seconds 5')
    await monitor.stop()
  })
})
