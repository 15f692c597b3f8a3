/** Values of the cookies that came with a request; one name may come twice, and any of its values may be the right one. */
export class Cookies {
  readonly #values = new Map<string, string[]>()

  constructor(header: string | string[] | undefined) {
    if (header === undefined) return
    const text = Array.isArray(header) ? header.join(';') : header
    for (const pair of text.split(';')) {
      const at = pair.indexOf('=')
      if (at < 1) continue
      const name = pair.slice(0, at).trim()
      const value = unquoted(pair.slice(at + 1).trim())
      // An empty cookie is a deleted one.
      if (value === '') continue
      const values = this.#values.get(name)
      if (values === undefined) this.#values.set(name, [value])
      else values.push(value)
    }
  }

  get(name: string): string | null {
    return this.#values.get(name)?.[0] ?? null
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

/**
 * How cookies must be set so that the client keeps them: through a proxy it believes it speaks to instagram.com; over
 * a loopback origin it drops `Domain=.instagram.com`, and `Secure` too.
 */
export interface CookieScope {
  domain: string | null
  isSecure: boolean
}

const YEAR_SECONDS = 31_536_000

export function setCookie(scope: CookieScope, name: string, value: string, isHttpOnly = false): string {
  return `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}${attributes(scope)}${isHttpOnly ? '; HttpOnly' : ''}`
}

export function deleteCookie(scope: CookieScope, name: string): string {
  return `${name}=""; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes(scope)}`
}

function attributes(scope: CookieScope): string {
  return `${scope.domain === null ? '' : `; Domain=${scope.domain}`}${scope.isSecure ? '; Secure' : ''}`
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}
