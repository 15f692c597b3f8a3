"""The client of the whole API."""

import json
import os
from typing import Any, Dict, Iterator, Optional
from urllib.parse import urlencode

from ._call import Answer, Call, GatewayConnectionError, RequestOptions, ServerEvent
from ._connection import Connection, Response, Token, connection_from_environment, exchange, open_stream
from ._event_stream import EventParser
from ._operations import Operations

_V2_BASE = "/api/v2/instagram"
# The gateway writes at least a comment every 15 seconds: a stream that is silent for longer has broken.
_STREAM_SILENCE_SECONDS = 45.0


class Gateway(Operations):
    """A gateway as one user sees it: every operation of its API as a method.

    Methods return an Answer and raise GatewayError or GatewayConnectionError. Clients may be shared by threads.
    """

    def __init__(self, url: Optional[str] = None, token: Optional[Token] = None, **settings: Any) -> None:
        """``url`` and ``token`` (a JWT, or what gives a current one) default to INSTAGRAM_GATEWAY_URL and
        INSTAGRAM_GATEWAY_TOKEN; ``settings`` are retries, timeout_seconds, longest_wait_seconds and sleep."""
        self.connection = _connection(url, token, settings)
        base = self.connection.url.rstrip("/")
        self._origin = base[: -len(_V2_BASE)] if base.endswith(_V2_BASE) else base

    def exchange(self, call: Call, options: Optional[RequestOptions] = None) -> Response:
        """The answer as it came, refusals included."""
        return exchange(self.connection, call.method, self._address(call), call.body, options)

    def _send(self, call: Call, options: Optional[RequestOptions]) -> Answer[Any]:
        response = self.exchange(call, options)
        if response.status >= 300:
            raise response.refusal()
        body = response.json()
        if "success" not in body:
            raise GatewayConnectionError("What answered was not the gateway.")
        return Answer(
            data=body.get("data"),
            message=body.get("message"),
            pagination=body.get("pagination"),
            status=response.status,
            request_id=response.header("x-request-id"),
            is_replayed=response.is_replayed,
        )

    def _pages(self, call: Call, options: Optional[RequestOptions]) -> Iterator[Any]:
        cursor: Optional[str] = None
        while True:
            query = {**call.query, **({} if cursor is None else {"cursor": cursor})}
            answer = self._send(Call(call.method, call.path, query=query), options)
            yield from answer.data
            cursor = (answer.pagination or {}).get("nextCursor")
            if cursor is None:
                return

    def _stream(self, call: Call, options: Optional[RequestOptions]) -> Iterator[ServerEvent[Any]]:
        parser = EventParser()
        patience = options or RequestOptions(timeout_seconds=_STREAM_SILENCE_SECONDS)
        while True:
            body = open_stream(self.connection, self._address(call), parser.last_event_id, patience)
            if isinstance(body, Response):
                if body.status == 204:
                    return
                raise body.refusal()
            with body:
                yield from parser.read(body)
            self.connection.sleep(parser.reconnect_seconds)

    def _address(self, call: Call) -> str:
        query = urlencode({name: _query_text(value) for name, value in call.query.items() if value is not None})
        return f"{self._origin}{call.path}{'?' if query else ''}{query}"


def _connection(url: Optional[str], token: Optional[Token], settings: Dict[str, Any]) -> Connection:
    default_url = os.environ.get("INSTAGRAM_GATEWAY_URL", "http://127.0.0.1:3000")
    if token is None:
        token = connection_from_environment().token
    return Connection(url=url or default_url, token=token, **settings)


def _query_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
