import { sql } from 'kysely'
import { connectionOf } from '../store/connection.ts'
import { type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Action, ActionClass } from './action.ts'
import { toAction } from './store.ts'

// A partial index is only used when the statement spells its condition out, so this is no parameter.
const QUEUED = sql.lit('queued')

/**
 * All heads in one statement, for a server: the kinds are found by jumping from one to the next in the index
 * `actions_queued`, then each head by its key. `order by … limit 1` instead of `min`, and a lateral join, leave the planner
 * no reason to read more.
 */
const selectHeads = statement((db, p: Placeholders<{ accountId: string }>) => {
  const queued = db
    .selectFrom('actions')
    .where('actions.account_id', '=', p.accountId)
    .where('actions.status', '=', QUEUED)
    .where('actions.batch_id', 'is', null)
  const firstKind = queued.select('actions.kind').orderBy('actions.kind').limit(sql.lit(1))
  const turns = db
    .withRecursive('kinds(kind)', (cte) =>
      cte.selectNoFrom(firstKind.as('kind')).unionAll(
        cte
          .selectFrom('kinds')
          .where('kinds.kind', 'is not', null)
          .select((eb) => firstKind.where('actions.kind', '>', eb.ref('kinds.kind')).as('kind')),
      ),
    )
    .with('classes', (cte) =>
      cte
        .selectNoFrom(sql.lit<ActionClass>(0).as('class'))
        .unionAll(cte.selectNoFrom(sql.lit<ActionClass>(1).as('class')))
        .unionAll(cte.selectNoFrom(sql.lit<ActionClass>(2).as('class'))),
    )
    .selectFrom('kinds')
    .crossJoin('classes')
  const first = queued
    .where('actions.kind', '=', sql.ref<string>('kinds.kind'))
    .where('actions.class', '=', sql.ref<number>('classes.class'))
    .orderBy('actions.due_at')
    .orderBy('actions.ord')
    .limit(sql.lit(1))
  return turns.innerJoinLateral(first.selectAll('actions').as('head'), (join) => join.onTrue()).selectAll('head')
})

/** From head to head in the order of the same index: where there is no way to a server, half the cost of the recursion. */
const selectFirstHead = statement((db, p: Placeholders<{ accountId: string }>) => inHeadOrder(db, p))
// Two statements: asked for `(kind, class) > (?, ?)`, SQLite reads the rest of the head's own queue (84 µs with 600).
const selectNextClass = statement((db, p: Placeholders<{ accountId: string; kind: string; class: number }>) =>
  inHeadOrder(db, p).where('kind', '=', p.kind).where('class', '>', p.class),
)
const selectNextKind = statement((db, p: Placeholders<{ accountId: string; kind: string }>) =>
  inHeadOrder(db, p).where('kind', '>', p.kind),
)

function inHeadOrder(db: Db, p: Placeholders<{ accountId: string }>) {
  return db
    .selectFrom('actions')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('status', '=', QUEUED)
    .where('batch_id', 'is', null)
    .orderBy('kind')
    .orderBy('class')
    .orderBy('due_at')
    .orderBy('ord')
    .limit(sql.lit(1))
}

/**
 * The first queued action of every kind and class of an account, due or not, in that order. The cost follows the kinds in
 * use, not the queue.
 */
export async function findHeads(db: Db, accountId: string): Promise<Action[]> {
  if (connectionOf(db).engine === 'postgres') return (await selectHeads(db, { accountId })).map(toAction)
  const heads: Action[] = []
  let [row] = await selectFirstHead(db, { accountId })
  while (row !== undefined) {
    heads.push(toAction(row))
    const { kind } = row
    ;[row] = await selectNextClass(db, { accountId, kind, class: row.class })
    if (row === undefined) [row] = await selectNextKind(db, { accountId, kind })
  }
  return heads
}
