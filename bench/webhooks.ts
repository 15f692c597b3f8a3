import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { createSystemClock } from '../src/core/clock-system.ts'
import { systemRandom } from '../src/core/random.ts'
import { appendEvent } from '../src/events/index.ts'
import { createVault, nextKey } from '../src/sessions/vault.ts'
import { openStore } from '../src/store/open-store.ts'
import { createWebhookSender } from '../src/transport/index.ts'
import { WebhookDispatcher } from '../src/webhooks/index.ts'
import { newSecret, sealSecrets } from '../src/webhooks/secrets.ts'
import { insertEndpoint } from '../src/webhooks/store.ts'

// What webhooks cost: deliveries a second against a bare loop that POSTs the same bytes to the same receiver with as many
// connections; an append with one and with ten thousand endpoints and users; and what endpoints that hang do to the
// others. SQLite with synchronous=FULL; the receiver is a process of its own.

const DELIVERIES = 20_000
const AT_ONCE = 16
const APPENDS = 400
const ENDPOINTS = 50
const EVENTS_EACH = 40
const BODY = { no: 0, text: 'Hello! How are you?', messageId: 'msg_1234567890_abc123', conversationId: 'conv_a_b' }

if (process.send !== undefined) await receive()
else await measure()

/** Answers 200, to a path that starts with /hang never; tells the parent when each other path was called. */
async function receive(): Promise<void> {
  const arrivals = new Map<string, number[]>()
  const server = createServer((incoming, response) => {
    incoming.resume()
    incoming.on('end', () => {
      const path = incoming.url ?? ''
      if (path.startsWith('/hang')) return
      const known = arrivals.get(path) ?? []
      known.push(performance.timeOrigin + performance.now())
      arrivals.set(path, known)
      response.end('ok')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.send?.({ port: (server.address() as AddressInfo).port })
  process.on('message', (message) => {
    if (message === 'arrivals') {
      process.send?.({ arrivals: [...arrivals] })
      arrivals.clear()
    }
  })
  process.on('disconnect', () => process.exit())
}

async function measure(): Promise<void> {
  const receiver = fork(new URL(import.meta.url).pathname)
  const [{ port }] = (await once(receiver, 'message')) as [{ port: number }]
  const base = `http://127.0.0.1:${port}`
  const raw = await rawRate(`${base}/raw`)
  await take(receiver)
  const ours = await deliveryRate(receiver, `${base}/ours`)
  const appends = { one: await appendMs(1), many: await appendMs(10_000) }
  const calm = await latencyP99(receiver, base, 0)
  const troubled = await latencyP99(receiver, base, 0.2)
  receiver.disconnect()
  const rows = [
    ['deliveries/s ÷ raw POSTs/s', ours.toFixed(0), raw.toFixed(0), (ours / raw).toFixed(2), '≥ 0.4'],
    ['append with 10,000 endpoints and users ÷ 1 (ms)', ...ratio(appends.many, appends.one), '≤ 1.5'],
    ['p99 with 20 % hanging ÷ none (ms)', ...ratio(troubled, calm), '≤ 2'],
  ]
  console.log('| | ours | against | ratio | limit |\n| --- | --- | --- | --- | --- |')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

function ratio(ours: number, against: number): [string, string, string] {
  return [ours.toFixed(3), against.toFixed(3), (ours / against).toFixed(2)]
}

async function take(receiver: ChildProcess): Promise<Map<string, number[]>> {
  receiver.send('arrivals')
  const [{ arrivals }] = (await once(receiver, 'message')) as [{ arrivals: [string, number[]][] }]
  return new Map(arrivals)
}

async function rawRate(url: string): Promise<number> {
  const agent = new Agent({ connections: AT_ONCE })
  const body = JSON.stringify({ id: 'evt_1', sequence: 1, type: 'message.sent', userId: 'user_0', data: BODY })
  const headers = { 'content-type': 'application/json' }
  const began = performance.now()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let count = 0; count < DELIVERIES / AT_ONCE; count += 1) {
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent })
        await answer.body.dump()
      }
    }),
  )
  const perSecond = DELIVERIES / ((performance.now() - began) / 1_000)
  await agent.close()
  return perSecond
}

