import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Secret } from '../core/secret.ts'
import { readDocsPage, readDocsScript } from './docs-page.ts'
import { Health, type HealthDeps } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface RootDeps extends HealthDeps {
  metrics: Metrics
  /** Null = `/metrics` and the details of `/readyz` are for loopback only. */
  metricsToken: Secret | null
  /** Shown by `/readyz` to the operator beside the state; decides nothing. */
  readyDetails?: () => Record<string, unknown>
}

const OPENAPI_FILE = new URL('../../openapi.json', import.meta.url)

const LANDING = `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>instagram-gateway</title>
<h1>instagram-gateway</h1>
<p>The gateway is running. <a href="/docs">API reference</a> · <a href="/status">Status</a></p>
`

const STATIC_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
/** Scalar's bundle is served by us, styles itself inline, and may talk to this server only. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** What sits at the root without a token: health, metrics, the API's description, the public pages. */
export function registerRootRoutes(app: FastifyInstance, deps: RootDeps): void {
  const health = new Health(deps)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })

  app.get('/healthz', (_, reply) => sendJson(reply, 200, { status: 'ok' }))

  app.get('/readyz', async (request, reply) => {
    const trouble = await health.trouble()
    const details = isOperator(request, deps.metricsToken)
      ? { details: { ...(await health.details()), ...deps.readyDetails?.() } }
      : {}
    if (trouble === null) return sendJson(reply, 200, { status: 'ready', ...details })
    reply.header('retry-after', '1')
    return sendJson(reply, 503, { status: 'not_ready', reason: trouble, ...details })
  })

  app.get('/metrics', async (request, reply) => {
    if (!isOperator(request, deps.metricsToken)) {
      const status = deps.metricsToken === null ? 403 : 401
      if (status === 401) reply.header('www-authenticate', 'Bearer')
      return sendJson(reply, status, { status: 'refused' })
    }
    reply.header('content-type', deps.metrics.registry.contentType)
    return reply.send(await deps.metrics.registry.metrics())
  })

  app.get('/openapi.json', (_, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-cache')
    return reply.send(readFileSync(OPENAPI_FILE))
  })

  app.get('/docs', (_, reply) => sendPage(reply, readDocsPage(), DOCS_POLICY))

  app.get('/docs/scalar.js', async (_, reply) => {
    reply.header('content-type', 'text/javascript; charset=utf-8').header('cache-control', 'public, max-age=86400')
    return reply.send(await readDocsScript())
  })

  app.get('/status', async (request, reply) => {
    const { state, since } = await health.state()
    const sinceText = new Date(since).toISOString()
    if (request.headers.accept?.includes('application/json') === true) {
      return sendJson(reply, 200, { status: state, since: sinceText })
    }
    return sendPage(reply, statusPage(state, sinceText), STATIC_PAGE_POLICY)
  })

  app.get('/', (_, reply) => sendPage(reply, LANDING, STATIC_PAGE_POLICY))
}

/** A request that a proxy on this machine passed on comes from loopback and yet from anywhere. */
function isOperator(request: FastifyRequest, token: Secret | null): boolean {
  if (token !== null) return equals(request.headers.authorization ?? '', `Bearer ${token.reveal()}`)
  const address = request.socket.remoteAddress ?? ''
  const isLoopback = address === '::1' || /^(::ffff:)?127\./.test(address)
  const wasForwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers
  return isLoopback && !wasForwarded
}

function equals(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left)
  const rightBytes = Buffer.from(right)
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes)
}

function sendJson(reply: FastifyReply, status: number, body: Record<string, unknown>): FastifyReply {
  reply.code(status)
  reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store')
  return reply.send(JSON.stringify(body))
}

function sendPage(reply: FastifyReply, body: string, policy: string): FastifyReply {
  reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache')
  for (const [name, value] of Object.entries(pageHeaders(policy))) reply.header(name, value)
  return reply.send(body)
}

/** What every page of ours says about itself. */
export function pageHeaders(policy: string = STATIC_PAGE_POLICY): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}

function statusPage(state: string, since: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Status: ${state}</title>
<h1>${state === 'up' ? 'Up' : 'Degraded'}</h1>
<p>Since <time datetime="${since}">${since}</time></p>
`
}
