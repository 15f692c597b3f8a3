import type { Clock } from '../core/clock.ts'
import { newId } from '../core/ids.ts'
import type { Random } from '../core/random.ts'
import type { Db } from '../store/store.ts'
import { addSuppression, type Contact, findActive, liftActive, saveContact } from './store.ts'
import type { Suppression, SuppressionReason } from './suppression.ts'

export interface SuppressInput extends Contact {
  userId: string
  scope: string
  sessionId: string | null
  reason: SuppressionReason
  eventId: string | null
  by: string
}

/** Suppresses a contact. The caller holds the locks of the accounts concerned. Fine to repeat; a repeat may add what it knows. */
export async function suppressContact(
  tx: Db,
  deps: { clock: Clock; random: Random },
  input: SuppressInput,
): Promise<{ suppression: Suppression; isNew: boolean }> {
  const known = await findActive(tx, input)
  if (known !== null) {
    const suppression = {
      ...known,
      platformId: known.platformId ?? input.platformId,
      username: input.username ?? known.username,
    }
    await saveContact(tx, suppression)
    return { suppression, isNew: false }
  }
  const { by, ...named } = input
  const at = deps.clock.now()
  const suppression: Suppression = { ...named, id: newId('sup', at, deps.random), createdBy: by, createdAt: at }
  await addSuppression(tx, suppression)
  return { suppression, isNew: true }
}

export interface LiftInput extends Contact {
  userId: string
  /** One suppression; null = those of the contact. */
  id: string | null
  /** Null = every scope. */
  scope: string | null
  /** Null = for whatever reason. */
  reason: SuppressionReason | null
  by: string
}

/** Lifts suppressions; the caller holds the locks of the accounts concerned. Returns how many there were. */
export function liftSuppressions(tx: Db, deps: { clock: Clock }, input: LiftInput): Promise<number> {
  return liftActive(tx, { ...input, at: deps.clock.now() })
}
