"""The webhook channel's own: what is signed and how, what is refused, and the receiver that its page shows."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from rasa_handoff.channel import AgentSaid, Incoming, LetGo, Person, Received, Request, Took
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.webhook import KIND, WebhookChannel
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.errors import NotFound, Refused, SettingsError, Unreachable, UnsupportedByChannel, Unverified
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.takeover import Place
from tests.channels.cases import case, place, said
from tests.channels.vendor import ANNA, FakeVendor, Fault
from tests.channels.webhook_world import SECRET, WebhookWorld
from tests.writers.packages import SAID

PAGE = Path(__file__).parents[2] / "docs/how-to/channels/webhook.md"
HOOK = FakeVendor.hook_url


@pytest.fixture
def world() -> Iterator[WebhookWorld]:
    made = WebhookWorld()
    yield made
    made.close()


@pytest.fixture
async def channel(world: WebhookWorld) -> AsyncIterator[WebhookChannel]:
    made = world.channel()
    assert isinstance(made, WebhookChannel)
    yield made
    await made.close()


def made_for(url: str, key: str = SECRET) -> WebhookChannel:
    told = KIND.settings.model_validate({"id": "there", "type": "webhook", "url": url})
    return WebhookChannel(Setup("there", told, {"key": key}))


# What is sent.


async def test_a_takeover_has_all_that_an_agent_needs(world: WebhookWorld, channel: WebhookChannel) -> None:
    opened = await channel.take_over(case(need=Need("billing")), "e-1", again=False)
    (event,) = world.events  # its signature was verified with somebody else's library
    assert (event["type"], event["place"], opened.key) == ("handoff.take_over", "h1", "ticket-h1")
    data = event["data"]
    assert (data["handoff_id"], data["conversation_id"], data["department"]) == ("h1", "customer-1", "billing")
    assert data["summary"]["sentences"] == ["Ann Lee wants a refund <now> & here."]
    assert [line["text"] for line in data["history"]] == [text for _, text in SAID]


@pytest.mark.parametrize("answer", [b"", b"null", b"[]", b"no JSON", b'{"place": ""}', b'{"place": 7}'])
async def test_a_receiver_need_not_name_the_place(answer: bytes) -> None:
    with listening(lambda body, headers: answer) as url:
        channel = made_for(url)
        assert (await channel.take_over(case(), "e-1", again=False)).key == "h1"
        await channel.close()


async def test_each_try_is_signed_anew_and_has_the_same_id(world: WebhookWorld, channel: WebhookChannel) -> None:
    world.faults.append(Fault(lost=True))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "e-1", again=False)
    await asyncio.sleep(1.0)  # as it is said in whole seconds
    await channel.take_over(case(), "e-1", again=True)
    first, second = (call.headers for call in world.calls)
    assert first["webhook-id"] == second["webhook-id"] == "e-1"
    assert first["webhook-timestamp"] < second["webhook-timestamp"]
    assert len(world.events) == 1


async def test_who_it_is_passed_on_to_is_told_of_their_own_department(
    world: WebhookWorld, channel: WebhookChannel
) -> None:
    await channel.take_over(replace(case(need=Need("support")), department="billing"), "e-1", again=False)
    assert world.events[0]["data"]["department"] == "billing"


async def test_two_departments_of_a_transfer_are_both_told_what_changed(
    world: WebhookWorld, channel: WebhookChannel
) -> None:
    now = case(status=Status.ACTIVE, version=3)
    for department in ("support", "billing"):
        await channel.update_context(now, Place("there", department, f"ticket-{department}"))
    assert [event["place"] for event in world.events] == ["ticket-support", "ticket-billing"]


async def test_what_is_said_and_done_is_sent_once(world: WebhookWorld, channel: WebhookChannel) -> None:
    where = place(await channel.take_over(case(), "e-1", again=False))
    picture = Attachment("https://bot.example/broken.png", "image")
    ended = case(status=Status.CLOSED, outcome=Outcome.RETURNED_TO_BOT, note="all well")
    for again in (False, True):
        await channel.relay(where, said("look", "m-1", picture), again=again)
        await channel.relay(where, said("and now?", "m-2", author=Author.BOT), again=again)
        await channel.release(ended, where)
    kinds = [event["type"] for event in world.events]
    assert kinds == ["handoff.take_over", "handoff.message", "handoff.message", "handoff.released"]
    assert world.events[1]["data"]["attachments"] == [{"url": "https://bot.example/broken.png", "kind": "image"}]
    assert world.events[1]["data"]["handoff_id"] == "h1"
    assert (world.events[3]["data"]["outcome"], world.events[3]["data"]["note"]) == ("returned_to_bot", "all well")


async def test_typing_and_what_concerns_one_agent_are_events_too(world: WebhookWorld, channel: WebhookChannel) -> None:
    where = place(await channel.take_over(case(), "e-1", again=False))
    await channel.typing(where, on=True)
    await channel.typing(where, on=False)
    await channel.tell(where, ANNA, "That is not yours.")
    assert [event["data"].get("on") for event in world.events[1:3]] == [True, False]
    assert world.events[3]["data"]["agent"] == {"id": "anna", "name": "Anna Ng"}


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
async def test_what_may_pass_is_tried_again(world: WebhookWorld, channel: WebhookChannel, status: int) -> None:
    world.faults.append(Fault(status, {"Retry-After": "9"}))
    with pytest.raises(Unreachable) as caught:
        await channel.take_over(case(), "e-1", again=False)
    assert caught.value.retry_after == 9.0


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
async def test_what_will_not_pass_is_refused(world: WebhookWorld, channel: WebhookChannel, status: int) -> None:
    world.faults.append(Fault(status))
    with pytest.raises(Refused):
        await channel.take_over(case(), "e-1", again=False)


async def test_a_receiver_that_does_not_answer_is_not_waited_for(world: WebhookWorld, channel: WebhookChannel) -> None:
    channel._vendor._http.timeout = httpx.Timeout(0.1)
    world.faults.append(Fault(pause=0.4))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "e-1", again=False)


async def test_there_is_no_history_and_no_private_file(channel: WebhookChannel) -> None:
    with pytest.raises(UnsupportedByChannel):
        await channel.history(Place("there", "support", "h1"))
    with pytest.raises(NotFound):
        await channel.open_file("x")


async def test_the_check_says_whether_somebody_answers(world: WebhookWorld, channel: WebhookChannel) -> None:
    assert [one.well for one in await channel.check()] == [True]
    world.faults.append(Fault(405))  # a server that knows no OPTIONS is one
    assert [one.well for one in await channel.check()] == [True]
    world.faults.append(Fault(lost=True))
    (one,) = await channel.check()
    assert not one.well
    assert "see that a server answers" in one.mend


@pytest.mark.parametrize(
    "key", ["", "whsec_", "whsec_not base64", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_key_that_is_none_is_said(key: str) -> None:
    with pytest.raises(SettingsError, match="HANDOFF_CHANNEL_SECRETS"):
        made_for("https://helpdesk.example/", key)


# What is told.


@cache
def deaf() -> WebhookChannel:
    """It makes no calls."""
    return made_for("https://helpdesk.example/")


def request(told: Any, *, at: float | None = None, key: str = SECRET, id: str | None = None) -> Request:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    id, now = id or uuid4().hex, int(at or time.time())
    signature = Webhook(key).sign(id, datetime.fromtimestamp(now, UTC), body.decode(errors="replace"))
    headers = {"webhook-id": id, "webhook-timestamp": str(now), "webhook-signature": signature}
    return Request("POST", HOOK, "", {}, headers, body, datetime.now(UTC))


AGENT = {"id": "7", "name": "Anna Ng", "email": "anna@example.com", "avatar": "https://helpdesk.example/anna.png"}
WHO = Person("7", "Anna Ng", "anna@example.com", "https://helpdesk.example/anna.png")
MESSAGE = {"type": "agent.message", "place": "t-1", "agent": AGENT, "message": {"id": "m-9", "text": "Hello"}}
FILE = {"url": "https://helpdesk.example/form.pdf"}
PICTURE = {"url": "https://helpdesk.example/a.png", "kind": "image"}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ({"type": "agent.accepted", "place": "t-1", "agent": AGENT}, Took("t-1", WHO)),
        (MESSAGE, AgentSaid("t-1", "m-9", WHO, "Hello")),
        (
            {**MESSAGE, "message": {"id": "m-9", "attachments": [FILE, PICTURE]}},
            AgentSaid(
                "t-1", "m-9", WHO, "", attachments=(Attachment(FILE["url"]), Attachment(PICTURE["url"], "image"))
            ),
        ),
        ({"type": "handoff.closed", "place": "t-1", "agent": AGENT}, LetGo("t-1", Outcome.RESOLVED, WHO)),
        (
            {"type": "handoff.closed", "place": "t-1", "agent": AGENT, "outcome": "failed", "note": "nobody is here"},
            LetGo("t-1", Outcome.FAILED, WHO, "nobody is here"),
        ),
        ({**MESSAGE, "of": "a later version"}, AgentSaid("t-1", "m-9", WHO, "Hello")),
    ],
)
async def test_what_we_are_told_and_what_it_means(told: Any, meant: Incoming) -> None:
    (signal,) = deaf().receive(request(told)).signals
    assert signal.place == "t-1"
    assert list(await deaf().events(signal)) == [meant]


async def test_a_message_of_nothing_is_nothing() -> None:
    (signal,) = deaf().receive(request({"type": "agent.message", "place": "t-1", "agent": AGENT})).signals
    assert await deaf().events(signal) == ()


def test_what_people_wrote_is_named_so_that_it_can_be_masked() -> None:
    (signal,) = deaf().receive(request({**MESSAGE, "note": "call back"})).signals
    assert signal.written == ("Hello", "call back")


def test_a_replay_has_the_id_of_the_first_and_so_is_nothing() -> None:
    again = request(MESSAGE, id="w-1")
    assert deaf().receive(again).signals[0].id == deaf().receive(again).signals[0].id == "w-1"


def test_one_signature_of_several_is_enough() -> None:
    """So that keys can be changed."""
    honest = request(MESSAGE)
    signature = f"v1,{'A' * 43}= v2,zzz {honest.headers['webhook-signature']}"
    assert deaf().receive(replace(honest, headers={**honest.headers, "webhook-signature": signature})).signals


def wrong() -> dict[str, Request]:
    honest, now = request(MESSAGE), time.time()

    def without(name: str) -> Request:
        return replace(honest, headers={key: value for key, value in honest.headers.items() if key != name})

    def having(**headers: str) -> Request:
        return replace(honest, headers={**honest.headers, **{f"webhook-{key}": one for key, one in headers.items()}})

    return {
        "forged": request(MESSAGE, key="whsec_" + "A" * 44),
        "stale": request(MESSAGE, at=now - 301),
        "from the future": request(MESSAGE, at=now + 301),
        "changed": replace(honest, body=honest.body.replace(b"Hello", b"Hullo")),
        "longer": replace(honest, body=honest.body + b" "),
        "under another id": having(id="another"),
        "at another time": having(timestamp=str(int(now) - 1)),
        "at no time": having(timestamp="now"),
        "at a time in other digits": having(timestamp="١٧٠٠٠٠٠٠٠٠"),
        "without an id": without("webhook-id"),
        "without a time": without("webhook-timestamp"),
        "without a signature": without("webhook-signature"),
        "many signatures": having(signature=" ".join(["v1,x"] * 8 + [honest.headers["webhook-signature"]])),
        "no JSON": request(b"{"),
        "not of this world": request(b"[" * 100_000),
        "a list": request([MESSAGE]),
        "of another type": request({**MESSAGE, "type": "agent.sacked"}),
        "of nobody": request({"type": "agent.accepted", "place": "t-1"}),
        "nowhere": request({**MESSAGE, "place": ""}),
        "an oversized place": request({**MESSAGE, "place": "x" * 501}),
        "an oversized note": request({**MESSAGE, "note": "x" * 2001}),
        "a message without an id": request({**MESSAGE, "message": {"text": "Hello"}}),
        "a file that is no address": request(
            {**MESSAGE, "message": {"id": "m", "attachments": [{"url": "javascript:1"}]}}
        ),
        "an outcome that is none": request({**MESSAGE, "type": "handoff.closed", "outcome": "great"}),
    }


@pytest.mark.parametrize("what", wrong())
def test_whatever_is_wrong_is_refused_alike(what: str) -> None:
    with pytest.raises(Unverified) as caught:
        deaf().receive(wrong()[what])
    assert str(caught.value) == str(Unverified())


texts = st.text(max_size=30)
anything = st.recursive(st.none() | st.integers() | texts, lambda one: st.lists(one) | st.dictionaries(texts, one))
events = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["agent.accepted", "agent.message", "handoff.closed"]) | anything,
        "place": texts | anything,
        "agent": st.fixed_dictionaries({"id": texts, "name": texts}) | anything,
        "message": st.fixed_dictionaries({"id": texts, "text": texts}) | anything,
        "outcome": st.sampled_from(list(Outcome)) | anything,
    },
)


@given(told=events | anything)
@settings(max_examples=400, deadline=None)
async def test_whatever_is_signed_is_taken_or_refused(told: Any) -> None:
    try:
        received = deaf().receive(request(told))
    except Unverified:
        return
    assert isinstance(received, Received)
    for signal in received.signals:
        assert all(one.place == signal.place for one in await deaf().events(signal))


@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), texts),
)
@settings(max_examples=300, deadline=None)
def test_what_nobody_signed_is_never_anything_but_unverified(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Unverified):
        deaf().receive(Request("POST", HOOK, "", {}, headers, body, datetime.now(UTC)))


# The receiver of the page.


@contextmanager
def listening(answer: Callable[[bytes, dict[str, str]], bytes]) -> Iterator[str]:
    """A server that answers every POST with what is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            said = answer(body, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def help_desk(hook: str) -> Iterator[str]:
    """The page's receiver, as somebody would run it; where it listens."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {**os.environ, "HOOK": hook, "KEY": SECRET, "PORT": str(port)}
    running = subprocess.Popen([sys.executable, "-c", code], env=told, stderr=subprocess.DEVNULL)
    try:
        until(lambda: socket.create_connection(("127.0.0.1", port), 0.2).close() is None)
        yield f"http://127.0.0.1:{port}/handoff"
    finally:
        running.kill()
        running.wait()


def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        try:
            if done():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError("It took too long.")


async def test_the_receiver_of_the_page_serves_a_customer() -> None:
    told: list[Request] = []

    def desk(body: bytes, headers: dict[str, str]) -> bytes:
        told.append(Request("POST", HOOK, "", {}, headers, body, datetime.now(UTC)))
        return b""

    async def heard(number: int) -> list[Incoming]:
        await asyncio.to_thread(until, lambda: len(told) >= number)
        signals = [signal for one in told for signal in deaf().receive(one).signals]
        return [one for signal in signals for one in await deaf().events(signal)]

    with listening(desk) as hook, help_desk(hook) as url:
        channel, who = made_for(url), Person("echo", "Echo")
        where = place(await channel.take_over(case(), "e-1", again=False))
        took, greeting = await heard(2)
        assert took == Took("h1", who)
        assert isinstance(greeting, AgentSaid)
        assert greeting.text == "I am Echo. Ann Lee wants a refund <now> & here."
        for again in (False, True):  # the second is a repeat
            await channel.relay(where, said("where is it?", "m-1"), again=again)
        await channel.relay(where, said("typed by the bot", "m-2", author=Author.BOT), again=False)
        await channel.relay(where, said("bye", "m-3"), again=False)
        *_, echo, closed = await heard(4)
        assert isinstance(echo, AgentSaid)
        assert echo.text == "where is it?"
        assert closed == LetGo("h1", Outcome.RETURNED_TO_BOT, who, "They said goodbye.")
        await channel.close()


async def test_the_receiver_of_the_page_believes_nobody_else() -> None:
    with listening(lambda body, headers: b"") as hook, help_desk(hook) as url:
        stranger = made_for(url, "whsec_" + "A" * 44)
        with pytest.raises(Refused, match="401"):
            await stranger.take_over(case(), "e-1", again=False)
        await stranger.close()
