import Type from 'typebox'
import { decodeCursor, encodeCursor } from '../../core/cursor.ts'
import { invalidFields } from '../../core/errors.ts'
import type { Answer, Principal } from '../../http/route.ts'
import type { Db } from '../../store/store.ts'
import type { Action } from '../action.ts'
import type { OutboxDeps } from '../deps.ts'
import { findActingSession } from '../find-own-action.ts'
import type { ActionKinds } from '../kind.ts'
import type { Batch } from './batch.ts'
import { findOwnBatch } from './find-own-batch.ts'
import { estimateCompletion } from './forecast-batch.ts'
import { listBatches, listItems } from './store.ts'
import { viewBatch } from './view-batch.ts'

export type ReadBatchDeps = Pick<OutboxDeps, 'store' | 'clock' | 'sessions' | 'limits' | 'kinds'>

const TextOrNull = Type.Union([Type.String(), Type.Null()])

export const ItemView = Type.Object(
  {
    actionId: Type.String(),
    status: Type.String(),
    code: TextOrNull,
    reason: TextOrNull,
    externalId: TextOrNull,
    settledAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  },
  {
    title: 'BulkItem',
    additionalProperties: true,
    description: 'With what its kind shows of whom or what it is about.',
  },
)

export function viewItem(kinds: ActionKinds, item: Action) {
  return {
    actionId: item.id,
    ...kinds.get(item.kind)?.describe(item),
    status: item.status,
    code: item.code,
    reason: item.reason,
    externalId: item.externalId,
    settledAt: item.settledAt === null ? null : new Date(item.settledAt).toISOString(),
  }
}

/** A batch with the forecast of its end. */
export async function viewWithForecast(db: Db, deps: ReadBatchDeps, batch: Batch) {
  const at = await estimateCompletion(db, deps, batch)
  return { ...viewBatch(batch), estimatedCompletion: at === null ? null : new Date(at).toISOString() }
}

/** The bulks of a session, the newest first. Throws `SESSION_NOT_FOUND`. */
export async function readBatches(
  deps: ReadBatchDeps,
  principal: Principal,
  input: { sessionId: string; kinds: readonly string[]; limit: number; cursor: string | undefined },
): Promise<Answer> {
  const db = deps.store.read
  const { limit, kinds } = input
  const session = await findActingSession(db, deps, principal, input.sessionId)
  const found = await listBatches(db, { sessionId: session.id, kinds, limit: limit + 1, before: parse(input.cursor) })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} bulks`,
    data: shown.map(viewBatch),
    pagination: {
      limit,
      ...(hasMore && last !== undefined ? { nextCursor: encodeCursor({ at: last.createdAt, id: last.id }) } : {}),
      hasMore,
    },
  }
}

/** Items in the order in which they were given. Throws `BULK_NOT_FOUND`. */
export async function readItems(
  deps: ReadBatchDeps,
  principal: Principal,
  input: { batchId: string; limit: number; cursor: string | undefined },
): Promise<Answer> {
  const db = deps.store.read
  const { limit } = input
  const batch = await findOwnBatch(db, deps, principal, input.batchId)
  const afterOrd = parse(input.cursor)?.at ?? 0
  const found = await listItems(db, { batchId: batch.id, afterOrd, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} items`,
    data: shown.map((item) => viewItem(deps.kinds, { ...item, payload: batch.payload })),
    pagination: {
      limit,
      ...(hasMore && last !== undefined ? { nextCursor: encodeCursor({ at: last.ord, id: last.id }) } : {}),
      hasMore,
    },
  }
}

function parse(cursor: string | undefined): { at: number; id: string } | null {
  if (cursor === undefined) return null
  const place = decodeCursor(cursor)
  if (place === null) throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  return place
}
