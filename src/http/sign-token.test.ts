import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemRandom } from '../core/random.ts'
import { Secret } from '../core/secret.ts'
import { loadSigningSecrets, signToken } from './sign-token.ts'

const random = systemRandom()
const clock = { wall: () => 1_700_000_000_500 }
let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sign-token-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test('two processes that start together use one generated secret, readable by its owner only', async () => {
  const source = { configured: null, dataDir: join(dataDir, 'fresh') }
  const both = await Promise.all([loadSigningSecrets({ random }, source), loadSigningSecrets({ random }, source)])
  const path = join(source.dataDir, 'jwt-secret')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const stored = readFileSync(path, 'utf8').trim()
  expect(stored.length).toBeGreaterThanOrEqual(64)
  for (const [secret] of both) expect(secret.reveal()).toBe(stored)
})

test('refuses a secret file that others can read', async () => {
  await loadSigningSecrets({ random }, { configured: null, dataDir })
  chmodSync(join(dataDir, 'jwt-secret'), 0o644)
  await expect(loadSigningSecrets({ random }, { configured: null, dataDir })).rejects.toThrow('chmod 600')
})

test('signs with the first of several secrets, and every claim is there', async () => {
  const secrets = await loadSigningSecrets(
    { random },
    { configured: new Secret('first-secret,second-secret'), dataDir },
  )
  expect(secrets).toHaveLength(2)
  const token = await signToken(
    { clock, secrets, issuer: 'gateway', audience: 'api' },
    { userId: 'user_123', isAdmin: true, scopes: ['read', 'send'], sessions: ['shop'], expiresInMs: 60_000 },
  )
  const { payload } = await jwtVerify(token, new TextEncoder().encode('first-secret'), {
    currentDate: new Date(clock.wall()),
  })
  expect(payload).toEqual({
    sub: 'user_123',
    role: 'admin',
    scope: 'read send',
    sessions: ['shop'],
    iss: 'gateway',
    aud: 'api',
    iat: 1_700_000_000,
    exp: 1_700_000_060,
  })
})

test('an unlimited token carries no claim that could limit it', async () => {
  const secrets = await loadSigningSecrets({ random }, { configured: new Secret('a-secret'), dataDir })
  const token = await signToken(
    { clock, secrets, issuer: null, audience: null },
    { userId: 'user_123', isAdmin: false, scopes: null, sessions: null, expiresInMs: 60_000 },
  )
  expect(Object.keys(decodeJwt(token)).toSorted()).toEqual(['exp', 'iat', 'sub'])
})
