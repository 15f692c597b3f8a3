import { expect, it } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Outcome } from '../connectors/connector.ts'
import { createLaneWorker, type LaneWorker, LEASE_MS } from '../lanes/index.ts'
import type { Store } from '../store/store.ts'
import { performTurn } from './index.ts'

const MINUTE = 60_000
const NEVER = new Promise<never>(() => {})

/** A process that ends at its `at`-th transaction, before or after that one commits: nothing of it happens any more. */
function dyingWorker(world: OutboxWorld, death: { at: number; when: 'before' | 'after' }) {
  let writes = 0
  const died = Promise.withResolvers<void>()
  const store: Store = {
    ...world.store,
    engine: world.store.engine,
    read: world.store.read,
    signals: world.store.signals,
    readServerWall: () => world.store.readServerWall(),
    close: () => world.store.close(),
    async write(work) {
      writes += 1
      if (writes > death.at || (writes === death.at && death.when === 'before')) {
        died.resolve()
        return NEVER
      }
      const result = await world.store.write(work)
      if (writes < death.at) return result
      died.resolve()
      return NEVER
    },
  }
  const worker = createLaneWorker({
    store,
    clock: world.clock,
    signal: world.deps.signal,
    owner: 'node_dying',
    concurrency: 4,
    performTurn: (claim, mayGoOn) => performTurn({ ...world.deps, store }, claim, mayGoOn),
    onError: (error) => world.errors.push(error),
  })
  return { worker, died: died.promise, hasDied: () => writes >= death.at }
}

async function untilIdleOrDead(worker: LaneWorker, died: Promise<void>): Promise<void> {
  const run = async () => {
    while ((await worker.tick()) > 0) await worker.idle()
  }
  await Promise.race([run(), died])
}

describeOnEveryStore('a process that dies', (openTestStore) => {
  it('between any two transactions leaves one effect and one succeeded action', async () => {
    const world = await outboxWorld(await openTestStore())
    let deaths = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at += 1) {
        // Each time somebody else, so that the name is looked up anew.
        const { actionId } = await world.send({ recipientUsername: `user_${when}_${at}` })
        const dying = dyingWorker(world, { at, when })
        await untilIdleOrDead(dying.worker, dying.died)
        const wasLast = !dying.hasDied()
        if (!wasLast) deaths += 1
        world.clock.tick(LEASE_MS + 1)
        await world.advance(MINUTE)

        expect((await world.action(actionId)).status, `${when} transaction ${at}`).toBe('succeeded')
        const { clientToken } = await world.action(actionId)
        expect(world.instagram.effects.filter((effect) => effect.token === clientToken)).toHaveLength(1)
        if (wasLast) break
      }
    }
    expect(deaths).toBeGreaterThanOrEqual(10)
    expect(world.errors).toEqual([])
  })

  it('during the call leaves an uncertain attempt, whether the message arrived or not', async () => {
    for (const arrives of [true, false]) {
      const world = await outboxWorld(await openTestStore())
      const called = Promise.withResolvers<void>()
      world.instagram.sends = [
        (_input, _call, arrive) => {
          if (arrives) arrive()
          called.resolve()
          return NEVER
        },
      ]
      const { actionId } = await world.send()
      await world.worker.tick()
      await called.promise
      world.clock.tick(LEASE_MS + 1)
      const heir = world.anotherWorker()
      for (let round = 0; round < 4; round += 1) {
        while ((await heir.tick()) > 0) await heir.idle()
        world.clock.tick(MINUTE)
      }
      const causes = (await world.timeline(actionId)).map((entry) => entry.cause)
      expect(causes).toEqual(
        arrives ? ['attempt', 'uncertain', 'found'] : ['attempt', 'uncertain', 'absent', 'resend', 'confirmed'],
      )
      expect(world.instagram.effects).toHaveLength(1)
    }
  })
})

describeOnEveryStore('a worker that wakes up late', (openTestStore) => {
  it('writes nothing to the store once another one has the lane', async () => {
    const world = await outboxWorld(await openTestStore())
    const called = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<Outcome>()
    world.instagram.sends = [
      () => {
        called.resolve()
        return answer.promise
      },
    ]
    const { actionId } = await world.send()
    await world.worker.tick()
    await called.promise
    world.clock.tick(LEASE_MS + 1)
    const heir = world.anotherWorker()
    await heir.tick()
    await heir.idle()
    const before = await world.action(actionId)
    const timeline = await world.timeline(actionId)

    answer.resolve({ type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'too late to matter' })
    await world.worker.idle()
    expect(await world.action(actionId)).toEqual(before)
    expect(await world.timeline(actionId)).toEqual(timeline)
    expect(before.status).not.toBe('failed')
  })

  it('writes nothing to Instagram once its lease is over, whoever has the lane', async () => {
    const world = await outboxWorld(await openTestStore())
    const marked = Promise.withResolvers<void>()
    const awake = Promise.withResolvers<void>()
    world.instagram.sends = [
      async (_input, call, arrive) => {
        marked.resolve()
        await awake.promise
        if (call.mayWrite?.() === false) return { type: 'not_sent', cause: 'lease', reason: 'The lease is over.' }
        return arrive()
      },
    ]
    const { actionId } = await world.send()
    await world.worker.tick()
    await marked.promise
    world.clock.tick(LEASE_MS - 10_000)
    awake.resolve()
    await world.worker.idle()

    // Nobody took the lane meanwhile: the attempt is undone without backoff, and the lane is free.
    expect(world.instagram.effects).toEqual([])
    expect(await world.action(actionId)).toMatchObject({ status: 'queued', attempts: 0 })
    expect(await world.store.read.selectFrom('usage').selectAll().execute()).toEqual([])
    expect((await world.reloadSession()).connectFailures).toBe(0)
    await world.run()
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect(world.instagram.effects).toHaveLength(1)
  })
})
