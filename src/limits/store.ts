import { sql } from 'kysely'
import { remembered } from '../store/remembered.ts'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { Pause } from './pause.ts'
import type { ForbiddingRule, Usage } from './plan.ts'
import { ALL_KINDS, type EffectiveLimits } from './policy.ts'

/** Further back than any number reaches: the look-up of a window that does not exist finds nothing. */
const NO_WINDOW = 2 ** 50

/** Ten key look-ups in one statement: a decision costs the same with ten rows of usage and with a million. */
const findUsage = statement(
  (
    db,
    p: Placeholders<{
      subject: string
      kind: string
      all: string
      hourBack: number
      dayBack: number
      totalBack: number
    }>,
  ) => {
    // `order by … limit 1` instead of `max`: no planner takes it for something to add up.
    const last = (kind: typeof p.kind) =>
      db
        .selectFrom('usage')
        .select('no')
        .where('subject', '=', p.subject)
        .where('kind', '=', kind)
        .orderBy('no', 'desc')
        .limit(sql.lit(1))
    const atOf = (kind: typeof p.kind, back: typeof p.hourBack) =>
      db
        .selectFrom('usage')
        .select('at')
        .where('subject', '=', p.subject)
        .where('kind', '=', kind)
        .where('no', '=', sql<number>`(${last(kind)}) - ${back}`)
    const pausedUntil = (kind: typeof p.kind) =>
      db.selectFrom('pauses').select('until').where('account_id', '=', p.subject).where('kind', '=', kind)
    return db.selectNoFrom([
      last(p.kind).as('lastOfKind'),
      last(p.all).as('lastOfAll'),
      db
        .selectFrom('usage')
        .select('at')
        .where('subject', '=', p.subject)
        .where('kind', '=', p.all)
        .orderBy('no', 'desc')
        .limit(sql.lit(1))
        .as('lastAt'),
      atOf(p.kind, p.hourBack).as('hourAt'),
      atOf(p.kind, p.dayBack).as('dayAt'),
      atOf(p.all, p.totalBack).as('totalAt'),
      pausedUntil(p.kind).as('kindPausedUntil'),
      pausedUntil(p.all).as('accountPausedUntil'),
    ])
  },
)

const insertNumbers = command(
  (
    db,
    p: Placeholders<{
      subject: string
      kind: string
      no: number
      all: string
      noOfAll: number
      at: number
      ref: string
    }>,
  ) =>
    db.insertInto('usage').values([
      { subject: p.subject, kind: p.kind, no: p.no, at: p.at, ref: p.ref },
      { subject: p.subject, kind: p.all, no: p.noOfAll, at: p.at, ref: p.ref },
    ]),
  'subject',
)

const deleteNumber = command(
  (db, p: Placeholders<{ subject: string; kind: string; no: number; ref: string }>) =>
    db
      .deleteFrom('usage')
      .where('subject', '=', p.subject)
      .where('kind', '=', p.kind)
      .where('no', '=', p.no)
      .where('ref', '=', p.ref),
  'subject',
)

const moveNumber = command(
  (db, p: Placeholders<{ subject: string; kind: string; no: number; at: number; ref: string }>) =>
    db
      .updateTable('usage')
      .set({ at: p.at })
      .where('subject', '=', p.subject)
      .where('kind', '=', p.kind)
      .where('no', '=', p.no)
      .where('ref', '=', p.ref)
      .where('at', '<', p.at),
  'subject',
)

/** The newest number of a kind, if it is that action's: a lane does one thing at a time. */
const moveNewest = command(
  (db, p: Placeholders<{ subject: string; kind: string; at: number; ref: string }>) =>
    db
      .updateTable('usage')
      .set({ at: p.at })
      .where('subject', '=', p.subject)
      .where('kind', '=', p.kind)
      .where('no', '=', (eb) =>
        eb
          .selectFrom('usage')
          .select((of) => of.fn.max('no').as('no'))
          .where('subject', '=', p.subject)
          .where('kind', '=', p.kind),
      )
      .where('ref', '=', p.ref)
      .where('at', '<', p.at),
  'subject',
)

const deleteOld = command(
  (db, p: Placeholders<{ subject: string; kind: string; before: number; from: number; to: number }>) =>
    db
      .deleteFrom('usage')
      .where('subject', '=', p.subject)
      .where('kind', '=', p.kind)
      .where('no', '>', p.from)
      .where('no', '<=', p.to)
      .where('at', '<', p.before),
  'subject',
)

