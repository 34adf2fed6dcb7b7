"""Chatwoot's agent bot as a channel of Rasa. Runs in Rasa's environment, with unittest, over real servers."""

import unittest

try:
    import rasa  # noqa: F401
except ImportError:
    raise unittest.SkipTest("Rasa is not in this environment") from None

import asyncio
import hashlib
import hmac
import json
import pathlib
import threading
import time
import types
import unittest.mock
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
from rasa.core.channels.channel import UserMessage, register
from rasa.core.run import create_http_input_channels
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Sanic
from sanic.touchup.service import TouchUp

from rasa_handoff.connectors.chatwoot import ChatwootInput
from rasa_handoff.connectors.chatwoot_words import payload_of, said, taken_by_human

PAYLOADS = pathlib.Path(__file__).parents[1] / "payloads/chatwoot"
SECRET, PATH = "an-agent-bots-own-secret", "long-and-random-0123456789"
SENDER = "chatwoot-1-42"
BUTTONS = [{"title": "Track it", "payload": "/track_order"}, {"title": "Return it", "payload": "/return_item"}]
PICTURE = b"\x89PNG picture"


def payload(name, **changes):
    found = json.loads((PAYLOADS / (name + ".json")).read_text(encoding="utf-8"))
    return {**found, **changes}


def customer_says(text, id=2001, status="pending", channel="Channel::WebWidget"):
    found = payload("customer_message", id=id, content=text)
    found["conversation"].update(messages=[], status=status, channel=channel)
    return found


def signed(body, secret=SECRET, at=None):
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": "sha256=" + digest}


class FakeChatwoot:
    """One conversation. `said` is what the bot has said in it, `refused` the answers that the next calls get."""

    def __init__(self):
        self.status, self.said, self.calls, self.refused, self.bot_may_read = "pending", [], [], [], True
        self.pause = 0.0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                time.sleep(fake.pause)
                status, found = fake.answer(self.command, self.path, self.headers, body)
                data = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("content-type", "image/png" if isinstance(found, bytes) else "application/json")
                self.send_header("content-length", str(len(data)))
                self.send_header("retry-after", "0")
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:{}".format(self.server.server_port)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, method, path, headers, body):
        self.calls.append((method, path))
        if path == "/label.png":
            return 200, PICTURE
        if headers.get("api-access-token") not in ("bot", "reader"):
            return 401, {"error": "Invalid Access Token"}
        if self.refused:
            return self.refused.pop(0), {"error": "not now"}
        if path == "/api/v1/accounts/1/conversations/42":
            if method == "GET" and headers["api-access-token"] == "bot" and not self.bot_may_read:
                return 401, {"error": "Access to this endpoint is not authorized for bots"}
            return 200, {"id": 42, "status": self.status, "meta": {"channel": "Channel::WebWidget"}}
        if path.endswith("/toggle_status"):
            self.status = json.loads(body)["status"]
            return 200, {}
        if path.endswith("/messages"):
            is_json = "json" in headers["content-type"]
            self.said.append(json.loads(body) if is_json else body)
            return 200, {"id": len(self.said)}
        return 404, {}

    def texts(self):
        return [one["content"] for one in self.said]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


TOUCH_UPS = [TouchUp.run]


def touched_up_once(app):
    """Sanic trims its classes for speed when a server starts, and fails at those of which it has done so."""
    if TOUCH_UPS:
        TOUCH_UPS.pop()(app)


