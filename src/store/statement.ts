import {
  type Compilable,
  type DeleteResult,
  type InsertResult,
  type OperationNode,
  OperationNodeTransformer,
  type PrimitiveValueListNode,
  type UpdateResult,
  ValueListNode,
  ValueNode,
} from 'kysely'
import { type Connection, compileNode, connectionOf, type Engine, type Prepared, prepareOnce } from './connection.ts'
import type { Db } from './store.ts'

/**
 * Statements of hot paths: written in Kysely, compiled once an engine, then run as prepared statements with nothing of
 * Kysely in between. Measured on SQLite: reading a row by its key takes 2.2 µs, built for each call 5.7; inserting an
 * action (29 columns) 12 µs against 33.
 *
 * ```ts
 * const findSession = statement((db, p: Placeholders<{ id: string }>) =>
 *   db.selectFrom('sessions').selectAll().where('id', '=', p.id))
 * const [session] = await findSession(tx, { id })
 * ```
 *
 * A placeholder stands for one scalar and may be used several times; it cannot stand for a list (`in`) or decide what
 * the statement looks like: write two statements for that.
 */
export type Placeholders<P> = Readonly<P>

type RowOf<R> = R extends InsertResult | UpdateResult | DeleteResult ? never : R

/** A statement that returns rows: `select`, or anything with `returning`. */
export function statement<P extends object, R>(
  build: (db: Db, p: Placeholders<P>) => Compilable<R>,
): (db: Db, params: P) => Promise<RowOf<R>[]> {
  const run = prepare(build)
  return async (db, params) => {
    const result = run(connectionOf(db), db, params)
    return (result instanceof Promise ? await result : result).rows as RowOf<R>[]
  }
}

/**
 * An insert, update or delete without `returning`; resolves with how many rows it changed. `written` is the placeholder
 * that names whose rows it writes, for hot writes to a table that something is remembered of (`watch-rows.ts`).
 */
export function command<P extends object>(
  build: (db: Db, p: Placeholders<P>) => Compilable<InsertResult | UpdateResult | DeleteResult>,
  written?: keyof P & string,
): (db: Db, params: P) => Promise<number> {
  const run = prepare(build, written)
  return async (db, params) => {
    const result = run(connectionOf(db), db, params)
    return (result instanceof Promise ? await result : result).changes
  }
}

class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

interface Compiled extends Prepared {
  /** In the order of the SQL: a placeholder, or a constant that was written into the statement. */
  slots: readonly unknown[]
}

function prepare<P extends object>(build: (db: Db, p: Placeholders<P>) => Compilable<unknown>, written?: string) {
  const byEngine: Partial<Record<Engine, Compiled>> = {}
  return (connection: Connection, db: Db, params: P) => {
    let compiled = byEngine[connection.engine]
    if (compiled === undefined) {
      compiled = compile(db, build, written)
      byEngine[connection.engine] = compiled
    }
    const given = params as Record<string, unknown>
    const values: unknown[] = []
    for (const slot of compiled.slots) {
      if (!(slot instanceof Placeholder)) values.push(slot)
      else if (given[slot.name] === undefined) throw new TypeError(`No value for placeholder ${slot.name}.`)
      else values.push(given[slot.name])
    }
    return connection.run(compiled, values)
  }
}

function compile<P extends object>(
  db: Db,
  build: (db: Db, p: Placeholders<P>) => Compilable<unknown>,
  written: string | undefined,
): Compiled {
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as Placeholders<P>
  const built = build(db, placeholders).compile()
  const { engine } = connectionOf(db)
  const { sql, parameters } = engine === 'sqlite' ? compileNode(engine, CONSTANTS.transformNode(built.query)) : built
  const place = parameters.findIndex((slot) => slot instanceof Placeholder && slot.name === written)
  return { ...prepareOnce(sql), slots: parameters, ...(place === -1 ? {} : { written: place }) }
}

/**
 * Writes constants into the SQL of SQLite. A bound value that a partial index depends on is read while it plans, so that it
 * plans anew whenever the statement is run: 45 µs for a look-up that takes 5.
 */
class ConstantsWriter extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return node.value instanceof Placeholder ? node : ValueNode.createImmediate(node.value)
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    const values = node.values.map((value) =>
      value instanceof Placeholder ? ValueNode.create(value) : ValueNode.createImmediate(value),
    )
    // Of the same place in the tree, and told apart by its kind.
    return ValueListNode.create(values) as OperationNode as PrimitiveValueListNode
  }
}

const CONSTANTS = new ConstantsWriter()
