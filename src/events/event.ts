/** A fact that happened to an account, as the feature that saw it hands it to the log. */
export interface EventDraft {
  userId: string
  /** Past tense, e.g. `message.sent`; the catalogue is the contract's list. */
  type: string
  /** Product time. */
  at: number
  sessionId: string | null
  username: string | null
  data: Record<string, unknown>
}
