import { describe, expect, it } from 'vitest'
import { type ClockEvent, createSystemClock } from './clock-system.ts'
import type { MachineTime } from './machine-clock.ts'
import { TimerQueue } from './timer-queue.ts'

const START = 1_750_000_000_000
const HOUR = 3_600_000

/** A machine whose clocks go as the test says. */
function createMachine() {
  const timers = new TimerQueue()
  let elapsed = 500
  let wall = START
  let uptime = 90_000
  const machine: MachineTime = {
    wall: () => wall,
    elapsed: () => elapsed,
    uptime: () => uptime,
    after: (ms, callback) => timers.add(elapsed + ms, callback),
  }
  return {
    machine,
    /** Time passes as usual. */
    pass(ms: number) {
      const target = elapsed + ms
      for (let next = timers.next(); next !== null && next <= target; next = timers.next()) {
        const step = Math.max(0, next - elapsed)
        elapsed += step
        wall += step
        uptime += step
        timers.runDue(elapsed)
      }
      const rest = target - elapsed
      elapsed += rest
      wall += rest
      uptime += rest
    },
    setWall(ms: number) {
      wall += ms
    },
    suspend(ms: number) {
      wall += ms
      uptime += ms
    },
  }
}

function setUp(options: { startFloor?: number; startWall?: number } = {}) {
  const world = createMachine()
  const events: ClockEvent[] = []
  const clock = createSystemClock({
    startFloor: 0,
    ...options,
    machine: world.machine,
    onEvent: (event) => events.push(event),
  })
  return { ...world, clock, events }
}

