import type { Clock, Timer } from '../../src/core/clock.ts'
import { newToken } from './ids.ts'
import type { LedgerEntry, Plan, PlannedAct } from './records.ts'
import type { World } from './world.ts'

const ECHO_AFTER_MS = 2000
const DAY_MS = 86_400_000

/**
 * What people will do by themselves, kept in the world and run when product time has come, earliest first. One timer
 * stands for the earliest plan; a restart arms it again from the records.
 */
export class Agenda {
  readonly #world: World
  readonly #clock: Clock
  readonly #perform: (act: PlannedAct, at: number) => void
  #timer: Timer | null = null

  constructor(world: World, clock: Clock, perform: (act: PlannedAct, at: number) => void) {
    this.#world = world
    this.#clock = clock
    this.#perform = perform
  }

  add(at: number, act: PlannedAct): Plan {
    const plan = this.#world.plans.put({ id: newToken(this.#world, 10), at, act })
    this.arm()
    return plan
  }

  /** Sets the timer to the earliest plan; called after the world was loaded or reset. */
  arm(): void {
    this.#timer?.cancel()
    const first = this.#first()
    this.#timer = first === undefined ? null : this.#clock.at(first.at, () => this.#runDue())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Scripted people answer what happens: an echo repeats a message, a fickle follower leaves after a day. */
  react(entry: LedgerEntry): void {
    if (entry.duplicateOf !== undefined || entry.target === null) return
    const target = this.#world.userNamed(entry.target)
    if (entry.kind === 'message' && target?.script === 'echo' && entry.text !== undefined) {
      this.add(entry.at + ECHO_AFTER_MS, { as: target.username, do: 'message', to: entry.account, text: entry.text })
    }
    const actor = this.#world.userNamed(entry.account)
    if (entry.kind === 'follow' && actor?.script === 'unfollows_next_day') {
      this.add(entry.at + DAY_MS, { as: actor.username, do: 'unfollow', to: entry.target })
    }
  }

  #first(): Plan | undefined {
    let first: Plan | undefined
    for (const plan of this.#world.plans.values()) if (first === undefined || plan.at < first.at) first = plan
    return first
  }

  #runDue(): void {
    this.#timer = null
    for (let first = this.#first(); first !== undefined && first.at <= this.#clock.now(); first = this.#first()) {
      this.#world.plans.delete(first.id)
      this.#perform(first.act, first.at)
    }
    this.arm()
  }
}
