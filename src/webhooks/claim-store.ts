/**
 * Which endpoints this process delivers to. An endpoint belongs to one process at a time: by its owner, the lease, and
 * the fence that rises with every claim.
 *
 * It has something to do when a delivery is due (`due_at`), or when its user's log is longer than its place in it
 * (`taken_to`): that comparison is why an appended event need not know who wants it.
 */
import { type ExpressionBuilder, sql } from 'kysely'
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
  /** On this process's monotonic clock. */
  leaseEndsElapsed: number
}

interface Instants {
  now: number
  wall: number
}
interface Claiming extends Instants {
  owner: string
  leaseUntilWall: number
  limit: number
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

const active = (db: Db, p: Placeholders<Instants>) =>
  db
    .selectFrom('webhooks')
    .select('id')
    .where('status', '=', 'active')
    .where((eb) => isFree(eb, p))

const due = (db: Db, p: Placeholders<Instants & { limit: number }>) =>
  active(db, p).where('due_at', 'is not', null).where('due_at', '<=', p.now).orderBy('due_at').limit(p.limit)

const behind = (db: Db, p: Placeholders<Instants & { limit: number }>) =>
  active(db, p)
    .where((eb) => isBehind(eb, p))
    .limit(p.limit)

const behindOf = (db: Db, p: Placeholders<Instants & { limit: number; userId: string }>) =>
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
      .returning(['id', 'user_id', 'fence'])
  })
}

const claimDue = claimBy<Claiming>(due)
const claimBehind = claimBy<Claiming>(behind)
const claimBehindOf = claimBy<Claiming & { userId: string }>(behindOf)

const findDue = statement((db, p: Placeholders<Instants & { limit: number }>) => due(db, p))
const findBehind = statement((db, p: Placeholders<Instants & { limit: number }>) => behind(db, p))
const findBehindOf = statement((db, p: Placeholders<Instants & { limit: number; userId: string }>) => behindOf(db, p))

const findNextDue = statement((db, _p: Placeholders<Record<string, never>>) =>
  db
    .selectFrom('webhooks')
    .select('due_at')
    .where('status', '=', 'active')
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .orderBy('due_at')
    .limit(sql.lit(1)),
)

/** Whose log is looked at: users who were heard of, or everybody's. */
export interface Search {
  users: readonly string[]
  everybody: boolean
}

/** Whether there is anything to claim; reading is cheaper than finding out in a transaction. */
export async function hasWork(db: Db, deps: { clock: Clock }, search: Search): Promise<boolean> {
  const params = { now: deps.clock.now(), wall: deps.clock.wall(), limit: 1 }
  if ((await findDue(db, params)).length > 0) return true
  if (search.everybody) return (await findBehind(db, params)).length > 0
  for (const userId of search.users) if ((await findBehindOf(db, { ...params, userId })).length > 0) return true
  return false
}

/** Claims up to `limit` endpoints that have something to do. */
export async function claimEndpoints(
  tx: Db,
  deps: { clock: Clock },
  input: Search & { owner: string; limit: number },
): Promise<Claim[]> {
  const { clock } = deps
  // Read before the statements run: the lease that we count on must end no later than the one that others see.
  const elapsed = clock.elapsed()
  const wall = clock.wall()
  const params = { now: clock.now(), wall, owner: input.owner, leaseUntilWall: wall + LEASE_MS }
  const rows = await claimDue(tx, { ...params, limit: input.limit })
  if (input.everybody && rows.length < input.limit) {
    rows.push(...(await claimBehind(tx, { ...params, limit: input.limit - rows.length })))
  }
  for (const userId of input.everybody ? [] : input.users) {
    if (rows.length >= input.limit) break
    rows.push(...(await claimBehindOf(tx, { ...params, userId, limit: input.limit - rows.length })))
  }
  return rows.map((row) => ({
    endpointId: row.id,
    userId: row.user_id,
    owner: input.owner,
    fence: row.fence,
    leaseEndsElapsed: elapsed + LEASE_MS,
  }))
}

/** The earliest instant at which an endpoint that nobody holds is due; null = none. */
export async function nextDue(db: Db): Promise<number | null> {
  const [row] = await findNextDue(db, {})
  return row?.due_at ?? null
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
