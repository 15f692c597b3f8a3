import { invalidFields } from '../core/errors.ts'
import { TransportError } from '../core/transport.ts'
import type { WebhookTransport } from '../core/webhook-post.ts'
import { expandTypes } from '../events/index.ts'

const URL_LENGTH_MAX = 2_048
const HEADERS_MAX = 20
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/
/** Visible ASCII, blanks inside only: nothing that could end a line. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/
/** What the connection needs itself, or what would change what the body means. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'accept-encoding',
])
const OWN_PREFIXES = ['webhook-', 'content-', 'proxy-']

export interface Target {
  /** In its canonical form. */
  url: string
  /** What its owner should know, as sentences. */
  warnings: string[]
}

/**
 * The URL, where it may be used. Throws `VALIDATION_ERROR`, which never names a resolved address. A name that does not
 * resolve now may do so later, and is judged at every connection anyway: it is taken with a warning.
 */
export async function parseTarget(transport: Pick<WebhookTransport, 'check'>, text: string): Promise<Target> {
  const url = URL.parse(text)
  const fault = url === null ? 'must be an absolute http or https URL' : urlFault(url)
  if (url === null || fault !== null) throw invalidFields([{ path: 'url', message: fault ?? '' }])
  try {
    await transport.check(url.href)
    return { url: url.href, warnings: [] }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    if (error.kind !== 'dns') throw invalidFields([{ path: 'url', message: 'leads to an address that is not allowed' }])
    return { url: url.href, warnings: [`url: the name ${url.hostname} does not resolve at present.`] }
  }
}

function urlFault(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be an absolute http or https URL'
  if (url.username !== '' || url.password !== '') return 'must not hold credentials; send them as a header'
  if (url.hash !== '') return 'must not have a fragment'
  return url.href.length > URL_LENGTH_MAX ? `must be at most ${URL_LENGTH_MAX} characters long` : null
}

/** The owner's headers by lower-case names. Throws `VALIDATION_ERROR`, which never shows a value. */
export function parseHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers)
  if (entries.length > HEADERS_MAX) {
    throw invalidFields([{ path: 'headers', message: `must be at most ${HEADERS_MAX}` }])
  }
  const parsed: Record<string, string> = {}
  for (const [given, value] of entries) {
    const name = given.toLowerCase()
    const fault = headerFault(name, value) ?? (Object.hasOwn(parsed, name) ? 'is given twice' : null)
    if (fault !== null)
      throw invalidFields([{ path: `headers.${JSON.stringify(given).slice(1, -1).slice(0, 64)}`, message: fault }])
    parsed[name] = value
  }
  return parsed
}

function headerFault(name: string, value: string): string | null {
  if (!HEADER_NAME.test(name)) return 'is no name of a header'
  if (OWN_HEADERS.has(name) || OWN_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    return 'is set by the gateway and cannot be replaced'
  }
  return HEADER_VALUE.test(value) ? null : 'must be 1 to 1024 visible ASCII characters on one line'
}

/** The filter without repeats; null = all. Throws `VALIDATION_ERROR` for what no event will ever match. */
export function parseTypes(path: string, types: readonly string[] | undefined): string[] | null {
  if (types === undefined || types.includes('*')) return null
  for (const [index, type] of types.entries()) expandTypes(`${path}[${index}]`, [type])
  return [...new Set(types)]
}
