/*
 * How people name a post, a reel or a story: its number, the code in its URL, or the URL. The rules are exact, so that
 * an id in the form of the documents (`post_1234567890`) is never taken for a code.
 */

/** What a text names. `share_link` is a token that only Instagram can resolve, by a redirect. */
export type MediaReference = { type: 'media'; mediaId: string } | { type: 'share_link' } | { type: 'unknown' }

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CODE_LENGTH = 11
/** The part after the code in links to private posts; it says nothing about which post. */
const SUFFIX_LENGTH = 28
const PK_MAX = 2n ** 63n - 1n

const HOSTS: ReadonlySet<string> = new Set(['instagram.com', 'www.instagram.com', 'm.instagram.com'])
const CODE_PLACES: ReadonlySet<string> = new Set(['p', 'reel', 'reels', 'tv'])
const ID = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Reads what a person gave for a post, reel or story. Numbers (with or without the owner's) and ids of other forms come
 * back as they are; codes, alone or in a URL, come back as numbers.
 */
export function parseMediaReference(text: string): MediaReference {
  const given = text.trim()
  if (/^https?:\/\//i.test(given)) return fromUrl(given)
  if (!ID.test(given)) return { type: 'unknown' }
  const isCodeLong = given.length === CODE_LENGTH || given.length === CODE_LENGTH + SUFFIX_LENGTH
  return { type: 'media', mediaId: (isCodeLong ? pkOfShortcode(given) : null) ?? given }
}

function fromUrl(text: string): MediaReference {
  const url = URL.parse(text)
  if (url === null || !HOSTS.has(url.hostname) || url.port !== '' || url.username !== '') return { type: 'unknown' }
  const parts = url.pathname.split('/').filter((part) => part !== '')
  if (parts[0] === 'share') return parts.length >= 2 ? { type: 'share_link' } : { type: 'unknown' }
  if (parts[0] === 'stories') {
    const [, username, pk] = parts
    const isStory = parts.length === 3 && username !== 'highlights' && pk !== undefined && /^\d+$/.test(pk)
    return isStory ? { type: 'media', mediaId: pk } : { type: 'unknown' }
  }
  // `/p/<code>/` and `/<username>/p/<code>/`, nothing longer.
  const [place = '', code = '', ...rest] = CODE_PLACES.has(parts[0] ?? '') ? parts : parts.slice(1)
  const pk = CODE_PLACES.has(place) && rest.length === 0 ? pkOfShortcode(code) : null
  return pk === null ? { type: 'unknown' } : { type: 'media', mediaId: pk }
}

/** The number behind a code; null when the text is no code. */
export function pkOfShortcode(code: string): string | null {
  const isCode = /^[A-Za-z0-9_-]+$/.test(code)
  if (!isCode || (code.length > CODE_LENGTH && code.length !== CODE_LENGTH + SUFFIX_LENGTH)) return null
  let pk = 0n
  for (const digit of code.slice(0, CODE_LENGTH)) pk = pk * 64n + BigInt(ALPHABET.indexOf(digit))
  return pk > 0n && pk <= PK_MAX ? String(pk) : null
}

/** The code of a media's number; null when the text is no number of the length that codes have. */
export function shortcodeOfPk(pk: string): string | null {
  if (!/^[1-9]\d{0,18}$/.test(pk) || BigInt(pk) > PK_MAX) return null
  let code = ''
  for (let rest = BigInt(pk); rest > 0n; rest /= 64n) code = ALPHABET.charAt(Number(rest % 64n)) + code
  return code
}
