// Written from openapi.json by scripts/generate.ts; changes belong there.

import type { Answer, Call, RequestOptions, ServerEvent } from './call.ts'

export type ErrorCode =
  | 'ACCOUNT_IN_USE'
  | 'ACCOUNT_MISMATCH'
  | 'ACTION_CANCELED'
  | 'ACTION_EXPIRED'
  | 'ACTION_LIMIT_EXCEEDED'
  | 'ACTION_NOT_FOUND'
  | 'BAD_REQUEST'
  | 'BODY_TOO_LARGE'
  | 'BULK_ENDED'
  | 'BULK_NOT_FOUND'
  | 'CHALLENGE_REQUIRED'
  | 'CLOCK_BUSY'
  | 'CONVERSATION_NOT_FOUND'
  | 'FORBIDDEN'
  | 'IDEMPOTENCY_KEY_IN_USE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INSTAGRAM_ERROR'
  | 'INSTAGRAM_TIMEOUT'
  | 'INTERNAL_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_SESSION'
  | 'INVALID_TWO_FACTOR_CODE'
  | 'MESSAGE_NOT_FOUND'
  | 'NOT_CANCELABLE'
  | 'NOT_FOUND'
  | 'NOT_SUPPORTED'
  | 'PAUSE_NOT_LIFTABLE'
  | 'PROXY_ERROR'
  | 'RATE_LIMITED'
  | 'RATE_LIMIT_EXCEEDED'
  | 'REFUSED_BY_INSTAGRAM'
  | 'REQUEST_FAILED'
  | 'RULE_NOT_FOUND'
  | 'SESSION_LIMIT_REACHED'
  | 'SESSION_NOT_ACTIVE'
  | 'SESSION_NOT_FOUND'
  | 'SUPPRESSED'
  | 'TARGET_NOT_FOUND'
  | 'TWO_FACTOR_REQUIRED'
  | 'UNAUTHORIZED'
  | 'UNAVAILABLE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'VALIDATION_ERROR'
  | 'WEBHOOK_DISABLED'
  | 'WEBHOOK_LIMIT_REACHED'
  | 'WEBHOOK_NOT_FOUND'
  | 'WEBHOOK_REPLAYING'

export interface SessionMetadata {
  followersCount: number
  followingCount: number
  postsCount: number
  isBusinessAccount: boolean
  isVerified: boolean
}

export interface SessionSettings {
  autoReply: boolean
  autoLike: boolean
  autoFollow: boolean
  autoUnfollow: boolean
  maxDailyActions: number
  /** Least milliseconds between two actions; at least 1000 in live mode. */
  actionDelay: number
}

export interface Session {
  id: string
  userId: string
  username: string
  sessionId: string
  /** Whether `status` is `active`. */
  isActive: boolean
  lastActivity: string
  /** As Instagram said at the last login; zeros and false where it could not be read then. */
  metadata: SessionMetadata
  settings: SessionSettings
  status: 'active' | 'proxy_error' | 'unreachable' | 'expired' | 'challenge_required' | 'login_required' | 'suspended' | 'logged_out' | 'deactivated'
  statusReason: string | null
  connector: string
  createdAt: string
  expiresAt: string
}

export interface Failure {
  success: false
  /** One sentence a person can act on. */
  error: string
  timestamp: string
  /** Stable; what programs go by. */
  code: string
  requestId: string
  details?: Record<string, unknown> | undefined
}

export interface Pagination {
  limit: number
  offset?: number | undefined
  nextCursor?: string | undefined
  hasMore: boolean
  /** Given back, it makes pages by offset fit together. */
  snapshot?: number | undefined
}

export interface AcceptedMessage {
  id: string
  sessionId: string
  conversationId: string
  messageId: string
  senderId: string
  senderUsername: string
  recipientId: string
  recipientUsername: string
  content: string
  messageType: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like' | 'share' | 'story_reply' | 'story_mention' | 'other'
  mediaUrl?: string | undefined
  isRead: boolean
  isFromMe: boolean
  timestamp: string
  metadata: {
    hashtags: string[]
    mentions: string[]
    /** The story that it is about. */
    storyId?: string | undefined
    /** What Instagram calls a message of type other. */
    itemType?: string | undefined
  }
  status: string
  /** Written through this API, or elsewhere: by the other side, or by the account in an app. */
  origin: 'api' | 'elsewhere'
  actionId?: string | undefined
  /** Forecast of the attempt; null where the session must be mended first. */
  scheduledFor: string | null
  warnings?: string[] | undefined
}

export interface Message {
  id: string
  sessionId: string
  conversationId: string
  messageId: string
  senderId: string
  senderUsername: string
  recipientId: string
  recipientUsername: string
  content: string
  messageType: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like' | 'share' | 'story_reply' | 'story_mention' | 'other'
  mediaUrl?: string | undefined
  isRead: boolean
  isFromMe: boolean
  timestamp: string
  metadata: {
    hashtags: string[]
    mentions: string[]
    /** The story that it is about. */
    storyId?: string | undefined
    /** What Instagram calls a message of type other. */
    itemType?: string | undefined
  }
  status: string
  /** Written through this API, or elsewhere: by the other side, or by the account in an app. */
  origin: 'api' | 'elsewhere'
  actionId?: string | undefined
}

export interface WaitingFor {
  /** turn, time, delay, window, pause, session, connection or instagram. */
  what: string
  until: string | null
  rule: string
}

export interface PendingAction {
  id: string
  actionId: string
  sessionId: string
  kind: string
  /** What it is about, as it was asked for. */
  target: Record<string, unknown>
  status: string
  onLimit: string
  attempts: number
  externalId: string | null
  code: string | null
  reason: string | null
  sendAt: string | null
  expiresAt: string | null
  acceptedAt: string
  settledAt: string | null
  waitingFor: WaitingFor | null
  /** The rule that did it, and the event that it answers. */
  causedBy?: {
    ruleId: string
    eventId: string
  } | undefined
  /** Forecast of the attempt; null where somebody has to do something first, or nothing more is tried. */
  scheduledFor: string | null
}

export interface MessageStats {
  total: number
  sent: number
  received: number
  /** Seen by the account, or own ones that the other side has seen. */
  read: number
  unread: number
  byType: Record<string, number>
  period: 'hour' | 'day' | 'week' | 'month' | 'all'
  /** Null for all. */
  from: string | null
  to: string
}

export interface Conversation {
  id: string
  conversationId: string
  sessionId: string
  /** The account. */
  username: string
  participantId: string
  participantUsername: string
  isGroup: boolean
  /** Not accepted by the account yet. */
  isRequest: boolean
  /** The name of a group. */
  title?: string | undefined
  unreadCount: number
  lastMessage: Message | null
  lastActivity: string
}

export interface BulkCounts {
  queued: number
  running: number
  succeeded: number
  failed: number
  unconfirmed: number
  canceled: number
  expired: number
  skipped: number
}

export interface AcceptedMessageBulk {
  bulkId: string
  sessionId: string
  kind: string
  /** running, paused, completed or canceled. */
  status: string
  total: number
  /** Confirmed by Instagram. */
  sent: number
  /** Not done, and will not be. */
  failed: number
  /** Not ended yet, those under way included. */
  queued: number
  /** May have been done; nothing can tell. */
  unconfirmed: number
  canceled: number
  /** Suppressed, or a repeat of an earlier item. */
  skipped: number
  /** How many of the skipped are repeats. */
  duplicates: number
  /** Items by status; they add up to `total`. */
  counts: BulkCounts
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
  /** Forecast of the last item; null when it has ended, or somebody has to do something first. */
  estimatedCompletion: string | null
  /** The first 100; the others are read by page. */
  messages: Array<{
    id: string
    recipientUsername: string
    content: string
    status: string
    actionId: string
    code?: string | undefined
    reason?: string | undefined
  }>
  warnings?: string[] | undefined
}

export interface MessageBulkPlan {
  dryRun: true
  total: number
  wouldSend: number
  suppressed: number
  duplicates: number
  /** Forecast of the last item; null when nothing would be done, or somebody has to do something first. */
  estimatedCompletion: string | null
  recipients: Array<{
    recipientUsername: string
    outcome: 'send' | 'suppressed' | 'duplicate'
    sendAt?: string | undefined
  }>
  warnings?: string[] | undefined
}

