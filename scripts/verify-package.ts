import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/gateway-process.ts'

// What a user of the published package meets: pack, install the tarball into an empty folder, run a program on it, start
// its bin, ask /readyz, press Ctrl-C.

const READY_WITHIN_MS = 30_000
const STOPPED_WITHIN_MS = 15_000

/** The first document's names from the published build: one follow against the sandbox inside, nothing listening for it. */
const LIBRARY_PROGRAM = `
  import { createGateway, InstagramClient, InstagramSessionManager } from 'instagram-gateway'

  const gateway = await createGateway({ DATA_DIR: 'library-data', SANDBOX_PORT: 0, LOG_LEVEL: 'warn' })
  await gateway.start()
  try {
    await InstagramSessionManager.createSession({
      username: 'user123',
      sessionId: 'session_xyz',
      cookies: { sessionid: 'abc123' },
      userAgent: 'Mozilla/5.0...',
    })
    const [response, status] = await new InstagramClient({ username: 'user123' }).followUser('target_user')
    if (status !== 200) throw new Error(\`the follow was answered with \${status}\`)
    if (!response.success || response.data.status !== 'succeeded') throw new Error(JSON.stringify(response))
    const remaining: number = response.data.limits.follow.remaining
    if (remaining !== 199) throw new Error(\`\${remaining} follows are left\`)
  } finally {
    await gateway.stop()
  }
`

const folder = mkdtempSync(join(tmpdir(), 'gateway-package-'))
try {
  await verify()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function verify(): Promise<void> {
  const packed = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { encoding: 'utf8' })
  const { filename, files } = readManifest(packed)
  for (const wanted of ['bin/instagram-gateway.js', 'dist/src/main.js', 'dist/openapi.json', 'README.md', 'LICENSE']) {
    if (!files.includes(wanted)) throw new Error(`the package lacks ${wanted}`)
  }
  const strayTests = files.filter((file) => /\.(test|testsuite|fixture)\.|fixtures/.test(file))
  if (strayTests.length > 0) throw new Error(`the package carries tests: ${strayTests.join(', ')}`)

  // The consumer allows our pinned Node to install itself, as the README says.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }))
  const npm = ['install', '--no-audit', '--no-fund', '--omit=dev', `./${filename}`]
  execFileSync('npm', npm, { cwd: folder, stdio: 'inherit' })
  useLibrary()
  await startAndStop()
}

/** Without this clone's node_modules/.bin the machine's own Node runs the launcher, as it does for a user. */
function userPath(): string {
  const entries = (process.env['PATH'] ?? '').split(delimiter)
  return entries.filter((entry) => !entry.includes('node_modules')).join(delimiter)
}

/** Runs a program on the package, after its types were checked against the published ones. */
function useLibrary(): void {
  writeFileSync(join(folder, 'program.mts'), LIBRARY_PROGRAM)
  const compiler = join(import.meta.dirname, '..', 'node_modules', '.bin', 'tsc')
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck']
  execFileSync(compiler, [...options, '--types', '', 'program.mts'], { cwd: folder, stdio: 'inherit' })
  execFileSync(process.execPath, ['program.mts'], { cwd: folder, stdio: 'inherit' })
}

/** Build output of `prepack` may stand before npm's own JSON. */
function readManifest(output: string): { filename: string; files: string[] } {
  const [manifest] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m)))) as {
    filename: string
    files: { path: string }[]
  }[]
  if (manifest === undefined) throw new Error('npm pack made nothing')
  return { filename: manifest.filename, files: manifest.files.map((file) => file.path) }
}

async function startAndStop(): Promise<void> {
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const env = {
    PATH: userPath(),
    HOME: folder,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    DATA_DIR: join(folder, 'data'),
  }
  const bin = join(folder, 'node_modules', '.bin', 'instagram-gateway')
  const server = spawn(bin, ['start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const ended = once(server, 'exit')
  let said = ''
  server.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  try {
    const readyAfterMs = await untilReady(`http://127.0.0.1:${port}/readyz`, () => server.exitCode === null)
    server.kill('SIGINT')
    const [code] = await Promise.race([ended, sleep(STOPPED_WITHIN_MS, ['nothing'])])
    if (code !== 0) throw new Error(`Ctrl-C ended it with ${code}`)
    console.log(`ready after ${Math.round(readyAfterMs)} ms, stopped cleanly`)
  } catch (error) {
    throw new Error(`the installed package does not work\n${said}`, { cause: error })
  } finally {
    killGroup(server.pid as number)
  }
}

async function untilReady(url: string, isRunning: () => boolean): Promise<number> {
  const began = performance.now()
  while (isRunning() && performance.now() - began < READY_WITHIN_MS) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (isReady) return performance.now() - began
    await sleep(20)
  }
  throw new Error('it did not become ready')
}

/** The launcher and the Node it started; gone already when all went well. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