const findOldest = statement((db, p: Placeholders<{ subject: string; kind: string }>) =>
  db
    .selectFrom('usage')
    .select((eb) => eb.fn.min('no').as('no'))
    .where('subject', '=', p.subject)
    .where('kind', '=', p.kind),
)

const findPauseRow = statement((db, p: Placeholders<{ accountId: string; kind: string }>) =>
  db
    .selectFrom('pauses')
    .select(['until', 'reason', 'level', 'since'])
    .where('account_id', '=', p.accountId)
    .where('kind', '=', p.kind),
)

const upsertPause = command((db, p: Placeholders<{ accountId: string; kind: string } & Pause>) =>
  db
    .insertInto('pauses')
    .values({ account_id: p.accountId, kind: p.kind, until: p.until, reason: p.reason, level: p.level, since: p.since })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'kind'])
        .doUpdateSet({ until: p.until, reason: p.reason, level: p.level, since: p.since }),
    ),
)

interface Standing {
  accountId: string
  kind: string
  /** How far back the attempt is that must have left each window. */
  hourBack: number
  dayBack: number
  totalBack: number
}

/** While an account waits for its gap, many actions of one kind ask about the same standing. */
const readStanding = remembered(
  ({ accountId, kind, hourBack, dayBack, totalBack }: Standing) => ({
    table: 'usage',
    id: accountId,
    part: `${kind} ${hourBack} ${dayBack} ${totalBack}`,
  }),
  async (db, { accountId, ...standing }): Promise<Omit<Usage, 'never'>> => {
    const [row] = await findUsage(db, { subject: accountId, all: ALL_KINDS, ...standing })
    if (row === undefined) throw new Error('usage: the look-up returned no row')
    return { ...row, lastOfKind: row.lastOfKind ?? 0, lastOfAll: row.lastOfAll ?? 0 }
  },
)

/** Where the account stands for a kind if `ahead` attempts of the kind and `aheadOfAll` of any kind came first. */
export async function readUsage(
  db: Db,
  input: { accountId: string; kind: string; limits: EffectiveLimits; ahead?: number; aheadOfAll?: number },
): Promise<Usage> {
  const { accountId, kind, limits, ahead = 0, aheadOfAll = 0 } = input
  const standing = await readStanding(db, {
    accountId,
    kind,
    hourBack: limits.hour === null ? NO_WINDOW : limits.hour - 1 - ahead,
    dayBack: limits.day === null ? NO_WINDOW : limits.day - 1 - ahead,
    totalBack: limits.total - 1 - aheadOfAll,
  })
  return { ...standing, never: forbiddingRule(limits) }
}

/** With a limit of 0 the attempt that must leave the window first would be the one that is asked for. */
function forbiddingRule({ hour, day, total }: EffectiveLimits): ForbiddingRule | null {
  if (hour === 0) return 'hour'
  if (day === 0) return 'day'
  return total === 0 ? 'total' : null
}

/** Instants of the attempts numbered `from` to `to`, for a forecast. */
export async function readAttempts(
  db: Db,
  input: { accountId: string; kind: string; from: number; to: number },
): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom('usage')
    .select(['no', 'at'])
    .where('subject', '=', input.accountId)
    .where('kind', '=', input.kind)
    .where('no', '>=', input.from)
    .where('no', '<=', input.to)
    .execute()
  return new Map(rows.map((row) => [row.no, row.at]))
}

const selectRecent = statement((db, p: Placeholders<{ accountId: string; kind: string; limit: number }>) =>
  db
    .selectFrom('usage')
    .select('at')
    .where('subject', '=', p.accountId)
    .where('kind', '=', p.kind)
    .orderBy('no', 'desc')
    .limit(p.limit),
)

/** Attempts of an account that any window can hold; `maxDailyActions` is at most this. */
const RECENT_MAX = 10_000
const RECENT_AT_ONCE = 200

