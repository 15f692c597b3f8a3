import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect } from 'vitest'
import { type OpenStoreOptions, openStore, type StoreLocation } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'

const POSTGRES_URL = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'
const CLOSE_MS_MAX = 5_000

/** What a test of the store itself may want to change. */
export type TestStoreOptions = Partial<Omit<OpenStoreOptions, 'file' | 'url'>> & {
  /** Opens the same database once more: another process of the same gateway, or the next start. */
  at?: StoreLocation
}

export interface TestEngine {
  name: Store['engine']
  /** Several processes may use one store at the same time. */
  isShared: boolean
  /** A new place for a store: a temporary directory, or a schema. Removed after the test. */
  place(): Promise<StoreLocation>
}

export type OpenTestStore = (options?: TestStoreOptions) => Promise<Store>

/**
 * Registers `tests` once for each engine. Every `openStore()` is a fresh, migrated store; it is closed and removed after
 * the test, and the test fails when it left a write unfinished or a database connection open. PostgreSQL is skipped when
 * there is none, unless `REQUIRE_POSTGRES=1`.
 */
export function describeOnEveryStore(
  title: string,
  tests: (openTestStore: OpenTestStore, engine: TestEngine) => void,
): void {
  describe(`${title} (sqlite)`, () => register(sqlitePlaces(), tests))
  describeOnPostgres(title, tests)
}

/** As `describeOnEveryStore`, for what needs several connections. */
export function describeOnPostgres(
  title: string,
  tests: (openTestStore: OpenTestStore, engine: TestEngine) => void,
): void {
  const isRequired = process.env['REQUIRE_POSTGRES'] === '1'
  describe.skipIf(!isRequired && !hasPostgres)(`${title} (postgres)`, () => register(postgresPlaces(), tests))
}

interface Places {
  engine: TestEngine['name']
  create(): Promise<{ location: StoreLocation; remove: () => Promise<void> }>
}

function register(places: Places, tests: (openTestStore: OpenTestStore, engine: TestEngine) => void): void {
  const opened: Store[] = []
  const removals: (() => Promise<void>)[] = []

  const place = async () => {
    const { location, remove } = await places.create()
    removals.push(remove)
    return location
  }

  afterEach(async () => {
    const leaks: string[] = []
    for (const store of opened.splice(0)) {
      if (!(await closesInTime(store)))
        leaks.push('a write that did not finish, or a connection that was not given back')
    }
    for (const remove of removals.splice(0)) {
      await remove().catch((error: Error) => leaks.push(error.message))
    }
    expect(leaks).toEqual([])
  })

  tests(
    async ({ at, ...options } = {}) => {
      const store = await openStore({ mode: 'sandbox', ...options, ...(at ?? (await place())) })
      opened.push(store)
      return store
    },
    { name: places.engine, isShared: places.engine === 'postgres', place },
  )
}

async function closesInTime(store: Store): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CLOSE_MS_MAX)
  })
  const isClosed = await Promise.race([store.close().then(() => true), tooLate])
  clearTimeout(timer)
  return isClosed
}

function sqlitePlaces(): Places {
  return {
    engine: 'sqlite',
    async create() {
      const directory = mkdtempSync(join(tmpdir(), 'gateway-store-'))
      return {
        location: { file: join(directory, 'gateway.db') },
        remove: async () => rmSync(directory, { recursive: true, force: true }),
      }
    },
  }
}

function postgresPlaces(): Places {
  return {
    engine: 'postgres',
    async create() {
      const schema = `test_${process.pid}_${randomBytes(6).toString('hex')}`
      await onPostgres((client) => client.query(`create schema ${schema}`))
      const url = new URL(POSTGRES_URL)
      // The application's name finds connections that a test left open.
      url.searchParams.set('application_name', schema)
      url.searchParams.set('options', `-c search_path=${schema} -c synchronous_commit=off`)
      return { location: { url: url.href }, remove: () => removeSchema(schema) }
    },
  }
}

async function removeSchema(schema: string): Promise<void> {
  await onPostgres(async (client) => {
    let left = 0
    // The server notices a closed connection a moment later.
    for (let look = 0; look < 50; look += 1) {
      const { rowCount } = await client.query('select 1 from pg_stat_activity where application_name = $1', [schema])
      left = rowCount ?? 0
      if (left === 0) break
      await client.query('select pg_sleep(0.02)')
    }
    if (left > 0) {
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [schema])
    }
    await client.query(`drop schema ${schema} cascade`)
    if (left > 0) throw new Error(`${left} database connections left open`)
  })
}

async function onPostgres<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const hasPostgres = await onPostgres(async () => true).catch(() => false)
