/**
 * Who must not be written to: a contact, by Instagram's id or by name, for one account or for all of a user's.
 *
 * The id is the person, whatever their name; a name alone means whoever has it. A row that knows both means the person:
 * when somebody else takes the name over, they are not meant, which shows once the recipient was looked up.
 *
 * A suppression belongs to the account behind the session that was named, so that logging in anew does not lift it. Lifted
 * ones stay as history. Suppressing and lifting hold the lock of every account they concern, and so does whoever accepts
 * or marks: after the answer nothing more is begun.
 */

/** `stop`: the contact asked for it, and may take it back. `manual`: the user did. */
export type SuppressionReason = 'manual' | 'stop'

/** All accounts of the user. */
export const ALL_ACCOUNTS = '*'

export interface Suppression {
  id: string
  userId: string
  /** An account's id, or `ALL_ACCOUNTS`. */
  scope: string
  sessionId: string | null
  platformId: string | null
  username: string | null
  reason: SuppressionReason
  eventId: string | null
  createdBy: string
  createdAt: number
}

/** A suppression as the API shows it. */
export function viewSuppression(suppression: Suppression) {
  const { id, sessionId, platformId, username, reason, createdAt } = suppression
  return { id, sessionId, username, platformId, reason, createdAt: new Date(createdAt).toISOString() }
}
