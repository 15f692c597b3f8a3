import type { Clock } from '../core/clock.ts'
import { afterCommit, connectionOf } from '../store/connection.ts'
import type { LaneTable } from '../store/schema.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import { type Claim, LEASE_MS } from './lane.ts'
import type { LaneSignal } from './signal.ts'

/**
 * Takes the earliest due lanes that nobody holds, by the partial index `lanes_due`. Lanes in other hands that are due
 * are passed over one by one: as many as the turns in flight, never the queue. Measured on SQLite: see the contract suite.
 */
const claimDue = statement(
  (db, p: Placeholders<{ now: number; wall: number; limit: number; owner: string; leaseUntilWall: number }>) => {
    const due = db
      .selectFrom('lanes')
      .select('account_id')
      .where('due_at', 'is not', null)
      .where('due_at', '<=', p.now)
      .where((eb) => eb.or([eb('owner', 'is', null), eb('lease_until_wall', '<=', p.wall)]))
      .orderBy('due_at')
      .limit(p.limit)
    // Where rows can be locked, a row that another process claims right now is passed over instead of waited for.
    const locked = connectionOf(db).engine === 'postgres' ? due.forUpdate().skipLocked() : due
    return db
      .with('due', () => locked)
      .updateTable('lanes')
      .set((eb) => ({ owner: p.owner, lease_until_wall: p.leaseUntilWall, fence: eb('fence', '+', 1) }))
      .where('account_id', 'in', (eb) => eb.selectFrom('due').select('due.account_id'))
      .returning(['account_id', 'fence'])
  },
)

const renew = command(
  (db, p: Placeholders<{ accountId: string; owner: string; fence: number; leaseUntilWall: number }>) =>
    db
      .updateTable('lanes')
      .set({ lease_until_wall: p.leaseUntilWall })
      .where('account_id', '=', p.accountId)
      .where('owner', '=', p.owner)
      .where('fence', '=', p.fence),
)

const sleep = command(
  (db, p: Placeholders<{ accountId: string; owner: string; fence: number; dueAt: number | null }>) =>
    db
      .updateTable('lanes')
      .set({ owner: null, lease_until_wall: null, due_at: p.dueAt })
      .where('account_id', '=', p.accountId)
      .where('owner', '=', p.owner)
      .where('fence', '=', p.fence),
)

const giveUp = command((db, p: Placeholders<{ accountId: string; owner: string; fence: number }>) =>
  db
    .updateTable('lanes')
    .set({ owner: null, lease_until_wall: null })
    .where('account_id', '=', p.accountId)
    .where('owner', '=', p.owner)
    .where('fence', '=', p.fence),
)

const lowerDue = command((db, p: Placeholders<{ accountId: string; at: number }>) =>
  db
    .updateTable('lanes')
    .set({ due_at: p.at })
    .where('account_id', '=', p.accountId)
    .where((eb) => eb.or([eb('due_at', 'is', null), eb('due_at', '>', p.at)])),
)

const advanceOrd = command((db, p: Placeholders<{ accountId: string; dueAt: number }>) =>
  db
    .updateTable('lanes')
    .set((eb) => ({ next_ord: eb('next_ord', '+', 1), due_at: p.dueAt }))
    .where('account_id', '=', p.accountId),
)

const advanceOrds = command((db, p: Placeholders<{ accountId: string; count: number }>) =>
  db
    .updateTable('lanes')
    .set((eb) => ({ next_ord: eb('next_ord', '+', p.count) }))
    .where('account_id', '=', p.accountId),
)

const findNextDue = statement((db, _p: Placeholders<Record<string, never>>) =>
  db
    .selectFrom('lanes')
    .select('due_at')
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .orderBy('due_at')
    .limit(1),
)

const updateCheck = command((db, p: Placeholders<{ accountId: string; at: number | null }>) =>
  db.updateTable('lanes').set({ check_at: p.at }).where('account_id', '=', p.accountId),
)

/** Owes the account a check of its session from `at` on, before any other turn; null = no longer. Call under its lock. */
export async function setCheck(tx: Db, accountId: string, at: number | null): Promise<void> {
  await updateCheck(tx, { accountId, at })
}

/** Creates the lane of a new account; does nothing when it exists. */
export async function openLane(tx: Db, accountId: string): Promise<void> {
  await tx
    .insertInto('lanes')
    .values({
      account_id: accountId,
      due_at: null,
      owner: null,
      lease_until_wall: null,
      fence: 0,
      next_ord: 1,
      check_at: null,
    })
    .onConflict((conflict) => conflict.column('account_id').doNothing())
    .execute()
}

