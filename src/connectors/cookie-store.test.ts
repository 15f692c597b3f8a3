import { describe, expect, it, vi } from 'vitest'
import { GatewayError } from '../core/errors.ts'
import { createCookieStore, importedCookies, ownerOfSession, parseCookieStore } from './cookie-store.ts'

const LIVE = 'https://www.instagram.com'
const LOOPBACK = 'http://127.0.0.1:3001'

describe('a cookie jar', () => {
  it('sends values back exactly as they came, quotes, commas and octal included', () => {
    const cookies = createCookieStore()
    const rur = '"CLN\\05470011223344\\0541791536000:01f7abc,def"'
    cookies.store(`${LIVE}/x`, `rur=${rur}; Domain=.instagram.com; Path=/; Secure; HttpOnly; SameSite=Lax`)
    expect(cookies.header(`${LIVE}/api/v1/y`)).toBe(`rur=${rur}`)
    expect(cookies.get(LIVE, 'rur')).toBe(rur)
  })

  it('does not change by being read, so that nothing is stored for it', async () => {
    const cookies = createCookieStore()
    cookies.store(LOOPBACK, 'sessionid=abc123; Path=/; Max-Age=3600')
    const stored = cookies.serialize()
    const opened = parseCookieStore(stored)
    // Ages have the resolution of a millisecond of the machine's own time.
    await new Promise((resolve) => setTimeout(resolve, 2))
    expect(opened.header(LOOPBACK)).toBe('sessionid=abc123')
    expect(opened.serialize()).toBe(stored)
  })

  it('lets a cookie end at its age, however often it was read', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const cookies = createCookieStore()
    cookies.store(LOOPBACK, 'short=1; Path=/; Max-Age=60')
    cookies.store(LOOPBACK, 'long=1; Path=/; Max-Age=3600')
    vi.advanceTimersByTime(59_000)
    expect(cookies.header(LOOPBACK)).toBe('short=1; long=1')
    vi.advanceTimersByTime(1_000)
    expect(cookies.header(LOOPBACK)).toBe('long=1')
    expect(parseCookieStore(cookies.serialize()).header(LOOPBACK)).toBe('long=1')
    cookies.store(LOOPBACK, 'long=2; Path=/; Max-Age=3600')
    vi.advanceTimersByTime(3_599_000)
    expect(cookies.get(LOOPBACK, 'long')).toBe('2')
    cookies.store(LOOPBACK, 'long=2; Path=/; Max-Age=0')
    expect(cookies.get(LOOPBACK, 'long')).toBeNull()
    vi.useRealTimers()
  })

  it('answers from what was set last, at every address it was asked for before', () => {
    const cookies = createCookieStore()
    cookies.store(LOOPBACK, 'a=1; Path=/')
    for (let path = 0; path < 20; path += 1) expect(cookies.header(`${LOOPBACK}/x/${path}`)).toBe('a=1')
    cookies.store(LOOPBACK, 'b=2; Path=/x')
    expect(cookies.header(`${LOOPBACK}/x/19`)).toBe('b=2; a=1')
    expect(cookies.header(`${LOOPBACK}/y`)).toBe('a=1')
    const before = cookies.serialize()
    cookies.wwwClaim = 'hmac.x'
    expect(parseCookieStore(cookies.serialize()).wwwClaim).toBe('hmac.x')
    expect(before).not.toContain('hmac.x')
  })

  it('works for an origin on loopback, and keeps what belongs elsewhere away', () => {
    const cookies = createCookieStore()
    cookies.store(LOOPBACK, 'sessionid=abc123; Path=/; HttpOnly')
    cookies.store(LOOPBACK, 'foreign=1; Domain=.instagram.com; Path=/')
    expect(cookies.header(`${LOOPBACK}/`)).toBe('sessionid=abc123')
    expect(cookies.header(`${LIVE}/`)).toBe('')
  })

  it.each([
    'sessionid=""; Max-Age=0; Path=/; Domain=.instagram.com',
    'sessionid=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Domain=.instagram.com',
    'sessionid=; Path=/; Domain=.instagram.com',
    'sessionid=""; Path=/; Domain=.instagram.com',
  ])('has no session after %s', (line) => {
    const cookies = importedCookies({ cookies: { sessionid: '7%3Ax%3A1' }, baseUrl: LIVE })
    cookies.store(`${LIVE}/`, line)
    expect(cookies.get(LIVE, 'sessionid')).toBeNull()
  })

  it('takes over a rotated session', () => {
    const cookies = importedCookies({ cookies: { sessionid: '7%3Aold' }, baseUrl: LIVE })
    cookies.store(`${LIVE}/`, 'sessionid=7%3Anew; Domain=.instagram.com; Path=/; Secure; HttpOnly')
    expect(cookies.header(`${LIVE}/`)).toBe('sessionid=7%3Anew; ds_user_id=7')
  })

  it('leaves out a line that no later request could carry', () => {
    const cookies = createCookieStore()
    cookies.store(`${LIVE}/`, 'a=1\u2028; Path=/')
    cookies.store(`${LIVE}/`, 'b=1\r\nX-Other: 2; Path=/')
    cookies.store(`${LIVE}/`, '')
    expect(cookies.header(`${LIVE}/`)).toBe('')
  })

  it('comes back from its text with cookies and claim', () => {
    const cookies = importedCookies({ cookies: { sessionid: '7%3Ax', csrftoken: 't' }, baseUrl: LOOPBACK })
    cookies.wwwClaim = 'hmac.x'
    const again = parseCookieStore(cookies.serialize())
    expect(again.header(`${LOOPBACK}/`)).toBe(cookies.header(`${LOOPBACK}/`))
    expect(again.wwwClaim).toBe('hmac.x')
    expect(parseCookieStore(createCookieStore().serialize()).wwwClaim).toBeUndefined()
  })

  it.each(['', 'null', '[]', '{}', '{"jar":1}'])('refuses %j as a stored jar', (text) => {
    expect(() => parseCookieStore(text)).toThrow()
  })
})

