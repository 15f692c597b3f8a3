import type { Clock } from '../../src/core/clock.ts'
import type { Faults } from '../faults.ts'
import type { RequestLog } from '../request-log.ts'
import type { Settings, SettingsInput } from '../settings.ts'
import type { Agenda } from '../world/agenda.ts'
import type { World } from '../world/world.ts'

/** The part of a sandbox that can be told what to be. */
export interface Controlled {
  readonly world: World
  readonly faults: Faults
  readonly requests: RequestLog
  /** Changes what is strict and what is limited. */
  configure(input: SettingsInput): void
  settings(): Settings
  /** A fresh world, without faults. */
  reset(seed?: number): void
}

/** What a control call works on. */
export interface ControlParts {
  sandbox: Controlled
  agenda: Agenda
  clock: Clock
  /** Moves product time; null when nobody gave us the right to. */
  advance: ((ms: number) => Promise<void>) | null
}
