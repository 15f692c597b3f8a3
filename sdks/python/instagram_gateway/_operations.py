"""Written from openapi.json by scripts/generate.ts; changes belong there."""

from typing import Any, Dict, Iterator, List, Literal, Optional, TypedDict, Union
from urllib.parse import quote

from ._call import Answer, Call, RequestOptions, ServerEvent

ERROR_CODES = (
    "ACCOUNT_IN_USE",
    "ACCOUNT_MISMATCH",
    "ACTION_CANCELED",
    "ACTION_EXPIRED",
    "ACTION_LIMIT_EXCEEDED",
    "ACTION_NOT_FOUND",
    "BAD_REQUEST",
    "BODY_TOO_LARGE",
    "BULK_ENDED",
    "BULK_NOT_FOUND",
    "CHALLENGE_REQUIRED",
    "CLOCK_BUSY",
    "CONVERSATION_NOT_FOUND",
    "FORBIDDEN",
    "IDEMPOTENCY_KEY_IN_USE",
    "IDEMPOTENCY_KEY_REUSED",
    "INSTAGRAM_ERROR",
    "INSTAGRAM_TIMEOUT",
    "INTERNAL_ERROR",
    "INVALID_CREDENTIALS",
    "INVALID_SESSION",
    "INVALID_TWO_FACTOR_CODE",
    "MESSAGE_NOT_FOUND",
    "NOT_CANCELABLE",
    "NOT_FOUND",
    "NOT_SUPPORTED",
    "PAUSE_NOT_LIFTABLE",
    "PROXY_ERROR",
    "RATE_LIMITED",
    "RATE_LIMIT_EXCEEDED",
    "REFUSED_BY_INSTAGRAM",
    "REQUEST_FAILED",
    "RULE_NOT_FOUND",
    "SESSION_LIMIT_REACHED",
    "SESSION_NOT_ACTIVE",
    "SESSION_NOT_FOUND",
    "SUPPRESSED",
    "TARGET_NOT_FOUND",
    "TWO_FACTOR_REQUIRED",
    "UNAUTHORIZED",
    "UNAVAILABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION_ERROR",
    "WEBHOOK_DISABLED",
    "WEBHOOK_LIMIT_REACHED",
    "WEBHOOK_NOT_FOUND",
    "WEBHOOK_REPLAYING",
)
"""Every code that a refusal can carry."""


class SessionMetadata(TypedDict):
    followersCount: int
    followingCount: int
    postsCount: int
    isBusinessAccount: bool
    isVerified: bool


class SessionSettings(TypedDict):
    autoReply: bool
    autoLike: bool
    autoFollow: bool
    autoUnfollow: bool
    maxDailyActions: int
    actionDelay: int
    """Least milliseconds between two actions; at least 1000 in live mode."""


class Session(TypedDict):
    id: str
    userId: str
    username: str
    sessionId: str
    isActive: bool
    """Whether `status` is `active`."""
    lastActivity: str
    metadata: SessionMetadata
    """As Instagram said at the last login; zeros and false where it could not be read then."""
    settings: SessionSettings
    status: Literal["active", "proxy_error", "unreachable", "expired", "challenge_required", "login_required", "suspended", "logged_out", "deactivated"]
    statusReason: Optional[str]
    connector: str
    createdAt: str
    expiresAt: str


class _Failure(TypedDict):
    success: Literal[False]
    error: str
    """One sentence a person can act on."""
    timestamp: str
    code: str
    """Stable; what programs go by."""
    requestId: str


class Failure(_Failure, total=False):
    details: Dict[str, Any]


class _Pagination(TypedDict):
    limit: int
    hasMore: bool


class Pagination(_Pagination, total=False):
    offset: int
    nextCursor: str
    snapshot: int
    """Given back, it makes pages by offset fit together."""


class _AcceptedMessageMetadata(TypedDict):
    hashtags: List[str]
    mentions: List[str]


class AcceptedMessageMetadata(_AcceptedMessageMetadata, total=False):
    storyId: str
    """The story that it is about."""
    itemType: str
    """What Instagram calls a message of type other."""


class _AcceptedMessage(TypedDict):
    id: str
    sessionId: str
    conversationId: str
    messageId: str
    senderId: str
    senderUsername: str
    recipientId: str
    recipientUsername: str
    content: str
    messageType: Literal["text", "image", "video", "voice", "link", "like", "share", "story_reply", "story_mention", "other"]
    isRead: bool
    isFromMe: bool
    timestamp: str
    metadata: AcceptedMessageMetadata
    status: str
    origin: Literal["api", "elsewhere"]
    """Written through this API, or elsewhere: by the other side, or by the account in an app."""
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where the session must be mended first."""


class AcceptedMessage(_AcceptedMessage, total=False):
    mediaUrl: str
    actionId: str
    warnings: List[str]


class _Message(TypedDict):
    id: str
    sessionId: str
    conversationId: str
    messageId: str
    senderId: str
    senderUsername: str
    recipientId: str
    recipientUsername: str
    content: str
    messageType: Literal["text", "image", "video", "voice", "link", "like", "share", "story_reply", "story_mention", "other"]
    isRead: bool
    isFromMe: bool
    timestamp: str
    metadata: AcceptedMessageMetadata
    status: str
    origin: Literal["api", "elsewhere"]
    """Written through this API, or elsewhere: by the other side, or by the account in an app."""


class Message(_Message, total=False):
    mediaUrl: str
    actionId: str


class WaitingFor(TypedDict):
    what: str
    """turn, time, delay, window, pause, session, connection or instagram."""
    until: Optional[str]
    rule: str


class PendingActionCausedBy(TypedDict):
    ruleId: str
    eventId: str


class _PendingAction(TypedDict):
    id: str
    actionId: str
    sessionId: str
    kind: str
    target: Dict[str, Any]
    """What it is about, as it was asked for."""
    status: str
    onLimit: str
    attempts: int
    externalId: Optional[str]
    code: Optional[str]
    reason: Optional[str]
    sendAt: Optional[str]
    expiresAt: Optional[str]
    acceptedAt: str
    settledAt: Optional[str]
    waitingFor: Optional[WaitingFor]
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where somebody has to do something first, or nothing more is tried."""


class PendingAction(_PendingAction, total=False):
    causedBy: PendingActionCausedBy
    """The rule that did it, and the event that it answers."""


MessageStats = Dict[str, Any]


class _Conversation(TypedDict):
    id: str
    conversationId: str
    sessionId: str
    username: str
    """The account."""
    participantId: str
    participantUsername: str
    isGroup: bool
    isRequest: bool
    """Not accepted by the account yet."""
    unreadCount: int
    lastMessage: Optional[Message]
    lastActivity: str


class Conversation(_Conversation, total=False):
    title: str
    """The name of a group."""


class BulkCounts(TypedDict):
    queued: int
    running: int
    succeeded: int
    failed: int
    unconfirmed: int
    canceled: int
    expired: int
    skipped: int


class _AcceptedMessageBulkMessagesItem(TypedDict):
    id: str
    recipientUsername: str
    content: str
    status: str
    actionId: str


class AcceptedMessageBulkMessagesItem(_AcceptedMessageBulkMessagesItem, total=False):
    code: str
    reason: str


class _AcceptedMessageBulk(TypedDict):
    bulkId: str
    sessionId: str
    kind: str
    status: str
    """running, paused, completed or canceled."""
    total: int
    sent: int
    """Confirmed by Instagram."""
    failed: int
    """Not done, and will not be."""
    queued: int
    """Not ended yet, those under way included."""
    unconfirmed: int
    """May have been done; nothing can tell."""
    canceled: int
    skipped: int
    """Suppressed, or a repeat of an earlier item."""
    duplicates: int
    """How many of the skipped are repeats."""
    counts: BulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""
    messages: List[AcceptedMessageBulkMessagesItem]
    """The first 100; the others are read by page."""


