import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ForecastInput, type ForecastStream, forecast } from './forecast.ts'
import { DAY_MS, HOUR_MS } from './policy.ts'

const START = 1_750_000_000_000
const MINUTE = 60_000

function stream(more: Partial<ForecastStream> = {}): ForecastStream {
  return {
    kind: 'message',
    class: 2,
    dueAt: START,
    ord: 1,
    count: 10,
    notBefore: START,
    gapMs: 0,
    limits: { hour: null, day: null, total: 10_000 },
    ...more,
  }
}

function input(more: Partial<ForecastInput> = {}): ForecastInput {
  return { now: START, gapMs: 0, lastAt: null, used: new Map(), pausedUntil: new Map(), streams: [stream()], ...more }
}

const fromStart = (instants: number[] | null) => instants?.map((at) => at - START)

describe('a forecast', () => {
  it('keeps the gap, the hour and the day', () => {
    const limits = { hour: 2, day: 3, total: 10_000 }
    const instants = forecast(input({ gapMs: MINUTE, streams: [stream({ count: 5, limits })] }), 0)
    expect(fromStart(instants)).toEqual([0, MINUTE, HOUR_MS, DAY_MS, DAY_MS + MINUTE])
  })

  it('counts what has happened', () => {
    const limits = { hour: 2, day: null, total: 10_000 }
    const used = new Map([
      ['message', [START - 30 * MINUTE, START - MINUTE]],
      ['*', [START - 30 * MINUTE, START - MINUTE]],
    ])
    const instants = forecast(input({ used, lastAt: START - MINUTE, streams: [stream({ count: 2, limits })] }), 0)
    expect(fromStart(instants)).toEqual([30 * MINUTE, 59 * MINUTE])
  })

  it('waits for a pause of its kind while others go on', () => {
    const streams = [stream({ count: 2 }), stream({ kind: 'like', count: 2 })]
    const paused = input({ streams, gapMs: MINUTE, pausedUntil: new Map([['message', START + HOUR_MS]]) })
    expect(fromStart(forecast(paused, 0))).toEqual([HOUR_MS, HOUR_MS + MINUTE])
    expect(fromStart(forecast(paused, 1))).toEqual([0, MINUTE])
  })

  it('lets people go first, and the older among equals', () => {
    const streams = [
      stream({ count: 2, ord: 9 }),
      stream({ count: 2, ord: 5 }),
      stream({ count: 1, ord: 20, class: 0, notBefore: START + MINUTE }),
    ]
    const busy = input({ gapMs: MINUTE, streams })
    expect(fromStart(forecast(busy, 2))).toEqual([MINUTE])
    expect(fromStart(forecast(busy, 1))).toEqual([0, 2 * MINUTE])
    expect(fromStart(forecast(busy, 0))).toEqual([3 * MINUTE, 4 * MINUTE])
  })

  it('says so when there is no room at all', () => {
    expect(forecast(input({ streams: [stream({ limits: { hour: 0, day: null, total: 1 } })] }), 0)).toBeNull()
  })

  it('goes by whole days once they repeat, and ends where every single step would have', () => {
    const limits = { hour: 40, day: 160, total: 80 }
    for (const gapMs of [0, 30_000, 7_777]) {
      const long = input({ gapMs, streams: [stream({ count: 4_000, limits })] })
      const instants = forecast(long, 0) as number[]
      expect(instants).toHaveLength(4_000)
      expect(instants).toEqual(naive(long, 0))
    }
  })

  it('costs little for ten thousand items behind a million', () => {
    const limits = { hour: 40, day: 160, total: 8_000 }
    const streams = [stream({ count: 1_000_000, class: 0, ord: 1, limits }), stream({ count: 10_000, ord: 2, limits })]
    const instants = forecast(input({ gapMs: 1_000, streams }), 1) as number[]
    expect(instants).toHaveLength(10_000)
    const days = ((instants.at(-1) as number) - START) / DAY_MS
    expect(days).toBeGreaterThan(6_300)
    expect(days).toBeLessThan(6_320)
  })
})

