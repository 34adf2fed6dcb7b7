"""The Rasa client against a local HTTP server that answers as Rasa 3.6 does."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rasa_handoff.core.errors import Refused, Unreachable
from rasa_handoff.rasa.client import RasaClient

NOTICE = {"entity": "handoff_effect", "value": "e1"}


def external(effect_id: str) -> dict[str, Any]:
    return {"event": "user", "parse_data": {"entities": [{"entity": "handoff_effect", "value": effect_id}]}}


def said(text: str, **metadata: Any) -> dict[str, Any]:
    return {"event": "bot", "text": text, "data": {"buttons": None}, "metadata": metadata}


@dataclass
class FakeRasa:
    """`tracker` is what it has; `fail` makes it answer that status; `asked` is what it was asked."""

    url: str = ""
    tracker: dict[str, Any] = field(default_factory=lambda: {"events": [], "slots": {}, "latest_input_channel": "rest"})
    fail: int = 0
    body: bytes | None = None
    asked: list[tuple[str, str, dict[str, list[str]], Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> Any:
        if path.endswith("/trigger_intent"):
            return {"tracker": self.tracker, "messages": []}
        return [{"recipient_id": "c", "text": "hello"}] if path.startswith("/webhooks") else self.tracker


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            body = json.loads(raw) if raw else None
            fake.asked.append((self.command, parts.path, parse_qs(parts.query), body))
            answer = fake.body or json.dumps(fake.answer(self.command, parts.path, body)).encode()
            self.send_response(fake.fail or 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


METADATA = {"effect_id": "e1", "author": "agent", "name": "Ana"}


async def test_an_agents_message_is_a_bot_event_that_names_the_agent_and_is_pushed(rasa: FakeRasa) -> None:
    rasa.tracker["latest_input_channel"] = "slack"
    assert await RasaClient(rasa.url).say("spaces/whatsapp:+49@a|[b]%2F50%", "Hello", METADATA, again=False) is False
    method, path, query, body = rasa.asked[0]
    assert (method, path) == ("POST", "/conversations/spaces/whatsapp:+49@a|[b]%2F50%/tracker/events")
    assert query["output_channel"] == ["latest"]
    assert query["execute_side_effects"] == ["true"]
    assert body == [{"event": "bot", "text": "Hello", "data": {}, "metadata": {"handoff": METADATA}}]


@pytest.mark.parametrize("conversation_id", ["a b", "ü", "a?b", "a#b", "../up", "<i>", "a\nb", "\ud800"])
async def test_a_conversation_that_rasas_api_cannot_name_is_refused_and_not_mistaken_for_another(
    rasa: FakeRasa, conversation_id: str
) -> None:
    with pytest.raises(Refused, match="Have the channel's connector give such ids"):
        await RasaClient(rasa.url).say(conversation_id, "Hello", METADATA, again=False)
    assert rasa.asked == []


async def test_the_rest_channel_cannot_be_pushed_and_the_caller_is_told(rasa: FakeRasa) -> None:
    assert await RasaClient(rasa.url).say("c", "Hello", METADATA, again=False) is True


async def test_a_message_that_arrived_before_the_timeout_is_not_sent_again(rasa: FakeRasa) -> None:
    rasa.tracker["events"] = [said("Hello", handoff=METADATA)]
    await RasaClient(rasa.url).say("c", "Hello", METADATA, again=True)
    assert [asked[0] for asked in rasa.asked] == ["GET"]


async def test_a_message_that_did_not_arrive_is_sent_again(rasa: FakeRasa) -> None:
    await RasaClient(rasa.url).say("c", "Hello", METADATA, again=True)
    assert [asked[0] for asked in rasa.asked] == ["GET", "POST"]


async def test_a_notice_counts_as_heard_only_when_the_gate_heard_it(rasa: FakeRasa) -> None:
    with pytest.raises(Unreachable, match="action server"):
        await RasaClient(rasa.url).trigger("c", "EXTERNAL_handoff_accepted", "e1", again=False)
    rasa.tracker = {
        "events": [external("e0"), said("old"), external("e1"), said("Ana is here")],
        "slots": {"handoff": {"heard": "e1"}},
        "latest_input_channel": "rest",
    }
    answers = await RasaClient(rasa.url).trigger("c", "EXTERNAL_handoff_accepted", "e1", again=False)
    assert answers == [{"text": "Ana is here"}]


async def test_what_the_bot_said_to_a_lost_notice_is_found_in_the_tracker(rasa: FakeRasa) -> None:
    rasa.tracker = {
        "events": [
            external("e1"),
            said("Welcome back"),
            said("I am Ana", handoff=METADATA),
            {"event": "user"},
            said("no"),
        ],
        "slots": {"handoff": {"heard": "e1"}},
        "latest_input_channel": "rest",
    }
    answers = await RasaClient(rasa.url).trigger("c", "EXTERNAL_handoff_returned", "e1", again=True)
    assert answers == [{"text": "Welcome back"}]
    assert [asked[0] for asked in rasa.asked] == ["GET"]


async def test_what_was_pushed_already_is_not_returned(rasa: FakeRasa) -> None:
    rasa.tracker = {
        "events": [external("e1"), said("Welcome back")],
        "slots": {"handoff": {"heard": "e1"}},
        "latest_input_channel": "telegram",
    }
    assert await RasaClient(rasa.url).trigger("c", "EXTERNAL_handoff_returned", "e1", again=False) == []


async def test_a_customers_message_that_rasa_has_is_not_sent_again(rasa: FakeRasa) -> None:
    rasa.tracker["events"] = [{"event": "user", "metadata": {"message_id": "m1"}}, said("The answer")]
    assert await RasaClient(rasa.url).send("c", "hi", "m1", again=True) == [{"text": "The answer"}]
    assert await RasaClient(rasa.url).send("c", "ho", "m2", again=True) == [{"recipient_id": "c", "text": "hello"}]


async def test_the_token_goes_along(rasa: FakeRasa) -> None:
    await RasaClient(rasa.url, token="secret").slots("c")
    assert rasa.asked[0][2]["token"] == ["secret"]


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "HANDOFF_RASA_TOKEN"), (404, "--enable-api"), (500, "answered 500"), (503, "answered 503")],
)
async def test_a_refusal_says_what_to_do(rasa: FakeRasa, status: int, said: str) -> None:
    rasa.fail = status
    with pytest.raises(Unreachable, match=said):
        await RasaClient(rasa.url).slots("c")


async def test_an_answer_that_is_not_json_is_an_unreachable_rasa(rasa: FakeRasa) -> None:
    rasa.body = b"<html>proxy error</html>"
    with pytest.raises(Unreachable, match="did not answer"):
        await RasaClient(rasa.url).slots("c")


async def test_nobody_listening_says_which_server_to_start() -> None:
    with pytest.raises(Unreachable, match="Is it running"):
        await RasaClient("http://127.0.0.1:9").slots("c")
