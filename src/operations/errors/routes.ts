import Type from 'typebox'
import { type Route, route } from '../../http/route.ts'
import { type ErrorCounts, KEPT_DAYS_MAX } from './count-errors.ts'
import type { ErrorCount } from './store.ts'

const DAYS = 7

const Instant = Type.String({ format: 'date-time' })
const Seen = { count: Type.Integer({ minimum: 1 }), firstSeen: Instant, lastSeen: Instant }
const SourceView = Type.Object(
  {
    source: Type.Enum(['request', 'action'], { description: 'A refused request, or an action that failed.' }),
    name: Type.String({ description: 'The operation of the API, or the kind of action.' }),
    ...Seen,
  },
  { title: 'ErrorGroupSource' },
)
const GroupView = Type.Object(
  { code: Type.String(), ...Seen, sources: Type.Array(SourceView) },
  { title: 'ErrorGroup' },
)

/** What goes wrong, how often, where and since when, over all nodes; nothing of whom or what it was about. */
export function errorRoutes({ errors }: { errors: ErrorCounts }): Route[] {
  return [
    route({
      operation: 'listErrors',
      method: 'GET',
      path: '/admin/errors',
      summary: 'Read what failed, grouped by code, the most frequent first',
      tag: 'Operating',
      scope: 'admin',
      query: Type.Object({
        days: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: KEPT_DAYS_MAX,
            default: DAYS,
            description: 'How many days of UTC, today included.',
          }),
        ),
      }),
      answers: { 200: Type.Array(GroupView) },
      errors: [],
      handler: async ({ query }) => {
        const data = viewGroups(await errors.read({ days: query.days ?? DAYS }))
        return { status: 200, message: `Found ${data.length} codes`, data }
      },
    }),
  ]
}

function viewGroups(counts: readonly ErrorCount[]) {
  const groups = [...Map.groupBy(counts, ({ code }) => code)].map(([code, ofCode]) => {
    const bySource = [...Map.groupBy(ofCode, ({ source, name }) => `${source} ${name}`).values()]
    const sources = bySource.map((same) => ({
      source: same[0]?.source as ErrorCount['source'],
      name: same[0]?.name as string,
      ...viewSeen(same),
    }))
    return { code, ...viewSeen(ofCode), sources: sources.sort(mostAndLatest) }
  })
  return groups.sort(mostAndLatest)
}

function viewSeen(counts: readonly ErrorCount[]) {
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    firstSeen: new Date(Math.min(...counts.map(({ firstAt }) => firstAt))).toISOString(),
    lastSeen: new Date(Math.max(...counts.map(({ lastAt }) => lastAt))).toISOString(),
  }
}

interface Seen {
  count: number
  lastSeen: string
}

function mostAndLatest(left: Seen, right: Seen): number {
  return right.count - left.count || (left.lastSeen < right.lastSeen ? 1 : -1)
}
