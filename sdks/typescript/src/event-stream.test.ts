import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerEvent } from './call.ts'
import { EventParser, followEvents } from './event-stream.ts'

const TEXT = [
  'retry: 10\n\n',
  ': a comment\n\n',
  'id: 1\nevent: bulk.progress\ndata: {"sent":1}\n\n',
  'id: 2\r\nevent: bulk.progress\r\ndata: {"sent":\r\ndata: 2}\r\n\r\n',
  'id:3\ndata:{"text":"a: b 👋"}\n\n',
].join('')
const EVENTS = [
  { id: '1', type: 'bulk.progress', data: { sent: 1 } },
  { id: '2', type: 'bulk.progress', data: { sent: 2 } },
  { id: '3', type: 'message', data: { text: 'a: b 👋' } },
]

test('reads the same events however the text is cut', () => {
  const cuts = fc.array(fc.nat(TEXT.length), { maxLength: 20 })
  fc.assert(
    fc.property(cuts, (at) => {
      const bounds = [0, ...at.toSorted((a, b) => a - b), TEXT.length]
      const parser = new EventParser()
      const events = bounds.slice(1).flatMap((end, index) => parser.push(TEXT.slice(bounds[index], end)))
      expect(events).toEqual(EVENTS)
      expect(parser.reconnectMs).toBe(10)
    }),
  )
})

function connections(...texts: (string | null)[]) {
  const asked: (string | undefined)[] = []
  const slept: number[] = []
  const connect = async (lastEventId: string | undefined) => {
    asked.push(lastEventId)
    const text = texts.shift()
    return text === null || text === undefined ? null : new Blob([text]).stream()
  }
  const events = followEvents<unknown>(connect, async (ms) => void slept.push(ms))
  return { events, asked, slept }
}

test('comes back after the last event until nothing more will come', async () => {
  const half = 'id: 4\ndata: {"lost":true}\n'
  const { events, asked, slept } = connections(TEXT + half, 'id: 4\ndata: {}\n\n', null)
  const seen: ServerEvent<unknown>[] = []
  for await (const event of events) seen.push(event)
  expect(seen).toEqual([...EVENTS, { id: '4', type: 'message', data: {} }])
  expect(asked).toEqual([undefined, '3', '4'])
  expect(slept).toEqual([10, 10])
})

test('leaving the loop closes the connection', async () => {
  let isClosed = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => {
      isClosed = true
    },
  })
  for await (const event of followEvents<number>(
    async () => body,
    async () => {},
  )) {
    expect(event.data).toBe(1)
    break
  }
  expect(isClosed).toBe(true)
})
