import { preferenceApplied } from '../../http/prefer.ts'
import type { Answer, PreferredWaitMs, Principal, Receipt } from '../../http/route.ts'
import type { Db } from '../../store/store.ts'
import { type ActionWaitDeps, DEFAULT_WAIT_MS } from '../wait-for-action.ts'
import { type AcceptBatchDeps, acceptBatch, type BatchDraft } from './accept-batch.ts'
import type { Batch } from './batch.ts'
import { findOwnBatch } from './find-own-batch.ts'
import { waitForBatch } from './wait-for-batch.ts'

export type RunBatchDeps = AcceptBatchDeps & ActionWaitDeps

export interface RunBatchRequest {
  principal: Principal
  receipt: Receipt
  preferredWaitMs: PreferredWaitMs
  draft: BatchDraft
  /** The answer for a batch as it stands. */
  answer(batch: Batch, db: Db): Promise<Answer>
}

/** Accepts a bulk and answers with its end, or after the wait with how it stands. */
export async function acceptBatchAndWait(deps: RunBatchDeps, request: RunBatchRequest): Promise<Answer> {
  const { principal, receipt, draft, preferredWaitMs } = request
  const headers = preferenceApplied(preferredWaitMs)
  const answerOf = async (batch: Batch, db: Db) => ({ ...(await request.answer(batch, db)), headers })
  const waitMs = preferredWaitMs ?? DEFAULT_WAIT_MS
  const { batch, answer } = await acceptBatch(deps, { principal, receipt, draft, waitMs, answer: answerOf })
  if (answer !== null) return answer
  return answerOf(await waitForBatch(deps, { batch, preferredWaitMs }), deps.store.read)
}

/** The answer of a request whose own one was lost, from its batch. */
export async function answerBatchAgain(
  deps: Pick<RunBatchDeps, 'store' | 'sessions'>,
  request: { principal: Principal; batchId: string; answer: RunBatchRequest['answer'] },
): Promise<Answer> {
  const db = deps.store.read
  return request.answer(await findOwnBatch(db, deps, request.principal, request.batchId), db)
}
