import type { Connector, CookieStore } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Db, Store } from '../store/store.ts'
import type { Mode } from './session.ts'
import type { Vault } from './vault.ts'

/** What sessions need of the accounts' lanes, in the caller's transaction. */
export interface Lanes {
  /** Makes the account's lane when it has none. */
  create(tx: Db, accountId: string): Promise<void>
  /** Holds the account until the commit: state of its sessions changes by one transaction at a time. */
  lock(tx: Db, accountId: string): Promise<void>
  /** The lane is looked at again at `at` or earlier. */
  wake(tx: Db, accountId: string, at: number): Promise<void>
}

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

/** Cookies as callers have them: values by name, or a browser's export. */
export type ImportedCookies = Record<string, string> | readonly ImportedCookie[]

export interface ImportedCookie {
  name: string
  value: string
  domain?: string
  path?: string
}

/** The connectors' cookie jar, bound to Instagram's address by the composition root. */
export interface CookieJars {
  create(): CookieStore
  parse(text: string): CookieStore
  imported(cookies: ImportedCookies): CookieStore
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
  lanes: Lanes
  cancelQueue: CancelQueue
  audit: Audit
  options: SessionOptions
  /** The gateway's address as its users see it, without a slash at the end; known once it listens. */
  publicUrl(): string
}
