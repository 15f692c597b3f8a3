import type { Generated } from 'kysely'

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
  error_counts: ErrorCountTable
  errors_counted: ErrorsCountedTable
  inbound_sources: InboundSourceTable
  inbound_reads: InboundReadTable
  ingested: IngestedTable
  followers: FollowerTable
  stream_tickets: StreamTicketTable
  suppressions: SuppressionTable
  rules: RuleTable
  decisions: DecisionTable
  automation_cursors: AutomationCursorTable
  webhooks: WebhookTable
  webhook_deliveries: WebhookDeliveryTable
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
  /** Who sent it whether or not its recipient asked not to be messaged; null = nobody did. */
  override_by: string | null
  /** JSON `{ruleId, eventId}` of what a rule did. */
  caused_by: string | null
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
  /** Of a group: its name. */
  title: Generated<string | null>
  /** 1 = a group of several; 1 = a request that the account has not accepted. */
  is_group: Generated<number>
  is_request: Generated<number>
  /** Numbers what happens in it: a message that came (`messages.no`) or moved (`moved_no`). */
  last_no: Generated<number>
  /** The newest item down from which nothing is missing; null = nothing was read yet. */
  known_at: Generated<number | null>
  known_item: Generated<string | null>
  /** Where the walk down to `known_at` goes on, and from where it came; null = nothing is missing. */
  gap_cursor: Generated<string | null>
  gap_at: Generated<number | null>
  gap_item: Generated<string | null>
  /** Up to when the account, and the latest of the others, have seen it at Instagram. */
  own_seen_at: Generated<number>
  other_seen_at: Generated<number>
  /** The item up to which it should be marked seen at Instagram; null = none is owed. */
  seen_item: Generated<string | null>
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
  /** When it came, counted in its conversation. */
  no: Generated<number>
  /** When its timestamp moved, in the same count, and what it was before. */
  moved_no: Generated<number | null>
  moved_from: Generated<number | null>
  /** `api`, or `elsewhere`: received, or written by the account in an app. */
  origin: Generated<string>
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

/** One thing that is read again and again for an account. Key (account_id, source). Owner: inbound. */
export interface InboundSourceTable {
  account_id: string
  /** `inbox`, `threads`, `activity`, … */
  source: string
  /** The session that listens; another one begins anew. */
  session_id: string
  /** When it began to listen: what happened before is no news. */
  since: number
  /** When it should be read next; null = not before something wakes it. */
  due_at: number | null
  /** Between two reads, as adapted so far. */
  interval_ms: number
  /** When it was last read, when it last brought news, and when its answer was last understood. */
  read_at: number | null
  heard_at: number | null
  answered_at: number | null
  /** Since when it is reported as hearing less than it should; null = it is not. */
  suspect_at: number | null
  /** Answers in a row that could not be understood. */
  failures: number
  /** JSON: how far the source has read; null = nothing yet. */
  state: string | null
}

/** Numbered reads of an account, at least those of the last hour. Key (account_id, no). Owner: inbound. */
interface InboundReadTable {
  account_id: string
  no: number
  at: number
}

/** Facts of the outside that an event was written for, or that were there before. Owner: events. */
interface IngestedTable {
  account_id: string
  kind: string
  external_id: string
  at: number
}

/** What stands in for a token where a browser cannot send one; read once. Key hash. Owner: http. */
export interface StreamTicketTable {
  /** SHA-256 of the ticket; the ticket itself is nowhere. */
  hash: string
  /** JSON. */
  principal: string
  /** Product time. */
  expires_at: number
}

/** Who must not be written to. Lifted ones stay as history. Owner: suppressions. */
export interface SuppressionTable {
  id: string
  user_id: string
  /** An account's id, or `*` for all of the user's. */
  scope: string
  /** The session that was named, for showing it; null for all. */
  session_id: string | null
  /** Instagram's id of the contact: the person, whatever their name. */
  platform_id: string | null
  /** Whoever has the name, where the id is not known. */
  username: string | null
  /** `manual`, or `stop`: the contact asked for it. */
  reason: string
  /** The message that asked for it. */
  event_id: string | null
  created_by: string
  created_at: number
  lifted_by: string | null
  lifted_at: number | null
}

