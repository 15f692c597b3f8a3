import { sql } from 'kysely'
import { remembered } from '../store/remembered.ts'
import type { SuppressionTable } from '../store/schema.ts'
import { type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import { ALL_ACCOUNTS, type Suppression, type SuppressionReason } from './suppression.ts'

function toSuppression(row: SuppressionTable): Suppression {
  return {
    id: row.id,
    userId: row.user_id,
    scope: row.scope,
    sessionId: row.session_id,
    platformId: row.platform_id,
    username: row.username,
    reason: row.reason as SuppressionReason,
    eventId: row.event_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
  }
}

const ALL = sql.lit(ALL_ACCOUNTS)

/** What forbids writing to a person; rows that know another person by the name do not. */
const selectOfPerson = statement(
  (db, p: Placeholders<{ userId: string; accountId: string; platformId: string; username: string }>) => {
    const active = db
      .selectFrom('suppressions')
      .select('id')
      .where('user_id', '=', p.userId)
      .where('lifted_at', 'is', null)
      .where((eb) => eb.or([eb('scope', '=', p.accountId), eb('scope', '=', ALL)]))
    return active
      .where('platform_id', '=', p.platformId)
      .unionAll(active.where('username', '=', p.username).where('platform_id', 'is', null))
  },
)

/** The same where only the name is known. */
const selectOfName = statement((db, p: Placeholders<{ userId: string; accountId: string; username: string }>) =>
  db
    .selectFrom('suppressions')
    .select('id')
    .where('user_id', '=', p.userId)
    .where('username', '=', p.username)
    .where('lifted_at', 'is', null)
    .where((eb) => eb.or([eb('scope', '=', p.accountId), eb('scope', '=', ALL)])),
)

const selectAnyOf = statement((db, p: Placeholders<{ userId: string }>) =>
  db
    .selectFrom('suppressions')
    .select('id')
    .where('user_id', '=', p.userId)
    .where('lifted_at', 'is', null)
    .limit(sql.lit(1)),
)

/** Most users suppress nobody, and every message asks. */
const hasAny = remembered(
  (userId: string) => ({ table: 'suppressions', id: userId }),
  async (db, userId) => ({ any: (await selectAnyOf(db, { userId })).length > 0 }),
)

/** The id of a suppression that holds for writing to somebody from an account; null = none. */
export async function findSuppression(
  db: Db,
  input: { userId: string; accountId: string; platformId: string | null; username: string | null },
): Promise<string | null> {
  const { userId, accountId, platformId } = input
  if (!(await hasAny(db, userId)).any) return null
  const username = input.username ?? ''
  const [row] =
    platformId === null
      ? await selectOfName(db, { userId, accountId, username })
      : await selectOfPerson(db, { userId, accountId, platformId, username })
  return row?.id ?? null
}

/** Names of one statement. */
const NAMES_AT_ONCE = 500

/** Which of some names must not be written to. */
export async function findSuppressedNames(
  db: Db,
  input: { userId: string; accountId: string; usernames: readonly string[] },
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let from = 0; from < input.usernames.length; from += NAMES_AT_ONCE) {
    const rows = await db
      .selectFrom('suppressions')
      .select('username')
      .where('user_id', '=', input.userId)
      .where('username', 'in', input.usernames.slice(from, from + NAMES_AT_ONCE))
      .where('lifted_at', 'is', null)
      .where('scope', 'in', [input.accountId, ALL_ACCOUNTS])
      .execute()
    for (const { username } of rows) if (username !== null) found.add(username)
  }
  return found
}

/** Names a contact: whichever of both is known. */
export interface Contact {
  platformId: string | null
  username: string | null
}