export interface BulkSummary {
  bulkId: string
  sessionId: string
  kind: string
  /** running, paused, completed or canceled. */
  status: string
  total: number
  /** Confirmed by Instagram. */
  sent: number
  /** Not done, and will not be. */
  failed: number
  /** Not ended yet, those under way included. */
  queued: number
  /** May have been done; nothing can tell. */
  unconfirmed: number
  canceled: number
  /** Suppressed, or a repeat of an earlier item. */
  skipped: number
  /** How many of the skipped are repeats. */
  duplicates: number
  /** Items by status; they add up to `total`. */
  counts: BulkCounts
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
}

export interface Bulk {
  bulkId: string
  sessionId: string
  kind: string
  /** running, paused, completed or canceled. */
  status: string
  total: number
  /** Confirmed by Instagram. */
  sent: number
  /** Not done, and will not be. */
  failed: number
  /** Not ended yet, those under way included. */
  queued: number
  /** May have been done; nothing can tell. */
  unconfirmed: number
  canceled: number
  /** Suppressed, or a repeat of an earlier item. */
  skipped: number
  /** How many of the skipped are repeats. */
  duplicates: number
  /** Items by status; they add up to `total`. */
  counts: BulkCounts
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
  /** Forecast of the last item; null when it has ended, or somebody has to do something first. */
  estimatedCompletion: string | null
}

export interface BulkItem {
  actionId: string
  status: string
  code: string | null
  reason: string | null
  externalId: string | null
  settledAt: string | null
}

export interface Rule {
  id: string
  sessionId: string
  name: string | null
  /** The setting of the session that switches it. */
  preset: string | null
  enabled: boolean
  on: string
  keywords: string[]
  keywordMatch: string
  firstContact: boolean
  matches: string
  mentionedIn: string | null
  action: {
    type: string
    content?: string | undefined
    confirmStop?: boolean | undefined
  }
  windowHours: number
  maxAgeHours: number
  createdAt: string
}

export interface Decision {
  ruleId: string
  eventId: string
  sequence: number
  /** When the event was written down. */
  at: string
  decidedAt: string
  contact: {
    platformId: string | null
    username: string | null
  }
  outcome: 'fired' | 'skipped'
  /** Why: matched, already answered, a person is writing, suppressed, too old, … */
  reason: string
  actionId: string | null
}

export interface Action {
  id: string
  actionId: string
  sessionId: string
  kind: string
  /** What it is about, as it was asked for. */
  target: Record<string, unknown>
  status: string
  onLimit: string
  attempts: number
  externalId: string | null
  code: string | null
  reason: string | null
  sendAt: string | null
  expiresAt: string | null
  acceptedAt: string
  settledAt: string | null
  waitingFor: WaitingFor | null
  /** The rule that did it, and the event that it answers. */
  causedBy?: {
    ruleId: string
    eventId: string
  } | undefined
}

export interface AcceptedActionBulk {
  bulkId: string
  sessionId: string
  kind: string
  /** running, paused, completed or canceled. */
  status: string
  total: number
  /** Confirmed by Instagram. */
  sent: number
  /** Not done, and will not be. */
  failed: number
  /** Not ended yet, those under way included. */
  queued: number
  /** May have been done; nothing can tell. */
  unconfirmed: number
  canceled: number
  /** Suppressed, or a repeat of an earlier item. */
  skipped: number
  /** How many of the skipped are repeats. */
  duplicates: number
  /** Items by status; they add up to `total`. */
  counts: BulkCounts
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
  /** Forecast of the last item; null when it has ended, or somebody has to do something first. */
  estimatedCompletion: string | null
  /** The first 100; the others are read by page. */
  actions: BulkItem[]
}

export interface ActionBulkPlan {
  dryRun: true
  total: number
  wouldSend: number
  suppressed: number
  duplicates: number
  /** Forecast of the last item; null when nothing would be done, or somebody has to do something first. */
  estimatedCompletion: string | null
  targets: Array<{
    /** As it was given. */
    target: string
    outcome: 'send' | 'suppressed' | 'duplicate'
    sendAt?: string | undefined
  }>
}

export interface TimelineEntry {
  at: string
  from: string
  to: string
  cause: string
  waitingFor: WaitingFor | null
}

export interface ActionWithTimeline {
  id: string
  actionId: string
  sessionId: string
  kind: string
  /** What it is about, as it was asked for. */
  target: Record<string, unknown>
  status: string
  onLimit: string
  attempts: number
  externalId: string | null
  code: string | null
  reason: string | null
  sendAt: string | null
  expiresAt: string | null
  acceptedAt: string
  settledAt: string | null
  waitingFor: WaitingFor | null
  /** The rule that did it, and the event that it answers. */
  causedBy?: {
    ruleId: string
    eventId: string
  } | undefined
  timeline: TimelineEntry[]
}

export interface Forecast {
  kind: string
  count: number
  /** Least milliseconds between two, the one of the account included. */
  delay: number
  /** From when on limits and pauses allow a single one. */
  nextFreeAt: string | null
  /** The first of a bulk of so many, behind all that waits now. */
  firstAt: string | null
  /** The last of them; null where somebody has to do something first. */
  estimatedCompletion: string | null
}

export interface LimitWindow {
  limit: number
  used: number
  remaining: number
  /** When the next use leaves the window. */
  resetAt: string | null
  pausedUntil?: string | undefined
  reason?: string | undefined
}

export interface AccountLimits {
  sessionId: string
  username: string
  limits: Record<string, {
    hour?: LimitWindow | undefined
    day?: LimitWindow | undefined
    nextFreeAt: string | null
  }>
  overall: LimitWindow
  /** Least milliseconds between two actions. */
  actionDelay: number
  /** The first instant at which some kind may go; null while the operator has stopped the account. */
  nextFreeAt: string | null
}

export interface Pause {
  kind: string
  until: string
  reason: string
}

export interface DispatchStop {
  scope: {
    all?: true | undefined
    userId?: string | undefined
    sessionId?: string | undefined
  }
  since: string
  actor: string
  reason: string | null
}

export interface DispatchStops {
  stopped: DispatchStop[]
}

export interface AccountPolicy {
  username: string
  accountId: string
  /** Null = the policies of the APIs. */
  policy: Record<string, {
    /** Null = no such limit, 0 = never. */
    hour?: number | null | undefined
    /** Null = no such limit, 0 = never. */
    day?: number | null | undefined
  }> | null
  effective: Record<string, {
    hour: number | null
    day: number | null
  }>
}

export interface AuditEntry {
  id: string
  at: string
  actor: string
  what: string
  target: string | null
  details: Record<string, unknown> | null
}

export interface ErrorGroupSource {
  /** A refused request, or an action that failed. */
  source: 'request' | 'action'
  /** The operation of the API, or the kind of action. */
  name: string
  count: number
  firstSeen: string
  lastSeen: string
}

export interface ErrorGroup {
  code: string
  count: number
  firstSeen: string
  lastSeen: string
  sources: ErrorGroupSource[]
}

export interface V1Limit {
  limit: number
  used: number
  remaining: number
  /** When the next use leaves the window; null while nothing is used. */
  reset_at: string | null
  /** While Instagram wants a pause. */
  paused_until?: string | undefined
  reason?: string | undefined
}

export interface V1ActedLimits {
  /** The rolling window that leaves least room. */
  follow: V1Limit
  /** The rolling window that leaves least room. */
  like: V1Limit
  /** The rolling window that leaves least room. */
  comment: V1Limit
}

export interface V1Session {
  username: string
  /** As it was given; null for a session that only v2 has opened. */
  session_id: string | null
  created_at: string
  expires_at: string
  is_active: boolean
  limits: V1ActedLimits
}

export interface V1Failure {
  success: false
  /** Stable; what programs go by. */
  error_code: string
  /** One sentence a person can act on. */
  message: string
  /** What is wrong with which field; empty where it is not about fields. */
  errors: Record<string, string[]>
}

export interface V1Action {
  action_id: string
  status: 'queued' | 'running' | 'succeeded' | 'unconfirmed'
  limits: V1ActedLimits
}

