/**
 * Which endpoints this process delivers to. An endpoint belongs to one process at a time: by its owner, the lease, and
 * the fence that rises with every claim.
 *
 * It has something to do when a delivery is due (`due_at`), or when its user's log is longer than its place in it
 * (`taken_to`): that comparison is why an appended event need not know who wants it.
 */
import type { ExpressionBuilder } from 'kysely'
import type { Clock } from '../core/clock.ts'
import { connectionOf } from '../store/connection.ts'
import type { Schema } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'

/** How long a claim holds before another process may take the endpoint over; every turn prolongs it. */
export const LEASE_MS = 30_000

/** One process's hold on one endpoint. */
export interface Claim {
  readonly endpointId: string
  readonly userId: string
  readonly owner: string
  readonly fence: number
  /** Its last attempt had failed. */
  readonly isFailing: boolean
  /** On this process's monotonic clock. */
  leaseEndsElapsed: number
}

interface Instants {
  now: number
  wall: number
}
/**
 * Endpoints whose last attempt failed have places of their own, so that they cannot take those of the others, however
 * many they are and however long they hang.
 */
interface Condition {
  failuresMin: number
  failuresMax: number
}
const WELL: Condition = { failuresMin: 0, failuresMax: 0 }
const FAILING: Condition = { failuresMin: 1, failuresMax: 2 ** 31 - 1 }
const ANY: Condition = { failuresMin: 0, failuresMax: 2 ** 31 - 1 }

interface Searching extends Instants, Condition {
  limit: number
}
interface Claiming extends Searching {
  owner: string
  leaseUntilWall: number
}

type Builder = ExpressionBuilder<Schema, 'webhooks'>

const isFree = (eb: Builder, p: Placeholders<Instants>) =>
  eb.or([eb('owner', 'is', null), eb('lease_until_wall', '<=', p.wall)])

const isBehind = (eb: Builder, p: Placeholders<Instants>) =>
  eb.and([
    eb.or([eb('paused_until', 'is', null), eb('paused_until', '<=', p.now)]),
    eb(
      'taken_to',
      '<',
      eb.selectFrom('event_sequences').select('last').whereRef('event_sequences.user_id', '=', 'webhooks.user_id'),
    ),
  ])

const active = (db: Db, p: Placeholders<Searching>) =>
  db
    .selectFrom('webhooks')
    .select('id')
    .where('status', '=', 'active')
    .where('failures', '>=', p.failuresMin)
    .where('failures', '<=', p.failuresMax)
    .where((eb) => isFree(eb, p))

const due = (db: Db, p: Placeholders<Searching>) =>
  active(db, p).where('due_at', 'is not', null).where('due_at', '<=', p.now).orderBy('due_at').limit(p.limit)

const behind = (db: Db, p: Placeholders<Searching>) =>
  active(db, p)
    .where((eb) => isBehind(eb, p))
    .limit(p.limit)

const behindOf = (db: Db, p: Placeholders<Searching & { userId: string }>) =>
  active(db, p)
    .where('user_id', '=', p.userId)
    // The condition of the index by user.
    .where('status', '!=', 'deleted')
    .where((eb) => isBehind(eb, p))
    .limit(p.limit)

function claimBy<P extends Claiming>(choose: (db: Db, p: Placeholders<P>) => ReturnType<typeof behind>) {
  return statement((db, p: Placeholders<P>) => {
    const chosen = choose(db, p)
    // Where rows can be locked, a row that another process claims right now is passed over instead of waited for.
    const locked = connectionOf(db).engine === 'postgres' ? chosen.forUpdate().skipLocked() : chosen
    return db
      .with('chosen', () => locked)
      .updateTable('webhooks')
      .set((eb) => ({
        owner: p.owner,
        lease_until_wall: p.leaseUntilWall,
        fence: eb('fence', '+', 1),
        // Whoever finds it after we died finds it due.
        due_at: p.now,
      }))
      .where('id', 'in', (eb) => eb.selectFrom('chosen').select('chosen.id'))
      .returning(['id', 'user_id', 'fence', 'failures'])
  })
}

const claimDue = claimBy<Claiming>(due)
const claimBehind = claimBy<Claiming>(behind)
const claimBehindOf = claimBy<Claiming & { userId: string }>(behindOf)

