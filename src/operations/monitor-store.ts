/**
 * What the monitor reads. It looks at tables of others on purpose: a watchman who asks those whom he watches sees what
 * they believe. Every statement reads a bounded number of rows through an index.
 */
import { sql } from 'kysely'
import { type Placeholders, statement } from '../store/statement.ts'

/** After which ended action to go on: the index `actions_settled`. */
export interface SettledCursor {
  at: number
  id: string
}

/** Ended actions in the order of their ends, after a cursor and not later than `until`. */
export const findSettled = statement((db, p: Placeholders<{ at: number; id: string; until: number; limit: number }>) =>
  db
    .selectFrom('actions')
    .select(['id', 'user_id', 'account_id', 'kind', 'status', 'step', 'attempts', 'settled_at'])
    .select(['target', 'resolved', 'override_by'])
    .where('settled_at', 'is not', null)
    .where((eb) => eb(eb.refTuple('settled_at', 'id'), '>', eb.tuple(eb.val(p.at), eb.val(p.id))))
    .where('settled_at', '<=', p.until)
    .orderBy('settled_at')
    .orderBy('id')
    .limit(p.limit),
)

export const findTimeline = statement((db, p: Placeholders<{ actionId: string; limit: number }>) =>
  db
    .selectFrom('timeline')
    .select(['no', 'at', 'from_status', 'to_status', 'cause'])
    .where('action_id', '=', p.actionId)
    .orderBy('no')
    .limit(p.limit),
)

/** Actions under way or uncertain, account by account. */
export const findRunning = statement((db, p: Placeholders<{ afterAccount: string; limit: number }>) =>
  db
    .selectFrom('actions')
    .select(['id', 'account_id', 'kind', 'step'])
    .where('status', '=', sql.lit('running'))
    .where('account_id', '>', p.afterAccount)
    .orderBy('account_id')
    .limit(p.limit),
)

/**
 * Attempts after an instant that came too early: less than the window's length after the one that had to leave it. Looks
 * at the newest `back` numbers only.
 */
export const findOverfull = statement(
  (
    db,
    p: Placeholders<{
      accountId: string
      kind: string
      limit: number
      durationMs: number
      after: number
      back: number
    }>,
  ) =>
    db
      .selectFrom('usage as late')
      .innerJoin('usage as leaving', (join) =>
        join
          .onRef('leaving.subject', '=', 'late.subject')
          .onRef('leaving.kind', '=', 'late.kind')
          .on('leaving.no', '=', (eb) => eb('late.no', '-', p.limit)),
      )
      .select(['late.no', 'late.at', 'late.ref', 'leaving.at as leftAt'])
      .where('late.subject', '=', p.accountId)
      .where('late.kind', '=', p.kind)
      .where('late.no', '>', (eb) =>
        eb
          .selectFrom('usage')
          .select((of) => sql<number>`coalesce(${of.fn.max('no')}, 0) - ${p.back}`.as('no'))
          .where('subject', '=', p.accountId)
          .where('kind', '=', p.kind),
      )
      .where('late.at', '>', p.after)
      .whereRef('leaving.at', '>', sql<number>`late.at - ${p.durationMs}`)
      .orderBy('late.no')
      .limit(sql.lit(20)),
)

/** When an action's newest attempt was decided on. */
export const findMarked = statement((db, p: Placeholders<{ actionId: string }>) =>
  db
    .selectFrom('timeline')
    .select((eb) => eb.fn.max('at').as('at'))
    .where('action_id', '=', p.actionId)
    .where('cause', 'in', [sql.lit('attempt'), sql.lit('resend')]),
)

/** Unfinished bulks whose counts do not add up. */
export const findUnbalanced = statement((db, p: Placeholders<{ limit: number }>) =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('batches')
        .selectAll()
        .where('status', 'in', [sql.lit('running'), sql.lit('paused')])
        .orderBy('account_id')
        .limit(p.limit)
        .as('some'),
    )
    .select(['id', 'account_id', 'total'])
    .whereRef(
      'total',
      '!=',
      sql<number>`queued + running + succeeded + failed + unconfirmed + canceled + expired + skipped`,
    ),
)

/** From when to when somebody was not to be written to, by an account: what was lifted since included. */
export const findSuppressedSpans = statement(
  (db, p: Placeholders<{ userId: string; accountId: string; platformId: string; username: string }>) => {
    const spans = db
      .selectFrom('suppressions')
      .select(['id', 'created_at', 'lifted_at'])
      .where('user_id', '=', p.userId)
      .where((eb) => eb.or([eb('scope', '=', p.accountId), eb('scope', '=', sql.lit('*'))]))
    return spans
      .where('platform_id', '=', p.platformId)
      .unionAll(spans.where('username', '=', p.username).where('platform_id', 'is', null))
  },
)
