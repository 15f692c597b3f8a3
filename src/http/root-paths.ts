/** What the description says of the paths at the root, which are no routes of an API (`root-routes.ts`, the hand-off page). */

type Json = Record<string, unknown>

export const ROOT_TAG = 'Root'

const HTML = { 'text/html': { schema: { type: 'string' } } }
const STATUS = { type: 'object', required: ['status'], properties: { status: { type: 'string' } } }
const NO_PAGE = {
  404: { description: 'No such link.', content: HTML },
  410: { description: 'The link was used, or it is too old.', content: HTML },
}

const HANDOFF_TOKEN = {
  name: 'token',
  in: 'path',
  required: true,
  description: 'From the `handoffUrl` of a challenge.',
  schema: { type: 'string' },
}

export const ROOT_PATHS: Json = {
  '/healthz': {
    get: operation('getHealth', 'Whether the process is alive', {
      200: json('It is.', { ...STATUS, properties: { status: { const: 'ok' } } }),
    }),
  },
  '/readyz': {
    get: operation('getReadiness', 'Whether requests are served', {
      200: json('They are.', { ...STATUS, properties: { status: { const: 'ready' } } }),
      503: json('Not now.', {
        ...STATUS,
        properties: { status: { const: 'not_ready' }, reason: { type: 'string', description: 'Why, in a word.' } },
      }),
    }),
  },
  '/status': {
    get: operation('getStatus', 'The public status: up or degraded, and since when', {
      200: {
        description: 'The state, as a page or as JSON, as `Accept` asks.',
        content: {
          ...HTML,
          'application/json': {
            schema: {
              type: 'object',
              required: ['status', 'since'],
              properties: { status: { enum: ['up', 'degraded'] }, since: { type: 'string', format: 'date-time' } },
            },
          },
        },
      },
    }),
  },
  '/metrics': {
    get: {
      ...operation('getMetrics', 'Metrics in the text format of Prometheus', {
        200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        401: json('Another token than METRICS_TOKEN.', STATUS),
        403: json('Without METRICS_TOKEN, metrics are for this machine only.', STATUS),
      }),
      security: [{}, { bearer: [] }],
    },
  },
  '/openapi.json': {
    get: operation('getDescription', 'This document', { 200: json('The document.', { type: 'object' }) }),
  },
  '/docs': {
    get: operation('getDocumentation', 'This document, to be read by people', {
      200: { description: 'The page.', content: HTML },
    }),
  },
  '/handoff/{token}': {
    get: {
      ...operation('showHandoff', "The page on which an account's owner does what Instagram asked", {
        200: { description: 'The page.', content: HTML },
        ...NO_PAGE,
      }),
      parameters: [HANDOFF_TOKEN],
    },
    post: {
      ...operation('submitHandoff', 'What the owner says on that page', {
        200: { description: 'The page, with what came of it.', content: HTML },
        ...NO_PAGE,
      }),
      parameters: [HANDOFF_TOKEN],
    },
  },
}

function operation(operationId: string, summary: string, responses: Json): Json {
  return {
    operationId,
    summary,
    description: 'Needs no token.',
    tags: [ROOT_TAG],
    security: [],
    responses: { ...responses, 431: { description: 'The headers are larger than allowed.' } },
  }
}

function json(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } }
}
