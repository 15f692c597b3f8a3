import Type from 'typebox'
import { type Answer, type Principal, type Route, route } from '../http/route.ts'
import { cancelAction } from './cancel-action.ts'
import type { OutboxDeps } from './deps.ts'
import { explainWait } from './explain-wait.ts'
import { findOwnAction } from './find-own-action.ts'
import { ACTION_STATUSES, listActions } from './list-actions.ts'
import { readTimeline } from './store.ts'
import { ActionView, TimelineView, toText, viewAction, viewWaitingFor } from './view-action.ts'

const Params = Type.Object({ actionId: Type.String({ maxLength: 100 }) })

type RouteDeps = Pick<OutboxDeps, 'store' | 'clock' | 'random' | 'sessions' | 'limits' | 'kinds' | 'signal'>

const PAGE = 50

export function outboxRoutes(deps: RouteDeps): Route[] {
  return [
    route({
      operation: 'getAction',
      method: 'GET',
      path: '/actions/:actionId',
      summary: 'Read an action, what happened to it and what it waits for',
      tag: 'Actions',
      scope: 'read',
      params: Params,
      answers: {
        200: Type.Object({ ...ActionView.properties, timeline: TimelineView }, { title: 'ActionWithTimeline' }),
      },
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
        return { status: 200, message: 'Action canceled', data: viewAction(deps.kinds, action, null) }
      },
    }),
    route({
      operation: 'listActions',
      method: 'GET',
      path: '/session/:sessionId/actions',
      summary: 'Read the actions of a session, the newest first',
      tag: 'Actions',
      scope: 'read',
      params: Type.Object({ sessionId: Type.String({ maxLength: 100 }) }),
      query: Type.Object({
        status: Type.Optional(Type.Union(ACTION_STATUSES.map((status) => Type.Literal(status)))),
        kind: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE })),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      }),
      answers: { 200: Type.Array(ActionView) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        listActions(deps, principal, { sessionId: params.sessionId, ...query, limit: query.limit ?? PAGE }),
    }),
  ]
}

async function readAction(deps: RouteDeps, principal: Principal, actionId: string): Promise<Answer> {
  const db = deps.store.read
  const action = await findOwnAction(db, deps, principal, actionId)
  const timeline = await readTimeline(db, actionId)
  return {
    status: 200,
    data: {
      ...viewAction(deps.kinds, action, await explainWait(db, deps, action)),
      timeline: timeline.map((entry) => ({
        ...entry,
        at: toText(entry.at),
        waitingFor: viewWaitingFor(entry.waitingFor),
      })),
    },
  }
}
