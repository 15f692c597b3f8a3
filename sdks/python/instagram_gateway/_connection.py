"""The one way by which every request of the package goes out."""

import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any, Callable, Dict, Mapping, Optional, TypeVar, Union

from ._call import GatewayConnectionError, GatewayError, RequestOptions

_BACKOFF_FIRST_SECONDS = 0.5
_BACKOFF_MAX_SECONDS = 8.0
# The gateway is busy or restarting, or could not reach Instagram: the same request may succeed.
_RETRIED_STATUSES = frozenset((429, 502, 503, 504))

T = TypeVar("T")
Token = Union[str, Callable[[], str]]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


@dataclass(frozen=True)
class Connection:
    """Where the gateway is, and how patiently it is asked."""

    url: str
    token: Token
    retries: int = 3
    """Further tries of a request, where they are safe and can help."""
    timeout_seconds: float = 130.0
    """Longer than the longest that the gateway takes: a login with its largest ``timeout``."""
    longest_wait_seconds: float = 60.0
    """The longest ``Retry-After`` that is waited for."""
    sleep: Callable[[float], None] = time.sleep


def connection_from_environment() -> Connection:
    """The gateway that INSTAGRAM_GATEWAY_URL and INSTAGRAM_GATEWAY_TOKEN name."""
    url = os.environ.get("INSTAGRAM_GATEWAY_URL", "http://127.0.0.1:3000")
    token = os.environ.get("INSTAGRAM_GATEWAY_TOKEN")
    if not token:
        raise ValueError("Set INSTAGRAM_GATEWAY_TOKEN to a token of the gateway, or pass one.")
    return Connection(url=url, token=token)


@dataclass(frozen=True)
class Response:
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Dict[str, Any]:
        """The body; what is no object, as the page of a proxy on the way, is an empty one."""
        try:
            body = json.loads(self.text)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def header(self, name: str) -> Optional[str]:
        return self.headers.get(name.lower())

    @property
    def is_replayed(self) -> bool:
        return self.header("idempotent-replayed") == "true"

    def refusal(self) -> GatewayError:
        """Both APIs' failures: ``error`` and ``code`` of the second, ``message`` and ``error_code`` of the first."""
        body = self.json()
        details = body.get("details", body.get("errors"))
        return GatewayError(
            str(body.get("error", body.get("message", f"The answer was {self.status}."))),
            status=self.status,
            code=str(body.get("code", body.get("error_code", "UNKNOWN"))),
            request_id=self.header("x-request-id"),
            details=details if isinstance(details, dict) else {},
            retry_after_seconds=_retry_after(self.header("retry-after")),
            is_replayed=self.is_replayed,
        )


def exchange(
    connection: Connection,
    method: str,
    address: str,
    body: Optional[Mapping[str, Any]] = None,
    options: Optional[RequestOptions] = None,
) -> Response:
    """Sends a request to a whole address and gives the answer, whatever its status.

    Tries again where that is safe and can help: after a lost connection, 429, 502, 503 and 504, waiting as long as
    ``Retry-After`` says. Every POST carries an idempotency key, the same in all tries, so that none is done twice.
    Raises GatewayConnectionError.
    """
    request = _request(connection, method, address, body, options)

    def read(answer: HTTPResponse) -> Response:
        with answer:
            return _read(answer)

    return _with_retries(connection, request, options, read)


def open_stream(
    connection: Connection, address: str, last_event_id: Optional[str], options: Optional[RequestOptions]
) -> Union[Response, HTTPResponse]:
    """The body of an event stream, to be read as it comes and closed; a Response when there is none."""
    request = _request(connection, "GET", address, None, options)
    request.add_header("Accept", "text/event-stream")
    if last_event_id is not None:
        request.add_header("Last-Event-ID", last_event_id)

    def read(answer: HTTPResponse) -> Union[Response, HTTPResponse]:
        return answer if answer.status == 200 else _read(answer)

    return _with_retries(connection, request, options, read)


def _request(
    connection: Connection,
    method: str,
    address: str,
    body: Optional[Mapping[str, Any]],
    options: Optional[RequestOptions],
) -> urllib.request.Request:
    token = connection.token() if callable(connection.token) else connection.token
    headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    content = None
    if body is not None:
        content = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
        headers["Content-Type"] = "application/json"
    if method == "POST":
        headers["Idempotency-Key"] = (options and options.idempotency_key) or uuid.uuid4().hex
    if options is not None and options.wait_seconds is not None:
        headers["Prefer"] = f"wait={options.wait_seconds}" if options.wait_seconds > 0 else "respond-async"
    return urllib.request.Request(address, data=content, headers=headers, method=method)


def _with_retries(
    connection: Connection,
    request: urllib.request.Request,
    options: Optional[RequestOptions],
    read: Callable[[HTTPResponse], T],
) -> Union[T, Response]:
    timeout = options.timeout_seconds if options and options.timeout_seconds else connection.timeout_seconds
    retry = 0
    while True:
        outcome = _try_once(request, timeout, read)
        wait = _retry_delay(outcome, retry) if retry < connection.retries else None
        if wait is None or wait > connection.longest_wait_seconds:
            if isinstance(outcome, GatewayConnectionError):
                raise outcome
            return outcome
        connection.sleep(wait)
        retry += 1


def _try_once(
    request: urllib.request.Request, timeout: float, read: Callable[[HTTPResponse], T]
) -> Union[T, Response, GatewayConnectionError]:
    try:
        return read(_opener.open(request, timeout=timeout))
    except urllib.error.HTTPError as refused:
        cause: Exception = refused
        try:
            with refused:
                return _read(refused)
        except (OSError, HTTPException) as lost:
            cause = lost
    except (OSError, HTTPException) as lost:
        cause = lost
    error = GatewayConnectionError(f"{request.get_method()} {request.full_url} was not answered")
    error.__cause__ = cause
    return error


def _read(answer: Any) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.read().decode("utf-8", "replace"))


def _retry_delay(outcome: object, retry: int) -> Optional[float]:
    """Seconds before the next try; None where one would not help."""
    backoff = min(_BACKOFF_MAX_SECONDS, _BACKOFF_FIRST_SECONDS * 2.0**retry) * random.uniform(0.5, 1.0)
    if isinstance(outcome, GatewayConnectionError):
        return backoff
    # A stored answer stays what it is.
    if not isinstance(outcome, Response) or outcome.is_replayed:
        return None
    is_retried = outcome.status in _RETRIED_STATUSES or outcome.json().get("code") == "IDEMPOTENCY_KEY_IN_USE"
    if not is_retried:
        return None
    stated = _retry_after(outcome.header("retry-after"))
    return backoff if stated is None else stated


def _retry_after(text: Optional[str]) -> Optional[float]:
    """Seconds, or, from a proxy on the way, a date."""
    if text is None:
        return None
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
