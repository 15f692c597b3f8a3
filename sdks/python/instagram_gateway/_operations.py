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
)
"""Every code that a refusal can carry."""


class _Pagination(TypedDict):
    limit: int
    hasMore: bool


class Pagination(_Pagination, total=False):
    offset: int
    nextCursor: str


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


class AcceptedMessageMetadata(TypedDict):
    hashtags: List[str]
    mentions: List[str]


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
    messageType: Literal["text", "image", "video", "voice", "link", "like"]
    isRead: bool
    isFromMe: bool
    timestamp: str
    metadata: AcceptedMessageMetadata
    status: str
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
    messageType: Literal["text", "image", "video", "voice", "link", "like"]
    isRead: bool
    isFromMe: bool
    timestamp: str
    metadata: AcceptedMessageMetadata
    status: str


class Message(_Message, total=False):
    mediaUrl: str
    actionId: str


class Conversation(TypedDict):
    id: str
    conversationId: str
    sessionId: str
    username: str
    """The account."""
    participantId: str
    participantUsername: str
    unreadCount: int
    lastMessage: Optional[Message]
    lastActivity: str


class MessageBulkCounts(TypedDict):
    queued: int
    running: int
    succeeded: int
    failed: int
    unconfirmed: int
    canceled: int
    expired: int
    skipped: int


class MessageBulk(TypedDict):
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
    counts: MessageBulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""


class MessageBulkItem(TypedDict):
    actionId: str
    status: str
    code: Optional[str]
    reason: Optional[str]
    externalId: Optional[str]
    settledAt: Optional[str]


class SubmittedActionWaitingFor(TypedDict):
    what: str
    """turn, time, delay, window, pause, session, connection or instagram."""
    until: Optional[str]
    rule: str


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
    waitingFor: Optional[SubmittedActionWaitingFor]


