/**
 * The tables. Instants are epoch milliseconds of product time unless the name says `wall`; structured values are JSON
 * text, parsed by the feature that owns the table. Who owns a table is the folder whose `store.ts` touches it.
 */
export interface Schema {
  meta: MetaTable
  clock: ClockTable
  accounts: AccountTable
  lanes: LaneTable
  pauses: PauseTable
  usage: UsageTable
  switches: SwitchTable
  sessions: SessionTable
  login_attempts: LoginAttemptTable
  handoffs: HandoffTable
  actions: ActionTable
  batches: BatchTable
  timeline: TimelineTable
  conversations: ConversationTable
  messages: MessageTable
  events: EventTable
  event_sequences: EventSequenceTable
  idempotency_keys: IdempotencyKeyTable
  revocations: RevocationTable
  audit: AuditTable
}

/** Facts about the store itself: its mode, its migrations. Owner: store. */
interface MetaTable {
  key: string
  value: string
}

/** One row: the newest instant of product time that the store has seen. Owner: store. */
interface ClockTable {
  id: 1
  seen_at: number
}

/** One Instagram identity. Owner: sessions. */
export interface AccountTable {
  id: string
  /** Instagram's numeric user id, as text. */
  platform_id: string
  username: string
  /** JSON of a limit policy that an admin set for this account, or null. */
  policy: string | null
  created_at: number
}

/** The account's serial queue; its row is the account's lock. Owner: lanes. */
export interface LaneTable {
  account_id: string
  /** When the lane should be looked at next; null = nothing to do. */
  due_at: number | null
  /** The process that holds the lane, or null. */
  owner: string | null
  /** Machine time (wall). */
  lease_until_wall: number | null
  /** Rises with every claim; a worker with an older fence writes nothing. */
  fence: number
  /** The account's own counter for `actions.ord`. */
  next_ord: number
  /** A check of the session comes before any other turn, from this instant on; null = none is owed. */
  check_at: number | null
}

/** Owner: limits. `kind` is an action kind or `*` for the whole account. */
export interface PauseTable {
  account_id: string
  kind: string
  until: number
  reason: string
  /** Step of the ladder, 0-based. */
  level: number
  since: number
}

/** What an operator stopped: `all`, `user/<id>`, `session/<id>`. Owner: limits. */
interface SwitchTable {
  scope: string
  since: number
  actor: string
  reason: string | null
}

/** Numbered uses: attempts (subject = account id, kind = action kind or `*`) and API requests (subject = user id). Owner: limits. */
export interface UsageTable {
  subject: string
  kind: string
  no: number
  at: number
  ref: string | null
}

/** Owner: sessions. */
export interface SessionTable {
  id: string
  user_id: string
  account_id: string
  username: string
  connector: string
  status: string
  status_reason: string | null
  /** Space-separated APIs the session was opened through: `v2`, `v1`. */
  opened_through: string
  /** The v1 caller's own label. */
  label: string | null
  /** JSON. */
  settings: string
  /** JSON. */
  metadata: string
  user_agent: string | null
  /** Sealed JSON of the proxy, or null. */
  proxy: string | null
  /** Sealed cookie jar, or null once wiped. */
  jar: string | null
  /** Rises with each login; a turn begun under an older jar does not write its cookies. */
  jar_version: number
  /** Consecutive `not_sent` outcomes, and when the lane may try again. */
  connect_failures: number
  retry_at: number | null
  challenge_url: string | null
  created_at: number
  last_activity_at: number
  expires_at: number
  expiring_told_at: number | null
  /** Set once logged out or deactivated; a live session has null. */
  ended_at: number | null
}

/** A login that waits for a second factor. Owner: sessions. */
export interface LoginAttemptTable {
  id: string
  user_id: string
  connector: string
  username: string
  method: string
  obfuscated_contact: string | null
  attempts_left: number
  /** Sealed JSON: jar, proxy, user agent, Instagram's identifier. */
  state: string
  created_at: number
  expires_at: number
}

/** One-use links to the owner's page. Owner: sessions. */
export interface HandoffTable {
  token_hash: string
  session_id: string
  expires_at: number
  used_at: number | null
}