/**
 * Lowers the lane's due instant, never raises it, and tells the worker after the commit. For whoever changes what a lane
 * waits for: new work, settings, a lifted pause, a login.
 */
export async function wakeLane(
  tx: Db,
  deps: { signal: LaneSignal },
  input: { accountId: string; at: number },
): Promise<void> {
  const lowered = await lowerDue(tx, input)
  if (lowered > 0) deps.signal.wake(tx, input.at)
}

/**
 * Takes the next place in the account's queue and lowers the lane's due instant to `dueAt` (null = leaves it), in one
 * statement. `lane` was returned by `lockAccount` in this transaction.
 */
export async function takePlace(
  tx: Db,
  deps: { signal: LaneSignal },
  input: { lane: Pick<LaneTable, 'account_id' | 'due_at' | 'next_ord'>; dueAt: number | null },
): Promise<{ ord: number }> {
  const { lane, dueAt } = input
  const lowers = dueAt !== null && (lane.due_at === null || lane.due_at > dueAt)
  const { account_id: accountId } = lane
  if (lowers) {
    await advanceOrd(tx, { accountId, dueAt })
    deps.signal.wake(tx, dueAt)
  } else {
    // An instant that is set, even to what it was, moves its index entry.
    await advanceOrds(tx, { accountId, count: 1 })
  }
  return { ord: lane.next_ord }
}

/** Takes `count` places in a row without waking anybody; `lane` was returned by `lockAccount` in this transaction. */
export async function takePlaces(
  tx: Db,
  input: { lane: Pick<LaneTable, 'account_id' | 'next_ord'>; count: number },
): Promise<{ firstOrd: number }> {
  await advanceOrds(tx, { accountId: input.lane.account_id, count: input.count })
  return { firstOrd: input.lane.next_ord }
}

/** Claims up to `limit` due lanes for `owner`. */
export async function claimLanes(
  tx: Db,
  deps: { clock: Clock },
  input: { owner: string; limit: number },
): Promise<Claim[]> {
  // Read before the statement runs: the lease that we count on must end no later than the one that others see.
  const elapsed = deps.clock.elapsed()
  const wall = deps.clock.wall()
  const rows = await claimDue(tx, {
    now: deps.clock.now(),
    wall,
    limit: input.limit,
    owner: input.owner,
    leaseUntilWall: wall + LEASE_MS,
  })
  return rows.map((row) => ({
    accountId: row.account_id,
    owner: input.owner,
    fence: row.fence,
    leaseEndsElapsed: elapsed + LEASE_MS,
    leaseMs: LEASE_MS,
  }))
}

/** Prolongs a lease; false when the lane was taken over. The caller moves `claim.leaseEndsElapsed` after the commit. */
export async function renewLease(tx: Db, claim: Claim, leaseUntilWall: number): Promise<boolean> {
  const { accountId, owner, fence } = claim
  return (await renew(tx, { accountId, owner, fence, leaseUntilWall })) === 1
}

/** From now on the claim holds for `leaseMs` with each renewal, the first of which happens here once `tx` is durable. */
export async function prolongLease(tx: Db, deps: { clock: Clock }, claim: Claim, leaseMs: number): Promise<void> {
  const elapsed = deps.clock.elapsed()
  if (!(await renewLease(tx, claim, deps.clock.wall() + leaseMs))) return
  afterCommit(tx, () => {
    claim.leaseMs = leaseMs
    claim.leaseEndsElapsed = elapsed + leaseMs
  })
}

/** Lets go of the lane until `dueAt`; null = until somebody lowers it. Call under the account's lock. */
export async function sleepLane(tx: Db, claim: Claim, dueAt: number | null): Promise<void> {
  const { accountId, owner, fence } = claim
  await sleep(tx, { accountId, owner, fence, dueAt })
}

/** Lets go of the lane and leaves it due as it is. */
export async function giveUpLane(tx: Db, claim: Claim): Promise<void> {
  const { accountId, owner, fence } = claim
  await giveUp(tx, { accountId, owner, fence })
}

/** Where one process owns the store, whoever held a lane before this start is gone. */
export async function clearLeases(tx: Db): Promise<void> {
  await tx.updateTable('lanes').set({ owner: null, lease_until_wall: null }).where('owner', 'is not', null).execute()
}

/** The earliest instant at which a lane that nobody holds is due; null = none. */
export async function nextDue(db: Db): Promise<number | null> {
  const [row] = await findNextDue(db, {})
  return row?.due_at ?? null
}
