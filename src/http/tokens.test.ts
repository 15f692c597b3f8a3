import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import Type from 'typebox'
import { describe, expect, test } from 'vitest'
import { JWT_SECRET, NO_STORE, startTestServer, type TestServerOptions } from '../../test/support/http-server.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { Secret } from '../core/secret.ts'
import type { Transport } from '../core/transport.ts'
import { RemoteKeySet } from './key-set.ts'
import { route } from './route.ts'

const clock = createManualClock()
const NOW = Math.floor(clock.wall() / 1000)
const CLAIMS = { sub: 'user_1', exp: NOW + 600, iat: NOW }
const HS256 = { alg: 'HS256', typ: 'JWT' }

const ROUTES = [
  route({
    operation: 'whoAmI',
    method: 'GET',
    path: '/me',
    summary: 'Who',
    tag: 'Test',
    scope: 'read',
    answers: { 200: Type.Object({}, { additionalProperties: true }) },
    errors: [],
    handler: async ({ principal }) => ({
      status: 200,
      data: { ...principal, scopes: principal.scopes === null ? null : [...principal.scopes] },
    }),
  }),
  ...(['send', 'admin'] as const).map((scope) =>
    route({
      operation: `${scope}Only`,
      method: 'POST',
      path: `/${scope}`,
      summary: 'Scope',
      tag: 'Test',
      scope,
      answers: { 200: null },
      errors: [],
      handler: async () => ({ status: 200 }),
    }),
  ),
]

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