async function openWorld() {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-'))
  const store = await openStore({ file: join(directory, 'gateway.db'), mode: 'sandbox' })
  const clock = createSystemClock({ startFloor: 0 })
  const random = systemRandom()
  const seals = createVault({ keys: [nextKey([], random)], random })
  const transport = createWebhookSender({ clock, allowNetworks: ['127.0.0.0/8'] })
  const dispatcher = new WebhookDispatcher({
    ...{ store, clock, random, seals, transport },
    ...{ userAgent: 'bench', owner: 'bench', onError: (error: unknown) => console.error(error) },
  })
  const signing = [{ secret: newSecret(random), until: null }]
  return {
    store,
    dispatcher,
    addEndpoints: (endpoints: { userId: string; url: string }[]) =>
      store.write(async (tx) => {
        for (const [no, { userId, url }] of endpoints.entries()) {
          const id = `wh_${no}`
          const sealed = sealSecrets(seals, id, { signing, headers: {} })
          const common = { description: null, types: null, sessionIds: null, takenTo: 0, createdAt: no }
          await insertEndpoint(tx, { ...common, id, userId, url, sealed, status: 'active' })
        }
      }),
    append: (userId: string, count = 1) =>
      store.write(async (tx) => {
        const fact = { userId, type: 'message.sent', at: clock.now(), sessionId: null, username: null } as const
        for (let no = 0; no < count; no += 1)
          await appendEvent(tx, { store, random }, { ...fact, data: { ...BODY, no } })
      }),
    async [Symbol.asyncDispose]() {
      await dispatcher.stop()
      await transport.close()
      clock.stop()
      await store.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function arrived(receiver: ChildProcess, count: number): Promise<Map<string, number[]>> {
  const all = new Map<string, number[]>()
  for (;;) {
    for (const [path, instants] of await take(receiver)) all.set(path, [...(all.get(path) ?? []), ...instants])
    const sum = [...all.values()].reduce((total, instants) => total + instants.length, 0)
    if (sum >= count) return all
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function deliveryRate(receiver: ChildProcess, url: string): Promise<number> {
  await using world = await openWorld()
  await world.addEndpoints([{ userId: 'user_0', url }])
  for (let done = 0; done < DELIVERIES; done += 1_000) await world.append('user_0', 1_000)
  const began = performance.timeOrigin + performance.now()
  await world.dispatcher.start()
  const instants = [...(await arrived(receiver, DELIVERIES)).values()].flat()
  return DELIVERIES / ((Math.max(...instants) - began) / 1_000)
}

/** Median of one append with nothing else going on, while as many users have an endpoint each. */
async function appendMs(endpoints: number): Promise<number> {
  await using world = await openWorld()
  const users = Array.from({ length: endpoints }, (_, no) => `user_${no}`)
  await world.addEndpoints(users.map((userId) => ({ userId, url: 'http://127.0.0.1:1/' })))
  for (const userId of users) await world.append(userId)
  const took: number[] = []
  for (let no = 0; no < APPENDS; no += 1) {
    const began = performance.now()
    await world.append(`user_${no % endpoints}`)
    took.push(performance.now() - began)
  }
  return took.toSorted((a, b) => a - b)[APPENDS / 2] as number
}

/** From the append to the arrival at endpoints that answer, while a share of all never does. */
async function latencyP99(receiver: ChildProcess, base: string, hangingShare: number): Promise<number> {
  await using world = await openWorld()
  const hanging = Math.round(ENDPOINTS * hangingShare)
  const endpoints = Array.from({ length: ENDPOINTS }, (_, no) => ({
    userId: `user_${no}`,
    url: `${base}/${no < hanging ? 'hang' : 'fine'}/${no}`,
  }))
  await world.addEndpoints(endpoints)
  await world.dispatcher.start()
  const appended = new Map<string, number[]>()
  for (let round = 0; round < EVENTS_EACH; round += 1) {
    for (const { userId, url } of endpoints) {
      const path = new URL(url).pathname
      await world.append(userId)
      appended.set(path, [...(appended.get(path) ?? []), performance.timeOrigin + performance.now()])
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const arrivals = await arrived(receiver, (ENDPOINTS - hanging) * EVENTS_EACH)
  const latencies: number[] = []
  for (const [path, instants] of arrivals) {
    const sorted = instants.toSorted((a, b) => a - b)
    for (const [index, at] of (appended.get(path) ?? []).entries())
      latencies.push(Math.max(0, (sorted[index] ?? at) - at))
  }
  return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] as number
}
