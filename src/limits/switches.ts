/**
 * The operator's kill switch: a stored row stops every turn of everybody, of a user or of a session, on every node, from
 * the next plan on. What is queued stays queued.
 */
import { remembered } from '../store/remembered.ts'
import { type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'

export type SwitchScope = { all: true } | { userId: string } | { sessionId: string }

export interface Switch {
  scope: SwitchScope
  since: number
  actor: string
  reason: string | null
}

const ALL = 'all'

function keyOf(scope: SwitchScope): string {
  if ('all' in scope) return ALL
  return 'userId' in scope ? `user/${scope.userId}` : `session/${scope.sessionId}`
}

function scopeOf(key: string): SwitchScope {
  if (key === ALL) return { all: true }
  const [type, ...rest] = key.split('/')
  const id = rest.join('/')
  return type === 'user' ? { userId: id } : { sessionId: id }
}

const selectSwitch = statement((db, p: Placeholders<{ all: string; user: string; session: string }>) => {
  const stopped = (scope: string) => db.selectFrom('switches').select('scope').where('scope', '=', scope)
  // Not `in`: SQLite builds a table of the list for every call, which costs more than the three look-ups.
  return stopped(p.all).unionAll(stopped(p.user)).unionAll(stopped(p.session))
})

/** Three key look-ups. */
const readSwitches = remembered(
  (session: { id: string; userId: string }) => ({ table: 'switches', id: session.id }),
  async (db, session) => {
    const rows = await selectSwitch(db, {
      all: ALL,
      user: keyOf({ userId: session.userId }),
      session: keyOf({ sessionId: session.id }),
    })
    return { isOff: rows.length > 0 }
  },
)

/** Whether an operator stopped the session, its user or everybody. */
export async function isSwitchedOff(db: Db, session: { id: string; userId: string }): Promise<boolean> {
  return (await readSwitches(db, session)).isOff
}

/** False when the scope was stopped already. */
export async function switchOff(tx: Db, input: Switch): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('switches')
    .values({ scope: keyOf(input.scope), since: input.since, actor: input.actor, reason: input.reason })
    .onConflict((conflict) => conflict.column('scope').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** False when the scope was not stopped. */
export async function switchOn(tx: Db, scope: SwitchScope): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('switches').where('scope', '=', keyOf(scope)).executeTakeFirst()
  return numDeletedRows === 1n
}

/** What is stopped now, the oldest first. */
export async function listSwitches(db: Db): Promise<Switch[]> {
  const rows = await db.selectFrom('switches').selectAll().orderBy('since').orderBy('scope').limit(1_000).execute()
  return rows.map((row) => ({ scope: scopeOf(row.scope), since: row.since, actor: row.actor, reason: row.reason }))
}
