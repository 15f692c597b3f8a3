import Type from 'typebox'
import { type Route, route } from '../http/route.ts'
import {
  BatchPlan,
  batchRoutes,
  ForecastBatchView,
  ITEMS_MAX,
  ItemView,
  PlannedItem,
  type RunDeps,
} from '../outbox/index.ts'
import { answerBulkAgain, engageBulk } from './engage-bulk.ts'
import { ENGAGEMENT_KINDS } from './engagement.ts'

const DELAY_MS_MAX = 86_400_000
const TARGET_CHARACTERS_MAX = 300

const Body = Type.Object({
  sessionId: Type.String({ minLength: 1, maxLength: 100 }),
  kind: Type.Union(ENGAGEMENT_KINDS.map((kind) => Type.Literal(kind))),
  targets: Type.Array(Type.String({ minLength: 1, maxLength: TARGET_CHARACTERS_MAX }), {
    minItems: 1,
    maxItems: ITEMS_MAX,
    description: 'Posts, users, stories or reels as the single action takes them; one that comes twice is done once.',
  }),
  content: Type.Optional(Type.String({ description: 'For comments and story replies: the text of all of them.' })),
  delay: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: DELAY_MS_MAX,
      description: "Least milliseconds between two of them; the account's actionDelay applies as well.",
    }),
  ),
  dryRun: Type.Optional(Type.Boolean({ description: 'Say what would happen, and write nothing.' })),
})

const BulkAnswer = Type.Object(
  {
    ...ForecastBatchView.properties,
    actions: Type.Array(ItemView, { description: 'The first 100; the others are read by page.' }),
  },
  { title: 'AcceptedActionBulk' },
)

const DryRunAnswer = Type.Object(
  {
    ...BatchPlan.properties,
    targets: Type.Array(
      Type.Object({ target: Type.String({ description: 'As it was given.' }), ...PlannedItem.properties }),
    ),
  },
  { title: 'ActionBulkPlan' },
)

/** `POST /actions/bulk`, and reading and steering what it accepted. */
export function engagementBulkRoutes(deps: RunDeps): Route[] {
  return [
    route({
      operation: 'engageInBulk',
      method: 'POST',
      path: '/actions/bulk',
      summary: 'Do one kind of action to many targets',
      tag: 'Actions',
      scope: 'send',
      limits: ['bulk'],
      body: Body,
      answers: { 200: Type.Union([BulkAnswer, DryRunAnswer]), 202: BulkAnswer },
      errors: ['SESSION_NOT_FOUND', 'SESSION_NOT_ACTIVE', 'NOT_SUPPORTED'],
      recover: ({ principal }, batchId) => answerBulkAgain(deps, principal, batchId),
      handler: ({ principal, receipt, preferredWaitMs, body }) =>
        engageBulk(deps, { principal, receipt, preferredWaitMs, input: body }),
    }),
    ...batchRoutes(deps, { base: '/actions/bulk', noun: 'ActionBulk', tag: 'Actions', kinds: ENGAGEMENT_KINDS }),
  ]
}