class AcceptedMessageBulk(_AcceptedMessageBulk, total=False):
    warnings: List[str]


class _MessageBulkPlanRecipientsItem(TypedDict):
    recipientUsername: str
    outcome: Literal["send", "suppressed", "duplicate"]


class MessageBulkPlanRecipientsItem(_MessageBulkPlanRecipientsItem, total=False):
    sendAt: str


class _MessageBulkPlan(TypedDict):
    dryRun: Literal[True]
    total: int
    wouldSend: int
    suppressed: int
    duplicates: int
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when nothing would be done, or somebody has to do something first."""
    recipients: List[MessageBulkPlanRecipientsItem]


class MessageBulkPlan(_MessageBulkPlan, total=False):
    warnings: List[str]


class BulkSummary(TypedDict):
    bulkId: str
    sessionId: str
    kind: str
    status: str
    """running, paused, completed or canceled."""
    total: int
    sent: int
    """Confirmed by Instagram."""
    failed: int
    """Not done, and will not be."""
    queued: int
    """Not ended yet, those under way included."""
    unconfirmed: int
    """May have been done; nothing can tell."""
    canceled: int
    skipped: int
    """Suppressed, or a repeat of an earlier item."""
    duplicates: int
    """How many of the skipped are repeats."""
    counts: BulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]


class Bulk(TypedDict):
    bulkId: str
    sessionId: str
    kind: str
    status: str
    """running, paused, completed or canceled."""
    total: int
    sent: int
    """Confirmed by Instagram."""
    failed: int
    """Not done, and will not be."""
    queued: int
    """Not ended yet, those under way included."""
    unconfirmed: int
    """May have been done; nothing can tell."""
    canceled: int
    skipped: int
    """Suppressed, or a repeat of an earlier item."""
    duplicates: int
    """How many of the skipped are repeats."""
    counts: BulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""


class BulkItem(TypedDict):
    actionId: str
    status: str
    code: Optional[str]
    reason: Optional[str]
    externalId: Optional[str]
    settledAt: Optional[str]


class _RuleAction(TypedDict):
    type: str


class RuleAction(_RuleAction, total=False):
    content: str
    confirmStop: bool


class Rule(TypedDict):
    id: str
    sessionId: str
    name: Optional[str]
    preset: Optional[str]
    """The setting of the session that switches it."""
    enabled: bool
    on: str
    keywords: List[str]
    keywordMatch: str
    firstContact: bool
    matches: str
    mentionedIn: Optional[str]
    action: RuleAction
    windowHours: float
    maxAgeHours: float
    createdAt: str


class DecisionContact(TypedDict):
    platformId: Optional[str]
    username: Optional[str]


class Decision(TypedDict):
    ruleId: str
    eventId: str
    sequence: int
    at: str
    """When the event was written down."""
    decidedAt: str
    contact: DecisionContact
    outcome: Literal["fired", "skipped"]
    reason: str
    """Why: matched, already answered, a person is writing, suppressed, too old, …"""
    actionId: Optional[str]


class _Action(TypedDict):
    id: str
    actionId: str
    sessionId: str
    kind: str
    target: Dict[str, Any]
    """What it is about, as it was asked for."""
    status: str
    onLimit: str
    attempts: int
    externalId: Optional[str]
    code: Optional[str]
    reason: Optional[str]
    sendAt: Optional[str]
    expiresAt: Optional[str]
    acceptedAt: str
    settledAt: Optional[str]
    waitingFor: Optional[WaitingFor]


class Action(_Action, total=False):
    causedBy: PendingActionCausedBy
    """The rule that did it, and the event that it answers."""


class AcceptedActionBulk(TypedDict):
    bulkId: str
    sessionId: str
    kind: str
    status: str
    """running, paused, completed or canceled."""
    total: int
    sent: int
    """Confirmed by Instagram."""
    failed: int
    """Not done, and will not be."""
    queued: int
    """Not ended yet, those under way included."""
    unconfirmed: int
    """May have been done; nothing can tell."""
    canceled: int
    skipped: int
    """Suppressed, or a repeat of an earlier item."""
    duplicates: int
    """How many of the skipped are repeats."""
    counts: BulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""
    actions: List[BulkItem]
    """The first 100; the others are read by page."""


class _ActionBulkPlanTargetsItem(TypedDict):
    target: str
    """As it was given."""
    outcome: Literal["send", "suppressed", "duplicate"]


class ActionBulkPlanTargetsItem(_ActionBulkPlanTargetsItem, total=False):
    sendAt: str


class ActionBulkPlan(TypedDict):
    dryRun: Literal[True]
    total: int
    wouldSend: int
    suppressed: int
    duplicates: int
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when nothing would be done, or somebody has to do something first."""
    targets: List[ActionBulkPlanTargetsItem]


TimelineEntry = Dict[str, Any]


class _ActionWithTimeline(TypedDict):
    id: str
    actionId: str
    sessionId: str
    kind: str
    target: Dict[str, Any]
    """What it is about, as it was asked for."""
    status: str
    onLimit: str
    attempts: int
    externalId: Optional[str]
    code: Optional[str]
    reason: Optional[str]
    sendAt: Optional[str]
    expiresAt: Optional[str]
    acceptedAt: str
    settledAt: Optional[str]
    waitingFor: Optional[WaitingFor]
    timeline: List[TimelineEntry]


class ActionWithTimeline(_ActionWithTimeline, total=False):
    causedBy: PendingActionCausedBy
    """The rule that did it, and the event that it answers."""


class Forecast(TypedDict):
    kind: str
    count: int
    delay: int
    """Least milliseconds between two, the one of the account included."""
    nextFreeAt: Optional[str]
    """From when on limits and pauses allow a single one."""
    firstAt: Optional[str]
    """The first of a bulk of so many, behind all that waits now."""
    estimatedCompletion: Optional[str]
    """The last of them; null where somebody has to do something first."""


class _LimitWindow(TypedDict):
    limit: int
    used: int
    remaining: int
    resetAt: Optional[str]
    """When the next use leaves the window."""


class LimitWindow(_LimitWindow, total=False):
    pausedUntil: str
    reason: str


class _AccountLimitsLimitsValue(TypedDict):
    nextFreeAt: Optional[str]


class AccountLimitsLimitsValue(_AccountLimitsLimitsValue, total=False):
    hour: LimitWindow
    day: LimitWindow


class AccountLimits(TypedDict):
    sessionId: str
    username: str
    limits: Dict[str, AccountLimitsLimitsValue]
    overall: LimitWindow
    actionDelay: int
    """Least milliseconds between two actions."""
    nextFreeAt: Optional[str]
    """The first instant at which some kind may go; null while the operator has stopped the account."""


class Pause(TypedDict):
    kind: str
    until: str
    reason: str


class DispatchStopScope(TypedDict, total=False):
    all: Literal[True]
    userId: str
    sessionId: str


class DispatchStop(TypedDict):
    scope: DispatchStopScope
    since: str
    actor: str
    reason: Optional[str]


class DispatchStops(TypedDict):
    stopped: List[DispatchStop]


class AccountPolicyPolicyValue(TypedDict, total=False):
    hour: Optional[int]
    """Null = no such limit, 0 = never."""
    day: Optional[int]
    """Null = no such limit, 0 = never."""


