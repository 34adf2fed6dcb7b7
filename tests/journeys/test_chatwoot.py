"""A customer in Chatwoot's web widget: bot, takeover, agents and return, all in one conversation of Chatwoot."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from rasa_handoff.channel import Press
from scripts.clients import RestCustomer, wait_until
from scripts.stack import ROOT, Stack
from tests.channels.chatwoot.world import BOT, BOT_SIGNING, INBOX, ChatwootWorld
from tests.channels.vendor import ANNA, BEN

CREDENTIALS = """\
rest:
rasa_handoff.connectors.chatwoot.ChatwootInput:
  url: {url}
  account: 1
  bot_token: {token}
  signing_secret: {secret}
"""
CHANNEL = """
channels:
  - id: chatwoot
    type: chatwoot
    url: {url}
    account: 1
    inboxes: [{inbox}]
"""
NUMBERS = count(100)


class Delivery:
    """Brings Chatwoot's webhooks to the desk and to Rasa as its workers do: soon, in order, some of them twice."""

    def __init__(self, world: ChatwootWorld, stack: Stack) -> None:
        self.world, self.refused = world, list[str]()
        self._targets = (
            (world.hooks, f"{stack.desk_url}/hooks/chatwoot"),
            (world.bot_hooks, f"{stack.rasa_url}/webhooks/chatwoot/webhook"),
        )
        self._ended = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> "Delivery":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        # Chatwoot waits five seconds. Rasa takes longer for its first message where much else is going on.
        with httpx.Client(trust_env=False, timeout=120) as http:
            while not self._ended.wait(0.02):
                for hooks, url in self._targets:
                    with self.world.lock:
                        due, hooks[:] = list(hooks), []
                    for number, hook in enumerate(due):
                        for _ in range(2 if number % 3 == 0 else 1):
                            answer = http.post(url, content=hook.body, headers=dict(hook.headers))
                            if not answer.is_success:
                                self.refused.append(f"{url}: {answer.status_code} {answer.text}")


class Customer:
    """A customer with a conversation of their own."""

    def __init__(self, world: ChatwootWorld, stack: Stack) -> None:
        self.world, self.stack = world, stack
        self.key = world.conversation_id(next(NUMBERS))
        self.there: dict[str, Any] = world.state.conversation(world.number(self.key))

    def says(self, text: str, **more: Any) -> None:
        self.world.customer_says(self.key, text, **more)

    def seen(self) -> list[str]:
        """What the customer was told by bot and agents."""
        with self.world.lock:
            messages = self.there["messages"]
            return [one["content"] for one in messages if one["message_type"] == 1 and not one["private"]]

    def hears(self, part: str, times: int = 1) -> None:
        wait_until(lambda: sum(part in text for text in self.seen()) == times, f"{part!r} is said: {self.seen()}")

    def is_with(self, whom: str) -> None:
        wait_until(lambda: self.there["status"] == whom, f"the conversation is {whom}")

    def tracker(self) -> list[tuple[str, str]]:
        return RestCustomer(self.stack.rasa_url, self.key).said()


@pytest.fixture(scope="module")
def world() -> Iterator[ChatwootWorld]:
    made = ChatwootWorld()
    yield made
    made.close()
    assert made.problems == []


