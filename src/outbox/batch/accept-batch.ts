/**
 * Accepting a bulk: in chunks, whole or not at all.
 *
 * Ten thousand rows in one transaction would hold up every other write for half a second, so each chunk is a write of its
 * own, under a batch that is `accepting` and that nothing acts on. The first chunk claims the idempotency key and all the
 * places in the account's queue; after the last one a write of its own turns the batch `running`, names or answers the
 * key, and wakes the lane. A bulk of one chunk does all of it at once.
 *
 * Whoever accepts has to come back within `CHUNK_WITHIN_MS` for the next chunk; a sweep removes batches whose acceptor did
 * not, and an acceptor that comes back too late finds its batch given up and refuses. Nobody has to know which of the two
 * happened: what was removed has never been accepted.
 */
import type { Capability } from '../../connectors/connector.ts'
import { crashPoint } from '../../core/crash-point.ts'
import { GatewayError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import type { Answer, Principal, Receipt } from '../../http/route.ts'
import { takePlaces, wakeLane } from '../../lanes/index.ts'
import { lockAccount } from '../../store/lock-account.ts'
import type { Db } from '../../store/store.ts'
import { clientToken, requireCapability } from '../accept-action.ts'
import type { OutboxDeps } from '../deps.ts'
import { findActingSession } from '../find-own-action.ts'
import { requireAble } from '../session-able.ts'
import type { ActingSession } from '../session-hooks.ts'
import { announceChange } from '../wait-for-change.ts'
import { BATCH_CLASS, type Batch, type BatchItem, isSettled } from './batch.ts'
import { insertItems } from './insert-items.ts'
import { tellBatch } from './settle-batch.ts'
import { addBatch, giveUpAcceptance, openBatch, removeSome, renewAcceptance } from './store.ts'

/** Rows of one transaction: about ten milliseconds of SQLite. */
const CHUNK = 500
/** Machine time from one chunk to the next. */
const CHUNK_WITHIN_MS = 30_000
/** Machine time for all of them, within which a repeat of the request is told to wait. */
const ACCEPT_WITHIN_MS = 60_000

export type AcceptBatchDeps = Pick<
  OutboxDeps,
  'store' | 'clock' | 'random' | 'signal' | 'sessions' | 'limits' | 'kinds' | 'connectors'
>

export interface BatchDraft {
  sessionId: string
  kind: string
  /** Where it depends on more than the kind. */
  capability?: Capability
  /** JSON of the kind, shared by all items. */
  payload: string
  gapMs: number
  items: readonly BatchItem[]
  /** JSON of the kind: whom or what the item at `index` is about. */
  targetOf(index: number, actionId: string): string
}

export interface AcceptBatchRequest {
  principal: Principal
  receipt: Receipt
  draft: BatchDraft
  /** How long the caller will wait for the end, which the record of the key has to outlive. */
  waitMs: number
  /** The answer of a caller who does not wait; stored with the key in the transaction that accepts. */
  answer(batch: Batch, tx: Db): Promise<Answer>
}

/**
 * Accepts all items or none. Throws `SESSION_NOT_FOUND`, `SESSION_NOT_ACTIVE`, `NOT_SUPPORTED`, and `UNAVAILABLE` when it
 * took too long; nothing is left of it then.
 */
export async function acceptBatch(
  deps: AcceptBatchDeps,
  request: AcceptBatchRequest,
): Promise<{ batch: Batch; answer: Answer | null }> {
  const { store, clock } = deps
  const beganElapsed = clock.elapsed()
  const batchId = newId('bulk', clock.now(), deps.random)
  const count = Math.ceil(request.draft.items.length / CHUNK)
  let begun: Begun | null = null
  try {
    const first = await store.write((tx) => begin(tx, deps, request, { batchId, isWhole: count === 1 }))
    begun = first
    for (let index = 1; index < count; index += 1) {
      crashPoint('mid-bulk')
      if (clock.elapsed() - beganElapsed > ACCEPT_WITHIN_MS) throw gaveUp()
      await store.write((tx) => goOn(tx, deps, request, first, index))
    }
    const opened = first.opened ?? (await store.write((tx) => finish(tx, deps, request, first.batch)))
    crashPoint('after-accept')
    return opened
  } catch (error) {
    if (begun !== null) await removeBatch(deps, batchId)
    throw error
  }
}

interface Opened {
  batch: Batch
  answer: Answer | null
}

interface Begun {
  batch: Batch
  firstOrd: number
  /** A bulk of one chunk is accepted by it. */
  opened: Opened | null
}

/** The first chunk. */
async function begin(
  tx: Db,
  deps: AcceptBatchDeps,
  request: AcceptBatchRequest,
  { batchId, isWhole }: { batchId: string; isWhole: boolean },
): Promise<Begun> {
  const { principal, receipt, draft, waitMs } = request
  if (!isWhole) await receipt.claim(tx, { answerWithinMs: ACCEPT_WITHIN_MS + waitMs })
  else await receipt.claim(tx, waitMs === 0 ? {} : { answerWithinMs: waitMs, actionId: batchId })
  const now = deps.clock.now()
  const { accountId } = await requireSession(tx, deps, request)
  const lane = await lockAccount(tx, accountId)
  const { firstOrd } = await takePlaces(tx, { lane, count: draft.items.length })
  const batch: Batch = {
    id: batchId,
    userId: principal.userId,
    sessionId: draft.sessionId,
    accountId,
    kind: draft.kind,
    class: BATCH_CLASS,
    status: 'accepting',
    payload: draft.payload,
    gapMs: draft.gapMs,
    nextAt: now,
    total: draft.items.length,
    ...countItems(draft.items),
    acceptedBy: principal.userId,
    createdAt: now,
    settledAt: null,
  }
  await addBatch(tx, batch, deps.clock.wall() + CHUNK_WITHIN_MS)
  await addChunk(tx, deps, draft, { batch, firstOrd }, 0)
  return { batch, firstOrd, opened: isWhole ? await open(tx, deps, request, batch) : null }
}

/** A further chunk: neither the account nor the key is needed. */
async function goOn(
  tx: Db,
  deps: AcceptBatchDeps,
  { draft }: AcceptBatchRequest,
  begun: Begun,
  index: number,
): Promise<void> {
  if (!(await renewAcceptance(tx, begun.batch.id, deps.clock.wall() + CHUNK_WITHIN_MS))) throw gaveUp()
  await addChunk(tx, deps, draft, begun, index)
}

/** After the last of several chunks. */
async function finish(tx: Db, deps: AcceptBatchDeps, request: AcceptBatchRequest, batch: Batch): Promise<Opened> {
  await request.receipt.name(tx, { answerWithinMs: request.waitMs, actionId: batch.id })
  await lockAccount(tx, batch.accountId)
  return open(tx, deps, request, batch)
}

/** From here on it is accepted. */
async function open(tx: Db, deps: AcceptBatchDeps, request: AcceptBatchRequest, accepting: Batch): Promise<Opened> {
  const session = await requireSession(tx, deps, request)
  const now = deps.clock.now()
  const hasEnded = isSettled(accepting)
  const batch: Batch = { ...accepting, status: hasEnded ? 'completed' : 'running', settledAt: hasEnded ? now : null }
  if (!(await openBatch(tx, batch))) throw gaveUp()
  await wakeLane(tx, deps, { accountId: batch.accountId, at: now })
  announceChange(tx, deps, batch.accountId)
  const answer = request.waitMs === 0 ? await request.answer(batch, tx) : null
  if (answer !== null) await request.receipt.answer(tx, answer)
  await tellBatch(tx, deps, 'bulk.accepted', batch, { at: now, session })
  if (hasEnded) await tellBatch(tx, deps, 'bulk.completed', batch, { at: now, session })
  return { batch, answer }
}

/** Asked at both ends of the acceptance: the session may have ended in between. */
async function requireSession(
  tx: Db,
  deps: AcceptBatchDeps,
  { principal, draft }: AcceptBatchRequest,
): Promise<ActingSession> {
  const session = await findActingSession(tx, deps, principal, draft.sessionId)
  requireAble(session, deps.clock.now(), null)
  requireCapability(deps, session, draft)
  return session
}

async function addChunk(
  tx: Db,
  deps: Pick<OutboxDeps, 'random' | 'clock'>,
  draft: BatchDraft,
  { batch, firstOrd }: Pick<Begun, 'batch' | 'firstOrd'>,
  index: number,
): Promise<void> {
  const from = index * CHUNK
  const items = draft.items.slice(from, from + CHUNK).map(({ skip }, offset) => {
    const id = newId('act', batch.createdAt, deps.random)
    const ord = firstOrd + from + offset
    return { id, ord, target: draft.targetOf(from + offset, id), client_token: clientToken(batch.createdAt, ord), skip }
  })
  const shared = {
    user_id: batch.userId,
    session_id: batch.sessionId,
    account_id: batch.accountId,
    kind: batch.kind,
    class: batch.class,
    due_at: batch.createdAt,
    batch_id: batch.id,
    accepted_at: batch.createdAt,
    accepted_by: batch.acceptedBy,
  }
  await insertItems(tx, shared, items)
}

function countItems(items: readonly BatchItem[]): Pick<Batch, 'counts' | 'duplicates'> {
  const skipped = items.filter(({ skip }) => skip !== null)
  const counts = { queued: 0, running: 0, succeeded: 0, failed: 0, unconfirmed: 0, canceled: 0, expired: 0, skipped: 0 }
  return {
    counts: { ...counts, queued: items.length - skipped.length, skipped: skipped.length },
    duplicates: skipped.filter(({ skip }) => skip?.code === null).length,
  }
}

function gaveUp(): GatewayError {
  const message = 'The bulk could not be stored in time; nothing of it was accepted.'
  return new GatewayError('UNAVAILABLE', { message, retryAfterSeconds: 5 })
}

/** What this leaves behind, if the store takes no writes now, the sweep removes. */
async function removeBatch(deps: AcceptBatchDeps, batchId: string): Promise<void> {
  try {
    await deps.store.write((tx) => giveUpAcceptance(tx, batchId))
    for (;;) {
      const { isGone } = await deps.store.write((tx) => removeSome(tx, batchId, CHUNK))
      if (isGone) return
    }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'UNAVAILABLE') throw error
  }
}
