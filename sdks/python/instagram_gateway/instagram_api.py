"""The client of the second document, as it is printed there."""

from typing import Any, Dict

from ._connection import Connection, exchange


class InstagramAPI:
    """Two calls, which return the answer's JSON, whatever the answer was."""

    def __init__(self, base_url: str, token: str) -> None:
        """``base_url`` as in ``https://your-api-domain.com/api/v2/instagram``."""
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {token}"}

    def login(self, username: str, password: str) -> Dict[str, Any]:
        return self._post("/login", {"username": username, "password": password})

    def send_message(self, session_id: str, recipient: str, content: str) -> Dict[str, Any]:
        return self._post("/message", {"sessionId": session_id, "recipientUsername": recipient, "content": content})

    def _post(self, path: str, body: Dict[str, Any]) -> Dict[str, Any]:
        token = self.headers["Authorization"].partition(" ")[2]
        connection = Connection(url=self.base_url, token=token)
        return exchange(connection, "POST", self.base_url.rstrip("/") + path, body).json()
