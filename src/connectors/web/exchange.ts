import type { Clock } from '../../core/clock.ts'
import { type Transport, TransportError, type TransportResponse } from '../../core/transport.ts'
import type { Access, CallOptions, CookieStore, NotSent, Outcome, ReadResult, Refused } from '../connector.ts'
import { type Answer, readAnswer } from './answer.ts'
import { type ClassifyContext, classify } from './classify.ts'
import { type JsonObject, Undecodable } from './json.ts'

/** What every operation of the web interface is built on. */
export interface Web {
  transport: Transport
  clock: Clock
  /** Origin without a trailing slash: `https://www.instagram.com`, or the sandbox. */
  baseUrl: string
}

export interface WebRequest {
  method: 'GET' | 'POST'
  /** Segments that come from outside are encoded by `segment`. */
  path: string
  query?: Record<string, string>
  /** Sent urlencoded; an empty form is a POST without a body. */
  form?: Record<string, string>
  /** Bytes instead of a form, and the headers that say what they are. */
  upload?: { bytes: Uint8Array; headers: Record<string, string> }
  /** A browser's page instead of its data interface. */
  isPage?: boolean
}

export type Exchange =
  | { type: 'answered'; answer: Answer }
  | NotSent
  /** The request may have arrived. */
  | { type: 'lost'; timedOut: boolean; reason: string }

/** The web client's own id; without it the data interface answers 403. */
const APP_ID = '936619743392459'

/** Sent when the owner sets no user agent: one constant that says what this is. */
const DEFAULT_USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64) instagram-gateway/0.1'

/** One path segment from an id or name of any form. */
export function segment(value: string): string {
  // "." and ".." would be resolved away, and survive encoding.
  return /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value.toWellFormed())
}

/** One request and its answer; cookies and the claim of the answer land in the jar. Never rejects for what the outside did. */
export async function exchange(web: Web, access: Access, request: WebRequest, call: CallOptions): Promise<Exchange> {
  const url = urlOf(web, request)
  const body = request.upload?.bytes ?? new URLSearchParams(request.form).toString()
  const secrets = secretsOf(access, url, request)
  let response: TransportResponse
  try {
    response = await web.transport({
      method: request.method,
      url,
      headers: headersOf(web, access, request, url),
      ...(request.method === 'POST' ? { body } : {}),
      proxy: access.proxy,
      deadlineMs: call.deadlineMs,
      ...(call.mayWrite === undefined ? {} : { mayWrite: call.mayWrite }),
    })
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    return lostOrUnsent(error, access)
  }
  keepState(access.cookies, url, response)
  const context = {
    url,
    baseUrl: web.baseUrl,
    wall: web.clock.wall(),
    secrets: [...secrets, ...secretsOf(access, url, request)],
  }
  return { type: 'answered', answer: readAnswer(response, context) }
}

function urlOf({ baseUrl }: Web, { path, query }: WebRequest): string {
  return query === undefined ? `${baseUrl}${path}` : `${baseUrl}${path}?${new URLSearchParams(query)}`
}

