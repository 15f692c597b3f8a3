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

export interface Pagination {
  limit: number
  offset?: number | undefined
  nextCursor?: string | undefined
  hasMore: boolean
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
  metadata: {
    followersCount: number
    followingCount: number
    postsCount: number
    isBusinessAccount: boolean
    isVerified: boolean
  }
  settings: {
    autoReply: boolean
    autoLike: boolean
    autoFollow: boolean
    autoUnfollow: boolean
    maxDailyActions: number
    /** Least milliseconds between two actions; at least 1000 in live mode. */
    actionDelay: number
  }
  status: 'active' | 'proxy_error' | 'unreachable' | 'expired' | 'challenge_required' | 'login_required' | 'suspended' | 'logged_out' | 'deactivated'
  statusReason: string | null
  connector: string
  createdAt: string
  expiresAt: string
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
  messageType: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like'
  mediaUrl?: string | undefined
  isRead: boolean
  isFromMe: boolean
  timestamp: string
  metadata: {
    hashtags: string[]
    mentions: string[]
  }
  status: string
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
  messageType: 'text' | 'image' | 'video' | 'voice' | 'link' | 'like'
  mediaUrl?: string | undefined
  isRead: boolean
  isFromMe: boolean
  timestamp: string
  metadata: {
    hashtags: string[]
    mentions: string[]
  }
  status: string
  actionId?: string | undefined
}

export interface Conversation {
  id: string
  conversationId: string
  sessionId: string
  /** The account. */
  username: string
  participantId: string
  participantUsername: string
  unreadCount: number
  lastMessage: Message | null
  lastActivity: string
}

export interface MessageBulk {
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
  /** Forecast of the last item; null when it has ended, or somebody has to do something first. */
  estimatedCompletion: string | null
}

export interface MessageBulkItem {
  actionId: string
  status: string
  code: string | null
  reason: string | null
  externalId: string | null
  settledAt: string | null
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
  waitingFor: {
    /** turn, time, delay, window, pause, session, connection or instagram. */
    what: string
    until: string | null
    rule: string
  } | null
  /** Forecast of the attempt; null where somebody has to do something first, or nothing more is tried. */
  scheduledFor?: string | null | undefined
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
  waitingFor: {
    /** turn, time, delay, window, pause, session, connection or instagram. */
    what: string
    until: string | null
    rule: string
  } | null
  timeline: Array<{
    at: string
    from: string
    to: string
    cause: string
    waitingFor: {
      /** turn, time, delay, window, pause, session, connection or instagram. */
      what: string
      until: string | null
      rule: string
    } | null
  }>
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
  /** Send although the recipient asked not to be messaged. */
  override?: boolean | undefined
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
  waitingFor?: {
    /** turn, time, delay, window, pause, session, connection or instagram. */
    what: string
    until: string | null
    rule: string
  } | null | undefined
  /** Forecast of the attempt; null where somebody has to do something first, or nothing more is tried. */
  scheduledFor?: string | null | undefined
}

