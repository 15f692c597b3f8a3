import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, expect, test } from 'vitest'
import { runCli } from './index.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'cli-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

async function run(argv: string[], environment: Record<string, string> = {}) {
  const said = { out: '', err: '' }
  const env = { DATA_DIR: dataDir, ...environment }
  const code = await runCli(argv, env, {
    env,
    print: (line) => {
      said.out += `${line}\n`
    },
    complain: (line) => {
      said.err += `${line}\n`
    },
    stopRequested: () => Promise.resolve(),
  })
  return { code, ...said }
}

test('lists every command', async () => {
  const { code, out } = await run(['--help'])
  expect(code).toBe(0)
  for (const name of ['start', 'token', 'sandbox', 'doctor', 'migrate', 'rotate-keys'])
    expect(out).toContain(`  ${name} `)
})

test('explains one command with its flags', async () => {
  const { code, out } = await run(['token', '--help'])
  expect(code).toBe(0)
  expect(out).toContain('Usage: instagram-gateway token --user <id>')
  expect(out).toContain('--expires')
})

test.each([
  ['no command', [], /Usage/],
  ['an unknown command', ['tokn'], /tokn is no command; did you mean token\?/],
  ['an unknown flag', ['token', '--usr', 'a'], /token: Unknown option '--usr'[\s\S]*Usage: instagram-gateway token/],
  ['a stray word', ['doctor', 'now'], /doctor: Unexpected argument 'now'/],
  ['a missing user', ['token'], /--user is needed/],
  ['an unknown role', ['token', '--user', 'a', '--role', 'root'], /--role can only be admin/],
  ['an unknown scope', ['token', '--user', 'a', '--scope', 'write'], /--scope knows read, send, manage/],
  ['an unreadable duration', ['token', '--user', 'a', '--expires', 'soon'], /--expires must be like/],
  ['a port that is none', ['sandbox', '--port', '99999'], /--port must be a whole number/],
])('refuses %s with exit code 2', async (_, argv, expected) => {
  const { code, out, err } = await run(argv)
  expect(code).toBe(2)
  expect(out + err).toMatch(expected)
})

test('reports a faulty configuration with exit code 78 and without the secret', async () => {
  const { code, err } = await run(['token', '--user', 'a'], { JWT_SECRET: 'too-short' })
  expect(code).toBe(78)
  expect(err).toContain('JWT_SECRET must be at least 32 bytes')
  expect(err).not.toContain('too-short')
})

test('a token confines to what was asked for and lives as long', async () => {
  const asked = ['token', '--user', 'user_123', '--role', 'admin', '--scope', 'read,send', '--sessions', 'shop']
  const { code, out } = await run([...asked, '--expires', '2h'])
  expect(code).toBe(0)
  const claims = decodeJwt(out.trim())
  expect(claims).toMatchObject({ sub: 'user_123', role: 'admin', scope: 'read send', sessions: ['shop'] })
  expect((claims.exp as number) - (claims.iat as number)).toBe(7200)
})

test('prints its version', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9]+\.[0-9]+\.[0-9]+\n$/) })
})

test.each([
  ['start', 73],
  ['migrate', 73],
  ['token', 1],
])('%s says in one sentence that the data directory cannot be made', async (command, exitCode) => {
  const file = join(dataDir, 'a-file')
  writeFileSync(file, '')
  const argv = command === 'token' ? [command, '--user', 'a'] : [command]
  const { code, err } = await run(argv, { DATA_DIR: join(file, 'below'), PORT: '0', SANDBOX_PORT: '0' })
  expect(code).toBe(exitCode)
  expect(err).toMatch(/a-file/)
  expect(err.trim()).not.toContain('\n')
})

test('start says that HOST is not an address of this machine', async () => {
  const { code, err } = await run(['start'], {
    DATA_DIR: join(dataDir, 'other'),
    HOST: '192.0.2.1',
    PORT: '0',
    SANDBOX_PORT: '0',
  })
  expect(code).toBe(1)
  expect(err).toBe('HOST is no address of this machine: set it to 127.0.0.1, or to one that this machine has.\n')
})

test('migrates a new directory, and finds nothing to do afterwards', async () => {
  expect(await run(['migrate'])).toEqual({ code: 0, out: 'The store was made.\n', err: '' })
  expect(await run(['migrate'])).toEqual({ code: 0, out: 'The store is current.\n', err: '' })
})

test('the sandbox listens until it is stopped', async () => {
  const { code, out } = await run(['sandbox', '--port', '0'])
  expect(code).toBe(0)
  expect(out).toMatch(/listens on http:\/\/127\.0\.0\.1:[0-9]+\n/)
})
