import type { OutboxDeps } from '../outbox/index.ts'

/** The words with which a contact asks not to be messaged, and takes it back; folded. */
export interface Words {
  stop: ReadonlySet<string>
  start: ReadonlySet<string>
}

export interface AutomationDeps extends OutboxDeps {
  words: Words
  /** How often rules of an account may act on one contact in a day. */
  perContactDay: number
}
