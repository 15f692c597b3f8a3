import { apiOf, freePort, startGatewayProcess, temporaryDirectory } from '../test/support/gateway-process.ts'
import { startWebhookReceiver } from '../test/support/webhook-receiver.ts'

// How long after something happened its webhook arrives. What others do on Instagram is found by polling, so it counts in
// product time, at the default pace: for an account where somebody writes every half a minute, and for one that has been
// quiet for hours. What the gateway knows at once counts in milliseconds of this machine: from the request that makes an
// event to its arrival.

const USER = 'user_123'
const OWNER = 'your_instagram_username'
const BUSY = { samples: 180, everyMs: 30_000, stepMs: 2_000 }
const QUIET = { samples: 25, afterMs: 3 * 3_600_000, stepMs: 10_000 }
const PUSHED = 300

const directory = await temporaryDirectory()
const receiver = await startWebhookReceiver()
const sandboxPort = await freePort()
const gateway = await startGatewayProcess({
  dataDir: directory.path,
  env: { SANDBOX_PORT: String(sandboxPort), REQUEST_LIMITS: 'off' },
})
const api = await apiOf(gateway.url, USER)
const admin = await apiOf(gateway.url, 'admin_user', { role: 'admin' })
try {
  const login = await api.post('/login', { username: OWNER, password: 'your_instagram_password' })
  const { sessionId } = login.body.data as unknown as { sessionId: string }
  await api.post('/webhooks', { url: receiver.url, events: ['message.received', 'message.canceled'] })
  await pass(3_600_000)
  const rows = [
    ['heard, busy account (s of product time)', await busy()],
    ['heard, account quiet for 3 h (s of product time)', await quiet()],
    ['known at once (ms)', await pushed(sessionId)],
  ] as const
  console.log('| from the act to the webhook | p50 | p99 | most |\n| --- | --- | --- | --- |')
  for (const [what, latencies] of rows) {
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = (share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
    console.log(`| ${what} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`)
  }
} finally {
  await gateway.stop('SIGKILL')
  await receiver.close()
  await directory.remove()
}

/** Advances product time, the sandbox's with it, and waits for what that brought about. */
async function pass(advanceMs: number): Promise<void> {
  const { status } = await admin.post('/admin/clock', { advanceMs })
  if (status !== 200) throw new Error(`the clock was not moved: ${status}`)
}

/** Somebody writes; resolves with the seconds of product time until the webhook has arrived. */
async function heardAfter(stepMs: number): Promise<number> {
  const before = receiver.accepted.length
  const act = { as: 'user1', do: 'message', to: OWNER, text: 'Is it still there?' }
  const url = `http://127.0.0.1:${sandboxPort}/_sandbox/act`
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(act) })
  if (!answer.ok) throw new Error(await answer.text())
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    if (receiver.accepted.length > before) return waitedMs / 1_000
    await pass(stepMs)
  }
}

async function busy(): Promise<number[]> {
  const latencies: number[] = []
  // The first one finds the account quiet.
  await heardAfter(BUSY.stepMs)
  for (let no = 0; no < BUSY.samples; no += 1) {
    const latency = await heardAfter(BUSY.stepMs)
    latencies.push(latency)
    await pass(Math.max(1, BUSY.everyMs - latency * 1_000))
  }
  return latencies
}

async function quiet(): Promise<number[]> {
  const latencies: number[] = []
  for (let no = 0; no < QUIET.samples; no += 1) {
    // Not always at the same place of the interval.
    await pass(QUIET.afterMs + no * 23_000)
    latencies.push(await heardAfter(QUIET.stepMs))
  }
  return latencies
}

async function pushed(sessionId: string): Promise<number[]> {
  const latencies: number[] = []
  let arrived = Promise.withResolvers<number>()
  receiver.answer = (response) => {
    arrived.resolve(performance.now())
    response.writeHead(204).end()
  }
  const { body } = await admin.post('/admin/clock', { advanceMs: 0 })
  const sendAt = new Date(Date.parse((body.data as unknown as { now: string }).now) + 24 * 3_600_000).toISOString()
  for (let no = 0; no < PUSHED; no += 1) {
    const message = { sessionId, recipientUsername: 'user1', content: 'Later', sendAt }
    const accepted = await api.post('/message', message)
    const { messageId } = accepted.body.data as unknown as { messageId: string }
    arrived = Promise.withResolvers()
    const began = performance.now()
    await api.delete(`/message/${messageId}`)
    latencies.push((await arrived.promise) - began)
  }
  return latencies
}
