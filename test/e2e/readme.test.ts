import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  freePort,
  type RunningProcess,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'

const ROOT = new URL('../../', import.meta.url)
const run = promisify(execFile)

describe('the README', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let sandboxPort: number
  let gateway: RunningProcess
  let readme: string

  beforeAll(async () => {
    readme = await readFile(new URL('README.md', ROOT), 'utf8')
    directory = await temporaryDirectory()
    sandboxPort = await freePort()
    gateway = await startGatewayProcess({
      dataDir: join(directory.path, 'data'),
      env: { SANDBOX_PORT: String(sandboxPort) },
    })
  })

  afterAll(async () => {
    await gateway?.stop('SIGKILL')
    await directory?.remove()
  })

  const fences = (language: string) =>
    [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code as string)

  it('has lines to paste that do what they say, in its order', async () => {
    const blocks = fences('bash').filter((code) => code.includes('curl'))
    expect(blocks).toHaveLength(2)
    const eachOnItsLine = 'curl() { command curl "$@"; echo; }'
    const script = [eachOnItsLine, `TOKEN=${await tokenFor('user_123')}`, ...blocks]
      .join('\n')
      .replace('TOKEN=…', '')
      .replaceAll('http://127.0.0.1:3000', gateway.url)
    const { stdout } = await run('bash', ['-e', '-c', script])
    const answers = stdout.split('\n').filter((line) => line.startsWith('{'))
    expect(answers.filter((answer) => !answer.startsWith('{"success":true'))).toEqual([])
    expect(answers).toHaveLength(5)
    expect(stdout).toContain('"message":"Message queued for sending"')
    expect(answers.at(-1)).toMatch(/"follow":\{"limit":200,"used":1,/)
    const [ledger] = /http:\/\/127\.0\.0\.1:3001\/\S+ledger/.exec(readme) ?? []
    const received = await fetch(String(ledger).replace('3001', String(sandboxPort)))
    expect(await received.text()).toContain('Hello! How are you?')
  })

  it('has a library program that runs', async () => {
    const [program, ...others] = fences('ts')
    expect(others).toEqual([])
    const path = join(directory.path, 'program.mts')
    await writeFile(path, String(program).replace("'instagram-gateway'", `'${new URL('src/index.ts', ROOT).pathname}'`))
    const { stderr } = await run(process.execPath, [path], { cwd: directory.path })
    expect(stderr).toBe('')
  })
})
