"""A customer in a channel that Rasa pushes to, at a Rasa server that wants a token: its callback channel."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scripts.clients import AgentClient, wait_until
from scripts.stack import DESK, Stack
from tests.journeys.sides import messages_to_agent

TOKEN = "correct-horse"


@dataclass
class PushedCustomer:
    """A customer whose messages go to Rasa's callback channel; `heard` is what was pushed back, in order."""

    stack: Stack
    heard: list[str]
    conversation_id: str

    def say(self, text: str) -> None:
        url = f"{self.stack.rasa_url}/webhooks/callback/webhook"
        sent = {"sender": self.conversation_id, "message": text}
        httpx.post(url, json=sent, timeout=30, trust_env=False).raise_for_status()

    def hears(self, part: str, times: int = 1) -> None:
        wait_until(lambda: sum(part in text for text in self.heard) == times, f"{part!r} is pushed")


@pytest.fixture(scope="module")
def pushed() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The customers' side of the channel: its URL, and what each conversation was sent."""
    sent: dict[str, list[str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            sent.setdefault(message["recipient_id"], []).append(message["text"])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"http://127.0.0.1:{server.server_port}/", sent
        server.shutdown()


@pytest.fixture(scope="module")
def pushing(
    new_stack: Callable[..., Stack],
    tmp_path_factory: pytest.TempPathFactory,
    pushed: tuple[str, dict[str, list[str]]],
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("pushing")
    credentials = folder / "credentials.yml"
    credentials.write_text(f"rest:\ncallback:\n  url: {pushed[0]}\n")
    with new_stack(folder / "stack", credentials=credentials, rasa_token=TOKEN) as stack:
        yield stack


@pytest.fixture(scope="module")
def agent(pushing: Stack) -> AgentClient:
    ana = pushing.agent("ana")
    ana.available()
    return ana


@pytest.fixture
def customer(pushing: Stack, pushed: tuple[str, dict[str, list[str]]]) -> PushedCustomer:
    conversation_id = f"callback-{uuid4().hex}"
    return PushedCustomer(pushing, pushed[1].setdefault(conversation_id, []), conversation_id)


@pytest.fixture
def handoff_id(customer: PushedCustomer, agent: AgentClient) -> Iterator[str]:
    """A handoff in which the customer and Ana talk."""
    customer.say("human please")
    handoff_id = str(agent.wait_for(customer.conversation_id, "offered")["id"])
    agent.accept(handoff_id)
    customer.hears("Ana Ferreira")
    yield handoff_id
    with suppress(httpx.HTTPStatusError):  # the journey has closed it
        agent.close(handoff_id)


def test_everything_is_pushed_once_in_order_and_nothing_goes_to_the_web_chat(
    pushing: Stack, customer: PushedCustomer, agent: AgentClient, handoff_id: str
) -> None:
    spoken = [f"answer {number}" for number in range(5)]
    for text in spoken:
        agent.say(handoff_id, text)
    customer.hears(spoken[-1])
    customer.say("thank you")
    agent.close(handoff_id, "resolved", "All done.")
    customer.hears("All done.")
    customer.say("hello")
    announced, connecting, joined, *rest = customer.heard
    assert "team who can resolve this" in announced
    assert "asking a colleague" in connecting
    assert "Ana Ferreira" in joined
    assert rest[:5] == spoken
    assert "All done." in rest[5]
    assert len(rest) == 7  # the last is the bot's greeting
    assert messages_to_agent(agent, handoff_id) == ["thank you"]
    assert in_web_chat(pushing, customer) == 0


def test_a_wrong_token_is_named_in_the_log_and_what_was_written_arrives_once_with_the_right_one(
    pushing: Stack, customer: PushedCustomer, agent: AgentClient, handoff_id: str
) -> None:
    pushing.restart(DESK, HANDOFF_RASA_TOKEN="wrong")
    try:
        agent.say(handoff_id, "first")
        agent.say(handoff_id, "second")
        wait_until(lambda: "set HANDOFF_RASA_TOKEN" in pushing.log(DESK), "the desk's log says what to do")
        assert "first" not in customer.heard
    finally:
        pushing.restart(DESK, HANDOFF_RASA_TOKEN=TOKEN)
    customer.hears("second")
    assert customer.heard[-2:] == ["first", "second"]
    assert customer.heard.count("first") == 1


def in_web_chat(stack: Stack, customer: PushedCustomer) -> int:
    """How many of the conversation's lines the chat page would show."""
    with closing(sqlite3.connect(stack.folder / "handoff.sqlite", timeout=30)) as database:
        counted = database.execute("SELECT count(*) FROM chat WHERE conversation_id = ?", (customer.conversation_id,))
        return int(counted.fetchone()[0])
