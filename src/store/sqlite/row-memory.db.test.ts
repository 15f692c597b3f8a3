import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectionOf } from '../connection.ts'
import { openStore } from '../open-store.ts'
import { remembered } from '../remembered.ts'
import type { Placeholders } from '../statement.ts'
import { command, statement } from '../statement.ts'
import type { Db, Store } from '../store.ts'

const select = statement((db, p: Placeholders<{ id: string }>) =>
  db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select(['sessions.id', 'sessions.status', 'accounts.policy'])
    .where('sessions.id', '=', p.id),
)

const stamp = command(
  (db, p: Placeholders<{ subject: string; at: number }>) =>
    db.insertInto('usage').values({ subject: p.subject, kind: '*', no: 1, at: p.at, ref: null }),
  'subject',
)

describe('what the store remembers of a row', () => {
  let directory: string
  let store: Store
  let holdFlush: Promise<void> | null
  /** How often the row was really read. */
  let reads: number

  const find = remembered(
    (id: string) => ({ table: 'sessions', id }),
    async (db, id) => {
      reads += 1
      const [row] = await select(db, { id })
      return row === undefined ? null : { ...row, nested: { of: row.status } }
    },
  )
  const setStatus = (db: Db, status: string) =>
    db.updateTable('sessions').set({ status }).where('id', '=', 's1').execute()
  const statusSeen = async (db: Db = store.read) => (await find(db, 's1'))?.status

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-store-'))
    reads = 0
    holdFlush = null
    const flushLog = async () => {
      await holdFlush
    }
    store = await openStore({ file: join(directory, 'gateway.db'), mode: 'sandbox', flushLog })
    await store.write(async (tx) => {
      await sql`insert into accounts (id, platform_id, username, created_at) values ('a1', '1', 'north.lamp', 1)`.execute(
        tx,
      )
      await sql`insert into sessions (id, user_id, account_id, username, connector, status, opened_through, settings,
        metadata, jar_version, connect_failures, created_at, last_activity_at, expires_at)
        values ('s1', 'u1', 'a1', 'north.lamp', 'web', 'active', 'v2', '{}', '{}', 1, 0, 1, 1, 1)`.execute(tx)
    })
  })

  afterEach(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('is read once, shared and frozen, inside transactions and outside', async () => {
    const seen = await find(store.read, 's1')
    expect(await find(store.read, 's1')).toBe(seen)
    expect(await store.write((tx) => find(tx, 's1'))).toBe(seen)
    expect(reads).toBe(1)
    expect(Object.isFrozen(seen) && Object.isFrozen(seen?.nested)).toBe(true)
    expect(await find(store.read, 'unknown')).toBeNull()
  })

  it.each<[string, (tx: Db) => Promise<unknown>, unknown]>([
    ['a statement of the builder', (tx) => setStatus(tx, 'expired'), { status: 'expired' }],
    ['SQL by hand', (tx) => sql`update sessions set status = 'suspended'`.execute(tx), { status: 'suspended' }],
    ['an upsert', (tx) => upsertAccount(tx), { policy: 'new' }],
    ['a change of its account', (tx) => sql`update accounts set policy = '{}'`.execute(tx), { policy: '{}' }],
    ['its deletion', (tx) => tx.deleteFrom('sessions').execute(), null],
  ])('is forgotten with %s', async (_title, change, expected) => {
    await find(store.read, 's1')
    await store.write(change)
    const seen = await find(store.read, 's1')
    if (expected === null) expect(seen).toBeNull()
    else expect(seen).toMatchObject(expected as object)
  })

  it('is what was committed for everybody but the transaction that changes it', async () => {
    await find(store.read, 's1')
    let outside: Promise<string | undefined> | null = null
    await store.write(async (tx) => {
      await setStatus(tx, 'expired')
      outside = statusSeen()
      expect(await statusSeen(tx)).toBe('expired')
    })
    expect(await outside).toBe('active')
    expect(await statusSeen()).toBe('expired')
  })

  it('is as before when the change was rolled back', async () => {
    await find(store.read, 's1')
    const failing = store.write(async (tx) => {
      await setStatus(tx, 'expired')
      expect(await statusSeen(tx)).toBe('expired')
      throw new Error('no')
    })
    const sharing = store.write((tx) => statusSeen(tx))
    await expect(failing).rejects.toThrow('no')
    expect(await sharing).toBe('active')
    expect(await statusSeen()).toBe('active')
  })

  it('is not taken from memory before its change can no longer be lost', async () => {
    await find(store.read, 's1')
    const gate = Promise.withResolvers<void>()
    holdFlush = gate.promise
    const writing = store.write((tx) => setStatus(tx, 'expired'))
    await new Promise((resolve) => setImmediate(resolve))
    const before = reads
    const seeing = [statusSeen(), statusSeen()]
    expect(reads).toBe(before + 2)
    gate.resolve()
    await writing
    expect(await Promise.all(seeing)).toEqual(['expired', 'expired'])
    expect([await statusSeen(), await statusSeen()]).toEqual(['expired', 'expired'])
    expect(reads).toBe(before + 3)
  })

  it.each<[string, (tx: Db) => Promise<unknown>, string[]]>([
    ['of the account that the statement names', (tx) => stamp(tx, { subject: 'a1', at: 2 }), ['a1']],
    ['of every account where it names none', (tx) => tx.updateTable('usage').set({ at: 2 }).execute(), ['a1', 'a2']],
    [
      'of every account with SQL by hand',
      (tx) => sql`delete from usage where subject = 'a1'`.execute(tx),
      ['a1', 'a2'],
    ],
    ['of nobody with a read', (tx) => tx.selectFrom('usage').selectAll().execute(), []],
  ])('of attempts is forgotten %s', async (_title, change, forgotten) => {
    const readAgain: string[] = []
    const findLast = remembered(
      (subject: string) => ({ table: 'usage', id: subject }),
      async (db, subject) => {
        readAgain.push(subject)
        return { rows: await db.selectFrom('usage').selectAll().where('subject', '=', subject).execute() }
      },
    )
    const look = () => Promise.all(['a1', 'a2'].map((subject) => findLast(store.read, subject)))
    await look()
    readAgain.length = 0
    await store.write(change)
    await look()
    expect(readAgain).toEqual(forgotten)
  })

  it('is never more than so many rows', async () => {
    const { memory } = connectionOf(store.read)
    if (memory === null) throw new Error('SQLite remembers rows')
    const version = memory.version
    const place = (no: number) => ({ table: 'sessions' as const, id: `many_${no}` })
    for (let no = 0; no < 5_001; no += 1) memory.keep(place(no), { value: {}, version })
    expect(memory.find(place(0))).toBeUndefined()
    expect(memory.find(place(5_000))).toBeDefined()
  })

  function upsertAccount(tx: Db): Promise<unknown> {
    return tx
      .insertInto('accounts')
      .values({ id: 'a2', platform_id: '1', username: 'north.lamp', policy: 'new', created_at: 2 })
      .onConflict((conflict) => conflict.column('platform_id').doUpdateSet({ policy: 'new' }))
      .execute()
  }
})
