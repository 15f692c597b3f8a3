import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openStore } from '../../src/store/open-store.ts'
import type { Place, StorePlaces } from './store-places.ts'

const POSTGRES_URL = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test'
/** The server notices a closed connection a moment later. */
const LOOKS_MAX = 500
const LOOK_EVERY_SECONDS = 0.002
/** Deleted rows stay in the way until they are vacuumed: after so many a new schema is the quicker one. */
const DELETED_ROWS_MAX = 5_000

/** A migrated schema, and what it takes to make it as it was. */
interface Schema {
  name: string
  /** Of the catalogue's rows about it; another once anybody has altered anything. */
  shape: string
  /** Deletes every row, and puts back what migrations wrote. */
  wipe: string
}

/**
 * A schema for each store. Migrating one takes half a second, so it is emptied when its test is over and used again by
 * the next test of the file, unless somebody altered it. Everything goes over one connection, which `close` ends.
 */
export class PostgresPlaces implements StorePlaces {
  readonly #admin: pg.Client
  readonly #free: Schema[] = []

  private constructor(admin: pg.Client) {
    this.#admin = admin
  }

  /** Rejects when there is no server. */
  static async connect(): Promise<PostgresPlaces> {
    const admin = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2_000 })
    await admin.connect()
    await admin.query('set synchronous_commit = off')
    return new PostgresPlaces(admin)
  }

  async empty(): Promise<Place> {
    const name = await this.#create()
    return { location: locationOf(name), giveBack: () => this.#drop(name) }
  }

  async migrated(): Promise<Place> {
    const schema = this.#free.pop() ?? (await this.#migrate())
    return {
      location: locationOf(schema.name),
      giveBack: (isQuiet) => (isQuiet ? this.#recycle(schema) : this.#drop(schema.name)),
    }
  }

  async close(): Promise<void> {
    for (const { name } of this.#free.splice(0)) await this.#drop(name)
    await this.#admin.end()
  }

  async #create(): Promise<string> {
    const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
    await this.#admin.query(`create schema ${name}`)
    return name
  }

  async #migrate(): Promise<Schema> {
    const name = await this.#create()
    const store = await openStore({ mode: 'sandbox', ...locationOf(name) })
    await store.close()
    return { name, shape: await this.#readShape(name), wipe: await this.#planWipe(name) }
  }

  async #recycle(schema: Schema): Promise<void> {
    const isLeft = (await this.#awaitDisconnection(schema.name)) > 0
    const isReusable = !isLeft && (await this.#readShape(schema.name)) === schema.shape
    if (!isReusable || (await this.#wipe(schema)) > DELETED_ROWS_MAX) await this.#drop(schema.name)
    else this.#free.push(schema)
  }

  async #drop(name: string): Promise<void> {
    const left = await this.#awaitDisconnection(name)
    if (left > 0) {
      await this.#admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        name,
      ])
    }
    await this.#admin.query(`drop schema ${name} cascade`)
    if (left > 0) throw new Error(`${left} database connections left open`)
  }

  /** How many connections do not go away. */
  async #awaitDisconnection(name: string): Promise<number> {
    for (let look = 1; ; look += 1) {
      const { rowCount } = await this.#admin.query('select 1 from pg_stat_activity where application_name = $1', [name])
      if (rowCount === 0 || look === LOOKS_MAX) return rowCount ?? 0
      await this.#admin.query('select pg_sleep($1)', [LOOK_EVERY_SECONDS])
    }
  }

  /** Each row of the catalogue carries the number of the transaction that wrote it. */
  async #readShape(name: string): Promise<string> {
    const { rows } = await this.#admin.query(
      `with relations as (select oid, xmin from pg_class where relnamespace = $1::regnamespace)
      select concat(
        (select string_agg(concat(oid, ' ', xmin), ',' order by oid) from relations),
        (select string_agg(concat(attrelid, ' ', attnum, ' ', xmin), ',' order by attrelid, attnum)
          from pg_attribute where attrelid in (select oid from relations)),
        (select string_agg(concat(oid, ' ', xmin), ',' order by oid) from pg_trigger
          where tgrelid in (select oid from relations))
      ) as shape`,
      [name],
    )
    return (rows as { shape: string }[])[0]?.shape ?? ''
  }

  async #planWipe(name: string): Promise<string> {
    const { rows } = await this.#admin.query('select tablename from pg_tables where schemaname = $1', [name])
    const statements: string[] = []
    for (const { tablename } of rows as { tablename: string }[]) {
      const table = `${name}.${tablename}`
      statements.push(`delete from ${table}`)
      const written = await this.#admin.query(`select json_agg(t)::text as list from ${table} t`)
      const { list } = (written.rows as { list: string | null }[])[0] as { list: string | null }
      if (list === null) continue
      const literal = pg.escapeLiteral(list)
      statements.push(`insert into ${table} select * from json_populate_recordset(null::${table}, ${literal})`)
    }
    return statements.join(';')
  }

  /** How many rows there were. */
  async #wipe({ wipe }: Schema): Promise<number> {
    const results = (await this.#admin.query(wipe)) as unknown as pg.QueryResult[]
    return results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0)
  }
}

function locationOf(name: string): { url: string } {
  const url = new URL(POSTGRES_URL)
  // The application's name finds connections that a test left open.
  url.searchParams.set('application_name', name)
  url.searchParams.set('options', `-c search_path=${name} -c synchronous_commit=off`)
  return { url: url.href }
}
