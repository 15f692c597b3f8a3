"""The names of the first document, over a gateway that holds the sessions and keeps the limits."""

import base64
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Dict, Optional, Tuple
from urllib.parse import quote

from ._call import Call
from ._connection import Response
from .gateway import Gateway

_V1_BASE = "/api/instagram"

Limits = Dict[str, Dict[str, Any]]


class InstagramConfig:
    """The document's defaults. The gateway has options of the same names; what holds is what they say there."""

    BASE_URL = "https://www.instagram.com/api/v1"
    FOLLOW_LIMIT_PER_DAY = 200
    LIKE_LIMIT_PER_DAY = 1000
    COMMENT_LIMIT_PER_DAY = 100
    SESSION_EXPIRY_HOURS = 24


@dataclass(frozen=True)
class InstagramSession:
    """A session of the gateway, as it was when it was read."""

    username: str
    session_id: Optional[str]
    """The label that it was created with; None when the session was opened in another way."""
    created_at: datetime
    expires_at: datetime
    is_active: bool
    limits: Limits = field(default_factory=dict)
    """Of follow, like and comment: limit, used, remaining, reset_at."""

    @classmethod
    def create(
        cls,
        username: str,
        session_id: str,
        cookies: Dict[str, str],
        user_agent: str,
        gateway: Optional[Gateway] = None,
    ) -> "InstagramSession":
        """Opens a session with cookies from a browser that is logged in. Raises GatewayError."""
        body = {"username": username, "session_id": session_id, "cookies": cookies, "user_agent": user_agent}
        data = _data(_ask(gateway, "POST", "/session", body))["session"]
        return cls(
            username=data["username"],
            session_id=data["session_id"],
            created_at=_instant(data["created_at"]),
            expires_at=_instant(data["expires_at"]),
            is_active=data["is_active"],
            limits=data["limits"],
        )

    @property
    def is_expired(self) -> bool:
        """Whether it has expired if nothing was done with it since it was read; a session in use does not expire."""
        return datetime.now(timezone.utc) >= self.expires_at

    @property
    def is_valid(self) -> bool:
        return self.is_active and not self.is_expired

    def remaining(self, kind: str) -> int:
        """How many more of "follow", "like" or "comment" the account may do now."""
        remaining: int = self.limits[kind]["remaining"]
        return remaining


class InstagramSessionManager:
    """All sessions of the token's user. One instance in a process; threads may share it.

    The gateway holds the sessions, so another process sees the same ones; kept here are only the labels that they were
    created with.
    """

    _lock = threading.Lock()
    _instance: Optional["InstagramSessionManager"] = None
    _labels: Dict[str, Optional[str]] = {}

    def __new__(cls) -> "InstagramSessionManager":
        with cls._lock:
            if cls._instance is None:
                cls._instance = super().__new__(cls)
            return cls._instance

    @classmethod
    def create_session(
        cls,
        username: str,
        session_id: str,
        cookies: Dict[str, str],
        user_agent: str,
        gateway: Optional[Gateway] = None,
    ) -> InstagramSession:
        """Opens a session, or refreshes the account's live one. Raises GatewayError."""
        session = InstagramSession.create(username, session_id, cookies, user_agent, gateway)
        with cls._lock:
            cls._labels[session.username] = session.session_id
        return session

    @classmethod
    def get_session(cls, username: str, gateway: Optional[Gateway] = None) -> Optional[InstagramSession]:
        """The live session of an account; None when there is none, or it has expired."""
        asked = gateway or Gateway()
        limits = _limits(asked, username)
        if limits is None:
            return None
        for session in asked.iterate_sessions(_user_of(asked)):
            if session["username"] == username:
                with cls._lock:
                    label = cls._labels.get(username)
                return InstagramSession(
                    username=username,
                    session_id=label,
                    created_at=_instant(session["createdAt"]),
                    expires_at=_instant(session["expiresAt"]),
                    is_active=session["isActive"],
                    limits=limits,
                )
        return None

    @classmethod
    def invalidate_session(cls, username: str, gateway: Optional[Gateway] = None) -> bool:
        """Ends the session of an account and wipes its credentials; False when it has none. Fine to repeat."""
        response = _ask(gateway, "DELETE", f"/session/{quote(username, safe='')}")
        with cls._lock:
            cls._labels.pop(username, None)
        if _is_no_session(response):
            return False
        _data(response)
        return True

    @classmethod
    def cleanup(cls, gateway: Optional[Gateway] = None) -> int:
        """Forgets the labels of sessions that have ended; says of how many. The gateway cleans up by itself."""
        asked = gateway or Gateway()
        live = {session["username"] for session in asked.iterate_sessions(_user_of(asked))}
        with cls._lock:
            ended = [username for username in cls._labels if username not in live]
            for username in ended:
                del cls._labels[username]
        return len(ended)


class InstagramClient:
    """Acts for one account. Every call returns the answer's JSON and its HTTP status, refusals included; it raises only
    GatewayConnectionError."""

    def __init__(self, username: str, gateway: Optional[Gateway] = None) -> None:
        self.username = username
        self._gateway = gateway or Gateway()

    def follow_user(self, target_user_id: str) -> Tuple[Dict[str, Any], int]:
        return self._act("follow", {"target_user_id": target_user_id})

    def like_post(self, media_id: str) -> Tuple[Dict[str, Any], int]:
        return self._act("like", {"media_id": media_id})

    def comment_post(self, media_id: str, text: str) -> Tuple[Dict[str, Any], int]:
        return self._act("comment", {"media_id": media_id, "text": text})

    def get_limits(self) -> Tuple[Dict[str, Any], int]:
        """What the account may still do; check it before acting."""
        return _pair(_ask(self._gateway, "GET", f"/limits/{quote(self.username, safe='')}"))

    def is_session_valid(self) -> bool:
        """Whether the account has a session that can act."""
        return _limits(self._gateway, self.username) is not None

    def _act(self, kind: str, target: Dict[str, str]) -> Tuple[Dict[str, Any], int]:
        body = {"username": self.username, **target, "action_type": kind}
        return _pair(_ask(self._gateway, "POST", f"/{kind}", body))


def _ask(gateway: Optional[Gateway], method: str, path: str, body: Optional[Dict[str, Any]] = None) -> Response:
    return (gateway or Gateway()).exchange(Call(method, _V1_BASE + path, body=body))


def _pair(response: Response) -> Tuple[Dict[str, Any], int]:
    return response.json(), response.status


def _data(response: Response) -> Dict[str, Any]:
    if response.status >= 300:
        raise response.refusal()
    data: Dict[str, Any] = response.json().get("data") or {}
    return data


def _limits(gateway: Gateway, username: str) -> Optional[Limits]:
    """None when the account has no session that can act."""
    response = _ask(gateway, "GET", f"/limits/{quote(username, safe='')}")
    if _is_no_session(response):
        return None
    limits: Limits = _data(response)["limits"]
    return limits


def _is_no_session(response: Response) -> bool:
    return response.status == 401 and response.json().get("error_code") == "INVALID_SESSION"


def _user_of(gateway: Gateway) -> str:
    """Whom the token names. It is the gateway that verifies it; here it only says whose sessions to list."""
    token = gateway.connection.token
    try:
        payload = (token() if callable(token) else token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, ValueError) as cause:
        raise ValueError("The token is no JWT with a subject.") from cause


def _instant(text: str) -> datetime:
    # Python reads the Z of UTC itself only from 3.11 on.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
