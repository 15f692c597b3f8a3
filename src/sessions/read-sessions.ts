import type { Principal } from '../http/route.ts'
import type { SessionDeps } from './dependencies.ts'
import { sessionLimitReached } from './open-session.ts'
import type { Session } from './session.ts'
import { countByUser, countLive, listLive } from './store.ts'

type ReadDeps = Pick<SessionDeps, 'store' | 'clock' | 'options'>

/** A page of a user's live sessions, oldest first, and where the next one starts. */
export async function listSessions(
  deps: Pick<ReadDeps, 'store'>,
  input: { principal: Principal; userId: string; limit: number; after: { createdAt: number; id: string } | null },
): Promise<{ sessions: Session[]; next: { createdAt: number; id: string } | null }> {
  const { userId, limit, after } = input
  const rows = await listLive(deps.store.read, {
    userId,
    confinedTo: input.principal.sessions,
    after,
    limit: limit + 1,
  })
  const sessions = rows.slice(0, limit)
  const last = sessions.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { sessions, next: hasMore ? { createdAt: last.createdAt, id: last.id } : null }
}

export interface SessionStats {
  total: number
  active: number
  /** Live sessions that are not active. */
  expired: number
  byUser: Record<string, number>
}

/** Live sessions: the caller's own, for an admin everybody's. */
export async function sessionStats(
  deps: Pick<ReadDeps, 'store' | 'clock'>,
  { principal }: { principal: Principal },
): Promise<SessionStats> {
  const rows = await countByUser(deps.store.read, {
    userId: principal.isAdmin ? null : principal.userId,
    confinedTo: principal.sessions,
    now: deps.clock.now(),
  })
  const total = rows.reduce((sum, row) => sum + row.total, 0)
  const active = rows.reduce((sum, row) => sum + row.active, 0)
  return {
    total,
    active,
    expired: total - active,
    byUser: Object.fromEntries(rows.map((row) => [row.userId, row.total])),
  }
}

/** Whether the user may open one more session. */
export async function canCreateSession(
  deps: Pick<ReadDeps, 'store' | 'options'>,
  { userId }: { userId: string },
): Promise<{ canCreate: boolean; reason?: string; limit: number; active: number }> {
  const limit = deps.options.perUserMax
  const active = await countLive(deps.store.read, userId)
  if (active < limit) return { canCreate: true, limit, active }
  return { canCreate: false, reason: sessionLimitReached(limit).message, limit, active }
}
