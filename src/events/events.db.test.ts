import { EventSource, type MessageEvent } from 'undici'
import { expect, it } from 'vitest'
import { openEventStream } from '../../test/support/event-stream.ts'
import { BASE, startTestServer } from '../../test/support/http-server.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { createSystemClock } from '../core/clock-system.ts'
import { systemRandom } from '../core/random.ts'
import type { Store } from '../store/store.ts'
import { appendEvent, type EventDraft, eventRoutes } from './index.ts'

const random = systemRandom()
const STARTED = 1_750_000_000_000

interface Listed {
  sequence: number
  type: string
  data: Record<string, unknown>
}

async function rig(store: Store) {
  // Streams beat and look by machine time; nothing here waits for either.
  const clock = createSystemClock({ startFloor: STARTED })
  const http = await startTestServer({ store, clock, routes: eventRoutes({ store, clock, random }) })
  const { url } = await http.server.listen({ host: '127.0.0.1', port: 0 })
  const headers = async (claims = {}) => ({ authorization: `Bearer ${await http.token(claims)}` })
  return {
    http,
    clock,
    url: `${url}${BASE}`,
    headers,
    append: (draft: Partial<EventDraft> = {}) =>
      store.write((tx) =>
        appendEvent(
          tx,
          { store, random },
          {
            userId: 'user_1',
            type: 'message.sent',
            at: STARTED,
            sessionId: 'instagram_1',
            username: 'north.lamp',
            data: {},
            ...draft,
          },
        ),
      ),
    list: async (query: string, claims = {}) => {
      const answer = await http.call('GET', `/events${query}`, { token: await http.token(claims) })
      return { ...answer, data: answer.body['data'] as Listed[] }
    },
    stream: async (query = '', extra: Record<string, string> = {}, claims = {}) =>
      openEventStream(`${url}${BASE}/events/stream${query}`, { ...(await headers(claims)), ...extra }),
  }
}

const sequences = (events: readonly { sequence: number }[]) => events.map(({ sequence }) => sequence)
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describeOnEveryStore('reading events by page', (openTestStore) => {
  it('goes through the log in order, each page from where the last one ended', async () => {
    const world = await rig(await openTestStore())
    for (const no of numbers(1, 7)) await world.append({ data: { no } })
    const first = await world.list('?limit=3')
    expect(first.body).toMatchObject({ success: true, pagination: { limit: 3, nextCursor: '3', hasMore: true } })
    expect(first.data[0]).toEqual({
      id: expect.stringMatching(/^evt_/),
      sequence: 1,
      type: 'message.sent',
      timestamp: new Date(STARTED).toISOString(),
      userId: 'user_1',
      sessionId: 'instagram_1',
      username: 'north.lamp',
      data: { no: 1 },
    })
    const rest = await world.list('?limit=4&after=3')
    expect(sequences(rest.data)).toEqual([4, 5, 6, 7])
    expect(rest.body['pagination']).toMatchObject({ hasMore: false, nextCursor: '7' })
    expect((await world.list('?after=7')).data).toEqual([])
  })

  it('leaves out what was not asked for, and pages on behind it', async () => {
    const world = await rig(await openTestStore())
    await world.append({ type: 'session.active' })
    await world.append({ type: 'message.sent', sessionId: 'instagram_2', username: 'south.lamp' })
    await world.append({ type: 'message.failed' })
    await world.append({ type: 'webhook.disabled', sessionId: null, username: null })
    expect(sequences((await world.list('?types=message.*')).data)).toEqual([2, 3])
    expect(sequences((await world.list('?types=session.active,webhook.disabled')).data)).toEqual([1, 4])
    expect(sequences((await world.list('?sessionId=instagram_1')).data)).toEqual([1, 3])
    const page = await world.list('?types=message.*&limit=1')
    expect(page.body['pagination']).toMatchObject({ nextCursor: '2', hasMore: true })
  })

  it('shows a confined token only its sessions, and nobody the events of another user', async () => {
    const world = await rig(await openTestStore())
    await world.append()
    await world.append({ sessionId: 'instagram_2', username: 'south.lamp' })
    await world.append({ type: 'webhook.disabled', sessionId: null, username: null })
    expect(sequences((await world.list('', { sessions: ['south.lamp'] })).data)).toEqual([2])
    expect(sequences((await world.list('', { sessions: ['instagram_1'] })).data)).toEqual([1])
    expect((await world.list('', { userId: 'user_2' })).data).toEqual([])
  })

  it('says which events retention took away', async () => {
    const store = await openTestStore()
    const world = await rig(store)
    for (const _ of numbers(1, 5)) await world.append()
    await store.write((tx) => tx.deleteFrom('events').where('sequence', '<=', 3).execute())
    const answer = await world.list('?after=1')
    expect(answer.body['message']).toBe('Events 2 to 3 are past their retention')
    expect(sequences(answer.data)).toEqual([4, 5])
  })

  it('refuses filters that mean nothing, naming them', async () => {
    const world = await rig(await openTestStore())
    for (const [query, path] of [
      ['?types=message.sentt', 'types'],
      ['?types=', 'types'],
      ['?types=message.sent,,', 'types'],
      ['?after=-1', 'after'],
      ['?after=x', 'after'],
      ['?limit=0', 'limit'],
      ['?limit=1001', 'limit'],
      ['?unknown=1', 'unknown'],
    ] as const) {
      const answer = await world.list(query)
      expect(answer, query).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } })
      expect(answer.text, query).toContain(path)
    }
  })
})

