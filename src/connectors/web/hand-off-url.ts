const INSTAGRAM_HOSTS: ReadonlySet<string> = new Set(['instagram.com', 'www.instagram.com', 'i.instagram.com'])
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL_CHARACTERS = /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff]/g

/**
 * A link of Instagram's that may be shown to the account's owner, or null: https on Instagram's own hosts, and in sandbox
 * mode the sandbox itself. What `url` says comes from outside, so anything else could be a trap.
 */
export function handOffUrl(url: string | null, baseUrl: string): string | null {
  if (url === null) return null
  const base = new URL(baseUrl)
  const parsed = URL.parse(url.replace(CONTROL_CHARACTERS, ''), baseUrl)
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return null
  const isAllowed = parsed.origin === base.origin || (parsed.protocol === 'https:' && INSTAGRAM_HOSTS.has(parsed.host))
  // A bare "/" leads nowhere in particular; opening the app does.
  if (!isAllowed || parsed.pathname === '/') return null
  return parsed.href
}

/** Whether a redirect stays with Instagram, so that its path means what Instagram means by it. */
export function isInstagramUrl(url: URL, baseUrl: string): boolean {
  return url.origin === new URL(baseUrl).origin || INSTAGRAM_HOSTS.has(url.hostname)
}
