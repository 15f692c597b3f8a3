"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import json
from http.client import HTTPException, HTTPResponse
from typing import Any, Iterator, List, Optional

from ._call import ServerEvent


class EventParser:
    """Reads events, over any number of connections one after another."""

    def __init__(self) -> None:
        self.last_event_id: Optional[str] = None
        self.reconnect_seconds = 3.0
        self._begin()

    def _begin(self) -> None:
        self._type = ""
        self._data: List[str] = []
        self._id: Optional[str] = None

    def read(self, body: HTTPResponse) -> Iterator[ServerEvent[Any]]:
        """The events of one connection, until it ends.

        A broken one is an end like any other: what is missing comes with the next connection, after ``last_event_id``.
        """
        self._begin()
        while True:
            try:
                line = body.readline()
            except (OSError, HTTPException):
                return
            if not line.endswith(b"\n"):
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text:
                self._field(text)
                continue
            event = self._finish()
            if event is not None:
                yield event

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._type = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isdigit():
            self.reconnect_seconds = int(value) / 1000

    def _finish(self) -> Optional[ServerEvent[Any]]:
        if self._id is not None:
            self.last_event_id = self._id
        event = None
        if self._data:
            data = json.loads("\n".join(self._data))
            event = ServerEvent(id=self.last_event_id or "", type=self._type or "message", data=data)
        self._begin()
        return event
