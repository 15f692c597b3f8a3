import type { Db } from '../store/store.ts'
import { RULE_EVENTS } from './rule.ts'
import { firstUnevaluated } from './store.ts'

/** The lowest sequence of the user's log that the rules still have to look at, null when there is none. */
export function leastUnevaluated(db: Db, { userId }: { userId: string }): Promise<number | null> {
  return firstUnevaluated(db, { userId, types: RULE_EVENTS })
}
