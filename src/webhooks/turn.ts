/**
 * One turn of an endpoint: one transaction that writes down how attempts ended and takes what is to be attempted next.
 *
 * What a crash does: before the turn's commit, attempts that were made are not known and are made again, with the same
 * ids; after it, whatever was taken is a row that is due. A delivery is a row before its first attempt, and the place in
 * the log moves in the same transaction, so that no event is left out and none is taken twice.
 *
 * Order of locks: the endpoint's row, its deliveries, the user's place in the event log.
 */
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { WebhookAnswer } from '../core/webhook-post.ts'
import { type AppendDeps, appendEvent, type EventDraft, readEvents } from '../events/index.ts'
import type { Db } from '../store/store.ts'
import { type Claim, LEASE_MS } from './claim-store.ts'
import { type Endpoint, isAboutWebhooks, isReplayed, wants } from './endpoint.ts'
import { eventBody } from './event-body.ts'
import { type Attempt, FAILURES_UNTIL_PROBED, judge } from './retry.ts'
import { type Delivery, lockEndpoint, toEndpoint } from './store.ts'
import {
  earliestDue,
  findDueDeliveries,
  insertDelivery,
  insertRedelivery,
  saveDelivery,
  saveTurn,
} from './turn-store.ts'

export type TurnDeps = AppendDeps & { clock: Clock; random: Random }

/** What is to be sent. */
export interface Taken {
  delivery: Delivery
  body: string
}

export interface Finished {
  delivery: Delivery
  answer: WebhookAnswer
  attempt: Attempt
}

export interface TurnInput {
  claim: Claim
  /** Attempts that ended, in the order of their ends. */
  finished: readonly Finished[]
  /** Sequences that were taken before and have not ended. */
  held: ReadonlySet<number>
  /** How many more may be taken. */
  room: number
}

/**
 * - `held`: go on with what was taken; `mayBegin` false = begin nothing of it, or of what was taken before
 * - `released`: nothing to do before `dueAt` (null = until woken)
 * - `lost`: deleted, or somebody else holds it; nothing may be written any more
 */
export type Turn =
  | { type: 'held'; endpoint: Endpoint; taken: Taken[]; mayBegin: boolean; hasMore: boolean }
  | { type: 'released'; dueAt: number | null }
  | { type: 'lost' }

/** Attempts kept and shown. */
const ATTEMPTS_KEPT = 20
/** Events looked at in one turn where a filter may leave out many. */
const LOOKED_AT = 200

export async function takeTurn(tx: Db, deps: TurnDeps, input: TurnInput): Promise<Turn> {
  const { claim, held } = input
  const row = await lockEndpoint(tx, claim.endpointId)
  if (row === null || row.owner !== claim.owner || row.fence !== claim.fence) return { type: 'lost' }
  const now = deps.clock.now()
  const facts: EventDraft[] = []
  const settled = await settle(tx, deps, { endpoint: toEndpoint(row), finished: input.finished, now, facts })
  const { endpoint, taken, hasMore } = await take(tx, settled, { ...input, now })
  const isPaused = (endpoint.health.pausedUntil ?? 0) > now
  const isIdle = held.size === 0 && taken.length === 0 && !hasMore
  const dueAt = isIdle ? await restUntil(tx, endpoint, isPaused) : now
  await saveTurn(tx, endpoint, {
    dueAt,
    owner: isIdle ? null : claim.owner,
    leaseUntilWall: isIdle ? null : deps.clock.wall() + LEASE_MS,
  })
  for (const fact of facts) await appendEvent(tx, deps, fact)
  if (isIdle) return { type: 'released', dueAt }
  return { type: 'held', endpoint, taken, mayBegin: endpoint.status === 'active' && !isPaused, hasMore }
}

/** Writes down how attempts ended, and what that means for the endpoint. */
async function settle(
  tx: Db,
  deps: TurnDeps,
  input: { endpoint: Endpoint; finished: readonly Finished[]; now: number; facts: EventDraft[] },
): Promise<Endpoint> {
  const { now, facts } = input
  const wall = deps.clock.wall()
  let endpoint = input.endpoint
  for (const { delivery, answer, attempt } of input.finished) {
    const tries = delivery.tries + 1
    const verdict = judge({ answer, tries, health: endpoint.health, now, wall, random: deps.random })
    const end = verdict.delivery
    const isKnown = await saveDelivery(tx, endpoint.id, {
      ...delivery,
      status: end.status,
      reason: end.status === 'failed' ? end.reason : null,
      tries,
      dueAt: end.status === 'pending' ? end.dueAt : delivery.dueAt,
      attempts: [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT),
      settledAt: end.status === 'pending' ? null : now,
    })
    const isExhausted = isKnown && end.status === 'failed' && end.reason === 'exhausted'
    // Of what was about endpoints there is no further news, or two dead ones would tell each other for ever.
    if (isExhausted && !isAboutWebhooks(delivery.type)) facts.push(exhausted(endpoint, delivery, { tries, now }))
    endpoint = { ...endpoint, health: verdict.health }
    if (endpoint.status !== 'active') continue
    if (verdict.warns) facts.push(trouble(endpoint, 'webhook.failing', now))
    if (verdict.disables !== null) {
      endpoint = { ...endpoint, status: 'disabled', statusReason: verdict.disables, statusAt: now }
      facts.push(trouble(endpoint, 'webhook.disabled', now))
    }
  }
  return endpoint
}

