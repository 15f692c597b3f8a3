import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Migration } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openStore } from './open-store.ts'

const NEXT: Migration = { name: '9998-next', breaking: false, statements: ['create table next (id text primary key)'] }
const BREAKING: Migration = { name: '9999-breaking', breaking: true, statements: ['drop table next'] }
const FAILING: Migration = {
  name: '9998-next',
  breaking: false,
  statements: ['create table next (id text primary key)', 'insert into nowhere values (1)'],
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
