import Type from 'typebox'
import { type Route, route } from '../http/route.ts'
import { changeEndpoint, createEndpoint, deleteEndpoint, rotateSecret } from './change-endpoints.ts'
import type { WebhookDeps } from './dependencies.ts'
import { findOwnEndpoint } from './find-own-endpoint.ts'
import { readDeliveries, readEndpoints } from './read-endpoints.ts'
import { redrive, replay, testEndpoint } from './redeliver.ts'
import {
  CreateBody,
  CreatedWebhookView,
  DeliveryStatus,
  DeliveryView,
  RedriveView,
  ReplayBody,
  ReplayView,
  RotatedView,
  TestView,
  UpdateBody,
  UpdatedWebhookView,
  viewEndpoint,
  WebhookParams,
  WebhookView,
} from './schemas.ts'

const TAG = 'Webhooks'
const PAGE = 50
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE }))
const Cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' }))

export function webhookRoutes(deps: WebhookDeps): Route[] {
  return [...endpointRoutes(deps), ...deliveryRoutes(deps)]
}

function endpointRoutes(deps: WebhookDeps): Route[] {
  const one = { path: '/webhooks/:webhookId', tag: TAG, params: WebhookParams } as const
  return [
    route({
      operation: 'createWebhook',
      method: 'POST',
      path: '/webhooks',
      summary: 'Have events sent to an address; the secret is shown once',
      tag: TAG,
      scope: 'manage',
      body: CreateBody,
      answers: { 201: CreatedWebhookView },
      errors: ['SESSION_NOT_FOUND', 'WEBHOOK_LIMIT_REACHED'],
      handler: ({ principal, receipt, body }) => createEndpoint(deps, { principal, receipt, ...body }),
    }),
    route({
      operation: 'listWebhooks',
      method: 'GET',
      path: '/webhooks',
      summary: 'List the webhooks',
      tag: TAG,
      scope: 'read',
      query: Type.Object({ limit: Limit, cursor: Cursor }),
      answers: { 200: Type.Array(WebhookView) },
      errors: [],
      handler: ({ principal, query }) =>
        readEndpoints(deps, principal, { limit: query.limit ?? PAGE, cursor: query.cursor }),
    }),
    route({
      ...one,
      operation: 'getWebhook',
      method: 'GET',
      summary: 'Get a webhook',
      scope: 'read',
      answers: { 200: WebhookView },
      errors: ['WEBHOOK_NOT_FOUND'],
      handler: async ({ principal, params }) => {
        const endpoint = await findOwnEndpoint(deps.store.read, deps, principal, params.webhookId)
        return { status: 200, data: viewEndpoint(deps, endpoint) }
      },
    }),
    route({
      ...one,
      operation: 'updateWebhook',
      method: 'PATCH',
      summary: 'Change, disable or enable a webhook; what waits for it is kept',
      scope: 'manage',
      body: UpdateBody,
      answers: { 200: UpdatedWebhookView },
      errors: ['WEBHOOK_NOT_FOUND', 'SESSION_NOT_FOUND'],
      handler: ({ principal, params, body }) => changeEndpoint(deps, { principal, ...params }, body),
    }),
    route({
      ...one,
      operation: 'deleteWebhook',
      method: 'DELETE',
      summary: 'Delete a webhook and what waits for it',
      scope: 'manage',
      answers: { 200: null },
      errors: ['WEBHOOK_NOT_FOUND'],
      handler: ({ principal, params }) => deleteEndpoint(deps, { principal, ...params }),
    }),
    route({
      operation: 'rotateWebhookSecret',
      method: 'POST',
      path: '/webhooks/:webhookId/rotate-secret',
      summary: 'Replace the secret; deliveries carry both signatures for 24 hours',
      tag: TAG,
      scope: 'manage',
      params: WebhookParams,
      answers: { 200: RotatedView },
      errors: ['WEBHOOK_NOT_FOUND'],
      handler: ({ principal, receipt, params }) => rotateSecret(deps, { principal, receipt, ...params }),
    }),
  ]
}

function deliveryRoutes(deps: WebhookDeps): Route[] {
  const common = { method: 'POST', tag: TAG, scope: 'manage', params: WebhookParams } as const
  return [
    route({
      ...common,
      operation: 'testWebhook',
      path: '/webhooks/:webhookId/test',
      summary: 'Send a test event now',
      answers: { 200: TestView },
      errors: ['WEBHOOK_NOT_FOUND'],
      handler: ({ principal, receipt, params }) => testEndpoint(deps, { principal, receipt, ...params }),
    }),
    route({
      ...common,
      operation: 'replayWebhook',
      path: '/webhooks/:webhookId/replay',
      summary: 'Send a range of past events again',
      body: ReplayBody,
      answers: { 202: ReplayView },
      errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED', 'WEBHOOK_REPLAYING'],
      handler: ({ principal, receipt, params, body }) => replay(deps, { principal, receipt, ...params }, body),
    }),
    route({
      ...common,
      operation: 'redriveWebhook',
      path: '/webhooks/:webhookId/redrive',
      summary: 'Send at once what failed or waits for a retry',
      answers: { 200: RedriveView },
      errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
      handler: ({ principal, receipt, params }) => redrive(deps, { principal, receipt, ...params }),
    }),
    route({
      operation: 'listWebhookDeliveries',
      method: 'GET',
      path: '/webhooks/:webhookId/deliveries',
      summary: 'Read the deliveries of a webhook and their attempts, the newest events first',
      tag: TAG,
      scope: 'read',
      params: WebhookParams,
      query: Type.Object({ status: Type.Optional(DeliveryStatus), limit: Limit, cursor: Cursor }),
      answers: { 200: Type.Array(DeliveryView) },
      errors: ['WEBHOOK_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        readDeliveries(deps, principal, {
          webhookId: params.webhookId,
          status: query.status ?? null,
          limit: query.limit ?? PAGE,
          cursor: query.cursor,
        }),
    }),
  ]
}
