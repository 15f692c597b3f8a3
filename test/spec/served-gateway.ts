import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  freePort,
  sandboxControl,
  startGatewayProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)

export interface Printed {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

export interface Request {
  method: string
  /** From the root. */
  path: string
  body?: unknown
  headers?: Record<string, string>
}

/** A gateway with a sandbox inside and default configuration, as somebody who has read only the documents meets it. */
export async function serveGateway(env: Record<string, string> = {}) {
  const directory = await temporaryDirectory()
  const sandboxPort = await freePort()
  const gateway = await startGatewayProcess({
    dataDir: join(directory.path, 'data'),
    env: { SANDBOX_PORT: String(sandboxPort), ...env },
  })
  const sandbox = sandboxControl(`http://127.0.0.1:${sandboxPort}`)
  const token = await tokenFor('user_123')

  const advance = (advanceMs: number) => sandbox.call('POST', '/clock', { advanceMs })

  async function call({ method, path, body, headers }: Request, bearer: string | null = token): Promise<Printed> {
    const response = await fetch(gateway.url + path, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const parsed = (await response.json()) as Record<string, unknown>
    return { status: response.status, headers: response.headers, body: parsed }
  }

  /** Waits for an answer while product time passes, half a minute at a time. */
  async function whileTimePasses<T>(answering: Promise<T>): Promise<T> {
    let isAnswered = false
    const answered = answering.finally(() => {
      isAnswered = true
    })
    // Its failure is the caller's; here it only ends the loop.
    answered.catch(() => {})
    while (!isAnswered) await advance(30_000)
    return answered
  }

  /** Runs a program that a document prints; gives what it wrote to its output. */
  async function runProgram(file: string, program: string, { command, env: more }: Runner): Promise<string> {
    const path = join(directory.path, file)
    await writeFile(path, program)
    const { stdout } = await run(command, [path], {
      cwd: directory.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: directory.path, PYTHONDONTWRITEBYTECODE: '1', ...more },
    })
    return stdout
  }

  return {
    ...{ url: gateway.url, token, sandbox, advance, call, whileTimePasses, runProgram },
    async stop() {
      await gateway.stop('SIGKILL')
      await directory.remove()
    },
  }
}
export type ServedGateway = Awaited<ReturnType<typeof serveGateway>>

interface Runner {
  command: string
  env?: Record<string, string>
}

export const PYTHON = process.env['PYTHON'] ?? 'python3'
export const PYTHON_SDK = join(ROOT, 'sdks/python')
export const NODE_MODULES = join(ROOT, 'node_modules')

/** The first document's programs need it; `REQUIRE_PYTHON_REQUESTS=1` makes its absence a failure. */
export async function hasPythonRequests(): Promise<boolean> {
  if (process.env['REQUIRE_PYTHON_REQUESTS'] === '1') return true
  return run(PYTHON, ['-c', 'import requests']).then(
    () => true,
    () => false,
  )
}
