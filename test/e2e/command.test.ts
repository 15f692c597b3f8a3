import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort, temporaryDirectory } from '../support/gateway-process.ts'

const ROOT = new URL('../..', import.meta.url).pathname

/** `npm start`, as the person at the terminal has it: the launcher, its output, its exit code. */
function launch(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ['bin/instagram-gateway.js', 'start'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    ready: () =>
      eventually(`it is ready:\n${output}`, async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`)
        return /ready on http/.test(output) ? output : undefined
      }),
    stop: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return { code: await ended, output }
    },
  }
}

/** The lines to paste: from the token to the last call. */
function linesToPaste(output: string): string {
  const lines = output.split('\n')
  const first = lines.findIndex((line) => line.startsWith('TOKEN='))
  const last = lines.findLastIndex((line) => line.startsWith('curl '))
  return lines.slice(first, last + 1).join('\n')
}

describe('the command a newcomer runs', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let env: Record<string, string>
  let gateway: ReturnType<typeof launch>
  let pasted: string

  beforeAll(async () => {
    directory = await temporaryDirectory()
    const [port, sandboxPort] = [await freePort(), await freePort()]
    env = { DATA_DIR: directory.path, PORT: String(port), SANDBOX_PORT: String(sandboxPort) }
    gateway = launch(env)
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    await directory.remove()
  })

  it('prints calls on the first start that work when pasted', async () => {
    pasted = linesToPaste(await gateway.ready())
    const said = execFileSync('bash', ['-c', pasted], { encoding: 'utf8' })
    expect(said).toMatch(/^session: instagram_[0-9]+_/)
    expect(said).toContain('"message":"Message queued for sending"')
    expect(said).toContain('"message":"Retrieved 1 messages"')
  })

  it('ends with exit code 0 on Ctrl-C, also when npm and the terminal both deliver it', async () => {
    const stopping = gateway.stop('SIGINT')
    const { code, output } = await gateway.stop('SIGINT')
    await stopping
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(output).not.toMatch(/Error|without waiting/)
  })

  it('keeps session and message over the restart, and prints no token again', async () => {
    gateway = launch(env)
    expect(await gateway.ready()).not.toContain('TOKEN=')
    const lines = pasted.split('\n').filter((line) => /^(TOKEN|API)=/.test(line) || line.includes('/conversation/'))
    const said = execFileSync('bash', ['-c', lines.join('\n')], { encoding: 'utf8' })
    expect(said).toContain('Hello! How are you?')
  })

  it('refuses a second process on the same directory, with its owner named', async () => {
    const second = launch({ ...env, PORT: '0', SANDBOX_PORT: '0' })
    await expect(second.ready()).rejects.toThrow(/in use by process [0-9]+/)
  })
})
