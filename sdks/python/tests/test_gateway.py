"""The client against a started gateway in sandbox mode."""

import json
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List

from instagram_gateway import (
    ERROR_CODES,
    Gateway,
    GatewayError,
    InstagramAPI,
    InstagramClient,
    InstagramConfig,
    InstagramSession,
    InstagramSessionManager,
    RequestOptions,
)

REPOSITORY = Path(__file__).resolve().parents[3]
LOGIN: Dict[str, Any] = {"username": "your_instagram_username", "password": "your_instagram_password"}
SESSION: Dict[str, Any] = {
    "username": "user123",
    "session_id": "session_xyz",
    "cookies": {"sessionid": "abc123"},
    "user_agent": "Mozilla/5.0...",
}


def snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


class V2(unittest.TestCase):
    gateway: Gateway
    session: Any

    @classmethod
    def setUpClass(cls) -> None:
        cls.gateway = Gateway()
        cls.session = cls.gateway.log_in(**LOGIN).data

    def send(self, content: str, **options: Any) -> Any:
        return self.gateway.send_message(
            session_id=self.session["id"],
            recipient_username="target_user",
            content=content,
            options=RequestOptions(**options),
        )

    def test_every_operation_is_a_method(self) -> None:
        document = json.loads((REPOSITORY / "openapi.json").read_text())
        apis = [methods for path, methods in document["paths"].items() if path.startswith("/api/")]
        ids = [operation["operationId"] for methods in apis for operation in methods.values()]
        self.assertGreater(len(ids), 30)
        for name in ids:
            self.assertTrue(callable(getattr(self.gateway, snake_case(name), None)), name)
        self.assertIn("SESSION_NOT_FOUND", ERROR_CODES)

    def test_a_login_answers_with_the_session(self) -> None:
        answer = self.gateway.get_session(self.session["id"], validate=True)
        self.assertEqual((answer.status, answer.data["userId"]), (200, "user_123"))
        self.assertTrue(answer.data["isActive"])
        self.assertTrue(str(answer.request_id).startswith("req_"))

    def test_a_message_is_sent_once_whatever_is_sent_again_with_its_key(self) -> None:
        first = self.send("Once", idempotency_key="python-once")
        again = self.send("Once", idempotency_key="python-once")
        self.assertEqual((first.status, first.message), (202, "Message queued for sending"))
        self.assertEqual((again.is_replayed, again.data["id"]), (True, first.data["id"]))

    def test_all_messages_of_a_conversation_page_by_page(self) -> None:
        sent = [self.send(content) for content in ("Twice", "Thrice")]
        for answer in sent:
            self.await_status(answer.data["id"], "succeeded")
        messages = list(self.gateway.iterate_conversation_messages(sent[0].data["conversationId"], limit=1))
        contents = [message["content"] for message in messages]
        self.assertEqual(len(contents), len({message["id"] for message in messages}))
        self.assertTrue({"Twice", "Thrice"} <= set(contents))

    def await_status(self, message_id: str, status: str) -> None:
        deadline = time.monotonic() + 30
        while self.gateway.get_message(message_id).data["status"] != status:
            self.assertLess(time.monotonic(), deadline, f"{message_id} did not become {status}")
            time.sleep(0.02)

    def test_waits_for_an_action(self) -> None:
        options = RequestOptions(wait_seconds=20)
        liked = self.gateway.like(session_id=self.session["id"], post_id="post_1234567890", options=options)
        self.assertEqual((liked.status, liked.data["status"]), (200, "succeeded"))

    def test_follows_a_bulk_until_it_has_ended(self) -> None:
        patient = Gateway(sleep=lambda _: None)
        bulk = patient.send_bulk_messages(
            session_id=self.session["id"],
            recipients=["user1", "user2", "user3"],
            content="All",
            delay_between_messages=0,
            options=RequestOptions(wait_seconds=0),
        )
        bulk_id = str(dict(bulk.data)["bulkId"])
        events = list(patient.stream_message_bulk(bulk_id))
        self.assertEqual((events[-1].data["sent"], events[-1].data["status"]), (3, "completed"))
        self.assertEqual(len(list(patient.iterate_message_bulk_items(bulk_id, limit=2))), 3)

    def test_raises_what_the_gateway_refuses(self) -> None:
        with self.assertRaises(GatewayError) as caught:
            self.gateway.get_session("instagram_0_none")
        self.assertEqual((caught.exception.status, caught.exception.code), (404, "SESSION_NOT_FOUND"))
        with self.assertRaises(GatewayError) as caught:
            self.gateway.send_message(session_id=self.session["id"], recipient_username="", content="x")
        self.assertEqual(caught.exception.details["fields"][0]["path"], "recipientUsername")

    def test_the_second_documents_client(self) -> None:
        api = InstagramAPI(self.gateway.connection.url + "/api/v2/instagram", str(self.gateway.connection.token))
        login = api.login(LOGIN["username"], LOGIN["password"])
        self.assertEqual((login["success"], login["message"]), (True, "Login successful"))
        sent = api.send_message(login["data"]["sessionId"], "target_user", "As in the document")
        self.assertEqual((sent["success"], sent["data"]["messageType"]), (True, "text"))
        refused = api.send_message("instagram_0_none", "target_user", "Hello")
        self.assertEqual((refused["success"], refused["error"]), (False, "Session not found."))


