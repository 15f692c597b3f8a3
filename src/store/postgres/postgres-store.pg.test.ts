import { type AddressInfo, connect, createServer } from 'node:net'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeOnPostgres } from '../../../test/support/stores.ts'
import { lockAccount } from '../lock-account.ts'
import type { Db, Store } from '../store.ts'

function insertAudit(tx: Db, id: string) {
  return tx
    .insertInto('audit')
    .values({ id, at: 1, actor: 'test', what: 'write', target: null, details: null })
    .execute()
}

function insertLane(tx: Db, accountId: string) {
  return tx
    .insertInto('lanes')
    .values({ account_id: accountId, due_at: null, owner: null, lease_until_wall: null, fence: 0, next_ord: 0 })
    .execute()
}

/** A promise with its hands outside, to hold one transaction until another has got as far as it should. */
function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describeOnPostgres('PostgreSQL behind the store', (openTestStore, engine) => {
  let store: Store

  beforeEach(async () => {
    store = await openTestStore()
  })

  const storedIds = async () => {
    const rows = await store.read.selectFrom('audit').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }

  describe('write', () => {
    it('runs the loser of a deadlock again, and both take effect once', async () => {
      await store.write(async (tx) => {
        await insertLane(tx, 'acct_a')
        await insertLane(tx, 'acct_b')
      })
      let runs = 0
      const crossing = [gate(), gate()] as const
      const lockInOrder = (index: 0 | 1, [first, second]: [string, string]) =>
        store.write(async (tx) => {
          runs += 1
          await lockAccount(tx, first)
          crossing[index].open()
          await crossing[index === 0 ? 1 : 0].opened
          await lockAccount(tx, second)
          await insertAudit(tx, `row_${index}`)
        })
      await Promise.all([lockInOrder(0, ['acct_a', 'acct_b']), lockInOrder(1, ['acct_b', 'acct_a'])])
      expect(runs).toBe(3)
      expect(await storedIds()).toEqual(['row_0', 'row_1'])
    })

    it('gives up after five serialization failures', async () => {
      let runs = 0
      const failing = store.write(async (tx) => {
        runs += 1
        await sql`do $$ begin raise exception 'in the way' using errcode = '40001'; end $$`.execute(tx)
      })
      await expect(failing).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(runs).toBe(5)
    })

    it('sends signals only for the run that was committed', async () => {
      let runs = 0
      const heard: number[] = []
      // Channels belong to the database, which other tests use at the same time.
      const channel = 'signals_of_the_committed_run'
      store.signals.listen(channel, (payload) => heard.push(Number(payload)))
      await store.write(async (tx) => {
        runs += 1
        store.signals.notify(tx, channel, String(runs))
        if (runs < 3) await sql`do $$ begin raise exception 'in the way' using errcode = '40001'; end $$`.execute(tx)
      })
      expect(heard).toEqual([3])
    })

    it('locks an account against other writes until it is committed', async () => {
      await store.write((tx) => insertLane(tx, 'acct_a'))
      const holding = gate()
      const release = gate()
      const order: string[] = []
      const first = store.write(async (tx) => {
        await lockAccount(tx, 'acct_a')
        holding.open()
        await release.opened
        order.push('first')
      })
      await holding.opened
      const second = store.write(async (tx) => {
        await lockAccount(tx, 'acct_a')
        order.push('second')
      })
      const waits = await store.read
        .selectNoFrom(sql<number>`pg_sleep(0.05) is null`.as('slept'))
        .execute()
        .then(() => order.length)
      release.open()
      await Promise.all([first, second])
      expect(waits).toBe(0)
      expect(order).toEqual(['first', 'second'])
    })

    it('rejects when a callback swallowed the failure of a statement', async () => {
      const swallowing = store.write(async (tx) => {
        await insertAudit(tx, 'a')
        await insertAudit(tx, 'a').catch(() => {})
      })
      await expect(swallowing).rejects.toThrow('went on after a statement of its transaction had failed')
      expect(await storedIds()).toEqual([])
    })

    it('refuses with UNAVAILABLE when its connection is cut, stores nothing, and goes on with a new one', async () => {
      const cut = store.write(async (tx) => {
        await insertAudit(tx, 'a')
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
      })
      await expect(cut).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await store.write((tx) => insertAudit(tx, 'b'))
      expect(await storedIds()).toEqual(['b'])
    })

    it('asks the server what became of a commit whose answer was lost', async () => {
      // A deferred trigger runs inside `commit`: the connection dies there, and the server rolls back.
      await store.write(async (tx) => {
        await sql`create function die() returns trigger language plpgsql as $$
          begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`.execute(tx)
        await sql`create constraint trigger die after insert on audit deferrable initially deferred
          for each row execute function die()`.execute(tx)
      })
      await expect(store.write((tx) => insertAudit(tx, 'a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(await storedIds()).toEqual([])
    })

    it('answers with success when the commit took place and only its answer was lost', async () => {
      const at = await engine.place()
      store = await openTestStore({ at })
      const { network, url, stop } = await startLossyNetwork(new URL('url' in at ? at.url : ''))
      const far = await openTestStore({ at: { url } })
      network.isArmed = true
      await far.write((tx) => insertAudit(tx, 'a'))
      expect(network.lost).toBe(1)
      expect(await storedIds()).toEqual(['a'])
      await far.close()
      await stop()
    })
  })

  describe('signals', () => {
    it('reach the other processes, once, and not the sender a second time', async () => {
      const at = await engine.place()
      store = await openTestStore({ at })
      const other = await openTestStore({ at })
      const here: string[] = []
      const there: string[] = []
      const arrived = gate()
      store.signals.listen('lanes', (payload) => here.push(payload))
      other.signals.listen('lanes', (payload) => {
        there.push(payload)
        if (payload === 'last') arrived.open()
      })
      await store.write(async (tx) => store.signals.notify(tx, 'lanes', 'acct_1'))
      await store.write(async (tx) => store.signals.notify(tx, 'lanes', 'last'))
      await arrived.opened
      expect(there).toEqual(['acct_1', 'last'])
      expect(here).toEqual(['acct_1', 'last'])
    })
  })

  it('reads the clock of the server', async () => {
    expect(Math.abs(((await store.readServerWall()) as number) - Date.now())).toBeLessThan(60_000)
  })

  it('refuses to start without a server, and says which setting is meant', async () => {
    const opening = openTestStore({ at: { url: 'postgres://postgres@127.0.0.1:1/none' } })
    await expect(opening).rejects.toMatchObject({
      reason: 'cannot_open',
      message: expect.stringContaining('DATABASE_URL'),
    })
  })
})

/** A network to the server that, once armed, loses the answer to the next commit: the server committed, nobody hears. */
async function startLossyNetwork(server: URL) {
  const network = { isArmed: false, lost: 0 }
  const proxy = createServer((near) => {
    const far = connect(Number(server.port || 5432), server.hostname)
    let isCommitting = false
    near.on('data', (chunk) => {
      isCommitting = network.isArmed && chunk.includes('commit\0')
      far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (!isCommitting) {
        near.write(chunk)
        return
      }
      network.isArmed = false
      network.lost += 1
      near.destroy()
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('close', () => other.destroy())
      socket.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const url = new URL(server)
  url.port = String((proxy.address() as AddressInfo).port)
  return {
    network,
    url: url.href,
    stop: () => new Promise((resolve) => proxy.close(resolve)),
  }
}
