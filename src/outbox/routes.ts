import Type from 'typebox'
import { GatewayError } from '../core/errors.ts'
import { type Answer, type Principal, type Route, route } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import type { Db } from '../store/store.ts'
import type { Action, WaitingFor } from './action.ts'
import { cancelAction } from './cancel-action.ts'
import type { OutboxDeps } from './deps.ts'
import { findAction, readTimeline } from './store.ts'

const Instant = Type.String({ format: 'date-time' })
const InstantOrNull = Type.Union([Instant, Type.Null()])
const TextOrNull = Type.Union([Type.String(), Type.Null()])

const WaitingForView = Type.Union([
  Type.Object({ what: Type.String(), until: InstantOrNull, rule: Type.String() }),
  Type.Null(),
])

const ActionView = Type.Object({
  id: Type.String(),
  actionId: Type.String(),
  sessionId: Type.String(),
  kind: Type.String(),
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
})

const ActionWithTimeline = Type.Object({
  ...ActionView.properties,
  timeline: Type.Array(
    Type.Object({
      at: Instant,
      from: Type.String(),
      to: Type.String(),
      cause: Type.String(),
      waitingFor: WaitingForView,
    }),
  ),
})

const Params = Type.Object({ actionId: Type.String({ maxLength: 100 }) })

type RouteDeps = Pick<OutboxDeps, 'store' | 'clock' | 'sessions' | 'limits' | 'kinds' | 'signal'>

export function outboxRoutes(deps: RouteDeps): Route[] {
  return [
    route({
      operation: 'getAction',
      method: 'GET',
      path: '/actions/:actionId',
      summary: 'Read an action and what happened to it',
      tag: 'Actions',
      scope: 'read',
      params: Params,
      answers: { 200: ActionWithTimeline },
      errors: ['ACTION_NOT_FOUND'],
      handler: ({ principal, params }) => readAction(deps, principal, params.actionId),
    }),
    route({
      operation: 'cancelAction',
      method: 'DELETE',
      path: '/actions/:actionId',
      summary: 'Cancel an action before its turn',
      tag: 'Actions',
      scope: 'send',
      params: Params,
      answers: { 200: ActionView },
      errors: ['ACTION_NOT_FOUND', 'NOT_CANCELABLE'],
      handler: async ({ principal, params }) => {
        const action = await deps.store.write(async (tx) => {
          await findOwnAction(tx, deps, principal, params.actionId)
          return cancelAction(tx, deps, { actionId: params.actionId, userId: principal.userId })
        })
        return { status: 200, message: 'Action canceled', data: viewAction(action) }
      },
    }),
  ]
}

async function readAction(deps: RouteDeps, principal: Principal, actionId: string): Promise<Answer> {
  const action = await findOwnAction(deps.store.read, deps, principal, actionId)
  const timeline = await readTimeline(deps.store.read, actionId)
  return {
    status: 200,
    data: {
      ...viewAction(action),
      timeline: timeline.map((entry) => ({
        ...entry,
        at: toText(entry.at),
        waitingFor: viewWaitingFor(entry.waitingFor),
      })),
    },
  }
}

/** Throws `ACTION_NOT_FOUND`, for somebody else's as for one that does not exist. */
async function findOwnAction(db: Db, deps: RouteDeps, principal: Principal, actionId: string): Promise<Action> {
  const action = await findAction(db, actionId)
  if (action === null || action.userId !== principal.userId) throw new GatewayError('ACTION_NOT_FOUND')
  if (principal.sessions === null) return action
  const session = await deps.sessions.find(db, action.sessionId)
  if (session === null || !maySeeSession(principal, session)) throw new GatewayError('ACTION_NOT_FOUND')
  return action
}

function viewAction(action: Action) {
  return {
    id: action.id,
    actionId: action.id,
    sessionId: action.sessionId,
    kind: action.kind,
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
    waitingFor: viewWaitingFor(action.waitingFor),
  }
}

function viewWaitingFor(waitingFor: WaitingFor | null) {
  return waitingFor === null ? null : { ...waitingFor, until: toTextOrNull(waitingFor.until) }
}

function toText(at: number): string {
  return new Date(at).toISOString()
}

function toTextOrNull(at: number | null): string | null {
  return at === null ? null : toText(at)
}
