import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import {
  apiOf,
  freePort,
  JWT_SECRET,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startProcess,
  startSandboxProcess,
  temporaryDirectory,
  tokenFor,
} from '../test/support/gateway-process.ts'
import type { LoadJob, LoadResult } from './load.ts'

// Ratios of the real server to a bare one that does the same parsing, validation and token check and nothing else
// (`bare-server.ts`), measured in the same run, in turns, so that a busy machine slows both. Each server, the sandbox and
// the load are processes of their own on loopback.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
    starts: { type: 'string', default: '5' },
  },
})
const SECONDS = Number(values.seconds)
const ROUNDS = Number(values.rounds)
const STARTS = Number(values.starts)
const CONNECTIONS = 64
const WARM_UP_SECONDS = 2
/** Messages are spread over this many accounts, each with a lane and a conversation of its own. */
const ACCOUNTS = 16
const IDLE_BEFORE_MEMORY_MS = 3_000
const API = '/api/v2/instagram'
const USER = 'user_123'

const run = promisify(execFile)

printConfiguration()
const throughput = await measureThroughput()
const starts = await measureStarts()
const memoryMib = await measureIdleMemory()

console.log('\n| | gateway | bare | ratio | at least | goal |\n| --- | --- | --- | --- | --- | --- |')
printRatio('accepted durable messages/s ÷ bare POST/s', throughput.messages, throughput.barePosts, '0.30', '0.40')
printRatio('GET /session/{id}/s ÷ bare GET/s', throughput.sessions, throughput.bareGets, '0.60', '0.90')
printStarts()
console.log(`| resident memory, idle, sandbox inside (MiB) | ${memoryMib.toFixed(0)} | | | ≤ 200 | |`)
if (failures() > 0) {
  console.error(`${failures()} requests failed: the numbers above mean nothing`)
  process.exitCode = 1
}

async function measureThroughput() {
  const directory = await temporaryDirectory()
  const sandbox = await startSandboxProcess()
  const gateway = await startGatewayProcess({
    dataDir: directory.path,
    env: { SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off' },
  })
  const bare = await startBareServer()
  try {
    const sessionIds = await openSessions(gateway, sandbox)
    const token = await tokenFor(USER)
    const posts = (sessions: string[]) => sessions.map((sessionId) => postMessage(token, sessionId))
    const gets = (sessions: string[]) => sessions.map((sessionId) => getSession(token, sessionId))
    const bareGets = await inTurns(
      { url: bare.url, requests: gets(sessionIds) },
      { url: gateway.url, requests: gets(sessionIds) },
    )
    const barePosts = await inTurns(
      { url: bare.url, requests: posts(sessionIds) },
      { url: gateway.url, requests: posts(sessionIds) },
    )
    return { bareGets: bareGets[0], sessions: bareGets[1], barePosts: barePosts[0], messages: barePosts[1] }
  } finally {
    await Promise.all([gateway.stop(), bare.stop(), sandbox.stop('SIGKILL')])
    await directory.remove()
  }
}

type Target = Pick<LoadJob, 'url' | 'requests'>

/** Loads both in turns, `ROUNDS` times, and gives the median round of each. */
async function inTurns(first: Target, second: Target): Promise<[LoadResult, LoadResult]> {
  const results: [LoadResult[], LoadResult[]] = [[], []]
  await load(first, WARM_UP_SECONDS)
  await load(second, WARM_UP_SECONDS)
  for (let round = 0; round < ROUNDS; round += 1) {
    results[0].push(await load(first, SECONDS))
    results[1].push(await load(second, SECONDS))
  }
  return [summary(results[0]), summary(results[1])]
}

async function load(target: Target, seconds: number): Promise<LoadResult> {
  const job: LoadJob = { ...target, connections: CONNECTIONS, seconds }
  const { stdout } = await run(process.execPath, ['bench/load.ts', JSON.stringify(job)])
  return JSON.parse(stdout) as LoadResult
}

function summary(results: LoadResult[]): LoadResult {
  const pick = (of: (result: LoadResult) => number) => median(results.map(of))
  return {
    perSecond: Math.round(pick((result) => result.perSecond)),
    p50Ms: pick((result) => result.p50Ms),
    p99Ms: pick((result) => result.p99Ms),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
  }
}

async function openSessions(gateway: RunningProcess, sandbox: RunningProcess): Promise<string[]> {
  const names = Array.from({ length: ACCOUNTS }, (_, index) => `bench_${index}`)
  const people = names.map((username) => ({ username, password: 'bench-password' }))
  await sandboxControl(sandbox.url).call('POST', '/users', people)
  const api = await apiOf(gateway.url, USER)
  const sessionIds: string[] = []
  for (const username of names) {
    const { status, body } = await api.post('/login', { username, password: 'bench-password' })
    if (status !== 200) throw new Error(`login of ${username} answered ${status}: ${body.error}`)
    sessionIds.push((body.data as unknown as { sessionId: string }).sessionId)
  }
  return sessionIds
}

function postMessage(token: string, sessionId: string): LoadJob['requests'][number] {
  return {
    method: 'POST',
    path: `${API}/message`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId, recipientUsername: 'target_user', content: 'Hello! How are you?' }),
  }
}

