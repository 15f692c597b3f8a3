import { fdatasyncSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { machineTime } from '../../core/machine-clock.ts'
import { seededRandom } from '../../core/random.ts'
import { afterCommit } from '../connection.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'

const SECTOR = 512
const POWER_CUTS = 12
/** Writes that do not wait for the end of a flush under way. */
const MANY = 32

describe('what a SQLite store has acknowledged', () => {
  let directory: string
  let faults: unknown[]
  let flushes: PromiseWithResolvers<void>[]
  let isHeld: boolean
  let store: Store

  const file = () => join(directory, 'gateway.db')
  const open = async (path = file()) => {
    // Flushes like the product, and only when the test lets it.
    const flushLog = async (log: number) => {
      if (isHeld) {
        const held = Promise.withResolvers<void>()
        flushes.push(held)
        await held.promise
      }
      fdatasyncSync(log)
    }
    // No group ends early because the machine is slow.
    const machine = { ...machineTime, elapsed: () => 0 }
    return openStore({ file: path, mode: 'sandbox', flushLog, machine, onFault: (error) => faults.push(error) })
  }
  const write = (id: string) =>
    store.write((tx) =>
      tx
        .insertInto('audit')
        .values({ id, at: 1, actor: 'test', what: 'write', target: null, details: 'x'.repeat(700) })
        .execute(),
    )
  const idsOf = async (from: Store) => {
    const rows = await from.read.selectFrom('audit').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }
  /** Long enough for everything that does not wait for the disk. */
  const rounds = async () => {
    for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const isPending = async (promise: Promise<unknown>) => {
    let isSettled = false
    const settled = () => {
      isSettled = true
    }
    promise.then(settled, settled)
    await rounds()
    return !isSettled
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-store-'))
    faults = []
    flushes = []
    isHeld = false
    store = await open()
  })

  afterEach(async () => {
    isHeld = false
    for (const flush of flushes) flush.resolve()
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('is told to nobody, and shown to nobody, before it is on the disk', async () => {
    isHeld = true
    const told: string[] = []
    const writing = store.write(async (tx) => {
      afterCommit(tx, () => told.push('signal'))
      await tx
        .insertInto('audit')
        .values({ id: 'a', at: 1, actor: 'test', what: 'write', target: null, details: null })
        .execute()
    })
    const written = writing.then(() => told.push('answer'))
    await rounds()
    const reading = idsOf(store)
    expect(await isPending(reading)).toBe(true)
    expect(told).toEqual([])
    flushes[0]?.resolve()
    expect(await reading).toEqual(['a'])
    await written
    expect(told).toEqual(['signal', 'answer'])
  })

  it('shares flushes: one covers all that was committed before it began, and what comes meanwhile gets the next', async () => {
    isHeld = true
    const first = write('a')
    await rounds()
    const second = write('b')
    await rounds()
    const third = write('c')
    await rounds()
    expect(flushes).toHaveLength(1)
    flushes[0]?.resolve()
    await first
    expect(await isPending(second)).toBe(true)
    expect(flushes).toHaveLength(2)
    flushes[1]?.resolve()
    await Promise.all([second, third])
    expect(flushes).toHaveLength(2)
  })

  it('gathers what comes during a flush into one group, which begins when that ends or when many wait', async () => {
    isHeld = true
    const ran: string[] = []
    const note = (id: string) => store.write(async () => ran.push(id))
    const first = note('first')
    await rounds()
    const few = [note('a'), note('b')]
    await rounds()
    expect(ran).toEqual(['first'])
    flushes[0]?.resolve()
    await first
    await rounds()
    expect(ran).toEqual(['first', 'a', 'b'])
    const many = Array.from({ length: MANY }, (_, index) => note(`many ${index}`))
    await rounds()
    expect(ran).toHaveLength(3 + MANY)
    expect(flushes).toHaveLength(2)
    flushes[1]?.resolve()
    await Promise.all(few)
    await rounds()
    flushes[2]?.resolve()
    await Promise.all(many)
  })

  it('does not include what a failed flush covered, after which nothing is written until the next start', async () => {
    await write('kept')
    isHeld = true
    const failing = write('a')
    await rounds()
    const behind = Promise.allSettled(Array.from({ length: MANY }, (_, index) => write(`b${index}`)))
    await rounds()
    const waiting = write('c')
    const reading = idsOf(store)
    await rounds()
    const broken = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    flushes[0]?.reject(broken)
    const unknown = { code: 'UNAVAILABLE', message: expect.stringContaining('not known whether this was stored') }
    await expect(failing).rejects.toMatchObject(unknown)
    for (const result of await behind) expect(result).toMatchObject({ status: 'rejected', reason: unknown })
    await expect(reading).rejects.toMatchObject(unknown)
    expect(faults).toEqual([broken])
    isHeld = false
    const refused = { code: 'UNAVAILABLE', message: expect.stringContaining('Nothing was stored: the disk failed') }
    await expect(waiting).rejects.toMatchObject(refused)
    await expect(write('c')).rejects.toMatchObject(refused)
    await store.close()
    store = await open()
    await write('d')
    expect(await idsOf(store)).toEqual(expect.arrayContaining(['d', 'kept']))
  })

  it('is waited for when the store closes', async () => {
    isHeld = true
    const writing = write('a')
    await rounds()
    const closing = store.close()
    expect(await isPending(closing)).toBe(true)
    flushes[0]?.resolve()
    await Promise.all([writing, closing])
    store = await open()
    isHeld = false
    expect(await idsOf(store)).toEqual(['a'])
  })

  /** The disk as a power cut leaves it: of each sector that was written since the last flush, the old content or the new. */
  function cut(path: string, before: { log: Buffer; keptSectors: number }, seed: number): void {
    const random = seededRandom(seed)
    const log = readFileSync(`${file()}-wal`)
    for (let sector = before.keptSectors; sector * SECTOR < log.length; sector += 1) {
      if (((random.bytes(1)[0] as number) & 1) === 1) continue
      const [from, to] = [sector * SECTOR, Math.min((sector + 1) * SECTOR, log.length)]
      log.fill(0, from, to)
      log.set(before.log.subarray(from, to), from)
    }
    mkdirSync(path)
    writeFileSync(join(path, 'gateway.db'), readFileSync(file()))
    writeFileSync(join(path, 'gateway.db-wal'), log)
  }

  it.each([
    { title: 'in a log that grows', restarts: false },
    { title: 'in a log that was copied into the file and begins anew', restarts: true },
  ])('survives the loss of power $title, and nothing of the rest comes back by halves', async ({ restarts }) => {
    const acknowledged: string[] = []
    for (let round = 0; round < 5; round += 1) {
      const ids = Array.from({ length: 8 }, (_, index) => `kept_${round}_${index}`)
      await Promise.all(ids.map(write))
      acknowledged.push(...ids)
    }
    if (restarts) checkpoint()
    const log = readFileSync(`${file()}-wal`)
    isHeld = true
    const lost: string[][] = []
    for (let group = 0; group < 3; group += 1) {
      const ids = Array.from({ length: MANY }, (_, index) => `lost_${group}_${index}`)
      for (const id of ids) write(id).catch(() => {})
      lost.push(ids)
      await rounds()
    }
    // SQLite flushes the header of a log that begins anew before it writes the first frame.
    const keptSectors = restarts ? 1 : 0
    const header = readFileSync(`${file()}-wal`).subarray(0, 32)
    expect(header.equals(log.subarray(0, 32))).toBe(!restarts)
    for (let seed = 1; seed <= POWER_CUTS; seed += 1) {
      const path = join(directory, `cut_${seed}`)
      cut(path, { log, keptSectors }, seed)
      const image = await openStore({ file: join(path, 'gateway.db'), mode: 'sandbox' })
      const stored = new Set(await idsOf(image))
      const whole = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(image.read)
      await image.close()
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
      for (const ids of lost) expect([0, ids.length]).toContain(ids.filter((id) => stored.has(id)).length)
      expect(whole.rows).toEqual([{ integrity_check: 'ok' }])
    }
  }, 30_000)

  /** It waits for the disk inside SQLite: first for the log, then for the file. The next write begins the log anew. */
  function checkpoint(): void {
    const database = new DatabaseSync(file())
    expect(database.prepare('pragma wal_checkpoint(restart)').get()).toMatchObject({ busy: 0 })
    database.close()
  }

  it('relies on SQLite waiting for the disk itself at checkpoints and at the beginning of a log', async () => {
    const setting = await store.write((tx) => sql<{ synchronous: number }>`pragma synchronous`.execute(tx))
    expect(setting.rows).toEqual([{ synchronous: 1 }])
  })
})
