"""The relay on PostgreSQL: what it adds to the calls of the channel and of Rasa, which here answer at once.

A round trip is an agent's message at the takeover channel, taken in as a webhook is, until the customer's channel has
it, and the customer's answer until the takeover channel has that. Then 200 conversations with a message a second each,
for RELAY_SECONDS (60 when not set), in this one process: whether the lag grows. A process that does not keep up shows
in the lag itself: who says the messages is late then, too, and the growth alone would look better than it is. The
medians beside it tell a backlog from what else the machine did: on a lag of some tens of milliseconds, that shows too.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.courier import _Nobody, _postgresql
from benchmarks.report import Row, p95
from rasa_handoff.channel import AgentSaid, Capabilities, Case, Incoming, Opened, Outgoing, Person, Received, Signal
from rasa_handoff.channels.base import BaseChannel
from rasa_handoff.core.handoff import Accepted, CustomerMessaged, Rules
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.takeover import Place, TakenOver, Takeover
from rasa_handoff.courier import Courier
from rasa_handoff.desk.hooks import Hooks
from rasa_handoff.ports import Store
from rasa_handoff.relay import Inbound, Links, Outbound
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from tests.contracts.conftest import World

CONVERSATIONS = 200
ROUND_TRIPS = 300
ANA = Person("7", "Ana", "ana@example.com")


class Arrivals:
    """When what arrived, by its text."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    def arrived(self, text: str) -> None:
        self.at[text] = time.perf_counter()
        if text in self._waiting:
            self._waiting.pop(text).set()

    async def wait(self, text: str) -> None:
        if text not in self.at:
            event = self._waiting[text] = asyncio.Event()
            await event.wait()


class InstantChannel(BaseChannel):
    """A vendor that answers at once."""

    id = "team"
    capabilities = Capabilities(names=True, once=True)

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        return Opened(case.handoff.id)

    async def update_context(self, case: Case, place: Place) -> None: ...

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        self._arrivals.arrived(message.text)

    async def release(self, case: Case, place: Place) -> None: ...

    async def tell(self, place: Place, person: Person, text: str) -> None:
        raise AssertionError(text)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        return (AgentSaid(signal.place, signal.id, ANA, signal.payload["text"]),)


class InstantBot:
    """A Rasa server that answers at once."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def say(
        self, conversation_id: str, text: str, metadata: Mapping[str, Any], *, again: bool, **options: Any
    ) -> bool:
        self._arrivals.arrived(text)
        return False

    async def trigger(self, conversation_id: str, intent: str, effect_id: str, *, again: bool) -> Sequence[Any]:
        return []


class Bench:
    def __init__(self, store: Store) -> None:
        rules = Rules(takeovers=(Takeover("team"),))
        self.store, self.arrivals = store, Arrivals()
        self.service = Service(store, Policy(rules=rules), lambda text: 0.0)
        channels, links = {"team": InstantChannel(self.arrivals)}, Links(None, "")
        bot = InstantBot(self.arrivals)
        outbound = Outbound(store, self.service, channels, links)
        inbound = Inbound(store, self.service, bot, channels, links, None, lambda: datetime.now(UTC))
        self.courier = Courier(store, self.service, bot, None, _Nobody(), outbound=outbound, inbound=inbound)
        self.hooks = Hooks(store, channels, links, self.courier.wake)
        self.active = [self._active(number, rules) for number in range(CONVERSATIONS)]

    def _active(self, number: int, rules: Rules) -> str:
        world = World(self.store, "", datetime.now(UTC))
        if number == 0:
            self.store.add_agent(Agent("ana", "Ana", "support", max_chats=CONVERSATIONS, email=ANA.email))
            self.store.set_presence("ana", Presence.ONLINE, world.now)
        handoff = world.begin(f"c{number}", rules=rules)
        handoff = world.do(handoff, TakenOver("team", "support", handoff.id))
        return world.do(handoff, Accepted("ana", "Ana")).id

    async def agent_says(self, handoff_id: str, text: str) -> None:
        await self.hooks.take_in("team", Received((Signal(text, handoff_id, {"text": text}),)))

    async def customer_says(self, handoff_id: str, text: str) -> None:
        event = CustomerMessaged(text, text, datetime.now(UTC))
        await asyncio.to_thread(self.service.receive, handoff_id, event, f"customer:{text}")


def measure() -> list[Row]:
    with TemporaryDirectory() as folder, _postgresql(Path(folder)) as url:
        upgrade(url)
        store = open_store(url)
        try:
            return asyncio.run(_measured(Bench(store)))
        finally:
            store.close()  # type: ignore[attr-defined]


async def _measured(bench: Bench) -> list[Row]:
    loop = asyncio.get_running_loop()
    with bench.store.listen(lambda: loop.call_soon_threadsafe(bench.courier.wake)):
        running = asyncio.create_task(bench.courier.run())
        try:
            await asyncio.sleep(3)  # what the beginning left to do
            trips = [await _round_trip(bench, number) for number in range(ROUND_TRIPS)]
            lags = await _under_load(bench, float(os.environ.get("RELAY_SECONDS", "60")))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    third = len(lags) // 3
    first, last = sorted(lags[:third]), sorted(lags[-third:])
    return [
        Row("round trip, median", 1000 * sorted(trips)[len(trips) // 2], "ms"),
        Row("round trip, p95", 1000 * p95(trips), "ms", "<=", 40),
        Row(f"messages in {CONVERSATIONS} conversations at a message a second", len(lags), ""),
        Row("lag under that load, p95", 1000 * p95(lags), "ms", "<=", 1000),
        Row("lag in the first third, median", 1000 * first[third // 2], "ms"),
        Row("lag in the last third, median", 1000 * last[third // 2], "ms"),
        Row("lag, last third over first third, p95", p95(last) / p95(first), "x", "<=", 1.5),
    ]


async def _round_trip(bench: Bench, number: int) -> float:
    handoff_id = bench.active[number % CONVERSATIONS]
    said, answer = f"agent {number}", f"customer {number}"
    began = time.perf_counter()
    await bench.agent_says(handoff_id, said)
    await bench.arrivals.wait(said)
    await bench.customer_says(handoff_id, answer)
    await bench.arrivals.wait(answer)
    return time.perf_counter() - began


async def _under_load(bench: Bench, seconds: float) -> list[float]:
    """The lag of each message, in the order in which they were said."""
    sent: dict[str, float] = {}

    async def talk(number: int) -> None:
        await asyncio.sleep(number / CONVERSATIONS)
        began = time.perf_counter()
        for turn in range(int(seconds)):
            text = f"load {number} {turn}"
            sent[text] = time.perf_counter()
            says = bench.agent_says if turn % 2 else bench.customer_says
            await says(bench.active[number], text)
            await asyncio.sleep(max(0.0, began + turn + 1 - time.perf_counter()))

    await asyncio.gather(*(talk(number) for number in range(CONVERSATIONS)))
    async with asyncio.timeout(60):
        for text in sent:
            await bench.arrivals.wait(text)
    return [bench.arrivals.at[text] - at for text, at in sorted(sent.items(), key=lambda one: one[1])]