class V1(unittest.TestCase):
    def setUp(self) -> None:
        self.session = InstagramSessionManager.create_session(**SESSION)

    def test_a_session_knows_its_limits_and_its_end(self) -> None:
        session = InstagramSession.create(**SESSION)
        self.assertEqual((session.username, session.session_id), ("user123", "session_xyz"))
        self.assertTrue(session.is_active and session.is_valid and not session.is_expired)
        self.assertEqual(session.limits["follow"]["limit"], InstagramConfig.FOLLOW_LIMIT_PER_DAY)
        self.assertEqual(session.limits["like"]["limit"], InstagramConfig.LIKE_LIMIT_PER_DAY)
        self.assertEqual(session.limits["comment"]["limit"], InstagramConfig.COMMENT_LIMIT_PER_DAY)
        hours = (session.expires_at - session.created_at).total_seconds() / 3600
        self.assertGreaterEqual(hours + 0.01, InstagramConfig.SESSION_EXPIRY_HOURS)

    def test_the_client_acts_and_returns_answer_and_status(self) -> None:
        client = InstagramClient(username="user123")
        used = self.session.limits["follow"]["used"]
        response, status = client.follow_user("target_user")
        self.assertEqual((status, response["success"], response["data"]["status"]), (200, True, "succeeded"))
        self.assertEqual(response["data"]["limits"]["follow"]["used"], used + 1)
        response, status = client.like_post("media_id")
        self.assertEqual((status, response["data"]["status"]), (200, "succeeded"))
        response, status = client.comment_post("media_id", "Great post!")
        self.assertEqual((status, response["data"]["status"]), (200, "succeeded"))
        response, status = client.get_limits()
        self.assertEqual((status, response["data"]["limits"]["follow"]["used"]), (200, used + 1))

    def test_refusals_are_returned_not_raised(self) -> None:
        response, status = InstagramClient(username="nobody").follow_user("target_user")
        self.assertEqual((status, response["success"], response["error_code"]), (401, False, "INVALID_SESSION"))
        response, status = InstagramClient(username="user123").comment_post("media_id", "")
        self.assertEqual((status, response["error_code"]), (400, "VALIDATION_ERROR"))
        self.assertIn("text", response["errors"])

    def test_the_manager_finds_and_ends_sessions(self) -> None:
        found = InstagramSessionManager.get_session("user123")
        assert found is not None
        self.assertEqual((found.username, found.session_id, found.is_valid), ("user123", "session_xyz", True))
        self.assertTrue(InstagramClient("user123").is_session_valid())
        self.assertTrue(InstagramSessionManager.invalidate_session("user123"))
        self.assertIsNone(InstagramSessionManager.get_session("user123"))
        self.assertFalse(InstagramClient("user123").is_session_valid())
        self.assertFalse(InstagramSessionManager.invalidate_session("nobody"))
        response, status = InstagramClient("user123").like_post("media_id")
        self.assertEqual((status, response["error_code"]), (401, "INVALID_SESSION"))

    def test_the_manager_is_one_for_all_threads(self) -> None:
        seen = set()
        failures: List[object] = []

        def look() -> None:
            try:
                seen.add(id(InstagramSessionManager()))
                session = InstagramSessionManager.get_session("user123")
                if session is None or session.session_id != "session_xyz":
                    failures.append(session)
            except Exception as error:  # A thread's failure would vanish with it.
                failures.append(error)

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(seen), failures), (1, []))

    def test_cleanup_forgets_sessions_that_have_ended(self) -> None:
        self.assertEqual(InstagramSessionManager.cleanup(), 0)
        Gateway().v1_delete_session("user123")
        self.assertEqual(InstagramSessionManager.cleanup(), 1)

    def test_a_refused_session_is_raised(self) -> None:
        with self.assertRaises(GatewayError) as caught:
            InstagramSession.create(**{**SESSION, "cookies": {"sessionid": "wrong"}})
        self.assertEqual((caught.exception.status, caught.exception.code), (401, "INVALID_SESSION"))
