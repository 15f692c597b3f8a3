import Type from 'typebox'
import { type Call, type Route, route } from '../../http/route.ts'
import { STREAM_QUERY } from '../../http/tickets.ts'
import type { WaitDeps } from '../wait-for-change.ts'
import type { Batch } from './batch.ts'
import { type ChangeBatchDeps, cancelBatchOf, pauseBatch, resumeBatch } from './change-batch.ts'
import { findOwnBatch } from './find-own-batch.ts'
import { ItemView, type ReadBatchDeps, readBatches, readItems, viewWithForecast } from './read-batches.ts'
import { streamBatch } from './stream-batch.ts'
import { BatchView, ForecastBatchView } from './view-batch.ts'

const PAGE = 50
const Params = Type.Object({ bulkId: Type.String({ maxLength: 100 }) })
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE }))
const Cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' }))

export type BatchRoutesDeps = ReadBatchDeps & ChangeBatchDeps & WaitDeps

export interface BatchRoutesOf {
  /** E.g. `/messages/bulk`. */
  base: string
  /** Ends the names of the operations, e.g. `MessageBulk`. */
  noun: string
  tag: string
  /** What its list shows; a bulk of any kind is read by its id. */
  kinds: readonly string[]
}

/** Reading, steering and following bulks; the feature that accepts them adds its own POST. */
export function batchRoutes(deps: BatchRoutesDeps, of: BatchRoutesOf): Route[] {
  const { base, noun, tag } = of
  return [
    route({
      operation: `list${noun}s`,
      method: 'GET',
      path: base,
      summary: 'Read the bulks of a session, the newest first',
      tag,
      scope: 'read',
      query: Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 100 }), limit: Limit, cursor: Cursor }),
      answers: { 200: Type.Array(BatchView) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, query }) =>
        readBatches(deps, principal, { ...query, kinds: of.kinds, limit: query.limit ?? PAGE, cursor: query.cursor }),
    }),
    route({
      operation: `get${noun}`,
      method: 'GET',
      path: `${base}/:bulkId`,
      summary: 'Read how a bulk stands, and when it will end',
      tag,
      scope: 'read',
      params: Params,
      answers: { 200: ForecastBatchView },
      errors: ['BULK_NOT_FOUND'],
      handler: async ({ principal, params }) => {
        const batch = await findOwnBatch(deps.store.read, deps, principal, params.bulkId)
        return { status: 200, data: await viewWithForecast(deps.store.read, deps, batch) }
      },
    }),
    route({
      operation: `list${noun}Items`,
      method: 'GET',
      path: `${base}/:bulkId/items`,
      summary: 'Read the items of a bulk in the order in which they were given',
      tag,
      scope: 'read',
      params: Params,
      query: Type.Object({ limit: Limit, cursor: Cursor }),
      answers: { 200: Type.Array(ItemView) },
      errors: ['BULK_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        readItems(deps, principal, { batchId: params.bulkId, limit: query.limit ?? PAGE, cursor: query.cursor }),
    }),
    route({
      operation: `stream${noun}`,
      method: 'GET',
      path: `${base}/:bulkId/stream`,
      summary: 'Follow the progress of a bulk as server-sent events',
      tag,
      scope: 'read',
      params: Params,
      query: Type.Object(STREAM_QUERY),
      streams: true,
      answers: { 200: ForecastBatchView, 204: null },
      errors: ['BULK_NOT_FOUND', 'RATE_LIMITED'],
      handler: ({ principal, params, lastEventId }) =>
        streamBatch(deps, { principal, batchId: params.bulkId, lastEventId }),
    }),
    ...STEPS.map((step) => stepRoute(deps, of, step)),
  ]
}

interface Step {
  name: 'pause' | 'resume' | 'cancel'
  summary: string
  done: string
  take(
    deps: ChangeBatchDeps,
    request: Pick<Call<never, never, never>, 'principal'> & { batchId: string },
  ): Promise<Batch>
}

const STEPS: readonly Step[] = [
  { name: 'pause', summary: 'Begin no further item of a bulk for now', done: 'Bulk paused', take: pauseBatch },
  { name: 'resume', summary: 'Go on with a paused bulk', done: 'Bulk resumed', take: resumeBatch },
  { name: 'cancel', summary: 'Cancel what a bulk has not begun', done: 'Bulk canceled', take: cancelBatchOf },
]

function stepRoute(
  deps: BatchRoutesDeps,
  { base, noun, tag }: BatchRoutesOf,
  { name, summary, done, take }: Step,
): Route {
  return route({
    operation: `${name}${noun}`,
    method: 'POST',
    path: `${base}/:bulkId/${name}`,
    summary,
    tag,
    scope: 'send',
    params: Params,
    bodyOptional: true,
    answers: { 200: ForecastBatchView },
    errors: ['BULK_NOT_FOUND', 'BULK_ENDED'],
    handler: async ({ principal, params, receipt }) => {
      await deps.store.write((tx) => receipt.claim(tx, { answerWithinMs: STEP_WITHIN_MS }))
      const batch = await take(deps, { principal, batchId: params.bulkId })
      return { status: 200, message: done, data: await viewWithForecast(deps.store.read, deps, batch) }
    },
  })
}

/** Machine time: canceling ten thousand items takes a few seconds. */
const STEP_WITHIN_MS = 30_000
