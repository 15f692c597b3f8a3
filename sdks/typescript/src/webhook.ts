const TOLERANCE_MS = 5 * 60_000
const SECRET_PREFIX = 'whsec_'

/** What a webhook brings: one fact, the same in every delivery of it. */
export interface WebhookEvent {
  id: string
  /** Rises without gaps for each user; deliveries may overtake each other. */
  sequence: number
  type: string
  timestamp: string
  userId: string
  sessionId: string | null
  username: string | null
  data: Record<string, unknown>
}

/** The request was not sent by the gateway, or long ago: answer 400 and do nothing. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError'
}

export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

export interface WebhookDelivery {
  /** The endpoint's secret (`whsec_…`), or several while one is being replaced. */
  secret: string | readonly string[]
  headers: WebhookHeaders
  /** Exactly as received: parsed and written again, it has another signature. */
  body: string | Uint8Array
  /** How far the sender's clock may be from ours; five minutes by default. */
  toleranceMs?: number
  /** Epoch milliseconds instead of the current time, for tests. */
  now?: number
}

/**
 * The event of a delivery (https://www.standardwebhooks.com). Throws `WebhookVerificationError`. The same event may come
 * more than once: keep the `id`s you have dealt with.
 */
export async function verifyWebhook(delivery: WebhookDelivery): Promise<WebhookEvent> {
  const id = header(delivery.headers, 'webhook-id')
  const timestamp = header(delivery.headers, 'webhook-timestamp')
  const signatures = header(delivery.headers, 'webhook-signature')
  checkTime(timestamp, delivery)
  const signed = signedBytes({ id, timestamp, body: delivery.body })
  const secrets = typeof delivery.secret === 'string' ? [delivery.secret] : delivery.secret
  for (const secret of secrets) {
    const key = await importKey(secret, 'verify')
    for (const signature of signatures.split(' ')) {
      const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : null
      // `verify` compares in constant time.
      if (bytes !== null && (await crypto.subtle.verify('HMAC', key, bytes, signed))) return readEvent(delivery.body)
    }
  }
  throw new WebhookVerificationError('No signature fits the secret.')
}

/** The headers with which the gateway would deliver `body`: for tests of what receives webhooks. */
export async function signWebhook(payload: {
  secret: string
  id: string
  body: string | Uint8Array
  /** Epoch milliseconds; now by default. */
  at?: number
}): Promise<{ 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string }> {
  const timestamp = String(Math.floor((payload.at ?? Date.now()) / 1000))
  const key = await importKey(payload.secret, 'sign')
  const signed = signedBytes({ id: payload.id, timestamp, body: payload.body })
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
  return {
    'webhook-id': payload.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${btoa(String.fromCharCode(...signature))}`,
  }
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : plainHeader(headers, name)
  if (typeof value !== 'string' || value === '') throw new WebhookVerificationError(`The header ${name} is missing.`)
  return value
}

/** Node gives names in lower case, others as they were sent. */
function plainHeader(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) {
  return Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1]
}

function checkTime(timestamp: string, { toleranceMs = TOLERANCE_MS, now = Date.now() }: WebhookDelivery): void {
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError('The header webhook-timestamp is no time.')
  if (Math.abs(now - Number(timestamp) * 1000) > toleranceMs) {
    throw new WebhookVerificationError('The delivery is too old, or from the future.')
  }
}

function signedBytes({ id, timestamp, body }: { id: string; timestamp: string; body: string | Uint8Array }) {
  const encoder = new TextEncoder()
  const head = encoder.encode(`${id}.${timestamp}.`)
  const content = typeof body === 'string' ? encoder.encode(body) : body
  const bytes = new Uint8Array(head.length + content.length)
  bytes.set(head)
  bytes.set(content, head.length)
  return bytes
}

async function importKey(secret: string, use: 'sign' | 'verify') {
  const key = fromBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret)
  if (key === null || key.length === 0) throw new TypeError('The secret of a webhook is whsec_ and base64.')
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function readEvent(body: string | Uint8Array): WebhookEvent {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  // Signed by the gateway, so it is what the gateway sends.
  return JSON.parse(text) as WebhookEvent
}
