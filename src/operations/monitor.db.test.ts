import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Db } from '../store/store.ts'
import { ErrorCounts } from './errors/count-errors.ts'
import { Monitor, type Violation } from './monitor.ts'
import { registerMonitorMetrics } from './monitor-metrics.ts'
import { createUsageMetric, registerServiceMetrics } from './service-metrics.ts'

const MINUTE_MS = 60_000

function watched(world: OutboxWorld, registry = new Registry()) {
  const violations: Violation[] = []
  const monitor = new Monitor({
    store: world.store,
    clock: world.clock,
    limits: world.deps.limits,
    sessions: world.deps.sessions,
    kinds: world.deps.kinds,
    onViolation: (violation) => violations.push(violation),
    onUsage: createUsageMetric(registry),
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
    'a message that was begun to somebody who was suppressed',
    'suppressed',
    (tx) =>
      tx
        .insertInto('suppressions')
        .values({
          ...{ id: 'sup_1', user_id: 'user_123', scope: '*', session_id: null, platform_id: 'p_target_user' },
          ...{ username: 'target_user', reason: 'stop', event_id: null, created_by: 'user_123', created_at: 0 },
          ...{ lifted_by: null, lifted_at: null },
        })
        .execute(),
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

  test('shows how full limits are, sessions by status and refusals by code, and names nobody', async () => {
    const world = await outboxWorld(await openTestStore())
    const { store, clock } = world
    const registry = new Registry()
    const { monitor } = watched(world, registry)
    const errors = new ErrorCounts({ store, clock, onError: () => {} })
    registerServiceMetrics(registry, { store, clock, errors })
    errors.note('SESSION_NOT_FOUND', 'like')
    await someWork(world)
    clock.tick(MINUTE_MS)
    await monitor.tick()
    const metrics = await registry.metrics()
    // Two of fifty in the hour, two of two hundred in the day.
    expect(metrics).toContain('gateway_limit_usage_ratio_bucket{le="0.1",kind="message",window="hour"} 1')
    expect(metrics).toContain('gateway_limit_usage_ratio_sum{kind="message",window="hour"} 0.04')
    expect(metrics).toContain('gateway_limit_usage_ratio_sum{kind="message",window="day"} 0.01')
    expect(metrics).toContain('gateway_sessions{status="active"} 1')
    expect(metrics).toContain('gateway_errors_total{code="SESSION_NOT_FOUND"} 1')
    expect(metrics).not.toContain(world.session.username)
    expect(metrics).not.toContain(world.session.accountId)
    await store.write((tx) => tx.updateTable('sessions').set({ expires_at: clock.now() }).execute())
    clock.tick(MINUTE_MS)
    expect(await registry.metrics()).toContain('gateway_sessions{status="expired"} 1')
  })
})
