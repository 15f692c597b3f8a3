import Type, { type Static } from 'typebox'
import type { Db } from '../../store/store.ts'
import type { ActingSession } from '../session-hooks.ts'
import { toText } from '../view-action.ts'
import type { BatchItem } from './batch.ts'
import { type ForecastDeps, forecastNewBatch } from './forecast-batch.ts'

const Instant = Type.String({ format: 'date-time' })
const Count = Type.Integer({ minimum: 0 })

/** What would become of one item; the routes add whom or what it is about. */
export const PlannedItem = Type.Object({
  outcome: Type.Enum(['send', 'suppressed', 'duplicate']),
  sendAt: Type.Optional(Instant),
})
export type PlannedItem = Static<typeof PlannedItem>

/** What would become of a bulk that was accepted now. */
export const BatchPlan = Type.Object({
  dryRun: Type.Literal(true),
  total: Count,
  wouldSend: Count,
  suppressed: Count,
  duplicates: Count,
  estimatedCompletion: Type.Union([Instant, Type.Null()], {
    description: 'Forecast of the last item; null when nothing would be done, or somebody has to do something first.',
  }),
})

/** Item by item and as a whole; writes nothing. */
export async function planDryRun(
  db: Db,
  deps: ForecastDeps,
  input: { session: ActingSession; draft: { kind: string; gapMs: number; items: readonly BatchItem[] } },
): Promise<{ plan: Static<typeof BatchPlan>; items: PlannedItem[] }> {
  const { items } = input.draft
  const instants = await forecastNewBatch(db, deps, input)
  let next = 0
  const planned = items.map(({ skip }): PlannedItem => {
    if (skip !== null) return { outcome: skip.code === null ? 'duplicate' : 'suppressed' }
    const at = instants?.[next]
    next += 1
    return { outcome: 'send', ...(at === undefined ? {} : { sendAt: toText(at) }) }
  })
  const count = (outcome: PlannedItem['outcome']) => planned.filter((item) => item.outcome === outcome).length
  const end = instants?.at(-1)
  const plan = {
    dryRun: true as const,
    total: items.length,
    wouldSend: count('send'),
    suppressed: count('suppressed'),
    duplicates: count('duplicate'),
    estimatedCompletion: end === undefined ? null : toText(end),
  }
  return { plan, items: planned }
}
