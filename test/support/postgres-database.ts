import { randomBytes } from 'node:crypto'
import pg from 'pg'

const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** What several gateway processes on one database must share, besides its URL. */
export const SHARED_SECRETS = {
  ENCRYPTION_KEYS: `1:${randomBytes(32).toString('base64')}`,
}

/** Whether suites that need PostgreSQL run here; where they are required, a missing server fails them instead. */
export const runsOnPostgres = process.env.REQUIRE_POSTGRES === '1' || (await answers())

export interface TestDatabase {
  url: string
  /** Sets the clock forward that the server shows to clients of `url`. */
  pass(ms: number): Promise<void>
  /** Also ends the connections of killed processes. */
  drop(): Promise<void>
}

/** A database of its own for processes that share it. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `gateway_${randomBytes(6).toString('hex')}`
  await run(`create database ${name}`)
  const url = new URL(POSTGRES_URL)
  url.pathname = `/${name}`
  const own = url.href
  await run(SHIFTED_CLOCK, own)
  url.searchParams.set('options', '-c search_path=public,shifted,pg_catalog')
  return {
    url: url.href,
    pass: (ms) => run(`update shifted.clock set ahead = ahead + interval '${ms} milliseconds'`, own),
    drop: () => run(`drop database if exists ${name} with (force)`),
  }
}

/** Found before the server's own function by whoever has its schema in front. */
const SHIFTED_CLOCK = `create schema shifted;
  create table shifted.clock (ahead interval not null);
  insert into shifted.clock values ('0');
  create function shifted.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + ahead from shifted.clock'`

async function run(sql: string, url = POSTGRES_URL): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function answers(): Promise<boolean> {
  return run('select 1').then(
    () => true,
    () => false,
  )
}
