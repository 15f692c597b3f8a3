import type { Connector, CookieStore } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { LaneSignal } from '../lanes/index.ts'
import type { ActingSession } from '../outbox/session-hooks.ts'
import type { Db, Store } from '../store/store.ts'
import type { Mode, SessionSettings } from './session.ts'
import type { Vault } from './vault.ts'

/** Ends what an ended session still had queued, in the transaction that ends it. */
export type CancelQueue = (
  tx: Db,
  input: { sessionId: string; accountId: string; reason: 'session_ended' },
) => Promise<void>

/** Writes down what somebody did with rights beyond their own data. */
export type Audit = (
  tx: Db,
  entry: { actor: string; what: string; target: string | null; details: Record<string, unknown> | null },
) => Promise<void>

/** Takes over what settings switch. */
export type SettingsChanged = (
  tx: Db,
  input: { session: ActingSession; before: SessionSettings; after: SessionSettings },
) => Promise<void>

/** The connectors' cookie jar, bound to Instagram's address by the composition root. */
export interface CookieJars {
  create(): CookieStore
  parse(text: string): CookieStore
  /** From values by name. Throws `VALIDATION_ERROR` for what cannot be a session's cookies. */
  imported(cookies: Readonly<Record<string, string>>): CookieStore
}

export interface SessionOptions {
  mode: Mode
  perUserMax: number
  /** From Instagram's last answer to expiry. */
  expiryMs: number
  /** From the end of a session to the deletion of its row. */
  retentionMs: number
  /** `maxDailyActions` of sessions opened through v2. */
  maxDailyActions: number
  /** `actionDelay` of sessions opened through v2, milliseconds. */
  actionDelayMs: number
}

/** Everything the feature needs; each use case names the part it takes. */
export interface SessionDeps {
  store: Store
  clock: Clock
  random: Random
  vault: Vault
  connectors: ReadonlyMap<string, Connector>
  jars: CookieJars
  signal: LaneSignal
  cancelQueue: CancelQueue
  /** Told of changed settings in the transaction that changes them; left out = nobody asks. */
  settingsChanged?: SettingsChanged
  audit: Audit
  options: SessionOptions
  /** The gateway's address as its users see it, without a slash at the end; known once it listens. */
  publicUrl(): string
}
