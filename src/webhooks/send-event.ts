import type { Clock } from '../core/clock.ts'
import { crashPoint } from '../core/crash-point.ts'
import type { WebhookAnswer, WebhookTransport } from '../core/webhook-post.ts'
import { type Attempt, errorOf } from './retry.ts'
import { type EndpointSecrets, signatureHeaders } from './secrets.ts'

export interface SendDeps {
  clock: Clock
  transport: Pick<WebhookTransport, 'post'>
  /** How the gateway names itself. */
  userAgent: string
}

interface Message {
  endpointId: string
  url: string
  secrets: EndpointSecrets
  /** Of the event; what receivers know it by. */
  id: string
  body: string
  mayWrite: () => boolean
  signal?: AbortSignal
}

/** From the first byte of the connection to the last one of the answer that is read. */
export const ATTEMPT_DEADLINE_MS = 15_000
/** Shorter values would cut up what a server says for no secret's sake. */
const REDACTED_LENGTH_MIN = 6

/** One signed request, and how it ended as it is kept. */
export async function sendEvent(
  { clock, transport, userAgent }: SendDeps,
  { endpointId, url, secrets, id, body, mayWrite, signal }: Message,
): Promise<{ answer: WebhookAnswer; attempt: Attempt }> {
  const [at, began] = [clock.now(), clock.elapsed()]
  const signed = signatureHeaders(secrets, { id, body, wall: clock.wall(), now: at })
  crashPoint('webhook-before-post')
  const answer = await transport.post({
    endpointId,
    url,
    headers: { ...secrets.headers, 'content-type': 'application/json', 'user-agent': userAgent, ...signed },
    body,
    deadlineMs: ATTEMPT_DEADLINE_MS,
    mayWrite,
    ...(signal === undefined ? {} : { signal }),
  })
  crashPoint('webhook-after-post')
  const durationMs = Math.round(clock.elapsed() - began)
  const response = redact(answer.excerpt, secrets)
  return { answer, attempt: { at, durationMs, status: answer.status, error: errorOf(answer), response } }
}

/** A server may say back what it was told; the owner's headers are shown to nobody. */
function redact(text: string, { headers }: EndpointSecrets): string {
  const values = Object.values(headers).filter((value) => value.length >= REDACTED_LENGTH_MIN)
  return values.reduce((redacted, value) => redacted.replaceAll(value, '[redacted]'), text)
}