function getSession(token: string, sessionId: string): LoadJob['requests'][number] {
  return { method: 'GET', path: `${API}/session/${sessionId}`, headers: { authorization: `Bearer ${token}` } }
}

async function startBareServer(): Promise<RunningProcess> {
  const port = await freePort()
  return startProcess(['bench/bare-server.ts'], { PORT: String(port), JWT_SECRET }, port, '/readyz')
}

/** Starts after the first one, in turns with the bare server. */
async function measureStarts() {
  const directory = await temporaryDirectory()
  const sandbox = await startSandboxProcess()
  const start = async (env: Record<string, string>) => {
    const gateway = await startGatewayProcess({ dataDir: directory.path, env })
    await gateway.stop()
    return gateway.readyAfterMs
  }
  try {
    const firstMs = await start({ SANDBOX_URL: sandbox.url })
    const [againMs, insideMs, bareMs]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < STARTS; round += 1) {
      againMs.push(await start({ SANDBOX_URL: sandbox.url }))
      insideMs.push(await start({}))
      const bare = await startBareServer()
      bareMs.push(bare.readyAfterMs)
      await bare.stop()
    }
    return { firstMs, againMs: median(againMs), insideMs: median(insideMs), bareMs: median(bareMs) }
  } finally {
    await sandbox.stop('SIGKILL')
    await directory.remove()
  }
}

async function measureIdleMemory(): Promise<number> {
  const directory = await temporaryDirectory()
  const gateway = await startGatewayProcess({ dataDir: directory.path })
  try {
    await sleep(IDLE_BEFORE_MEMORY_MS)
    const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(gateway.process.pid)], { encoding: 'utf8' })
    return Number(kib) / 1024
  } finally {
    await gateway.stop()
    await directory.remove()
  }
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] as number
  const high = sorted[Math.floor(middle)] as number
  return (low + high) / 2
}

function failures(): number {
  return Object.values(throughput).reduce((sum, { failed }) => sum + failed, 0)
}

function printRatio(name: string, ours: LoadResult, bare: LoadResult, least: string, goal: string): void {
  const cell = ({ perSecond, p50Ms, p99Ms }: LoadResult) => `${perSecond} (p50 ${p50Ms} ms, p99 ${p99Ms} ms)`
  const ratio = (ours.perSecond / bare.perSecond).toFixed(2)
  console.log(`| ${name} | ${cell(ours)} | ${cell(bare)} | ${ratio} | ${least} | ${goal} |`)
}

function printStarts(): void {
  const bare = starts.bareMs.toFixed(0)
  const row = (name: string, ms: number, limit: string) =>
    console.log(`| ${name} | ${ms.toFixed(0)} | ${bare} | ${(ms / starts.bareMs).toFixed(1)} | ${limit} | |`)
  row('second start to /readyz ÷ bare start (ms)', starts.againMs, '≤ 5')
  row('the same with the sandbox inside (ms)', starts.insideMs, '')
  row('first start to /readyz ÷ bare start (ms)', starts.firstMs, '')
}

function printConfiguration(): void {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  console.log(`instagram-gateway ${version}, Node ${process.version}, ${process.platform} ${process.arch}`)
  console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`)
  console.log(
    `${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each in turns after ${WARM_UP_SECONDS} s of warm-up, ` +
      `${ACCOUNTS} accounts, SQLite (flushed before each answer), REQUEST_LIMITS=off, sandbox and load in processes of their own`,
  )
}