class ChatwootCase(unittest.IsolatedAsyncioTestCase):
    secret = ("signing_secret", SECRET)

    async def asyncSetUp(self):
        self.chatwoot = FakeChatwoot()
        self.addCleanup(self.chatwoot.close)
        given = {"url": self.chatwoot.url, "account": 1, "bot_token": "bot", self.secret[0]: self.secret[1]}
        self.channel = ChatwootInput.from_credentials(given)
        self.taken, self.answers = [], {}
        self.app = Sanic("chatwoot_{}".format(id(self)), configure_logging=False)
        self.tracker = None
        self.app.ctx.agent = types.SimpleNamespace(handle_message=self.handle, tracker_store=self)
        register([self.channel], self.app, route="/webhooks/")
        self.serving = await self.app.create_server("127.0.0.1", 0, return_asyncio_server=True, access_log=False)
        with unittest.mock.patch.object(TouchUp, "run", touched_up_once):
            await self.serving.startup()
        await self.serving.start_serving()
        port = self.serving.server.sockets[0].getsockname()[1]
        self.url = "http://127.0.0.1:{}/webhooks/chatwoot/webhook".format(port)
        self.http = aiohttp.ClientSession()

    async def asyncTearDown(self):
        await self.http.close()
        await self.channel._api.close()
        self.serving.close()

    async def retrieve(self, _):
        return self.tracker

    retrieve_full_tracker = retrieve

    async def handle(self, message: UserMessage):
        """What Rasa would do: the answers for the text, one after the other."""
        self.taken.append(message)
        for answer in self.answers.get(message.text, []):
            if callable(answer):
                await answer() if asyncio.iscoroutinefunction(answer) else answer()
            else:
                await message.output_channel.send_response(message.sender_id, dict(answer))

    async def post(self, told, path="", headers=None):
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        given = signed(body) if headers is None else headers
        async with self.http.post(self.url + path, data=body, headers=given) as response:
            return response.status, await response.text()

    async def settled(self):
        """Everything that was taken in is worked off."""
        while self.channel._last or self.channel._opening:
            await asyncio.sleep(0.01)

    async def deliver(self, *several):
        for one in several:
            self.assertEqual(await self.post(one), (200, ""))
        await self.settled()


class TestWebhook(ChatwootCase):
    async def test_a_customers_message_reaches_rasa_with_the_conversation_as_sender(self):
        await self.deliver(payload("customer_message"))
        (message,) = self.taken
        self.assertEqual((message.text, message.sender_id), ("Where is my parcel?", SENDER))
        self.assertEqual((message.input_channel, message.message_id), ("chatwoot", "1506"))
        self.assertEqual(message.metadata["message_id"], "1506")

    async def test_only_what_customers_write_reaches_rasa(self):
        others = ("agent_message", "private_note", "bot_message", "own_message", "template_message", "resolved",
                  "automation_message", "deleted_message", "read_message", "opened", "labelled")  # fmt: skip
        await self.deliver(*(payload(name) for name in others))
        self.assertEqual(self.taken, [])

    async def test_a_message_of_another_account_does_not(self):
        await self.deliver(payload("customer_message", account={"id": 2}))
        self.assertEqual(self.taken, [])

    async def test_a_repeat_is_taken_once(self):
        await self.deliver(payload("customer_message"), payload("customer_message"))
        await self.deliver(payload("customer_message"))
        self.assertEqual(len(self.taken), 1)

    async def test_one_that_rasa_had_before_a_restart_is_not_taken_again(self):
        event = UserUttered("Where is my parcel?", metadata={"message_id": "1506"})
        self.tracker = DialogueStateTracker.from_events(SENDER, [event])
        await self.deliver(payload("customer_message"), customer_says("hello"))
        self.assertEqual([one.text for one in self.taken], ["hello"])

    async def test_attachments_are_in_the_metadata(self):
        await self.deliver(payload("customer_file"))
        (message,) = self.taken
        self.assertEqual(message.text, "")
        kinds = [one["type"] for one in message.metadata["attachments"]]
        self.assertEqual(kinds, ["image", "file"])
        self.assertTrue(message.metadata["attachments"][0]["url"].endswith("/label.png"))

    async def test_a_choice_in_the_web_widget_is_its_value_once(self):
        chosen = payload("choice")
        await self.deliver(chosen, {**chosen, "updated_at": "later"})
        self.assertEqual([one.text for one in self.taken], ["/track_order"])

    async def test_what_older_versions_send_as_html_is_read_as_it_was_written(self):
        await self.deliver(customer_says("<p>a &lt; b, <strong>please</strong></p>\n"))
        self.assertEqual(self.taken[0].text, "a < b, please")

    async def test_the_answer_does_not_wait_for_the_bot_and_the_order_of_a_conversation_is_kept(self):
        slow = asyncio.Event()
        self.answers["1"] = [slow.wait]
        began = time.monotonic()
        for number in range(1, 6):
            await self.post(customer_says(str(number), id=2000 + number))
        self.assertLess(time.monotonic() - began, 2)
        await asyncio.sleep(0.1)
        self.assertEqual([one.text for one in self.taken], ["1"])
        slow.set()
        await self.settled()
        self.assertEqual([one.text for one in self.taken], ["1", "2", "3", "4", "5"])

    async def test_another_conversation_does_not_wait(self):
        slow = asyncio.Event()
        self.answers["1"] = [slow.wait]
        other = customer_says("hello", id=3000)
        other["conversation"]["id"] = 43
        await self.post(customer_says("1"))
        await self.post(other)
        await asyncio.sleep(0.1)
        self.assertEqual([one.sender_id for one in self.taken], [SENDER, "chatwoot-1-43"])
        slow.set()
        await self.settled()

    async def test_a_message_that_rasa_fails_at_does_not_stop_the_next(self):
        def fail():
            raise RuntimeError("broken")

        self.answers["1"] = [fail]
        with self.assertLogs("rasa_handoff.connectors.chatwoot", "ERROR"):
            await self.deliver(customer_says("1", id=1), customer_says("2", id=2))
        self.assertEqual([one.text for one in self.taken], ["1", "2"])

    async def test_whatever_is_wrong_is_refused_alike(self):
        body = json.dumps(payload("customer_message")).encode()
        good = signed(body)
        wrong = [
            (body, {}),
            (body, signed(body, "another")),
            (body, signed(body, at=time.time() - 301)),
            (body, signed(body, at=time.time() + 301)),
            (body, {**good, "X-Chatwoot-Timestamp": "now"}),
            (body, {**good, "X-Chatwoot-Signature": good["X-Chatwoot-Signature"][7:]}),
            (body + b" ", good),
            (body + b" " * 1_100_000, signed(body + b" " * 1_100_000)),
        ]
        answers = {await self.post(told, headers=headers) for told, headers in wrong}
        self.assertEqual(answers, {(403, "This request is not signed as it must be.")})
        await self.settled()
        self.assertEqual(self.taken, [])

    async def test_what_is_signed_and_no_message_changes_nothing(self):
        for body in (b"", b"[]", b"{", b"\xff", b"[" * 200_000, b'{"event": "message_created", "id": {}}'):
            self.assertEqual((await self.post(body))[0], 200)
        await self.settled()
        self.assertEqual(self.taken, [])


