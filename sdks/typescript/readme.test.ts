import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type RunningProcess,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../../test/support/gateway-process.ts'

const PACKAGE = new URL('.', import.meta.url).pathname
const COMPILER = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname
/** The one that the project pins and, where it is another, the machine's. */
const RUNTIMES = [process.execPath, '/usr/bin/node'].filter((path) => existsSync(path) && majorOf(path) >= 20)
const run = promisify(execFile)

describe('the package as it is published', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let gateway: RunningProcess
  let installed: string

  beforeAll(async () => {
    directory = await temporaryDirectory()
    gateway = await startGatewayProcess({
      dataDir: join(directory.path, 'data'),
      env: { ACTION_DELAY: '0', REQUEST_LIMITS: 'off' },
    })
    installed = join(directory.path, 'node_modules', 'instagram-gateway-sdk')
    await mkdir(installed, { recursive: true })
    await cp(join(PACKAGE, 'package.json'), join(installed, 'package.json'))
    const out = join(installed, 'dist')
    await run(process.execPath, [COMPILER, '-p', join(PACKAGE, 'tsconfig.build.json'), '--outDir', out])
  })

  afterAll(async () => {
    await gateway?.stop('SIGKILL')
    await directory?.remove()
  })

  it.each(RUNTIMES)('runs the examples of its README, as one program, on %s', async (runtime) => {
    const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
    const examples = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, example]) => example)
    expect(examples.length).toBeGreaterThanOrEqual(6)
    const program = join(directory.path, 'readme.mjs')
    await writeFile(program, examples.join('\n'))
    const { stdout } = await run(runtime, [program], {
      cwd: directory.path,
      env: { INSTAGRAM_GATEWAY_URL: gateway.url, INSTAGRAM_GATEWAY_TOKEN: await tokenFor('user_123') },
    })
    const promised = [...readme.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, line]) => line)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => promised.includes(line))).toEqual(promised)
    expect(stdout).toContain('404 SESSION_NOT_FOUND req_')
  })
})

function majorOf(runtime: string): number {
  return Number(execFileSync(runtime, ['-p', "process.versions.node.split('.')[0]"], { encoding: 'utf8' }))
}
