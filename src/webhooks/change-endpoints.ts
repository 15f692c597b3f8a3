import { GatewayError, invalidFields } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import type { WebhookTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { WebhookDeps } from './dependencies.ts'
import type { Endpoint } from './endpoint.ts'
import { findOwnEndpoint, requireOwnSessions } from './find-own-endpoint.ts'
import { type UpdateBody, viewEndpoint } from './schemas.ts'
import { newSecret, OVERLAP_MS, openSecrets, rotated, sealSecrets } from './secrets.ts'
import { wakeEndpoint } from './signal.ts'
import {
  countEndpoints,
  findEndpoint,
  insertEndpoint,
  lastSequence,
  lockEndpoint,
  textOrNull,
  toEndpoint,
  updateEndpoint,
} from './store.ts'
import { parseHeaders, parseTarget, parseTypes } from './target.ts'

interface Request {
  principal: Principal
  webhookId: string
}

/** A new endpoint hears of what happens from now on. Its secret is in this answer and in no other. */
export async function createEndpoint(
  deps: WebhookDeps,
  input: {
    principal: Principal
    receipt: Receipt
    url: string
    events?: readonly string[]
    sessionIds?: readonly string[]
    headers?: Readonly<Record<string, string>>
    description?: string
  },
): Promise<Answer> {
  const { principal, receipt } = input
  const { userId } = principal
  const types = parseTypes('events', input.events)
  const headers = parseHeaders(input.headers ?? {})
  const { url, warnings } = await parseTarget(deps.transport, input.url)
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const sessionIds = await requireOwnSessions(tx, deps, principal, input.sessionIds ?? null)
    if ((await countEndpoints(tx, userId)) >= deps.perUserMax) throw limitReached(deps.perUserMax)
    const now = deps.clock.now()
    const id = newId('wh', now, deps.random)
    const secret = newSecret(deps.random)
    const sealed = sealSecrets(deps.seals, id, { signing: [{ secret, until: null }], headers })
    await insertEndpoint(tx, {
      ...{ id, userId, url, types, sessionIds, sealed, description: input.description ?? null },
      status: 'active',
      takenTo: await lastSequence(tx, userId),
      createdAt: now,
    })
    const data = { ...(await view(tx, deps, id)), secret, ...shown(warnings) }
    const answer = { status: 201, data, message: 'Webhook created' }
    await receipt.answer(tx, answer, { showsSecret: true })
    return answer
  })
}

function limitReached(most: number): GatewayError {
  const message = `The user has as many webhooks as allowed (${most}); delete one first.`
  return new GatewayError('WEBHOOK_LIMIT_REACHED', { message, details: { limit: most } })
}

/** Changes what is named. Enabling, or another address, begins with a clean record: what waits is tried again at once. */
export async function changeEndpoint(deps: WebhookDeps, request: Request, body: UpdateBody): Promise<Answer> {
  const { principal, webhookId } = request
  if (Object.keys(body).length === 0) throw invalidFields([{ path: 'the body', message: 'must change something' }])
  await findOwnEndpoint(deps.store.read, deps, principal, webhookId)
  const types = body.events === undefined ? undefined : parseTypes('events', body.events)
  const headers = body.headers === undefined ? undefined : parseHeaders(body.headers ?? {})
  const target = body.url === undefined ? undefined : await parseTarget(deps.transport, body.url)
  const url = target?.url
  return deps.store.write(async (tx) => {
    const endpoint = await lockOwn(tx, deps, request)
    const sessionIds =
      body.sessionIds === undefined ? undefined : await requireOwnSessions(tx, deps, principal, body.sessionIds)
    await updateEndpoint(tx, webhookId, {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { types: textOrNull(types) }),
      ...(sessionIds === undefined ? {} : { session_ids: textOrNull(sessionIds) }),
      ...(body.description === undefined ? {} : { description: body.description }),
      ...(headers === undefined ? {} : { secrets: withHeaders(deps, endpoint, headers) }),
      ...statusChange(endpoint, body.status, deps.clock.now()),
      ...(url === undefined || url === endpoint.url ? {} : CLEAN_RECORD),
      due_at: (body.status ?? endpoint.status) === 'active' ? deps.clock.now() : null,
    })
    wakeEndpoint(tx, deps, webhookId)
    const data = { ...(await view(tx, deps, webhookId)), ...shown(target?.warnings ?? []) }
    return { status: 200, data, message: 'Webhook updated' }
  })
}

const CLEAN_RECORD = { failures: 0, failing_since: null, warned_at: null, paused_until: null } as const

function statusChange(endpoint: Endpoint, status: UpdateBody['status'], now: number): Partial<WebhookTable> {
  if (status === undefined || status === endpoint.status) return {}
  if (status === 'disabled') return { status, status_reason: 'owner', status_at: now }
  return { status, status_reason: null, status_at: now, ...CLEAN_RECORD }
}

function withHeaders(deps: WebhookDeps, { id, sealed }: Endpoint, headers: Record<string, string>): string {
  return sealSecrets(deps.seals, id, { ...openSecrets(deps.seals, id, sealed), headers })
}

/** Nothing more goes out from now on; its deliveries are removed by the housekeeping. */
export async function deleteEndpoint(deps: WebhookDeps, request: Request): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const endpoint = await lockOwn(tx, deps, request)
    await updateEndpoint(tx, endpoint.id, {
      ...{ status: 'deleted', status_reason: null, status_at: deps.clock.now() },
      ...{ url: '', description: null, types: null, session_ids: null, secrets: null, replay: null },
      ...{ due_at: null, owner: null, lease_until_wall: null },
    })
    wakeEndpoint(tx, deps, endpoint.id)
    return { status: 200, message: 'Webhook deleted' }
  })
}

/** A new secret; the one before stays valid for a day, in which deliveries carry both signatures. */
export async function rotateSecret(deps: WebhookDeps, request: Request & { receipt: Receipt }): Promise<Answer> {
  return deps.store.write(async (tx) => {
    await request.receipt.claim(tx)
    const { id, sealed } = await lockOwn(tx, deps, request)
    const now = deps.clock.now()
    const secret = newSecret(deps.random)
    const secrets = rotated(openSecrets(deps.seals, id, sealed), { secret, now })
    await updateEndpoint(tx, id, { secrets: sealSecrets(deps.seals, id, secrets) })
    wakeEndpoint(tx, deps, id)
    const previousValidUntil = new Date(now + OVERLAP_MS).toISOString()
    const answer = { status: 200, data: { id, secret, previousValidUntil }, message: 'Secret rotated' }
    await request.receipt.answer(tx, answer, { showsSecret: true })
    return answer
  })
}

/** Throws `WEBHOOK_NOT_FOUND`. */
export async function lockOwn(tx: Db, deps: Pick<WebhookDeps, 'sessions'>, request: Request): Promise<Endpoint> {
  const { principal, webhookId } = request
  const row = await lockEndpoint(tx, webhookId)
  if (row === null) throw new GatewayError('WEBHOOK_NOT_FOUND')
  await findOwnEndpoint(tx, deps, principal, webhookId)
  return toEndpoint(row)
}

function shown(warnings: string[]): { warnings?: string[] } {
  return warnings.length === 0 ? {} : { warnings }
}

async function view(tx: Db, deps: WebhookDeps, id: string) {
  const endpoint = await findEndpoint(tx, id)
  if (endpoint === null) throw new Error(`endpoint ${id} is gone within its own transaction`)
  return viewEndpoint(deps, endpoint)
}