describe('imported cookies', () => {
  it('add the user id that the session names, for the whole of instagram.com', () => {
    const cookies = importedCookies({ cookies: { sessionid: '70011223344%3Ax%3A1' }, baseUrl: LIVE })
    expect(cookies.header('https://i.instagram.com/')).toBe('sessionid=70011223344%3Ax%3A1; ds_user_id=70011223344')
  })

  it('guess nothing about a session of another form', () => {
    const cookies = importedCookies({ cookies: { sessionid: 'abc123' }, baseUrl: LOOPBACK })
    expect(cookies.header(`${LOOPBACK}/`)).toBe('sessionid=abc123')
  })

  it.each([
    [{}, 'cookies.sessionid'],
    [{ csrftoken: 'x' }, 'cookies.sessionid'],
    [{ sessionid: '' }, 'cookies.sessionid'],
    [{ sessionid: 'secretvalue; a=b' }, 'cookies.sessionid'],
    [{ sessionid: 'secretvalue\n' }, 'cookies.sessionid'],
    [{ sessionid: 'ok', 'a b': 'x' }, 'cookies'],
  ])('are refused, naming the field and never the value: %j', (cookies, path) => {
    let error: unknown
    try {
      importedCookies({ cookies: cookies as Record<string, string>, baseUrl: LIVE })
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { fields: [{ path }] } })
    expect(JSON.stringify(error)).not.toContain('secretvalue')
  })
})

it.each([
  ['70011223344%3Aabc%3A1%3Ax', '70011223344'],
  ['70011223344:abc:1', '70011223344'],
  ['user_1%3aabc', 'user_1'],
  ['abc123', null],
  ['', null],
  ['%3Aabc', null],
])('reads the owner of %j as %j', (sessionId, owner) => {
  expect(ownerOfSession(sessionId)).toBe(owner)
})