/** Lets settled promises be noticed. */
const rounds = async () => {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('product time', () => {
  it('starts at the wall clock, or at what the store has seen when that is later', () => {
    expect(setUp({ startFloor: START - 5 }).clock.now()).toBe(START)
    expect(setUp({ startFloor: START + 5 }).clock.now()).toBe(START + 5)
  })

  it('runs with the monotonic clock, in whole milliseconds', () => {
    const { clock, pass } = setUp()
    pass(1_234.75)
    expect(clock.now()).toBe(START + 1_234)
  })

  it.each([HOUR, -HOUR])('does not follow a step of the wall clock by %d ms, and tells', (stepMs) => {
    const { clock, events, pass, setWall } = setUp()
    pass(60_000)
    setWall(stepMs)
    pass(60_000)
    expect(clock.now()).toBe(START + 120_000)
    expect(clock.wall()).toBe(START + 120_000 + stepMs)
    expect(events).toEqual([{ type: 'wall_stepped', byMs: stepMs }])
    expect(clock.ignoredStepMs()).toBe(stepMs)
  })

  it('jumps forward when the machine was suspended, and runs what became due', () => {
    const { clock, events, pass, suspend } = setUp()
    const ran: number[] = []
    clock.at(START + HOUR, () => ran.push(clock.now()))
    pass(60_000)
    suspend(8 * HOUR)
    pass(10_000)
    expect(clock.now()).toBe(START + 8 * HOUR + 70_000)
    expect(ran).toEqual([START + 8 * HOUR + 70_000])
    expect(events).toEqual([{ type: 'suspended', forMs: 8 * HOUR }])
  })

  it('lets small differences of the wall clock pass without a word', () => {
    const { events, pass, setWall } = setUp()
    for (let look = 0; look < 10; look += 1) {
      setWall(400)
      pass(10_000)
    }
    expect(events).toEqual([])
  })
})

describe('timers', () => {
  it('call back in order once their instant is reached, never before', () => {
    const { clock, pass } = setUp()
    const ran: [string, number][] = []
    clock.at(START + 2_000, () => ran.push(['later', clock.now()]))
    clock.at(START + 1_000, () => ran.push(['earlier', clock.now()]))
    clock.at(START + 1_500, () => ran.push(['canceled', clock.now()])).cancel()
    clock.after(1_700, () => ran.push(['machine', clock.now()]))
    pass(999)
    expect(ran).toEqual([])
    pass(2_000)
    expect(ran).toEqual([
      ['earlier', START + 1_000],
      ['machine', START + 1_700],
      ['later', START + 2_000],
    ])
  })

  it('call back soon for an instant that has passed, but not at once', () => {
    const { clock, pass } = setUp()
    const ran: string[] = []
    clock.at(START - HOUR, () => ran.push('past'))
    expect(ran).toEqual([])
    pass(1)
    expect(ran).toEqual(['past'])
  })

  it('stay silent after stop', () => {
    const { clock, pass } = setUp()
    const ran: string[] = []
    clock.at(START + 10, () => ran.push('before stop'))
    clock.stop()
    clock.at(START + 20, () => ran.push('after stop'))
    pass(HOUR)
    expect(ran).toEqual([])
  })
})

describe('anchor', () => {
  it('starts on the server clock and keeps its lead over it', async () => {
    const { clock, pass } = setUp({ startWall: START + HOUR, startFloor: START + HOUR + 5_000 })
    await clock.anchor(async () => START + HOUR)
    pass(1_000)
    expect(clock.now()).toBe(START + HOUR + 6_000)
    expect(clock.wall()).toBe(START + HOUR + 1_000)
  })

  it('follows the server gradually in both directions', async () => {
    const { clock, pass } = setUp()
    let ahead = 3_000
    await clock.anchor(async () => clock.wall() + ahead)
    pass(10_000)
    expect(clock.now()).toBe(START + 11_000)
    pass(20_000)
    expect(clock.now()).toBe(START + 33_000)
    ahead = -3_000
    pass(30_000)
    await rounds()
    pass(10_000)
    expect(clock.now()).toBe(START + 63_000 + 9_000)
  })

  it('is trusted for five minutes without a reading, and again after the next one', async () => {
    const { clock, events, pass } = setUp()
    let isReachable = true
    await clock.anchor(async () => {
      if (!isReachable) throw new Error('no connection')
      return clock.wall()
    })
    isReachable = false
    const minute = async () => {
      pass(60_000)
      await rounds()
    }
    for (let count = 0; count < 5; count += 1) await minute()
    expect(clock.isTrusted()).toBe(true)
    await minute()
    expect(clock.isTrusted()).toBe(false)
    expect(events.filter(({ type }) => type === 'anchor_unreadable')).toHaveLength(6)
    isReachable = true
    await minute()
    expect(clock.isTrusted()).toBe(true)
  })

  it('rejects when the first reading fails', async () => {
    const { clock } = setUp()
    await expect(clock.anchor(() => Promise.reject(new Error('no connection')))).rejects.toThrow('no connection')
  })

  it('is always trusted without a server', () => {
    const { clock, pass } = setUp()
    pass(24 * HOUR)
    expect(clock.isTrusted()).toBe(true)
  })
})

describe('advance', () => {
  it('moves product time only, and runs what is due at its own instant', async () => {
    const { clock } = setUp()
    const ran: number[] = []
    clock.at(START + HOUR, () => {
      ran.push(clock.now())
      clock.at(START + 2 * HOUR, () => ran.push(clock.now()))
    })
    clock.at(START + 24 * HOUR + 1, () => ran.push(clock.now()))
    await clock.advance(24 * HOUR)
    expect(ran).toEqual([START + HOUR, START + 2 * HOUR])
    expect([clock.now(), clock.wall(), clock.elapsed()]).toEqual([START + 24 * HOUR, START, 500])
  })

  it('waits for the work that a timer started before it goes to the next instant', async () => {
    const { clock } = setUp()
    const finished: number[] = []
    for (const instant of [START + 10, START + 20]) {
      clock.at(instant, () => void clock.track(rounds().then(() => finished.push(clock.now()))))
    }
    await clock.advance(HOUR)
    expect(finished).toEqual([START + 10, START + 20])
  })

  it('waits five seconds of machine time for work that hangs, once', async () => {
    const { clock, pass } = setUp()
    clock.at(START + 10, () => void clock.track(new Promise(() => {})))
    clock.at(START + 20, () => {})
    let isDone = false
    const advancing = clock.advance(HOUR).then(() => {
      isDone = true
    })
    await rounds()
    pass(4_999)
    await rounds()
    expect(isDone).toBe(false)
    pass(1)
    await advancing
    expect(clock.now()).toBe(START + HOUR)
  })

  it('waits for work that failed, and leaves its failure to whoever started it', async () => {
    const { clock } = setUp()
    const failures: unknown[] = []
    clock.at(START + 10, () => {
      clock.track(rounds().then(() => Promise.reject(new Error('turn')))).catch((error) => failures.push(error))
    })
    await clock.advance(HOUR)
    expect(failures).toHaveLength(1)
  })

  it('ends with what was asked to come after it, at the new time', async () => {
    const { clock } = setUp()
    const remembered: number[] = []
    clock.onAdvance(async () => {
      await rounds()
      remembered.push(clock.now())
    })
    await clock.advance(HOUR)
    expect(remembered).toEqual([START + HOUR])
  })

  it('refuses a second advance while one is under way', async () => {
    const { clock } = setUp()
    const first = clock.advance(HOUR)
    await expect(clock.advance(HOUR)).rejects.toMatchObject({ code: 'CLOCK_BUSY' })
    await first
    expect(clock.now()).toBe(START + HOUR)
  })
})
