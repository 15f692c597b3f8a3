import { Cookie, CookieJar } from 'tough-cookie'
import { type FieldFault, invalidFields } from '../core/errors.ts'
import type { CookieStore } from './connector.ts'

/** What may stand in a header line; anything else would make every later request impossible to send. */
const SENDABLE_LINE = /^[\x20-\x7e\x80-\xff\t]*$/
const COOKIE_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const COOKIE_VALUE = /^[\x21-\x3a\x3c-\x7e]+$/

/** An empty jar. */
export function createCookieStore(): CookieStore {
  // Public suffixes are no concern of a jar that talks to one origin, and loopback origins have none.
  return wrap(new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: false }), undefined)
}

/** Reads what `serialize` wrote. Throws on anything else: stored jars are sealed, so that is damage. */
export function parseCookieStore(text: string): CookieStore {
  const stored: unknown = JSON.parse(text)
  if (
    typeof stored !== 'object' ||
    stored === null ||
    !('jar' in stored) ||
    typeof stored.jar !== 'object' ||
    stored.jar === null
  ) {
    throw new Error('a stored cookie jar cannot be read')
  }
  const claim = 'wwwClaim' in stored && typeof stored.wwwClaim === 'string' ? stored.wwwClaim : undefined
  return wrap(CookieJar.fromJSON(JSON.stringify(stored.jar)), claim)
}

export interface ImportedCookies {
  /** Name to value, as a browser shows them; values are kept verbatim. `sessionid` at least. */
  cookies: Record<string, string>
  /** Origin that the session will talk to. */
  baseUrl: string
}

/**
 * A fresh jar from cookies that the owner copied from a browser; it replaces a session's jar, it is never merged into it.
 * Throws `VALIDATION_ERROR` naming the cookie that is missing or cannot be sent; values are never repeated.
 */
export function importedCookies({ cookies, baseUrl }: ImportedCookies): CookieStore {
  const faults: FieldFault[] = []
  if (cookies['sessionid'] === undefined) faults.push({ path: 'cookies.sessionid', message: 'is required' })
  for (const [name, value] of Object.entries(cookies)) {
    if (!COOKIE_NAME.test(name)) faults.push({ path: 'cookies', message: 'has a name that no cookie can have' })
    else if (!COOKIE_VALUE.test(value)) faults.push({ path: `cookies.${name}`, message: 'is not a cookie value' })
  }
  if (faults.length > 0) throw invalidFields(faults)

  const jar = new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: false })
  const { hostname, protocol } = new URL(baseUrl)
  const isInstagram = hostname === 'instagram.com' || hostname.endsWith('.instagram.com')
  const userId = ownerOfSession(cookies['sessionid'] ?? '')
  const complete =
    userId !== null && /^\d+$/.test(userId) ? { ...cookies, ds_user_id: cookies['ds_user_id'] ?? userId } : cookies
  for (const [key, value] of Object.entries(complete)) {
    const place = isInstagram ? { domain: 'instagram.com', hostOnly: false } : {}
    const secure = protocol === 'https:'
    jar.setCookieSync(new Cookie({ key, value, path: '/', secure, httpOnly: key === 'sessionid', ...place }), baseUrl)
  }
  return wrap(jar, undefined)
}

/** The user id in front of the first `%3A` (or `:`) of a `sessionid`; it is part of what Instagram checks. */
export function ownerOfSession(sessionId: string): string | null {
  return /^"?([^%:"]+)(?:%3A|:)/i.exec(sessionId)?.[1] ?? null
}

/** Addresses whose cookies are kept at hand; a session talks to few, and those with ids in them come and go. */
const ADDRESSES_KEPT = 8

/**
 * A jar is read several times for every request and changes with few answers, so what it sends to an address and its
 * text are kept until it changes: walking the jar for each reading was a tenth of what a sent message cost.
 */
function wrap(jar: CookieJar, claim: string | undefined): CookieStore {
  const byUrl = new Map<string, Cookie[]>()
  let written: { text: string; wwwClaim: string | undefined } | null = null

  function cookiesFor(url: string): Cookie[] {
    let found = byUrl.get(url)
    if (found === undefined) {
      found = jar.getCookiesSync(url)
      if (byUrl.size >= ADDRESSES_KEPT) byUrl.clear()
      byUrl.set(url, found)
    }
    return found
  }

  const store: CookieStore = {
    header: (url) =>
      cookiesFor(url)
        .filter((cookie) => cookie.TTL() > 0)
        .map((cookie) => cookie.cookieString())
        .join('; '),
    store(url, line) {
      if (!SENDABLE_LINE.test(line)) return
      byUrl.clear()
      written = null
      fixExpiry(jar.setCookieSync(line, url, { loose: true, ignoreError: true }))
    },
    get(url, name) {
      // How long each lives is worked out anew whenever it is asked, so only the one that is meant is asked.
      const isMeant = (cookie: Cookie) => cookie.key === name && cookie.value !== '' && cookie.value !== '""'
      return cookiesFor(url).find((cookie) => isMeant(cookie) && cookie.TTL() > 0)?.value ?? null
    },
    serialize() {
      const { wwwClaim } = store
      if (written === null || written.wwwClaim !== wwwClaim) {
        written = { text: JSON.stringify({ jar: unread(jar), wwwClaim }), wwwClaim }
      }
      return written.text
    },
  }
  if (claim !== undefined) store.wwwClaim = claim
  return store
}

/** Ages become instants at once: the library counts an age from the last reading, so that one in use would never end. */
function fixExpiry(cookie: Cookie | undefined): void {
  if (typeof cookie?.maxAge !== 'number') return
  cookie.expires = cookie.expiryDate() ?? 'Infinity'
  cookie.maxAge = null
}

/** The jar as if nobody had read it since it was filled: reading is no change that is worth storing. */
function unread(jar: CookieJar) {
  const stored = jar.serializeSync()
  if (stored === undefined) throw new Error('a cookie jar in memory cannot be read')
  const cookies = stored.cookies.map((cookie) => ({ ...cookie, lastAccessed: cookie['creation'] }))
  return { ...stored, cookies }
}
