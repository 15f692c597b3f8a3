import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Api,
  type ApiResponse,
  apiOf,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  startSandboxProcess,
  temporaryDirectory,
  tokenFor,
} from '../support/gateway-process.ts'

const USER = 'user_123'
const recipients = (count: number) => Array.from({ length: count }, (_, index) => `somebody_${index}`)

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let sandbox: RunningProcess
let gateway: RunningProcess
let api: Api
let sessionId: string

async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await startGatewayProcess({
    dataDir: directory.path,
    env: { SANDBOX_URL: sandbox.url, REQUEST_LIMITS: 'off', ...env },
  })
  api = await apiOf(gateway.url, USER)
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  sandbox = await startSandboxProcess()
  await sandboxControl(sandbox.url).call('POST', '/users', [
    { username: 'bulk_sender', password: 'bulk-password' },
    { username: 'user1', password: 'x-password' },
    { username: 'user2', password: 'x-password' },
    { username: 'user3', password: 'x-password' },
  ])
  await start({ CRASH_POINT: 'mid-bulk:7' })
  const login = await api.post('/login', { username: 'bulk_sender', password: 'bulk-password' })
  sessionId = (login.body.data as unknown as { sessionId: string }).sessionId
}, 60_000)

afterAll(async () => {
  await gateway.stop('SIGKILL')
  await sandbox.stop('SIGKILL')
  await directory.remove()
})

const dataOf = <T>(answer: ApiResponse) => answer.body.data as unknown as T

it('of ten thousand leaves nothing behind when the process is killed between two chunks', async () => {
  const body = { sessionId, recipients: recipients(10_000), content: 'Hello everyone!' }
  await expect(api.post('/messages/bulk', body)).rejects.toThrow()
  expect(await gateway.ended).toBeNull()
  await start()
  expect(dataOf(await api.get(`/messages/bulk?sessionId=${sessionId}`))).toEqual([])
  expect(dataOf(await api.get(`/session/${sessionId}/actions`))).toEqual([])
}, 60_000)

it('is there as a whole once it was accepted, whatever happens to the process then', async () => {
  await api.put(`/session/${sessionId}`, { settings: { actionDelay: 3_600_000 } })
  const body = { sessionId, recipients: recipients(2_000), content: 'Hello everyone!' }
  const accepted = await api.post('/messages/bulk', body, { 'idempotency-key': 'k', prefer: 'respond-async' })
  expect(accepted.status).toBe(202)
  await gateway.stop('SIGKILL')
  await start()
  const { bulkId } = dataOf<{ bulkId: string }>(accepted)
  expect(dataOf(await api.get(`/messages/bulk/${bulkId}`))).toMatchObject({ total: 2_000, status: 'running' })
  const again = await api.post('/messages/bulk', body, { 'idempotency-key': 'k', prefer: 'respond-async' })
  expect(again.body).toEqual(accepted.body)
  expect((await api.post(`/messages/bulk/${bulkId}/cancel`)).status).toBe(200)
}, 60_000)

it("answers the second document's request with its example, and streams the way there", async () => {
  await api.put(`/session/${sessionId}`, { settings: { actionDelay: 0, maxDailyActions: 10_000 } })
  const body = {
    sessionId,
    recipients: ['user1', 'user2', 'user3'],
    content: 'Hello everyone!',
    messageType: 'text',
    delayBetweenMessages: 0,
  }
  const answer = await api.post('/messages/bulk', body)
  expect(answer).toMatchObject({
    status: 200,
    body: { message: 'Bulk message completed: 3 sent, 0 failed', data: { sent: 3, failed: 0 } },
  })

  const slow = await api.post('/messages/bulk', { ...body, delayBetweenMessages: 700 }, { prefer: 'respond-async' })
  const { bulkId } = dataOf<{ bulkId: string }>(slow)
  const stream = await fetch(`${gateway.url}/api/v2/instagram/messages/bulk/${bulkId}/stream`, {
    headers: { authorization: `Bearer ${await tokenFor(USER)}` },
  })
  expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const text = await stream.text()
  expect(text).toContain('event: bulk.progress')
  expect(text.trimEnd().split('\n\n').at(-1)).toContain('event: bulk.completed')
}, 60_000)