class TestSecretPath(ChatwootCase):
    secret = ("secret_path", PATH)

    async def test_an_older_chatwoot_is_known_by_the_address_alone(self):
        told = payload("customer_message")
        for path in ("", "/wrong", "/" + PATH + "x"):
            self.assertEqual((await self.post(told, path, {}))[0], 403)
        self.assertEqual((await self.post(told, "/" + PATH, {}))[0], 200)
        await self.settled()
        self.assertEqual(len(self.taken), 1)


class TestAnswers(ChatwootCase):
    async def test_the_bot_answers_while_the_conversation_is_pending(self):
        self.answers["hi"] = [{"text": "Hello {{you}}"}, {"text": "How can I help?"}]
        await self.deliver(customer_says("hi"))
        first, second = self.chatwoot.said
        self.assertEqual(first["content"].replace("\u2060", ""), "Hello {{you}}")
        self.assertNotIn("{{", first["content"])  # Chatwoot would take it for a template
        self.assertEqual((second["message_type"], second["private"]), ("outgoing", False))
        self.assertEqual(second["content_attributes"], {"rasa_handoff": "bot"})

    async def test_it_is_silent_once_a_person_has_it_also_in_the_middle_of_a_turn(self):
        def take_over():
            self.chatwoot.status = "open"

        self.answers["hi"] = [{"text": "one"}, take_over, {"text": "two"}, {"text": "x", "image": "http://x/y.png"}]
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), ["one"])

    async def test_it_is_silent_in_every_status_but_pending(self):
        self.answers["hi"] = [{"text": "Hello"}]
        for number, status in enumerate(("open", "snoozed", "resolved")):
            self.chatwoot.status = status
            await self.deliver(customer_says("hi", id=100 + number, status=status))
        self.assertEqual(self.chatwoot.texts(), [])
        self.assertEqual(len(self.taken), 3)  # the handoff's record has what the customer wrote

    async def test_the_handoffs_own_notices_go_out_all_the_same(self):
        self.chatwoot.status = "open"
        notice, own = "utter_handoff_queued", "utter_greet"
        self.answers["hi"] = [{"text": "You are next.", "utter_action": notice}, {"text": "Hi", "utter_action": own}]
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), ["You are next."])

    async def test_what_is_pushed_goes_out_whoever_has_it(self):
        self.chatwoot.status = "open"
        message = {"text": "Ana here.", "handoff": {"author": "agent", "effect_id": "e1"}}
        await self.channel.get_output_channel().send_response(SENDER, message)
        await self.channel.get_output_channel().send_response(SENDER, {"text": "Back with the bot."})
        self.assertEqual(self.chatwoot.texts(), ["Ana here.", "Back with the bot."])

    async def test_where_the_bots_token_may_not_read_the_status_is_had_by_changing_nothing(self):
        self.chatwoot.bot_may_read = False
        self.answers["hi"] = [{"text": "one"}, {"text": "two"}]
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), ["one", "two"])
        asked = [method for method, path in self.chatwoot.calls if path.endswith("/42")]
        self.assertEqual(asked, ["GET", "PATCH", "PATCH"])

    async def test_when_it_cannot_be_asked_what_chatwoot_said_last_counts(self):
        self.answers["hi"] = [{"text": "Hello"}]
        for id, status, expected in ((1, "open", []), (2, "pending", ["Hello"])):
            self.chatwoot.refused = [404]
            await self.deliver(customer_says("hi", id=id, status=status))
            self.assertEqual(self.chatwoot.texts(), expected)

    async def test_what_chatwoot_cannot_take_now_is_said_again_once(self):
        self.chatwoot.refused = [503, 429]
        self.answers["hi"] = [{"text": "Hello", "utter_action": "utter_handoff_queued"}]
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), ["Hello"])

    async def test_what_may_have_arrived_is_not_said_again_and_the_turn_goes_on(self):
        self.chatwoot.refused = [500]
        self.answers["hi"] = [{"text": "one", "utter_action": "utter_handoff_a"}, {"text": "two"}]
        with self.assertLogs("rasa_handoff.connectors.chatwoot_output", "ERROR"):
            await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), ["two"])

    async def test_a_push_that_fails_is_told_to_who_pushed(self):
        self.chatwoot.refused = [500]
        with self.assertRaises(Exception) as raised:
            await self.channel.get_output_channel().send_response(SENDER, {"text": "Ana here."})
        self.assertIn("500", str(raised.exception))

    async def test_nothing_is_sent_to_a_conversation_of_another_account(self):
        with self.assertRaises(Exception):  # noqa: B017
            await self.channel.get_output_channel().send_response("chatwoot-2-42", {"text": "Hello"})
        self.assertEqual(self.chatwoot.said, [])


