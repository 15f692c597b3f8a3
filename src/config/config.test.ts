import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ConfigError, readConfig, renderConfigurationPage, renderEnvExample, summarize } from './index.ts'

const SECRET = 'kX2v9mQ7rT4wZ8bN1cL6sD3fG5hJ0pYa'
const KEY = `1:${Buffer.from('kX2v9mQ7rT4wZ8bN1cL6sD3fG5hJ0pYa').toString('base64')}`
const directory = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

test('runs with no configuration at all, in sandbox mode on an embedded database', () => {
  const { config, secrets, warnings } = readConfig({})
  expect(config).toMatchObject({
    instagram: { mode: 'sandbox', sandbox: { type: 'embedded', port: 3001, seed: 1 } },
    role: 'all',
    dataDir: 'data/sandbox',
    store: { type: 'sqlite' },
    http: { host: '127.0.0.1', port: 3000, publicUrl: null },
    requestLimits: { login: { limit: 5, windowMs: 300_000 }, follows: { limit: 30, windowMs: 60_000 } },
    sessions: { perUserMax: 100, expiryMs: 86_400_000, maxDailyActions: 100, actionDelayMs: 30_000 },
  })
  expect(secrets).toEqual({ databaseUrl: null, jwtSecrets: null, encryptionKeys: null, metricsToken: null })
  expect(warnings).toEqual([])
})

test('live mode has its own data directory and base address', () => {
  const { config } = readConfig({ INSTAGRAM_MODE: 'live', INSTAGRAM_BASE_URL: 'http://127.0.0.1:9/' })
  expect(config.instagram).toEqual({ mode: 'live', baseUrl: 'http://127.0.0.1:9' })
  const asDocumented = readConfig({
    INSTAGRAM_MODE: 'live',
    INSTAGRAM_BASE_URL: 'https://www.instagram.com/api/v1',
  })
  expect(asDocumented.config.instagram).toEqual({ mode: 'live', baseUrl: 'https://www.instagram.com' })
  expect(config.dataDir).toBe('data/live')
})

test('reports all faults together, without showing a secret', () => {
  const faults = faultsOf({
    PORT: '99999',
    ROLE: 'both',
    JWT_SECRET: 'short-but-private',
    ENCRYPTION_KEYS: '1:private',
    WEBHOOK_ALLOW_PRIVATE: 'yes',
    ALLOW_NETWORKS: '10.0.0.0/8, 10.0.0.0/99',
    BULK_SHARE: '2',
  })
  expect(faults).toHaveLength(7)
  expect(faults.join('\n')).not.toContain('private"')
  expect(faults.join('\n')).not.toContain('short-but')
  expect(faults[0]).toBe('PORT must be a whole number from 0 to 65535.')
})

test('reports contradictions together with faults, except those that a fault explains', () => {
  const faults = faultsOf({ ROLE: 'api', PORT: '3001', JWT_SECRET: 'short', SANDBOX_PORT: 'none' })
  expect(faults).toHaveLength(3)
  expect(faults.join('\n')).toMatch(/SANDBOX_PORT[\s\S]*JWT_SECRET[\s\S]*ROLE=api/)
  expect(faultsOf({ DATABASE_URL: 'postgres://db/x', JWT_SECRET: 'short', ENCRYPTION_KEYS: KEY })).toHaveLength(1)
})

test.each([
  ['PostgreSQL without shared secrets', { DATABASE_URL: 'postgres://db/x' }, [/set JWT_SECRET/, /set ENCRYPTION_KEYS/]],
  ['a role of its own without PostgreSQL', { ROLE: 'worker' }, [/set DATABASE_URL/]],
  ['a sandbox in live mode', { INSTAGRAM_MODE: 'live', SANDBOX_URL: 'http://127.0.0.1:1' }, [/remove one/]],
  ['haste in live mode', { INSTAGRAM_MODE: 'live', ACTION_DELAY: '10' }, [/raise it/]],
  ['one port for two servers', { PORT: '3001' }, [/change one/]],
  ['an example secret', { JWT_SECRET: 'your-jwt-secret-your-jwt-secret-1' }, [/example value/]],
  ['a repeated letter as secret', { JWT_SECRET: 'a'.repeat(40) }, [/example value/]],
  ['one weak secret in a list', { JWT_SECRET: `${SECRET},weak` }, [/no\. 2 of 2/]],
  ['a key of zeros', { ENCRYPTION_KEYS: `1:${Buffer.alloc(32).toString('base64')}` }, [/no random key/]],
  ['two keys of one version', { ENCRYPTION_KEYS: `${KEY},${KEY}` }, [/two keys of version 1/]],
  ['limits of an unknown name', { REQUEST_LIMITS: '{"logins":{"limit":1,"seconds":1}}' }, [/"logins"/]],
  ['limits of zero', { REQUEST_LIMITS: '{"login":{"limit":0,"seconds":1}}' }, [/login must be/]],
  ['a password in a URL', { JWT_JWKS_URL: 'https://a:b@x.test/' }, [/user name/]],
])('refuses %s and says what to change', (_, environment, expected) => {
  const faults = faultsOf(environment)
  expect(faults).toHaveLength(expected.length)
  for (const [index, pattern] of expected.entries()) expect(faults[index]).toMatch(pattern)
})

test('reads a secret from a file, and refuses both at once', () => {
  const path = join(directory, 'jwt')
  writeFileSync(path, `${SECRET}\n`)
  expect(readConfig({ JWT_SECRET_FILE: path }).secrets.jwtSecrets?.reveal()).toBe(SECRET)
  expect(faultsOf({ JWT_SECRET_FILE: path, JWT_SECRET: SECRET })[0]).toContain('both set')
  expect(faultsOf({ JWT_SECRET_FILE: join(directory, 'none') })[0]).toContain('cannot be read')
})

test('reads request limits from a file, or switches them off', () => {
  const path = join(directory, 'limits.json')
  writeFileSync(path, '{"login":{"limit":50,"seconds":60}}')
  expect(readConfig({ REQUEST_LIMITS: path }).config.requestLimits?.login).toEqual({ limit: 50, windowMs: 60_000 })
  expect(readConfig({ REQUEST_LIMITS: 'off' }).config.requestLimits).toBeNull()
})

test('warns of variables that nothing reads but somebody meant', () => {
  const { warnings } = readConfig({ JWT_SECRETS: 'x', LOG_LEVL: 'debug', PATH: '/bin', HOME: '/root' })
  expect(warnings).toEqual([
    'JWT_SECRETS is no option; did you mean JWT_SECRET?',
    'LOG_LEVL is no option; did you mean LOG_LEVEL?',
  ])
})

test('the summary and the pages hold every option and no secret', () => {
  const { config, secrets } = readConfig({ JWT_SECRET: SECRET })
  const summary = JSON.stringify(summarize(config, secrets))
  expect(summary).toContain('"jwtSecrets":"set"')
  expect(summary).not.toContain(SECRET)
  expect(renderConfigurationPage()).toContain('| `MAX_SESSIONS_PER_USER` | integer | 1 to 100000 | `100` |')
  expect(renderEnvExample()).toContain('#PORT=3000')
})
