import pg from 'pg'
import type { MachineTime } from '../../core/machine-clock.ts'
import { type Connection, createDb, type Prepared, type Rows } from '../connection.ts'
import { StoreRefusal, storeUnavailable } from '../faults.ts'
import type { MigrationTarget } from '../migrate.ts'
import type { Db, Store } from '../store.ts'
import { explainPostgresFault, isConnectionFault, isSerializationFault } from './postgres-faults.ts'
import { PostgresSignals } from './postgres-signals.ts'
import { getTypeParser } from './type-parsers.ts'

const ATTEMPTS_MAX = 5
const BACKOFF_MS = 5
const CONNECT_MS = 5_000
const STATEMENT_MS = 10_000
const LOCK_MS = 5_000
const IDLE_IN_TRANSACTION_MS = 10_000
const QUERY_MS = 15_000
/** How long to ask what became of a commit whose answer was lost. */
const COMMIT_QUESTIONS = 10
const COMMIT_QUESTION_MS = 500
/** Any number, the same in every version: the lock under which the schema changes. */
const MIGRATION_LOCK = 7_215_001

interface PostgresStoreDeps {
  machine: MachineTime
  onFault: (error: unknown) => void
  prepare: (target: MigrationTarget) => Promise<void>
  connectionsMax: number
}

/** Connects to the server. Rejects with `StoreRefusal` when it cannot be reached. */
export async function openPostgresStore(url: string, deps: PostgresStoreDeps): Promise<Store> {
  const connection: pg.ClientConfig = {
    connectionString: url,
    types: { getTypeParser },
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  }
  const pool = new pg.Pool({
    ...connection,
    max: deps.connectionsMax,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // Of our own, for a server that vanished without closing the connection.
    query_timeout: QUERY_MS,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', deps.onFault)
  const signals = new PostgresSignals({ connection, ...deps })
  try {
    await deps.prepare(migrationTarget(connection))
    await signals.connect()
    return new PostgresStore(pool, signals, deps)
  } catch (error) {
    await pool.end()
    throw error
  }
}

class PostgresStore implements Store {
  readonly engine = 'postgres'
  readonly read: Db
  readonly signals: PostgresSignals
  readonly #pool: pg.Pool
  readonly #machine: MachineTime
  readonly #onFault: (error: unknown) => void
  #closing: Promise<void> | null = null

  constructor(pool: pg.Pool, signals: PostgresSignals, deps: Pick<PostgresStoreDeps, 'machine' | 'onFault'>) {
    this.#pool = pool
    this.signals = signals
    this.#machine = deps.machine
    this.#onFault = deps.onFault
    this.read = createDb(new QueryableConnection(pool))
  }

  /**
   * READ COMMITTED. A deadlock or serialization failure runs `work` again, five times in all.
   */
  async write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transact(work)
      } catch (error) {
        if (!isSerializationFault(error)) throw error
        if (attempt === ATTEMPTS_MAX) throw storeUnavailable('other writes were in the way', error)
        await this.#pause(BACKOFF_MS * 2 ** attempt)
      }
    }
  }

  async readServerWall(): Promise<number> {
    const { rows } = await ask(this.#pool, 'select extract(epoch from clock_timestamp()) * 1000 as wall')
    return (rows as { wall: number }[])[0]?.wall as number
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.signals.close(), this.#pool.end()]).then(() => {})
    return this.#closing
  }

  async #transact<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw storeUnavailable('the store is closed', undefined)
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw explainPostgresFault(error)
    })
    let isBroken = false
    // Without a listener a connection that breaks while it is ours would end the process; its queries tell us.
    const noteBroken = () => {
      isBroken = true
    }
    client.on('error', noteBroken)
    const share = new Share(client)
    try {
      const transactionId = await begin(client)
      const result = await work(share.db)
      share.end()
      await this.#commit(client, transactionId)
      this.#send(share.signals)
      return result
    } catch (error) {
      share.end()
      if (isConnectionFault(error)) noteBroken()
      if (!isBroken) await client.query('rollback').catch(noteBroken)
      throw error
    } finally {
      client.off('error', noteBroken)
      client.release(isBroken)
    }
  }

  /** Resolves when the transaction is durable; throws when it certainly is not, or nobody can tell. */
  async #commit(client: pg.PoolClient, transactionId: string): Promise<void> {
    let command: string
    try {
      command = (await client.query('commit')).command
    } catch (error) {
      const fault = explainPostgresFault(error)
      if (error instanceof pg.DatabaseError && error.severity !== 'FATAL') throw fault
      if (await this.#wasCommitted(transactionId)) return
      throw fault
    }
    // A callback that swallowed the error of a statement leaves a transaction that PostgreSQL only rolls back.
    if (command !== 'COMMIT') throw new Error('A write went on after a statement of its transaction had failed.')
  }

  /** The connection was lost between `commit` and its answer: only the server knows, and it remembers. */
  async #wasCommitted(transactionId: string): Promise<boolean> {
    for (let question = 0; question < COMMIT_QUESTIONS; question += 1) {
      try {
        const { rows } = await ask(this.#pool, 'select pg_xact_status($1) as status', [transactionId])
        const [row] = rows as { status: string | null }[]
        if (row?.status !== 'in progress') return row?.status === 'committed'
      } catch {
        // The server is still away; asked again below, and in the end the caller hears of the lost connection.
      }
      await this.#pause(COMMIT_QUESTION_MS)
    }
    return false
  }

  #send(signals: readonly (() => void)[]): void {
    for (const signal of signals) {
      try {
        signal()
      } catch (error) {
        this.#onFault(error)
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#machine.after(ms, resolve, { holdsProcess: true }))
  }
}

