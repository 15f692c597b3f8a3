import { GatewayError } from '../../core/errors.ts'
import type { Principal } from '../../http/route.ts'
import { maySeeSession } from '../../http/tenancy.ts'
import type { Db } from '../../store/store.ts'
import type { OutboxDeps } from '../deps.ts'
import type { Batch } from './batch.ts'
import { findBatch } from './store.ts'

/** Throws `BULK_NOT_FOUND`, for somebody else's as for one that does not exist. */
export async function findOwnBatch(
  db: Db,
  deps: Pick<OutboxDeps, 'sessions'>,
  principal: Principal,
  batchId: string,
): Promise<Batch> {
  const batch = await findBatch(db, batchId)
  if (batch === null || batch.userId !== principal.userId) throw new GatewayError('BULK_NOT_FOUND')
  if (principal.sessions === null) return batch
  const session = await deps.sessions.find(db, batch.sessionId)
  if (session === null || !maySeeSession(principal, session)) throw new GatewayError('BULK_NOT_FOUND')
  return batch
}
