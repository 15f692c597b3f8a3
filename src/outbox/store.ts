import { sql } from 'kysely'
import type { ActionTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Action, ActionClass, ActionStatus, ActionStep, CausedBy, OnLimit, WaitingFor } from './action.ts'

// Partial indexes are only used when the statement spells their condition out, so these are no parameters.
const QUEUED = sql.lit('queued')
const RUNNING = sql.lit('running')
const UNCONFIRMED = sql.lit('unconfirmed')

/** An item of a bulk carries its batch's payload beside its own empty one. */
export function toAction(row: ActionTable & { batch_payload?: string | null }): Action {
  return {
    id: row.id,
    userId: row.user_id,
    sessionId: row.session_id,
    accountId: row.account_id,
    kind: row.kind,
    class: row.class as ActionClass,
    status: row.status as ActionStatus,
    step: row.step as ActionStep | null,
    dueAt: row.due_at,
    ord: row.ord,
    target: row.target,
    payload: row.batch_payload ?? row.payload,
    resolved: row.resolved,
    clientToken: row.client_token,
    onLimit: row.on_limit as OnLimit,
    sendAt: row.send_at,
    expiresAt: row.expires_at,
    attempts: row.attempts,
    resends: row.resends,
    failures: row.failures,
    callDeadlineWall: row.call_deadline_wall,
    externalId: row.external_id,
    code: row.code,
    reason: row.reason,
    waitingFor: row.waiting_for === null ? null : (JSON.parse(row.waiting_for) as WaitingFor),
    batchId: row.batch_id,
    acceptedAt: row.accepted_at,
    acceptedBy: row.accepted_by,
    overrideBy: row.override_by,
    causedBy: row.caused_by === null ? null : (JSON.parse(row.caused_by) as CausedBy),
    settledAt: row.settled_at,
  }
}

/** What acceptance decides; everything else of a new row is fixed. */
export type NewAction = Pick<
  ActionTable,
  | 'id'
  | 'user_id'
  | 'session_id'
  | 'account_id'
  | 'kind'
  | 'class'
  | 'due_at'
  | 'ord'
  | 'target'
  | 'payload'
  | 'resolved'
  | 'client_token'
  | 'on_limit'
  | 'send_at'
  | 'expires_at'
  | 'batch_id'
  | 'accepted_at'
  | 'accepted_by'
  | 'override_by'
  | 'caused_by'
>

export const insertAction = command((db, p: Placeholders<NewAction>) =>
  db.insertInto('actions').values({
    id: p.id,
    user_id: p.user_id,
    session_id: p.session_id,
    account_id: p.account_id,
    kind: p.kind,
    class: p.class,
    due_at: p.due_at,
    ord: p.ord,
    target: p.target,
    payload: p.payload,
    resolved: p.resolved,
    client_token: p.client_token,
    on_limit: p.on_limit,
    send_at: p.send_at,
    expires_at: p.expires_at,
    batch_id: p.batch_id,
    accepted_at: p.accepted_at,
    accepted_by: p.accepted_by,
    override_by: p.override_by,
    caused_by: p.caused_by,
    status: QUEUED,
    attempts: sql.lit(0),
    resends: sql.lit(0),
    failures: sql.lit(0),
  }),
)

/** Actions with the payload of their batch: a look-up by key, and none for those of no bulk. */
function selectWithPayload(db: Db) {
  return db
    .selectFrom('actions')
    .selectAll('actions')
    .select((eb) =>
      eb
        .selectFrom('batches')
        .select('batches.payload')
        .whereRef('batches.id', '=', 'actions.batch_id')
        .as('batch_payload'),
    )
}

const findById = statement((db, p: Placeholders<{ id: string }>) =>
  selectWithPayload(db).where('actions.id', '=', p.id),
)

export async function findAction(db: Db, id: string): Promise<Action | null> {
  const [row] = await findById(db, { id })
  return row === undefined ? null : toAction(row)
}