class AccountPolicyEffectiveValue(TypedDict):
    hour: Optional[int]
    day: Optional[int]


class AccountPolicy(TypedDict):
    username: str
    accountId: str
    policy: Optional[Dict[str, AccountPolicyPolicyValue]]
    """Null = the policies of the APIs."""
    effective: Dict[str, AccountPolicyEffectiveValue]


class AuditEntry(TypedDict):
    id: str
    at: str
    actor: str
    what: str
    target: Optional[str]
    details: Optional[Dict[str, Any]]


class ErrorGroupSource(TypedDict):
    source: Literal["request", "action"]
    """A refused request, or an action that failed."""
    name: str
    """The operation of the API, or the kind of action."""
    count: int
    firstSeen: str
    lastSeen: str


class ErrorGroup(TypedDict):
    code: str
    count: int
    firstSeen: str
    lastSeen: str
    sources: List[ErrorGroupSource]


class _V1Limit(TypedDict):
    limit: int
    used: int
    remaining: int
    reset_at: Optional[str]
    """When the next use leaves the window; null while nothing is used."""


class V1Limit(_V1Limit, total=False):
    paused_until: str
    """While Instagram wants a pause."""
    reason: str


class V1ActedLimits(TypedDict):
    follow: V1Limit
    """The rolling window that leaves least room."""
    like: V1Limit
    """The rolling window that leaves least room."""
    comment: V1Limit
    """The rolling window that leaves least room."""


class V1Session(TypedDict):
    username: str
    session_id: Optional[str]
    """As it was given; null for a session that only v2 has opened."""
    created_at: str
    expires_at: str
    is_active: bool
    limits: V1ActedLimits


class V1Failure(TypedDict):
    success: Literal[False]
    error_code: str
    """Stable; what programs go by."""
    message: str
    """One sentence a person can act on."""
    errors: Dict[str, List[str]]
    """What is wrong with which field; empty where it is not about fields."""


class V1Action(TypedDict):
    action_id: str
    status: Literal["queued", "running", "succeeded", "unconfirmed"]
    limits: V1ActedLimits


class _SubmittedAction(TypedDict):
    id: str
    actionId: str
    sessionId: str
    kind: str
    target: Dict[str, Any]
    """What it is about, as it was asked for."""
    status: str
    onLimit: str
    attempts: int
    externalId: Optional[str]
    code: Optional[str]
    reason: Optional[str]
    sendAt: Optional[str]
    expiresAt: Optional[str]
    acceptedAt: str
    settledAt: Optional[str]
    waitingFor: Optional[WaitingFor]


class SubmittedAction(_SubmittedAction, total=False):
    causedBy: PendingActionCausedBy
    """The rule that did it, and the event that it answers."""
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where somebody has to do something first, or nothing more is tried."""


class _LogInConfigProxy(TypedDict):
    host: str
    port: int


class LogInConfigProxy(_LogInConfigProxy, total=False):
    username: str
    password: str
    protocol: Literal["http", "https", "socks5"]


class LogInConfig(TypedDict, total=False):
    headless: bool
    userAgent: str
    proxy: Optional[LogInConfigProxy]
    """Kept with the session; left out = what the session has, null = none."""
    timeout: int
    """Milliseconds for the login as a whole."""
    retryAttempts: int
    """Of the connection only; a password is sent once."""


class UpdateSessionSettings(TypedDict, total=False):
    autoReply: bool
    autoLike: bool
    autoFollow: bool
    autoUnfollow: bool
    maxDailyActions: int
    actionDelay: int
    """Least milliseconds between two actions; at least 1000 in live mode."""


class UpdateSessionMetadata(TypedDict, total=False):
    followersCount: int
    followingCount: int
    postsCount: int
    isBusinessAccount: bool
    isVerified: bool


class GetSessionStatsData(TypedDict):
    total: int
    active: int
    expired: int
    byUser: Dict[str, int]


class _CanCreateSessionData(TypedDict):
    canCreate: bool
    limit: int
    active: int


class CanCreateSessionData(_CanCreateSessionData, total=False):
    reason: str


class DeleteMessageData(TypedDict, total=False):
    messageId: str
    how: Literal["canceled", "unsent", "hidden"]
    """Before it was sent, at Instagram for everybody, or here only."""
    id: str
    actionId: str
    sessionId: str
    kind: str
    target: Dict[str, Any]
    """What it is about, as it was asked for."""
    status: str
    onLimit: str
    attempts: int
    externalId: Optional[str]
    code: Optional[str]
    reason: Optional[str]
    sendAt: Optional[str]
    expiresAt: Optional[str]
    acceptedAt: str
    settledAt: Optional[str]
    waitingFor: Optional[WaitingFor]
    causedBy: PendingActionCausedBy
    """The rule that did it, and the event that it answers."""
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where somebody has to do something first, or nothing more is tried."""


class ListSuppressionsDataItem(TypedDict):
    id: str
    sessionId: Optional[str]
    """Null = all sessions."""
    username: Optional[str]
    platformId: Optional[str]
    reason: Literal["manual", "stop"]
    """manual: by the user; stop: the contact asked for it."""
    createdAt: str


class LiftSuppressionsData(TypedDict):
    lifted: int


class _CreateRuleAction(TypedDict):
    type: Literal["message", "like", "follow", "unfollow"]
    """like goes with mention.received, unfollow with unfollow.received."""


class CreateRuleAction(_CreateRuleAction, total=False):
    content: str
    """For type message: the text, with {{username}}, {{fullName}}, {{firstName}}, {{keyword}}, {{account}}, each also with what to say where nothing is known, as in {{fullName|there}}. At most 1000 bytes once filled in."""
    confirmStop: bool
    """Answers the message with which a contact asks not to be messaged: the one that may still go to them."""


class DeleteRuleData(TypedDict):
    id: str


class _SimulateRuleDataDecisionsItem(TypedDict):
    eventId: str
    sequence: int
    at: str
    contact: DecisionContact
    outcome: Literal["fired", "skipped"]
    reason: str


class SimulateRuleDataDecisionsItem(_SimulateRuleDataDecisionsItem, total=False):
    text: str
    """The message that would be sent."""


class SimulateRuleData(TypedDict):
    since: str
    evaluated: int
    """Events of the type of the rule."""
    wouldFire: int
    decisions: List[SimulateRuleDataDecisionsItem]
    """In the order of the events; of many the newest 1000."""


class ResumeSessionData(TypedDict):
    lifted: List[Pause]


class SetPolicyPolicyValue(TypedDict, total=False):
    hour: Optional[int]
    """Null = no such limit, 0 = never."""
    day: Optional[int]
    """Null = no such limit, 0 = never."""


class ListEventsDataItem(TypedDict):
    id: str
    """Stable; the same event always has the same id."""
    sequence: int
    """Rises by one from event to event of a user."""
    type: str
    timestamp: str
    userId: str
    sessionId: Optional[str]
    username: Optional[str]
    """Of the account."""
    data: Dict[str, Any]


class CreateStreamTicketData(TypedDict):
    ticket: str
    """Goes into the query of a stream: `?ticket=…`. Works once."""
    expiresAt: str


class RotateKeysData(TypedDict):
    keyVersion: int
    rewrapped: int
    unreadable: int
    droppedVersions: List[int]


class RevokeTokensData(TypedDict):
    sub: str
    before: str


