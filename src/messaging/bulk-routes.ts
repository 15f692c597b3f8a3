import Type from 'typebox'
import { type Route, route } from '../http/route.ts'
import { BatchPlan, batchRoutes, ForecastBatchView, ITEMS_MAX, PlannedItem } from '../outbox/index.ts'
import { MESSAGE_KIND } from './message-kind.ts'
import { SendMessageBody } from './schemas.ts'
import { answerBulkAgain, type BulkDeps, sendBulk } from './send-bulk.ts'

const DELAY_MS_MAX = 86_400_000

const BulkBody = Type.Object({
  sessionId: SendMessageBody.properties.sessionId,
  recipients: Type.Array(SendMessageBody.properties.recipientUsername, {
    minItems: 1,
    maxItems: ITEMS_MAX,
    description: 'Instagram usernames; one that comes twice gets one message.',
  }),
  content: SendMessageBody.properties.content,
  messageType: SendMessageBody.properties.messageType,
  mediaUrl: SendMessageBody.properties.mediaUrl,
  delayBetweenMessages: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: DELAY_MS_MAX,
      description: "Least milliseconds between two messages; the account's actionDelay applies as well.",
    }),
  ),
  dryRun: Type.Optional(Type.Boolean({ description: 'Say what would happen, and write nothing.' })),
})

const BulkAnswer = Type.Object(
  {
    ...ForecastBatchView.properties,
    messages: Type.Array(
      Type.Object({
        id: Type.String(),
        recipientUsername: Type.String(),
        content: Type.String(),
        status: Type.String(),
        actionId: Type.String(),
        code: Type.Optional(Type.String()),
        reason: Type.Optional(Type.String()),
      }),
      { description: 'The first 100; the others are read by page.' },
    ),
    warnings: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'AcceptedMessageBulk' },
)

const DryRunAnswer = Type.Object(
  {
    ...BatchPlan.properties,
    recipients: Type.Array(Type.Object({ recipientUsername: Type.String(), ...PlannedItem.properties })),
    warnings: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'MessageBulkPlan' },
)

export function bulkRoutes(deps: BulkDeps): Route[] {
  return [
    route({
      operation: 'sendBulkMessages',
      method: 'POST',
      path: '/messages/bulk',
      summary: 'Send one message to many',
      tag: 'Messages',
      scope: 'send',
      limits: ['bulk'],
      body: BulkBody,
      answers: { 200: Type.Union([BulkAnswer, DryRunAnswer]), 202: BulkAnswer },
      errors: ['SESSION_NOT_FOUND', 'SESSION_NOT_ACTIVE', 'NOT_SUPPORTED'],
      recover: ({ principal }, batchId) => answerBulkAgain(deps, principal, batchId),
      handler: ({ principal, receipt, preferredWaitMs, body }) =>
        sendBulk(deps, { principal, receipt, preferredWaitMs, input: body }),
    }),
    ...batchRoutes(deps, { base: '/messages/bulk', noun: 'MessageBulk', tag: 'Messages', kinds: [MESSAGE_KIND] }),
  ]
}
