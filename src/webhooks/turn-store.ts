import type { StoredEvent } from '../events/index.ts'
import type { WebhookDeliveryTable, WebhookTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Endpoint } from './endpoint.ts'
import { type Delivery, textOrNull, toDelivery } from './store.ts'

const selectDue = statement((db, p: Placeholders<{ endpointId: string; userId: string; now: number; limit: number }>) =>
  db
    .selectFrom('webhook_deliveries as d')
    .leftJoin('events as e', (join) => join.on('e.user_id', '=', p.userId).onRef('e.sequence', '=', 'd.sequence'))
    .selectAll('d')
    .select([
      'e.at as event_at',
      'e.session_id as event_session_id',
      'e.username as event_username',
      'e.data as event_data',
    ])
    .where('d.endpoint_id', '=', p.endpointId)
    .where('d.status', '=', 'pending')
    .where('d.due_at', '<=', p.now)
    .orderBy('d.due_at')
    .orderBy('d.sequence')
    .limit(p.limit),
)

/** Deliveries that are due, the longest waiting first, each with its event; null where the log no longer has it. */
export async function findDueDeliveries(
  tx: Db,
  input: { endpointId: string; userId: string; now: number; limit: number },
): Promise<{ delivery: Delivery; event: StoredEvent | null }[]> {
  const rows = await selectDue(tx, input)
  return rows.map((row) => ({
    delivery: toDelivery(row),
    event:
      row.event_at === null
        ? null
        : {
            id: row.event_id,
            sequence: row.sequence,
            userId: input.userId,
            type: row.type as StoredEvent['type'],
            at: row.event_at,
            sessionId: row.event_session_id,
            username: row.event_username,
            data: JSON.parse(row.event_data ?? '{}') as Record<string, unknown>,
          },
  }))
}

type New = Pick<WebhookDeliveryTable, 'endpoint_id' | 'sequence' | 'event_id' | 'type' | 'due_at'>

const insertNew = command((db, p: Placeholders<New>) =>
  db
    .insertInto('webhook_deliveries')
    .values({ ...columns(p) })
    .onConflict((conflict) => conflict.columns(['endpoint_id', 'sequence']).doNothing()),
)

const insertReplayed = command((db, p: Placeholders<New>) =>
  db
    .insertInto('webhook_deliveries')
    .values({ ...columns(p) })
    .onConflict((conflict) =>
      conflict.columns(['endpoint_id', 'sequence']).doUpdateSet((eb) => ({
        status: 'pending',
        reason: null,
        round: eb('webhook_deliveries.round', '+', 1),
        tries: 0,
        due_at: p.due_at,
        settled_at: null,
      })),
    ),
)

function columns(p: Placeholders<New>): WebhookDeliveryTable {
  return {
    endpoint_id: p.endpoint_id,
    sequence: p.sequence,
    event_id: p.event_id,
    type: p.type,
    status: 'pending',
    reason: null,
    round: 1,
    tries: 0,
    due_at: p.due_at,
    attempts: '[]',
    created_at: p.due_at,
    settled_at: null,
  }
}

interface Taking {
  endpointId: string
  event: Pick<StoredEvent, 'id' | 'sequence' | 'type'>
  now: number
}

function newRow({ endpointId, event, now }: Taking): New {
  return { endpoint_id: endpointId, sequence: event.sequence, event_id: event.id, type: event.type, due_at: now }
}

/** The delivery of an event that the log has brought, due at once; null when a replay was there before. */
export async function insertDelivery(tx: Db, taking: Taking): Promise<Delivery | null> {
  const { event, now } = taking
  if ((await insertNew(tx, newRow(taking))) === 0) return null
  return {
    ...{ sequence: event.sequence, eventId: event.id, type: event.type, status: 'pending', reason: null },
    ...{ round: 1, tries: 0, dueAt: now, attempts: [], createdAt: now, settledAt: null },
  }
}

/** The same for an event that is sent again: a new round of what there was. */
export async function insertRedelivery(tx: Db, taking: Taking): Promise<void> {
  await insertReplayed(tx, newRow(taking))
}

const updateDelivery = command(
  (
    db,
    p: Placeholders<{
      endpointId: string
      sequence: number
      round: number
      status: string
      reason: string | null
      tries: number
      dueAt: number
      attempts: string
      settledAt: number | null
    }>,
  ) =>
    db
      .updateTable('webhook_deliveries')
      .set({
        status: p.status,
        reason: p.reason,
        tries: p.tries,
        due_at: p.dueAt,
        attempts: p.attempts,
        settled_at: p.settledAt,
      })
      .where('endpoint_id', '=', p.endpointId)
      .where('sequence', '=', p.sequence)
      .where('round', '=', p.round),
)

/** False when the delivery has begun another round meanwhile, or is deleted. */
export async function saveDelivery(tx: Db, endpointId: string, delivery: Delivery): Promise<boolean> {
  const { sequence, round, status, reason, tries, dueAt, settledAt } = delivery
  const attempts = JSON.stringify(delivery.attempts)
  const changed = await updateDelivery(tx, {
    ...{ endpointId, sequence, round, status, reason, tries, dueAt, attempts, settledAt },
  })
  return changed === 1
}

const selectEarliest = statement((db, p: Placeholders<{ endpointId: string; limit: number }>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('due_at')
    .where('endpoint_id', '=', p.endpointId)
    .where('status', '=', 'pending')
    .orderBy('due_at')
    .limit(p.limit),
)

/** When the endpoint's next delivery is due; null = none waits. */
export async function earliestDue(tx: Db, endpointId: string): Promise<number | null> {
  const [row] = await selectEarliest(tx, { endpointId, limit: 1 })
  return row?.due_at ?? null
}

type Turned = Pick<
  WebhookTable,
  | 'id'
  | 'status'
  | 'status_reason'
  | 'status_at'
  | 'taken_to'
  | 'replay'
  | 'failures'
  | 'failing_since'
  | 'warned_at'
  | 'paused_until'
  | 'due_at'
  | 'owner'
  | 'lease_until_wall'
>

const updateTurned = command((db, p: Placeholders<Turned>) =>
  db
    .updateTable('webhooks')
    .set({
      status: p.status,
      status_reason: p.status_reason,
      status_at: p.status_at,
      taken_to: p.taken_to,
      replay: p.replay,
      failures: p.failures,
      failing_since: p.failing_since,
      warned_at: p.warned_at,
      paused_until: p.paused_until,
      due_at: p.due_at,
      owner: p.owner,
      lease_until_wall: p.lease_until_wall,
    })
    .where('id', '=', p.id),
)

/** Everything that a turn changes of an endpoint; call under its lock. */
export async function saveTurn(
  tx: Db,
  endpoint: Endpoint,
  hold: { dueAt: number | null; owner: string | null; leaseUntilWall: number | null },
): Promise<void> {
  const { health } = endpoint
  await updateTurned(tx, {
    id: endpoint.id,
    status: endpoint.status,
    status_reason: endpoint.statusReason,
    status_at: endpoint.statusAt,
    taken_to: endpoint.takenTo,
    replay: textOrNull(endpoint.replay),
    failures: health.failures,
    failing_since: health.failingSince,
    warned_at: health.warnedAt,
    paused_until: health.pausedUntil,
    due_at: hold.dueAt,
    owner: hold.owner,
    lease_until_wall: hold.leaseUntilWall,
  })
}
