import { GatewayError, invalidFields } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { readInstant } from '../core/instant.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import type { Db } from '../store/store.ts'
import { lockOwn } from './change-endpoints.ts'
import type { WebhookDeps } from './dependencies.ts'
import type { Endpoint } from './endpoint.ts'
import { findOwnEndpoint } from './find-own-endpoint.ts'
import { type ReplayBody, viewAttempt } from './schemas.ts'
import { openSecrets } from './secrets.ts'
import { ATTEMPT_DEADLINE_MS, sendEvent } from './send-event.ts'
import { wakeEndpoint } from './signal.ts'
import { lastSequence, redriveSome, updateEndpoint } from './store.ts'
import { parseTypes } from './target.ts'

interface Request {
  principal: Principal
  receipt: Receipt
  webhookId: string
}

const REDRIVEN_AT_ONCE = 500
/** Machine time within which a redrive is believed to end. */
const REDRIVE_WITHIN_MS = 30_000

/**
 * Sends a range of the log again, to an endpoint that may never have wanted it before: what its filter lets through. The
 * range ends with what has happened by now. Goes on in the background, after what is new.
 */
export async function replay(deps: WebhookDeps, request: Request, body: ReplayBody): Promise<Answer> {
  const range = readRange(body)
  return deps.store.write(async (tx) => {
    await request.receipt.claim(tx)
    const endpoint = await lockActive(tx, deps, request)
    if (endpoint.replay !== null) throw new GatewayError('WEBHOOK_REPLAYING', { retryAfterSeconds: 5 })
    const until = await lastSequence(tx, endpoint.userId)
    const now = deps.clock.now()
    await updateEndpoint(tx, endpoint.id, { replay: JSON.stringify({ ...range, until }), due_at: now })
    wakeEndpoint(tx, deps, endpoint.id)
    const data = { id: endpoint.id, after: range.after, until }
    const answer = { status: 202, data, message: 'Replay started' }
    await request.receipt.answer(tx, answer)
    return answer
  })
}

function readRange(body: ReplayBody) {
  if ((body.after === undefined) === (body.since === undefined)) {
    throw invalidFields([{ path: 'after', message: 'or since must be given, and not both' }])
  }
  const since = readInstant('since', body.since)
  const before = readInstant('until', body.until)
  if (since !== null && before !== null && before < since) {
    throw invalidFields([{ path: 'until', message: 'must not be before since' }])
  }
  return { after: body.after ?? 0, since, before, types: parseTypes('types', body.types) }
}

/** Makes everything due at once that failed for good or waits for a retry. */
export async function redrive(deps: WebhookDeps, request: Request): Promise<Answer> {
  const { webhookId } = request
  await deps.store.write(async (tx) => {
    await request.receipt.claim(tx, { answerWithinMs: REDRIVE_WITHIN_MS })
    await lockActive(tx, deps, request)
  })
  let after = 0
  let redriven = 0
  for (;;) {
    const input = { endpointId: webhookId, after, now: deps.clock.now(), limit: REDRIVEN_AT_ONCE }
    const some = await deps.store.write(async (tx) => {
      await lockActive(tx, deps, request)
      const found = await redriveSome(tx, input)
      if (found !== null) return found
      await updateEndpoint(tx, webhookId, { paused_until: null, due_at: deps.clock.now() })
      wakeEndpoint(tx, deps, webhookId)
      return null
    })
    if (some === null) break
    after = some.last
    redriven += some.count
  }
  return { status: 200, data: { id: webhookId, redriven }, message: `${redriven} deliveries are sent again` }
}

async function lockActive(tx: Db, deps: WebhookDeps, request: Request): Promise<Endpoint> {
  const endpoint = await lockOwn(tx, deps, request)
  if (endpoint.status !== 'active') throw new GatewayError('WEBHOOK_DISABLED')
  return endpoint
}

/**
 * Sends a signed event now, disabled or not, and answers with how it went. It is made up: it has no place in the log, no
 * filter keeps it back, and it says nothing about the endpoint's health.
 */
export async function testEndpoint(deps: WebhookDeps, request: Request): Promise<Answer> {
  const { principal, webhookId } = request
  const endpoint = await deps.store.write(async (tx) => {
    await request.receipt.claim(tx, { answerWithinMs: ATTEMPT_DEADLINE_MS })
    return findOwnEndpoint(tx, deps, principal, webhookId)
  })
  const now = deps.clock.now()
  const id = newId('evt', now, deps.random)
  const event = {
    ...{ id, sequence: 0, type: 'webhook.test', timestamp: new Date(now).toISOString() },
    ...{ userId: endpoint.userId, sessionId: null, username: null, data: { webhookId } },
  }
  const { attempt } = await sendEvent(deps, {
    endpointId: endpoint.id,
    url: endpoint.url,
    secrets: openSecrets(deps.seals, endpoint.id, endpoint.sealed),
    id,
    body: JSON.stringify(event),
    mayWrite: () => true,
  })
  const isDelivered = attempt.error === null
  const message = isDelivered ? 'The test event was delivered' : 'The test event was not delivered'
  return { status: 200, data: { id, isDelivered, ...viewAttempt(attempt) }, message }
}