/** Instants of the attempts since `after`, ascending; of the newest `most`, which by default is all that can be. */
export async function readRecentAttempts(
  db: Db,
  input: { accountId: string; kind: string; after: number; most?: number },
): Promise<number[]> {
  const { accountId, kind, after, most = RECENT_MAX } = input
  // Most accounts have few: the whole day is read only where it is full.
  for (let limit = Math.min(RECENT_AT_ONCE, most); ; limit = most) {
    const rows = await selectRecent(db, { accountId, kind, limit })
    const oldest = rows.at(-1)
    if (rows.length < limit || limit === most || oldest === undefined || oldest.at <= after) {
      return rows
        .map(({ at }) => at)
        .filter((at) => at > after)
        .reverse()
    }
  }
}

/** How many attempts from number `from` on happened after an instant. */
export async function countAttempts(
  db: Db,
  input: { accountId: string; kind: string; from: number; after: number },
): Promise<number> {
  const row = await db
    .selectFrom('usage')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('subject', '=', input.accountId)
    .where('kind', '=', input.kind)
    .where('no', '>=', input.from)
    .where('at', '>', input.after)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** The numbers of one attempt, kept by its worker so that it can give them back. */
export interface AttemptNumbers {
  ofKind: number
  ofAll: number
}

/** Numbers an attempt; `usage` was read in the same transaction, under the account's lock. */
export async function takeNumbers(
  tx: Db,
  input: { accountId: string; kind: string; usage: Usage; at: number; actionId: string },
): Promise<AttemptNumbers> {
  const numbers = { ofKind: input.usage.lastOfKind + 1, ofAll: input.usage.lastOfAll + 1 }
  await insertNumbers(tx, {
    subject: input.accountId,
    kind: input.kind,
    no: numbers.ofKind,
    all: ALL_KINDS,
    noOfAll: numbers.ofAll,
    at: input.at,
    ref: input.actionId,
  })
  await trim(tx, input.accountId, input.kind, numbers.ofKind, input.at)
  await trim(tx, input.accountId, ALL_KINDS, numbers.ofAll, input.at)
  return numbers
}

/** After an attempt whose write certainly did not leave us. Its numbers are the newest: a lane does one thing at a time. */
export async function giveNumbersBack(
  tx: Db,
  input: { accountId: string; kind: string; numbers: AttemptNumbers; actionId: string },
): Promise<void> {
  const { accountId: subject, actionId: ref, numbers } = input
  await deleteNumber(tx, { subject, kind: input.kind, no: numbers.ofKind, ref })
  await deleteNumber(tx, { subject, kind: ALL_KINDS, no: numbers.ofAll, ref })
}

/**
 * Moves an attempt to the instant by which it has certainly taken effect. It was stamped when it was marked, and a slow
 * answer would otherwise let the next window begin before Instagram saw the attempt that leaves it. Its numbers are looked
 * for where nobody knows them any more.
 */
export async function moveNumbers(
  tx: Db,
  input: { accountId: string; kind: string; at: number; actionId: string; numbers?: AttemptNumbers },
): Promise<void> {
  const { accountId: subject, at, actionId: ref, numbers } = input
  if (numbers !== undefined) {
    await moveNumber(tx, { subject, kind: input.kind, no: numbers.ofKind, at, ref })
    await moveNumber(tx, { subject, kind: ALL_KINDS, no: numbers.ofAll, at, ref })
    return
  }
  await moveNewest(tx, { subject, kind: input.kind, at, ref })
  await moveNewest(tx, { subject, kind: ALL_KINDS, at, ref })
}

/** Old rows go every so many attempts, at most so many at once. */
const TRIM_EVERY = 128
const TRIM_AT_MOST = 512
/** Longer than the longest window. */
const KEEP_MS = 25 * 3_600_000

async function trim(tx: Db, subject: string, kind: string, no: number, now: number): Promise<void> {
  if (no % TRIM_EVERY !== 0) return
  const [oldest] = await findOldest(tx, { subject, kind })
  if (oldest?.no == null) return
  const from = oldest.no - 1
  await deleteOld(tx, { subject, kind, before: now - KEEP_MS, from, to: Math.min(from + TRIM_AT_MOST, no - 1) })
}

export async function findPause(db: Db, accountId: string, kind: string): Promise<Pause | null> {
  const [row] = await findPauseRow(db, { accountId, kind })
  return row ?? null
}

export async function savePause(tx: Db, accountId: string, kind: string, pause: Pause): Promise<void> {
  await upsertPause(tx, { accountId, kind, ...pause })
}