/** Begins, and learns the transaction's number in the same round trip, in case the answer to `commit` gets lost. */
async function begin(client: pg.PoolClient): Promise<string> {
  try {
    const results: unknown = await client.query(
      'begin isolation level read committed; select pg_current_xact_id()::text as id',
    )
    const [, selected] = results as [unknown, pg.QueryResult<{ id: string }>]
    return selected.rows[0]?.id as string
  } catch (error) {
    throw explainPostgresFault(error)
  }
}

class QueryableConnection implements Connection {
  readonly engine = 'postgres'
  readonly afterCommit: Connection['afterCommit'] = null
  readonly memory = null
  readonly #queryable: pg.Pool | pg.PoolClient

  constructor(queryable: pg.Pool | pg.PoolClient) {
    this.#queryable = queryable
  }

  run({ id, sql }: Prepared, values: readonly unknown[]): Promise<Rows> {
    return ask(this.#queryable, sql, values, `s${id}`)
  }

  query(sql: string, values: readonly unknown[]): Promise<Rows> {
    return ask(this.#queryable, sql, values)
  }
}

/** The one transaction of a write. */
class Share extends QueryableConnection {
  readonly db: Db
  readonly signals: (() => void)[] = []
  #last: Promise<unknown> = Promise.resolve()
  #isOver = false

  constructor(client: pg.PoolClient) {
    super(client)
    this.db = createDb(this)
  }

  override readonly afterCommit = (signal: () => void): void => {
    this.signals.push(signal)
  }

  override run(prepared: Prepared, values: readonly unknown[]): Promise<Rows> {
    return this.#inTurn(() => super.run(prepared, values))
  }

  override query(sql: string, values: readonly unknown[]): Promise<Rows> {
    return this.#inTurn(() => super.query(sql, values))
  }

  end(): void {
    this.#isOver = true
  }

  /** Statements that a callback starts together go one after another, as on SQLite. */
  #inTurn(statement: () => Promise<Rows>): Promise<Rows> {
    if (this.#isOver) throw new Error('This tx is over: its callback has returned.')
    const result = this.#last.then(statement, statement)
    this.#last = result
    return result
  }
}

async function ask(
  queryable: pg.Pool | pg.PoolClient | pg.Client,
  text: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<Rows> {
  try {
    const query = { text, values: values as unknown[] }
    const { rows, rowCount, command } = await queryable.query(name === undefined ? query : { ...query, name })
    return { rows, changes: command === 'SELECT' ? 0 : (rowCount ?? 0) }
  } catch (error) {
    throw explainPostgresFault(error)
  }
}

/** On a connection without time limits: an index on a large table takes as long as it takes. */
function migrationTarget(connection: pg.ClientConfig): MigrationTarget {
  return {
    async locked(work) {
      const client = new pg.Client(connection)
      client.on('error', () => {}) // the query that it breaks rejects
      try {
        await client.connect()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new StoreRefusal('cannot_open', `The database of DATABASE_URL cannot be reached: ${reason}.`, error)
      }
      try {
        await client.query('begin')
        // Per schema, so that stores in one database do not wait for each other.
        await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK}, hashtext(current_schema()))`)
        const result = await work(async (sql, values = []) => (await ask(client, sql, values)).rows)
        await client.query('commit')
        return result
      } finally {
        // Ends a transaction that failed, too.
        await client.end()
      }
    },
  }
}