interface Taking {
  endpoint: Endpoint
  taken: Taken[]
  /** There may be more of the log to look at. */
  hasMore: boolean
}

/** What is due comes first, then what is new, then what is replayed. */
async function take(tx: Db, endpoint: Endpoint, input: TurnInput & { now: number }): Promise<Taking> {
  const { held, now } = input
  const { health } = endpoint
  const isPaused = (health.pausedUntil ?? 0) > now
  const room = health.failures < FAILURES_UNTIL_PROBED ? input.room : Math.min(input.room, 1 - held.size)
  const taking: Taking = { endpoint, taken: [], hasMore: false }
  if (endpoint.status !== 'active' || isPaused || room < 1) return taking
  const due = await findDueDeliveries(tx, {
    ...{ endpointId: endpoint.id, userId: endpoint.userId, now },
    limit: room + held.size,
  })
  for (const { delivery, event } of due) {
    if (held.has(delivery.sequence) || taking.taken.length >= room) continue
    if (event === null) {
      await saveDelivery(tx, endpoint.id, { ...delivery, status: 'failed', reason: 'event_gone', settledAt: now })
    } else {
      taking.taken.push({ delivery, body: eventBody(event) })
    }
  }
  await takeNew(tx, taking, { room, now })
  if (taking.taken.length < room && !taking.hasMore) await takeReplayed(tx, taking, now)
  return taking
}

async function takeNew(tx: Db, taking: Taking, { room, now }: { room: number; now: number }): Promise<void> {
  const { endpoint, taken } = taking
  if (taken.length >= room) return
  const wantsAll = endpoint.types === null && endpoint.sessionIds === null
  const limit = wantsAll ? room - taken.length : LOOKED_AT
  const events = await readEvents(tx, { userId: endpoint.userId, after: endpoint.takenTo, limit })
  let takenTo = endpoint.takenTo
  for (const event of events) {
    if (taken.length >= room) break
    takenTo = event.sequence
    if (!wants(endpoint, event)) continue
    const delivery = await insertDelivery(tx, { endpointId: endpoint.id, event, now })
    if (delivery !== null) taken.push({ delivery, body: eventBody(event) })
  }
  taking.endpoint = { ...endpoint, takenTo }
  taking.hasMore = events.length === limit || takenTo !== (events.at(-1)?.sequence ?? takenTo)
}

/** Only makes rows that are due: the next turn takes them. */
async function takeReplayed(tx: Db, taking: Taking, now: number): Promise<void> {
  const { endpoint } = taking
  const { replay } = endpoint
  if (replay === null) return
  const events = await readEvents(tx, { userId: endpoint.userId, after: replay.after, limit: LOOKED_AT })
  const inRange = events.filter((event) => event.sequence <= replay.until)
  for (const event of inRange) {
    if (isReplayed(endpoint, replay, event)) await insertRedelivery(tx, { endpointId: endpoint.id, event, now })
  }
  const last = inRange.at(-1)?.sequence ?? replay.until
  const isOver = inRange.length < LOOKED_AT || last >= replay.until
  taking.endpoint = { ...endpoint, replay: isOver ? null : { ...replay, after: last } }
  taking.hasMore = true
}

async function restUntil(tx: Db, endpoint: Endpoint, isPaused: boolean): Promise<number | null> {
  if (endpoint.status !== 'active') return null
  return isPaused ? endpoint.health.pausedUntil : earliestDue(tx, endpoint.id)
}

function exhausted(endpoint: Endpoint, delivery: Delivery, { tries, now }: { tries: number; now: number }): EventDraft {
  const { sequence, eventId, type } = delivery
  const data = { webhookId: endpoint.id, eventId, sequence, eventType: type, attempts: tries }
  return { userId: endpoint.userId, type: 'webhook.exhausted', at: now, sessionId: null, username: null, data }
}

function trouble(endpoint: Endpoint, type: 'webhook.failing' | 'webhook.disabled', now: number): EventDraft {
  const { failingSince } = endpoint.health
  const data = {
    webhookId: endpoint.id,
    description: endpoint.description,
    ...(type === 'webhook.disabled' ? { reason: endpoint.statusReason } : {}),
    failingSince: failingSince === null ? null : new Date(failingSince).toISOString(),
  }
  return { userId: endpoint.userId, type, at: now, sessionId: null, username: null, data }
}