/** All that may change in an action's life, guarded by the status that the caller saw. */
const updateAction = command(
  (
    db,
    p: Placeholders<
      Pick<
        ActionTable,
        | 'id'
        | 'status'
        | 'step'
        | 'due_at'
        | 'resolved'
        | 'attempts'
        | 'resends'
        | 'failures'
        | 'call_deadline_wall'
        | 'external_id'
        | 'code'
        | 'reason'
        | 'waiting_for'
        | 'settled_at'
      > & { expected: string }
    >,
  ) =>
    db
      .updateTable('actions')
      .set({
        status: p.status,
        step: p.step,
        due_at: p.due_at,
        resolved: p.resolved,
        attempts: p.attempts,
        resends: p.resends,
        failures: p.failures,
        call_deadline_wall: p.call_deadline_wall,
        external_id: p.external_id,
        code: p.code,
        reason: p.reason,
        waiting_for: p.waiting_for,
        settled_at: p.settled_at,
      })
      .where('id', '=', p.id)
      .where('status', '=', p.expected),
)

/** Writes the action's changeable part; throws when its status is not the one expected, which the lock rules out. */
export async function saveAction(tx: Db, action: Action, expected: ActionStatus): Promise<void> {
  const changed = await updateAction(tx, {
    id: action.id,
    expected,
    status: action.status,
    step: action.step,
    due_at: action.dueAt,
    resolved: action.resolved,
    attempts: action.attempts,
    resends: action.resends,
    failures: action.failures,
    call_deadline_wall: action.callDeadlineWall,
    external_id: action.externalId,
    code: action.code,
    reason: action.reason,
    waiting_for: action.waitingFor === null ? null : JSON.stringify(action.waitingFor),
    settled_at: action.settledAt,
  })
  if (changed !== 1) throw new Error(`action ${action.id}: expected status ${expected}`)
}

export const insertTimeline = command(
  (
    db,
    p: Placeholders<{
      actionId: string
      at: number
      from: string
      to: string
      cause: string
      waitingFor: string | null
    }>,
  ) =>
    db.insertInto('timeline').values((eb) => ({
      action_id: p.actionId,
      no: eb
        .selectFrom('timeline')
        .select((of) => sql<number>`coalesce(${of.fn.max('no')}, 0) + 1`.as('no'))
        .where('action_id', '=', p.actionId),
      at: p.at,
      from_status: p.from,
      to_status: p.to,
      cause: p.cause,
      waiting_for: p.waitingFor,
    })),
)

/** When an action that runs was last tried for the first time: the attempt whose answer is missing, or before it. */
export async function findAttemptedAt(db: Db, action: Action): Promise<number> {
  const row = await db
    .selectFrom('timeline')
    .select('at')
    .where('action_id', '=', action.id)
    .where('cause', '=', 'attempt')
    .orderBy('no', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? action.acceptedAt
}

export interface TimelineEntry {
  at: number
  from: string
  to: string
  cause: string
  waitingFor: WaitingFor | null
}

export async function readTimeline(db: Db, actionId: string): Promise<TimelineEntry[]> {
  const rows = await db
    .selectFrom('timeline')
    .selectAll()
    .where('action_id', '=', actionId)
    .orderBy('no')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({
    at: row.at,
    from: row.from_status,
    to: row.to_status,
    cause: row.cause,
    waitingFor: row.waiting_for === null ? null : (JSON.parse(row.waiting_for) as WaitingFor),
  }))
}

const selectRunning = statement((db, p: Placeholders<{ accountId: string; limit: number }>) =>
  selectWithPayload(db)
    .where('actions.account_id', '=', p.accountId)
    .where('actions.status', '=', RUNNING)
    .orderBy('actions.due_at')
    .limit(p.limit),
)

/** Running actions of an account, the earliest due first. */
export async function findRunning(db: Db, accountId: string, limit: number): Promise<Action[]> {
  return (await selectRunning(db, { accountId, limit })).map(toAction)
}

const selectUnconfirmed = statement((db, p: Placeholders<{ accountId: string; limit: number }>) =>
  selectWithPayload(db)
    .where('actions.account_id', '=', p.accountId)
    .where('actions.status', '=', UNCONFIRMED)
    .orderBy('actions.accepted_at', 'desc')
    .limit(p.limit),
)

/** Actions of an account that nobody knows the end of, the newest first. */
export async function findUnconfirmed(db: Db, accountId: string, limit: number): Promise<Action[]> {
  return (await selectUnconfirmed(db, { accountId, limit })).map(toAction)
}

const selectExpiring = statement((db, p: Placeholders<{ accountId: string; limit: number }>) =>
  db
    .selectFrom('actions')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('status', '=', QUEUED)
    .where('expires_at', 'is not', null)
    .orderBy('expires_at')
    .limit(p.limit),
)

