import { describe, expect, it } from 'vitest'
import { createManualClock } from './clock-manual.ts'

describe('createManualClock', () => {
  it('runs each timer at its own instant, also those that timers add', async () => {
    const clock = createManualClock({ now: 1_000 })
    const ran: [string, number][] = []
    clock.at(1_300, () => ran.push(['product', clock.now()]))
    clock.after(100, () => {
      ran.push(['machine', clock.elapsed()])
      clock.after(100, () => ran.push(['added', clock.elapsed()]))
    })
    clock.at(2_001, () => ran.push(['too late', clock.now()]))
    await clock.advance(1_000)
    expect(ran).toEqual([
      ['machine', 100],
      ['added', 200],
      ['product', 1_300],
    ])
    expect(clock.now()).toBe(2_000)
    expect(clock.nextDue()).toBe(2_001)
  })

  it('waits for tracked work before it goes on', async () => {
    const clock = createManualClock({ now: 0 })
    const finished: number[] = []
    const work = async () => {
      for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve))
      finished.push(clock.now())
    }
    clock.at(10, () => void clock.track(work()))
    clock.at(20, () => void clock.track(work()))
    await clock.advance(100)
    expect(finished).toEqual([10, 20])
  })

  it('goes on when tracked work waits for a timer of its own', async () => {
    const clock = createManualClock({ now: 0, patienceMs: 5 })
    const finished: number[] = []
    const work = () =>
      new Promise<void>((resolve) => clock.after(15_000, resolve)).then(() => finished.push(clock.now()))
    clock.at(10, () => void clock.track(work()))
    await clock.advance(60_000)
    expect(finished).toEqual([15_010])
  })

  it('ticks without waiting', () => {
    const clock = createManualClock({ now: 0 })
    const ran: number[] = []
    clock.at(5, () => ran.push(clock.now()))
    clock.at(0, () => ran.push(clock.now()))
    expect(ran).toEqual([])
    clock.tick()
    expect(ran).toEqual([0])
    clock.tick(10)
    expect(ran).toEqual([0, 5])
    expect(clock.now()).toBe(10)
  })

  it('refuses a second advance while one is under way', async () => {
    const clock = createManualClock()
    const first = clock.advance(10)
    await expect(clock.advance(10)).rejects.toMatchObject({ code: 'CLOCK_BUSY' })
    await first
  })

  it('keeps the machine time of a skewed node apart', async () => {
    const clock = createManualClock({ now: 1_000, skewMs: -400 })
    await clock.advance(50)
    expect([clock.now(), clock.wall(), clock.elapsed()]).toEqual([1_050, 650, 50])
  })
})