/** The active suppression of exactly this scope that means the contact; null = none. */
export async function findActive(
  db: Db,
  { userId, scope, platformId, username }: Contact & { userId: string; scope: string },
): Promise<Suppression | null> {
  const row = await db
    .selectFrom('suppressions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('scope', '=', scope)
    .where('lifted_at', 'is', null)
    .where((eb) =>
      eb.or([
        ...(platformId === null ? [] : [eb('platform_id', '=', platformId)]),
        ...(username === null
          ? []
          : [eb.and([eb('username', '=', username), ...(platformId === null ? [] : [eb('platform_id', 'is', null)])])]),
      ]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toSuppression(row)
}

export async function addSuppression(tx: Db, suppression: Suppression): Promise<void> {
  const { id, scope, username, reason } = suppression
  await tx
    .insertInto('suppressions')
    .values({
      ...{ id, scope, username, reason },
      user_id: suppression.userId,
      session_id: suppression.sessionId,
      platform_id: suppression.platformId,
      event_id: suppression.eventId,
      created_by: suppression.createdBy,
      created_at: suppression.createdAt,
      lifted_by: null,
      lifted_at: null,
    })
    .execute()
}

/** What a later naming of the same contact knows beyond the first. */
export async function saveContact(
  tx: Db,
  suppression: Pick<Suppression, 'id' | 'platformId' | 'username'>,
): Promise<void> {
  const { id, platformId, username } = suppression
  await tx.updateTable('suppressions').set({ platform_id: platformId, username }).where('id', '=', id).execute()
}

/** Lifts what is active of a contact, in all scopes or one, for every reason or one; returns how many there were. */
export async function liftActive(
  tx: Db,
  input: Contact & {
    userId: string
    id: string | null
    scope: string | null
    reason: SuppressionReason | null
    by: string
    at: number
  },
): Promise<number> {
  const { id, platformId, username, scope, reason } = input
  const { numUpdatedRows } = await tx
    .updateTable('suppressions')
    .set({ lifted_by: input.by, lifted_at: input.at })
    .where('user_id', '=', input.userId)
    .where('lifted_at', 'is', null)
    .$if(id !== null, (query) => query.where('id', '=', id ?? ''))
    .$if(platformId !== null, (query) => query.where('platform_id', '=', platformId ?? ''))
    .$if(username !== null, (query) => query.where('username', '=', username ?? ''))
    .$if(scope !== null, (query) => query.where('scope', '=', scope ?? ''))
    .$if(reason !== null, (query) => query.where('reason', '=', reason ?? ''))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Active suppressions of a user, the newest first; those that hold for one account where it is given. */
export async function listActive(
  db: Db,
  input: {
    userId: string
    accountId: string | null
    username: string | null
    limit: number
    before: { at: number; id: string } | null
  },
): Promise<Suppression[]> {
  const { accountId, username, before } = input
  const rows = await db
    .selectFrom('suppressions')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('lifted_at', 'is', null)
    .$if(accountId !== null, (query) => query.where('scope', 'in', [accountId ?? '', ALL_ACCOUNTS]))
    .$if(username !== null, (query) => query.where('username', '=', username ?? ''))
    .$if(before !== null, (query) =>
      query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(before?.at ?? 0, before?.id ?? ''))),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit)
    .execute()
  return rows.map(toSuppression)
}

/** Whether a person was suppressed for one of two reasons at an instant; what was lifted since included. */
export async function wasSuppressed(
  db: Db,
  input: Contact & { userId: string; accountId: string; reason: SuppressionReason; at: number },
): Promise<boolean> {
  const { platformId, username, at } = input
  const rows = await db
    .selectFrom('suppressions')
    .select('id')
    .where('user_id', '=', input.userId)
    .where('scope', 'in', [input.accountId, ALL_ACCOUNTS])
    .where('reason', '=', input.reason)
    .where('created_at', '<=', at)
    .where((eb) => eb.or([eb('lifted_at', 'is', null), eb('lifted_at', '>', at)]))
    .where((eb) =>
      eb.or([
        eb('platform_id', '=', platformId ?? ''),
        eb.and([eb('platform_id', 'is', null), eb('username', '=', username ?? '')]),
      ]),
    )
    .limit(1)
    .execute()
  return rows.length > 0
}
