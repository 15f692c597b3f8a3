import { afterAll, afterEach, describe, expect } from 'vitest'
import { type OpenStoreOptions, openStore, type StoreLocation } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { PostgresPlaces } from './postgres-places.ts'
import { type Place, SqlitePlaces, type StorePlaces } from './store-places.ts'

const CLOSE_MS_MAX = 5_000
const REQUIRES_POSTGRES = process.env['REQUIRE_POSTGRES'] === '1'

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

/** Shared by all that this file registers. */
const sqlite = new SqlitePlaces()
const postgres = await PostgresPlaces.connect().catch((error: unknown) => {
  if (REQUIRES_POSTGRES) throw error
  return null
})
afterAll(() => Promise.all([sqlite.close(), postgres?.close()]))

/**
 * Registers `tests` once for each engine. Every `openStore()` is a migrated store without rows; it is closed after the
 * test, and the test fails when it left a write unfinished or a database connection open. PostgreSQL is skipped when
 * there is none, unless `REQUIRE_POSTGRES=1`.
 */
export function describeOnEveryStore(
  title: string,
  tests: (openTestStore: OpenTestStore, engine: TestEngine) => void,
): void {
  describe(`${title} (sqlite)`, () => register('sqlite', sqlite, tests))
  describeOnPostgres(title, tests)
}

/** As `describeOnEveryStore`, for what needs several connections. */
export function describeOnPostgres(
  title: string,
  tests: (openTestStore: OpenTestStore, engine: TestEngine) => void,
): void {
  describe.skipIf(postgres === null)(`${title} (postgres)`, () => register('postgres', postgres, tests))
}

/** Without places the tests are named, to be reported as skipped. */
function register(
  engine: TestEngine['name'],
  places: StorePlaces | null,
  tests: (openTestStore: OpenTestStore, engine: TestEngine) => void,
): void {
  const opened: Store[] = []
  const taken: Place[] = []

  const take = async (kind: 'migrated' | 'empty') => {
    if (places === null) throw new Error('There is no PostgreSQL server.')
    const place = await places[kind]()
    taken.push(place)
    return place.location
  }

  afterEach(async () => {
    const closed = await Promise.all(opened.splice(0).map(closesInTime))
    const isQuiet = !closed.includes(false)
    const leaks = isQuiet ? [] : ['a write that did not finish, or a connection that was not given back']
    for (const place of taken.splice(0)) {
      await place.giveBack(isQuiet).catch((error: Error) => leaks.push(error.message))
    }
    expect(leaks).toEqual([])
  })

  tests(
    async ({ at, ...options } = {}) => {
      const isUsual = options.mode === undefined && options.migrations === undefined
      const location = at ?? (await take(isUsual ? 'migrated' : 'empty'))
      const store = await openStore({ mode: 'sandbox', ...options, ...location })
      opened.push(store)
      return store
    },
    { name: engine, isShared: engine === 'postgres', place: () => take('empty') },
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
