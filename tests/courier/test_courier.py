"""The courier brings effects in order, tries again, gives up in the end, and says so."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rasa_handoff import cloudevents
from rasa_handoff import courier as courier_module
from rasa_handoff.core.announcement import TRACKER, Announcement, Listener
from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.effects import AskBot
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Accepted, AgentMessaged, HandedBack, Handoff, Outcome, Rules, Status, UpdateDue
from rasa_handoff.core.package import ContextPackage, Summary, SummaryState
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.courier import Courier
from rasa_handoff.ports import ChatLine, Pending, Store
from rasa_handoff.service import Service
from rasa_handoff.stores.memory import MemoryStore
from rasa_handoff.webhooks import Webhooks

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WISH = HandOff(Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "human please", None, 1, "Customer said: human please"),))


@dataclass
class FakeBot:
    """A Rasa server that writes down what it is told, and can be down for a number of calls."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    down: int = 0
    pause: float = 0.0
    answers: Sequence[Mapping[str, Any]] = ()

    async def _call(self, *what: Any) -> None:
        await asyncio.sleep(self.pause)
        if self.down:
            self.down -= 1
            raise Unreachable("Rasa is away")
        self.told.append(what)

    async def say(
        self, conversation_id: str, text: str, metadata: Mapping[str, Any], *, again: bool, **options: Any
    ) -> bool:
        await self._call("say", text, again)
        return True

    async def trigger(
        self, conversation_id: str, intent: str, effect_id: str, *, again: bool
    ) -> Sequence[Mapping[str, Any]]:
        await self._call("trigger", intent, again)
        return [{"text": f"bot on {intent}"}]

    async def set_slots(self, conversation_id: str, slots: Mapping[str, Any]) -> None:
        named = slots["handoff"]["summary"] if "handoff" in slots else slots["handoff_event"]["type"]
        await self._call("slots", named)

    async def slots(self, conversation_id: str) -> Mapping[str, Any]:
        return {}

    async def send(
        self, conversation_id: str, text: str, message_id: str, *, again: bool
    ) -> Sequence[Mapping[str, Any]]:
        await self._call("send", text, again)
        return self.answers


@dataclass
class FakeWriter:
    name: str = "test-model"
    failures: int = 0

    async def summarise(self, package: ContextPackage, draft: Summary) -> Summary:
        if self.failures:
            self.failures -= 1
            raise Unreachable("The model is away. Check HANDOFF_LLM_BASE_URL.", retry_after=0.01)
        return Summary(("Wants a refund.", "The bot looked the order up.", "The refund is open."))


@dataclass
class FakeListeners:
    """Webhooks that take everything."""

    heard: list[Mapping[str, Any]] = field(default_factory=list)

    def wants_transcript(self, to: str) -> bool:
        return to == "archive"

    async def deliver(self, to: str, event: Mapping[str, Any]) -> None:
        self.heard.append(event)