/** Owner: outbox. */
export interface ActionTable {
  id: string
  user_id: string
  session_id: string
  account_id: string
  kind: string
  /** 0 person, 1 automation, 2 bulk: lower goes first. */
  class: number
  status: string
  /** While running: `attempt`, `readback`, `resend`. */
  step: string | null
  due_at: number
  ord: number
  /** JSON: whom or what it is about, as the caller named it. */
  target: string
  /** JSON: what to send. */
  payload: string
  /** JSON: what `resolve` found, kept for retries; null until then. */
  resolved: string | null
  /** Instagram's de-duplication token, fixed at acceptance. */
  client_token: string
  on_limit: string
  send_at: number | null
  expires_at: number | null
  /** Attempts made so far. */
  attempts: number
  /** Re-sends after an uncertain attempt. */
  resends: number
  /** Consecutive failures of `resolve` or `prepare`. */
  failures: number
  /** Machine time (wall) until which a running attempt's lost call may still take effect. */
  call_deadline_wall: number | null
  external_id: string | null
  /** Error code once failed, expired, canceled or skipped. */
  code: string | null
  reason: string | null
  /** JSON `{what, until, rule}` while it waits for something other than its turn. */
  waiting_for: string | null
  batch_id: string | null
  accepted_at: number
  accepted_by: string
  settled_at: number | null
}

/** Many actions accepted as one; the counts are those of its rows in `actions`. Owner: outbox. */
export interface BatchTable {
  id: string
  user_id: string
  session_id: string
  account_id: string
  kind: string
  /** As in `actions`. */
  class: number
  status: string
  /** JSON: what to send, shared by all items, whose own payload is empty. */
  payload: string
  /** Least milliseconds between two attempts of the bulk. */
  gap_ms: number
  /** Not before this instant. */
  next_at: number
  total: number
  /** How many of the skipped items name somebody whom an earlier item names. */
  duplicates: number
  queued: number
  running: number
  succeeded: number
  failed: number
  unconfirmed: number
  canceled: number
  expired: number
  skipped: number
  /** Machine time (wall) until which an acceptance under way is believed alive; null once accepted, 0 = being removed. */
  accept_by_wall: number | null
  accepted_by: string
  created_at: number
  /** When the last item ended. */
  settled_at: number | null
}

/** Every change of an action's status. Owner: outbox. */
export interface TimelineTable {
  action_id: string
  no: number
  at: number
  from_status: string
  to_status: string
  cause: string
  waiting_for: string | null
}

/** Owner: messaging. Key (user_id, id). */
export interface ConversationTable {
  user_id: string
  id: string
  account_id: string
  own_username: string
  other_username: string
  other_platform_id: string | null
  /** When Instagram last said that the name belongs to that id. */
  other_found_at: number | null
  thread_id: string | null
  last_message_id: string | null
  last_message_at: number
  unread: number
}

/** Owner: messaging. */
export interface MessageTable {
  id: string
  user_id: string
  session_id: string
  account_id: string
  conversation_id: string
  action_id: string | null
  /** The last action that was to take it back. */
  unsend_action_id: string | null
  /** Instagram's item id once known. */
  external_id: string | null
  sender_id: string
  sender_username: string
  recipient_id: string
  recipient_username: string
  content: string
  message_type: string
  media_url: string | null
  /** JSON: hashtags, mentions. */
  metadata: string
  /** `out` or `in`. */
  direction: string
  /** The action's status for sent ones; `received` for inbound. */
  status: string
  read_at: number | null
  hidden_at: number | null
  timestamp: number
}

/** Append-only. Key (user_id, sequence). Owner: events. */
export interface EventTable {
  user_id: string
  sequence: number
  id: string
  type: string
  at: number
  session_id: string | null
  username: string | null
  /** JSON. */
  data: string
}

/** Owner: events. */
export interface EventSequenceTable {
  user_id: string
  last: number
}

/** Owner: http. Key (user_id, key). */
export interface IdempotencyKeyTable {
  user_id: string
  key: string
  fingerprint: string
  /** HTTP status once answered. */
  status: number | null
  /** The stored answer (sealed when it shows a secret). */
  body: string | null
  /** JSON `{headers, sealed}` of the stored answer. */
  headers: string | null
  /** Machine time (wall) after which an unanswered record counts as abandoned. */
  answer_by_wall: number | null
  /** Random; names the request that holds the key, so that only it answers. */
  claim: string
  action_id: string | null
  created_at: number
}

/** Tokens of `sub` issued before `before_seconds` are void. Owner: http. */
export interface RevocationTable {
  sub: string
  before_seconds: number
}

/** Who did what with rights beyond their own data. Owner: operations. */
export interface AuditTable {
  id: string
  at: number
  actor: string
  what: string
  target: string | null
  /** JSON, never secrets. */
  details: string | null
}
