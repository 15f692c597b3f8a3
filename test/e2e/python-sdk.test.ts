import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningProcess, startGatewayProcess, temporaryDirectory, tokenFor } from '../support/gateway-process.ts'

const SDK = new URL('../../sdks/python/', import.meta.url).pathname

describe('the Python SDK against a started gateway', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let gateway: RunningProcess

  beforeAll(async () => {
    directory = await temporaryDirectory()
    gateway = await startGatewayProcess({ dataDir: directory.path, env: { ACTION_DELAY: '0', REQUEST_LIMITS: 'off' } })
  })

  afterAll(async () => {
    await gateway?.stop('SIGKILL')
    await directory?.remove()
  })

  it('passes its own tests, the examples of its README among them', async () => {
    const { code, output } = await python(['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'])
    expect(output).toMatch(/Ran [2-9]\d tests/)
    expect(output).not.toContain('skipped')
    expect({ code, output }).toMatchObject({ code: 0 })
  })

  async function python(args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.env.PYTHON ?? 'python3', args, {
      cwd: SDK,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        PYTHONDONTWRITEBYTECODE: '1',
        INSTAGRAM_GATEWAY_URL: gateway.url,
        INSTAGRAM_GATEWAY_TOKEN: await tokenFor('user_123'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { code: code as number | null, output: out + err }
  }
})