export interface ListConversationMessagesQuery {
  limit?: number | undefined
  offset?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
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

export type SendBulkMessagesData = {
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
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
} | {
  dryRun: true
  total: number
  wouldSend: number
  suppressed: number
  duplicates: number
  estimatedCompletion: string | null
  recipients: Array<{
    recipientUsername: string
    /** send, suppressed or duplicate. */
    outcome: string
    sendAt?: string | undefined
  }>
  warnings?: string[] | undefined
} | {
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
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

export interface ListMessageBulksQuery {
  sessionId: string
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export type ListMessageBulksData = Array<{
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
}>

export interface ListMessageBulkItemsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface StreamMessageBulkQuery {
  lastEventId?: string | undefined
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
  /** Instagram's id of the user. */
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
  /** Instagram's id of the user. */
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
}

export interface EngageInBulkData {
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
  /** Forecast of the last item; null when it has ended, or somebody has to do something first. */
  estimatedCompletion: string | null
  /** The first 100; the others are read by page. */
  actions: MessageBulkItem[]
}

export interface ListActionBulksQuery {
  sessionId: string
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export type ListActionBulksData = Array<{
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
  counts: {
    queued: number
    running: number
    succeeded: number
    failed: number
    unconfirmed: number
    canceled: number
    expired: number
    skipped: number
  }
  /** Least milliseconds between two attempts of the bulk. */
  delay: number
  createdAt: string
  settledAt: string | null
}>

export interface ListActionBulkItemsQuery {
  limit?: number | undefined
  /** A nextCursor of this list. */
  cursor?: string | undefined
}

export interface StreamActionBulkQuery {
  lastEventId?: string | undefined
}

export interface CancelActionData {
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
  waitingFor: {
    /** turn, time, delay, window, pause, session, connection or instagram. */
    what: string
    until: string | null
    rule: string
  } | null
}

export interface ListActionsQuery {
  status?: 'queued' | 'running' | 'succeeded' | 'failed' | 'unconfirmed' | 'canceled' | 'expired' | 'skipped' | undefined
  kind?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export type ListActionsData = Array<{
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
  waitingFor: {
    /** turn, time, delay, window, pause, session, connection or instagram. */
    what: string
    until: string | null
    rule: string
  } | null
}>

export interface ForecastBody {
  kind: string
  count: number
  /** Milliseconds between two. */
  delay?: number | undefined
}

export interface ForecastData {
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

export interface GetLimitsData {
  sessionId: string
  username: string
  limits: Record<string, {
    hour?: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window. */
      resetAt: string | null
      pausedUntil?: string | undefined
      reason?: string | undefined
    } | undefined
    day?: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window. */
      resetAt: string | null
      pausedUntil?: string | undefined
      reason?: string | undefined
    } | undefined
    nextFreeAt: string | null
  }>
  overall: {
    limit: number
    used: number
    remaining: number
    /** When the next use leaves the window. */
    resetAt: string | null
    pausedUntil?: string | undefined
    reason?: string | undefined
  }
  /** Least milliseconds between two actions. */
  actionDelay: number
  /** The first instant at which some kind may go; null while the operator has stopped the account. */
  nextFreeAt: string | null
}

export interface ResumeSessionBody {
  /** One kind, or `*` for the whole account. */
  kind?: string | undefined
}

export interface ResumeSessionData {
  lifted: Array<{
    kind: string
    until: string
    reason: string
  }>
}

export interface PauseDispatchBody {
  /** Only the sessions of this user. */
  userId?: string | undefined
  /** Only this session. */
  sessionId?: string | undefined
  reason?: string | undefined
}

export interface PauseDispatchData {
  stopped: Array<{
    scope: {
      all?: true | undefined
      userId?: string | undefined
      sessionId?: string | undefined
    }
    since: string
    actor: string
    reason: string | null
  }>
}

export interface ResumeDispatchBody {
  /** Only the sessions of this user. */
  userId?: string | undefined
  /** Only this session. */
  sessionId?: string | undefined
}

export interface ResumeDispatchData {
  stopped: Array<{
    scope: {
      all?: true | undefined
      userId?: string | undefined
      sessionId?: string | undefined
    }
    since: string
    actor: string
    reason: string | null
  }>
}

export interface GetPolicyData {
  username: string
  accountId: string
  /** Null = the policies of the APIs. */
  policy: Record<string, {
    /** Null = no such limit. */
    hour?: number | null | undefined
    /** Null = no such limit. */
    day?: number | null | undefined
  }> | null
  effective: Record<string, {
    hour: number | null
    day: number | null
  }>
}

export interface SetPolicyBody {
  policy: Record<string, {
    /** Null = no such limit. */
    hour?: number | null | undefined
    /** Null = no such limit. */
    day?: number | null | undefined
  }>
}

export interface SetPolicyData {
  username: string
  accountId: string
  /** Null = the policies of the APIs. */
  policy: Record<string, {
    /** Null = no such limit. */
    hour?: number | null | undefined
    /** Null = no such limit. */
    day?: number | null | undefined
  }> | null
  effective: Record<string, {
    hour: number | null
    day: number | null
  }>
}

export interface DeletePolicyData {
  username: string
  accountId: string
  /** Null = the policies of the APIs. */
  policy: Record<string, {
    /** Null = no such limit. */
    hour?: number | null | undefined
    /** Null = no such limit. */
    day?: number | null | undefined
  }> | null
  effective: Record<string, {
    hour: number | null
    day: number | null
  }>
}

export interface ListAuditQuery {
  limit?: number | undefined
  cursor?: string | undefined
}

export type ListAuditData = Array<{
  id: string
  at: string
  actor: string
  what: string
  target: string | null
  details: Record<string, unknown> | null
}>

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
  session: {
    username: string
    /** As it was given; null for a session that only v2 has opened. */
    session_id: string | null
    created_at: string
    expires_at: string
    is_active: boolean
    limits: {
      /** The rolling window that leaves least room. */
      follow: {
        limit: number
        used: number
        remaining: number
        /** When the next use leaves the window; null while nothing is used. */
        reset_at: string | null
        /** While Instagram wants a pause. */
        paused_until?: string | undefined
        reason?: string | undefined
      }
      /** The rolling window that leaves least room. */
      like: {
        limit: number
        used: number
        remaining: number
        /** When the next use leaves the window; null while nothing is used. */
        reset_at: string | null
        /** While Instagram wants a pause. */
        paused_until?: string | undefined
        reason?: string | undefined
      }
      /** The rolling window that leaves least room. */
      comment: {
        limit: number
        used: number
        remaining: number
        /** When the next use leaves the window; null while nothing is used. */
        reset_at: string | null
        /** While Instagram wants a pause. */
        paused_until?: string | undefined
        reason?: string | undefined
      }
    }
  }
}

export type V1DeleteSessionData = Record<string, unknown>

export interface V1GetLimitsData {
  limits: {
    /** The rolling window that leaves least room. */
    follow: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    like: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    comment: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
  }
}

export interface V1FollowBody {
  /** An Instagram username. */
  username: string
  target_user_id: string
  action_type: 'follow'
}

export interface V1FollowData {
  action_id: string
  status: 'queued' | 'running' | 'succeeded' | 'unconfirmed'
  limits: {
    /** The rolling window that leaves least room. */
    follow: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    like: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    comment: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
  }
}

export interface V1LikeBody {
  /** An Instagram username. */
  username: string
  media_id: string
  action_type: 'like'
}

export interface V1LikeData {
  action_id: string
  status: 'queued' | 'running' | 'succeeded' | 'unconfirmed'
  limits: {
    /** The rolling window that leaves least room. */
    follow: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    like: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    comment: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
  }
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

export interface V1CommentData {
  action_id: string
  status: 'queued' | 'running' | 'succeeded' | 'unconfirmed'
  limits: {
    /** The rolling window that leaves least room. */
    follow: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    like: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
    /** The rolling window that leaves least room. */
    comment: {
      limit: number
      used: number
      remaining: number
      /** When the next use leaves the window; null while nothing is used. */
      reset_at: string | null
      /** While Instagram wants a pause. */
      paused_until?: string | undefined
      reason?: string | undefined
    }
  }
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

  /** Mark a received message as read: `PUT /api/v2/instagram/message/{messageId}/read`. */
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
  listMessageBulks(query: ListMessageBulksQuery, options?: RequestOptions): Promise<Answer<ListMessageBulksData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/messages/bulk', query }, options)
  }

  /** Read the bulks of a session, the newest first: all of them, page by page as they are asked for. */
  iterateMessageBulks(query: Omit<ListMessageBulksQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListMessageBulksData[number], void, void> {
    return this.pages((cursor) => this.listMessageBulks({ ...query, cursor }, options))
  }

  /** Read how a bulk stands, and when it will end: `GET /api/v2/instagram/messages/bulk/{bulkId}`. */
  getMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}` }, options)
  }

  /** Read the items of a bulk in the order in which they were given: `GET /api/v2/instagram/messages/bulk/{bulkId}/items`. */
  listMessageBulkItems(bulkId: string, query?: ListMessageBulkItemsQuery, options?: RequestOptions): Promise<Answer<MessageBulkItem[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/items`, query }, options)
  }

