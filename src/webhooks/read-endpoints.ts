import { decodeCursor, encodeCursor } from '../core/cursor.ts'
import { invalidFields } from '../core/errors.ts'
import type { Answer, Principal } from '../http/route.ts'
import type { WebhookDeps } from './dependencies.ts'
import type { Endpoint } from './endpoint.ts'
import { findOwnEndpoint, mayReach } from './find-own-endpoint.ts'
import { viewDelivery, viewEndpoint } from './schemas.ts'
import { type Delivery, listDeliveries, listEndpoints } from './store.ts'

type Deps = Pick<WebhookDeps, 'store' | 'sessions' | 'seals'>

/** In the order of their making; a page of a confined token may hold fewer than `limit` although there are more. */
export async function readEndpoints(
  deps: Deps,
  principal: Principal,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<Answer> {
  const db = deps.store.read
  const after = cursor === undefined ? null : decodeCursor(cursor)
  if (cursor !== undefined && after === null) throw foreignCursor()
  const found = await listEndpoints(db, { userId: principal.userId, after, limit: limit + 1 })
  const looked = found.slice(0, limit)
  const shown: Endpoint[] = []
  for (const endpoint of looked) if (await mayReach(db, deps, principal, endpoint)) shown.push(endpoint)
  const last = looked.at(-1)
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} webhooks`,
    data: shown.map((endpoint) => viewEndpoint(deps, endpoint)),
    pagination: {
      limit,
      ...(hasMore && last !== undefined ? { nextCursor: encodeCursor({ at: last.createdAt, id: last.id }) } : {}),
      hasMore,
    },
  }
}

/** The newest events first, each with its attempts. */
export async function readDeliveries(
  deps: Deps,
  principal: Principal,
  input: { webhookId: string; status: Delivery['status'] | null; limit: number; cursor: string | undefined },
): Promise<Answer> {
  const db = deps.store.read
  const { limit, status, cursor } = input
  const { id } = await findOwnEndpoint(db, deps, principal, input.webhookId)
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw foreignCursor()
  const before = cursor === undefined ? null : Number(cursor)
  const found = await listDeliveries(db, { endpointId: id, status, before, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = found.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} deliveries`,
    data: shown.map(viewDelivery),
    pagination: { limit, ...(hasMore && last !== undefined ? { nextCursor: String(last.sequence) } : {}), hasMore },
  }
}

function foreignCursor() {
  return invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
}
