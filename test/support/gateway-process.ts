import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'

const ROOT = new URL('../..', import.meta.url).pathname
export const JWT_SECRET = 'a-secret-that-only-tests-of-this-repository-use'
/** Half of a start is compiling; a process that ends in order leaves what it compiled to those after it. */
export const COMPILED = join(tmpdir(), 'instagram-gateway-compiled')
/** A start takes half a second; a machine with much else to do is no fault of it. */
const READY_WITHIN_MS = 120_000

/** A real child process that listens; killed by signal, never asked nicely unless the test says so. */
export interface RunningProcess {
  readonly url: string
  readonly process: ChildProcess
  /** Everything printed so far. */
  output(): string
  /** Sends the signal and resolves with the exit code (null when a signal ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** Milliseconds from the spawn to the first good answer. */
  readonly readyAfterMs: number
  /** Resolves when the process has ended by itself. */
  ended: Promise<number | null>
}

export interface ApiResponse {
  status: number
  headers: Headers
  body: {
    success?: boolean
    data?: never
    message?: string
    error?: string
    code?: string
    details?: Record<string, unknown>
    [key: string]: unknown
  }
}

/** A user's view of one gateway. */
export interface Api {
  get(path: string, headers?: Record<string, string>): Promise<ApiResponse>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiResponse>
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiResponse>
  delete(path: string, headers?: Record<string, string>): Promise<ApiResponse>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** A data directory that is removed when the test file ends. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gateway-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** `npm run sandbox` as its own process, so that its ledger outlives a killed gateway. */
export async function startSandboxProcess(env: Record<string, string> = {}): Promise<RunningProcess> {
  const port = await freePort()
  return startProcess(['src/main.ts', 'sandbox'], { SANDBOX_PORT: String(port), ...env }, port, '/_sandbox/state')
}

/**
 * `npm start` as its own process over `dataDir`; resolves once `/readyz` answers 200. In tests an answer that is not as the
 * API's description says becomes a 500.
 */
export async function startGatewayProcess(options: {
  dataDir: string
  port?: number
  env?: Record<string, string>
}): Promise<RunningProcess> {
  const port = options.port ?? (await freePort())
  const env = {
    PORT: String(port),
    DATA_DIR: options.dataDir,
    JWT_SECRET,
    LOG_LEVEL: 'warn',
    CHECK_ANSWERS: process.env.CHECK_ANSWERS ?? '0',
    ...(options.env?.SANDBOX_URL === undefined ? { SANDBOX_PORT: String(await freePort()) } : {}),
    ...options.env,
  }
  return startProcess(['src/main.ts', 'start'], env, port, '/readyz')
}

/** Any program of this repository that listens; resolves once `readyPath` answers 2xx. */
export async function startProcess(
  args: string[],
  env: Record<string, string>,
  port: number,
  readyPath: string,
): Promise<RunningProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const url = `http://127.0.0.1:${port}`
  const running = {
    url,
    readyAfterMs: 0,
    process: child,
    output: () => printed,
    ended,
    stop: async (signal: NodeJS.Signals = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
  await waitUntilReady(running, readyPath)
  running.readyAfterMs = performance.now() - began
  return running
}

async function waitUntilReady(running: RunningProcess, path: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadline) {
    if (running.process.exitCode !== null || running.process.signalCode !== null) break
    const ready = await fetch(running.url + path).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(5)
  }
  running.process.kill('SIGKILL')
  throw new Error(`the process did not become ready:\n${running.output()}`)
}

export async function tokenFor(user: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('30d')
    .sign(new TextEncoder().encode(JWT_SECRET))
}

/** Calls the v2 API as `user`. */
export async function apiOf(url: string, user: string, claims: Record<string, unknown> = {}): Promise<Api> {
  const token = await tokenFor(user, claims)
  const call = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse> => {
    const response = await fetch(`${url}/api/v2/instagram${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as ApiResponse['body'] }
  }
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body, headers) => call('PUT', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
  }
}

export interface LedgerEntry {
  no: number
  at: number
  account: string
  kind: string
  target: string
  text?: string
  mediaId?: string
  token?: string
  duplicateOf?: number
}

/** The sandbox's control face. */
export function sandboxControl(url: string) {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    call,
    /** Every effect that really took place for `account`. */
    async ledger(account: string, kind?: string): Promise<LedgerEntry[]> {
      const query = new URLSearchParams({ account, limit: '10000', ...(kind === undefined ? {} : { kind }) })
      const answer = (await call('GET', `/ledger?${query}`)) as LedgerEntry[] | { entries: LedgerEntry[] }
      return Array.isArray(answer) ? answer : answer.entries
    },
    fault: (fault: Record<string, unknown>) => call('POST', '/faults', fault),
  }
}

/** Polls until `probe` gives something other than undefined; fails with `what` after `withinMs` of machine time. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
    await sleep(25)
  }
}
