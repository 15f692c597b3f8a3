import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Api,
  apiOf,
  eventually,
  type RunningProcess,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'
import { mountSmallDisk } from '../support/small-disk.ts'

const DISK = 'size=6m'
const BALLAST_BYTES = 64 * 1024
const AT_ONCE = 32

const directory = await temporaryDirectory()
const dataDir = join(directory.path, 'disk')
await mkdir(dataDir)
const disk = mountSmallDisk(dataDir, DISK)

afterAll(async () => {
  disk?.unmount()
  await directory.remove()
})

// Registered where the right to mount is; elsewhere the store's own test of grouped commits has to do.
describe.runIf(disk !== null)('a gateway whose disk is full', () => {
  it('acknowledges what it stored and nothing else, says so, and heals when there is room', async () => {
    const sandbox = await startSandboxProcess()
    const gateway = await startGatewayProcess({
      dataDir,
      env: { SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off', LOG_LEVEL: 'silent', MAX_DAILY_ACTIONS: '10000' },
    })
    try {
      const api = await apiOf(gateway.url, 'user_123')
      const sender = await logIn(api)
      expect(await sender.send(AT_ONCE)).toMatchObject({ acknowledged: AT_ONCE, unavailable: 0 })

      const ballast = await fill(dataDir)
      let isFull = false
      while (!isFull) isFull = (await sender.send(AT_ONCE)).acknowledged === 0
      await eventually('it says so', async () => ((await stateOf(gateway)) === 'degraded' ? true : undefined))
      expect((await api.get(`/session/${sender.sessionId}`)).status).toBe(200)
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)

      for (const file of ballast) await rm(file)
      await eventually('it takes messages again', async () =>
        (await sender.send(1)).acknowledged === 1 ? true : undefined,
      )
      await eventually('it says that too', async () => ((await stateOf(gateway)) === 'up' ? true : undefined))
      expect(await sender.send(AT_ONCE)).toMatchObject({ acknowledged: AT_ONCE, unavailable: 0 })

      expect(await storedTexts(api)).toEqual([...sender.acknowledged].sort())
      expect(sender.unavailable).toBeGreaterThan(AT_ONCE - 1)
    } finally {
      await gateway.stop('SIGKILL')
      await sandbox.stop('SIGKILL')
    }
  })
})

/** Sends numbered messages side by side and keeps account of every answer. */
async function logIn(api: Api) {
  const login = await api.post('/login', { username: 'your_instagram_username', password: 'your_instagram_password' })
  const { id: sessionId } = login.body.data as unknown as { id: string }
  const acknowledged = new Set<string>()
  let unavailable = 0
  let last = 0
  const sendOne = async () => {
    last += 1
    const content = `message ${last}`
    const body = { sessionId, recipientUsername: 'target_user', content }
    const answer = await api.post('/message', body, { 'idempotency-key': `key-${last}` })
    if (answer.status === 202) acknowledged.add(content)
    else {
      expect([answer.status, answer.body.code, answer.body.error]).toEqual([
        503,
        'UNAVAILABLE',
        'Nothing was stored: the disk is full. Try again shortly.',
      ])
      expect(answer.headers.get('retry-after')).toBe('1')
      unavailable += 1
    }
  }
  return {
    sessionId,
    acknowledged,
    get unavailable() {
      return unavailable
    },
    async send(count: number) {
      const before = { acknowledged: acknowledged.size, unavailable }
      await Promise.all(Array.from({ length: count }, sendOne))
      return {
        acknowledged: acknowledged.size - before.acknowledged,
        unavailable: unavailable - before.unavailable,
      }
    },
  }
}

/** Files until no more fit. */
async function fill(directory: string): Promise<string[]> {
  const files: string[] = []
  for (;;) {
    const file = join(directory, `ballast-${files.length}`)
    files.push(file)
    try {
      await writeFile(file, Buffer.alloc(BALLAST_BYTES))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
      return files
    }
  }
}

async function stateOf(gateway: RunningProcess): Promise<string> {
  const answer = await fetch(`${gateway.url}/status`, { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { status: string }).status
}

async function storedTexts(api: Api): Promise<string[]> {
  const texts: string[] = []
  let cursor = ''
  for (;;) {
    const path = `/conversation/conv_your_instagram_username_target_user/messages?limit=100${cursor}`
    const { body } = await api.get(path)
    texts.push(...(body.data as unknown as { content: string }[]).map(({ content }) => content))
    const { nextCursor } = body['pagination'] as { nextCursor?: string }
    if (nextCursor === undefined) return texts.sort()
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`
  }
}