class TestRichAnswers(ChatwootCase):
    async def test_buttons_are_options(self):
        self.answers["hi"] = [{"text": "What now?", "buttons": list(BUTTONS)}]
        await self.deliver(customer_says("hi"))
        (said,) = self.chatwoot.said
        self.assertEqual((said["content"], said["content_type"]), ("What now?", "input_select"))
        self.assertEqual(said["content_attributes"]["items"][0], {"title": "Track it", "value": "/track_order"})
        self.assertEqual(said["content_attributes"]["rasa_handoff"], "bot")

    async def test_where_options_are_not_shown_they_are_listed_and_an_answer_by_number_or_title_counts(self):
        self.answers["hi"] = [{"text": "What now?", "quick_replies": BUTTONS}]
        for number, answer in enumerate(("2", "return IT ")):
            sms = "Channel::Sms"
            await self.deliver(customer_says("hi", id=10 + number, channel=sms))
            self.assertEqual(self.chatwoot.texts()[-1], "What now?\n\n1. Track it\n2. Return it")
            await self.deliver(customer_says(answer, id=20 + number, channel=sms))
            self.assertEqual(self.taken[-1].text, "/return_item")
        await self.deliver(customer_says("2", id=30, channel="Channel::Sms"))
        self.assertEqual(self.taken[-1].text, "2")  # nothing was offered since

    async def test_buttons_that_are_pushed_ask_what_the_customer_sees(self):
        pushed = {"text": "Wait?", "buttons": list(BUTTONS)}
        await self.channel.get_output_channel().send_response(SENDER, pushed)
        self.assertEqual(self.chatwoot.said[0]["content_type"], "input_select")

    async def test_an_image_is_sent_itself(self):
        self.answers["hi"] = [{"text": "Look:", "image": self.chatwoot.url + "/label.png"}]
        await self.deliver(customer_says("hi"))
        text, image = self.chatwoot.said
        self.assertEqual(text["content"], "Look:")
        for part in (PICTURE, b'name="attachments[]"; filename="label.png"', b"image/png", b'{"rasa_handoff": "bot"}'):
            self.assertIn(part, image)

    async def test_one_that_cannot_be_had_is_sent_as_its_address(self):
        self.answers["hi"] = [{"image": self.chatwoot.url + "/gone.png"}]
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), [self.chatwoot.url + "/gone.png"])

    async def test_messages_of_chatwoots_own_are_passed_on(self):
        article = {"title": "Returns", "description": "How", "link": "https://x"}
        custom = {"content": "Read:", "content_type": "article", "content_attributes": {"items": [article]}}
        self.answers["hi"] = [{"custom": custom}, {"custom": {"a": 1}}]
        await self.deliver(customer_says("hi"))
        first, second = self.chatwoot.said
        self.assertEqual((first["content_type"], first["content_attributes"]["items"]), ("article", [article]))
        self.assertEqual(second["content"], '{"a": 1}')


