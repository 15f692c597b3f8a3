import {
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  DummyDriver,
  Kysely,
  type LimitNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type RootOperationNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  ValueNode,
} from 'kysely'
import type { RowMemory } from './row-memory.ts'
import type { Schema } from './schema.ts'
import type { Db, Store } from './store.ts'

export type Engine = Store['engine']

/** SQL that is prepared once a connection; `id` keys the caches of prepared statements. */
export interface Prepared {
  readonly id: number
  readonly sql: string
  /** Which of its values names the only row that it writes, among those that something is remembered of; absent = it may be any. */
  readonly written?: number
}

let statementsSoFar = 0

/** Gives SQL its id, unique in this process. Call it once a statement, not once a use. */
export function prepareOnce(sql: string): Prepared {
  const id = statementsSoFar
  statementsSoFar += 1
  return { id, sql }
}

export interface Rows {
  rows: unknown[]
  /** Rows that an insert, update or delete touched. */
  changes: number
}

/** What stands behind a `Db`: one database connection, a pool of them, or one callback's share of a transaction. */
export interface Connection {
  readonly engine: Engine
  /** Runs a prepared statement. SQLite answers at once: a promise that is not needed costs a microsecond. */
  run(prepared: Prepared, values: readonly unknown[]): Rows | Promise<Rows>
  /** Runs what Kysely compiled just now. */
  query(sql: string, values: readonly unknown[]): Rows | Promise<Rows>
  /** Calls `signal` once the transaction is durable; null outside a transaction. */
  readonly afterCommit: ((signal: () => void) => void) | null
  /** What was read of rows and has not changed; null where other processes write too. */
  readonly memory: RowMemory | null
}

/** Kysely over one connection, which is found again without a table of them: such a table costs more than all the rest. */
class StoreDb extends Kysely<Schema> {
  readonly behind: Connection

  constructor(connection: Connection) {
    const { config, compiler, adapter } = ENGINES[connection.engine]
    const wrapped = new KyselyConnection(connection)
    const executor = new DefaultQueryExecutor(compiler, adapter, {
      provideConnection: (consumer) => consumer(wrapped),
    })
    super({ config, dialect: config.dialect, driver: NO_DRIVER, executor })
    this.behind = connection
  }
}

/** Wraps a connection in Kysely. Cheap enough to be done for every transaction: 0.3 µs. */
export function createDb(connection: Connection): Db {
  return new StoreDb(connection)
}

/** The connection behind a `Db` that this store made. */
export function connectionOf(db: Db): Connection {
  if (db instanceof StoreDb) return db.behind
  throw new Error('This Db was not made by the store.')
}

/**
 * Calls `signal` after the transaction of `tx` has become durable, and never when it was rolled back or runs again:
 * the place for waking lanes, waiters and streams. `signal` must not throw.
 */
export function afterCommit(tx: Db, signal: () => void): void {
  const { afterCommit } = connectionOf(tx)
  if (afterCommit === null) throw new Error('afterCommit needs the tx of a write.')
  afterCommit(signal)
}

/** Kysely's face of a connection. Transactions are the store's own business, so there are no streams and no cursors. */
class KyselyConnection implements DatabaseConnection {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#connection.query(compiled.sql, compiled.parameters)
    return { rows: rows as R[], numAffectedRows: BigInt(changes) }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and a stream would hold a statement open.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The store does not stream: page with a cursor.')
  }
}

const NO_DRIVER = new DummyDriver()

/**
 * SQLite reads the value of a bare `limit ?` while it plans, and so plans anew whenever the statement is run: 190 µs for a
 * look-up that takes 3. It does not look into an expression.
 */
class SqliteCompiler extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    super.visitLimit(node)
    if (ValueNode.is(node.limit) && node.limit.immediate !== true) this.append(' + 0')
  }
}

/** A dialect without a driver: `createDb` gives Kysely its connection directly. */
const ENGINES = {
  sqlite: describeEngine({
    createDriver: () => NO_DRIVER,
    createQueryCompiler: () => new SqliteCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }),
  postgres: describeEngine({
    createDriver: () => NO_DRIVER,
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }),
}

/** SQL of a query that was built for the engine, and its values in the order of the SQL. */
export function compileNode(engine: Engine, node: RootOperationNode): { sql: string; parameters: readonly unknown[] } {
  return ENGINES[engine].compiler.compileQuery(node, createQueryId())
}

function describeEngine(dialect: Dialect) {
  return { config: { dialect }, compiler: dialect.createQueryCompiler(), adapter: dialect.createAdapter() }
}
