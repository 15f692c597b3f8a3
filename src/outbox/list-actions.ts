import { decodeCursor, encodeCursor } from '../core/cursor.ts'
import { invalidFields } from '../core/errors.ts'
import type { Answer, Principal } from '../http/route.ts'
import type { Db } from '../store/store.ts'
import type { ActionStatus } from './action.ts'
import type { OutboxDeps } from './deps.ts'
import { explainWait } from './explain-wait.ts'
import { findActingSession } from './find-own-action.ts'
import { toAction } from './store.ts'
import { viewAction } from './view-action.ts'

export const ACTION_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'unconfirmed',
  'canceled',
  'expired',
  'skipped',
] as const satisfies readonly ActionStatus[]

/** Rows that one filtered page looks at, so that a rare status in a long history costs no more than a common one. */
const LOOKED_AT_MAX = 2_000

interface Place {
  at: number
  id: string
}

interface ListInput {
  sessionId: string
  status?: ActionStatus
  kind?: string
  limit: number
  cursor?: string
}

type ListDeps = Pick<OutboxDeps, 'store' | 'clock' | 'sessions' | 'limits' | 'kinds'>

/**
 * The actions of a session, the newest first. A filtered page may hold fewer than `limit` although there are more; its
 * `nextCursor` goes on behind what was looked at. Throws `SESSION_NOT_FOUND`.
 */
export async function listActions(deps: ListDeps, principal: Principal, input: ListInput): Promise<Answer> {
  const db = deps.store.read
  const before = parseCursor(input.cursor)
  const session = await findActingSession(db, deps, principal, input.sessionId)
  const found = await findPage(db, { ...input, before })
  const shown = found.slice(0, input.limit)
  const data: ReturnType<typeof viewAction>[] = []
  for (const action of shown) data.push(viewAction(deps.kinds, action, await explainWait(db, deps, action)))
  const last = shown.at(-1)
  const next: Place | null =
    found.length > input.limit && last !== undefined
      ? { at: last.acceptedAt, id: last.id }
      : await lastLookedAt(db, { sessionId: session.id, before })
  return {
    status: 200,
    message: `Found ${shown.length} actions`,
    data,
    pagination: {
      limit: input.limit,
      ...(next === null ? {} : { nextCursor: encodeCursor(next) }),
      hasMore: next !== null,
    },
  }
}

function parseCursor(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null
  const place = decodeCursor(cursor)
  if (place === null) throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  return place
}

function lookedAt(db: Db, { sessionId, before }: { sessionId: string; before: Place | null }) {
  return (
    db
      .selectFrom('actions')
      .where('session_id', '=', sessionId)
      // A bulk is accepted whole or not at all: until then nobody sees a part of it.
      .where((eb) => {
        const accepting = eb
          .selectFrom('batches')
          .select('batches.id')
          .whereRef('batches.id', '=', 'actions.batch_id')
          .where('batches.status', '=', 'accepting')
        return eb.or([eb('batch_id', 'is', null), eb.not(eb.exists(accepting))])
      })
      .$if(before !== null, (query) =>
        query.where((eb) => eb(eb.refTuple('accepted_at', 'id'), '<', eb.tuple(before?.at ?? 0, before?.id ?? ''))),
      )
      .orderBy('accepted_at', 'desc')
      .orderBy('id', 'desc')
  )
}

async function findPage(db: Db, input: ListInput & { before: Place | null }) {
  const { status, kind } = input
  const rows = await db
    .selectFrom(lookedAt(db, input).selectAll().limit(LOOKED_AT_MAX).as('looked_at'))
    .selectAll('looked_at')
    .select((eb) =>
      eb
        .selectFrom('batches')
        .select('batches.payload')
        .whereRef('batches.id', '=', 'looked_at.batch_id')
        .as('batch_payload'),
    )
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? ''))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
    .orderBy('accepted_at', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit + 1)
    .execute()
  return rows.map(toAction)
}

/** The place up to which a page looked, when there may be more behind it. */
async function lastLookedAt(db: Db, input: { sessionId: string; before: Place | null }): Promise<Place | null> {
  const row = await lookedAt(db, input)
    .select(['accepted_at', 'id'])
    .limit(1)
    .offset(LOOKED_AT_MAX - 1)
    .executeTakeFirst()
  return row === undefined ? null : { at: row.accepted_at, id: row.id }
}
