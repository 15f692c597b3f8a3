import type { InboundSourceTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'

/** The schedule of one source of one account. */
export interface Schedule {
  accountId: string
  source: string
  sessionId: string
  since: number
  dueAt: number | null
  intervalMs: number
  readAt: number | null
  heardAt: number | null
  answeredAt: number | null
  suspectAt: number | null
  failures: number
  /** JSON. */
  state: string | null
}

function toSchedule(row: InboundSourceTable): Schedule {
  return {
    accountId: row.account_id,
    source: row.source,
    sessionId: row.session_id,
    since: row.since,
    dueAt: row.due_at,
    intervalMs: row.interval_ms,
    readAt: row.read_at,
    heardAt: row.heard_at,
    answeredAt: row.answered_at,
    suspectAt: row.suspect_at,
    failures: row.failures,
    state: row.state,
  }
}

const selectSchedules = statement((db, p: Placeholders<{ accountId: string }>) =>
  db.selectFrom('inbound_sources').selectAll().where('account_id', '=', p.accountId),
)

/** Everything that is read for an account: a handful of rows. */
export async function findSchedules(db: Db, accountId: string): Promise<Schedule[]> {
  return (await selectSchedules(db, { accountId })).map(toSchedule)
}

const upsertSchedule = command((db, p: Placeholders<Schedule>) =>
  db
    .insertInto('inbound_sources')
    .values({
      account_id: p.accountId,
      source: p.source,
      session_id: p.sessionId,
      since: p.since,
      due_at: p.dueAt,
      interval_ms: p.intervalMs,
      read_at: p.readAt,
      heard_at: p.heardAt,
      answered_at: p.answeredAt,
      suspect_at: p.suspectAt,
      failures: p.failures,
      state: p.state,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'source']).doUpdateSet({
        session_id: p.sessionId,
        since: p.since,
        due_at: p.dueAt,
        interval_ms: p.intervalMs,
        read_at: p.readAt,
        heard_at: p.heardAt,
        answered_at: p.answeredAt,
        suspect_at: p.suspectAt,
        failures: p.failures,
        state: p.state,
      }),
    ),
)

/** Call under the account's lock. */
export async function saveSchedule(tx: Db, schedule: Schedule): Promise<void> {
  await upsertSchedule(tx, schedule)
}

const lowerDue = command((db, p: Placeholders<{ accountId: string; source: string; at: number }>) =>
  db
    .updateTable('inbound_sources')
    .set({ due_at: p.at })
    .where('account_id', '=', p.accountId)
    .where('source', '=', p.source)
    .where((eb) => eb.or([eb('due_at', 'is', null), eb('due_at', '>', p.at)])),
)

/** False when it was due as early already, or nobody listens. */
export async function lowerSchedule(
  tx: Db,
  input: { accountId: string; source: string; at: number },
): Promise<boolean> {
  return (await lowerDue(tx, input)) === 1
}

const selectRead = statement((db, p: Placeholders<{ accountId: string }>) =>
  db
    .selectFrom('inbound_reads')
    .select(['no', 'at'])
    .where('account_id', '=', p.accountId)
    .orderBy('no', 'desc')
    .limit(1),
)

const selectReadNo = statement((db, p: Placeholders<{ accountId: string; no: number }>) =>
  db.selectFrom('inbound_reads').select('at').where('account_id', '=', p.accountId).where('no', '=', p.no),
)

/** The account's newest read; null = none in the last hour. */
export async function findLastRead(db: Db, accountId: string): Promise<{ no: number; at: number } | null> {
  const [row] = await selectRead(db, { accountId })
  return row ?? null
}

/** When the account's read of that number began; null = longer ago than anybody counts. */
export async function findReadAt(db: Db, accountId: string, no: number): Promise<number | null> {
  const [row] = await selectReadNo(db, { accountId, no })
  return row?.at ?? null
}

const insertRead = command((db, p: Placeholders<{ accountId: string; no: number; at: number }>) =>
  db.insertInto('inbound_reads').values({ account_id: p.accountId, no: p.no, at: p.at }),
)

const deleteReads = command((db, p: Placeholders<{ accountId: string; no: number; before: number }>) =>
  db
    .deleteFrom('inbound_reads')
    .where('account_id', '=', p.accountId)
    .where('no', '<', p.no)
    .where('at', '<=', p.before),
)

/** Records a read and forgets those before `before`. */
export async function addRead(
  tx: Db,
  input: { accountId: string; no: number; at: number; before: number },
): Promise<void> {
  const { accountId, no, at, before } = input
  await insertRead(tx, { accountId, no, at })
  await deleteReads(tx, { accountId, no, before })
}

/**
 * Makes the lanes of live sessions due that wait for nothing: whoever starts may listen to more than whoever ran before.
 */
export async function wakeListeners(tx: Db, input: { at: number }): Promise<void> {
  await tx
    .updateTable('lanes')
    .set({ due_at: input.at })
    .where('due_at', 'is', null)
    .where('account_id', 'in', (eb) =>
      eb.selectFrom('sessions').select('sessions.account_id').where('sessions.ended_at', 'is', null),
    )
    .execute()
}