export interface SubmittedAction {
  id: string
  actionId: string
  sessionId: string
  kind: string
  /** What it is about, as it was asked for. */
  target: Record<string, unknown>
  status: string
  onLimit: string
  attempts: number
  externalId: string | null
  code: string | null
  reason: string | null
  sendAt: string | null
  expiresAt: string | null
  acceptedAt: string
  settledAt: string | null
  waitingFor: WaitingFor | null
  /** The rule that did it, and the event that it answers. */
  causedBy?: {
    ruleId: string
    eventId: string
  } | undefined
  /** Forecast of the attempt; null where somebody has to do something first, or nothing more is tried. */
  scheduledFor?: string | null | undefined
}

export interface LogInBody {
  /** An Instagram username. */
  username: string
  password: string
  /** Six digits, or eight of a backup code; spaces and hyphens do not count. */
  twoFactorCode?: string | undefined
  connector?: 'web' | 'graph' | undefined
  loginMethod?: 'http' | 'browser' | undefined
  config?: {
    headless?: boolean | undefined
    userAgent?: string | undefined
    /** Kept with the session; left out = what the session has, null = none. */
    proxy?: {
      host: string
      port: number
      username?: string | undefined
      password?: string | undefined
      protocol?: 'http' | 'https' | 'socks5' | undefined
    } | null | undefined
    /** Milliseconds for the login as a whole. */
    timeout?: number | undefined
    /** Of the connection only; a password is sent once. */
    retryAttempts?: number | undefined
  } | undefined
}

export interface ImportSessionBody {
  /** An Instagram username. */
  username: string
  /** Values by name, from a browser that is logged in; `sessionid` at least. */
  cookies: Record<string, string>
  userAgent?: string | undefined
  /** Kept with the session; left out = what the session has, null = none. */
  proxy?: {
    host: string
    port: number
    username?: string | undefined
    password?: string | undefined
    protocol?: 'http' | 'https' | 'socks5' | undefined
  } | null | undefined
}

export interface ResumeChallengeBody {
  /** Six digits, or eight of a backup code; spaces and hyphens do not count. */
  code?: string | undefined
  /** The owner has done what Instagram asked. */
  done?: true | undefined
}

export interface GetSessionQuery {
  /** Asks Instagram whether it still sees the account as logged in. */
  validate?: boolean | undefined
}

export interface UpdateSessionBody {
  settings?: {
    autoReply?: boolean | undefined
    autoLike?: boolean | undefined
    autoFollow?: boolean | undefined
    autoUnfollow?: boolean | undefined
    maxDailyActions?: number | undefined
    /** Least milliseconds between two actions; at least 1000 in live mode. */
    actionDelay?: number | undefined
  } | undefined
  metadata?: {
    followersCount?: number | undefined
    followingCount?: number | undefined
    postsCount?: number | undefined
    isBusinessAccount?: boolean | undefined
    isVerified?: boolean | undefined
  } | undefined
}

export interface GetSessionStatsData {
  total: number
  active: number
  expired: number
  byUser: Record<string, number>
}

export interface CanCreateSessionData {
  canCreate: boolean
  reason?: string | undefined
  limit: number
  active: number
}

export interface ListSessionsQuery {
  limit?: number | undefined
  cursor?: string | undefined
}

export interface SendMessageBody {
  sessionId: string
  /** Instagram username, with or without a leading @. */
  recipientUsername: string
  /** 1 to 1000 bytes of UTF-8; required for text, and with a link in it for link. */
  content?: string | undefined
  messageType?: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like' | undefined
  /** Required for image (8 MB), video and voice (25 MB); fetched when its turn comes. */
  mediaUrl?: string | undefined
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit (default), or be refused. */
  onLimit?: 'queue' | 'reject' | undefined
  /** Send although the recipient is suppressed. Kept with the action, and in the audit trail. */
  override?: boolean | undefined
  /** Id of the message of the same conversation that this one answers. */
  replyTo?: string | undefined
}

export interface DeleteMessageData {
  messageId?: string | undefined
  /** Before it was sent, at Instagram for everybody, or here only. */
  how?: 'canceled' | 'unsent' | 'hidden' | undefined
  id?: string | undefined
  actionId?: string | undefined
  sessionId?: string | undefined
  kind?: string | undefined
  /** What it is about, as it was asked for. */
  target?: Record<string, unknown> | undefined
  status?: string | undefined
  onLimit?: string | undefined
  attempts?: number | undefined
  externalId?: string | null | undefined
  code?: string | null | undefined
  reason?: string | null | undefined
  sendAt?: string | null | undefined
  expiresAt?: string | null | undefined
  acceptedAt?: string | undefined
  settledAt?: string | null | undefined
  waitingFor?: WaitingFor | null | undefined
  /** The rule that did it, and the event that it answers. */
  causedBy?: {
    ruleId: string
    eventId: string
  } | undefined
  /** Forecast of the attempt; null where somebody has to do something first, or nothing more is tried. */
  scheduledFor?: string | null | undefined
}

export interface ListConversationMessagesQuery {
  limit?: number | undefined
  offset?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
  /** Of an earlier page: pages by offset then fit together although messages come meanwhile. */
  snapshot?: number | undefined
}

export interface GetMessageStatsQuery {
  /** Rolling, up to now; a month is thirty days. */
  period?: 'hour' | 'day' | 'week' | 'month' | 'all' | undefined
}

export interface ListConversationsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface SendBulkMessagesBody {
  sessionId: string
  /** Instagram usernames; one that comes twice gets one message. */
  recipients: string[]
  /** 1 to 1000 bytes of UTF-8; required for text, and with a link in it for link. */
  content?: string | undefined
  messageType?: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like' | undefined
  /** Required for image (8 MB), video and voice (25 MB); fetched when its turn comes. */
  mediaUrl?: string | undefined
  /** Least milliseconds between two messages; the account's actionDelay applies as well. */
  delayBetweenMessages?: number | undefined
  /** Say what would happen, and write nothing. */
  dryRun?: boolean | undefined
}

export type SendBulkMessagesData = AcceptedMessageBulk | MessageBulkPlan

