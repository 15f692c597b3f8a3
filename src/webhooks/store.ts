import { connectionOf } from '../store/connection.ts'
import type { WebhookDeliveryTable, WebhookTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { DisabledReason, Endpoint, EndpointStatus, Replay } from './endpoint.ts'
import type { Attempt } from './retry.ts'

/** An endpoint's row that is not deleted. */
export type EndpointRow = WebhookTable & { secrets: string }

export function toEndpoint(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    userId: row.user_id,
    url: row.url,
    description: row.description,
    types: parseOrNull<string[]>(row.types),
    sessionIds: parseOrNull<string[]>(row.session_ids),
    sealed: row.secrets,
    status: row.status as EndpointStatus,
    statusReason: row.status_reason as DisabledReason | null,
    statusAt: row.status_at,
    takenTo: row.taken_to,
    replay: parseOrNull<Replay>(row.replay),
    health: {
      failures: row.failures,
      failingSince: row.failing_since,
      warnedAt: row.warned_at,
      pausedUntil: row.paused_until,
    },
    createdAt: row.created_at,
  }
}

function parseOrNull<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

const selectEndpoint = statement((db, p: Placeholders<{ id: string }>) =>
  db.selectFrom('webhooks').selectAll().where('id', '=', p.id).where('status', '!=', 'deleted'),
)

const selectLocked = statement((db, p: Placeholders<{ id: string }>) => {
  const row = db.selectFrom('webhooks').selectAll().where('id', '=', p.id).where('status', '!=', 'deleted')
  // SQLite has one writer at a time; where there are more, the row is the lock.
  return connectionOf(db).engine === 'postgres' ? row.forUpdate() : row
})

export async function findEndpoint(db: Db, id: string): Promise<Endpoint | null> {
  const [row] = await selectEndpoint(db, { id })
  return row === undefined ? null : toEndpoint(row as EndpointRow)
}

/** Takes the endpoint's lock for the rest of the transaction; null when it is deleted. */
export async function lockEndpoint(tx: Db, id: string): Promise<EndpointRow | null> {
  const [row] = await selectLocked(tx, { id })
  return (row as EndpointRow | undefined) ?? null
}

export async function insertEndpoint(
  tx: Db,
  endpoint: Omit<Endpoint, 'replay' | 'health' | 'statusReason' | 'statusAt'>,
): Promise<void> {
  const row: WebhookTable = {
    id: endpoint.id,
    user_id: endpoint.userId,
    url: endpoint.url,
    description: endpoint.description,
    types: textOrNull(endpoint.types),
    session_ids: textOrNull(endpoint.sessionIds),
    secrets: endpoint.sealed,
    status: endpoint.status,
    status_reason: null,
    status_at: endpoint.createdAt,
    taken_to: endpoint.takenTo,
    replay: null,
    failures: 0,
    failing_since: null,
    warned_at: null,
    paused_until: null,
    due_at: null,
    owner: null,
    lease_until_wall: null,
    fence: 0,
    created_at: endpoint.createdAt,
  }
  await tx.insertInto('webhooks').values(row).execute()
}

/** What an owner changes; `lockEndpoint` came before it. */
export async function updateEndpoint(tx: Db, id: string, change: Partial<WebhookTable>): Promise<void> {
  await tx.updateTable('webhooks').set(change).where('id', '=', id).execute()
}

