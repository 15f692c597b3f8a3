import Type from 'typebox'
import { invalidFields } from '../core/errors.ts'
import { type Answer, type Principal, type Route, route } from '../http/route.ts'
import { earliest, limitsFor, readUsage } from '../limits/index.ts'
import { CLASS_BULK, CLASS_PERSON } from './action.ts'
import { ITEMS_MAX } from './batch/batch.ts'
import { forecastWork } from './batch/forecast-batch.ts'
import type { OutboxDeps } from './deps.ts'
import { findActingSession } from './find-own-action.ts'
import { toText } from './view-action.ts'

const DELAY_MS_MAX = 86_400_000
const instantOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description })

const Body = Type.Object({
  kind: Type.String({ minLength: 1, maxLength: 40 }),
  count: Type.Integer({ minimum: 1, maximum: ITEMS_MAX }),
  delay: Type.Optional(Type.Integer({ minimum: 0, maximum: DELAY_MS_MAX, description: 'Milliseconds between two.' })),
})

type ForecastInput = { sessionId: string; kind: string; count: number; delay?: number }

const ForecastView = Type.Object(
  {
    kind: Type.String(),
    count: Type.Integer(),
    delay: Type.Integer({ description: 'Least milliseconds between two, the one of the account included.' }),
    nextFreeAt: instantOrNull('From when on limits and pauses allow a single one.'),
    firstAt: instantOrNull('The first of a bulk of so many, behind all that waits now.'),
    estimatedCompletion: instantOrNull('The last of them; null where somebody has to do something first.'),
  },
  { title: 'Forecast' },
)

type ForecastDeps = Pick<OutboxDeps, 'store' | 'clock' | 'sessions' | 'limits' | 'kinds'>

export function forecastRoutes(deps: ForecastDeps): Route[] {
  return [
    route({
      operation: 'forecast',
      method: 'POST',
      path: '/session/:sessionId/forecast',
      summary: 'Say when a bulk that is accepted now would begin and end',
      tag: 'Actions',
      scope: 'read',
      params: Type.Object({ sessionId: Type.String({ maxLength: 100 }) }),
      body: Body,
      answers: { 200: ForecastView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params, body }) =>
        forecastForSession(deps, principal, { sessionId: params.sessionId, ...body }),
    }),
  ]
}

async function forecastForSession(deps: ForecastDeps, principal: Principal, input: ForecastInput): Promise<Answer> {
  const { kind, count, delay: gapMs = 0 } = input
  if (!deps.kinds.has(kind)) {
    throw invalidFields([{ path: 'kind', message: `must be one of ${[...deps.kinds.keys()].join(', ')}` }])
  }
  const db = deps.store.read
  const session = await findActingSession(db, deps, principal, input.sessionId)
  const instants = await forecastWork(db, deps, { session, work: { kind, count, gapMs, class: CLASS_BULK } })
  const limits = limitsFor(deps.limits, session, kind, CLASS_PERSON)
  const usage = await readUsage(db, { accountId: session.accountId, kind, limits })
  const free = earliest(usage, deps.clock.now(), session.actionDelayMs).at
  return {
    status: 200,
    data: {
      kind,
      count,
      delay: Math.max(gapMs, session.actionDelayMs),
      nextFreeAt: instants === null || free === null ? null : toText(free),
      firstAt: textOf(instants?.[0]),
      estimatedCompletion: textOf(instants?.at(-1)),
    },
  }
}

function textOf(at: number | undefined): string | null {
  return at === undefined ? null : toText(at)
}
