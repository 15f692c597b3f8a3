import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Migration } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openStore } from './open-store.ts'
import type { ActionTable, BatchTable } from './schema.ts'

const NEXT: Migration = { name: '9998-next', breaking: false, statements: ['create table next (id text primary key)'] }
const BREAKING: Migration = { name: '9999-breaking', breaking: true, statements: ['drop table next'] }
const FAILING: Migration = {
  name: '9998-next',
  breaking: false,
  statements: ['create table next (id text primary key)', 'insert into nowhere values (1)'],
}

/** What later versions added to actions. */
const SINCE = { override_by: null, caused_by: null }
const OF_ACCOUNT = { user_id: 'user_1', session_id: 's', account_id: 'acct', kind: 'message', class: 0 }
const ACTION: Omit<ActionTable, keyof typeof SINCE> = {
  ...OF_ACCOUNT,
  ...{
    id: 'act_1',
    status: 'running',
    step: 'readback',
    due_at: 1,
    ord: 2,
    target: '{}',
    payload: '{}',
    resolved: 'r',
  },
  ...{ client_token: '3', on_limit: 'queue', send_at: 4, expires_at: 5, attempts: 6, resends: 7, failures: 8 },
  ...{ call_deadline_wall: 9, external_id: 'e', code: 'c', reason: 'why', waiting_for: 'w', batch_id: 'bulk_1' },
  ...{ accepted_at: 10, accepted_by: 'user_1', settled_at: 11 },
}
const BATCH: BatchTable = {
  ...OF_ACCOUNT,
  ...{ id: 'bulk_1', status: 'paused', payload: '{}', gap_ms: 1, next_at: 2, total: 3, duplicates: 4, queued: 5 },
  ...{ running: 6, succeeded: 7, failed: 8, unconfirmed: 9, canceled: 10, expired: 11, skipped: 12 },
  ...{ accept_by_wall: 13, accepted_by: 'user_1', created_at: 14, settled_at: 15 },
}

describeOnEveryStore('migrate', (openTestStore, engine) => {
  it('goes from empty to the newest schema, and changes nothing the second time', async () => {
    const at = await engine.place()
    const first = await openTestStore({ at })
    const facts = await first.read.selectFrom('meta').selectAll().orderBy('key').execute()
    expect(facts).toEqual([
      ...MIGRATIONS.map(({ name }) => ({ key: `migration/${name}`, value: 'compatible' })),
      { key: 'mode', value: 'sandbox' },
    ])
    await first.close()
    const second = await openTestStore({ at })
    expect(await second.read.selectFrom('meta').selectAll().orderBy('key').execute()).toEqual(facts)
  })

  it('applies what a newer version added, and lets the older one go on when that is compatible', async () => {
    const at = await engine.place()
    await (await openTestStore({ at })).close()
    await (await openTestStore({ at, migrations: [...MIGRATIONS, NEXT] })).close()
    const older = await openTestStore({ at })
    expect(await sql`select * from next`.execute(older.read)).toMatchObject({ rows: [] })
  })

  it('refuses a version older than a breaking migration', async () => {
    const at = await engine.place()
    await (await openTestStore({ at, migrations: [...MIGRATIONS, NEXT, BREAKING] })).close()
    await expect(openStore({ ...at, mode: 'sandbox' })).rejects.toMatchObject({
      reason: 'newer_schema',
      exitCode: 76,
      message: expect.stringContaining('9999-breaking'),
    })
  })

  it('refuses a store of the other mode', async () => {
    const at = await engine.place()
    await (await openTestStore({ at })).close()
    await expect(openStore({ ...at, mode: 'live' })).rejects.toMatchObject({
      reason: 'other_mode',
      exitCode: 78,
      message: expect.stringContaining('belongs to sandbox mode'),
    })
  })

  it('keeps nothing of a migration that failed half-way', async () => {
    const at = await engine.place()
    await expect(openStore({ ...at, mode: 'sandbox', migrations: [...MIGRATIONS, FAILING] })).rejects.toThrow('nowhere')
    const repaired = await openTestStore({ at, migrations: [...MIGRATIONS, NEXT] })
    expect(await sql`select * from next`.execute(repaired.read)).toMatchObject({ rows: [] })
  })

  it('keeps every action and bulk, and what their statuses may be, where 0005 gives them cheaper tables', async () => {
    const at = await engine.place()
    const before = MIGRATIONS.slice(
      0,
      MIGRATIONS.findIndex(({ name }) => name === '0005-hot-paths'),
    )
    const older = await openTestStore({ at, migrations: before })
    await older.write(async (tx) => {
      await tx.insertInto('actions').values(ACTION).execute()
      await tx.insertInto('batches').values(BATCH).execute()
    })
    await older.close()
    const newer = await openTestStore({ at })
    expect(await newer.read.selectFrom('actions').selectAll().execute()).toEqual([{ ...ACTION, ...SINCE }])
    expect(await newer.read.selectFrom('batches').selectAll().execute()).toEqual([BATCH])
    const odd = { status: 'odd' }
    for (const table of ['actions', 'batches'] as const) {
      await expect(newer.write((tx) => tx.updateTable(table).set(odd).execute())).rejects.toThrow(/check/i)
    }
    await expect(newer.write((tx) => tx.updateTable('actions').set({ step: 'odd' }).execute())).rejects.toThrow(
      /check/i,
    )
  })

  // One thread cannot wait for itself: on SQLite this is tested with real processes (sqlite-process.db.test.ts).
  if (engine.isShared) {
    it('lets processes that start together migrate once', async () => {
      const at = await engine.place()
      const stores = await Promise.all(Array.from({ length: 4 }, () => openTestStore({ at })))
      const counts = await Promise.all(stores.map((store) => store.read.selectFrom('clock').selectAll().execute()))
      expect(counts).toEqual(stores.map(() => [{ id: 1, seen_at: 0 }]))
    })
  }
})
