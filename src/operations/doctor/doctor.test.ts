import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../config/index.ts'
import { systemRandom } from '../../core/random.ts'
import { openDataDir, storeFile } from '../../store/data-dir.ts'
import type { StoreFacts } from '../../store/inspect-store.ts'
import { openStore } from '../../store/open-store.ts'
import { checkProxies } from './check-proxies.ts'
import { checkClock, checkStore } from './check-store.ts'
import { examine } from './index.ts'

const WALL = Date.UTC(2026, 5, 1)
const CURRENT: StoreFacts = { mode: 'live', pendingMigrations: [], newerBreaking: [], seenAt: 0, server: null }
let folder: string
let dataDir: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  dataDir = join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function troubles(environment: Record<string, string> = {}): Promise<string[]> {
  // Port 0 is always free, so that tests need no port of their own.
  const read = readConfig({ DATA_DIR: dataDir, PORT: '0', SANDBOX_PORT: '0', ...environment })
  const findings = await examine({ clock: { wall: () => WALL }, random: systemRandom() }, read)
  return findings.flatMap((finding) => finding.troubles.map(({ what }) => `${finding.subject}: ${what}`))
}

test('finds nothing before the first start, and leaves nothing behind', async () => {
  expect(await troubles()).toEqual([])
  expect(existsSync(dataDir)).toBe(false)
})

test('finds nothing in a store that is current', async () => {
  const directory = openDataDir({ path: dataDir, sinceWall: WALL })
  await (await openStore({ file: storeFile(dataDir), mode: 'sandbox' })).close()
  directory.release()
  expect(await troubles()).toEqual([])
})

test('names the process that holds the directory, and does not take the lock from it', async () => {
  const directory = openDataDir({ path: dataDir, sinceWall: WALL })
  expect(await troubles()).toEqual([
    expect.stringMatching(new RegExp(`^lock: the data directory is in use by process ${process.pid} on `)),
  ])
  directory.release()
  expect(await troubles()).toEqual([])
})

test('names a store of the other mode', async () => {
  await (await openStore({ file: storeFile(dataDir), mode: 'sandbox' })).close()
  expect(await troubles({ INSTAGRAM_MODE: 'live' })).toEqual([
    'store: the store belongs to sandbox mode, and INSTAGRAM_MODE is live',
  ])
})

test('names a port that is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await troubles({ PORT: String(port) })).toEqual([`ports: 127.0.0.1:${port} is taken by another process`])
  server.close()
})

test('names a directory that is a file, and a damaged store', async () => {
  writeFileSync(dataDir, '')
  expect(await troubles()).toContain(`data directory: ${dataDir} is a file`)
  rmSync(dataDir)
  openDataDir({ path: dataDir, sinceWall: WALL }).release()
  writeFileSync(storeFile(dataDir), 'this is no database, and long enough to be read as one'.repeat(20))
  expect(await troubles()).toEqual([expect.stringMatching(/^store: it cannot be read/)])
})

test('names a secret file that others can read', async () => {
  openDataDir({ path: dataDir, sinceWall: WALL }).release()
  const path = join(dataDir, 'jwt-secret')
  writeFileSync(path, 'secret')
  chmodSync(path, 0o640)
  expect(await troubles()).toEqual([`data directory: ${path} can be read by others`])
})

test('names a database that does not answer, without its password', async () => {
  const found = await troubles({
    DATABASE_URL: 'postgres://someone:a-password@127.0.0.1:1/none',
    JWT_SECRET: 'kX2v9mQ7rT4wZ8bN1cL6sD3fG5hJ0pYa',
    ENCRYPTION_KEYS: `1:${Buffer.from('kX2v9mQ7rT4wZ8bN1cL6sD3fG5hJ0pYa').toString('base64')}`,
  })
  expect(found).toEqual(['store: it does not open'])
  expect(found.join()).not.toContain('a-password')
})

test.each([
  ['pending migrations', { ...CURRENT, pendingMigrations: ['0002-next'] }, /1 migrations are pending \(0002-next\)/],
  ['a newer version', { ...CURRENT, newerBreaking: ['0099-later'] }, /newer version .*0099-later/],
  ['an old server', { ...CURRENT, server: { version: 140_011, wall: WALL } }, /PostgreSQL is of version 14/],
])('names %s', (_, facts, expected) => {
  expect(checkStore(facts, 'live').troubles.map(({ what }) => what)).toEqual([expect.stringMatching(expected)])
})

test.each([
  ['a clock that was set back', { ...CURRENT, seenAt: WALL + 3_600_000 }, WALL, /set back by 60 min/],
  ['a clock that was never set', CURRENT, 0, /believes it is 1970/],
  ['a skewed server', { ...CURRENT, server: { version: 150_000, wall: WALL + 9_000 } }, WALL, /differs .* by 9 s/],
])('names %s', (_, facts, wall, expected) => {
  expect(checkClock(facts, 'live', wall).troubles.map(({ what }) => what)).toEqual([expect.stringMatching(expected)])
})

test('a sandbox whose time was advanced has no trouble with its clock', () => {
  expect(checkClock({ ...CURRENT, mode: 'sandbox', seenAt: WALL + 86_400_000 }, 'sandbox', WALL).troubles).toEqual([])
})

test('names a proxy that does not answer once, however many sessions use it, and passes over one that does', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const via = (id: string, proxyPort: number) => ({
    sessionId: id,
    proxy: { protocol: 'http' as const, host: '127.0.0.1', port: proxyPort, password: 'a-password' },
  })
  const { troubles: found } = await checkProxies([via('a', 1), via('b', 1), via('c', port)], 'live')
  expect(found.map(({ what }) => what)).toEqual(['the proxy 127.0.0.1:1 of 2 sessions does not answer (ECONNREFUSED)'])
  server.close()
})
