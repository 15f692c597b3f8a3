import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readSeenAt } from '../../src/store/clock-row.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Db } from '../../src/store/store.ts'
import { PostgresPlaces } from './postgres-places.ts'
import { describeOnPostgres } from './stores.ts'

describeOnPostgres('a schema that was used before', () => {
  let places: PostgresPlaces

  beforeEach(async () => {
    places = await PostgresPlaces.connect()
  })
  afterEach(() => places.close())

  /** Uses one schema, gives it back, and opens the next. */
  async function useTwice(use: (tx: Db) => Promise<unknown>) {
    const first = await places.migrated()
    const used = await openStore({ mode: 'sandbox', ...first.location })
    await used.write(use)
    await used.close()
    await first.giveBack(true)
    const second = await places.migrated()
    const store = await openStore({ mode: 'sandbox', ...second.location })
    return { store, isSame: JSON.stringify(first.location) === JSON.stringify(second.location), second }
  }

  it('holds what migrations wrote and nothing else', async () => {
    const { store, isSame, second } = await useTwice(async (tx) => {
      await tx.insertInto('accounts').values({ id: 'acct_1', platform_id: '1', username: 'a', created_at: 1 }).execute()
      await tx.deleteFrom('clock').execute()
      await tx.insertInto('meta').values({ key: 'left', value: 'behind' }).execute()
    })
    expect(isSame).toBe(true)
    expect(await store.read.selectFrom('accounts').selectAll().execute()).toEqual([])
    expect(await readSeenAt(store.read)).toBe(0)
    expect(await store.read.selectFrom('clock').selectAll().execute()).toHaveLength(1)
    expect(await store.read.selectFrom('meta').selectAll().where('key', '=', 'left').execute()).toEqual([])
    await store.close()
    await second.giveBack(true)
  })

  it('is not used again once anything of it was altered', async () => {
    const { store, isSame, second } = await useTwice((tx) => sql`alter table audit drop column details`.execute(tx))
    expect(isSame).toBe(false)
    await store.close()
    await second.giveBack(true)
  })
})
