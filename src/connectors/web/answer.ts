import type { TransportResponse } from '../../core/transport.ts'
import { isInstagramUrl } from './hand-off-url.ts'
import { type JsonObject, parseJsonObject } from './json.ts'

/** An answer of Instagram's, taken apart in the order that decoding needs: redirect, JSON, fields, status. */
export interface Answer {
  status: number
  /** Path and query of a redirect within Instagram; null for every other answer, redirects elsewhere included. */
  redirect: string | null
  /** Null when the body is not a JSON object. */
  body: JsonObject | null
  /** The nine bytes `Not Found` with 404: a challenge in disguise. */
  isBareNotFound: boolean
  /** A web page where data was expected. */
  isPage: boolean
  retryAfterMs: number | null
  /** Makes a sentence from outside fit to show: one line, short, and without the account's secrets. */
  say(text: string): string
}

const RETRY_AFTER_MAX_MS = 7 * 24 * 60 * 60_000
const SENTENCE_MAX = 300
const BARE_NOT_FOUND = Buffer.from('Not Found')

export interface AnswerContext {
  url: string
  baseUrl: string
  /** Epoch milliseconds of machine time, against which a date in `Retry-After` counts. */
  wall: number
  /** Values that no sentence may repeat. */
  secrets: readonly string[]
}

export function readAnswer(response: TransportResponse, context: AnswerContext): Answer {
  const { status, headers, body } = response
  const type = first(headers['content-type'])?.toLowerCase() ?? ''
  const parsed = parseJsonObject(body)
  return {
    status,
    redirect: status >= 300 && status <= 399 ? redirectOf(first(headers['location']), context) : null,
    body: parsed,
    isBareNotFound: status === 404 && BARE_NOT_FOUND.equals(body),
    isPage: parsed === null && body.length > 0 && type.startsWith('text/html'),
    retryAfterMs: retryAfterOf(first(headers['retry-after']), context.wall),
    say: (text) => sentence(text, context.secrets),
  }
}

function redirectOf(location: string | undefined, { url, baseUrl }: AnswerContext): string | null {
  const target = location === undefined ? null : URL.parse(location, url)
  return target !== null && isInstagramUrl(target, baseUrl) ? `${target.pathname}${target.search}` : null
}

function retryAfterOf(value: string | undefined, wall: number): number | null {
  if (value === undefined) return null
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - wall
  return ms > 0 ? Math.min(ms, RETRY_AFTER_MAX_MS) : null
}

function sentence(text: string, secrets: readonly string[]): string {
  let shown = text
  for (const secret of secrets) shown = shown.replaceAll(secret, '…')
  const line = shown.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > SENTENCE_MAX ? `${line.slice(0, SENTENCE_MAX)}…` : line
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
