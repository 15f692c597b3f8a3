import type { AutomationDeps } from './deps.ts'
import { HOUR_MS } from './rule.ts'
import { deleteOldDecisions } from './store.ts'

/** Longer than any window of a rule. */
const KEPT_MS = 35 * 24 * HOUR_MS
const AT_ONCE = 200

/** Deletes decisions that nothing looks back upon any more. May run on several processes at once. */
export async function sweepDecisions({ store, clock }: Pick<AutomationDeps, 'store' | 'clock'>): Promise<void> {
  const before = clock.now() - KEPT_MS
  while ((await store.write((tx) => deleteOldDecisions(tx, { before, limit: AT_ONCE }))) === AT_ONCE);
}