export interface ListMessageBulksQuery {
  sessionId: string
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface ListMessageBulkItemsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface StreamMessageBulkQuery {
  /** Continues after this event, as `Last-Event-ID` does. */
  lastEventId?: string | undefined
  /** Of `POST /events/ticket`, instead of a token. */
  ticket?: string | undefined
}

export interface ListSuppressionsQuery {
  /** The account of this session only. Needed by tokens that are confined to sessions. */
  sessionId?: string | undefined
  /** Instagram username, with or without a leading @. */
  username?: string | undefined
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export type ListSuppressionsData = Array<{
  id: string
  /** Null = all sessions. */
  sessionId: string | null
  username: string | null
  platformId: string | null
  /** manual: by the user; stop: the contact asked for it. */
  reason: 'manual' | 'stop'
  createdAt: string
}>

export interface SuppressContactBody {
  /** Instagram username, with or without a leading @. */
  username?: string | undefined
  /** Instagram's id of the contact: means the person, whatever name they take. */
  platformId?: string | undefined
  /** The account of this session only. Needed by tokens that are confined to sessions. */
  sessionId?: string | undefined
}

export interface SuppressContactData {
  id: string
  /** Null = all sessions. */
  sessionId: string | null
  username: string | null
  platformId: string | null
  /** manual: by the user; stop: the contact asked for it. */
  reason: 'manual' | 'stop'
  createdAt: string
}

export interface LiftSuppressionsQuery {
  /** This one. */
  id?: string | undefined
  /** Instagram username, with or without a leading @. */
  username?: string | undefined
  /** Instagram's id of the contact: means the person, whatever name they take. */
  platformId?: string | undefined
  /** Only what was suppressed for its account. */
  sessionId?: string | undefined
}

export interface LiftSuppressionsData {
  lifted: number
}

export interface CreateRuleBody {
  name?: string | null | undefined
  /** The type of event. */
  on: 'message.received' | 'story_reply.received' | 'comment.received' | 'like.received' | 'follow.received' | 'unfollow.received' | 'mention.received'
  /** Any of these; none = whatever was said. Case and accents do not count. */
  keywords?: string[] | undefined
  /** word (default): as whole words; contains: anywhere; exact: nothing else. */
  keywordMatch?: 'word' | 'contains' | 'exact' | undefined
  /** Only where nothing was said in the conversation before. */
  firstContact?: boolean | undefined
  /** Whether keyword and first contact must both be given (default), or one of them. */
  matches?: 'all' | 'any' | undefined
  /** Only mentions there; null = anywhere. */
  mentionedIn?: 'story' | 'post' | 'comment' | null | undefined
  action: {
    /** like goes with mention.received, unfollow with unfollow.received. */
    type: 'message' | 'like' | 'follow' | 'unfollow'
    /** For type message: the text, with {{username}}, {{fullName}}, {{firstName}}, {{keyword}}, {{account}}, each also with what to say where nothing is known, as in {{fullName|there}}. At most 1000 bytes once filled in. */
    content?: string | undefined
    /** Answers the message with which a contact asks not to be messaged: the one that may still go to them. */
    confirmStop?: boolean | undefined
  }
  /** At most once per contact in so many hours (default 24); 0 = every time. */
  windowHours?: number | undefined
  /** Events that are older when they are looked at are left alone (default 24). */
  maxAgeHours?: number | undefined
  /** Default true. */
  enabled?: boolean | undefined
}

export interface ChangeRuleBody {
  name?: string | null | undefined
  /** Any of these; none = whatever was said. Case and accents do not count. */
  keywords?: string[] | undefined
  /** word (default): as whole words; contains: anywhere; exact: nothing else. */
  keywordMatch?: 'word' | 'contains' | 'exact' | undefined
  /** Only where nothing was said in the conversation before. */
  firstContact?: boolean | undefined
  /** Whether keyword and first contact must both be given (default), or one of them. */
  matches?: 'all' | 'any' | undefined
  /** Only mentions there; null = anywhere. */
  mentionedIn?: 'story' | 'post' | 'comment' | null | undefined
  /** For type message: the text, with {{username}}, {{fullName}}, {{firstName}}, {{keyword}}, {{account}}, each also with what to say where nothing is known, as in {{fullName|there}}. At most 1000 bytes once filled in. */
  content?: string | undefined
  /** At most once per contact in so many hours (default 24); 0 = every time. */
  windowHours?: number | undefined
  /** Events that are older when they are looked at are left alone (default 24). */
  maxAgeHours?: number | undefined
  /** Of a preset it is switched by its setting of the session. */
  enabled?: boolean | undefined
}

export interface DeleteRuleData {
  id: string
}

export interface SimulateRuleBody {
  /** The events from this instant on (RFC 3339). */
  since: string
}

export interface SimulateRuleData {
  since: string
  /** Events of the type of the rule. */
  evaluated: number
  wouldFire: number
  /** In the order of the events; of many the newest 1000. */
  decisions: Array<{
    eventId: string
    sequence: number
    at: string
    contact: {
      platformId: string | null
      username: string | null
    }
    outcome: 'fired' | 'skipped'
    reason: string
    /** The message that would be sent. */
    text?: string | undefined
  }>
}

export interface ListDecisionsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface LikeBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  postId: string
}

export interface UnlikeBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  postId: string
}

export interface CommentBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  postId: string
  /** 1 to 2200 characters. */
  content: string
}

export interface FollowBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A username, Instagram's id of the user, or the address of a profile. */
  userId: string
}

export interface UnfollowBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A username, Instagram's id of the user, or the address of a profile. */
  userId: string
}

export interface StoryViewBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  storyId: string
}

export interface StoryReplyBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  storyId: string
  /** 1 to 1000 bytes of UTF-8. */
  content: string
}

export interface ReelLikeBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  reelId: string
}

export interface ReelCommentBody {
  sessionId: string
  /** Not before this instant (RFC 3339). */
  sendAt?: string | undefined
  /** Not after this instant (RFC 3339). */
  expiresAt?: string | undefined
  /** Wait when the account has reached a limit, or be refused (default). */
  onLimit?: 'queue' | 'reject' | undefined
  /** A number, a shortcode or an instagram.com address. */
  reelId: string
  /** 1 to 2200 characters. */
  content: string
}

export interface EngageInBulkBody {
  sessionId: string
  kind: 'like' | 'unlike' | 'comment' | 'follow' | 'unfollow' | 'story_view' | 'story_reply' | 'reel_like' | 'reel_comment'
  /** Posts, users, stories or reels as the single action takes them; one that comes twice is done once. */
  targets: string[]
  /** For comments and story replies: the text of all of them. */
  content?: string | undefined
  /** Least milliseconds between two of them; the account's actionDelay applies as well. */
  delay?: number | undefined
  /** Say what would happen, and write nothing. */
  dryRun?: boolean | undefined
}

export type EngageInBulkData = AcceptedActionBulk | ActionBulkPlan

