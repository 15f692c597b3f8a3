import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { fakeReceipt, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { connectionOf } from '../store/connection.ts'
import type { Db, Store } from '../store/store.ts'
import { acceptBatch } from './batch/accept-batch.ts'
import { toItems } from './batch/batch.ts'
import { planTurn } from './plan-turn.ts'

interface Seen {
  sql: string
  values: readonly unknown[]
}

/** Runs `work` and returns every prepared statement that it ran. */
async function statementsOf(store: Store, work: (tx: Db) => Promise<unknown>): Promise<Seen[]> {
  const seen: Seen[] = []
  await store.write(async (tx) => {
    const connection = connectionOf(tx)
    const run = connection.run.bind(connection)
    connection.run = (prepared, values) => {
      seen.push({ sql: prepared.sql, values })
      return run(prepared, values)
    }
    try {
      await work(tx)
    } finally {
      connection.run = run
    }
  })
  return seen
}

async function explain(store: Store, seen: Seen): Promise<string> {
  if (store.engine === 'sqlite') {
    const rows = await connectionOf(store.read).query(`explain query plan ${seen.sql}`, seen.values)
    return rows.rows.map((row) => (row as { detail: string }).detail).join('\n')
  }
  return store.write(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx)
    const rows = await connectionOf(tx).query(`explain ${seen.sql}`, seen.values)
    return rows.rows.map((row) => (row as Record<string, string>)['QUERY PLAN']).join('\n')
  })
}

/** A plan that reads a whole table, or sorts what it has read. */
const SCANS: Record<Store['engine'], RegExp> = {
  // The recursion over kinds, the page of bulks and the rows of a `values` are scans too, of what the statement made.
  sqlite: /SCAN (?!kinds|classes|batch$|CONSTANT ROW|\d+-ROW VALUES)|USE TEMP B-TREE/m,
  postgres: /Seq Scan|Sort {2}|Hash|Aggregate/,
}

async function acceptBulk(world: OutboxWorld, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, index) => `user_${index}`)
  await acceptBatch(world.deps, {
    principal: user('user_123'),
    receipt: fakeReceipt(),
    waitMs: 0,
    draft: {
      sessionId: world.session.id,
      kind: 'message',
      payload: '{"type":"text","text":"Hello"}',
      gapMs: 0,
      items: toItems(keys, new Set()),
      targetOf: (index, actionId) => JSON.stringify({ messageId: actionId, username: keys[index] }),
    },
    answer: async () => ({ status: 202 }),
  })
}

describeOnEveryStore('a plan', (openTestStore) => {
  it('reads keys and heads only: nothing is counted, scanned or sorted, whatever waits', async () => {
    const store = await openTestStore()
    const world = await outboxWorld(store, { actionDelayMs: 1_000 })
    for (let count = 0; count < 300; count += 1) await world.send()
    await world.run()
    for (let count = 0; count < 3; count += 1) await acceptBulk(world, 600)
    await store.write(async (tx) => {
      await tx.updateTable('lanes').set({ owner: 'node_a', due_at: 0, fence: 77 }).execute()
      // Found already, so that the plan goes as far as marking the attempt.
      await tx.updateTable('actions').set({ resolved: '{"platformId":"p_1"}' }).execute()
    })
    world.clock.tick(5_000)
    const claim = {
      accountId: world.session.accountId,
      owner: 'node_a',
      fence: 77,
      leaseEndsElapsed: 1e12,
      leaseMs: 30_000,
    }
    const planned = await statementsOf(store, (tx) => planTurn(tx, world.deps, claim))
    expect(planned.length).toBeGreaterThan(6)
    expect(planned.length).toBeLessThan(20)
    // The clock's table has one row.
    for (const seen of planned.filter((statement) => !statement.sql.includes('"clock"'))) {
      expect.soft(await explain(store, seen), seen.sql).not.toMatch(SCANS[store.engine])
    }
  })

  it('costs as many statements with 300 actions waiting as with one', async () => {
    const counts: number[] = []
    for (const waiting of [1, 300]) {
      const store = await openTestStore()
      const world = await outboxWorld(store, { actionDelayMs: 1_000 })
      for (let count = 0; count < waiting; count += 1) await world.send()
      await store.write(async (tx) => {
        await tx.updateTable('lanes').set({ owner: 'node_a', due_at: 0, fence: 77 }).execute()
      })
      const claim = {
        accountId: world.session.accountId,
        owner: 'node_a',
        fence: 77,
        leaseEndsElapsed: 1e12,
        leaseMs: 30_000,
      }
      counts.push((await statementsOf(store, (tx) => planTurn(tx, world.deps, claim))).length)
    }
    expect(counts[1]).toBe(counts[0])
  })
})