class TestPeople(ChatwootCase):
    def human(self, **changes):
        found = payload("agent_message", **changes)
        found["conversation"]["status"] = "pending"
        return found

    async def test_a_person_who_answers_in_the_bots_conversation_has_it(self):
        self.answers["hi"] = [{"text": "Hello"}]
        await self.deliver(self.human())
        self.assertEqual(self.chatwoot.status, "open")
        await self.deliver(customer_says("hi"))
        self.assertEqual(self.chatwoot.texts(), [])

    async def test_nobody_else_does(self):
        others = ("bot_message", "own_message", "private_note", "automation_message", "campaign_message", "choice")
        for name in others:
            told = payload(name)
            told["conversation"]["status"] = "pending"
            self.assertIsNone(taken_by_human(told), name)

    async def test_a_late_word_of_before_the_hand_back_does_not(self):
        told = self.human()
        told["conversation"]["custom_attributes"] = {"handoff_open": False, "handoff_ended_after": 1501}
        self.assertIsNone(taken_by_human(told))
        self.assertEqual(taken_by_human({**told, "id": 1502}), 42)


class TestCredentials(unittest.TestCase):
    def test_rasa_finds_it_by_its_line_in_credentials_yml(self):
        name = "rasa_handoff.connectors.chatwoot.ChatwootInput"
        path = pathlib.Path(self.folder()) / "credentials.yml"
        lines = ["url: http://x", "account: 1", "bot_token: t", "signing_secret: s"]
        path.write_text(name + ":\n" + "".join("  " + line + "\n" for line in lines))
        (channel,) = create_http_input_channels(None, str(path))
        self.assertEqual(channel.name(), "chatwoot")
        self.assertEqual(channel.get_output_channel().name(), "chatwoot")

    def folder(self):
        import tempfile

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def test_what_is_missing_or_unknown_is_said(self):
        good = {"url": "http://x", "account": 1, "bot_token": "t"}
        for given, part in (
            ({}, "url, account, bot_token"),
            (good, "signing_secret"),
            ({**good, "secret_path": "short"}, "20 or more"),
            ({**good, "signing_secret": ""}, "signing_secret"),
            ({**good, "secret": "s"}, "secret"),
        ):
            with self.assertRaises(RasaException) as raised:
                ChatwootInput.from_credentials(given)
            self.assertIn(part, str(raised.exception))


class TestShapes(unittest.TestCase):
    def test_no_shape_of_a_payload_raises(self):
        odd = (None, 1, "x", [], {}, [1], [{}], {"id": 1}, [[]])
        for name in ("customer_message", "choice", "agent_message", "customer_file"):
            good = payload(name)
            for key in good:
                for value in odd:
                    for told in ({**good, key: value}, {**good, "conversation": {**good["conversation"], key: value}}):
                        said(told)
                        taken_by_human(told)
        self.assertEqual(payload_of(b"[1]"), {})


if __name__ == "__main__":
    unittest.main()
