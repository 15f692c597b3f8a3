/**
 * A bulk: many actions of one kind, accepted as one and paced on their own.
 *
 * ```
 * accepting ──► running ◄──► paused
 *     │            │            │
 *     ▼            ├──► completed  every item has ended
 *  (removed)       └──► canceled   by its user or with its session; what was queued is canceled, what runs settles
 * ```
 *
 * While `accepting`, its items are written in chunks and nothing of it is acted on or shown; the last chunk turns it
 * `running`. An acceptance that does not get that far is removed whole (`sweep-batches.ts`), whatever ended it.
 *
 * Its items are ordinary actions in class bulk. They are not in the index of the account's queue but in one of their own
 * batch, so that a plan looks at one head a running batch, however many items wait. Their payload is the batch's.
 *
 * The counts are moved in the transaction that changes an item's status, so they add up to `total` at every read.
 */
import { type ActionClass, type ActionStatus, CLASS_BULK } from '../action.ts'

export type BatchStatus = 'accepting' | 'running' | 'paused' | 'completed' | 'canceled'

export type BatchCounts = Record<ActionStatus, number>

export interface Batch {
  id: string
  userId: string
  sessionId: string
  accountId: string
  kind: string
  class: ActionClass
  status: BatchStatus
  /** JSON of the kind: what to send. */
  payload: string
  /** Least milliseconds between two of its attempts, as its user asked; the account's own delay applies as well. */
  gapMs: number
  /** No attempt of it before this instant. */
  nextAt: number
  total: number
  /** How many of the skipped items repeat an earlier one. */
  duplicates: number
  counts: BatchCounts
  acceptedBy: string
  createdAt: number
  settledAt: number | null
}

/** Why an item is never sent; its row says so from the beginning. */
export interface Skip {
  /** Error code of the catalogue; null for a repeat, which is nobody's fault. */
  code: 'SUPPRESSED' | null
  reason: string
}

const DUPLICATE: Skip = { code: null, reason: 'It repeats an earlier item of the bulk.' }
const SUPPRESSED: Skip = { code: 'SUPPRESSED', reason: 'The recipient asked not to be messaged.' }

/** One recipient or target of a bulk, in the caller's order. */
export interface BatchItem {
  /** Whom or what it is about, by the name that makes two of them the same. */
  key: string
  /** Null = to be done. */
  skip: Skip | null
}

/** Items by their keys, in order: what comes a second time is left out, and so is what `suppressed` names. */
export function toItems(keys: readonly string[], suppressed: ReadonlySet<string>): BatchItem[] {
  const seen = new Set<string>()
  return keys.map((key) => {
    if (seen.has(key)) return { key, skip: DUPLICATE }
    seen.add(key)
    return { key, skip: suppressed.has(key) ? SUPPRESSED : null }
  })
}

export const ITEMS_MAX = 10_000
export const BATCH_CLASS: ActionClass = CLASS_BULK

/** Whether all items have ended. */
export function isSettled(batch: Batch): boolean {
  return batch.counts.queued === 0 && batch.counts.running === 0
}