function headersOf(web: Web, access: Access, request: WebRequest, url: string): Record<string, string> {
  const cookie = access.cookies.header(url)
  const token = access.cookies.get(url, 'csrftoken')
  const common = {
    accept: request.isPage === true ? 'text/html,application/xhtml+xml' : '*/*',
    'accept-language': 'en-US,en;q=0.9',
    'user-agent': access.userAgent ?? DEFAULT_USER_AGENT,
    ...(cookie === '' ? {} : { cookie }),
  }
  if (request.isPage === true) return common
  return {
    ...common,
    referer: `${web.baseUrl}/`,
    'x-ig-app-id': APP_ID,
    'x-ig-www-claim': access.cookies.wwwClaim ?? '0',
    'x-requested-with': 'XMLHttpRequest',
    ...(token === null ? {} : { 'x-csrftoken': token }),
    ...(request.method === 'POST' ? { origin: web.baseUrl, 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...request.upload?.headers,
  }
}

function lostOrUnsent(error: TransportError, access: Access): Exchange {
  if (error.certainty === 'unknown') return { type: 'lost', timedOut: error.kind === 'timeout', reason: error.message }
  switch (error.kind) {
    case 'connect':
    case 'dns':
    case 'tls':
    case 'proxy':
    case 'address_refused':
    case 'lease':
      return { type: 'not_sent', cause: error.kind, reason: error.message }
    case 'timeout':
    case 'reset':
    case 'too_large':
      return { type: 'not_sent', cause: access.proxy === null ? 'connect' : 'proxy', reason: error.message }
  }
}

const CLAIM = /^[\x21-\x7e]{1,512}$/

function keepState(cookies: CookieStore, url: string, { headers }: TransportResponse): void {
  const lines = headers['set-cookie'] ?? []
  for (const line of Array.isArray(lines) ? lines : [lines]) cookies.store(url, line)
  const claim = headers['x-ig-set-www-claim']
  if (typeof claim === 'string' && CLAIM.test(claim)) cookies.wwwClaim = claim
}

/** Short values are no secrets and would blank out half a sentence. */
const SECRET_LENGTH_MIN = 6

function secretsOf({ cookies, proxy }: Access, url: string, { form }: WebRequest): string[] {
  const values = [
    cookies.get(url, 'sessionid'),
    cookies.get(url, 'csrftoken'),
    form?.['verificationCode'],
    passwordIn(form),
    proxy?.password,
  ]
  return values.filter((value) => typeof value === 'string').filter((value) => value.length >= SECRET_LENGTH_MIN)
}

function passwordIn(form: Record<string, string> | undefined): string | undefined {
  return form?.['enc_password']?.split(':').slice(3).join(':')
}

/** The rest of a call's deadline for an operation that needs several exchanges. */
export function budget({ clock }: Web, call: CallOptions): () => CallOptions {
  const end = clock.elapsed() + call.deadlineMs
  return () => ({ ...call, deadlineMs: Math.max(1, Math.floor(end - clock.elapsed())) })
}

export interface Operation<T> {
  request: WebRequest
  missing: Refused['code'] | null
  pageMeansLoggedOut?: boolean
  /** Reads an ordinary answer; throws `Undecodable` when it lacks what it must have. */
  decode(body: JsonObject): T
}

/** One read. */
export async function read<T>(
  web: Web,
  access: Access,
  operation: Operation<T | Refused>,
  call: CallOptions,
): Promise<ReadResult<T>> {
  const result = await exchange(web, access, operation.request, call)
  if (result.type === 'lost') return { type: 'unreadable', timedOut: result.timedOut, reason: result.reason }
  if (result.type === 'not_sent') return result
  const refusal = classify(result.answer, contextOf(web, operation, false))
  if (refusal?.type === 'trouble') return { type: 'unreadable', timedOut: false, reason: refusal.reason }
  if (refusal !== null) return refusal
  const found = decoded(operation, result.answer)
  if (found === null) return { type: 'unreadable', timedOut: false, reason: INCOMPLETE }
  return isRefused(found.value) ? found.value : { type: 'ok', value: found.value }
}

/** One write. It counts as done only when `decode` found what only success shows. */
export async function write(
  web: Web,
  access: Access,
  operation: Operation<Extract<Outcome, { type: 'done' | 'uncertain' }>>,
  call: CallOptions,
): Promise<Outcome> {
  const rest = budget(web, call)
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  const result = await exchange(web, access, operation.request, rest())
  if (result.type === 'lost') return { type: 'uncertain', reason: result.reason }
  if (result.type === 'not_sent') return result
  const refusal = classify(result.answer, contextOf(web, operation, true))
  if (refusal?.type === 'trouble') return { type: 'uncertain', reason: refusal.reason }
  return refusal ?? decoded(operation, result.answer)?.value ?? { type: 'uncertain', reason: INCOMPLETE }
}

const INCOMPLETE = 'Instagram answered without what the answer must hold.'

/**
 * Fetches the start page when the jar has no token yet (cookies imported with a `sessionid` only). Null when there is one
 * or Instagram gave one or gave none: it compares cookie and header, so then it is for the request itself to be refused.
 */
export async function ensureCsrfToken(web: Web, access: Access, call: CallOptions): Promise<NotSent | null> {
  if (access.cookies.get(`${web.baseUrl}/`, 'csrftoken') !== null) return null
  const result = await exchange(web, access, { method: 'GET', path: '/', isPage: true }, call)
  if (result.type === 'lost') return { type: 'not_sent', cause: 'connect', reason: result.reason }
  return result.type === 'not_sent' ? result : null
}

function contextOf(web: Web, operation: Operation<unknown>, isWrite: boolean): ClassifyContext {
  return {
    baseUrl: web.baseUrl,
    isWrite,
    isLoggedIn: true,
    missing: operation.missing,
    pageMeansLoggedOut: operation.pageMeansLoggedOut === true,
  }
}

function decoded<T>(operation: Operation<T>, answer: Answer): { value: T } | null {
  if (answer.body === null) return null
  try {
    return { value: operation.decode(answer.body) }
  } catch (error) {
    if (error instanceof Undecodable) return null
    throw error
  }
}

function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'refused' && 'code' in value
}
