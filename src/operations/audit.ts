import type { Clock } from '../core/clock.ts'
import { newId } from '../core/ids.ts'
import type { Random } from '../core/random.ts'
import type { Db } from '../store/store.ts'

/** Something that somebody did with rights beyond their own data. */
export interface AuditEntry {
  /** The `sub` of who did it. */
  actor: string
  /** Stable, e.g. `tokens.revoked`. */
  what: string
  target: string | null
  /** Never secrets. */
  details: Record<string, unknown> | null
}

export type Audit = (tx: Db, entry: AuditEntry) => Promise<void>

/** The audit trail: each entry is written in the transaction of the deed. */
export function createAudit(deps: { clock: Clock; random: Random }): Audit {
  return async (tx, entry) => {
    const at = deps.clock.now()
    const details = entry.details === null ? null : JSON.stringify(entry.details)
    await tx
      .insertInto('audit')
      .values({ ...entry, id: newId('audit', at, deps.random), at, details })
      .execute()
  }
}
