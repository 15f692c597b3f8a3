import { connectionOf } from './connection.ts'
import type { LaneTable } from './schema.ts'
import { type Placeholders, statement } from './statement.ts'
import type { Db } from './store.ts'

const selectLane = statement((db, p: Placeholders<{ accountId: string }>) => {
  const lane = db.selectFrom('lanes').selectAll().where('account_id', '=', p.accountId)
  // SQLite has one writer at a time; where there are more, the row is the lock.
  return connectionOf(db).engine === 'postgres' ? lane.forUpdate() : lane
})

/**
 * Takes the account's lock for the rest of the transaction and returns its lane. Everything that plans, marks or settles
 * starts with it, and several are taken in the order of their ids. Throws when the account has no lane, which is our bug.
 */
export async function lockAccount(tx: Db, accountId: string): Promise<LaneTable> {
  const [lane] = await selectLane(tx, { accountId })
  if (lane === undefined) throw new Error(`Account ${accountId} has no lane.`)
  return lane
}
