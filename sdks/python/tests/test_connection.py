"""How requests are made and repeated, against a server that answers what the test tells it to."""

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple

from instagram_gateway import Gateway, GatewayConnectionError, GatewayError, RequestOptions
from instagram_gateway._call import Call

Reply = Optional[Tuple[int, Dict[str, str], bytes]]


def ok(data: Any, **more: Any) -> Reply:
    body = {"success": True, "data": data, "timestamp": "2024-01-01T12:00:00.000Z", **more}
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


def refused(status: int, code: str, **headers: str) -> Reply:
    body = {"success": False, "error": "No.", "code": code, "details": {"field": 1}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"x-request-id": "req_1", **named}, json.dumps(body).encode()


class ScriptedServer:
    """Gives these replies, one after another; None closes the connection without one."""

    def __init__(self, *replies: Reply) -> None:
        self.requests: List[Tuple[str, str, Dict[str, str], bytes]] = []
        left = list(replies)
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline()
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                content = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                requests.append((self.command, self.path, headers, content))
                reply = left.pop(0)
                self.close_connection = True
                if reply is None:
                    return
                status, reply_headers, body = reply
                self.send_response(status)
                for name, value in reply_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.slept: List[float] = []

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def gateway(self, **settings: Any) -> Gateway:
        return Gateway(self.url, "token", sleep=self.slept.append, **settings)

    def header(self, name: str) -> List[Optional[str]]:
        return [headers.get(name) for _, _, headers, _ in self.requests]


MESSAGE: Dict[str, Any] = {"session_id": "instagram_1_a", "recipient_username": "target_user", "content": "Grüße"}


class Requests(unittest.TestCase):
    def test_a_repeated_post_carries_the_same_key_and_another_call_another_one(self) -> None:
        with ScriptedServer(None, refused(503, "UNAVAILABLE"), ok({}), ok({})) as server:
            gateway = server.gateway()
            gateway.send_message(**MESSAGE)
            gateway.send_message(**MESSAGE)
            keys = server.header("idempotency-key")
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(keys[0], keys[2])
        self.assertNotEqual(keys[0], keys[3])
        self.assertEqual(len(server.slept), 2)

    def test_waits_as_long_as_retry_after_says(self) -> None:
        replies = (
            refused(429, "RATE_LIMITED", retry_after="7"),
            refused(409, "IDEMPOTENCY_KEY_IN_USE", retry_after="2"),
            ok({}),
        )
        with ScriptedServer(*replies) as server:
            server.gateway().send_message(**MESSAGE)
        self.assertEqual(server.slept, [7.0, 2.0])

    def test_what_must_wait_for_long_is_raised_and_says_how_long(self) -> None:
        with ScriptedServer(refused(429, "ACTION_LIMIT_EXCEEDED", retry_after="3600")) as server:
            with self.assertRaises(GatewayError) as caught:
                server.gateway().like(session_id="s", post_id="p")
        error = caught.exception
        self.assertEqual((str(error), error.status, error.code), ("No.", 429, "ACTION_LIMIT_EXCEEDED"))
        self.assertEqual((error.request_id, error.details), ("req_1", {"field": 1}))
        self.assertEqual(error.retry_after_seconds, 3600.0)
        self.assertEqual(len(server.requests), 1)

    def test_other_refusals_are_not_tried_again(self) -> None:
        for status in (400, 401, 403, 404, 409, 422, 500):
            with self.subTest(status=status), ScriptedServer(refused(status, "NOT_FOUND")) as server:
                with self.assertRaises(GatewayError):
                    server.gateway().get_session("instagram_1_a")
                self.assertEqual(len(server.requests), 1)

    def test_a_stored_refusal_is_final(self) -> None:
        stored = refused(502, "INSTAGRAM_ERROR", idempotent_replayed="true")
        with ScriptedServer(refused(502, "INSTAGRAM_ERROR"), stored) as server:
            with self.assertRaises(GatewayError) as caught:
                server.gateway().follow(session_id="s", user_id="u")
        self.assertTrue(caught.exception.is_replayed)
        self.assertEqual(len(server.requests), 2)

    def test_gives_up_after_its_retries_with_the_reason(self) -> None:
        with ScriptedServer(None, None, None) as server:
            with self.assertRaises(GatewayConnectionError) as caught:
                server.gateway(retries=2).get_session("instagram_1_a")
        self.assertIsNotNone(caught.exception.__cause__)
        self.assertEqual(len(server.requests), 3)

    def test_does_not_follow_a_redirect(self) -> None:
        with ScriptedServer((302, {"location": "/elsewhere"}, b"")) as server:
            with self.assertRaises(GatewayError) as caught:
                server.gateway().get_session("s")
        self.assertEqual((caught.exception.status, caught.exception.code), (302, "UNKNOWN"))
        self.assertEqual(len(server.requests), 1)

    def test_writes_addresses_queries_and_bodies_as_the_api_reads_them(self) -> None:
        with ScriptedServer(ok([]), ok({}), ok({})) as server:
            gateway = Gateway(server.url + "/api/v2/instagram/", lambda: "current")
            gateway.list_conversation_messages("conv_a/b", limit=5, offset=0)
            gateway.get_session("s", validate=True)
            options = RequestOptions(idempotency_key="mine", wait_seconds=10)
            gateway.send_message(**MESSAGE, options=options)
        paths = [path for _, path, _, _ in server.requests]
        self.assertEqual(paths[0], "/api/v2/instagram/conversation/conv_a%2Fb/messages?limit=5&offset=0")
        self.assertEqual(paths[1], "/api/v2/instagram/session/s?validate=true")
        self.assertEqual(server.header("authorization"), ["Bearer current"] * 3)
        self.assertEqual(server.header("idempotency-key"), [None, None, "mine"])
        self.assertEqual(server.header("prefer"), [None, None, "wait=10"])
        expected = {"sessionId": "instagram_1_a", "recipientUsername": "target_user", "content": "Grüße"}
        self.assertEqual(json.loads(server.requests[2][3]), expected)

    def test_reads_a_list_page_by_page_and_no_further_than_it_is_asked_for(self) -> None:
        pages = (
            ok([1, 2], pagination={"limit": 2, "hasMore": True, "nextCursor": "c1"}),
            ok([3], pagination={"limit": 2, "hasMore": False}),
        )
        with ScriptedServer(*pages) as server:
            sessions = server.gateway().iterate_sessions("user_1", limit=2)
            self.assertEqual([next(sessions), next(sessions)], [1, 2])
            self.assertEqual(len(server.requests), 1)
            self.assertEqual(list(sessions), [3])
        self.assertIn("limit=2&cursor=c1", server.requests[1][1])

    def test_a_stream_comes_back_after_the_last_event_until_nothing_more_will_come(self) -> None:
        kind = {"content-type": "text/event-stream"}
        first = b'retry: 10\n\n: comment\n\nid: 1\nevent: a\ndata: {"n":\ndata: 1}\n\nid: 2\ndata: {"lost":1}\n'
        second = b"id: 2\r\ndata: {}\r\n\r\n"
        with ScriptedServer((200, kind, first), (200, kind, second), (204, {}, b"")) as server:
            gateway = server.gateway()
            events = list(gateway._stream(Call("GET", "/stream"), None))
        seen = [(event.id, event.type, event.data) for event in events]
        self.assertEqual(seen, [("1", "a", {"n": 1}), ("2", "message", {})])
        self.assertEqual(server.header("last-event-id"), [None, "1", "2"])
        self.assertEqual(server.slept, [0.01, 0.01])