  /** Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for. */
  iterateMessageBulkItems(bulkId: string, query?: Omit<ListMessageBulkItemsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<MessageBulkItem, void, void> {
    return this.pages((cursor) => this.listMessageBulkItems(bulkId, { ...query, cursor }, options))
  }

  /** Follow the progress of a bulk as server-sent events: `GET /api/v2/instagram/messages/bulk/{bulkId}/stream`. */
  streamMessageBulk(bulkId: string, query?: StreamMessageBulkQuery, options?: RequestOptions): AsyncGenerator<ServerEvent<MessageBulk>, void, void> {
    return this.stream({ method: 'GET', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/stream`, query }, options)
  }

  /** Begin no further item of a bulk for now: `POST /api/v2/instagram/messages/bulk/{bulkId}/pause`. */
  pauseMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/pause` }, options)
  }

  /** Go on with a paused bulk: `POST /api/v2/instagram/messages/bulk/{bulkId}/resume`. */
  resumeMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/resume` }, options)
  }

  /** Cancel what a bulk has not begun: `POST /api/v2/instagram/messages/bulk/{bulkId}/cancel`. */
  cancelMessageBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/messages/bulk/${encodeURIComponent(bulkId)}/cancel` }, options)
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
  listActionBulks(query: ListActionBulksQuery, options?: RequestOptions): Promise<Answer<ListActionBulksData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/actions/bulk', query }, options)
  }

  /** Read the bulks of a session, the newest first: all of them, page by page as they are asked for. */
  iterateActionBulks(query: Omit<ListActionBulksQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListActionBulksData[number], void, void> {
    return this.pages((cursor) => this.listActionBulks({ ...query, cursor }, options))
  }

  /** Read how a bulk stands, and when it will end: `GET /api/v2/instagram/actions/bulk/{bulkId}`. */
  getActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}` }, options)
  }

  /** Read the items of a bulk in the order in which they were given: `GET /api/v2/instagram/actions/bulk/{bulkId}/items`. */
  listActionBulkItems(bulkId: string, query?: ListActionBulkItemsQuery, options?: RequestOptions): Promise<Answer<MessageBulkItem[]>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/items`, query }, options)
  }

  /** Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for. */
  iterateActionBulkItems(bulkId: string, query?: Omit<ListActionBulkItemsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<MessageBulkItem, void, void> {
    return this.pages((cursor) => this.listActionBulkItems(bulkId, { ...query, cursor }, options))
  }

  /** Follow the progress of a bulk as server-sent events: `GET /api/v2/instagram/actions/bulk/{bulkId}/stream`. */
  streamActionBulk(bulkId: string, query?: StreamActionBulkQuery, options?: RequestOptions): AsyncGenerator<ServerEvent<MessageBulk>, void, void> {
    return this.stream({ method: 'GET', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/stream`, query }, options)
  }

  /** Begin no further item of a bulk for now: `POST /api/v2/instagram/actions/bulk/{bulkId}/pause`. */
  pauseActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/pause` }, options)
  }

  /** Go on with a paused bulk: `POST /api/v2/instagram/actions/bulk/{bulkId}/resume`. */
  resumeActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/resume` }, options)
  }

  /** Cancel what a bulk has not begun: `POST /api/v2/instagram/actions/bulk/{bulkId}/cancel`. */
  cancelActionBulk(bulkId: string, options?: RequestOptions): Promise<Answer<MessageBulk>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/actions/bulk/${encodeURIComponent(bulkId)}/cancel` }, options)
  }

  /** Read an action, what happened to it and what it waits for: `GET /api/v2/instagram/actions/{actionId}`. */
  getAction(actionId: string, options?: RequestOptions): Promise<Answer<Action>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/actions/${encodeURIComponent(actionId)}` }, options)
  }

  /** Cancel an action before its turn: `DELETE /api/v2/instagram/actions/{actionId}`. */
  cancelAction(actionId: string, options?: RequestOptions): Promise<Answer<CancelActionData>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/actions/${encodeURIComponent(actionId)}` }, options)
  }

  /** Read the actions of a session, the newest first: `GET /api/v2/instagram/session/{sessionId}/actions`. */
  listActions(sessionId: string, query?: ListActionsQuery, options?: RequestOptions): Promise<Answer<ListActionsData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/actions`, query }, options)
  }

  /** Read the actions of a session, the newest first: all of them, page by page as they are asked for. */
  iterateActions(sessionId: string, query?: Omit<ListActionsQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListActionsData[number], void, void> {
    return this.pages((cursor) => this.listActions(sessionId, { ...query, cursor }, options))
  }

  /** Say when a bulk that is accepted now would begin and end: `POST /api/v2/instagram/session/{sessionId}/forecast`. */
  forecast(sessionId: string, body: ForecastBody, options?: RequestOptions): Promise<Answer<ForecastData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/forecast`, body }, options)
  }

  /** Read what the account may still do, and when: `GET /api/v2/instagram/session/{sessionId}/limits`. */
  getLimits(sessionId: string, options?: RequestOptions): Promise<Answer<GetLimitsData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/limits` }, options)
  }

  /** Lift the account's pauses: `POST /api/v2/instagram/session/{sessionId}/resume`. */
  resumeSession(sessionId: string, body?: ResumeSessionBody, options?: RequestOptions): Promise<Answer<ResumeSessionData>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/session/${encodeURIComponent(sessionId)}/resume`, body }, options)
  }

  /** Stop acting: for everybody, a user or a session; queues are kept: `POST /api/v2/instagram/admin/pause`. */
  pauseDispatch(body?: PauseDispatchBody, options?: RequestOptions): Promise<Answer<PauseDispatchData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/pause', body }, options)
  }

  /** Act again: for everybody, a user or a session: `POST /api/v2/instagram/admin/resume`. */
  resumeDispatch(body?: ResumeDispatchBody, options?: RequestOptions): Promise<Answer<ResumeDispatchData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/resume', body }, options)
  }

  /** Read the limits of an account: `GET /api/v2/instagram/admin/accounts/{username}/policy`. */
  getPolicy(username: string, options?: RequestOptions): Promise<Answer<GetPolicyData>> {
    return this.send({ method: 'GET', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy` }, options)
  }

  /** Replace the limits of an account: `PUT /api/v2/instagram/admin/accounts/{username}/policy`. */
  setPolicy(username: string, body: SetPolicyBody, options?: RequestOptions): Promise<Answer<SetPolicyData>> {
    return this.send({ method: 'PUT', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy`, body }, options)
  }

  /** Return an account to the configured limits: `DELETE /api/v2/instagram/admin/accounts/{username}/policy`. */
  deletePolicy(username: string, options?: RequestOptions): Promise<Answer<DeletePolicyData>> {
    return this.send({ method: 'DELETE', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/policy` }, options)
  }

  /** Forget what an account did (sandbox mode): `POST /api/v2/instagram/admin/accounts/{username}/reset-limits`. */
  resetLimits(username: string, options?: RequestOptions): Promise<Answer<undefined>> {
    return this.send({ method: 'POST', path: `/api/v2/instagram/admin/accounts/${encodeURIComponent(username)}/reset-limits` }, options)
  }

  /** Read the audit trail, the newest first: `GET /api/v2/instagram/admin/audit`. */
  listAudit(query?: ListAuditQuery, options?: RequestOptions): Promise<Answer<ListAuditData>> {
    return this.send({ method: 'GET', path: '/api/v2/instagram/admin/audit', query }, options)
  }

  /** Read the audit trail, the newest first: all of them, page by page as they are asked for. */
  iterateAudit(query?: Omit<ListAuditQuery, 'cursor'>, options?: RequestOptions): AsyncGenerator<ListAuditData[number], void, void> {
    return this.pages((cursor) => this.listAudit({ ...query, cursor }, options))
  }

  /** Re-wrap every stored secret with a new encryption key: `POST /api/v2/instagram/admin/rotate-keys`. */
  rotateKeys(options?: RequestOptions): Promise<Answer<RotateKeysData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/rotate-keys' }, options)
  }

  /** End the tokens of a user that were issued before an instant: `POST /api/v2/instagram/admin/revoke`. */
  revokeTokens(body: RevokeTokensBody, options?: RequestOptions): Promise<Answer<RevokeTokensData>> {
    return this.send({ method: 'POST', path: '/api/v2/instagram/admin/revoke', body }, options)
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
  v1Follow(body: V1FollowBody, options?: RequestOptions): Promise<Answer<V1FollowData>> {
    return this.send({ method: 'POST', path: '/api/instagram/follow', body }, options)
  }

  /** Like a post: `POST /api/instagram/like`. */
  v1Like(body: V1LikeBody, options?: RequestOptions): Promise<Answer<V1LikeData>> {
    return this.send({ method: 'POST', path: '/api/instagram/like', body }, options)
  }

  /** Comment on a post: `POST /api/instagram/comment`. */
  v1Comment(body: V1CommentBody, options?: RequestOptions): Promise<Answer<V1CommentData>> {
    return this.send({ method: 'POST', path: '/api/instagram/comment', body }, options)
  }
}