/** The rules word for word: at every instant that matters, count what the windows hold. */
function naive({ now, gapMs, lastAt, used, pausedUntil, streams }: ForecastInput, target: number): number[] {
  type Attempt = { kind: string; at: number }
  const done: Attempt[] = []
  for (const [kind, instants] of used) if (kind !== '*') for (const at of instants) done.push({ kind, at })
  const before = (used.get('*') ?? []).map((at) => ({ kind: '*', at }))
  const ofAll: Attempt[] = [...before]
  const left = streams.map(({ count }) => count)
  const nextAt = streams.map(({ notBefore }) => notBefore)
  const found: number[] = []
  let last = lastAt
  let time = now
  const within = (list: readonly { at: number }[], at: number, ms: number) => {
    let count = 0
    for (let index = list.length - 1; index >= 0; index -= 1) {
      if ((list[index]?.at ?? 0) <= at - ms) break
      count += 1
    }
    return count
  }
  const byKind = new Map<string, Attempt[]>()
  const kindOf = (kind: string) => {
    const list = byKind.get(kind) ?? done.filter((entry) => entry.kind === kind)
    byKind.set(kind, list)
    return list
  }
  const may = (index: number, at: number) => {
    const { kind, limits } = streams[index] as ForecastStream
    if (left[index] === 0 || at < (nextAt[index] ?? 0)) return false
    if (last !== null && at < last + gapMs) return false
    if (at < (pausedUntil.get(kind) ?? 0) || at < (pausedUntil.get('*') ?? 0)) return false
    if (limits.hour !== null && within(kindOf(kind), at, HOUR_MS) >= limits.hour) return false
    if (limits.day !== null && within(kindOf(kind), at, DAY_MS) >= limits.day) return false
    return within(ofAll, at, DAY_MS) < limits.total
  }
  const instantsThatMatter = () => {
    const at = new Set<number>([time])
    for (const [index] of streams.entries()) if (left[index] !== 0) at.add(nextAt[index] ?? 0)
    for (const until of pausedUntil.values()) at.add(until)
    if (last !== null) at.add(last + gapMs)
    for (const list of [...byKind.values(), ofAll]) {
      for (const entry of list.slice(-400)) {
        at.add(entry.at + HOUR_MS)
        at.add(entry.at + DAY_MS)
      }
    }
    return [...at].filter((instant) => instant >= time).sort((a, b) => a - b)
  }
  for (const { kind } of streams) kindOf(kind)
  while ((left[target] ?? 0) > 0) {
    let chosen: { at: number; index: number } | null = null
    for (const at of instantsThatMatter()) {
      const able = streams.map((_, index) => index).filter((index) => may(index, at))
      able.sort((a, b) => {
        const [left, right] = [streams[a] as ForecastStream, streams[b] as ForecastStream]
        return left.class - right.class || left.dueAt - right.dueAt || left.ord - right.ord
      })
      const [index] = able
      if (index === undefined) continue
      chosen = { at, index }
      break
    }
    if (chosen === null) throw new Error('naive: stuck')
    const { at, index } = chosen
    const { kind, gapMs: own } = streams[index] as ForecastStream
    left[index] = (left[index] ?? 0) - 1
    nextAt[index] = at + own
    kindOf(kind).push({ kind, at })
    ofAll.push({ kind, at })
    last = at
    time = at
    if (index === target) found.push(at)
  }
  return found
}

const limitsOf = fc.record({
  hour: fc.option(fc.integer({ min: 1, max: 8 }), { nil: null }),
  day: fc.option(fc.integer({ min: 1, max: 20 }), { nil: null }),
  total: fc.integer({ min: 1, max: 25 }),
})

const streamOf = fc.record({
  kind: fc.constantFrom('message', 'like', 'follow'),
  class: fc.integer({ min: 0, max: 2 }),
  dueAt: fc.integer({ min: START - 5, max: START }),
  count: fc.integer({ min: 1, max: 40 }),
  notBefore: fc.integer({ min: 0, max: 3 * DAY_MS }).map((ms) => START - HOUR_MS + ms),
  gapMs: fc.constantFrom(0, 1_000, 7_777, 2 * HOUR_MS),
  limits: limitsOf,
})

const usedOf = fc.array(fc.integer({ min: 1, max: DAY_MS - 1 }), { maxLength: 15 }).map((backs) => {
  const at = backs.map((ms) => START - ms).sort((a, b) => a - b)
  return new Map<string, number[]>([
    ['message', at],
    ['*', at],
  ])
})

describe('forecasts of anything', () => {
  it('are those of the rules counted out where days repeat, too', () => {
    fc.assert(
      fc.property(
        fc.array(streamOf, { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 200, max: 900 }), { minLength: 3, maxLength: 3 }),
        (streams, counts) => {
          const given = input({ streams: streams.map((one, ord) => ({ ...one, ord, count: counts[ord] ?? 300 })) })
          const last = given.streams.length - 1
          expect(forecast(given, last)).toEqual(naive(given, last))
        },
      ),
      { numRuns: 12 },
    )
  }, 60_000)

  it('are those of the rules counted out', () => {
    fc.assert(
      fc.property(
        fc.array(streamOf, { minLength: 1, maxLength: 4 }),
        usedOf,
        fc.constantFrom(0, 1_000, 30_000),
        fc.dictionary(
          fc.constantFrom('message', '*'),
          fc.integer({ min: 0, max: DAY_MS }).map((ms) => START + ms),
        ),
        (streams, used, gapMs, paused) => {
          const given = input({
            gapMs,
            used,
            lastAt: used.get('*')?.at(-1) ?? null,
            pausedUntil: new Map(Object.entries(paused)),
            streams: streams.map((one, ord) => ({ ...one, ord })),
          })
          expect(forecast(given, 0)).toEqual(naive(given, 0))
        },
      ),
      { numRuns: 150 },
    )
  }, 30_000)
})
