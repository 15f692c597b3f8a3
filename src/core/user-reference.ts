import { normalizeUsername } from './username.ts'

/*
 * How people name a user: the number, the name, or the profile's address. Digits alone are a number, because Instagram
 * itself names people so; whoever is called by digits is named by an address.
 */

const PLATFORM_ID = /^\d{1,20}$/

const HOSTS: ReadonlySet<string> = new Set(['instagram.com', 'www.instagram.com', 'm.instagram.com'])
/** First parts of addresses that are no profile. */
const PLACES: ReadonlySet<string> = new Set(['p', 'reel', 'reels', 'tv', 'stories', 'share', 'explore', 'accounts'])

export type UserReference = { platformId: string } | { username: string }

/** Whom a text names; null when it names nobody. */
export function parseUserReference(text: string): UserReference | null {
  const given = text.trim()
  if (PLATFORM_ID.test(given)) return { platformId: given }
  const username = /^https?:\/\//i.test(given) ? usernameIn(given) : normalizeUsername(given)
  return username === null ? null : { username }
}

function usernameIn(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !HOSTS.has(url.hostname) || url.port !== '' || url.username !== '') return null
  const [name = '', ...rest] = url.pathname.split('/').filter((part) => part !== '')
  return rest.length > 0 || PLACES.has(name) || name.startsWith('@') ? null : normalizeUsername(name)
}
