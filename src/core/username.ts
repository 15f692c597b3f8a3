const USERNAME = /^[a-z0-9._]{1,30}$/

/** What is wrong with a name that nobody can have. */
export const USERNAME_FAULT = 'must be an Instagram username: 1 to 30 letters, digits, periods and underscores'

/** The name as Instagram compares it: without a leading `@`, in lower case; null when nobody can have it. */
export function normalizeUsername(name: string): string | null {
  const username = (name.startsWith('@') ? name.slice(1) : name).toLowerCase()
  return USERNAME.test(username) ? username : null
}
