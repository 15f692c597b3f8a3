/**
 * When will it be done? The lane is simulated forward: what waits, in the order in which the lane would take it, under the
 * rolling windows, pauses and gaps that hold now, as if every attempt took no time and nothing else came.
 *
 * The work is a handful of *streams*, each of so many attempts of one kind and class, not single actions: a step of the
 * simulation takes one attempt from one of them and costs as much as there are streams. Once it has taken a thousand steps
 * and the last two days were alike, the days after them will be, too, because no rule looks further back than a day: then
 * it goes by whole days, for as many as every stream lasts and nothing begins.
 */
import { ALL_KINDS, DAY_MS, type EffectiveLimits, HOUR_MS } from './policy.ts'

/** Attempts of one kind and class that wait together. */
export interface ForecastStream {
  kind: string
  /** Lower goes first. */
  class: number
  /** Within a class the lower goes first: due instant, then place. */
  dueAt: number
  ord: number
  count: number
  /** None of them before this instant. */
  notBefore: number
  /** Least milliseconds between two of them. */
  gapMs: number
  limits: EffectiveLimits
}

export interface ForecastInput {
  now: number
  /** Least milliseconds between two attempts of the account, and when the last one was. */
  gapMs: number
  lastAt: number | null
  /** Instants of the attempts of each kind within the last day, and of all together under `*`; ascending. */
  used: ReadonlyMap<string, readonly number[]>
  /** Until when a kind, or everything under `*`, is paused. */
  pausedUntil: ReadonlyMap<string, number>
  streams: readonly ForecastStream[]
}

/** Steps before anything is skipped; small forecasts are exact to the end. */
const EXACT_STEPS = 1_000
/** Steps from one look for repeated days to the next. */
const LOOK_EVERY_STEPS = 200
/** Steps after which the rest is estimated by the pace so far, so that no input holds up the process. */
const STEPS_MAX = 50_000

/**
 * The instants of the attempts of `streams[target]`, ascending; null when one of its limits is zero. Past `stepsMax`
 * steps the rest is estimated.
 */
export function forecast(input: ForecastInput, target: number, stepsMax: number = STEPS_MAX): number[] | null {
  const simulation = new Simulation(input, target)
  return simulation.run(stepsMax)
}

interface Running extends ForecastStream {
  left: number
  nextAt: number
}

interface Step {
  at: number
  stream: number
}

class Simulation {
  readonly #gapMs: number
  readonly #streams: Running[]
  readonly #target: number
  readonly #attempts = new Map<string, number[]>()
  readonly #pausedUntil: ReadonlyMap<string, number>
  readonly #instants: number[] = []
  #now: number
  #lastAt: number | null
  /** Steps since the beginning, or since whole days were skipped. */
  #steps: Step[] = []

  constructor(input: ForecastInput, target: number) {
    this.#now = input.now
    this.#gapMs = input.gapMs
    this.#lastAt = input.lastAt
    this.#target = target
    this.#pausedUntil = input.pausedUntil
    this.#streams = input.streams.map((stream) => ({ ...stream, left: stream.count, nextAt: stream.notBefore }))
    for (const kind of [ALL_KINDS, ...input.streams.map((stream) => stream.kind)]) {
      this.#attempts.set(kind, [...(input.used.get(kind) ?? [])])
    }
  }

  run(stepsMax: number): number[] | null {
    const target = this.#streams[this.#target]
    if (target === undefined) throw new Error('forecast: no such stream')
    let nextLook = EXACT_STEPS
    for (let taken = 0; target.left > 0; taken += 1) {
      if (taken >= stepsMax) return this.#estimateRest(target)
      let step = this.#next()
      // Between two instants, not within what happens at one of them: so a day holds all of it or nothing.
      if (taken >= nextLook && step !== null && step.at > this.#now) {
        nextLook = taken + LOOK_EVERY_STEPS
        if (this.#skipDays()) step = this.#next()
      }
      if (step === null) return null
      this.#take(step)
    }
    return this.#instants
  }

  /** The lane's next attempt: as early as any may go, and among those the one that it would take. */
  #next(): Step | null {
    let best: Step | null = null
    for (const [index, stream] of this.#streams.entries()) {
      if (stream.left === 0) continue
      const at = this.#earliest(stream)
      if (at === null) continue
      const current = best === null ? null : (this.#streams[best.stream] as Running)
      if (best === null || current === null || at < best.at || (at === best.at && goesFirst(stream, current))) {
        best = { at, stream: index }
      }
    }
    return best
  }

  /** Null = never. */
  #earliest(stream: Running): number | null {
    const { kind, limits } = stream
    const ofKind = this.#attempts.get(kind) as number[]
    const ofAll = this.#attempts.get(ALL_KINDS) as number[]
    if (limits.hour === 0 || limits.day === 0 || limits.total === 0) return null
    return Math.max(
      this.#now,
      stream.nextAt,
      this.#lastAt === null ? 0 : this.#lastAt + this.#gapMs,
      this.#pausedUntil.get(kind) ?? 0,
      this.#pausedUntil.get(ALL_KINDS) ?? 0,
      freeAt(ofKind, limits.hour, HOUR_MS),
      freeAt(ofKind, limits.day, DAY_MS),
      freeAt(ofAll, limits.total, DAY_MS),
    )
  }

