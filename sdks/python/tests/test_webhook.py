import json
import unittest

from instagram_gateway import WebhookVerificationError, sign_webhook, verify_webhook

SECRET = "whsec_YSBzZWNyZXQgb2YgdGVzdHMsIDMyIGJ5dGVzIGxvbmc="
OTHER = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIHNhbWUgc2l6ZSE="
EVENT = {"id": "evt_1", "type": "message.received", "data": {"content": "Grüße 👋"}}
BODY = json.dumps(EVENT, ensure_ascii=False, separators=(",", ":")).encode()
NOW = 1_700_000_000.0


class Webhooks(unittest.TestCase):
    def test_agrees_with_an_independent_implementation_of_standard_webhooks(self) -> None:
        headers = sign_webhook(SECRET, "msg_1", BODY, at=NOW)
        self.assertEqual(headers["webhook-signature"], "v1,UtAtAlt+yU2Bbu1MGlUpx6lspWs+SuhGqEKQ8XAUdYE=")
        self.assertEqual(verify_webhook(SECRET, headers, BODY, now=NOW), EVENT)

    def test_takes_header_names_in_any_case_and_text_for_bytes(self) -> None:
        headers = {name.title(): value for name, value in sign_webhook(SECRET, "msg_1", BODY, at=NOW).items()}
        self.assertEqual(verify_webhook(SECRET, headers, BODY.decode(), now=NOW), EVENT)

    def test_one_of_several_signatures_is_enough_and_one_of_several_secrets(self) -> None:
        old = sign_webhook(OTHER, "msg_1", BODY, at=NOW)
        current = sign_webhook(SECRET, "msg_1", BODY, at=NOW)
        both = f"v1a,bm90LW91cnM= {old['webhook-signature']} {current['webhook-signature']}"
        self.assertEqual(verify_webhook(SECRET, {**current, "webhook-signature": both}, BODY, now=NOW), EVENT)
        self.assertEqual(verify_webhook([SECRET, OTHER], old, BODY, now=NOW), EVENT)

    def test_refuses_whatever_was_not_sent_like_that_or_not_now(self) -> None:
        headers = sign_webhook(SECRET, "msg_1", BODY, at=NOW)
        cases = {
            "another secret": (sign_webhook(OTHER, "msg_1", BODY, at=NOW), BODY, NOW),
            "another body": (headers, BODY + b" ", NOW),
            "another id": ({**headers, "webhook-id": "msg_2"}, BODY, NOW),
            "an older time than was signed": ({**headers, "webhook-timestamp": "1699999999"}, BODY, NOW),
            "too old": (headers, BODY, NOW + 301),
            "from the future": (headers, BODY, NOW - 301),
            "no time": ({**headers, "webhook-timestamp": "soon"}, BODY, NOW),
            "another version": ({**headers, "webhook-signature": "v2,AAAA"}, BODY, NOW),
            "not ASCII": ({**headers, "webhook-signature": "v1,ä"}, BODY, NOW),
            "nothing": ({}, BODY, NOW),
        }
        for name, (given, body, now) in cases.items():
            with self.subTest(name), self.assertRaises(WebhookVerificationError):
                verify_webhook(SECRET, given, body, now=now)

    def test_a_secret_that_is_none_is_the_mistake_of_the_caller(self) -> None:
        with self.assertRaises(ValueError):
            verify_webhook("whsec_%", sign_webhook(SECRET, "msg_1", BODY, at=NOW), BODY, now=NOW)
