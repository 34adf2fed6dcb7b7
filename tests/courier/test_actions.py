"""Quick actions on their way out: signed calls, runs of the bot's actions, and how failures reach the agent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

from rasa_handoff.calling import Caller
from rasa_handoff.core.effects import RunAction
from rasa_handoff.core.errors import Refused, Unreachable
from rasa_handoff.core.runs import Kind
from rasa_handoff.signing import key_of

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0aWNrZXQgc3lzdGVtISEhIQ=="


@dataclass
class Office:
    url: str = ""
    status: int = 201
    body: bytes = b'{"message": "Ticket 77 is open."}'
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def office() -> Iterator[Office]:
    told = Office()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(told.status)
            for name, value in {"content-length": str(len(told.body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/tickets"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


async def called(url: str, action_id: str = "ticket") -> str:
    caller = Caller({"ticket": key_of("ticket", SECRET)}, timeout=5)
    run = RunAction("r1", action_id, "Ticket", Kind.HTTP, url, {"order": "4711"}, "mia", "Mia Moreau")
    try:
        return await caller.call(run, "h1", "c1")
    finally:
        await caller.close()


async def test_a_call_is_signed_and_carries_the_runs_id(office: Office) -> None:
    assert await called(office.url) == "Ticket 77 is open."
    headers, body = office.got[0]
    told: Any = Webhook(SECRET).verify(body, headers)
    assert headers["idempotency-key"] == told["id"] == "r1"
    assert told["agent"] == {"id": "mia", "name": "Mia Moreau"}
    assert (told["fields"], told["handoff_id"], told["conversation_id"]) == ({"order": "4711"}, "h1", "c1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"message": 5}', b'{"message": ""}'])
async def test_an_answer_that_says_nothing_is_done(office: Office, body: bytes) -> None:
    office.body = body
    assert await called(office.url) == "Done."


@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_failure_that_may_pass_is_tried_again(office: Office, status: int) -> None:
    office.status, office.headers = status, {"retry-after": "7"}
    with pytest.raises(Unreachable, match=f"answered {status}: Ticket 77") as caught:
        await called(office.url)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("status", [400, 401, 404, 302])
async def test_a_refusal_is_told_and_not_tried_again(office: Office, status: int) -> None:
    office.status, office.body = status, json.dumps({"error": "No such order."}).encode()
    with pytest.raises(Refused, match=f"answered {status}: No such order."):
        await called(office.url)


async def test_an_address_where_nobody_answers_is_tried_again() -> None:
    with pytest.raises(Unreachable, match="did not answer"):
        await called("http://127.0.0.1:9/tickets")


async def test_without_a_key_nothing_is_sent(office: Office) -> None:
    with pytest.raises(Refused, match="'other' has no key in HANDOFF_WEBHOOK_SECRETS"):
        await called(office.url, "other")
    assert office.got == []