function hmacToken(header: unknown, claims: unknown, secret = JWT_SECRET.reveal(), hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

const start = (options: Partial<TestServerOptions> = {}) =>
  startTestServer({ store: NO_STORE, clock, routes: ROUTES, ...options })

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const good = hmacToken(HS256, CLAIMS)
const [goodHeader, goodClaims, goodSignature] = good.split('.') as [string, string, string]

describe('a token is refused with one constant body', () => {
  test.each<[string, string]>([
    ['no token', ''],
    ['another scheme', `Basic ${good}`],
    ['two tokens', `Bearer ${good}, Bearer ${good}`],
    ['a space inside', `Bearer ${goodHeader}. ${goodClaims}.${goodSignature}`],
    ['padding', `Bearer ${good}=`],
    ['characters of the other base64', `Bearer ${good.slice(0, -2)}+/`],
    ['two parts', `Bearer ${goodHeader}.${goodClaims}`],
    ['four parts', `Bearer ${good}.x`],
    ['five parts (JWE)', `Bearer ${good}.x.y`],
    ['no signature', `Bearer ${goodHeader}.${goodClaims}.`],
    ['alg none', `Bearer ${encode({ alg: 'none' })}.${goodClaims}.${goodSignature}`],
    ['alg NonE', `Bearer ${encode({ alg: 'NonE' })}.${goodClaims}.${goodSignature}`],
    ['alg hs256 in small letters', `Bearer ${hmacToken({ alg: 'hs256' }, CLAIMS)}`],
    ['alg HS512', `Bearer ${hmacToken({ alg: 'HS512' }, CLAIMS, JWT_SECRET.reveal(), 'sha512')}`],
    ['no alg', `Bearer ${hmacToken({}, CLAIMS)}`],
    ['alg RS256 without a key set', `Bearer ${hmacToken({ alg: 'RS256' }, CLAIMS)}`],
    ['another secret', `Bearer ${hmacToken(HS256, CLAIMS, 'another-secret-of-32-bytes-length')}`],
    ['an empty secret', `Bearer ${hmacToken(HS256, CLAIMS, '')}`],
    ['a changed claim', `Bearer ${goodHeader}.${encode({ ...CLAIMS, sub: 'user_2' })}.${goodSignature}`],
    ['a truncated signature', `Bearer ${good.slice(0, -4)}`],
    ['crit', `Bearer ${hmacToken({ ...HS256, crit: ['exp'] }, CLAIMS)}`],
    ['b64 false', `Bearer ${hmacToken({ ...HS256, b64: false }, CLAIMS)}`],
    ['zip', `Bearer ${hmacToken({ ...HS256, zip: 'DEF' }, CLAIMS)}`],
    ['a key in the token', `Bearer ${hmacToken({ ...HS256, jwk: { kty: 'oct', k: 'eA' } }, CLAIMS)}`],
    ['a key address in the token', `Bearer ${hmacToken({ ...HS256, jku: 'http://127.0.0.1/' }, CLAIMS)}`],
    ['a certificate in the token', `Bearer ${hmacToken({ ...HS256, x5c: ['x'] }, CLAIMS)}`],
    ['a kid that is no text', `Bearer ${hmacToken({ ...HS256, kid: 5 }, CLAIMS)}`],
    ['too long a kid', `Bearer ${hmacToken({ ...HS256, kid: 'k'.repeat(65) }, CLAIMS)}`],
    ['another type of token', `Bearer ${hmacToken({ alg: 'HS256', typ: 'ticket' }, CLAIMS)}`],
    ['a header that is no object', `Bearer ${hmacToken([], CLAIMS)}`],
    ['claims that are no object', `Bearer ${hmacToken(HS256, [])}`],
    ['claims that are no JSON', `Bearer ${hmacToken(HS256, 'x')}`],
    ['no exp', `Bearer ${hmacToken(HS256, { sub: 'user_1' })}`],
    ['exp as text', `Bearer ${hmacToken(HS256, { ...CLAIMS, exp: String(CLAIMS.exp) })}`],
    ['a fractional exp', `Bearer ${hmacToken(HS256, { ...CLAIMS, exp: CLAIMS.exp + 0.5 })}`],
    ['an exp in the past', `Bearer ${hmacToken(HS256, { ...CLAIMS, exp: NOW })}`],
    ['nbf in the future', `Bearer ${hmacToken(HS256, { ...CLAIMS, nbf: NOW + 31 })}`],
    ['iat in the future', `Bearer ${hmacToken(HS256, { ...CLAIMS, iat: NOW + 31 })}`],
    ['no sub', `Bearer ${hmacToken(HS256, { exp: CLAIMS.exp })}`],
    ['an empty sub', `Bearer ${hmacToken(HS256, { ...CLAIMS, sub: '' })}`],
    ['a sub with NUL', `Bearer ${hmacToken(HS256, { ...CLAIMS, sub: 'a\u0000b' })}`],
    ['a sub that is a number', `Bearer ${hmacToken(HS256, { ...CLAIMS, sub: 5 })}`],
    ['a scope that is no text', `Bearer ${hmacToken(HS256, { ...CLAIMS, scope: ['read'] })}`],
    ['sessions that are no list', `Bearer ${hmacToken(HS256, { ...CLAIMS, sessions: 'all' })}`],
    ['too long a token', `Bearer ${hmacToken(HS256, { ...CLAIMS, junk: 'x'.repeat(9000) })}`],
  ])('%s', async (_, authorization) => {
    const { call, log } = await start()
    const answer = await call('GET', '/me', {
      token: null,
      headers: authorization === '' ? {} : { authorization },
    })
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({
      success: false,
      error: 'A valid bearer token is required.',
      code: 'UNAUTHORIZED',
      timestamp: expect.any(String),
      requestId: expect.any(String),
    })
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect(answer.headers['ratelimit']).toBeUndefined()
    expect(log()).not.toContain(goodClaims)
  })

  test('when issuer or audience are not the ones configured', async () => {
    const { call } = await start({ issuer: 'https://id.example.org', audience: 'gateway' })
    const claims = { ...CLAIMS, iss: 'https://id.example.org', aud: ['other', 'gateway'] }
    const status = async (changed: object) =>
      (await call('GET', '/me', { token: hmacToken(HS256, { ...claims, ...changed }) })).status
    expect(await status({})).toBe(200)
    expect(await status({ aud: 'gateway' })).toBe(200)
    expect(await status({ iss: 'https://id.example.org/' })).toBe(401)
    expect(await status({ aud: ['gateway2'] })).toBe(401)
    expect(await status({ aud: undefined })).toBe(401)
  })

  test('before a byte of the body is looked at', async () => {
    const { call } = await start()
    const answer = await call('POST', '/send', { token: null, raw: '{broken' })
    expect(answer.status).toBe(401)
  })
})

describe('a token is taken', () => {
  test('with its user, role, scopes and sessions', async () => {
    const { call } = await start()
    const claims = { ...CLAIMS, role: 'admin', scope: 'read send other', sessions: ['alice', 'instagram_1'] }
    const answer = await call('GET', '/me', { token: hmacToken(HS256, claims) })
    expect(answer.body['data']).toEqual({
      userId: 'user_1',
      isAdmin: true,
      scopes: ['read', 'send'],
      sessions: ['alice', 'instagram_1'],
      expiresAtWall: CLAIMS.exp * 1_000,
    })
  })

  test.each([
    ['a small clock difference', HS256, { ...CLAIMS, iat: NOW + 30, nbf: NOW + 30 }],
    ['typ at+jwt', { alg: 'HS256', typ: 'at+jwt' }, CLAIMS],
    ['no typ and a kid', { alg: 'HS256', kid: 'any' }, CLAIMS],
    ['another role', HS256, { ...CLAIMS, role: 'root' }],
  ])('with %s', async (_, header, claims) => {
    const { call } = await start()
    expect((await call('GET', '/me', { token: hmacToken(header, claims) })).status).toBe(200)
  })

  test('by any secret of the list, and signed by the first', async () => {
    const older = new Secret('an-older-secret-that-is-32-bytes!')
    const { call, token } = await start({ secrets: [JWT_SECRET, older] })
    expect((await call('GET', '/me', { token: hmacToken(HS256, CLAIMS, older.reveal()) })).status).toBe(200)
    expect((await call('GET', '/me', { token: await token() })).status).toBe(200)
  })

  test('until it expires, also when it was remembered', async () => {
    const own = createManualClock()
    const { call, token } = await start({ clock: own })
    const short = await token({ expiresInMs: 60_000 })
    expect((await call('GET', '/me', { token: short })).status).toBe(200)
    own.tick(59_000)
    expect((await call('GET', '/me', { token: short })).status).toBe(200)
    own.tick(1_000)
    expect((await call('GET', '/me', { token: short })).status).toBe(401)
  })

  test('only for what its scope and role allow', async () => {
    const { call, token } = await start()
    const status = async (path: string, claims: Parameters<typeof token>[0]) =>
      (await call('POST', path, { token: await token(claims) })).status
    expect(await status('/send', {})).toBe(200)
    expect(await status('/send', { scopes: ['send'] })).toBe(200)
    expect(await status('/send', { scopes: ['read'] })).toBe(403)
    expect(await status('/send', { scopes: [] })).toBe(403)
    expect(await status('/admin', {})).toBe(403)
    expect(await status('/admin', { isAdmin: true })).toBe(200)
  })
})

describe('a key set', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ed = generateKeyPairSync('ed25519')
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const jwk = (key: KeyObject, kid: string, alg: string) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' })

  function signed(header: object, key: KeyObject, hash: string | null = 'sha256', claims: object = CLAIMS): string {
    const text = `${encode(header)}.${encode(claims)}`
    const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }

  function keySetOf(own: ReturnType<typeof createManualClock>, sets: unknown[]) {
    const asked: string[] = []
    const transport: Transport = async ({ url }) => {
      asked.push(url)
      const set = sets.length > 1 ? sets.shift() : sets[0]
      if (set === 'down') return { status: 503, headers: {}, body: new Uint8Array() }
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(set)) }
    }
    return { asked, keySet: new RemoteKeySet({ url: 'https://id.example.org/keys', transport, clock: own }) }
  }

  const keys = [
    jwk(publicKey, 'rsa', 'RS256'),
    jwk(ec.publicKey, 'ec', 'ES256'),
    jwk(ed.publicKey, 'ed', 'EdDSA'),
    jwk(small.publicKey, 'small', 'RS256'),
    { kty: 'oct', kid: 'oct', k: encode(publicPem), alg: 'HS256' },
  ]

  test('verifies RS256, ES256 and EdDSA, and asks once', async () => {
    const { asked, keySet } = keySetOf(clock, [{ keys }])
    const { call } = await start({ keySet })
    const status = async (token: string) => (await call('GET', '/me', { token })).status
    expect(await status(signed({ alg: 'RS256', kid: 'rsa' }, privateKey))).toBe(200)
    expect(await status(signed({ alg: 'ES256', kid: 'ec' }, ec.privateKey))).toBe(200)
    expect(await status(signed({ alg: 'EdDSA', kid: 'ed' }, ed.privateKey, null))).toBe(200)
    expect(asked).toEqual(['https://id.example.org/keys'])
  })

  test('refuses a public key used as a secret, small keys, and keys of another kind', async () => {
    const { keySet } = keySetOf(clock, [{ keys }])
    const { call } = await start({ keySet, secrets: [] })
    const status = async (token: string) => (await call('GET', '/me', { token })).status
    expect(await status(hmacToken({ alg: 'HS256', kid: 'rsa' }, CLAIMS, publicPem))).toBe(401)
    expect(await status(hmacToken({ alg: 'HS256', kid: 'oct' }, CLAIMS, publicPem))).toBe(401)
    expect(await status(signed({ alg: 'RS256', kid: 'small' }, small.privateKey))).toBe(401)
    expect(await status(signed({ alg: 'ES256', kid: 'rsa' }, ec.privateKey))).toBe(401)
    expect(await status(signed({ alg: 'RS256', kid: 'ec' }, privateKey))).toBe(401)
  })

  test('is asked again for an unknown key, but not more than every 30 seconds', async () => {
    const own = createManualClock()
    const { asked, keySet } = keySetOf(own, [{ keys: [] }, { keys }])
    const { call } = await start({ keySet, clock: own })
    const token = signed({ alg: 'RS256', kid: 'rsa' }, privateKey)
    expect((await call('GET', '/me', { token })).status).toBe(401)
    expect((await call('GET', '/me', { token })).status).toBe(401)
    expect(asked).toHaveLength(1)
    own.tick(31_000)
    expect((await call('GET', '/me', { token })).status).toBe(200)
    expect(asked).toHaveLength(2)
  })

  test('stays in use while its provider is down', async () => {
    const own = createManualClock()
    const { asked, keySet } = keySetOf(own, [{ keys }, 'down'])
    const { call } = await start({ keySet, clock: own })
    const claims = { ...CLAIMS, exp: NOW + 3600 }
    const first = signed({ alg: 'RS256', kid: 'rsa' }, privateKey, 'sha256', claims)
    const later = signed({ alg: 'ES256', kid: 'ec' }, ec.privateKey, 'sha256', claims)
    expect((await call('GET', '/me', { token: first })).status).toBe(200)
    own.tick(11 * 60_000)
    expect((await call('GET', '/me', { token: later })).status).toBe(200)
    expect(asked).toHaveLength(2)
  })
})
