import { sql } from 'kysely'
import { command, type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'

/** The SQL of what the HTTP layer keeps: idempotency keys, request counters, revocations. */

/** Kind of the row that stands for the user's request counters as a whole; its lock orders a user's requests. */
const COUNTER_KIND = 'requests'

export const findKey = statement((db, p: Placeholders<{ userId: string; key: string }>) =>
  db.selectFrom('idempotency_keys').selectAll().where('user_id', '=', p.userId).where('key', '=', p.key),
)

export interface NewKey {
  userId: string
  key: string
  fingerprint: string
  answerByWall: number
  claim: string
  actionId: string | null
  now: number
}

/** One row inserted, or none when the key is taken; on PostgreSQL it waits for a transaction that holds the key. */
export const insertKey = command((db, p: Placeholders<NewKey>) =>
  db
    .insertInto('idempotency_keys')
    .values({
      user_id: p.userId,
      key: p.key,
      fingerprint: p.fingerprint,
      status: null,
      body: null,
      headers: null,
      answer_by_wall: p.answerByWall,
      claim: p.claim,
      action_id: p.actionId,
      created_at: p.now,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'key']).doNothing()),
)

/** Takes over a record that was abandoned or is older than keys are kept; no row when another request was faster. */
export const takeOverKey = command((db, p: Placeholders<NewKey & { oldClaim: string }>) =>
  db
    .updateTable('idempotency_keys')
    .set({
      fingerprint: p.fingerprint,
      status: null,
      body: null,
      headers: null,
      answer_by_wall: p.answerByWall,
      claim: p.claim,
      action_id: p.actionId,
      created_at: p.now,
    })
    .where('user_id', '=', p.userId)
    .where('key', '=', p.key)
    .where('claim', '=', p.oldClaim),
)

/** Says what the claim's record stands for; no row when the record is not the claim's any more. */
export const nameKey = command(
  (db, p: Placeholders<{ userId: string; key: string; claim: string; actionId: string; answerByWall: number }>) =>
    db
      .updateTable('idempotency_keys')
      .set({ action_id: p.actionId, answer_by_wall: p.answerByWall })
      .where('user_id', '=', p.userId)
      .where('key', '=', p.key)
      .where('claim', '=', p.claim)
      .where('status', 'is', null),
)

/**
 * Stores an answer under the claim: into the claim's own record, or as a new one when the claim was rolled back with its
 * transaction. Somebody else's record stays as it is.
 */
export const storeAnswer = command(
  (
    db,
    p: Placeholders<{
      userId: string
      key: string
      fingerprint: string
      claim: string
      status: number
      body: string
      headers: string
      now: number
    }>,
  ) =>
    db
      .insertInto('idempotency_keys')
      .values({
        user_id: p.userId,
        key: p.key,
        fingerprint: p.fingerprint,
        status: p.status,
        body: p.body,
        headers: p.headers,
        answer_by_wall: null,
        claim: p.claim,
        action_id: null,
        created_at: p.now,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'key'])
          .doUpdateSet({ status: p.status, body: p.body, headers: p.headers, answer_by_wall: null })
          .where('idempotency_keys.claim', '=', p.claim)
          .where('idempotency_keys.status', 'is', null),
      ),
)

/** Frees a key whose request was refused in a way that is not stored. */
export const releaseKey = command((db, p: Placeholders<{ userId: string; key: string; claim: string }>) =>
  db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', p.userId)
    .where('key', '=', p.key)
    .where('claim', '=', p.claim)
    .where('status', 'is', null),
)

export const deleteOldKeys = command((db, p: Placeholders<{ before: number; limit: number }>) =>
  db
    .deleteFrom('idempotency_keys')
    .where((eb) =>
      eb(
        eb.refTuple('user_id', 'key'),
        'in',
        eb
          .selectFrom('idempotency_keys')
          .select(['user_id', 'key'])
          .where('created_at', '<=', p.before)
          .orderBy('created_at')
          .limit(p.limit)
          .$asTuple('user_id', 'key'),
      ),
    ),
)

/** Locks the user's request counters until the commit. SQLite has one writer and needs no such lock. */
export const lockRequestCounter = command((db, p: Placeholders<{ userId: string; now: number }>) =>
  db
    .insertInto('usage')
    .values({ subject: p.userId, kind: COUNTER_KIND, no: 0, at: p.now, ref: null })
    .onConflict((conflict) => conflict.columns(['subject', 'kind', 'no']).doUpdateSet({ at: p.now })),
)

/** The newest uses, newest first; `limit` of them decide everything. */
export const recentRequests = statement((db, p: Placeholders<{ userId: string; name: string; limit: number }>) =>
  db
    .selectFrom('usage')
    .select(['no', 'at'])
    .where('subject', '=', p.userId)
    .where('kind', '=', p.name)
    .orderBy('no', 'desc')
    .limit(p.limit),
)

export const insertRequest = command((db, p: Placeholders<{ userId: string; name: string; no: number; at: number }>) =>
  db.insertInto('usage').values({ subject: p.userId, kind: p.name, no: p.no, at: p.at, ref: null }),
)

/** Uses that no window looks at any more. */
export const pruneRequests = command((db, p: Placeholders<{ userId: string; name: string; upTo: number }>) =>
  db.deleteFrom('usage').where('subject', '=', p.userId).where('kind', '=', p.name).where('no', '<=', p.upTo),
)

export const readRevocations = statement((db, _: Placeholders<object>) =>
  db.selectFrom('revocations').select(['sub', 'before_seconds as before']),
)

export const writeRevocation = command((db, p: Placeholders<{ sub: string; before: number }>) =>
  db
    .insertInto('revocations')
    .values({ sub: p.sub, before_seconds: p.before })
    .onConflict((conflict) =>
      conflict
        .column('sub')
        .doUpdateSet({ before_seconds: p.before })
        .where('revocations.before_seconds', '<', p.before),
    ),
)

/** Rejects when the store cannot be read. */
export async function probeStore(db: Db): Promise<void> {
  await sql`select seen_at from clock`.execute(db)
}
