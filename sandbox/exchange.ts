/** Where the control face lies. */
export const CONTROL_PREFIX = '/_sandbox'

/** One request as the sandbox sees it, whether it came over HTTP or from a simulation. */
export interface SandboxRequest {
  method: string
  /** Origin form (`/api/v1/…`) or absolute (`https://i.instagram.com/api/v1/…`). */
  url: string
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  body?: Uint8Array | string
  remotePort?: number
}

/** What the sandbox says, or what happens to the connection instead. */
export type SandboxResponse = Answer | Closed | Truncated | Delayed

export interface Answer {
  kind: 'answered'
  status: number
  /** Lower-case names. */
  headers: Record<string, string | string[]>
  body: string | Uint8Array
}

/** The connection dies without an answer. */
export interface Closed {
  kind: 'closed'
  /** Whether the request took effect first; a client cannot know. */
  tookEffect: boolean
}

/** Headers promise the whole body; the connection dies after `sentBytes` of it. */
export interface Truncated {
  kind: 'truncated'
  answer: Answer
  sentBytes: number
}

/** The answer comes `ms` of machine time late; null is never. */
export interface Delayed {
  kind: 'delayed'
  ms: number | null
  response: SandboxResponse
}

/** Answers of the simulated Instagram: JSON unless said otherwise. */
export function json(body: unknown, status = 200, headers: Answer['headers'] = {}): Answer {
  return { kind: 'answered', status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }
}

export function html(body: string, status = 200, headers: Answer['headers'] = {}): Answer {
  return { kind: 'answered', status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body }
}

export function redirect(location: string, cookies: string[] = []): Answer {
  const headers: Answer['headers'] = { location, 'content-type': 'text/html; charset=utf-8' }
  if (cookies.length > 0) headers['set-cookie'] = cookies
  return { kind: 'answered', status: 302, headers, body: '' }
}

/** `{"status":"ok"}`, the answer of most writes. */
export function ok(): Answer {
  return { kind: 'answered', status: 200, headers: { ...JSON_HEADERS }, body: OK_BODY }
}

export function fail(status: number, message: string, more: Record<string, unknown> = {}): Answer {
  return json({ message, ...more, status: 'fail' }, status)
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const OK_BODY = '{"status":"ok"}'