@pytest.fixture(scope="module")
def stack(
    new_stack: Callable[..., Stack], tmp_path_factory: pytest.TempPathFactory, world: ChatwootWorld
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("chatwoot")
    credentials, settings = folder / "credentials.yml", folder / "handoff.yml"
    credentials.write_text(CREDENTIALS.format(url=world.url, token=BOT, secret=BOT_SIGNING))
    settings.write_text((ROOT / "handoff.yml").read_text() + CHANNEL.format(url=world.url, inbox=INBOX))
    kb = folder / "kb"
    kb.symlink_to(ROOT / "kb")
    environment = {"HANDOFF_CHANNEL_SECRETS": json.dumps({"chatwoot": world.secrets()})}
    with ExitStack() as running:
        started = new_stack(folder / "stack", credentials=credentials, settings=settings, environment=environment)
        running.enter_context(started)
        delivery = running.enter_context(Delivery(world, started))
        yield started
        assert delivery.refused == []


@pytest.fixture
def customer(stack: Stack, world: ChatwootWorld) -> Customer:
    return Customer(world, stack)


def asks_for_a_person(customer: Customer) -> None:
    customer.says("human please")
    customer.is_with("open")
    customer.hears("connect you with a member of our team")


def test_bot_agent_and_bot_again_in_one_conversation(customer: Customer, world: ChatwootWorld) -> None:
    customer.says("hello")
    customer.hears("your account")
    asks_for_a_person(customer)
    (note,) = world.notes(customer.key)
    assert "human please" in note
    assert customer.there["labels"] == ["handoff"]

    world.press(customer.key, Press.ACCEPT, ANNA)
    customer.hears(f"{ANNA.name}")
    world.agent_says(customer.key, "Hi, Anna here. Which order is it?", ANNA)
    wait_until(lambda: ("bot", "Hi, Anna here. Which order is it?") in customer.tracker(), "Rasa has the agent's words")
    customer.says("number 10391, thank you")
    wait_until(lambda: ("user", "number 10391, thank you") in customer.tracker(), "Rasa has the customer's words")
    told = customer.seen()
    assert told.count("Hi, Anna here. Which order is it?") == 1  # Chatwoot brought it, and nobody again

    world.press(customer.key, Press.HAND_BACK)
    customer.hears("handed the chat back to me")
    assert customer.there["assignee"] is None
    customer.is_with("pending")
    assert [text for text in customer.seen() if text not in told] == [customer.seen()[-1]]  # silent until then
    customer.says("what are your delivery options?")
    wait_until(lambda: len(customer.seen()) == len(told) + 2, "the bot answers again")


def test_a_person_who_answers_has_it_though_nobody_handed_off_and_resolving_gives_it_back(
    customer: Customer, world: ChatwootWorld, stack: Stack
) -> None:
    customer.says("hello")
    customer.hears("your account")
    world.agent_says(customer.key, "I saw you here. Can I help?", BEN)
    customer.is_with("open")
    wait_until(lambda: bool(world.notes(customer.key)), "the handoff is noted")
    wait_until(lambda: customer.there["custom_attributes"].get("handoff_open"), "the handoff is open")
    customer.hears("Ben Ode")
    before = len(customer.seen())
    customer.says("hello?")
    customer.says("track my order")
    wait_until(lambda: ("user", "track my order") in customer.tracker(), "Rasa has the customer's words")
    assert len(customer.seen()) == before

    world.press(customer.key, Press.CLOSE)
    customer.hears("marked this as resolved")
    assert customer.there["status"] == "resolved"
    customer.says("hello")
    wait_until(lambda: len(customer.seen()) == before + 2, "the bot greets again")
    assert customer.there["status"] == "pending"


def test_a_customers_picture_is_on_record(customer: Customer, world: ChatwootWorld) -> None:
    asks_for_a_person(customer)
    picture = world.state.attachment("broken.png")
    customer.says("", attachments=[picture])
    wait_until(
        lambda: any(
            event.get("metadata", {}).get("attachments") == [{"type": "image", "url": picture["data_url"]}]
            for event in RestCustomer(customer.stack.rasa_url, customer.key).tracker()["events"]
        ),
        "Rasa has the picture",
    )
    world.press(customer.key, Press.CLOSE)
    customer.hears("marked this as resolved")


def test_nobody_is_spoken_over_where_the_conversation_was_opened_by_hand(
    customer: Customer, world: ChatwootWorld
) -> None:
    with world.lock:
        world.state.set_status(world.number(customer.key), "open")
    customer.says("hello")
    wait_until(lambda: ("user", "hello") in customer.tracker(), "Rasa has the customer's words")
    customer.says("track my order")
    wait_until(lambda: ("user", "track my order") in customer.tracker(), "and the next")
    assert customer.seen() == []
