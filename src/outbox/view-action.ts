import Type from 'typebox'
import type { Action, WaitingFor } from './action.ts'
import type { ActionKinds } from './kind.ts'

const Instant = Type.String({ format: 'date-time' })
const InstantOrNull = Type.Union([Instant, Type.Null()])
const TextOrNull = Type.Union([Type.String(), Type.Null()])

const WaitingForView = Type.Union([
  Type.Object(
    {
      what: Type.String({ description: 'turn, time, delay, window, pause, session, connection or instagram.' }),
      until: InstantOrNull,
      rule: Type.String(),
    },
    { title: 'WaitingFor' },
  ),
  Type.Null(),
])

export const ActionView = Type.Object(
  {
    id: Type.String(),
    actionId: Type.String(),
    sessionId: Type.String(),
    kind: Type.String(),
    target: Type.Object({}, { additionalProperties: true, description: 'What it is about, as it was asked for.' }),
    status: Type.String(),
    onLimit: Type.String(),
    attempts: Type.Integer(),
    externalId: TextOrNull,
    code: TextOrNull,
    reason: TextOrNull,
    sendAt: InstantOrNull,
    expiresAt: InstantOrNull,
    acceptedAt: Instant,
    settledAt: InstantOrNull,
    waitingFor: WaitingForView,
    causedBy: Type.Optional(
      Type.Object(
        { ruleId: Type.String(), eventId: Type.String() },
        { description: 'The rule that did it, and the event that it answers.' },
      ),
    ),
  },
  { title: 'Action' },
)

export const PendingActionView = Type.Object(
  {
    ...ActionView.properties,
    scheduledFor: Type.Union([Instant, Type.Null()], {
      description: 'Forecast of the attempt; null where somebody has to do something first, or nothing more is tried.',
    }),
  },
  { title: 'PendingAction' },
)

export const TimelineView = Type.Array(
  Type.Object(
    {
      at: Instant,
      from: Type.String(),
      to: Type.String(),
      cause: Type.String(),
      waitingFor: WaitingForView,
    },
    { title: 'TimelineEntry' },
  ),
)

/** An action as the v2 API shows it; `waitingFor` as it stands now. */
export function viewAction(kinds: ActionKinds, action: Action, waitingFor: WaitingFor | null) {
  return {
    id: action.id,
    actionId: action.id,
    sessionId: action.sessionId,
    kind: action.kind,
    target: kinds.get(action.kind)?.describe(action) ?? {},
    status: action.status,
    onLimit: action.onLimit,
    attempts: action.attempts,
    externalId: action.externalId,
    code: action.code,
    reason: action.reason,
    sendAt: toTextOrNull(action.sendAt),
    expiresAt: toTextOrNull(action.expiresAt),
    acceptedAt: toText(action.acceptedAt),
    settledAt: toTextOrNull(action.settledAt),
    waitingFor: viewWaitingFor(waitingFor),
    ...(action.causedBy === null ? {} : { causedBy: action.causedBy }),
  }
}

export function viewWaitingFor(waitingFor: WaitingFor | null) {
  return waitingFor === null ? null : { ...waitingFor, until: toTextOrNull(waitingFor.until) }
}

export function toText(at: number): string {
  return new Date(at).toISOString()
}

function toTextOrNull(at: number | null): string | null {
  return at === null ? null : toText(at)
}