  #take(step: Step): void {
    const stream = this.#streams[step.stream] as Running
    stream.left -= 1
    stream.nextAt = step.at + stream.gapMs
    this.#attempts.get(stream.kind)?.push(step.at)
    this.#attempts.get(ALL_KINDS)?.push(step.at)
    this.#lastAt = step.at
    this.#now = step.at
    this.#steps.push(step)
    if (step.stream === this.#target) this.#instants.push(step.at)
  }

  /** Repeats the last day as often as every stream in it lasts, if it was like the day before; false if it was not. */
  #skipDays(): boolean {
    const day = this.#dayBefore(this.#now)
    const before = this.#dayBefore(this.#now - DAY_MS)
    if (before === null || day === null || !isRepeated(before, day)) return false
    const days = this.#daysAlike(day)
    if (days < 1) return false
    for (let repeat = 1; repeat <= days; repeat += 1) {
      for (const { at, stream } of day) if (stream === this.#target) this.#instants.push(at + repeat * DAY_MS)
    }
    const skippedMs = days * DAY_MS
    const from = this.#now - DAY_MS
    for (const [kind, attempts] of this.#attempts) {
      this.#attempts.set(
        kind,
        attempts.filter((at) => at >= from).map((at) => at + skippedMs),
      )
    }
    for (const { stream } of day) {
      const running = this.#streams[stream] as Running
      running.left -= days
    }
    for (const stream of new Set(day.map((step) => step.stream))) {
      const running = this.#streams[stream] as Running
      running.nextAt += skippedMs
    }
    this.#now += skippedMs
    if (this.#lastAt !== null) this.#lastAt += skippedMs
    this.#steps = []
    return true
  }

  /** The steps of the day that ends with `end`; null when the simulation does not reach back so far. */
  #dayBefore(end: number): Step[] | null {
    const first = this.#steps[0]
    if (first === undefined || first.at > end - DAY_MS) return null
    return this.#steps.filter(({ at }) => at > end - DAY_MS && at <= end)
  }

  /** For how many whole days nothing ends, and nothing that waits begins. */
  #daysAlike(day: readonly Step[]): number {
    let days = Number.POSITIVE_INFINITY
    for (const [index, stream] of this.#streams.entries()) {
      if (stream.left === 0) continue
      const each = day.reduce((count, step) => count + (step.stream === index ? 1 : 0), 0)
      if (each > 0) {
        days = Math.min(days, Math.floor((stream.left - 1) / each))
        continue
      }
      const beginsAt = Math.max(stream.nextAt, this.#pausedUntil.get(stream.kind) ?? 0)
      if (beginsAt > this.#now) days = Math.min(days, Math.floor((beginsAt - this.#now) / DAY_MS))
    }
    return Number.isFinite(days) ? days : 0
  }

  /** By the pace of the target so far; before its first attempt, by that of what is ahead of it. */
  #estimateRest(target: Running): number[] {
    const first = this.#steps[0]?.at ?? this.#now
    const own = this.#steps.filter(({ stream }) => stream === this.#target).length
    const eachMs = (this.#now - first) / Math.max(1, own > 0 ? own : this.#steps.length)
    const ahead = own > 0 ? 0 : this.#streams.reduce((sum, stream) => sum + (stream === target ? 0 : stream.left), 0)
    const from = this.#now + ahead * eachMs
    for (let index = 1; index <= target.left; index += 1) this.#instants.push(Math.ceil(from + index * eachMs))
    return this.#instants
  }
}

function goesFirst(a: ForecastStream, b: ForecastStream): boolean {
  return (a.class - b.class || a.dueAt - b.dueAt || a.ord - b.ord) < 0
}

/** When attempt number n − limit has left the window, if the next attempt is number n. */
function freeAt(attempts: readonly number[], limit: number | null, durationMs: number): number {
  const leaving = limit === null ? undefined : attempts[attempts.length - limit]
  return leaving === undefined ? 0 : leaving + durationMs
}

function isRepeated(before: readonly Step[], day: readonly Step[]): boolean {
  if (before.length !== day.length) return false
  return before.every(({ at, stream }, index) => day[index]?.at === at + DAY_MS && day[index]?.stream === stream)
}