const findDue = statement((db, p: Placeholders<Searching>) => due(db, p))
const findBehind = statement((db, p: Placeholders<Searching>) => behind(db, p))
const findBehindOf = statement((db, p: Placeholders<Searching & { userId: string }>) => behindOf(db, p))

const findNextDue = statement((db, p: Placeholders<Condition & { limit: number }>) =>
  db
    .selectFrom('webhooks')
    .select('due_at')
    .where('status', '=', 'active')
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .where('failures', '>=', p.failuresMin)
    .where('failures', '<=', p.failuresMax)
    .orderBy('due_at')
    .limit(p.limit),
)

/** Whose log is looked at: users who were heard of, or everybody's. */
export interface Search {
  users: readonly string[]
  everybody: boolean
}

/** How many endpoints more may be held of those that are well and of those whose last attempt failed. */
export interface Room {
  well: number
  failing: number
}

/** Whether there is anything to claim; reading is cheaper than finding out in a transaction. */
export async function hasWork(db: Db, deps: { clock: Clock }, input: Search & { room: Room }): Promise<boolean> {
  const params = { now: deps.clock.now(), wall: deps.clock.wall(), limit: 1, ...whomFor(input.room) }
  if ((await findDue(db, params)).length > 0) return true
  if (input.everybody) return (await findBehind(db, params)).length > 0
  for (const userId of input.users) if ((await findBehindOf(db, { ...params, userId })).length > 0) return true
  return false
}

/** Claims endpoints that have something to do, as many as there is room for. */
export async function claimEndpoints(
  tx: Db,
  deps: { clock: Clock },
  input: Search & { owner: string; room: Room },
): Promise<Claim[]> {
  const { clock } = deps
  // Read before the statements run: the lease that we count on must end no later than the one that others see.
  const elapsed = clock.elapsed()
  const wall = clock.wall()
  const claiming = { now: clock.now(), wall, owner: input.owner, leaseUntilWall: wall + LEASE_MS }
  const rows = [
    ...(await claimSome(tx, input, { ...claiming, ...WELL, limit: input.room.well })),
    ...(await claimSome(tx, input, { ...claiming, ...FAILING, limit: input.room.failing })),
  ]
  return rows.map((row) => ({
    endpointId: row.id,
    userId: row.user_id,
    owner: input.owner,
    fence: row.fence,
    isFailing: row.failures > 0,
    leaseEndsElapsed: elapsed + LEASE_MS,
  }))
}

async function claimSome(tx: Db, { users, everybody }: Search, params: Claiming) {
  const rows = params.limit < 1 ? [] : await claimDue(tx, params)
  if (everybody && rows.length < params.limit) {
    rows.push(...(await claimBehind(tx, { ...params, limit: params.limit - rows.length })))
  }
  for (const userId of everybody ? [] : users) {
    if (rows.length >= params.limit) break
    rows.push(...(await claimBehindOf(tx, { ...params, userId, limit: params.limit - rows.length })))
  }
  return rows
}

/** The earliest instant at which an endpoint that nobody holds, and for which there is room, is due; null = none. */
export async function nextDue(db: Db, room: Room = { well: 1, failing: 1 }): Promise<number | null> {
  if (room.well < 1 && room.failing < 1) return null
  const [row] = await findNextDue(db, { ...whomFor(room), limit: 1 })
  return row?.due_at ?? null
}

function whomFor(room: Room): Condition {
  if (room.failing < 1) return WELL
  return room.well < 1 ? FAILING : ANY
}

const release = command((db, p: Placeholders<{ id: string; owner: string; fence: number }>) =>
  db
    .updateTable('webhooks')
    .set({ owner: null, lease_until_wall: null })
    .where('id', '=', p.id)
    .where('owner', '=', p.owner)
    .where('fence', '=', p.fence),
)

/** Lets go of an endpoint and leaves it due as it is. */
export async function giveUpEndpoint(tx: Db, { endpointId, owner, fence }: Claim): Promise<void> {
  await release(tx, { id: endpointId, owner, fence })
}

/** Where one process owns the store, whoever held an endpoint before this start is gone. */
export async function clearLeases(tx: Db): Promise<void> {
  await tx.updateTable('webhooks').set({ owner: null, lease_until_wall: null }).where('owner', 'is not', null).execute()
}