class _CreateWebhookData(TypedDict):
    id: str
    url: str
    description: Optional[str]
    events: List[str]
    sessionIds: Optional[List[str]]
    headerNames: List[str]
    status: Literal["active", "disabled"]
    disabledReason: Optional[Literal["gone", "failing", "owner"]]
    disabledAt: Optional[str]
    failingSince: Optional[str]
    pausedUntil: Optional[str]
    sequence: int
    """Events up to this number have been taken up for delivery."""
    isReplaying: bool
    createdAt: str
    secret: str
    """Signs deliveries (Standard Webhooks); shown here and never again."""


class CreateWebhookData(_CreateWebhookData, total=False):
    warnings: List[str]
    """What was taken although it may not work, such as a name that does not resolve."""


class ListWebhooksDataItem(TypedDict):
    id: str
    url: str
    description: Optional[str]
    events: List[str]
    sessionIds: Optional[List[str]]
    headerNames: List[str]
    status: Literal["active", "disabled"]
    disabledReason: Optional[Literal["gone", "failing", "owner"]]
    disabledAt: Optional[str]
    failingSince: Optional[str]
    pausedUntil: Optional[str]
    sequence: int
    """Events up to this number have been taken up for delivery."""
    isReplaying: bool
    createdAt: str


class _UpdateWebhookData(TypedDict):
    id: str
    url: str
    description: Optional[str]
    events: List[str]
    sessionIds: Optional[List[str]]
    headerNames: List[str]
    status: Literal["active", "disabled"]
    disabledReason: Optional[Literal["gone", "failing", "owner"]]
    disabledAt: Optional[str]
    failingSince: Optional[str]
    pausedUntil: Optional[str]
    sequence: int
    """Events up to this number have been taken up for delivery."""
    isReplaying: bool
    createdAt: str


class UpdateWebhookData(_UpdateWebhookData, total=False):
    warnings: List[str]
    """What was taken although it may not work, such as a name that does not resolve."""


class RotateWebhookSecretData(TypedDict):
    id: str
    secret: str
    """Signs deliveries (Standard Webhooks); shown here and never again."""
    previousValidUntil: str


class TestWebhookData(TypedDict):
    id: str
    isDelivered: bool
    at: str
    status: Optional[int]
    latencyMs: int
    error: Optional[Literal["http_status", "redirect", "timeout", "reset", "dns", "connect", "tls", "address_refused", "internal"]]
    response: str
    """The beginning of the answer."""


class ReplayWebhookData(TypedDict):
    id: str
    after: int
    until: int
    """The last sequence that is looked at."""


class RedriveWebhookData(TypedDict):
    id: str
    redriven: int


class ListWebhookDeliveriesDataItemAttemptsItem(TypedDict):
    at: str
    status: Optional[int]
    latencyMs: int
    error: Optional[Literal["http_status", "redirect", "timeout", "reset", "dns", "connect", "tls", "address_refused", "internal"]]
    response: str
    """The beginning of the answer."""


class ListWebhookDeliveriesDataItem(TypedDict):
    eventId: str
    sequence: int
    type: str
    status: Literal["pending", "succeeded", "failed"]
    reason: Optional[Literal["exhausted", "stopped", "event_gone"]]
    attempts: List[ListWebhookDeliveriesDataItemAttemptsItem]
    """The last 20, the newest last."""
    nextAttemptAt: Optional[str]
    createdAt: str
    settledAt: Optional[str]


class AdvanceClockData(TypedDict):
    now: str


class V1CreateSessionData(TypedDict):
    session: V1Session


class V1GetLimitsData(TypedDict):
    limits: Dict[str, V1Limit]


