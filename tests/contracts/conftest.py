"""One suite over three stores: what the tests need to tell a handoff's story in a line."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.decision import Evidence, Reason
from rasa_handoff.core.effects import Step
from rasa_handoff.core.handoff import Accepted, Event, HandedBack, Handoff, Need, Outcome, Rules
from rasa_handoff.core.package import Attempt, AttemptOutcome, ContextPackage, Detail, Summary, Trend
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.step import start, step
from rasa_handoff.ports import ChatLine, Pending, Store
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """A store, a clock that stands still until it is set, and the two calls every story consists of."""

    store: Store
    url: str
    now: datetime = NOW

    def begin(self, conversation_id: str = "c1", *, with_model: bool = False, **changes: Any) -> Handoff:
        handoff = replace(_handoff(conversation_id, self.now), **changes)
        return self.store.open(start(handoff, self.now, with_model=with_model), self.package(conversation_id), self.now)

    def do(self, handoff: Handoff, event: Event, key: str | None = None) -> Handoff:
        return self.store.commit(handoff, self.step(handoff, event), event, self.now, key)

    def step(self, handoff: Handoff, event: Event) -> Step:
        return step(handoff, event, self.now)

    def agent(self, agent_id: str = "ana", **changes: Any) -> Agent:
        agent = Agent(
            **{"id": agent_id, "name": agent_id.title(), "department": "support", "presence": Presence.ONLINE} | changes
        )
        self.store.add_agent(agent)
        return agent

    def package(self, conversation_id: str) -> ContextPackage:
        return _package(conversation_id, self.now)

    def claim(self, worker: str = "w1", lease: float = 30, limit: int = 100) -> list[Pending]:
        return self.store.claim(self.now, worker, lease, limit)

    def close(self, handoff: Handoff) -> Handoff:
        """Ana takes the handoff, if she has not, and resolves it."""
        if handoff.accepted_at is None:
            handoff = self.do(handoff, Accepted("ana", "Ana"))
        return self.do(handoff, HandedBack("ana", Outcome.RESOLVED))

    def line(self, conversation_id: str, line_id: str) -> ChatLine:
        return ChatLine(0, conversation_id, line_id, Author.CUSTOMER, None, "hello", self.now)

    def settle(self) -> None:
        """Do all effects that are due, so that a test begins with an empty outbox."""
        while claimed := self.claim():
            for pending in claimed:
                self.store.done(pending.id, "w1")


def _handoff(conversation_id: str, now: datetime) -> Handoff:
    return Handoff(
        id=f"handoff of {conversation_id}",
        conversation_id=conversation_id,
        channel="rest",
        reason=Reason.CUSTOMER_REQUESTED,
        need=Need("support", skills={"billing": 1, "refunds": 2}),
        rules=Rules(check_every=timedelta(seconds=60)),
        queued_at=now,
        summary=Summary(("Wants a refund.",)),
    )


def _package(conversation_id: str, now: datetime) -> ContextPackage:
    return ContextPackage(
        conversation_id=conversation_id,
        customer_id="42",
        customer_name="Zoë",
        reason=Reason.CUSTOMER_REQUESTED,
        evidence=(
            Evidence("explicit_phrase", "human please", None, 2, "Customer said: human please"),
            Evidence("frustration", 0.82, 0.75, 2, "Frustration score: 0.82"),
        ),
        intent="ask_refund",
        sentiment=(0.1, -0.4),
        sentiment_trend=Trend.WORSENING,
        details=(Detail("order_id", "123", 1),),
        attempted_solutions=(Attempt("I suggest a restart.", 1, AttemptOutcome.FAILED),),
        history=(Line(Author.CUSTOMER, "human please", now),),
        created_at=now,
    )


@pytest.fixture
def contend() -> Callable[..., list["subprocess.Popen[str]"]]:
    """Runs `contender.py URL ...` in processes that all begin at the same moment."""
    command = [sys.executable, str(Path(__file__).with_name("contender.py"))]

    def run(*args: str, times: int = 1) -> list["subprocess.Popen[str]"]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [subprocess.Popen([*command, *args], **pipes) for _ in range(times)]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return processes

    return run


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'handoff.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def sql_world(empty_url: str) -> Iterator[World]:
    """A world in a database, which other processes can reach."""
    upgrade(empty_url)
    store = open_store(empty_url)
    yield World(store, empty_url)
    store.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world in each of the stores."""
    if request.param == "memory":
        yield World(open_store("memory://"), "memory://")
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    upgrade(url)
    store = open_store(url)
    yield World(store, url)
    store.close()
