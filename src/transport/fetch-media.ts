import type { Clock } from '../core/clock.ts'
import { type FetchMedia, type Media, MediaFetchError, type MediaRequest } from '../core/media.ts'
import { type Transport, TransportError, type TransportResponse } from '../core/transport.ts'
import type { Resolve } from './address-guard.ts'
import { recogniseMedia } from './media-type.ts'
import type { Names } from './route.ts'
import { createTransport } from './transport.ts'

export interface MediaFetcherOptions {
  clock: Clock
  /** Default: the system's resolver. */
  resolve?: Resolve
  /** Reserved names that stand for a service of our own (sandbox mode). */
  names?: Names
  /** CIDRs of private networks that media may come from. */
  allowNetworks?: readonly string[]
  /** PEM; trusted besides the built-in authorities. */
  certificateAuthorities?: readonly string[]
}

export interface MediaFetcher {
  fetch: FetchMedia
  close(): Promise<void>
}

/** Beyond what any message takes; each request has its own, smaller limit. */
const BODY_BYTES_MAX = 64 * 1024 * 1024
const REDIRECTS_MAX = 3
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Answers that say "not now". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])
const USER_AGENT = 'instagram-gateway/0.1'

/**
 * Fetches media from addresses that users chose. It goes out directly, without cookies and never through an account's
 * proxy; the transport judges the address of every hop and connects to exactly what it judged.
 */
export function createMediaFetcher(options: MediaFetcherOptions): MediaFetcher {
  const transport = createTransport({ ...options, guardAddresses: 'all', bodyBytesMax: BODY_BYTES_MAX })
  const { clock } = options
  return {
    fetch: (request) => fetchMedia({ clock, send: transport.send }, request),
    close: () => transport.close(),
  }
}

async function fetchMedia(deps: { clock: Clock; send: Transport }, request: MediaRequest): Promise<Media> {
  const end = deps.clock.elapsed() + request.deadlineMs
  let url = readUrl(request.url)
  for (let redirects = 0; ; redirects++) {
    const deadlineMs = Math.floor(end - deps.clock.elapsed())
    if (deadlineMs < 1) throw late()
    const response = await get(deps.send, { url, deadlineMs, request })
    if (!REDIRECTS.has(response.status)) return readMedia(response, request)
    if (redirects === REDIRECTS_MAX) {
      throw new MediaFetchError('redirect', `The media address redirects more than ${REDIRECTS_MAX} times.`)
    }
    url = redirected(url, headerOf(response, 'location'))
  }
}

function readUrl(text: string): URL {
  const url = URL.parse(text)
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
  if (!isWeb || url.username !== '' || url.password !== '') {
    throw new MediaFetchError('url', 'The media address must be an http or https URL without credentials.')
  }
  return url
}

function redirected(from: URL, location: string | null): URL {
  const to = location === null ? null : URL.parse(location, from.href)
  if (to === null) throw new MediaFetchError('redirect', 'The media address redirects to nowhere.')
  if (to.protocol !== from.protocol) {
    throw new MediaFetchError('redirect', 'The media address redirects to another protocol; give the final address.')
  }
  return readUrl(to.href)
}

async function get(
  send: Transport,
  { url, deadlineMs, request }: { url: URL; deadlineMs: number; request: MediaRequest },
): Promise<TransportResponse> {
  try {
    return await send({
      method: 'GET',
      url: url.href,
      // Media are compressed already, and unpacking what a stranger packed costs memory.
      headers: {
        accept: `${request.types.join(', ')}, */*;q=0.1`,
        'accept-encoding': 'identity',
        'user-agent': USER_AGENT,
      },
      proxy: null,
      deadlineMs,
      bodyBytesMax: request.bytesMax,
    })
  } catch (error) {
    throw error instanceof TransportError ? faultOf(error, request) : error
  }
}

function faultOf(error: TransportError, { bytesMax }: MediaRequest): MediaFetchError {
  switch (error.kind) {
    case 'address_refused':
      return new MediaFetchError('address', 'The media address is not allowed.', error)
    case 'too_large':
      return new MediaFetchError('size', `The media is larger than ${megabytes(bytesMax)} MB.`, error)
    case 'timeout':
      return late(error)
    case 'dns':
      return new MediaFetchError('unreachable', 'The host of the media address could not be found.', error)
    default:
      return new MediaFetchError('unreachable', 'The media address could not be reached.', error)
  }
}

function late(cause?: unknown): MediaFetchError {
  return new MediaFetchError('timeout', 'The media address did not deliver in time.', cause)
}

function readMedia(response: TransportResponse, { types }: MediaRequest): Media {
  const { status, body } = response
  if (status >= 500 || PASSING.has(status)) {
    throw new MediaFetchError('unreachable', `The media address answered ${status}.`)
  }
  if (status !== 200) throw new MediaFetchError('missing', `The media address answered ${status}.`)
  if (body.length === 0) throw new MediaFetchError('size', 'The media address answered with an empty file.')
  const type = recogniseMedia(body, headerOf(response, 'content-type'))
  if (type === null || !types.includes(type)) {
    throw new MediaFetchError('type', `The media is not of an accepted type (${types.join(', ')}).`)
  }
  return { bytes: body, type }
}

function megabytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(1).replace(/\.0$/, '')
}

function headerOf({ headers }: TransportResponse, name: string): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}
