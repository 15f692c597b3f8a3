import { randomBytes } from 'node:crypto'
import pg from 'pg'

const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** What several gateway processes on one database must share, besides its URL. */
export const SHARED_SECRETS = {
  ENCRYPTION_KEYS: `1:${randomBytes(32).toString('base64')}`,
}

/** Whether suites that need PostgreSQL run here; where they are required, a missing server fails them instead. */
export const runsOnPostgres = process.env.REQUIRE_POSTGRES === '1' || (await answers())

/** A database of its own for processes that share it; `drop` also ends the connections of killed ones. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `gateway_${randomBytes(6).toString('hex')}`
  await run(`create database ${name}`)
  const url = new URL(POSTGRES_URL)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) }
}

async function run(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES_URL })
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