describeOnEveryStore('the stream of events', (openTestStore) => {
  it('begins with now, and tells each event as it is committed', async () => {
    const world = await rig(await openTestStore())
    await world.append()
    const stream = await world.stream()
    await world.append({ type: 'message.failed', data: { no: 2 } })
    await world.append()
    await stream.received(2)
    expect(stream.events.map(({ id, type }) => [id, type])).toEqual([
      ['2', 'message.failed'],
      ['3', 'message.sent'],
    ])
    expect(stream.events[0]?.data).toMatchObject({ sequence: 2, userId: 'user_1', data: { no: 2 } })
    stream.cut()
  })

  it('misses nothing and repeats nothing for a client that is cut off a hundred times', async () => {
    const world = await rig(await openTestStore())
    const total = 300
    const writing = (async () => {
      for (const no of numbers(1, total)) await world.append({ data: { no } })
    })()
    const got: number[] = []
    let last = '0'
    for (let cuts = 0; got.length < total; cuts += 1) {
      const stream = await world.stream('', { 'last-event-id': last })
      const left = total - got.length
      await stream.received(cuts < 100 ? Math.min(left, 1 + (cuts % 3)) : left)
      stream.cut()
      await stream.ended
      got.push(...stream.events.map((event) => Number(event.id)))
      last = String(got.at(-1) ?? 0)
    }
    await writing
    expect(got).toEqual(numbers(1, total))
  }, 60_000)

  it('takes a whole log to a client that begins at the beginning, and goes on live', async () => {
    const store = await openTestStore()
    const world = await rig(store)
    await store.write(async (tx) => {
      for (const no of numbers(1, 3_000)) {
        const data = { text: 'x'.repeat(1_000), no }
        await appendEvent(
          tx,
          { store, random },
          { userId: 'user_1', type: 'message.sent', at: STARTED, sessionId: null, username: null, data },
        )
      }
    })
    const stream = await world.stream('?after=0')
    await stream.received(3_000)
    await world.append()
    await stream.received(3_001)
    expect(stream.events.map((event) => Number(event.id))).toEqual(numbers(1, 3_001))
    stream.cut()
  })

  it('tells what retention took away before it goes on', async () => {
    const store = await openTestStore()
    const world = await rig(store)
    for (const _ of numbers(1, 5)) await world.append()
    await store.write((tx) => tx.deleteFrom('events').where('sequence', '<=', 3).execute())
    const stream = await world.stream('?lastEventId=1')
    await stream.received(3)
    expect(stream.events.map(({ id, type }) => [id, type])).toEqual([
      ['3', 'stream.gap'],
      ['4', 'message.sent'],
      ['5', 'message.sent'],
    ])
    expect(stream.events[0]?.data).toEqual({ from: 2, to: 3 })
    stream.cut()
  })

  it('keeps to its filter and to the sessions of its token', async () => {
    const world = await rig(await openTestStore())
    const stream = await world.stream('?types=message.*', {}, { sessions: ['south.lamp'] })
    await world.append()
    await world.append({ type: 'session.active', sessionId: 'instagram_2', username: 'south.lamp' })
    await world.append({ userId: 'user_2', sessionId: 'instagram_2', username: 'south.lamp' })
    await world.append({ sessionId: 'instagram_2', username: 'south.lamp' })
    await stream.received(1)
    expect(stream.events.map((event) => event.id)).toEqual(['3'])
    stream.cut()
  })

  it('refuses an id that is none of its own', async () => {
    const world = await rig(await openTestStore())
    await expect(world.stream('', { 'last-event-id': 'evt_1' })).rejects.toThrow(/400.*lastEventId/)
  })

  it('ends when the server drains', async () => {
    const world = await rig(await openTestStore())
    const stream = await world.stream()
    await world.http.server.close({ graceMs: 1_000 })
    await stream.ended
    expect(stream.events).toEqual([])
  })
})