/** What failed how often on one day of product time. Key (day, code, source, name). Owner: operations. */
export interface ErrorCountTable {
  /** The instant at which the day began, in UTC. */
  day: number
  code: string
  /** `request`: `name` is an operation of the API; `action`: `name` is a kind. */
  source: string
  name: string
  count: number
  first_at: number
  last_at: number
}

/** One row: up to which instant failed actions have been counted. Owner: operations. */
interface ErrorsCountedTable {
  id: 1
  until: number
}

/** What is to happen on an event. Owner: automation. */
export interface RuleTable {
  id: string
  user_id: string
  account_id: string
  /** The session it was made for; of a preset, the one whose flag switched it last. */
  session_id: string
  /** The setting that switches it; null = made by a user. */
  preset: string | null
  name: string | null
  event_type: string
  /** JSON. */
  conditions: string
  /** JSON. */
  action: string
  /** Once per contact in so many milliseconds; 0 = every time. */
  window_ms: number
  /** Older events are left alone. */
  age_ms_max: number
  enabled: number
  /** Events up to this sequence number are none of its business. */
  active_after: number
  created_at: number
}

/** What a rule did about an event, and why. Key (rule_id, event_id). Owner: automation. */
export interface DecisionTable {
  rule_id: string
  event_id: string
  user_id: string
  account_id: string
  /** Of the event, as `at`. */
  sequence: number
  at: number
  decided_at: number
  contact_id: string | null
  contact_username: string | null
  outcome: string
  reason: string
  /** The type of the rule's action. */
  act: string
  action_id: string | null
}

/** Up to where a user's events were looked at. Owner: automation. */
interface AutomationCursorTable {
  user_id: string
  sequence: number
}

/** An endpoint: where one user's events go. Owner: webhooks. */
export interface WebhookTable {
  id: string
  user_id: string
  url: string
  description: string | null
  /** JSON list of types and prefixes; null = all. */
  types: string | null
  /** JSON list; null = all of the user's. */
  session_ids: string | null
  /** Sealed JSON of signing secrets and of the owner's headers; null once deleted. */
  secrets: string | null
  status: string
  status_reason: string | null
  status_at: number
  /** Up to which sequence of the user's log events have been taken into deliveries. */
  taken_to: number
  /** JSON of a replay under way: its own place in the log, and where it ends. */
  replay: string | null
  /** Attempts that failed since the last that succeeded. */
  failures: number
  failing_since: number | null
  warned_at: number | null
  /** Nothing is sent before this instant. */
  paused_until: number | null
  /** When a delivery is due, as far as known; new events are found by `taken_to`. */
  due_at: number | null
  /** The process that delivers to it, or null. */
  owner: string | null
  lease_until_wall: number | null
  /** Rises with every claim; a process with an older fence writes nothing. */
  fence: number
  created_at: number
}

/** One event for one endpoint. Key (endpoint_id, sequence). Owner: webhooks. */
export interface WebhookDeliveryTable {
  endpoint_id: string
  sequence: number
  event_id: string
  type: string
  status: string
  /** Why it failed for good. */
  reason: string | null
  /** Rises with every redelivery: what an attempt of an earlier round brings home is not its end. */
  round: number
  /** Attempts of this round. */
  tries: number
  due_at: number
  /** JSON of the last attempts, the newest last. */
  attempts: string
  created_at: number
  settled_at: number | null
}

/** Somebody who follows an account, or did. Key (account_id, platform_id). Owner: inbound. */
export interface FollowerTable {
  account_id: string
  platform_id: string
  username: string | null
  /** `gone`: Instagram no longer knows them. */
  state: 'following' | 'left' | 'gone'
  /** How many times they began to follow, as far as anybody told. */
  episode: number
  /** When they last began to; 0 = before anybody listened. */
  followed_at: number
  /** What told of it. A line of the feed may still follow what the `list` told, by another clock. */
  heard_from: 'baseline' | 'list' | 'feed'
  /** The last walk through the list that met them; 0 = none yet. */
  walk_no: number
}
