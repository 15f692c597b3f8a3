/** A fact that happened to an account, as the feature that saw it hands it to the log. */
export interface EventDraft {
  userId: string
  /** Past tense, e.g. `message.sent`. */
  type: EventType
  /** Product time. */
  at: number
  sessionId: string | null
  username: string | null
  data: Record<string, unknown>
}

/** A fact in the log; never changed. */
export interface StoredEvent extends EventDraft {
  id: string
  /** Rises without gaps per user, in the order of commits. */
  sequence: number
}

/** Every type of event that the gateway can write, with what it says: the list that users subscribe by. */
export const EVENT_CATALOGUE = {
  'message.received': 'Somebody wrote to the account.',
  'story_reply.received': 'Somebody replied to a story of the account.',
  'comment.received': 'Somebody commented on a post of the account.',
  'like.received': 'Somebody liked a post of the account.',
  'follow.received': 'Somebody followed the account.',
  'unfollow.received': 'Somebody stopped following the account.',
  'mention.received': 'Somebody mentioned the account.',
  'message.sent': 'Instagram confirmed a message of the account.',
  'message.failed': 'A message was not sent and will not be.',
  'message.unconfirmed': 'A message may have been sent and nothing can tell.',
  'message.canceled': 'A message ended before its turn: canceled, expired or skipped.',
  'message.read': 'A received message was marked as read.',
  'message.deleted': 'A message was unsent or hidden.',
  'action.succeeded': 'An action took effect.',
  'action.failed': 'An action did not take effect and will not.',
  'action.unconfirmed': 'An action may have taken effect and nothing can tell.',
  'action.canceled': 'An action was canceled before its turn.',
  'action.expired': 'An action expired before its turn.',
  'action.skipped': 'An action was left out: suppressed, or a duplicate within a bulk.',
  'bulk.accepted': 'A bulk was accepted whole.',
  'bulk.completed': 'Every item of a bulk has ended.',
  'bulk.paused': 'A bulk was paused.',
  'bulk.resumed': 'A bulk goes on.',
  'bulk.canceled': 'A bulk was canceled.',
  'session.created': 'An account was connected.',
  'session.active': 'Instagram sees the account as logged in again.',
  'session.expiring': 'The session expires within an hour.',
  'session.expired': 'The session expired.',
  'session.challenge_required': 'Instagram asks the owner of the account to confirm.',
  'session.login_required': 'Instagram ended the session; log in again.',
  'session.suspended': 'Instagram suspended the account.',
  'session.proxy_error': "The session's proxy cannot be reached.",
  'session.unreachable': 'Instagram cannot be reached.',
  'session.suspect': 'The account hears less than it should; look at it in the app.',
  'session.logged_out': 'The session was logged out.',
  'session.deactivated': 'The session was deactivated.',
  'limit.paused': 'Instagram pushed back; the account or one kind of action waits.',
  'limit.lifted': 'A pause was lifted by its owner.',
  'webhook.failing': 'An endpoint has failed for half the time after which it is switched off.',
  'webhook.disabled': 'An endpoint was switched off.',
  'webhook.exhausted': 'A delivery used up its retries.',
} as const satisfies Record<string, string>

export type EventType = keyof typeof EVENT_CATALOGUE