describeOnEveryStore('a ticket for a stream', (openTestStore) => {
  const ask = async (world: Awaited<ReturnType<typeof rig>>, claims = {}) => {
    const answer = await world.http.call('POST', '/events/ticket', { token: await world.http.token(claims) })
    expect(answer.status).toBe(201)
    return (answer.body['data'] as { ticket: string }).ticket
  }

  it('opens the stream of whoever asked for it, with the EventSource of somebody else', async () => {
    const world = await rig(await openTestStore())
    await world.append()
    const source = new EventSource(`${world.url}/events/stream?after=0&ticket=${await ask(world)}`)
    const heard = await new Promise<{ id: string; data: string }>((resolve) => {
      source.addEventListener('message.sent', (event) => {
        const { lastEventId, data } = event as MessageEvent
        resolve({ id: lastEventId, data: data as string })
      })
    })
    source.close()
    expect(heard.id).toBe('1')
    expect(JSON.parse(heard.data)).toMatchObject({ sequence: 1, type: 'message.sent' })
  })

  it('works once', async () => {
    const world = await rig(await openTestStore())
    const ticket = await ask(world)
    const stream = await openEventStream(`${world.url}/events/stream?ticket=${ticket}`)
    stream.cut()
    await expect(openEventStream(`${world.url}/events/stream?ticket=${ticket}`)).rejects.toThrow(/401/)
  })

  it('reaches no further than its token, and opens nothing but a stream', async () => {
    const world = await rig(await openTestStore())
    await world.append()
    await world.append({ sessionId: 'instagram_2', username: 'south.lamp' })
    const confined = await ask(world, { sessions: ['instagram_2'] })
    const stream = await openEventStream(`${world.url}/events/stream?after=0&ticket=${confined}`)
    await stream.received(1)
    expect(stream.events.map((event) => event.id)).toEqual(['2'])
    stream.cut()
    const answer = await world.http.call('GET', `/events?ticket=${await ask(world)}`, { token: null })
    expect(answer.status).toBe(401)
  })

  it('is over after a minute of product time, and is kept as a hash alone', async () => {
    const store = await openTestStore()
    const clock = createManualClock({ now: STARTED })
    const http = await startTestServer({ store, clock, routes: eventRoutes({ store, clock, random }) })
    const answer = await http.call('POST', '/events/ticket')
    const { ticket, expiresAt } = answer.body['data'] as { ticket: string; expiresAt: string }
    expect(Date.parse(expiresAt)).toBe(STARTED + 60_000)
    expect(JSON.stringify(await store.read.selectFrom('stream_tickets').selectAll().execute())).not.toContain(ticket)
    await clock.advance(60_000)
    const late = await http.call('GET', `/events/stream?ticket=${ticket}`, { token: null })
    expect(late).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
  })
})