export interface ListActionBulksQuery {
  sessionId: string
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface ListActionBulkItemsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface StreamActionBulkQuery {
  /** Continues after this event, as `Last-Event-ID` does. */
  lastEventId?: string | undefined
  /** Of `POST /events/ticket`, instead of a token. */
  ticket?: string | undefined
}

export interface ListActionsQuery {
  status?: 'queued' | 'running' | 'succeeded' | 'failed' | 'unconfirmed' | 'canceled' | 'expired' | 'skipped' | undefined
  kind?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export interface ForecastBody {
  kind: string
  count: number
  /** Milliseconds between two. */
  delay?: number | undefined
}

export interface ResumeSessionBody {
  /** One kind, or `*` for the whole account. */
  kind?: string | undefined
}

export interface ResumeSessionData {
  lifted: Pause[]
}

export interface PauseDispatchBody {
  /** Only the sessions of this user. */
  userId?: string | undefined
  /** Only this session. */
  sessionId?: string | undefined
  reason?: string | undefined
}

export interface ResumeDispatchBody {
  /** Only the sessions of this user. */
  userId?: string | undefined
  /** Only this session. */
  sessionId?: string | undefined
}

export interface SetPolicyBody {
  policy: Record<string, {
    /** Null = no such limit, 0 = never. */
    hour?: number | null | undefined
    /** Null = no such limit, 0 = never. */
    day?: number | null | undefined
  }>
}

export interface ListAuditQuery {
  limit?: number | undefined
  cursor?: string | undefined
}

export interface ListErrorsQuery {
  /** How many days of UTC, today included. */
  days?: number | undefined
}

export interface ListEventsQuery {
  /** A sequence number; 0 = the beginning. */
  after?: number | undefined
  /** With commas between; `message.*` is all that begin so. */
  types?: string | undefined
  sessionId?: string | undefined
  /** 50 when absent. */
  limit?: number | undefined
}

export type ListEventsData = Array<{
  /** Stable; the same event always has the same id. */
  id: string
  /** Rises by one from event to event of a user. */
  sequence: number
  type: string
  timestamp: string
  userId: string
  sessionId: string | null
  /** Of the account. */
  username: string | null
  data: Record<string, unknown>
}>

export interface StreamEventsQuery {
  /** A sequence number; 0 = the beginning. */
  after?: number | undefined
  /** With commas between; `message.*` is all that begin so. */
  types?: string | undefined
  sessionId?: string | undefined
  /** Continues after this event, as `Last-Event-ID` does. */
  lastEventId?: string | undefined
  /** Of `POST /events/ticket`, instead of a token. */
  ticket?: string | undefined
}

export interface StreamEventsData {
  /** Stable; the same event always has the same id. */
  id: string
  /** Rises by one from event to event of a user. */
  sequence: number
  type: string
  timestamp: string
  userId: string
  sessionId: string | null
  /** Of the account. */
  username: string | null
  data: Record<string, unknown>
}

export interface CreateStreamTicketData {
  /** Goes into the query of a stream: `?ticket=…`. Works once. */
  ticket: string
  expiresAt: string
}

export interface RotateKeysData {
  keyVersion: number
  rewrapped: number
  unreadable: number
  droppedVersions: number[]
}

export interface RevokeTokensBody {
  /** The user. */
  sub: string
  /** RFC 3339; now when absent. */
  before?: string | undefined
}

export interface RevokeTokensData {
  sub: string
  before: string
}

export interface CreateWebhookBody {
  /** http or https, where POST requests are taken. */
  url: string
  /** Types of events, prefixes such as `message.*`, or `*` for all. Types: message.received, story_reply.received, comment.received, like.received, follow.received, unfollow.received, mention.received, message.sent, message.failed, message.unconfirmed, message.canceled, message.read, message.deleted, action.succeeded, action.failed, action.unconfirmed, action.canceled, action.expired, action.skipped, bulk.accepted, bulk.completed, bulk.paused, bulk.resumed, bulk.canceled, session.created, session.active, session.expiring, session.expired, session.challenge_required, session.login_required, session.suspended, session.proxy_error, session.unreachable, session.suspect, session.logged_out, session.deactivated, limit.paused, limit.lifted, webhook.failing, webhook.disabled, webhook.exhausted. */
  events?: string[] | undefined
  /** Only events of these sessions. */
  sessionIds?: string[] | undefined
  /** Sent with every delivery; the values are never shown again. */
  headers?: Record<string, string> | undefined
  description?: string | undefined
}

export interface CreateWebhookData {
  id: string
  url: string
  description: string | null
  events: string[]
  sessionIds: string[] | null
  headerNames: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'owner' | null
  disabledAt: string | null
  failingSince: string | null
  pausedUntil: string | null
  /** Events up to this number have been taken up for delivery. */
  sequence: number
  isReplaying: boolean
  createdAt: string
  /** Signs deliveries (Standard Webhooks); shown here and never again. */
  secret: string
  /** What was taken although it may not work, such as a name that does not resolve. */
  warnings?: string[] | undefined
}

export interface ListWebhooksQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export type ListWebhooksData = Array<{
  id: string
  url: string
  description: string | null
  events: string[]
  sessionIds: string[] | null
  headerNames: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'owner' | null
  disabledAt: string | null
  failingSince: string | null
  pausedUntil: string | null
  /** Events up to this number have been taken up for delivery. */
  sequence: number
  isReplaying: boolean
  createdAt: string
}>

export interface GetWebhookData {
  id: string
  url: string
  description: string | null
  events: string[]
  sessionIds: string[] | null
  headerNames: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'owner' | null
  disabledAt: string | null
  failingSince: string | null
  pausedUntil: string | null
  /** Events up to this number have been taken up for delivery. */
  sequence: number
  isReplaying: boolean
  createdAt: string
}

export interface UpdateWebhookBody {
  /** http or https, where POST requests are taken. */
  url?: string | undefined
  /** Types of events, prefixes such as `message.*`, or `*` for all. Types: message.received, story_reply.received, comment.received, like.received, follow.received, unfollow.received, mention.received, message.sent, message.failed, message.unconfirmed, message.canceled, message.read, message.deleted, action.succeeded, action.failed, action.unconfirmed, action.canceled, action.expired, action.skipped, bulk.accepted, bulk.completed, bulk.paused, bulk.resumed, bulk.canceled, session.created, session.active, session.expiring, session.expired, session.challenge_required, session.login_required, session.suspended, session.proxy_error, session.unreachable, session.suspect, session.logged_out, session.deactivated, limit.paused, limit.lifted, webhook.failing, webhook.disabled, webhook.exhausted. */
  events?: string[] | undefined
  sessionIds?: string[] | null | undefined
  headers?: Record<string, string> | null | undefined
  description?: string | null | undefined
  status?: 'active' | 'disabled' | undefined
}

export interface UpdateWebhookData {
  id: string
  url: string
  description: string | null
  events: string[]
  sessionIds: string[] | null
  headerNames: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'owner' | null
  disabledAt: string | null
  failingSince: string | null
  pausedUntil: string | null
  /** Events up to this number have been taken up for delivery. */
  sequence: number
  isReplaying: boolean
  createdAt: string
  /** What was taken although it may not work, such as a name that does not resolve. */
  warnings?: string[] | undefined
}

export interface RotateWebhookSecretData {
  id: string
  /** Signs deliveries (Standard Webhooks); shown here and never again. */
  secret: string
  previousValidUntil: string
}

export interface TestWebhookData {
  id: string
  isDelivered: boolean
  at: string
  status: number | null
  latencyMs: number
  error: 'http_status' | 'redirect' | 'timeout' | 'reset' | 'dns' | 'connect' | 'tls' | 'address_refused' | 'internal' | null
  /** The beginning of the answer. */
  response: string
}

export interface ReplayWebhookBody {
  /** Events after this sequence. */
  after?: number | undefined
  /** Events from this instant on; instead of `after`. */
  since?: string | undefined
  /** Events up to this instant; by default all there are. */
  until?: string | undefined
  /** Types of events, prefixes such as `message.*`, or `*` for all. Types: message.received, story_reply.received, comment.received, like.received, follow.received, unfollow.received, mention.received, message.sent, message.failed, message.unconfirmed, message.canceled, message.read, message.deleted, action.succeeded, action.failed, action.unconfirmed, action.canceled, action.expired, action.skipped, bulk.accepted, bulk.completed, bulk.paused, bulk.resumed, bulk.canceled, session.created, session.active, session.expiring, session.expired, session.challenge_required, session.login_required, session.suspended, session.proxy_error, session.unreachable, session.suspect, session.logged_out, session.deactivated, limit.paused, limit.lifted, webhook.failing, webhook.disabled, webhook.exhausted. */
  types?: string[] | undefined
}

export interface ReplayWebhookData {
  id: string
  after: number
  /** The last sequence that is looked at. */
  until: number
}

export interface RedriveWebhookData {
  id: string
  redriven: number
}

export interface ListWebhookDeliveriesQuery {
  status?: 'pending' | 'succeeded' | 'failed' | undefined
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export type ListWebhookDeliveriesData = Array<{
  eventId: string
  sequence: number
  type: string
  status: 'pending' | 'succeeded' | 'failed'
  reason: 'exhausted' | 'stopped' | 'event_gone' | null
  /** The last 20, the newest last. */
  attempts: Array<{
    at: string
    status: number | null
    latencyMs: number
    error: 'http_status' | 'redirect' | 'timeout' | 'reset' | 'dns' | 'connect' | 'tls' | 'address_refused' | 'internal' | null
    /** The beginning of the answer. */
    response: string
  }>
  nextAttemptAt: string | null
  createdAt: string
  settledAt: string | null
}>

export interface AdvanceClockBody {
  /** Milliseconds to move forward. */
  advanceMs: number
}

export interface AdvanceClockData {
  now: string
}

export interface V1CreateSessionBody {
  /** An Instagram username. */
  username: string
  /** Your own name for the session; kept and returned. The credential is in the cookies. */
  session_id: string
  /** Values by name, from a browser that is logged in; `sessionid` at least. */
  cookies: Record<string, string>
  user_agent: string
}

export interface V1CreateSessionData {
  session: V1Session
}

export type V1DeleteSessionData = Record<string, unknown>

export interface V1GetLimitsData {
  limits: {
    /** The rolling window that leaves least room. */
    follow: V1Limit
    /** The rolling window that leaves least room. */
    like: V1Limit
    /** The rolling window that leaves least room. */
    comment: V1Limit
  }
}

export interface V1FollowBody {
  /** An Instagram username. */
  username: string
  target_user_id: string
  action_type: 'follow'
}

export interface V1LikeBody {
  /** An Instagram username. */
  username: string
  media_id: string
  action_type: 'like'
}

export interface V1CommentBody {
  /** An Instagram username. */
  username: string
  media_id: string
  /** 1 to 2200 characters. */
  text?: string | undefined
  /** Another name for `text`; one of them is required. */
  comment?: string | undefined
  action_type: 'comment'
}

/** Every operation of the gateway's API; how a call is made is up to the subclass. */
export abstract class Operations {
  protected abstract send<T>(call: Call, options: RequestOptions | undefined): Promise<Answer<T>>

  protected abstract pages<T>(page: (cursor: string | undefined) => Promise<Answer<T[]>>): AsyncGenerator<T, void, void>

  protected abstract stream<T>(call: Call, options: RequestOptions | undefined): AsyncGenerator<ServerEvent<T>, void, void>

  /** Log in to Instagram: `POST /api/v2/instagram/login`. */
  logIn(body: LogInBody, options?: RequestOptions): Promise<Answer<Session>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/login', body }, options)
  }

  /** Open a session with cookies from a browser: `POST /api/v2/instagram/session/import`. */
  importSession(body: ImportSessionBody, options?: RequestOptions): Promise<Answer<Session>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/session/import', body }, options)
  }

