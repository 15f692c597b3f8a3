"""Webhooks, signed after https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Dict, Mapping, Optional, Sequence, TypedDict, Union

_TOLERANCE_SECONDS = 300.0
_SECRET_PREFIX = "whsec_"


class WebhookEvent(TypedDict):
    """What a webhook brings: one fact, the same in every delivery of it."""

    id: str
    sequence: int
    """Rises without gaps for each user; deliveries may overtake each other."""
    type: str
    timestamp: str
    userId: str
    sessionId: Optional[str]
    username: Optional[str]
    data: Dict[str, Any]


class WebhookVerificationError(Exception):
    """The request was not sent by the gateway, or long ago: answer 400 and do nothing."""


def verify_webhook(
    secret: Union[str, Sequence[str]],
    headers: Mapping[str, str],
    body: Union[str, bytes],
    *,
    tolerance_seconds: float = _TOLERANCE_SECONDS,
    now: Optional[float] = None,
) -> WebhookEvent:
    """The event of a delivery. Raises WebhookVerificationError.

    ``secret`` is the endpoint's (``whsec_…``), or several while one is being replaced. ``body`` is exactly what was
    received: parsed and written again, it has another signature. The same event may come more than once: keep the ids
    you have dealt with. ``now`` (epoch seconds) is for tests.
    """
    found = {name.lower(): value for name, value in headers.items()}
    identifier, timestamp, signatures = (
        _header(found, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    _check_time(timestamp, tolerance_seconds, time.time() if now is None else now)
    content = body.encode() if isinstance(body, str) else bytes(body)
    for one in [secret] if isinstance(secret, str) else secret:
        expected = _sign(one, identifier, timestamp, content).encode()
        for signature in signatures.split(" "):
            if hmac.compare_digest(signature.encode(), expected):
                event: WebhookEvent = json.loads(content)
                return event
    raise WebhookVerificationError("No signature fits the secret.")


def sign_webhook(
    secret: str, identifier: str, body: Union[str, bytes], *, at: Optional[float] = None
) -> Dict[str, str]:
    """The headers with which the gateway would deliver ``body``: for tests of what receives webhooks."""
    timestamp = str(int(time.time() if at is None else at))
    content = body.encode() if isinstance(body, str) else bytes(body)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": _sign(secret, identifier, timestamp, content),
    }


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"The header {name} is missing.")
    return value


def _check_time(timestamp: str, tolerance: float, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise WebhookVerificationError("The header webhook-timestamp is no time.")
    if abs(now - int(timestamp)) > tolerance:
        raise WebhookVerificationError("The delivery is too old, or from the future.")


def _sign(secret: str, identifier: str, timestamp: str, content: bytes) -> str:
    text = secret[len(_SECRET_PREFIX) :] if secret.startswith(_SECRET_PREFIX) else secret
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as cause:
        raise ValueError("The secret of a webhook is whsec_ and base64.") from cause
    signed = f"{identifier}.{timestamp}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
