import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { WebhookTransport } from '../core/webhook-post.ts'
import type { SessionHooks } from '../outbox/index.ts'
import type { Store } from '../store/store.ts'
import type { SecretSeals } from './secrets.ts'

/** Everything the feature's routes need; each use case names the part it takes. */
export interface WebhookDeps {
  store: Store
  clock: Clock
  random: Random
  transport: WebhookTransport
  seals: SecretSeals
  sessions: Pick<SessionHooks, 'find'>
  /** How the gateway names itself to receivers. */
  userAgent: string
  perUserMax: number
}
