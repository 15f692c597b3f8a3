import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StoreProcess, type StoreProcessTask, startStoreProcess } from '../../../test/support/store-process.ts'
import { openStore } from '../open-store.ts'

const KILLS = 4

describe('a data directory and real processes', () => {
  let directory: string
  let running: StoreProcess[]

  const start = (task: StoreProcessTask, env?: Record<string, string>) => {
    const process = startStoreProcess(task, directory, env)
    running.push(process)
    return process
  }

  const storedIds = async () => {
    const store = await openStore({ file: join(directory, 'gateway.db'), mode: 'sandbox' })
    const rows = await store.read.selectFrom('audit').select('id').execute()
    await store.close()
    return new Set(rows.map(({ id }) => id))
  }

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'gateway-store-')), 'data')
    running = []
  })

  afterEach(async () => {
    for (const process of running) process.kill()
    await Promise.all(running.map(({ ended }) => ended))
    rmSync(join(directory, '..'), { recursive: true, force: true })
  })

  it('refuses a second process with the first one named, and lets it in once the first was killed', async () => {
    const first = start('hold')
    await first.printed(1)
    expect(statSync(directory).mode & 0o777).toBe(0o700)

    const second = start('hold')
    expect(await second.ended).toBe(75)
    expect(second.lines).toEqual([expect.stringMatching(/is in use by process \d+ on .+ since .+Z: stop that process/)])
    expect(first.lines).toEqual(['open'])

    first.kill()
    expect(await first.ended).toBe('SIGKILL')
    const third = start('hold')
    await third.printed(1)
    expect(third.lines).toEqual(['open'])
  })

  it('keeps every acknowledged write over kill -9', async () => {
    const acknowledged: string[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      rmSync(directory, { recursive: true, force: true })
      const writer = start('write')
      await writer.printed(2 + 150 * kill)
      writer.kill()
      await writer.ended
      // The last line may be cut off by the kill; whatever is whole was acknowledged.
      const told = writer.lines.slice(1).filter((line) => /^row_\d+$/.test(line))
      const stored = await storedIds()
      expect(told.slice(0, -1).filter((id) => !stored.has(id))).toEqual([])
      acknowledged.push(...told)
    }
    expect(acknowledged.length).toBeGreaterThan(100)
  })

  it('lets processes that start together migrate once', async () => {
    const processes = [start('migrate'), start('migrate'), start('migrate')]
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0])
    expect(await storedIds()).toEqual(new Set())
  })

  it('starts anew after dying in the middle of a migration', async () => {
    const dying = start('migrate', { CRASH_POINT: 'mid-migration' })
    expect(await dying.ended).toBe('SIGKILL')
    expect(existsSync(join(directory, 'gateway.db'))).toBe(true)
    expect(await storedIds()).toEqual(new Set())
  })
})