class Operations:
    """Every operation of the gateway's API; how a call is made is up to the subclass."""

    def _send(self, call: Call, options: Optional[RequestOptions]) -> Answer[Any]:
        raise NotImplementedError

    def _pages(self, call: Call, options: Optional[RequestOptions]) -> Iterator[Any]:
        raise NotImplementedError

    def _stream(self, call: Call, options: Optional[RequestOptions]) -> Iterator[ServerEvent[Any]]:
        raise NotImplementedError

    def log_in(
        self,
        *,
        username: str,
        password: str,
        two_factor_code: Optional[str] = None,
        connector: Optional[Literal["web", "graph"]] = None,
        login_method: Optional[Literal["http", "browser"]] = None,
        config: Optional[LogInConfig] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Session]:
        """Log in to Instagram: ``POST /api/v2/instagram/login``."""
        call = Call(
            "POST",
            "/api/v2/instagram/login",
            body={
                "username": username,
                "password": password,
                "twoFactorCode": two_factor_code,
                "connector": connector,
                "loginMethod": login_method,
                "config": config,
            },
        )
        return self._send(call, options)

    def import_session(
        self,
        *,
        username: str,
        cookies: Dict[str, str],
        user_agent: Optional[str] = None,
        proxy: Optional[LogInConfigProxy] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Session]:
        """Open a session with cookies from a browser: ``POST /api/v2/instagram/session/import``."""
        call = Call(
            "POST",
            "/api/v2/instagram/session/import",
            body={
                "username": username,
                "cookies": cookies,
                "userAgent": user_agent,
                "proxy": proxy,
            },
        )
        return self._send(call, options)

    def resume_challenge(
        self,
        session_id: str,
        *,
        code: Optional[str] = None,
        done: Optional[Literal[True]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Session]:
        """Go on after the owner has done what Instagram asked: ``POST /api/v2/instagram/session/{sessionId}/challenge``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/challenge",
            body={
                "code": code,
                "done": done,
            },
        )
        return self._send(call, options)

    def log_out(
        self,
        session_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[None]:
        """Log out at Instagram and wipe the credentials: ``POST /api/v2/instagram/logout/{sessionId}``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/logout/{quote(session_id, safe='')}",
        )
        return self._send(call, options)

    def get_session(
        self,
        session_id: str,
        *,
        validate: Optional[bool] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Session]:
        """Get a session: ``GET /api/v2/instagram/session/{sessionId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}",
            query={
                "validate": validate,
            },
        )
        return self._send(call, options)

    def update_session(
        self,
        session_id: str,
        *,
        settings: Optional[UpdateSessionSettings] = None,
        metadata: Optional[UpdateSessionMetadata] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Session]:
        """Change settings and metadata of a session: ``PUT /api/v2/instagram/session/{sessionId}``."""
        call = Call(
            "PUT",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}",
            body={
                "settings": settings,
                "metadata": metadata,
            },
        )
        return self._send(call, options)

    def deactivate_session(
        self,
        session_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[None]:
        """Deactivate a session without telling Instagram, and wipe the credentials: ``DELETE /api/v2/instagram/session/{sessionId}``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}",
        )
        return self._send(call, options)

    def get_session_stats(
        self,
        options: Optional[RequestOptions] = None,
    ) -> Answer[GetSessionStatsData]:
        """Count live sessions: own ones, for an admin all: ``GET /api/v2/instagram/sessions/stats``."""
        call = Call(
            "GET",
            "/api/v2/instagram/sessions/stats",
        )
        return self._send(call, options)

    def can_create_session(
        self,
        user_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[CanCreateSessionData]:
        """Whether the user may open one more session: ``GET /api/v2/instagram/sessions/can-create/{userId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/sessions/can-create/{quote(user_id, safe='')}",
        )
        return self._send(call, options)

    def list_sessions(
        self,
        user_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Session]]:
        """List the live sessions of a user: ``GET /api/v2/instagram/sessions/{userId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/sessions/{quote(user_id, safe='')}",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_sessions(
        self,
        user_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Session]:
        """List the live sessions of a user: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/sessions/{quote(user_id, safe='')}",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def send_message(
        self,
        *,
        session_id: str,
        recipient_username: str,
        content: Optional[str] = None,
        message_type: Optional[Literal["text", "image", "video", "voice", "link", "like"]] = None,
        media_url: Optional[str] = None,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        override: Optional[bool] = None,
        reply_to: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[AcceptedMessage]:
        """Send a direct message: ``POST /api/v2/instagram/message``."""
        call = Call(
            "POST",
            "/api/v2/instagram/message",
            body={
                "sessionId": session_id,
                "recipientUsername": recipient_username,
                "content": content,
                "messageType": message_type,
                "mediaUrl": media_url,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "override": override,
                "replyTo": reply_to,
            },
        )
        return self._send(call, options)

    def get_message(
        self,
        message_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Message]:
        """Read one message: ``GET /api/v2/instagram/message/{messageId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/message/{quote(message_id, safe='')}",
        )
        return self._send(call, options)

    def delete_message(
        self,
        message_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[DeleteMessageData]:
        """Cancel a queued message, take back a sent one, hide a received one: ``DELETE /api/v2/instagram/message/{messageId}``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/message/{quote(message_id, safe='')}",
        )
        return self._send(call, options)

    def mark_message_read(
        self,
        message_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Message]:
        """Mark a received message as read; an own one is read by its recipient: ``PUT /api/v2/instagram/message/{messageId}/read``."""
        call = Call(
            "PUT",
            f"/api/v2/instagram/message/{quote(message_id, safe='')}/read",
        )
        return self._send(call, options)

    def list_conversation_messages(
        self,
        conversation_id: str,
        *,
        limit: Optional[int] = None,
        offset: Optional[int] = None,
        cursor: Optional[str] = None,
        snapshot: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Message]]:
        """Read the messages of a conversation, newest first: ``GET /api/v2/instagram/conversation/{conversationId}/messages``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/conversation/{quote(conversation_id, safe='')}/messages",
            query={
                "limit": limit,
                "offset": offset,
                "cursor": cursor,
                "snapshot": snapshot,
            },
        )
        return self._send(call, options)

    def iterate_conversation_messages(
        self,
        conversation_id: str,
        *,
        limit: Optional[int] = None,
        snapshot: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Message]:
        """Read the messages of a conversation, newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/conversation/{quote(conversation_id, safe='')}/messages",
            query={
                "limit": limit,
                "snapshot": snapshot,
            },
        )
        return self._pages(call, options)

    def get_message_stats(
        self,
        session_id: str,
        *,
        period: Optional[Literal["hour", "day", "week", "month", "all"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[MessageStats]:
        """Count the messages of an account in a rolling period: ``GET /api/v2/instagram/session/{sessionId}/messages/stats``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/messages/stats",
            query={
                "period": period,
            },
        )
        return self._send(call, options)

    def list_conversations(
        self,
        session_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Conversation]]:
        """Read the conversations of an account, the latest first: ``GET /api/v2/instagram/session/{sessionId}/conversations``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/conversations",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_conversations(
        self,
        session_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Conversation]:
        """Read the conversations of an account, the latest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/conversations",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def send_bulk_messages(
        self,
        *,
        session_id: str,
        recipients: List[str],
        content: Optional[str] = None,
        message_type: Optional[Literal["text", "image", "video", "voice", "link", "like"]] = None,
        media_url: Optional[str] = None,
        delay_between_messages: Optional[int] = None,
        dry_run: Optional[bool] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Union[AcceptedMessageBulk, MessageBulkPlan]]:
        """Send one message to many: ``POST /api/v2/instagram/messages/bulk``."""
        call = Call(
            "POST",
            "/api/v2/instagram/messages/bulk",
            body={
                "sessionId": session_id,
                "recipients": recipients,
                "content": content,
                "messageType": message_type,
                "mediaUrl": media_url,
                "delayBetweenMessages": delay_between_messages,
                "dryRun": dry_run,
            },
        )
        return self._send(call, options)

    def list_message_bulks(
        self,
        *,
        session_id: str,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[BulkSummary]]:
        """Read the bulks of a session, the newest first: ``GET /api/v2/instagram/messages/bulk``."""
        call = Call(
            "GET",
            "/api/v2/instagram/messages/bulk",
            query={
                "sessionId": session_id,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_message_bulks(
        self,
        *,
        session_id: str,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[BulkSummary]:
        """Read the bulks of a session, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/messages/bulk",
            query={
                "sessionId": session_id,
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def get_message_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Read how a bulk stands, and when it will end: ``GET /api/v2/instagram/messages/bulk/{bulkId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}",
        )
        return self._send(call, options)

    def list_message_bulk_items(
        self,
        bulk_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[BulkItem]]:
        """Read the items of a bulk in the order in which they were given: ``GET /api/v2/instagram/messages/bulk/{bulkId}/items``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/items",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_message_bulk_items(
        self,
        bulk_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[BulkItem]:
        """Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/items",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def stream_message_bulk(
        self,
        bulk_id: str,
        *,
        last_event_id: Optional[str] = None,
        ticket: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ServerEvent[Bulk]]:
        """Follow the progress of a bulk as server-sent events: ``GET /api/v2/instagram/messages/bulk/{bulkId}/stream``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/stream",
            query={
                "lastEventId": last_event_id,
                "ticket": ticket,
            },
        )
        return self._stream(call, options)

    def pause_message_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Begin no further item of a bulk for now: ``POST /api/v2/instagram/messages/bulk/{bulkId}/pause``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/pause",
        )
        return self._send(call, options)

    def resume_message_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Go on with a paused bulk: ``POST /api/v2/instagram/messages/bulk/{bulkId}/resume``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/resume",
        )
        return self._send(call, options)

    def cancel_message_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Cancel what a bulk has not begun: ``POST /api/v2/instagram/messages/bulk/{bulkId}/cancel``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/cancel",
        )
        return self._send(call, options)

    def list_suppressions(
        self,
        *,
        session_id: Optional[str] = None,
        username: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[ListSuppressionsDataItem]]:
        """Read who must not be written to, the newest first: ``GET /api/v2/instagram/suppressions``."""
        call = Call(
            "GET",
            "/api/v2/instagram/suppressions",
            query={
                "sessionId": session_id,
                "username": username,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_suppressions(
        self,
        *,
        session_id: Optional[str] = None,
        username: Optional[str] = None,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ListSuppressionsDataItem]:
        """Read who must not be written to, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/suppressions",
            query={
                "sessionId": session_id,
                "username": username,
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def suppress_contact(
        self,
        *,
        username: Optional[str] = None,
        platform_id: Optional[str] = None,
        session_id: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[ListSuppressionsDataItem]:
        """Write no more to a contact, from one account or all; fine to repeat: ``POST /api/v2/instagram/suppressions``."""
        call = Call(
            "POST",
            "/api/v2/instagram/suppressions",
            body={
                "username": username,
                "platformId": platform_id,
                "sessionId": session_id,
            },
        )
        return self._send(call, options)

    def lift_suppressions(
        self,
        *,
        id: Optional[str] = None,
        username: Optional[str] = None,
        platform_id: Optional[str] = None,
        session_id: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[LiftSuppressionsData]:
        """Allow writing to a contact again; fine to repeat: ``DELETE /api/v2/instagram/suppressions``."""
        call = Call(
            "DELETE",
            "/api/v2/instagram/suppressions",
            query={
                "id": id,
                "username": username,
                "platformId": platform_id,
                "sessionId": session_id,
            },
        )
        return self._send(call, options)

    def list_rules(
        self,
        session_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Rule]]:
        """Read the rules of an account, its presets included: ``GET /api/v2/instagram/session/{sessionId}/rules``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/rules",
        )
        return self._send(call, options)

    def create_rule(
        self,
        session_id: str,
        *,
        on: Literal["message.received", "story_reply.received", "comment.received", "like.received", "follow.received", "unfollow.received", "mention.received"],
        action: CreateRuleAction,
        name: Optional[str] = None,
        keywords: Optional[List[str]] = None,
        keyword_match: Optional[Literal["word", "contains", "exact"]] = None,
        first_contact: Optional[bool] = None,
        matches: Optional[Literal["all", "any"]] = None,
        mentioned_in: Optional[Literal["story", "post", "comment"]] = None,
        window_hours: Optional[float] = None,
        max_age_hours: Optional[float] = None,
        enabled: Optional[bool] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Rule]:
        """Have an act follow on events from now on: ``POST /api/v2/instagram/session/{sessionId}/rules``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/rules",
            body={
                "name": name,
                "on": on,
                "keywords": keywords,
                "keywordMatch": keyword_match,
                "firstContact": first_contact,
                "matches": matches,
                "mentionedIn": mentioned_in,
                "action": action,
                "windowHours": window_hours,
                "maxAgeHours": max_age_hours,
                "enabled": enabled,
            },
        )
        return self._send(call, options)

    def change_rule(
        self,
        rule_id: str,
        *,
        name: Optional[str] = None,
        keywords: Optional[List[str]] = None,
        keyword_match: Optional[Literal["word", "contains", "exact"]] = None,
        first_contact: Optional[bool] = None,
        matches: Optional[Literal["all", "any"]] = None,
        mentioned_in: Optional[Literal["story", "post", "comment"]] = None,
        content: Optional[str] = None,
        window_hours: Optional[float] = None,
        max_age_hours: Optional[float] = None,
        enabled: Optional[bool] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Rule]:
        """Change a rule, or switch it on and off: ``PATCH /api/v2/instagram/rules/{ruleId}``."""
        call = Call(
            "PATCH",
            f"/api/v2/instagram/rules/{quote(rule_id, safe='')}",
            body={
                "name": name,
                "keywords": keywords,
                "keywordMatch": keyword_match,
                "firstContact": first_contact,
                "matches": matches,
                "mentionedIn": mentioned_in,
                "content": content,
                "windowHours": window_hours,
                "maxAgeHours": max_age_hours,
                "enabled": enabled,
            },
        )
        return self._send(call, options)

    def delete_rule(
        self,
        rule_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[DeleteRuleData]:
        """Delete a rule: ``DELETE /api/v2/instagram/rules/{ruleId}``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/rules/{quote(rule_id, safe='')}",
        )
        return self._send(call, options)

    def simulate_rule(
        self,
        rule_id: str,
        *,
        since: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SimulateRuleData]:
        """See what a rule would have done; sends nothing: ``POST /api/v2/instagram/rules/{ruleId}/simulate``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/rules/{quote(rule_id, safe='')}/simulate",
            body={
                "since": since,
            },
        )
        return self._send(call, options)

    def list_decisions(
        self,
        rule_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Decision]]:
        """Read what a rule decided and why, the newest event first: ``GET /api/v2/instagram/rules/{ruleId}/decisions``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/rules/{quote(rule_id, safe='')}/decisions",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_decisions(
        self,
        rule_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Decision]:
        """Read what a rule decided and why, the newest event first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/rules/{quote(rule_id, safe='')}/decisions",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def like(
        self,
        *,
        session_id: str,
        post_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Like a post: ``POST /api/v2/instagram/actions/like``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/like",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "postId": post_id,
            },
        )
        return self._send(call, options)

    def unlike(
        self,
        *,
        session_id: str,
        post_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Take back a like: ``POST /api/v2/instagram/actions/unlike``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/unlike",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "postId": post_id,
            },
        )
        return self._send(call, options)

    def comment(
        self,
        *,
        session_id: str,
        post_id: str,
        content: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Comment on a post: ``POST /api/v2/instagram/actions/comment``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/comment",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "postId": post_id,
                "content": content,
            },
        )
        return self._send(call, options)

    def follow(
        self,
        *,
        session_id: str,
        user_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Follow a user: ``POST /api/v2/instagram/actions/follow``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/follow",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "userId": user_id,
            },
        )
        return self._send(call, options)

    def unfollow(
        self,
        *,
        session_id: str,
        user_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Unfollow a user: ``POST /api/v2/instagram/actions/unfollow``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/unfollow",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "userId": user_id,
            },
        )
        return self._send(call, options)

    def story_view(
        self,
        *,
        session_id: str,
        story_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """View a story: ``POST /api/v2/instagram/actions/story-view``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/story-view",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "storyId": story_id,
            },
        )
        return self._send(call, options)

    def story_reply(
        self,
        *,
        session_id: str,
        story_id: str,
        content: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Reply to a story: ``POST /api/v2/instagram/actions/story-reply``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/story-reply",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "storyId": story_id,
                "content": content,
            },
        )
        return self._send(call, options)

    def reel_like(
        self,
        *,
        session_id: str,
        reel_id: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Like a reel: ``POST /api/v2/instagram/actions/reel-like``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/reel-like",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "reelId": reel_id,
            },
        )
        return self._send(call, options)

    def reel_comment(
        self,
        *,
        session_id: str,
        reel_id: str,
        content: str,
        send_at: Optional[str] = None,
        expires_at: Optional[str] = None,
        on_limit: Optional[Literal["queue", "reject"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[SubmittedAction]:
        """Comment on a reel: ``POST /api/v2/instagram/actions/reel-comment``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/reel-comment",
            body={
                "sessionId": session_id,
                "sendAt": send_at,
                "expiresAt": expires_at,
                "onLimit": on_limit,
                "reelId": reel_id,
                "content": content,
            },
        )
        return self._send(call, options)

    def engage_in_bulk(
        self,
        *,
        session_id: str,
        kind: Literal["like", "unlike", "comment", "follow", "unfollow", "story_view", "story_reply", "reel_like", "reel_comment"],
        targets: List[str],
        content: Optional[str] = None,
        delay: Optional[int] = None,
        dry_run: Optional[bool] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Union[AcceptedActionBulk, ActionBulkPlan]]:
        """Do one kind of action to many targets: ``POST /api/v2/instagram/actions/bulk``."""
        call = Call(
            "POST",
            "/api/v2/instagram/actions/bulk",
            body={
                "sessionId": session_id,
                "kind": kind,
                "targets": targets,
                "content": content,
                "delay": delay,
                "dryRun": dry_run,
            },
        )
        return self._send(call, options)

    def list_action_bulks(
        self,
        *,
        session_id: str,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[BulkSummary]]:
        """Read the bulks of a session, the newest first: ``GET /api/v2/instagram/actions/bulk``."""
        call = Call(
            "GET",
            "/api/v2/instagram/actions/bulk",
            query={
                "sessionId": session_id,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_action_bulks(
        self,
        *,
        session_id: str,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[BulkSummary]:
        """Read the bulks of a session, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/actions/bulk",
            query={
                "sessionId": session_id,
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def get_action_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Read how a bulk stands, and when it will end: ``GET /api/v2/instagram/actions/bulk/{bulkId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}",
        )
        return self._send(call, options)

    def list_action_bulk_items(
        self,
        bulk_id: str,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[BulkItem]]:
        """Read the items of a bulk in the order in which they were given: ``GET /api/v2/instagram/actions/bulk/{bulkId}/items``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/items",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_action_bulk_items(
        self,
        bulk_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[BulkItem]:
        """Read the items of a bulk in the order in which they were given: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/items",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def stream_action_bulk(
        self,
        bulk_id: str,
        *,
        last_event_id: Optional[str] = None,
        ticket: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ServerEvent[Bulk]]:
        """Follow the progress of a bulk as server-sent events: ``GET /api/v2/instagram/actions/bulk/{bulkId}/stream``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/stream",
            query={
                "lastEventId": last_event_id,
                "ticket": ticket,
            },
        )
        return self._stream(call, options)

    def pause_action_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Begin no further item of a bulk for now: ``POST /api/v2/instagram/actions/bulk/{bulkId}/pause``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/pause",
        )
        return self._send(call, options)

    def resume_action_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Go on with a paused bulk: ``POST /api/v2/instagram/actions/bulk/{bulkId}/resume``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/resume",
        )
        return self._send(call, options)

    def cancel_action_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Bulk]:
        """Cancel what a bulk has not begun: ``POST /api/v2/instagram/actions/bulk/{bulkId}/cancel``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/cancel",
        )
        return self._send(call, options)

    def get_action(
        self,
        action_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[ActionWithTimeline]:
        """Read an action, what happened to it and what it waits for: ``GET /api/v2/instagram/actions/{actionId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/{quote(action_id, safe='')}",
        )
        return self._send(call, options)

    def cancel_action(
        self,
        action_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Action]:
        """Cancel an action before its turn: ``DELETE /api/v2/instagram/actions/{actionId}``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/actions/{quote(action_id, safe='')}",
        )
        return self._send(call, options)

    def list_actions(
        self,
        session_id: str,
        *,
        status: Optional[Literal["queued", "running", "succeeded", "failed", "unconfirmed", "canceled", "expired", "skipped"]] = None,
        kind: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[Action]]:
        """Read the actions of a session, the newest first: ``GET /api/v2/instagram/session/{sessionId}/actions``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/actions",
            query={
                "status": status,
                "kind": kind,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_actions(
        self,
        session_id: str,
        *,
        status: Optional[Literal["queued", "running", "succeeded", "failed", "unconfirmed", "canceled", "expired", "skipped"]] = None,
        kind: Optional[str] = None,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Action]:
        """Read the actions of a session, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/actions",
            query={
                "status": status,
                "kind": kind,
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def forecast(
        self,
        session_id: str,
        *,
        kind: str,
        count: int,
        delay: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Forecast]:
        """Say when a bulk that is accepted now would begin and end: ``POST /api/v2/instagram/session/{sessionId}/forecast``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/forecast",
            body={
                "kind": kind,
                "count": count,
                "delay": delay,
            },
        )
        return self._send(call, options)

    def get_limits(
        self,
        session_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[AccountLimits]:
        """Read what the account may still do, and when: ``GET /api/v2/instagram/session/{sessionId}/limits``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/limits",
        )
        return self._send(call, options)

    def resume_session(
        self,
        session_id: str,
        *,
        kind: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[ResumeSessionData]:
        """Lift the account's pauses: ``POST /api/v2/instagram/session/{sessionId}/resume``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/session/{quote(session_id, safe='')}/resume",
            body={
                "kind": kind,
            },
        )
        return self._send(call, options)

    def pause_dispatch(
        self,
        *,
        user_id: Optional[str] = None,
        session_id: Optional[str] = None,
        reason: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[DispatchStops]:
        """Stop acting: for everybody, a user or a session; queues are kept: ``POST /api/v2/instagram/admin/pause``."""
        call = Call(
            "POST",
            "/api/v2/instagram/admin/pause",
            body={
                "userId": user_id,
                "sessionId": session_id,
                "reason": reason,
            },
        )
        return self._send(call, options)

    def resume_dispatch(
        self,
        *,
        user_id: Optional[str] = None,
        session_id: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[DispatchStops]:
        """Act again: for everybody, a user or a session: ``POST /api/v2/instagram/admin/resume``."""
        call = Call(
            "POST",
            "/api/v2/instagram/admin/resume",
            body={
                "userId": user_id,
                "sessionId": session_id,
            },
        )
        return self._send(call, options)

    def get_policy(
        self,
        username: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[AccountPolicy]:
        """Read the limits of an account: ``GET /api/v2/instagram/admin/accounts/{username}/policy``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/admin/accounts/{quote(username, safe='')}/policy",
        )
        return self._send(call, options)

    def set_policy(
        self,
        username: str,
        *,
        policy: Dict[str, SetPolicyPolicyValue],
        options: Optional[RequestOptions] = None,
    ) -> Answer[AccountPolicy]:
        """Replace the limits of an account: ``PUT /api/v2/instagram/admin/accounts/{username}/policy``."""
        call = Call(
            "PUT",
            f"/api/v2/instagram/admin/accounts/{quote(username, safe='')}/policy",
            body={
                "policy": policy,
            },
        )
        return self._send(call, options)

    def delete_policy(
        self,
        username: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[AccountPolicy]:
        """Return an account to the configured limits: ``DELETE /api/v2/instagram/admin/accounts/{username}/policy``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/admin/accounts/{quote(username, safe='')}/policy",
        )
        return self._send(call, options)

    def reset_limits(
        self,
        username: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[None]:
        """Forget what an account did (sandbox mode): ``POST /api/v2/instagram/admin/accounts/{username}/reset-limits``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/admin/accounts/{quote(username, safe='')}/reset-limits",
        )
        return self._send(call, options)

    def list_audit(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[AuditEntry]]:
        """Read the audit trail, the newest first: ``GET /api/v2/instagram/admin/audit``."""
        call = Call(
            "GET",
            "/api/v2/instagram/admin/audit",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_audit(
        self,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[AuditEntry]:
        """Read the audit trail, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/admin/audit",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def list_errors(
        self,
        *,
        days: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[ErrorGroup]]:
        """Read what failed, grouped by code, the most frequent first: ``GET /api/v2/instagram/admin/errors``."""
        call = Call(
            "GET",
            "/api/v2/instagram/admin/errors",
            query={
                "days": days,
            },
        )
        return self._send(call, options)

    def list_events(
        self,
        *,
        after: Optional[int] = None,
        types: Optional[str] = None,
        session_id: Optional[str] = None,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[ListEventsDataItem]]:
        """Read events in order: ``GET /api/v2/instagram/events``."""
        call = Call(
            "GET",
            "/api/v2/instagram/events",
            query={
                "after": after,
                "types": types,
                "sessionId": session_id,
                "limit": limit,
            },
        )
        return self._send(call, options)

    def stream_events(
        self,
        *,
        after: Optional[int] = None,
        types: Optional[str] = None,
        session_id: Optional[str] = None,
        last_event_id: Optional[str] = None,
        ticket: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ServerEvent[ListEventsDataItem]]:
        """Follow events in order as server-sent events: ``GET /api/v2/instagram/events/stream``."""
        call = Call(
            "GET",
            "/api/v2/instagram/events/stream",
            query={
                "after": after,
                "types": types,
                "sessionId": session_id,
                "lastEventId": last_event_id,
                "ticket": ticket,
            },
        )
        return self._stream(call, options)

    def create_stream_ticket(
        self,
        options: Optional[RequestOptions] = None,
    ) -> Answer[CreateStreamTicketData]:
        """Get a ticket that opens one stream, for clients that cannot send headers: ``POST /api/v2/instagram/events/ticket``."""
        call = Call(
            "POST",
            "/api/v2/instagram/events/ticket",
        )
        return self._send(call, options)

    def rotate_keys(
        self,
        options: Optional[RequestOptions] = None,
    ) -> Answer[RotateKeysData]:
        """Re-wrap every stored secret with a new encryption key: ``POST /api/v2/instagram/admin/rotate-keys``."""
        call = Call(
            "POST",
            "/api/v2/instagram/admin/rotate-keys",
        )
        return self._send(call, options)

    def revoke_tokens(
        self,
        *,
        sub: str,
        before: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[RevokeTokensData]:
        """End the tokens of a user that were issued before an instant: ``POST /api/v2/instagram/admin/revoke``."""
        call = Call(
            "POST",
            "/api/v2/instagram/admin/revoke",
            body={
                "sub": sub,
                "before": before,
            },
        )
        return self._send(call, options)

    def create_webhook(
        self,
        *,
        url: str,
        events: Optional[List[str]] = None,
        session_ids: Optional[List[str]] = None,
        headers: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[CreateWebhookData]:
        """Have events sent to an address; the secret is shown once: ``POST /api/v2/instagram/webhooks``."""
        call = Call(
            "POST",
            "/api/v2/instagram/webhooks",
            body={
                "url": url,
                "events": events,
                "sessionIds": session_ids,
                "headers": headers,
                "description": description,
            },
        )
        return self._send(call, options)

    def list_webhooks(
        self,
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[ListWebhooksDataItem]]:
        """List the webhooks: ``GET /api/v2/instagram/webhooks``."""
        call = Call(
            "GET",
            "/api/v2/instagram/webhooks",
            query={
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_webhooks(
        self,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ListWebhooksDataItem]:
        """List the webhooks: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/webhooks",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def get_webhook(
        self,
        webhook_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[ListWebhooksDataItem]:
        """Get a webhook: ``GET /api/v2/instagram/webhooks/{webhookId}``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}",
        )
        return self._send(call, options)

    def update_webhook(
        self,
        webhook_id: str,
        *,
        url: Optional[str] = None,
        events: Optional[List[str]] = None,
        session_ids: Optional[List[str]] = None,
        headers: Optional[Dict[str, str]] = None,
        description: Optional[str] = None,
        status: Optional[Literal["active", "disabled"]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[UpdateWebhookData]:
        """Change, disable or enable a webhook; what waits for it is kept: ``PATCH /api/v2/instagram/webhooks/{webhookId}``."""
        call = Call(
            "PATCH",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}",
            body={
                "url": url,
                "events": events,
                "sessionIds": session_ids,
                "headers": headers,
                "description": description,
                "status": status,
            },
        )
        return self._send(call, options)

    def delete_webhook(
        self,
        webhook_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[None]:
        """Delete a webhook and what waits for it: ``DELETE /api/v2/instagram/webhooks/{webhookId}``."""
        call = Call(
            "DELETE",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}",
        )
        return self._send(call, options)

    def rotate_webhook_secret(
        self,
        webhook_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[RotateWebhookSecretData]:
        """Replace the secret; deliveries carry both signatures for 24 hours: ``POST /api/v2/instagram/webhooks/{webhookId}/rotate-secret``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/rotate-secret",
        )
        return self._send(call, options)

    def test_webhook(
        self,
        webhook_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[TestWebhookData]:
        """Send a test event now: ``POST /api/v2/instagram/webhooks/{webhookId}/test``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/test",
        )
        return self._send(call, options)

    def replay_webhook(
        self,
        webhook_id: str,
        *,
        after: Optional[int] = None,
        since: Optional[str] = None,
        until: Optional[str] = None,
        types: Optional[List[str]] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[ReplayWebhookData]:
        """Send a range of past events again: ``POST /api/v2/instagram/webhooks/{webhookId}/replay``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/replay",
            body={
                "after": after,
                "since": since,
                "until": until,
                "types": types,
            },
        )
        return self._send(call, options)

    def redrive_webhook(
        self,
        webhook_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[RedriveWebhookData]:
        """Send at once what failed or waits for a retry: ``POST /api/v2/instagram/webhooks/{webhookId}/redrive``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/redrive",
        )
        return self._send(call, options)

    def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: Optional[Literal["pending", "succeeded", "failed"]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[List[ListWebhookDeliveriesDataItem]]:
        """Read the deliveries of a webhook and their attempts, the newest events first: ``GET /api/v2/instagram/webhooks/{webhookId}/deliveries``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/deliveries",
            query={
                "status": status,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._send(call, options)

    def iterate_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        status: Optional[Literal["pending", "succeeded", "failed"]] = None,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ListWebhookDeliveriesDataItem]:
        """Read the deliveries of a webhook and their attempts, the newest events first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/webhooks/{quote(webhook_id, safe='')}/deliveries",
            query={
                "status": status,
                "limit": limit,
            },
        )
        return self._pages(call, options)

    def advance_clock(
        self,
        *,
        advance_ms: int,
        options: Optional[RequestOptions] = None,
    ) -> Answer[AdvanceClockData]:
        """Move product time forward (sandbox mode): ``POST /api/v2/instagram/admin/clock``."""
        call = Call(
            "POST",
            "/api/v2/instagram/admin/clock",
            body={
                "advanceMs": advance_ms,
            },
        )
        return self._send(call, options)

    def v1_create_session(
        self,
        *,
        username: str,
        session_id: str,
        cookies: Dict[str, str],
        user_agent: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[V1CreateSessionData]:
        """Open a session with cookies from a browser: ``POST /api/instagram/session``."""
        call = Call(
            "POST",
            "/api/instagram/session",
            body={
                "username": username,
                "session_id": session_id,
                "cookies": cookies,
                "user_agent": user_agent,
            },
        )
        return self._send(call, options)

    def v1_delete_session(
        self,
        username: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[Dict[str, Any]]:
        """Deactivate a session without telling Instagram, and wipe the credentials: ``DELETE /api/instagram/session/{username}``."""
        call = Call(
            "DELETE",
            f"/api/instagram/session/{quote(username, safe='')}",
        )
        return self._send(call, options)

    def v1_get_limits(
        self,
        username: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[V1GetLimitsData]:
        """Read what the account may still do: ``GET /api/instagram/limits/{username}``."""
        call = Call(
            "GET",
            f"/api/instagram/limits/{quote(username, safe='')}",
        )
        return self._send(call, options)

    def v1_follow(
        self,
        *,
        username: str,
        target_user_id: str,
        action_type: Literal["follow"],
        options: Optional[RequestOptions] = None,
    ) -> Answer[V1Action]:
        """Follow a user: ``POST /api/instagram/follow``."""
        call = Call(
            "POST",
            "/api/instagram/follow",
            body={
                "username": username,
                "target_user_id": target_user_id,
                "action_type": action_type,
            },
        )
        return self._send(call, options)

    def v1_like(
        self,
        *,
        username: str,
        media_id: str,
        action_type: Literal["like"],
        options: Optional[RequestOptions] = None,
    ) -> Answer[V1Action]:
        """Like a post: ``POST /api/instagram/like``."""
        call = Call(
            "POST",
            "/api/instagram/like",
            body={
                "username": username,
                "media_id": media_id,
                "action_type": action_type,
            },
        )
        return self._send(call, options)

    def v1_comment(
        self,
        *,
        username: str,
        media_id: str,
        action_type: Literal["comment"],
        text: Optional[str] = None,
        comment: Optional[str] = None,
        options: Optional[RequestOptions] = None,
    ) -> Answer[V1Action]:
        """Comment on a post: ``POST /api/instagram/comment``."""
        call = Call(
            "POST",
            "/api/instagram/comment",
            body={
                "username": username,
                "media_id": media_id,
                "text": text,
                "comment": comment,
                "action_type": action_type,
            },
        )
        return self._send(call, options)
