"""What a call takes and gives, and the two ways in which it fails."""

from dataclasses import dataclass, field
from typing import Any, Dict, Generic, Mapping, Optional, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request of an operation. Fields of the query and the body that are None are left out."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Optional[Mapping[str, Any]] = None


@dataclass(frozen=True)
class RequestOptions:
    """How one call is made."""

    idempotency_key: Optional[str] = None
    """Names the request for 24 hours: sent again, it is not done again. Every POST gets a key of its own anyway, which
    makes its retries safe; give yours to be safe across restarts of your program, too."""
    wait_seconds: Optional[int] = None
    """How long the answer may wait for the result, 60 at most; 0 = answer at once."""
    timeout_seconds: Optional[float] = None
    """Of each try, for every read from the connection; instead of the client's."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What the gateway said."""

    data: T
    message: Optional[str]
    pagination: Optional[Dict[str, Any]]
    """Of lists: limit, offset, nextCursor, hasMore."""
    status: int
    """200 = done, 202 = accepted: the outcome is still to come."""
    request_id: Optional[str]
    """Names the request in the gateway's log."""
    is_replayed: bool
    """Whether this is the stored answer of an earlier request with the same idempotency key."""


@dataclass(frozen=True)
class ServerEvent(Generic[T]):
    """One event of a stream."""

    id: str
    type: str
    data: T


class GatewayError(Exception):
    """The gateway refused."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        request_id: Optional[str],
        details: Dict[str, Any],
        retry_after_seconds: Optional[float],
        is_replayed: bool,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        """Stable, one of ERROR_CODES; "UNKNOWN" when what answered was not the gateway."""
        self.request_id = request_id
        self.details = details
        self.retry_after_seconds = retry_after_seconds
        self.is_replayed = is_replayed


class GatewayConnectionError(ConnectionError):
    """The gateway was not reached, or its answer was lost; ``__cause__`` has the reason."""
