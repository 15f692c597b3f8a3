import Type, { type Static } from 'typebox'
import { EVENT_CATALOGUE } from '../events/index.ts'
import type { WebhookDeps } from './dependencies.ts'
import type { Endpoint } from './endpoint.ts'
import type { Attempt } from './retry.ts'
import { openSecrets } from './secrets.ts'
import type { Delivery } from './store.ts'

const At = Type.String({ format: 'date-time' })
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const Url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'http or https, where POST requests are taken.',
})
const Types = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  minItems: 1,
  maxItems: 100,
  description: `Types of events, prefixes such as \`message.*\`, or \`*\` for all. Types: ${Object.keys(EVENT_CATALOGUE).join(', ')}.`,
})
const SessionIds = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 1_000,
  description: 'Only events of these sessions.',
})
const Headers = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 1_024 }), {
  description: 'Sent with every delivery; the values are never shown again.',
})
const Description = Type.String({ maxLength: 500 })

export const WebhookParams = Type.Object({ webhookId: Type.String({ minLength: 1, maxLength: 100 }) })

export const CreateBody = Type.Object({
  url: Url,
  events: Type.Optional(Types),
  sessionIds: Type.Optional(SessionIds),
  headers: Type.Optional(Headers),
  description: Type.Optional(Description),
})

export const UpdateBody = Type.Object({
  url: Type.Optional(Url),
  events: Type.Optional(Types),
  sessionIds: Type.Optional(nullable(SessionIds)),
  headers: Type.Optional(nullable(Headers)),
  description: Type.Optional(nullable(Description)),
  status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('disabled')])),
})
export type UpdateBody = Static<typeof UpdateBody>

export const ReplayBody = Type.Object({
  after: Type.Optional(
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Events after this sequence.' }),
  ),
  since: Type.Optional(Type.String({ maxLength: 40, description: 'Events from this instant on; instead of `after`.' })),
  until: Type.Optional(
    Type.String({ maxLength: 40, description: 'Events up to this instant; by default all there are.' }),
  ),
  types: Type.Optional(Types),
})
export type ReplayBody = Static<typeof ReplayBody>

const endpointFields = {
  id: Type.String(),
  url: Type.String(),
  description: nullable(Type.String()),
  events: Type.Array(Type.String()),
  sessionIds: nullable(Type.Array(Type.String())),
  headerNames: Type.Array(Type.String()),
  status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
  disabledReason: nullable(
    Type.Union([Type.Literal('gone'), Type.Literal('failing'), Type.Literal('owner')], {
      description: '`gone`: it answered 410. `failing`: every delivery failed for five days. `owner`: on request.',
    }),
  ),
  disabledAt: nullable(At),
  failingSince: nullable(Type.String({ format: 'date-time', description: 'Nothing was delivered since.' })),
  pausedUntil: nullable(Type.String({ format: 'date-time', description: 'Nothing is sent before.' })),
  sequence: Type.Integer({ description: 'Events up to this number have been taken up for delivery.' }),
  isReplaying: Type.Boolean(),
  createdAt: At,
}
const Secret = Type.String({ description: 'Signs deliveries (Standard Webhooks); shown here and never again.' })

const warnings = Type.Optional(
  Type.Array(Type.String(), {
    description: 'What was taken although it may not work, such as a name that does not resolve.',
  }),
)

export const WebhookView = Type.Object(endpointFields)
export const CreatedWebhookView = Type.Object({ ...endpointFields, secret: Secret, warnings })
export const UpdatedWebhookView = Type.Object({ ...endpointFields, warnings })
export const RotatedView = Type.Object({ id: Type.String(), secret: Secret, previousValidUntil: At })
export const RedriveView = Type.Object({ id: Type.String(), redriven: Type.Integer() })
export const ReplayView = Type.Object({
  id: Type.String(),
  after: Type.Integer(),
  until: Type.Integer({ description: 'The last sequence that is looked at.' }),
})

const attemptFields = {
  at: At,
  status: nullable(Type.Integer({ description: 'HTTP status of the answer, as far as one came.' })),
  latencyMs: Type.Integer(),
  error: nullable(
    Type.Union(
      [
        Type.Literal('http_status'),
        Type.Literal('redirect'),
        Type.Literal('timeout'),
        Type.Literal('reset'),
        Type.Literal('dns'),
        Type.Literal('connect'),
        Type.Literal('tls'),
        Type.Literal('address_refused'),
        Type.Literal('internal'),
      ],
      { description: 'Why it does not count as delivered.' },
    ),
  ),
  response: Type.String({ description: 'The beginning of the answer.' }),
}

export const TestView = Type.Object({ id: Type.String(), isDelivered: Type.Boolean(), ...attemptFields })

export const DeliveryStatus = Type.Union([Type.Literal('pending'), Type.Literal('succeeded'), Type.Literal('failed')])

export const DeliveryView = Type.Object({
  eventId: Type.String(),
  sequence: Type.Integer(),
  type: Type.String(),
  status: DeliveryStatus,
  reason: nullable(
    Type.Union([Type.Literal('exhausted'), Type.Literal('stopped'), Type.Literal('event_gone')], {
      description:
        '`exhausted`: no retry is left. `stopped`: the receiver asked for it. `event_gone`: the log no longer has the event.',
    }),
  ),
  attempts: Type.Array(Type.Object(attemptFields), { description: 'The last 20, the newest last.' }),
  nextAttemptAt: nullable(At),
  createdAt: At,
  settledAt: nullable(At),
})

const iso = (instant: number) => new Date(instant).toISOString()
const isoOrNull = (instant: number | null) => (instant === null ? null : iso(instant))

export function viewEndpoint({ seals }: Pick<WebhookDeps, 'seals'>, endpoint: Endpoint): Static<typeof WebhookView> {
  const isDisabled = endpoint.status === 'disabled'
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    events: [...(endpoint.types ?? ['*'])],
    sessionIds: endpoint.sessionIds === null ? null : [...endpoint.sessionIds],
    headerNames: Object.keys(openSecrets(seals, endpoint.id, endpoint.sealed).headers),
    status: endpoint.status,
    disabledReason: endpoint.statusReason,
    disabledAt: isDisabled ? iso(endpoint.statusAt) : null,
    failingSince: isoOrNull(endpoint.health.failingSince),
    pausedUntil: isoOrNull(endpoint.health.pausedUntil),
    sequence: endpoint.takenTo,
    isReplaying: endpoint.replay !== null,
    createdAt: iso(endpoint.createdAt),
  }
}

export function viewAttempt({ at, status, durationMs, error, response }: Attempt) {
  return { at: iso(at), status, latencyMs: durationMs, error, response }
}

export function viewDelivery(delivery: Delivery): Static<typeof DeliveryView> {
  const { eventId, sequence, type, status, reason, attempts, dueAt, createdAt, settledAt } = delivery
  return {
    ...{ eventId, sequence, type, status, reason },
    attempts: attempts.map(viewAttempt),
    nextAttemptAt: status === 'pending' ? iso(dueAt) : null,
    createdAt: iso(createdAt),
    settledAt: isoOrNull(settledAt),
  }
}