class SubmittedAction(_SubmittedAction, total=False):
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where somebody has to do something first, or nothing more is tried."""


class Action(TypedDict):
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
    waitingFor: Optional[SubmittedActionWaitingFor]
    timeline: List[Dict[str, Any]]


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
    waitingFor: Optional[SubmittedActionWaitingFor]
    scheduledFor: Optional[str]
    """Forecast of the attempt; null where somebody has to do something first, or nothing more is tried."""


class _SendBulkMessagesDataMessagesItem(TypedDict):
    id: str
    recipientUsername: str
    content: str
    status: str
    actionId: str


class SendBulkMessagesDataMessagesItem(_SendBulkMessagesDataMessagesItem, total=False):
    code: str
    reason: str


class _SendBulkMessagesData(TypedDict):
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
    counts: MessageBulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""
    messages: List[SendBulkMessagesDataMessagesItem]
    """The first 100; the others are read by page."""


class SendBulkMessagesData(_SendBulkMessagesData, total=False):
    warnings: List[str]


class _SendBulkMessagesData2RecipientsItem(TypedDict):
    recipientUsername: str
    outcome: str
    """send, suppressed or duplicate."""


class SendBulkMessagesData2RecipientsItem(_SendBulkMessagesData2RecipientsItem, total=False):
    sendAt: str


class _SendBulkMessagesData2(TypedDict):
    dryRun: Literal[True]
    total: int
    wouldSend: int
    suppressed: int
    duplicates: int
    estimatedCompletion: Optional[str]
    recipients: List[SendBulkMessagesData2RecipientsItem]


class SendBulkMessagesData2(_SendBulkMessagesData2, total=False):
    warnings: List[str]


class ListMessageBulksDataItem(TypedDict):
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
    counts: MessageBulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]


class EngageInBulkData(TypedDict):
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
    counts: MessageBulkCounts
    """Items by status; they add up to `total`."""
    delay: int
    """Least milliseconds between two attempts of the bulk."""
    createdAt: str
    settledAt: Optional[str]
    estimatedCompletion: Optional[str]
    """Forecast of the last item; null when it has ended, or somebody has to do something first."""
    actions: List[MessageBulkItem]
    """The first 100; the others are read by page."""


class CancelActionData(TypedDict):
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
    waitingFor: Optional[SubmittedActionWaitingFor]


class ForecastData(TypedDict):
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


class _GetLimitsDataLimitsValueHour(TypedDict):
    limit: int
    used: int
    remaining: int
    resetAt: Optional[str]
    """When the next use leaves the window."""


class GetLimitsDataLimitsValueHour(_GetLimitsDataLimitsValueHour, total=False):
    pausedUntil: str
    reason: str


class _GetLimitsDataLimitsValue(TypedDict):
    nextFreeAt: Optional[str]


class GetLimitsDataLimitsValue(_GetLimitsDataLimitsValue, total=False):
    hour: GetLimitsDataLimitsValueHour
    day: GetLimitsDataLimitsValueHour


class GetLimitsData(TypedDict):
    sessionId: str
    username: str
    limits: Dict[str, GetLimitsDataLimitsValue]
    overall: GetLimitsDataLimitsValueHour
    actionDelay: int
    """Least milliseconds between two actions."""
    nextFreeAt: Optional[str]
    """The first instant at which some kind may go; null while the operator has stopped the account."""


class ResumeSessionDataLiftedItem(TypedDict):
    kind: str
    until: str
    reason: str


class ResumeSessionData(TypedDict):
    lifted: List[ResumeSessionDataLiftedItem]


class PauseDispatchDataStoppedItemScope(TypedDict, total=False):
    all: Literal[True]
    userId: str
    sessionId: str


class PauseDispatchDataStoppedItem(TypedDict):
    scope: PauseDispatchDataStoppedItemScope
    since: str
    actor: str
    reason: Optional[str]


class PauseDispatchData(TypedDict):
    stopped: List[PauseDispatchDataStoppedItem]


class GetPolicyDataPolicyValue(TypedDict, total=False):
    hour: Optional[int]
    """Null = no such limit."""
    day: Optional[int]
    """Null = no such limit."""


class GetPolicyDataEffectiveValue(TypedDict):
    hour: Optional[int]
    day: Optional[int]


class GetPolicyData(TypedDict):
    username: str
    accountId: str
    policy: Optional[Dict[str, GetPolicyDataPolicyValue]]
    """Null = the policies of the APIs."""
    effective: Dict[str, GetPolicyDataEffectiveValue]


class SetPolicyPolicyValue(TypedDict, total=False):
    hour: Optional[int]
    """Null = no such limit."""
    day: Optional[int]
    """Null = no such limit."""


class ListAuditDataItem(TypedDict):
    id: str
    at: str
    actor: str
    what: str
    target: Optional[str]
    details: Optional[Dict[str, Any]]


class RotateKeysData(TypedDict):
    keyVersion: int
    rewrapped: int
    unreadable: int
    droppedVersions: List[int]


class RevokeTokensData(TypedDict):
    sub: str
    before: str


class AdvanceClockData(TypedDict):
    now: str


class _V1CreateSessionDataSessionLimitsFollow(TypedDict):
    limit: int
    used: int
    remaining: int
    reset_at: Optional[str]
    """When the next use leaves the window; null while nothing is used."""


class V1CreateSessionDataSessionLimitsFollow(_V1CreateSessionDataSessionLimitsFollow, total=False):
    paused_until: str
    """While Instagram wants a pause."""
    reason: str


class V1CreateSessionDataSessionLimits(TypedDict):
    follow: V1CreateSessionDataSessionLimitsFollow
    """The rolling window that leaves least room."""
    like: V1CreateSessionDataSessionLimitsFollow
    """The rolling window that leaves least room."""
    comment: V1CreateSessionDataSessionLimitsFollow
    """The rolling window that leaves least room."""


class V1CreateSessionDataSession(TypedDict):
    username: str
    session_id: Optional[str]
    """As it was given; null for a session that only v2 has opened."""
    created_at: str
    expires_at: str
    is_active: bool
    limits: V1CreateSessionDataSessionLimits


class V1CreateSessionData(TypedDict):
    session: V1CreateSessionDataSession


class V1GetLimitsData(TypedDict):
    limits: Dict[str, V1CreateSessionDataSessionLimitsFollow]


class V1FollowData(TypedDict):
    action_id: str
    status: Literal["queued", "running", "succeeded", "unconfirmed"]
    limits: V1CreateSessionDataSessionLimits


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
        """Mark a received message as read: ``PUT /api/v2/instagram/message/{messageId}/read``."""
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
            },
        )
        return self._send(call, options)

    def iterate_conversation_messages(
        self,
        conversation_id: str,
        *,
        limit: Optional[int] = None,
        options: Optional[RequestOptions] = None,
    ) -> Iterator[Message]:
        """Read the messages of a conversation, newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            f"/api/v2/instagram/conversation/{quote(conversation_id, safe='')}/messages",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

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
    ) -> Answer[Union[Union[SendBulkMessagesData, SendBulkMessagesData2], SendBulkMessagesData]]:
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
    ) -> Answer[List[ListMessageBulksDataItem]]:
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
    ) -> Iterator[ListMessageBulksDataItem]:
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
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[List[MessageBulkItem]]:
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
    ) -> Iterator[MessageBulkItem]:
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
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ServerEvent[MessageBulk]]:
        """Follow the progress of a bulk as server-sent events: ``GET /api/v2/instagram/messages/bulk/{bulkId}/stream``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/stream",
            query={
                "lastEventId": last_event_id,
            },
        )
        return self._stream(call, options)

    def pause_message_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[MessageBulk]:
        """Cancel what a bulk has not begun: ``POST /api/v2/instagram/messages/bulk/{bulkId}/cancel``."""
        call = Call(
            "POST",
            f"/api/v2/instagram/messages/bulk/{quote(bulk_id, safe='')}/cancel",
        )
        return self._send(call, options)

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
        options: Optional[RequestOptions] = None,
    ) -> Answer[EngageInBulkData]:
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
    ) -> Answer[List[ListMessageBulksDataItem]]:
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
    ) -> Iterator[ListMessageBulksDataItem]:
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
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[List[MessageBulkItem]]:
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
    ) -> Iterator[MessageBulkItem]:
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
        options: Optional[RequestOptions] = None,
    ) -> Iterator[ServerEvent[MessageBulk]]:
        """Follow the progress of a bulk as server-sent events: ``GET /api/v2/instagram/actions/bulk/{bulkId}/stream``."""
        call = Call(
            "GET",
            f"/api/v2/instagram/actions/bulk/{quote(bulk_id, safe='')}/stream",
            query={
                "lastEventId": last_event_id,
            },
        )
        return self._stream(call, options)

    def pause_action_bulk(
        self,
        bulk_id: str,
        options: Optional[RequestOptions] = None,
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[MessageBulk]:
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
    ) -> Answer[Action]:
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
    ) -> Answer[CancelActionData]:
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
    ) -> Answer[List[CancelActionData]]:
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
    ) -> Iterator[CancelActionData]:
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
    ) -> Answer[ForecastData]:
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
    ) -> Answer[GetLimitsData]:
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
    ) -> Answer[PauseDispatchData]:
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
    ) -> Answer[PauseDispatchData]:
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
    ) -> Answer[GetPolicyData]:
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
    ) -> Answer[GetPolicyData]:
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
    ) -> Answer[GetPolicyData]:
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
    ) -> Answer[List[ListAuditDataItem]]:
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
    ) -> Iterator[ListAuditDataItem]:
        """Read the audit trail, the newest first: all of them, page by page as they are asked for."""
        call = Call(
            "GET",
            "/api/v2/instagram/admin/audit",
            query={
                "limit": limit,
            },
        )
        return self._pages(call, options)

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
    ) -> Answer[V1FollowData]:
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
    ) -> Answer[V1FollowData]:
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
    ) -> Answer[V1FollowData]:
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