/** Queued actions that expire, the next one first. */
export async function findExpiring(db: Db, accountId: string, limit: number): Promise<Action[]> {
  return (await selectExpiring(db, { accountId, limit })).map(toAction)
}

const selectRejecting = statement((db, p: Placeholders<{ accountId: string; limit: number }>) =>
  db
    .selectFrom('actions')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('status', '=', QUEUED)
    .where('on_limit', '=', sql.lit('reject'))
    .limit(p.limit),
)

/** Queued actions whose callers would rather have a refusal than wait. */
export async function findRejecting(db: Db, accountId: string, limit: number): Promise<Action[]> {
  return (await selectRejecting(db, { accountId, limit })).map(toAction)
}

const selectOldestOrd = statement((db, p: Placeholders<{ accountId: string; kind: string; class: number }>) =>
  db
    .selectFrom('actions')
    .select(['ord', 'due_at'])
    .where('account_id', '=', p.accountId)
    .where('status', '=', QUEUED)
    .where('batch_id', 'is', null)
    .where('kind', '=', p.kind)
    .where('class', '=', p.class)
    .orderBy('due_at')
    .orderBy('ord')
    .limit(sql.lit(1)),
)

/** The place of the first queued action of a kind and class; null = none waits. */
export async function findOldestOrd(
  db: Db,
  input: { accountId: string; kind: string; class: number },
): Promise<number | null> {
  const [row] = await selectOldestOrd(db, input)
  return row?.ord ?? null
}

const selectDueInstants = statement(
  (db, p: Placeholders<{ accountId: string; kind: string; class: number; limit: number }>) =>
    db
      .selectFrom('actions')
      .select('due_at')
      .where('account_id', '=', p.accountId)
      .where('status', '=', QUEUED)
      .where('batch_id', 'is', null)
      .where('kind', '=', p.kind)
      .where('class', '=', p.class)
      .orderBy('due_at')
      .orderBy('ord')
      .limit(p.limit),
)

/** When the next queued actions of a kind and class are due, ascending; for a forecast. */
export async function findDueInstants(
  db: Db,
  input: { accountId: string; kind: string; class: number; limit: number },
): Promise<number[]> {
  return (await selectDueInstants(db, input)).map((row) => row.due_at)
}

/** Queued actions of one kind in one class that are due by an instant, counted to at most `limit`. */
export const countQueued = statement(
  (db, p: Placeholders<{ accountId: string; kind: string; class: number; dueBy: number; limit: number }>) =>
    db
      .selectFrom((eb) =>
        eb
          .selectFrom('actions')
          .select(sql.lit(1).as('one'))
          .where('account_id', '=', p.accountId)
          .where('status', '=', QUEUED)
          .where('batch_id', 'is', null)
          .where('kind', '=', p.kind)
          .where('class', '=', p.class)
          .where('due_at', '<=', p.dueBy)
          .limit(p.limit)
          .as('some'),
      )
      .select((eb) => eb.fn.countAll<number>().as('count')),
)

const selectBeyond = statement(
  (db, p: Placeholders<{ accountId: string; kind: string; class: number; dueBy: number; count: number }>) =>
    db
      .selectFrom('actions')
      .select(sql.lit(1).as('one'))
      .where('account_id', '=', p.accountId)
      .where('status', '=', QUEUED)
      .where('batch_id', 'is', null)
      .where('kind', '=', p.kind)
      .where('class', '=', p.class)
      .where('due_at', '<=', p.dueBy)
      .limit(sql.lit(1))
      .offset(p.count),
)

/** Whether more than `count` queued actions of one kind in one class are due by an instant. */
export async function isQueuedBeyond(
  db: Db,
  input: { accountId: string; kind: string; class: number; dueBy: number; count: number },
): Promise<boolean> {
  return (await selectBeyond(db, input)).length > 0
}

const selectQueued = statement((db, p: Placeholders<{ accountId: string; limit: number }>) =>
  db
    .selectFrom('actions')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where('status', '=', QUEUED)
    .where('batch_id', 'is', null)
    .limit(p.limit),
)

/** Some queued actions of an account, for ending them in batches. */
export async function findQueued(db: Db, accountId: string, limit: number): Promise<Action[]> {
  return (await selectQueued(db, { accountId, limit })).map(toAction)
}

/** Statuses of some actions by id, for features that show them. */
export async function readStatuses(db: Db, ids: readonly string[]): Promise<Map<string, ActionStatus>> {
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('actions').select(['id', 'status']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, row.status as ActionStatus]))
}
