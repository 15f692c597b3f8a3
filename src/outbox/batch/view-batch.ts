import Type from 'typebox'
import { toText } from '../view-action.ts'
import type { Batch } from './batch.ts'

const Instant = Type.String({ format: 'date-time' })
const InstantOrNull = Type.Union([Instant, Type.Null()])
const Count = Type.Integer({ minimum: 0 })

export const BatchView = Type.Object(
  {
    bulkId: Type.String(),
    sessionId: Type.String(),
    kind: Type.String(),
    status: Type.String({ description: 'running, paused, completed or canceled.' }),
    total: Count,
    sent: Type.Integer({ minimum: 0, description: 'Confirmed by Instagram.' }),
    failed: Type.Integer({ minimum: 0, description: 'Not done, and will not be.' }),
    queued: Type.Integer({ minimum: 0, description: 'Not ended yet, those under way included.' }),
    unconfirmed: Type.Integer({ minimum: 0, description: 'May have been done; nothing can tell.' }),
    canceled: Count,
    skipped: Type.Integer({ minimum: 0, description: 'Suppressed, or a repeat of an earlier item.' }),
    duplicates: Type.Integer({ minimum: 0, description: 'How many of the skipped are repeats.' }),
    counts: Type.Object(
      {
        queued: Count,
        running: Count,
        succeeded: Count,
        failed: Count,
        unconfirmed: Count,
        canceled: Count,
        expired: Count,
        skipped: Count,
      },
      { title: 'BulkCounts', description: 'Items by status; they add up to `total`.' },
    ),
    delay: Type.Integer({ minimum: 0, description: 'Least milliseconds between two attempts of the bulk.' }),
    createdAt: Instant,
    settledAt: InstantOrNull,
  },
  { title: 'BulkSummary' },
)

/** With the forecast that reading it makes. */
export const ForecastBatchView = Type.Object(
  {
    ...BatchView.properties,
    estimatedCompletion: Type.Union([Instant, Type.Null()], {
      description: 'Forecast of the last item; null when it has ended, or somebody has to do something first.',
    }),
  },
  { title: 'Bulk' },
)

/** A bulk as the v2 API and its events show it. */
export function viewBatch(batch: Batch) {
  const { counts } = batch
  return {
    bulkId: batch.id,
    sessionId: batch.sessionId,
    kind: batch.kind,
    status: batch.status,
    total: batch.total,
    sent: counts.succeeded,
    failed: counts.failed + counts.expired,
    queued: counts.queued + counts.running,
    unconfirmed: counts.unconfirmed,
    canceled: counts.canceled,
    skipped: counts.skipped,
    duplicates: batch.duplicates,
    counts,
    delay: batch.gapMs,
    createdAt: toText(batch.createdAt),
    settledAt: batch.settledAt === null ? null : toText(batch.settledAt),
  }
}
