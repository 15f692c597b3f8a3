import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mountSmallDisk } from '../../../test/support/small-disk.ts'
import { afterCommit } from '../connection.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'

const FULL = { code: 'UNAVAILABLE', message: 'Nothing was stored: the disk is full. Try again shortly.' }

describe('SQLite in a file', () => {
  let directory: string
  let faults: unknown[]
  let store: Store

  const file = () => join(directory, 'gateway.db')
  const open = async () => {
    store = await openStore({ file: file(), mode: 'sandbox', onFault: (error) => faults.push(error) })
  }
  const write = (id: string, size = 0) =>
    store.write((tx) =>
      tx
        .insertInto('audit')
        .values({ id, at: 1, actor: 'test', what: 'write', target: null, details: 'x'.repeat(size) })
        .execute(),
    )
  const storedIds = async () => {
    const rows = await store.read.selectFrom('audit').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-store-'))
    faults = []
    await open()
  })

  afterEach(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Writes until everything is refused; returns what was acknowledged. */
  const fillUp = async (prefix: string) => {
    const acknowledged: string[] = []
    const refusals: unknown[] = []
    for (let round = 0; round < 40; round += 1) {
      const ids = Array.from({ length: 25 }, (_, index) => `${prefix}_${round}_${index}`)
      const results = await Promise.allSettled(ids.map((id) => write(id, 4_000)))
      results.forEach((result, index) => {
        if (result.status === 'fulfilled') acknowledged.push(ids[index] as string)
        else refusals.push(result.reason)
      })
    }
    return { acknowledged: acknowledged.sort(), refusals }
  }

  it('acknowledges exactly what it stored when the database may not grow, and goes on when it may', async () => {
    await store.write((tx) => sql`pragma max_page_count = 400`.execute(tx))
    const { acknowledged, refusals } = await fillUp('row')
    expect(acknowledged.length).toBeGreaterThan(10)
    expect(refusals.length).toBeGreaterThan(10)
    for (const refusal of refusals) expect(refusal).toMatchObject(FULL)
    expect(await storedIds()).toEqual(acknowledged)

    await store.write((tx) => sql`pragma max_page_count = 100000`.execute(tx))
    await write('later', 4_000)
    await store.close()
    await open()
    expect(await storedIds()).toEqual(['later', ...acknowledged].sort())
  })

  it('refuses with UNAVAILABLE while another process holds the file, still reads, and goes on afterwards', async () => {
    await write('a')
    const other = new DatabaseSync(file())
    other.exec('begin immediate')
    const locked = { code: 'UNAVAILABLE', message: expect.stringContaining('locked by another process') }
    const results = await Promise.allSettled([write('b'), write('c')])
    expect(results).toMatchObject([{ reason: locked }, { reason: locked }])
    expect(await storedIds()).toEqual(['a'])
    other.exec('rollback')
    other.close()
    await write('d')
    expect(await storedIds()).toEqual(['a', 'd'])
  })

  it('fails the group by name when a callback awaits something else, and keeps its later statements out', async () => {
    let wakeUp: (() => void) | undefined
    const innocent = write('innocent')
    const stalling = store.write(async function stallingCallback(tx) {
      await new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      await tx.deleteFrom('audit').execute()
    })
    const next = write('next')
    const results = await Promise.allSettled([innocent, stalling, next])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    await expect(stalling).rejects.toThrow('stallingCallback awaited something other than its tx')
    await expect(innocent).rejects.toThrow('stallingCallback')
    expect(faults).toHaveLength(1)

    wakeUp?.()
    await write('last')
    expect(await storedIds()).toEqual(['last', 'next'])
  })

  it('names a nameless callback by its source', async () => {
    await expect(store.write(async () => new Promise((resolve) => setTimeout(resolve, 500)))).rejects.toThrow(
      /callback «async \(\) => new Promise.*awaited something other/,
    )
  })

  it('refuses all that ran when a callback swallowed the end of the transaction', async () => {
    const first = write('first')
    const swallowing = store.write(async (tx) => {
      await sql`rollback`.execute(tx)
      await tx
        .deleteFrom('audit')
        .execute()
        .catch(() => {})
    })
    const results = await Promise.allSettled([first, swallowing])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await write('after')
    expect(await storedIds()).not.toContain('first')
  })

  it('shares one commit among the writes that wait', async () => {
    const order: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        store
          .write(async () => {
            order.push(`ran ${id}`)
          })
          .then(() => order.push(`resolved ${id}`)),
      ),
    )
    expect(order).toEqual(['ran a', 'ran b', 'ran c', 'resolved a', 'resolved b', 'resolved c'])
  })

  it('runs a group again when a callback fails that had written, and each one takes effect once', async () => {
    const ran: string[] = []
    const told: string[] = []
    const note = (id: string, fault?: Error) =>
      store.write(async (tx) => {
        ran.push(id)
        afterCommit(tx, () => told.push(id))
        await tx
          .insertInto('audit')
          .values({ id, at: 1, actor: 'test', what: 'write', target: null, details: null })
          .execute()
        if (fault !== undefined) throw fault
      })
    const refused = new Error('refused')
    const results = await Promise.allSettled([note('a'), note('b', refused), note('c')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: refused })
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'c'])
    expect(told).toEqual(['a', 'c'])
    // Whoever was refused once may be again: the next groups can take one callback back alone.
    await Promise.allSettled([note('d'), note('e', refused), note('f')])
    expect(ran.slice(5)).toEqual(['d', 'e', 'f'])
    expect(await storedIds()).toEqual(['a', 'c', 'd', 'f'])
  })

  it('runs a group once when a callback fails that had only read', async () => {
    const ran: string[] = []
    const look = (id: string) =>
      store.write(async (tx) => {
        ran.push(id)
        await tx.selectFrom('audit').selectAll().execute()
        if (id === 'b') throw new Error('not found')
      })
    await Promise.allSettled([look('a'), look('b'), look('c')])
    expect(ran).toEqual(['a', 'b', 'c'])
  })

  it('gives other work a turn between groups', async () => {
    let groupsSeen = 0
    let isDone = false
    const all = Promise.all(Array.from({ length: 1_000 }, (_, index) => write(`row_${index}`))).then(() => {
      isDone = true
    })
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve))
      groupsSeen += 1
    }
    await all
    expect(groupsSeen).toBeGreaterThanOrEqual(7)
  })

  it('reads as a newcomer what a second start finds', async () => {
    await write('a')
    await store.close()
    await open()
    expect(await storedIds()).toEqual(['a'])
  })

  it('plans a limited look-up once, however often it runs', () => {
    const query = store.read.selectFrom('lanes').select('due_at').where('due_at', 'is not', null)
    const { sql: text } = query.orderBy('due_at').limit(1).compile()
    const database = new DatabaseSync(file(), { readOnly: true })
    try {
      let asked = 0
      // Asked about every column whenever a statement is planned.
      database.setAuthorizer(() => {
        asked += 1
        return constants.SQLITE_OK
      })
      const prepared = database.prepare(text)
      const once = asked
      for (const limit of [1, 2, 2, 50]) prepared.all(limit)
      expect(asked).toBe(once)
      expect(once).toBeGreaterThan(0)
    } finally {
      database.close()
    }
  })

  it('acknowledges exactly what it stored on a full disk, and heals when there is space', async (context) => {
    const mounted = join(directory, 'disk')
    mkdirSync(mounted)
    const disk = mountSmallDisk(mounted, 'size=2m')
    context.skip(disk === null, 'needs the right to mount')
    await store.close()
    const onSmallDisk = { file: join(mounted, 'gateway.db'), mode: 'sandbox' } as const
    try {
      const filler = join(mounted, 'filler')
      writeFileSync(filler, 'x'.repeat(1_000_000))
      store = await openStore(onSmallDisk)
      const { acknowledged, refusals } = await fillUp('row')
      expect(acknowledged.length).toBeGreaterThan(10)
      expect(refusals.length).toBeGreaterThan(10)
      for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'UNAVAILABLE' })
      expect(await storedIds()).toEqual(acknowledged)

      rmSync(filler)
      await write('later')
      await store.close()
      store = await openStore(onSmallDisk)
      expect(await storedIds()).toEqual(['later', ...acknowledged].sort())
    } finally {
      await store.close()
      disk?.unmount()
    }
  })
})