export async function countEndpoints(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('webhooks')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('user_id', '=', userId)
    .where('status', '!=', 'deleted')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** In the order of their making. */
export async function listEndpoints(
  db: Db,
  input: { userId: string; after: { at: number; id: string } | null; limit: number },
): Promise<Endpoint[]> {
  const { after } = input
  const rows = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('status', '!=', 'deleted')
    .$if(after !== null, (query) =>
      query.where((eb) => eb(eb.refTuple('created_at', 'id'), '>', eb.tuple(after?.at ?? 0, after?.id ?? ''))),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(input.limit)
    .execute()
  return rows.map((row) => toEndpoint(row as EndpointRow))
}

/** One event for one endpoint. */
export interface Delivery {
  sequence: number
  eventId: string
  type: string
  status: 'pending' | 'succeeded' | 'failed'
  reason: 'exhausted' | 'stopped' | 'event_gone' | null
  round: number
  tries: number
  dueAt: number
  attempts: readonly Attempt[]
  createdAt: number
  settledAt: number | null
}

export function toDelivery(row: WebhookDeliveryTable): Delivery {
  return {
    sequence: row.sequence,
    eventId: row.event_id,
    type: row.type,
    status: row.status as Delivery['status'],
    reason: row.reason as Delivery['reason'],
    round: row.round,
    tries: row.tries,
    dueAt: row.due_at,
    attempts: JSON.parse(row.attempts) as Attempt[],
    createdAt: row.created_at,
    settledAt: row.settled_at,
  }
}

/** The newest events first. */
export async function listDeliveries(
  db: Db,
  input: { endpointId: string; status: Delivery['status'] | null; before: number | null; limit: number },
): Promise<Delivery[]> {
  const { endpointId, status, before, limit } = input
  const rows = await db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('endpoint_id', '=', endpointId)
    .$if(before !== null, (query) => query.where('sequence', '<', before ?? 0))
    // Word for word the condition of the partial index, so that a few among millions are found at once.
    .$if(status === 'pending' || status === 'failed', (query) => query.where('status', '!=', 'succeeded'))
    .$if(status !== null, (query) => query.where('status', '=', status ?? ''))
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toDelivery)
}

/**
 * Makes up to `limit` deliveries due at once, from sequence `after` on: those that failed for good begin a new round,
 * those that wait for a retry have it now. Resolves with the last sequence that was looked at, null when there was none.
 */
export async function redriveSome(
  tx: Db,
  input: { endpointId: string; after: number; now: number; limit: number },
): Promise<{ last: number; count: number } | null> {
  const rows = await tx
    .selectFrom('webhook_deliveries')
    .select('sequence')
    .where('endpoint_id', '=', input.endpointId)
    .where('sequence', '>', input.after)
    .where('status', '!=', 'succeeded')
    .orderBy('sequence')
    .limit(input.limit)
    .execute()
  const last = rows.at(-1)
  if (last === undefined) return null
  await tx
    .updateTable('webhook_deliveries')
    .set((eb) => ({
      status: 'pending',
      reason: null,
      due_at: input.now,
      settled_at: null,
      round: eb
        .case()
        .when('status', '=', 'failed')
        .then(eb('round', '+', 1))
        .else(eb.ref('round'))
        .end(),
      tries: eb.case().when('status', '=', 'failed').then(0).else(eb.ref('tries')).end(),
    }))
    .where('endpoint_id', '=', input.endpointId)
    .where('sequence', '>', input.after)
    .where('sequence', '<=', last.sequence)
    .where('status', '!=', 'succeeded')
    .execute()
  return { last: last.sequence, count: rows.length }
}

const selectLastSequence = statement((db, p: Placeholders<{ userId: string }>) =>
  db.selectFrom('event_sequences').select('last').where('user_id', '=', p.userId),
)

/** The number of the user's newest event, 0 before the first. */
export async function lastSequence(db: Db, userId: string): Promise<number> {
  const [row] = await selectLastSequence(db, { userId })
  return row?.last ?? 0
}

const deleteDeliveries = command((db, p: Placeholders<{ endpointId: string; limit: number }>) =>
  db
    .deleteFrom('webhook_deliveries')
    .where('endpoint_id', '=', p.endpointId)
    .where('sequence', 'in', (eb) =>
      eb
        .selectFrom('webhook_deliveries as some')
        .select('some.sequence')
        .where('some.endpoint_id', '=', p.endpointId)
        .limit(p.limit),
    ),
)

/** Deletes some deliveries of a deleted endpoint, in the end the endpoint itself; whether that is done. */
export async function removeSome(tx: Db, endpointId: string, limit: number): Promise<boolean> {
  if ((await deleteDeliveries(tx, { endpointId, limit })) === limit) return false
  await tx.deleteFrom('webhooks').where('id', '=', endpointId).where('status', '=', 'deleted').execute()
  return true
}

export async function listDeleted(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select('id')
    .where('status', '=', 'deleted')
    .orderBy('status_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}
