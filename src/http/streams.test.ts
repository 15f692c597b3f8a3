import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openEventStream } from '../../test/support/event-stream.ts'
import { BASE, NO_STORE, startTestServer } from '../../test/support/http-server.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { route } from './route.ts'
import type { SseStream } from './sse.ts'

const MINUTE = 60_000
const SLOTS = 50
const KIB_64 = 'x'.repeat(64 * 1024)

const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A server with one stream, whose feed lasts until the stream is over. */
async function rig() {
  const clock = createManualClock()
  const opened: SseStream[] = []
  const routes = [
    route({
      operation: 'follow',
      method: 'GET',
      path: '/follow',
      summary: 'Follow',
      tag: 'Test',
      scope: 'read',
      streams: true,
      answers: { 200: null },
      errors: ['RATE_LIMITED'],
      handler: async () => ({
        status: 200,
        stream: async (stream: SseStream) => {
          opened.push(stream)
          await over(stream)
        },
      }),
    }),
  ]
  const http = await startTestServer({ store: NO_STORE, clock, routes, limits: null })
  const { url } = await http.server.listen({ host: '127.0.0.1', port: 0 })
  const authorization = async (claims = {}) => `Bearer ${await http.token(claims)}`
  return {
    http,
    clock,
    opened,
    follow: async (claims = {}) =>
      openEventStream(`${url}${BASE}/follow`, { authorization: await authorization(claims) }),
    /** Opens the stream and reads nothing of it. */
    async followSlowly() {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => {})
      socket.pause()
      socket.write(`GET ${BASE}/follow HTTP/1.1\r\nhost: x\r\nauthorization: ${await authorization()}\r\n\r\n`)
      while (opened.length === 0) await immediate()
      return opened[0] as SseStream
    },
  }
}

const immediate = () => new Promise<void>((resolve) => setImmediate(resolve))

function over({ signal }: SseStream): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

describe('a stream', () => {
  it('ends with the token that opened it, and not before', async () => {
    const world = await rig()
    const stream = await world.follow({ expiresInMs: 10 * MINUTE })
    world.clock.tick(10 * MINUTE - 1)
    world.opened[0]?.send({ id: '1', type: 'tick', data: {} })
    await stream.received(1)
    expect(stream.events).toHaveLength(1)
    world.clock.tick(1)
    await stream.ended
    expect(world.opened[0]?.signal.aborted).toBe(true)
  })

  it('is over for its feed when the client leaves', async () => {
    const world = await rig()
    const stream = await world.follow()
    stream.cut()
    await over(world.opened[0] as SseStream)
    expect(world.http.log()).not.toContain('a stream ended early')
  })

  it('ends when the server drains', async () => {
    const world = await rig()
    const stream = await world.follow()
    const closed = world.http.server.close({ graceMs: MINUTE })
    await stream.ended
    expect(world.opened[0]?.signal.aborted).toBe(true)
    await closed
  })

  it('cuts a reader off who is more than a megabyte behind', async () => {
    const world = await rig()
    const stream = await world.followSlowly()
    let sent = 0
    for (; sent < 1_000 && !stream.signal.aborted; sent += 1) stream.send({ id: `${sent}`, type: 'tick', data: KIB_64 })
    expect(stream.signal.aborted).toBe(true)
    expect(sent).toBeGreaterThanOrEqual(16)
  })

  it('cuts a reader off who takes nothing for half a minute', async () => {
    const world = await rig()
    const stream = await world.followSlowly()
    let isDrained = true
    while (isDrained) {
      stream.send({ id: '1', type: 'tick', data: KIB_64 })
      isDrained = false
      void stream.drained().then(() => {
        isDrained = true
      })
      for (let round = 0; round < 50 && !isDrained; round += 1) await immediate()
    }
    world.clock.tick(30_000 - 1)
    expect(stream.signal.aborted).toBe(false)
    world.clock.tick(1)
    expect(stream.signal.aborted).toBe(true)
  })

  it('keeps a silent connection alive with comments that are no events', async () => {
    const world = await rig()
    const stream = await world.follow()
    world.clock.tick(2 * 15_000)
    world.opened[0]?.send({ id: '1', type: 'tick', data: { no: 1 } })
    await stream.received(1)
    expect(stream.events).toEqual([{ id: '1', type: 'tick', data: { no: 1 } }])
    stream.cut()
  })

  it('is refused beyond fifty of one user, not of another, and there again once one is closed', async () => {
    const world = await rig()
    const streams = await Promise.all(Array.from({ length: SLOTS }, () => world.follow()))
    await expect(world.follow()).rejects.toThrow(/^429 .*RATE_LIMITED/)
    streams.push(await world.follow({ userId: 'user_2' }))
    streams.shift()?.cut()
    await Promise.race(world.opened.slice(0, SLOTS).map(over))
    await immediate()
    streams.push(await world.follow())
    for (const stream of streams) stream.cut()
  })
})
