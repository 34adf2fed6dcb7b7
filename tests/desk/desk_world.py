"""A desk over a store in memory, with a bot that says what the tests tell it to."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rasa_handoff.asking import Asking
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.decision import Evidence, Reason
from rasa_handoff.core.effects import AskBot, TellCustomer
from rasa_handoff.core.handoff import CustomerMessaged, Handoff, Need, Offered, Rules
from rasa_handoff.core.package import Attempt, ContextPackage, Detail, Summary, Trend
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.quick import QuickAction
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.step import start
from rasa_handoff.desk.app import create_app
from rasa_handoff.knowledge import FolderKnowledge
from rasa_handoff.ports import ChatLine, Pending, Store
from rasa_handoff.relay import Links
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store
from rasa_handoff.suggesting import Suggester
from rasa_handoff.writers.model import LanguageModel

KB = Path(__file__).parents[2] / "kb"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class EchoCourier:
    """Does the two effects that a chat needs: the bot echoes, an agent's message is shown."""

    store: Store
    answer: Callable[[str], str] = lambda text: f"You said: {text}"
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def wake(self) -> None: ...

    async def run(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                for pending in self.store.claim(now(), "test", 60.0, 10):
                    self._do(pending)
                    self.store.done(pending.id, "test")
                await asyncio.sleep(0.01)

    def _do(self, pending: Pending) -> None:
        match pending.effect:
            case AskBot() as ask:
                self.asked.append(ask.text)
                self._show(pending, Author.BOT, None, self.answer(ask.text))
            case TellCustomer() as tell:
                self.told.append(tell.text)
                self._show(pending, Author.AGENT, tell.agent_name, tell.text)
            case _:
                pass

    def _show(self, pending: Pending, author: Author, name: str | None, text: str) -> None:
        self.store.add_chat(ChatLine(0, pending.conversation_id, pending.id, author, name, text, now()))


@dataclass
class World:
    """The parts that `create_app` takes, and short ways to bring about what a test starts from."""

    store: Store = field(default_factory=lambda: open_store("memory://"))
    knowledge: FolderKnowledge = field(default_factory=lambda: FolderKnowledge(KB))
    model: LanguageModel | None = None
    actions: tuple[QuickAction, ...] = ()
    unavailable: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.service = Service(self.store, Policy(), sentiment=lambda text: 0.0)
        self.courier = EchoCourier(self.store)

    def asking(self) -> Asking:
        return Asking(self.store, timedelta(seconds=120))

    def secret(self) -> str:
        return "only for tests"

    def links(self) -> Links:
        return Links(None, self.secret())

    def assist(self) -> "World":
        return self

    @property
    def suggester(self) -> Suggester:
        return Suggester(self.knowledge, self.model)

    def app(self) -> FastAPI:
        return create_app(self, self.courier)

    def agent(self, agent_id: str = "mia", name: str = "Mia Moreau", max_chats: int = 3, online: bool = True) -> Agent:
        self.store.add_agent(Agent(agent_id, name, "support", max_chats=max_chats), CHEAP.hash(PASSWORD))
        self.store.set_presence(agent_id, Presence.ONLINE if online else Presence.AWAY, now())
        return self.store.agent(agent_id)

    def handoff(
        self,
        conversation_id: str = "web-1",
        offered_to: str | None = None,
        need: Need = Need("support"),  # noqa: B008
        **changes: object,
    ) -> Handoff:
        package = replace(a_package(conversation_id), **changes)
        new = Handoff(
            id=uuid4().hex,
            conversation_id=conversation_id,
            channel="web chat",
            reason=package.reason,
            need=need,
            rules=Rules(),
            queued_at=now() - timedelta(seconds=30),
            summary=Summary(("The customer wants a refund.", "The bot explained the policy.", "Nothing is refunded.")),
        )
        handoff = self.store.open(start(new, now(), with_model=False), package, now())
        if offered_to:
            return self.service.receive(handoff.id, Offered(offered_to, self.store.agent(offered_to).name))
        return handoff

    def customer_says(self, handoff: Handoff, text: str, **more: object) -> None:
        event = CustomerMessaged(uuid4().hex, text, now(), **more)  # type: ignore[arg-type]
        self.service.receive(handoff.id, event)


def a_package(conversation_id: str) -> ContextPackage:
    """A refund that the bot could not give."""
    at = now() - timedelta(minutes=2)
    return ContextPackage(
        conversation_id=conversation_id,
        customer_id="customer-7",
        customer_name="Ana Silva",
        reason=Reason.CUSTOMER_REQUESTED,
        evidence=(Evidence("explicit_phrase", "human please", None, 2, 'Customer said: "human please"'),),
        intent="ask_refund",
        sentiment=(0.1, -0.4),
        sentiment_trend=Trend.WORSENING,
        details=(Detail("order_id", "4711", 1), Detail("email", "ana@example.com", 2)),
        attempted_solutions=(Attempt("I suggest you wait another two days.", 1),),
        history=(
            Line(Author.CUSTOMER, "Where is my refund for order 4711?", at),
            Line(Author.BOT, "I suggest you wait another two days.", at),
            Line(Author.CUSTOMER, "human please", at),
        ),
        created_at=at,
    )


def sign_in(client: TestClient, agent_id: str = "mia", password: str = PASSWORD) -> str:
    """Sign in through the form; returns the token that forms must carry."""
    token = token_in(client.get("/desk/sign-in").text)
    answer = client.post("/desk/sign-in", data={"csrf": token, "agent_id": agent_id, "password": password})
    assert answer.status_code == 200, answer.text
    return token_in(answer.text)


def token_in(page: str) -> str:
    """The token of the page's first form."""
    return page.split('name="csrf" value="')[1].split('"')[0]
