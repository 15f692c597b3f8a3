import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { OpenTestStore, TestEngine } from '../../test/support/stores.ts'
import { GatewayError } from '../core/errors.ts'
import { raiseClock, readSeenAt } from './clock-row.ts'
import { afterCommit } from './connection.ts'
import { lockAccount } from './lock-account.ts'
import { command, type Placeholders, statement } from './statement.ts'
import type { Db, Store } from './store.ts'

const record = command((db, p: Placeholders<{ id: string; at: number; target: string | null }>) =>
  db.insertInto('audit').values({ id: p.id, at: p.at, actor: 'test', what: 'write', target: p.target, details: null }),
)

const findAudit = statement((db, p: Placeholders<{ id: string }>) =>
  db.selectFrom('audit').selectAll().where('id', '=', p.id),
)

async function idsOf(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('audit').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

function write(store: Store, id: string): Promise<number> {
  return store.write((tx) => record(tx, { id, at: 1, target: null }))
}

/** What every engine promises, whatever stands behind it. */
export function storeContract(openTestStore: OpenTestStore, engine: TestEngine): void {
  let store: Store

  beforeEach(async () => {
    store = await openTestStore()
  })

  describe('write', () => {
    it('resolves with what the callback returned, once others can read it', async () => {
      const result = await store.write(async (tx) => {
        await record(tx, { id: 'a', at: 1, target: null })
        return { answer: 42, seenOutside: await idsOf(store.read), seenInside: await idsOf(tx) }
      })
      expect(result).toEqual({ answer: 42, seenOutside: [], seenInside: ['a'] })
      expect(await idsOf(store.read)).toEqual(['a'])
    })

    it('rejects with the very error that the callback threw, and keeps nothing of it', async () => {
      const refusal = new GatewayError('SESSION_NOT_FOUND')
      const failing = store.write(async (tx) => {
        await record(tx, { id: 'a', at: 1, target: null })
        throw refusal
      })
      await expect(failing).rejects.toBe(refusal)
      expect(await idsOf(store.read)).toEqual([])
    })

    it('takes one failing callback back alone among many', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store.write(async (tx) => {
            await record(tx, { id: `row_${String(index).padStart(2, '0')}`, at: 1, target: null })
            if (index % 7 === 3) throw new Error(`callback ${index}`)
          }),
        ),
      )
      const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
      expect(failed).toEqual([3, 10, 17])
      expect(await idsOf(store.read)).toHaveLength(17)
    })

    it('takes a callback back whose statement failed', async () => {
      await write(store, 'a')
      const results = await Promise.allSettled([
        write(store, 'b'),
        store.write(async (tx) => {
          await record(tx, { id: 'c', at: 1, target: null })
          await record(tx, { id: 'a', at: 1, target: null })
        }),
        write(store, 'd'),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await idsOf(store.read)).toEqual(['a', 'b', 'd'])
    })

    it('hides what a failed callback wrote from those after it', async () => {
      const failing = store.write(async (tx) => {
        await record(tx, { id: 'a', at: 1, target: null })
        throw new Error('no')
      })
      const seeing = store.write((tx) => idsOf(tx))
      await expect(failing).rejects.toThrow('no')
      expect(await seeing).toEqual([])
    })

    it('has made a write durable before it resolves', async () => {
      const readable = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await write(store, `row_${index}`)
          return (await findAudit(store.read, { id: `row_${index}` })).length
        }),
      )
      expect(readable).toEqual(Array.from({ length: 50 }, () => 1))
    })

    it('stores thousands of writes that come at once', async () => {
      // A server is asked over few connections, and whoever does not get one within seconds is refused.
      const count = engine.isShared ? 2_000 : 10_000
      await Promise.all(Array.from({ length: count }, (_, index) => write(store, `row_${index}`)))
      const [row] = await store.read
        .selectFrom('audit')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .execute()
      expect(row?.count).toBe(count)
    }, 30_000)

    it('refuses a statement through a tx whose callback has returned', async () => {
      const leaked = await store.write(async (tx) => ({ tx }))
      await expect(record(leaked.tx, { id: 'late', at: 1, target: null })).rejects.toThrow('This tx is over')
      expect(await idsOf(store.read)).toEqual([])
    })

    it('runs the statements that a callback starts together', async () => {
      await store.write((tx) => Promise.all(['a', 'b', 'c'].map((id) => record(tx, { id, at: 1, target: null }))))
      expect(await idsOf(store.read)).toEqual(['a', 'b', 'c'])
    })

    it('finishes what waits when it is closed, and refuses what comes later', async () => {
      const waiting = write(store, 'a')
      const closing = store.close()
      await expect(write(store, 'b')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await expect(waiting).resolves.toBe(1)
      await closing
    })
  })

  describe('signals', () => {
    it('go out after the commit, and only for what was committed', async () => {
      const heard: string[] = []
      const failing = store.write(async (tx) => {
        afterCommit(tx, () => heard.push('failed'))
        throw new Error('no')
      })
      const succeeding = store.write(async (tx) => {
        afterCommit(tx, () => heard.push('committed'))
        heard.push('ran')
      })
      await expect(failing).rejects.toThrow('no')
      await succeeding
      expect(heard).toEqual(['ran', 'committed'])
    })

    it('reach the listeners of their channel until they stop', async () => {
      const heard: string[] = []
      const stop = store.signals.listen('lanes', (payload) => heard.push(payload))
      store.signals.listen('revocations', () => heard.push('wrong channel'))
      await store.write(async (tx) => store.signals.notify(tx, 'lanes', 'acct_1'))
      stop()
      await store.write(async (tx) => store.signals.notify(tx, 'lanes', 'acct_2'))
      expect(heard).toEqual(['acct_1'])
    })

    it('do not fail a write when a listener throws', async () => {
      store.signals.listen('lanes', () => {
        throw new Error('listener')
      })
      await store.write(async (tx) => {
        await record(tx, { id: 'a', at: 1, target: null })
        store.signals.notify(tx, 'lanes', 'acct_1')
      })
      expect(await idsOf(store.read)).toEqual(['a'])
    })
  })

  describe('statements', () => {
    const about = statement((db, p: Placeholders<{ text: string; from: number; limit: number }>) =>
      db
        .selectFrom('audit')
        .select((eb) => ['id', 'at', eb.case().when('at', '>', p.from).then(p.text).else('old').end().as('age')])
        .where('actor', '=', 'test')
        .where('at', '>=', p.from)
        .where((eb) => eb.or([eb('target', '=', p.text), eb('id', '=', p.text)]))
        .orderBy('at')
        .limit(p.limit),
    )

    it('take one placeholder several times, beside constants', async () => {
      await store.write(async (tx) => {
        await record(tx, { id: 'x', at: 5, target: null })
        await record(tx, { id: 'b', at: 6, target: 'x' })
        await record(tx, { id: 'c', at: 7, target: 'y' })
        await record(tx, { id: 'd', at: 8, target: 'x' })
      })
      expect(await about(store.read, { text: 'x', from: 5, limit: 2 })).toEqual([
        { id: 'x', at: 5, age: 'old' },
        { id: 'b', at: 6, age: 'x' },
      ])
      expect(await about(store.read, { text: 'y', from: 0, limit: 9 })).toEqual([{ id: 'c', at: 7, age: 'y' }])
    })

    it.each([
      ['null', null],
      ['JSON text', JSON.stringify({ 'a"b': ["it's", 1, null] })],
      ['text beyond ASCII', 'größe 😀 \u2028'],
      ['SQL', "'); drop table audit; --"],
      ['the name of a placeholder', ':target $1 ?'],
    ])('give %s back as it was', async (_, target) => {
      await store.write((tx) => record(tx, { id: 'a', at: Number.MAX_SAFE_INTEGER, target }))
      expect(await findAudit(store.read, { id: 'a' })).toMatchObject([{ at: Number.MAX_SAFE_INTEGER, target }])
    })

    it('refuse a missing value instead of storing null', async () => {
      const params = { id: 'a', at: 1 } as { id: string; at: number; target: string | null }
      await expect(store.write((tx) => record(tx, params))).rejects.toThrow('No value for placeholder target')
    })

    it('tell how many rows a command changed', async () => {
      const touch = command((db, p: Placeholders<{ at: number; atMost: number }>) =>
        db.updateTable('audit').set({ at: p.at }).where('at', '<=', p.atMost),
      )
      await Promise.all(
        ['a', 'b', 'c'].map((id, index) => store.write((tx) => record(tx, { id, at: index, target: null }))),
      )
      expect(await store.write((tx) => touch(tx, { at: 9, atMost: 1 }))).toBe(2)
      expect(await store.write((tx) => touch(tx, { at: 9, atMost: 1 }))).toBe(0)
    })

    it('return the rows of an update', async () => {
      const claim = statement((db, p: Placeholders<{ id: string }>) =>
        db
          .updateTable('audit')
          .set((eb) => ({ at: eb('at', '+', 1) }))
          .where('id', '=', p.id)
          .returning(['id', 'at']),
      )
      await write(store, 'a')
      expect(await store.write((tx) => claim(tx, { id: 'a' }))).toEqual([{ id: 'a', at: 2 }])
    })

    it('count and sum to numbers', async () => {
      await Promise.all([write(store, 'a'), write(store, 'b')])
      const rows = await store.read
        .selectFrom('audit')
        .select([sql<number>`count(*)`.as('count'), sql<number>`sum(at)`.as('sum')])
        .execute()
      expect(rows).toEqual([{ count: 2, sum: 2 }])
    })
  })

  describe('shared rows', () => {
    it('raise the clock, never lower it', async () => {
      expect(await readSeenAt(store.read)).toBe(0)
      await store.write((tx) => raiseClock(tx, 1_000))
      await store.write((tx) => raiseClock(tx, 900))
      expect(await readSeenAt(store.read)).toBe(1_000)
    })

    it('give the lane to whoever locks the account', async () => {
      await store.write((tx) =>
        tx
          .insertInto('lanes')
          .values({ account_id: 'acct_1', due_at: null, owner: null, lease_until_wall: null, fence: 3, next_ord: 1 })
          .execute(),
      )
      expect(await store.write((tx) => lockAccount(tx, 'acct_1'))).toMatchObject({ account_id: 'acct_1', fence: 3 })
      await expect(store.write((tx) => lockAccount(tx, 'acct_2'))).rejects.toThrow('Account acct_2 has no lane.')
    })
  })
}