  /** Go on after the owner has done what Instagram asked: `POST /api/v2/instagram/session/{sessionId}/challenge`. */
  resumeChallenge(sessionId: string, body?: ResumeChallengeBody, options?: RequestOptions): Promise<Answer<Session>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/challenge`, body }, options)
  }

  /** Log out at Instagram and wipe the credentials: `POST /api/v2/instagram/logout/{sessionId}`. */
  logOut(sessionId: string, options?: RequestOptions): Promise<Answer<undefined>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/logout/${encodeURIComponent(sessionId)}` }, options)
  }

  /** Get a session: `GET /api/v2/instagram/session/{sessionId}`. */
  getSession(sessionId: string, query?: GetSessionQuery, options?: RequestOptions): Promise<Answer<Session>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}`, query }, options)
  }

  /** Change settings and metadata of a session: `PUT /api/v2/instagram/session/{sessionId}`. */
  updateSession(sessionId: string, body: UpdateSessionBody, options?: RequestOptions): Promise<Answer<Session>> {
    return this.send({ method: 'PUT', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}`, body }, options)
  }

  /** Deactivate a session without telling Instagram, and wipe the credentials: `DELETE /api/v2/instagram/session/{sessionId}`. */
  deactivateSession(sessionId: string, options?: RequestOptions): Promise<Answer<undefined>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}` }, options)
  }

  /** Count live sessions: own ones, for an admin all: `GET /api/v2/instagram/sessions/stats`. */
  getSessionStats(options?: RequestOptions): Promise<Answer<GetSessionStatsData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/sessions/stats' }, options)
  }

  /** Whether the user may open one more session: `GET /api/v2/instagram/sessions/can-create/{userId}`. */
  canCreateSession(userId: string, options?: RequestOptions): Promise<Answer<CanCreateSessionData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/sessions/can-create/${encodeURIComponent(userId)}` }, options)
  }

  /** List the live sessions of a user: `GET /api/v2/instagram/sessions/{userId}`. */
  listSessions(userId: string, query?: ListSessionsQuery, options?: RequestOptions): Promise<Answer<Session[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/sessions/${encodeURIComponent(userId)}`, query }, options)
  }

  /** List the live sessions of a user: all of them, page by page as they are asked for. */
  iterateSessions(userId: string, query?: Omit<ListSessionsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<Session, void, void> {
    return this.pages((cursor) => this.listSessions(userId, { ...query, cursor }, options))
  }

  /** Send a direct message: `POST /api/v2/instagram/message`. */
  sendMessage(body: SendMessageBody, options?: RequestOptions): Promise<Answer<AcceptedMessage>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/message', body }, options)
  }

  /** Read one message: `GET /api/v2/instagram/message/{messageId}`. */
  getMessage(messageId: string, options?: RequestOptions): Promise<Answer<Message>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/message/${encodeURIComponent(messageId)}` }, options)
  }

  /** Cancel a queued message, take back a sent one, hide a received one: `DELETE /api/v2/instagram/message/{messageId}`. */
  deleteMessage(messageId: string, options?: RequestOptions): Promise<Answer<DeleteMessageData>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/message/${encodeURIComponent(messageId)}` }, options)
  }

  /** Mark a received message as read; an own one is read by its recipient: `PUT /api/v2/instagram/message/{messageId}/read`. */
  markMessageRead(messageId: string, options?: RequestOptions): Promise<Answer<Message>> {
    return this.send({ method: 'PUT', path: `/api/v2/instagram/message/${encodeURIComponent(messageId)}/read` }, options)
  }

  /** Read the messages of a conversation, newest first: `GET /api/v2/instagram/conversation/{conversationId}/messages`. */
  listConversationMessages(conversationId: string, query?: ListConversationMessagesQuery, options?: RequestOptions): Promise<Answer<Message[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/conversation/${encodeURIComponent(conversationId)}/messages`, query }, options)
  }

  /** Read the messages of a conversation, newest first: all of them, page by page as they are asked for. */
  iterateConversationMessages(conversationId: string, query?: Omit<ListConversationMessagesQuery, 'cursor' | 'offset'>, options?: RequestOptions): AsyncGenerator<Message, void, void> {
    return this.pages((cursor) => this.listConversationMessages(conversationId, { ...query, cursor }, options))
  }

  /** Count the messages of an account in a rolling period: `GET /api/v2/instagram/session/{sessionId}/messages/stats`. */
  getMessageStats(sessionId: string, query?: GetMessageStatsQuery, options?: RequestOptions): Promise<Answer<MessageStats>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/messages/stats`, query }, options)
  }

  /** Read the conversations of an account, the latest first: `GET /api/v2/instagram/session/{sessionId}/conversations`. */
  listConversations(sessionId: string, query?: ListConversationsQuery, options?: RequestOptions): Promise<Answer<Conversation[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/conversations`, query }, options)
  }

  /** Read the conversations of an account, the latest first: all of them, page by page as they are asked for. */
  iterateConversations(sessionId: string, query?: Omit<ListConversationsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<Conversation, void, void> {
    return this.pages((cursor) => this.listConversations(sessionId, { ...query, cursor }, options))
  }

  /** Send one message to many: `POST /api/v2/instagram/messages/bulk`. */
  sendBulkMessages(body: SendBulkMessagesBody, options?: RequestOptions): Promise<Answer<SendBulkMessagesData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/messages/bulk', body }, options)
  }

  /** Read the bulks of a session, the newest first: `GET /api/v2/instagram/messages/bulk`. */
  listMessageBulks(query: ListMessageBulksQuery, options?: RequestOptions): Promise<Answer<BulkSummary[]>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/messages/bulk', query }, options)
  }

  /** Read the bulks of a session, the newest first: all of them, page by page as they are asked for. */
  iterateMessageBulks(query: Omit<ListMessageBulksQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<BulkSummary, void, void> {
    return this.pages((cursor) => this.listMessageBulks({ ...query, cursor }, options))
  }

  /** Read how a bulk stands, and when it will end: `GET /api/v2/instagram/messages/bulk/{bulkId}`. */
  getMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}` }, options)
  }

  /** Read the items of a bulk in the order in which they were given: `GET /api/v2/instagram/messages/bulk/{bulkId}/items`. */
  listMessageBulkItems(bulkId: string, query?: ListMessageBulkItemsQuery, options?: RequestOptions): Promise<Answer<BulkItem[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/items`, query }, options)
  }

  /** Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for. */
  iterateMessageBulkItems(bulkId: string, query?: Omit<ListMessageBulkItemsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<BulkItem, void, void> {
    return this.pages((cursor) => this.listMessageBulkItems(bulkId, { ...query, cursor }, options))
  }

  /** Follow the progress of a bulk as server-sent events: `GET /api/v2/instagram/messages/bulk/{bulkId}/stream`. */
  streamMessageBulk(bulkId: string, query?: StreamMessageBulkQuery, options?: RequestOptions): AsyncGenerator<ServerEvent<Bulk>, void, void> {
    return this.stream({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/stream`, query }, options)
  }

  /** Begin no further item of a bulk for now: `POST /api/v2/instagram/messages/bulk/{bulkId}/pause`. */
  pauseMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/pause` }, options)
  }

  /** Go on with a paused bulk: `POST /api/v2/instagram/messages/bulk/{bulkId}/resume`. */
  resumeMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/resume` }, options)
  }

  /** Cancel what a bulk has not begun: `POST /api/v2/instagram/messages/bulk/{bulkId}/cancel`. */
  cancelMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/cancel` }, options)
  }

  /** Read who must not be written to, the newest first: `GET /api/v2/instagram/suppressions`. */
  listSuppressions(query?: ListSuppressionsQuery, options?: RequestOptions): Promise<Answer<ListSuppressionsData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/suppressions', query }, options)
  }

  /** Read who must not be written to, the newest first: all of them, page by page as they are asked for. */
  iterateSuppressions(query?: Omit<ListSuppressionsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListSuppressionsData[number], void, void> {
    return this.pages((cursor) => this.listSuppressions({ ...query, cursor }, options))
  }

  /** Write no more to a contact, from one account or all; fine to repeat: `POST /api/v2/instagram/suppressions`. */
  suppressContact(body: SuppressContactBody, options?: RequestOptions): Promise<Answer<SuppressContactData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/suppressions', body }, options)
  }

  /** Allow writing to a contact again; fine to repeat: `DELETE /api/v2/instagram/suppressions`. */
  liftSuppressions(query?: LiftSuppressionsQuery, options?: RequestOptions): Promise<Answer<LiftSuppressionsData>> {
    return this.send({ method: 'DELETE', path: '/api/v2/instagram/suppressions', query }, options)
  }

  /** Read the rules of an account, its presets included: `GET /api/v2/instagram/session/{sessionId}/rules`. */
  listRules(sessionId: string, options?: RequestOptions): Promise<Answer<Rule[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/rules` }, options)
  }

  /** Have an act follow on events from now on: `POST /api/v2/instagram/session/{sessionId}/rules`. */
  createRule(sessionId: string, body: CreateRuleBody, options?: RequestOptions): Promise<Answer<Rule>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/rules`, body }, options)
  }

  /** Change a rule, or switch it on and off: `PATCH /api/v2/instagram/rules/{ruleId}`. */
  changeRule(ruleId: string, body: ChangeRuleBody, options?: RequestOptions): Promise<Answer<Rule>> {
    return this.send({ method: 'PATCH', path: `/api/v2/instagram/rules/${encodeURIComponent(ruleId)}`, body }, options)
  }

  /** Delete a rule: `DELETE /api/v2/instagram/rules/{ruleId}`. */
  deleteRule(ruleId: string, options?: RequestOptions): Promise<Answer<DeleteRuleData>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/rules/${encodeURIComponent(ruleId)}` }, options)
  }

  /** See what a rule would have done; sends nothing: `POST /api/v2/instagram/rules/{ruleId}/simulate`. */
  simulateRule(ruleId: string, body: SimulateRuleBody, options?: RequestOptions): Promise<Answer<SimulateRuleData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/rules/${encodeURIComponent(ruleId)}/simulate`, body }, options)
  }

  /** Read what a rule decided and why, the newest event first: `GET /api/v2/instagram/rules/{ruleId}/decisions`. */
  listDecisions(ruleId: string, query?: ListDecisionsQuery, options?: RequestOptions): Promise<Answer<Decision[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/rules/${encodeURIComponent(ruleId)}/decisions`, query }, options)
  }

  /** Read what a rule decided and why, the newest event first: all of them, page by page as they are asked for. */
  iterateDecisions(ruleId: string, query?: Omit<ListDecisionsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<Decision, void, void> {
    return this.pages((cursor) => this.listDecisions(ruleId, { ...query, cursor }, options))
  }

  /** Like a post: `POST /api/v2/instagram/actions/like`. */
  like(body: LikeBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/like', body }, options)
  }

  /** Take back a like: `POST /api/v2/instagram/actions/unlike`. */
  unlike(body: UnlikeBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/unlike', body }, options)
  }

  /** Comment on a post: `POST /api/v2/instagram/actions/comment`. */
  comment(body: CommentBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/comment', body }, options)
  }

  /** Follow a user: `POST /api/v2/instagram/actions/follow`. */
  follow(body: FollowBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/follow', body }, options)
  }

  /** Unfollow a user: `POST /api/v2/instagram/actions/unfollow`. */
  unfollow(body: UnfollowBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/unfollow', body }, options)
  }

  /** View a story: `POST /api/v2/instagram/actions/story-view`. */
  storyView(body: StoryViewBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/story-view', body }, options)
  }

  /** Reply to a story: `POST /api/v2/instagram/actions/story-reply`. */
  storyReply(body: StoryReplyBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/story-reply', body }, options)
  }

  /** Like a reel: `POST /api/v2/instagram/actions/reel-like`. */
  reelLike(body: ReelLikeBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/reel-like', body }, options)
  }

  /** Comment on a reel: `POST /api/v2/instagram/actions/reel-comment`. */
  reelComment(body: ReelCommentBody, options?: RequestOptions): Promise<Answer<SubmittedAction>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/reel-comment', body }, options)
  }

  /** Do one kind of action to many targets: `POST /api/v2/instagram/actions/bulk`. */
  engageInBulk(body: EngageInBulkBody, options?: RequestOptions): Promise<Answer<EngageInBulkData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/actions/bulk', body }, options)
  }

  /** Read the bulks of a session, the newest first: `GET /api/v2/instagram/actions/bulk`. */
  listActionBulks(query: ListActionBulksQuery, options?: RequestOptions): Promise<Answer<BulkSummary[]>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/actions/bulk', query }, options)
  }

  /** Read the bulks of a session, the newest first: all of them, page by page as they are asked for. */
  iterateActionBulks(query: Omit<ListActionBulksQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<BulkSummary, void, void> {
    return this.pages((cursor) => this.listActionBulks({ ...query, cursor }, options))
  }

  /** Read how a bulk stands, and when it will end: `GET /api/v2/instagram/actions/bulk/{bulkId}`. */
  getActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}` }, options)
  }

  /** Read the items of a bulk in the order in which they were given: `GET /api/v2/instagram/actions/bulk/{bulkId}/items`. */
  listActionBulkItems(bulkId: string, query?: ListActionBulkItemsQuery, options?: RequestOptions): Promise<Answer<BulkItem[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/items`, query }, options)
  }

  /** Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for. */
  iterateActionBulkItems(bulkId: string, query?: Omit<ListActionBulkItemsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<BulkItem, void, void> {
    return this.pages((cursor) => this.listActionBulkItems(bulkId, { ...query, cursor }, options))
  }

  /** Follow the progress of a bulk as server-sent events: `GET /api/v2/instagram/actions/bulk/{bulkId}/stream`. */
  streamActionBulk(bulkId: string, query?: StreamActionBulkQuery, options?: RequestOptions): AsyncGenerator<ServerEvent<Bulk>, void, void> {
    return this.stream({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/stream`, query }, options)
  }

  /** Begin no further item of a bulk for now: `POST /api/v2/instagram/actions/bulk/{bulkId}/pause`. */
  pauseActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/pause` }, options)
  }

  /** Go on with a paused bulk: `POST /api/v2/instagram/actions/bulk/{bulkId}/resume`. */
  resumeActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/resume` }, options)
  }

  /** Cancel what a bulk has not begun: `POST /api/v2/instagram/actions/bulk/{bulkId}/cancel`. */
  cancelActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<Bulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/cancel` }, options)
  }

  /** Read an action, what happened to it and what it waits for: `GET /api/v2/instagram/actions/{actionId}`. */
  getAction(actionId: string, options?: RequestOptions): Promise<Answer<ActionWithTimeline>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/${encodeURIComponent(actionId)}` }, options)
  }

  /** Cancel an action before its turn: `DELETE /api/v2/instagram/actions/{actionId}`. */
  cancelAction(actionId: string, options?: RequestOptions): Promise<Answer<Action>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/actions/${encodeURIComponent(actionId)}` }, options)
  }

  /** Read the actions of a session, the newest first: `GET /api/v2/instagram/session/{sessionId}/actions`. */
  listActions(sessionId: string, query?: ListActionsQuery, options?: RequestOptions): Promise<Answer<Action[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/actions`, query }, options)
  }

  /** Read the actions of a session, the newest first: all of them, page by page as they are asked for. */
  iterateActions(sessionId: string, query?: Omit<ListActionsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<Action, void, void> {
    return this.pages((cursor) => this.listActions(sessionId, { ...query, cursor }, options))
  }

  /** Say when a bulk that is accepted now would begin and end: `POST /api/v2/instagram/session/{sessionId}/forecast`. */
  forecast(sessionId: string, body: ForecastBody, options?: RequestOptions): Promise<Answer<Forecast>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/forecast`, body }, options)
  }

  /** Read what the account may still do, and when: `GET /api/v2/instagram/session/{sessionId}/limits`. */
  getLimits(sessionId: string, options?: RequestOptions): Promise<Answer<AccountLimits>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/limits` }, options)
  }

  /** Lift the account's pauses: `POST /api/v2/instagram/session/{sessionId}/resume`. */
  resumeSession(sessionId: string, body?: ResumeSessionBody, options?: RequestOptions): Promise<Answer<ResumeSessionData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/resume`, body }, options)
  }

  /** Stop acting: for everybody, a user or a session; queues are kept: `POST /api/v2/instagram/admin/pause`. */
  pauseDispatch(body?: PauseDispatchBody, options?: RequestOptions): Promise<Answer<DispatchStops>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/pause', body }, options)
  }

  /** Act again: for everybody, a user or a session: `POST /api/v2/instagram/admin/resume`. */
  resumeDispatch(body?: ResumeDispatchBody, options?: RequestOptions): Promise<Answer<DispatchStops>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/resume', body }, options)
  }

  /** Read the limits of an account: `GET /api/v2/instagram/admin/accounts/{username}/policy`. */
  getPolicy(username: string, options?: RequestOptions): Promise<Answer<AccountPolicy>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy` }, options)
  }

  /** Replace the limits of an account: `PUT /api/v2/instagram/admin/accounts/{username}/policy`. */
  setPolicy(username: string, body: SetPolicyBody, options?: RequestOptions): Promise<Answer<AccountPolicy>> {
    return this.send({ method: 'PUT', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy`, body }, options)
  }

  /** Return an account to the configured limits: `DELETE /api/v2/instagram/admin/accounts/{username}/policy`. */
  deletePolicy(username: string, options?: RequestOptions): Promise<Answer<AccountPolicy>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy` }, options)
  }

  /** Forget what an account did (sandbox mode): `POST /api/v2/instagram/admin/accounts/{username}/reset-limits`. */
  resetLimits(username: string, options?: RequestOptions): Promise<Answer<undefined>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/reset-limits` }, options)
  }

  /** Read the audit trail, the newest first: `GET /api/v2/instagram/admin/audit`. */
  listAudit(query?: ListAuditQuery, options?: RequestOptions): Promise<Answer<AuditEntry[]>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/admin/audit', query }, options)
  }

  /** Read the audit trail, the newest first: all of them, page by page as they are asked for. */
  iterateAudit(query?: Omit<ListAuditQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<AuditEntry, void, void> {
    return this.pages((cursor) => this.listAudit({ ...query, cursor }, options))
  }

  /** Read what failed, grouped by code, the most frequent first: `GET /api/v2/instagram/admin/errors`. */
  listErrors(query?: ListErrorsQuery, options?: RequestOptions): Promise<Answer<ErrorGroup[]>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/admin/errors', query }, options)
  }

  /** Read events in order: `GET /api/v2/instagram/events`. */
  listEvents(query?: ListEventsQuery, options?: RequestOptions): Promise<Answer<ListEventsData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/events', query }, options)
  }

  /** Follow events in order as server-sent events: `GET /api/v2/instagram/events/stream`. */
  streamEvents(query?: StreamEventsQuery, options?: RequestOptions): AsyncGenerator<ServerEvent<StreamEventsData>, void, void> {
    return this.stream({ method: 'GET', path: '/api/v2/instagram/events/stream', query }, options)
  }

  /** Get a ticket that opens one stream, for clients that cannot send headers: `POST /api/v2/instagram/events/ticket`. */
  createStreamTicket(options?: RequestOptions): Promise<Answer<CreateStreamTicketData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/events/ticket' }, options)
  }

  /** Re-wrap every stored secret with a new encryption key: `POST /api/v2/instagram/admin/rotate-keys`. */
  rotateKeys(options?: RequestOptions): Promise<Answer<RotateKeysData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/rotate-keys' }, options)
  }

  /** End the tokens of a user that were issued before an instant: `POST /api/v2/instagram/admin/revoke`. */
  revokeTokens(body: RevokeTokensBody, options?: RequestOptions): Promise<Answer<RevokeTokensData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/revoke', body }, options)
  }

  /** Have events sent to an address; the secret is shown once: `POST /api/v2/instagram/webhooks`. */
  createWebhook(body: CreateWebhookBody, options?: RequestOptions): Promise<Answer<CreateWebhookData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/webhooks', body }, options)
  }

  /** List the webhooks: `GET /api/v2/instagram/webhooks`. */
  listWebhooks(query?: ListWebhooksQuery, options?: RequestOptions): Promise<Answer<ListWebhooksData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/webhooks', query }, options)
  }

  /** List the webhooks: all of them, page by page as they are asked for. */
  iterateWebhooks(query?: Omit<ListWebhooksQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListWebhooksData[number], void, void> {
    return this.pages((cursor) => this.listWebhooks({ ...query, cursor }, options))
  }

  /** Get a webhook: `GET /api/v2/instagram/webhooks/{webhookId}`. */
  getWebhook(webhookId: string, options?: RequestOptions): Promise<Answer<GetWebhookData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}` }, options)
  }

  /** Change, disable or enable a webhook; what waits for it is kept: `PATCH /api/v2/instagram/webhooks/{webhookId}`. */
  updateWebhook(webhookId: string, body: UpdateWebhookBody, options?: RequestOptions): Promise<Answer<UpdateWebhookData>> {
    return this.send({ method: 'PATCH', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}`, body }, options)
  }

  /** Delete a webhook and what waits for it: `DELETE /api/v2/instagram/webhooks/{webhookId}`. */
  deleteWebhook(webhookId: string, options?: RequestOptions): Promise<Answer<undefined>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}` }, options)
  }

  /** Replace the secret; deliveries carry both signatures for 24 hours: `POST /api/v2/instagram/webhooks/{webhookId}/rotate-secret`. */
  rotateWebhookSecret(webhookId: string, options?: RequestOptions): Promise<Answer<RotateWebhookSecretData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}/rotate-secret` }, options)
  }

  /** Send a test event now: `POST /api/v2/instagram/webhooks/{webhookId}/test`. */
  testWebhook(webhookId: string, options?: RequestOptions): Promise<Answer<TestWebhookData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}/test` }, options)
  }

  /** Send a range of past events again: `POST /api/v2/instagram/webhooks/{webhookId}/replay`. */
  replayWebhook(webhookId: string, body: ReplayWebhookBody, options?: RequestOptions): Promise<Answer<ReplayWebhookData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}/replay`, body }, options)
  }

  /** Send at once what failed or waits for a retry: `POST /api/v2/instagram/webhooks/{webhookId}/redrive`. */
  redriveWebhook(webhookId: string, options?: RequestOptions): Promise<Answer<RedriveWebhookData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}/redrive` }, options)
  }

  /** Read the deliveries of a webhook and their attempts, the newest events first: `GET /api/v2/instagram/webhooks/{webhookId}/deliveries`. */
  listWebhookDeliveries(webhookId: string, query?: ListWebhookDeliveriesQuery, options?: RequestOptions): Promise<Answer<ListWebhookDeliveriesData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/webhooks/${encodeURIComponent(webhookId)}/deliveries`, query }, options)
  }

  /** Read the deliveries of a webhook and their attempts, the newest events first: all of them, page by page as they are asked for. */
  iterateWebhookDeliveries(webhookId: string, query?: Omit<ListWebhookDeliveriesQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListWebhookDeliveriesData[number], void, void> {
    return this.pages((cursor) => this.listWebhookDeliveries(webhookId, { ...query, cursor }, options))
  }

  /** Move product time forward (sandbox mode): `POST /api/v2/instagram/admin/clock`. */
  advanceClock(body: AdvanceClockBody, options?: RequestOptions): Promise<Answer<AdvanceClockData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/clock', body }, options)
  }

  /** Open a session with cookies from a browser: `POST /api/instagram/session`. */
  v1CreateSession(body: V1CreateSessionBody, options?: RequestOptions): Promise<Answer<V1CreateSessionData>> {
    return this.send({ method: 'POST', path: '/api/instagram/session', body }, options)
  }

  /** Deactivate a session without telling Instagram, and wipe the credentials: `DELETE /api/instagram/session/{username}`. */
  v1DeleteSession(username: string, options?: RequestOptions): Promise<Answer<V1DeleteSessionData>> {
    return this.send({ method: 'DELETE', path: `/api/instagram/session/${encodeURIComponent(username)}` }, options)
  }

  /** Read what the account may still do: `GET /api/instagram/limits/{username}`. */
  v1GetLimits(username: string, options?: RequestOptions): Promise<Answer<V1GetLimitsData>> {
    return this.send({ method: 'GET', path: `/api/instagram/limits/${encodeURIComponent(username)}` }, options)
  }

  /** Follow a user: `POST /api/instagram/follow`. */
  v1Follow(body: V1FollowBody, options?: RequestOptions): Promise<Answer<V1Action>> {
    return this.send({ method: 'POST', path: '/api/instagram/follow', body }, options)
  }

  /** Like a post: `POST /api/instagram/like`. */
  v1Like(body: V1LikeBody, options?: RequestOptions): Promise<Answer<V1Action>> {
    return this.send({ method: 'POST', path: '/api/instagram/like', body }, options)
  }

  /** Comment on a post: `POST /api/instagram/comment`. */
  v1Comment(body: V1CommentBody, options?: RequestOptions): Promise<Answer<V1Action>> {
    return this.send({ method: 'POST', path: '/api/instagram/comment', body }, options)
  }
}
