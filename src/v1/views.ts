import type { Clock } from '../core/clock.ts'
import { type LimitsConfig, readLimits, type WindowState } from '../limits/index.ts'
import { type ActingSession, statusAt } from '../outbox/index.ts'
import type { Session } from '../sessions/index.ts'
import type { Db } from '../store/store.ts'
import type { LimitView, SessionView } from './schemas.ts'

export interface ViewDeps {
  clock: Clock
  limits: LimitsConfig
}

/** What the document's API can do. */
export const ACTED_KINDS = ['follow', 'like', 'comment'] as const

/** Where the account stands with each kind, in the window that leaves least room. */
export async function viewLimits<Kind extends string>(
  db: Db,
  deps: ViewDeps,
  session: ActingSession,
  kinds: readonly Kind[],
): Promise<Record<Kind, LimitView>> {
  const { accountId } = session
  const state = await readLimits(db, deps.limits, { accountId, subject: session, kinds, now: deps.clock.now() })
  const views = state.kinds.map(({ kind, hour, day }) => [kind, viewWindow(tightest(day, hour, state.total))])
  // One entry for each of `kinds`, which is what `readLimits` answers about.
  return Object.fromEntries(views) as Record<Kind, LimitView>
}

export async function viewSession(db: Db, deps: ViewDeps, session: Session): Promise<SessionView> {
  return {
    username: session.username,
    session_id: session.label,
    created_at: new Date(session.createdAt).toISOString(),
    expires_at: new Date(session.expiresAt).toISOString(),
    is_active: statusAt(session, deps.clock.now()) === 'active',
    limits: await viewLimits(db, deps, session, ACTED_KINDS),
  }
}

/** Of windows that leave the same room, the first. */
function tightest(day: WindowState | null, hour: WindowState | null, total: WindowState): WindowState {
  let found = day ?? hour ?? total
  for (const window of [hour, total]) if (window !== null && window.remaining < found.remaining) found = window
  return found
}

function viewWindow({ limit, used, remaining, resetAt, paused }: WindowState): LimitView {
  return {
    limit,
    used,
    remaining,
    reset_at: resetAt === null ? null : new Date(resetAt).toISOString(),
    ...(paused === null ? {} : { paused_until: new Date(paused.until).toISOString(), reason: paused.reason }),
  }
}
