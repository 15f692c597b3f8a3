import { expect, test } from 'vitest'
import { createManualClock } from '../core/clock-manual.ts'
import { type Transport, TransportError, type TransportRequest } from '../core/transport.ts'
import { measured } from './measure.ts'

const REQUEST: TransportRequest = { method: 'GET', url: 'http://x/', headers: {}, proxy: null, deadlineMs: 1_000 }

test('an exchange is told with its duration and how it ended, and otherwise left alone', async () => {
  const clock = createManualClock()
  const told: unknown[] = []
  const ends: Transport[] = [
    async () => ({ status: 204, headers: {}, body: new Uint8Array() }),
    async () => {
      throw new TransportError('unknown', 'timeout', 'too late')
    },
  ]
  const send = measured(
    (request) => {
      clock.tick(250)
      return (ends.shift() as Transport)(request)
    },
    { clock, observe: (...what) => told.push(what) },
  )
  expect((await send(REQUEST)).status).toBe(204)
  await expect(send(REQUEST)).rejects.toThrow('too late')
  expect(told).toEqual([
    ['2xx', 250],
    ['timeout', 250],
  ])
})