class SlowStore(MemoryStore):
    """What it has claimed it hands out only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed, self.hand_out = threading.Event(), threading.Event()

    def claim(self, now: datetime, worker: str, lease: float, limit: int) -> list[Pending]:
        claimed = super().claim(now, worker, lease, limit)
        if claimed:
            self.claimed.set()
            self.hand_out.wait(10)
        return claimed


@dataclass
class Bench:
    store: Store
    service: Service
    bot: FakeBot
    courier: Courier

    async def until(self, done: Any, seconds: float = 10.0) -> None:
        running = asyncio.create_task(self.courier.run())
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    await asyncio.sleep(0.01)
            if self.courier._at_work:  # what the bot was told is written down before the courier stops
                await asyncio.wait(self.courier._at_work, timeout=seconds)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def started(self, conversation_id: str = "c") -> Handoff:
        turn = Turn("m1", "human please", datetime.now(UTC))
        return self.service.initiate(Conversation(conversation_id, "rest", (turn,)), (), WISH)

    def active(self) -> Handoff:
        handoff = self.started()
        self.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
        return self.service.receive(handoff.id, Accepted("ana", "Ana"))

    def kinds(self, handoff: Handoff) -> list[str]:
        return [entry.kind for entry in self.store.log(handoff.id)]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return make_bench(monkeypatch, None)


def make_bench(monkeypatch: pytest.MonkeyPatch, writer: FakeWriter | None, store: Store | None = None) -> Bench:
    monkeypatch.setattr(courier_module, "_pause", lambda attempts: 0.01)
    store, bot = store or MemoryStore(), FakeBot()
    store.add_agent(Agent("ana", "Ana", "support", max_chats=2))
    service = Service(store, Policy(), lambda text: 0.0, with_model=writer is not None)
    return Bench(store, service, bot, Courier(store, service, bot, writer, Webhooks({})))


async def test_what_an_agent_does_reaches_the_bot_in_order(bench: Bench) -> None:
    handoff = bench.active()
    await bench.until(lambda: bench.bot.told)
    for number in range(5):
        bench.service.receive(handoff.id, AgentMessaged(f"a{number}", "ana", f"message {number}"))
    bench.service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED, "done"))
    await bench.until(lambda: ("trigger", "EXTERNAL_handoff_returned", False) in bench.bot.told)
    assert list(dict.fromkeys(what[1] for what in bench.bot.told)) == [
        "EXTERNAL_handoff_accepted",
        *(f"message {number}" for number in range(5)),
        "EXTERNAL_handoff_returned",
    ]


async def test_while_rasa_is_away_messages_wait_and_keep_their_order(bench: Bench) -> None:
    handoff = bench.active()
    bench.bot.down = 4
    bench.service.receive(handoff.id, AgentMessaged("a1", "ana", "first"))
    bench.service.receive(handoff.id, AgentMessaged("a2", "ana", "second"))
    await bench.until(lambda: len(bench.bot.told) == 3)
    said = [what for what in bench.bot.told if what[0] == "say"]
    assert [what[1] for what in said] == ["first", "second"]


async def test_a_courier_that_is_stopped_leaves_its_work_to_the_next_one_at_once(bench: Bench) -> None:
    bench.bot.pause = 5.0
    bench.active()
    running = asyncio.create_task(bench.courier.run())
    await asyncio.sleep(0.3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    bench.bot.pause = 0.0
    bench.courier = Courier(bench.store, bench.service, bench.bot, None, Webhooks({}))
    await bench.until(lambda: bench.bot.told, seconds=2)
    assert bench.bot.told == [("trigger", "EXTERNAL_handoff_accepted", True)]


async def test_what_comes_of_a_claim_after_the_courier_was_stopped_goes_to_the_next_one_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = SlowStore()
    bench = make_bench(monkeypatch, None, store)
    bench.active()
    running = asyncio.create_task(bench.courier.run())
    await asyncio.to_thread(store.claimed.wait, 10)
    running.cancel()
    asyncio.get_running_loop().call_later(0.1, store.hand_out.set)
    await asyncio.gather(running, return_exceptions=True)
    bench.courier = Courier(store, bench.service, bench.bot, None, Webhooks({}))
    await bench.until(lambda: bench.bot.told, seconds=5)
    assert bench.bot.told == [("trigger", "EXTERNAL_handoff_accepted", True)]


async def test_a_failure_not_yet_written_down_when_the_courier_stops_goes_to_the_next_one_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "POLL", 10.0)  # the courier claims nothing meanwhile
    threads, free = ThreadPoolExecutor(1), threading.Event()
    asyncio.get_running_loop().set_default_executor(threads)
    bench.bot.down, bench.bot.pause = 1, 0.5
    bench.active()
    running = asyncio.create_task(bench.courier.run())
    await asyncio.sleep(0.3)
    threads.submit(free.wait, 10)  # from now on no thread can write anything down
    while bench.bot.down:
        await asyncio.sleep(0.01)
    running.cancel()
    asyncio.get_running_loop().call_later(0.1, free.set)
    await asyncio.gather(running, return_exceptions=True)
    bench.courier = Courier(bench.store, bench.service, bench.bot, None, Webhooks({}))
    await bench.until(lambda: bench.bot.told, seconds=5)
    assert bench.bot.told == [("trigger", "EXTERNAL_handoff_accepted", True)]


async def test_a_repeated_try_asks_the_tracker_first(bench: Bench) -> None:
    bench.bot.down = 1
    bench.active()
    await bench.until(lambda: bench.bot.told)
    assert bench.bot.told[0] == ("trigger", "EXTERNAL_handoff_accepted", True)


async def test_an_agent_is_told_that_a_message_takes_longer_and_that_it_arrived(bench: Bench) -> None:
    handoff = bench.active()
    await bench.until(lambda: bench.bot.told)
    bench.bot.down = 6
    bench.service.receive(handoff.id, AgentMessaged("a1", "ana", "one moment"))
    await bench.until(lambda: "delivered" in bench.kinds(handoff))
    told = [entry for entry in bench.store.log(handoff.id) if entry.kind in ("delayed", "delivered", "undelivered")]
    assert [entry.kind for entry in told] == ["delayed", "delivered"]
    assert told[0].data["what"] == "one moment"
    assert told[0].data["error"] == "Rasa is away"


async def test_the_tracker_and_the_webhooks_are_told_and_only_whoever_asked_gets_the_transcript() -> None:
    rules = Rules(listeners=(Listener(TRACKER), Listener("crm"), Listener("archive")))
    store = MemoryStore()
    service = Service(store, Policy(rules=rules), lambda _: 0.0)
    bot, listeners = FakeBot(), FakeListeners()
    bench = Bench(store, service, bot, Courier(store, service, bot, None, listeners))
    line = Line(Author.CUSTOMER, "human please", NOW)
    service.initiate(Conversation("c", "rest", (Turn("m1", "human please", NOW),)), (line,), WISH)
    await bench.until(lambda: len(listeners.heard) == 4 and len(bot.told) == 2)
    contexts = [event for event in listeners.heard if event["type"] == Announcement.CONTEXT]
    assert sorted("history" in event["data"] for event in contexts) == [False, True]
    for event in listeners.heard:
        Draft202012Validator(cloudevents.schema(Announcement(event["type"]))).validate(event["data"])
    assert [told[1] for told in bot.told] == ["handoff.initiated", "handoff.context"]


async def test_a_short_hiccup_is_nobodys_business(bench: Bench) -> None:
    bench.bot.down = 2
    handoff = bench.active()
    await bench.until(lambda: bench.bot.told)
    assert not {"delayed", "delivered"} & set(bench.kinds(handoff))


async def test_what_keeps_failing_is_given_up_and_the_agent_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "PATIENCE", timedelta(seconds=-1))
    bench.bot.down = 1000
    handoff = bench.active()
    bench.service.receive(handoff.id, AgentMessaged("a1", "ana", "are you there?"))
    await bench.until(lambda: bench.kinds(handoff).count("undelivered") == 2)
    lost = [entry.data for entry in bench.store.log(handoff.id) if entry.kind == "undelivered"]
    assert lost[1]["what"] == "are you there?"
    assert lost[1]["error"] == "Rasa is away"


async def test_the_pull_channels_customer_sees_agent_and_bot_as_different_people(bench: Bench) -> None:
    handoff = bench.active()
    await bench.until(lambda: bench.store.chat("c"))  # an acceptance is not announced after the return
    bench.service.receive(handoff.id, AgentMessaged("a1", "ana", "Hello, I am Ana."))
    bench.service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    await bench.until(lambda: len(bench.store.chat("c")) == 3)
    lines = [(line.author, line.name, line.text) for line in bench.store.chat("c")]
    assert lines == [
        (Author.SYSTEM, None, "bot on EXTERNAL_handoff_accepted"),
        (Author.AGENT, "Ana", "Hello, I am Ana."),
        (Author.BOT, None, "bot on EXTERNAL_handoff_returned"),
    ]


async def test_a_web_chat_message_goes_to_the_bot_and_its_answers_come_back(bench: Bench) -> None:
    bench.bot.answers = [
        {"text": "Which one?", "buttons": [{"title": "A", "payload": "/a"}]},
        {"image": "https://example.org/a.png"},
    ]
    line = ChatLine(0, "c", "m1", Author.CUSTOMER, None, "hi", NOW)
    bench.store.add_chat(line, AskBot("m1", "hi"))
    await bench.until(lambda: len(bench.store.chat("c")) == 3)
    _, question, picture = bench.store.chat("c")
    assert question.author is Author.BOT
    assert question.buttons == ({"title": "A", "payload": "/a"},)
    assert picture.attachment == "https://example.org/a.png"


async def test_the_models_summary_replaces_the_draft_and_goes_to_the_tracker(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make_bench(monkeypatch, FakeWriter(failures=1))
    handoff = bench.started()
    assert handoff.summary.state is SummaryState.PENDING
    await bench.until(lambda: bench.bot.told)
    summary = bench.store.get(handoff.id).summary
    assert (summary.state, summary.source) == (SummaryState.READY, "test-model")
    assert bench.bot.told[0] == ("slots", list(summary.sentences))


async def test_without_the_model_the_draft_stands_and_the_error_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make_bench(monkeypatch, FakeWriter(failures=1000))
    handoff = bench.started()
    await bench.until(lambda: bench.store.get(handoff.id).summary.state is SummaryState.FAILED)
    summary = bench.store.get(handoff.id).summary
    assert summary.sentences == handoff.summary.sentences
    assert summary.error == "The model is away. Check HANDOFF_LLM_BASE_URL."


async def test_an_agent_who_comes_online_is_offered_what_waits(bench: Bench) -> None:
    handoff = bench.started()
    bench.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    await bench.until(lambda: bench.store.get(handoff.id).status is Status.OFFERED)
    assert bench.store.get(handoff.id).agent_id == "ana"


async def test_an_acceptance_is_not_announced_when_the_conversation_is_back_already(bench: Bench) -> None:
    handoff = bench.active()
    bench.service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    await bench.until(lambda: bench.bot.told)
    assert [what[1] for what in bench.bot.told] == ["EXTERNAL_handoff_returned"]


async def test_an_update_is_not_sent_after_somebody_took_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    handoff = bench.started()
    bench.service.receive(handoff.id, UpdateDue(1))
    bench.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    bench.service.receive(handoff.id, Accepted("ana", "Ana"))
    await bench.until(lambda: bench.bot.told)
    assert [what[1] for what in bench.bot.told] == ["EXTERNAL_handoff_accepted"]


async def test_two_couriers_over_one_store_do_nothing_twice(bench: Bench) -> None:
    other = Courier(bench.store, bench.service, bench.bot, None, Webhooks({}))
    handoff = bench.active()
    for number in range(20):
        bench.service.receive(handoff.id, AgentMessaged(f"a{number}", "ana", f"message {number}"))
    running = asyncio.create_task(other.run())
    await bench.until(lambda: len(bench.bot.told) >= 21)
    await asyncio.sleep(0.3)
    running.cancel()
    assert [what[1] for what in bench.bot.told[1:]] == [f"message {number}" for number in range(20)]
