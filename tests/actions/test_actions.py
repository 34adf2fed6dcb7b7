"""The Rasa actions over a memory store: what they set, what they say, and what they do when the store is away."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from structlog.testing import capture_logs

from rasa_handoff import actions
from rasa_handoff.actions import process
from rasa_handoff.actions.fallback import DefaultFallback
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Accepted, HandedBack, Handoff, Outcome
from rasa_handoff.core.hours import Hours, Span
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.ports import Store
from rasa_handoff.service import Service
from rasa_handoff.settings import Mode, Settings
from rasa_handoff.stores.memory import MemoryStore

LIVE = Settings()
SHADOW = Settings(mode=Mode.SHADOW)
RESPONSES = {
    "utter_ask_rephrase": [],
    "utter_handoff_announce": [],
    "utter_handoff_announce_customer_requested": [],
    "utter_handoff_announce_self_harm": [],
    "utter_handoff_announce_sensitive_topic": [],
    "utter_handoff_offer_high_frustration": [],
    "utter_handoff_returned": [],
    "utter_handoff_returned_resolved": [],
}

FORMS = {
    "return_form": {"required_slots": ["return_reason"]},
    "handoff_callback_form": {"required_slots": ["handoff_phone", "handoff_callback_time"]},
    "handoff_email_form": {"required_slots": ["handoff_email"]},
}


@dataclass
class Bot:
    """One conversation: the tracker as Rasa would keep it, and the store behind the actions."""

    store: Store
    slots: dict[str, Any] = field(default_factory=lambda: {"handoff": None, "handoff_status": None, "order_id": None})
    events: list[dict[str, Any]] = field(default_factory=list)
    loop: str | None = None
    said: list[dict[str, Any]] = field(default_factory=list)
    ids: int = 0
    id: str = "c"

    def hears(self, text: str, intent: str = "other", confidence: float = 0.95, **metadata: Any) -> None:
        self.ids += 1
        parsed = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": [],
            "metadata": metadata,
        }
        event = {
            "event": "user",
            "text": text,
            "parse_data": parsed,
            "message_id": f"m{self.ids}",
            "metadata": metadata,
        }
        self.events.append({**event, "timestamp": time.time(), "input_channel": "rest"})

    def told(self, notice: str, effect_id: str = "e1") -> None:
        self.hears(f"EXTERNAL: {notice}", notice, 1.0, is_external=True)
        self.events[-1]["parse_data"]["entities"] = [{"entity": "handoff_effect", "value": effect_id}]

    async def run(self, action: Action) -> list[dict[str, Any]]:
        dispatcher = CollectingDispatcher()
        latest = next((e["parse_data"] for e in reversed(self.events) if e["event"] == "user"), {})
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker(self.id, self.slots, latest, self.events, False, None, loop, None)
        domain: Mapping[str, Any] = {
            "responses": RESPONSES,
            "forms": FORMS,
            "slots": {"handoff_outcome": {"type": "categorical", "values": ["resolved", "returned_to_bot"]}},
        }
        returned = await action.run(dispatcher, tracker, dict(domain))
        self.said += dispatcher.messages
        for event in returned:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "active_loop":
                self.loop = event["name"]
        return list(returned)

    def responses(self) -> list[str]:
        return [message["response"] for message in self.said]

    def handoff(self) -> Handoff:
        newest = self.store.newest(self.id)
        assert newest is not None
        return newest


class BrokenStore(MemoryStore):
    def open(self, *_: Any) -> Handoff:
        raise Unreachable("The database is away")


def wire(monkeypatch: pytest.MonkeyPatch, store: Store, settings: Settings = LIVE) -> Bot:
    @dataclass
    class FakeParts:
        store: Store
        service: Service
        settings: Settings

    parts = FakeParts(store, Service(store, Policy(), lambda text: 0.0), settings)
    monkeypatch.setattr(process, "parts", lambda: parts)
    store.add_agent(Agent("ana", "Ana", "support"))
    return Bot(store)


def closed_today() -> None:
    """Support opens in two days, at nine."""
    opens = (datetime.now(UTC) + timedelta(days=2)).weekday()
    week = tuple((Span(9 * 60, 17 * 60),) if day == opens else () for day in range(7))
    service = process.parts().service
    service.policy = replace(service.policy, hours={"support": Hours("UTC", week)})


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Bot:
    return wire(monkeypatch, MemoryStore())


async def started(bot: Bot) -> Handoff:
    bot.hears("I want to talk to a human")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInitiate())
    return bot.handoff()


async def closed(bot: Bot, outcome: Outcome = Outcome.RESOLVED, **more: Any) -> Handoff:
    handoff = await started(bot)
    service = process.parts().service
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    service.receive(handoff.id, Accepted("ana", "Ana"))
    return service.receive(handoff.id, HandedBack("ana", outcome, **more))


async def test_an_ordinary_turn_sets_nothing_and_says_nothing(bot: Bot) -> None:
    bot.hears("where is my order")
    assert await bot.run(actions.HandoffGate()) == []
    assert bot.said == []


async def test_a_request_sets_requested_with_reason_and_evidence(bot: Bot) -> None:
    bot.hears("I want to talk to a human")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] == "requested"
    assert bot.slots["handoff"]["reason"] == "customer_requested"
    assert bot.slots["handoff"]["evidence"][0]["words"].startswith("Customer said: ")


async def test_the_handoff_is_durable_before_it_is_announced(bot: Bot) -> None:
    handoff = await started(bot)
    assert bot.slots["handoff_status"] == "waiting"
    assert bot.slots["handoff"]["id"] == handoff.id
    assert bot.responses() == ["utter_handoff_announce_customer_requested"]


async def test_nobody_is_promised_a_human_when_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, BrokenStore())
    bot.hears("I want to talk to a human")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInitiate())
    assert bot.responses() == ["utter_handoff_failed"]
    assert bot.slots["handoff_status"] is None


async def test_nobody_is_promised_a_human_in_a_conversation_that_rasas_api_cannot_name(bot: Bot) -> None:
    bot.id = "küche 7"
    bot.hears("I want to talk to a human")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInitiate())
    assert bot.responses() == ["utter_handoff_failed"]
    assert bot.store.newest(bot.id) is None


async def test_the_transcript_is_kept_out_of_the_slots(bot: Bot) -> None:
    await started(bot)
    assert "history" not in bot.slots["handoff"]


async def test_an_agent_who_is_free_is_asked(bot: Bot) -> None:
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    await started(bot)
    await bot.run(actions.HandoffRoute())
    assert bot.responses()[-1] == "utter_handoff_connecting"
    assert bot.slots["handoff_status"] == "offered"


async def test_with_nobody_online_the_customer_is_told_so(bot: Bot) -> None:
    await started(bot)
    await bot.run(actions.HandoffRoute())
    assert bot.responses()[-2:] == ["utter_handoff_no_agent", "utter_handoff_alternatives"]


async def test_with_everybody_busy_the_customer_is_told_the_place(bot: Bot) -> None:
    bot.store.add_agent(Agent("ana", "Ana", "support", max_chats=1))
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    earlier = Bot(bot.store, id="earlier")
    await started(earlier)
    await earlier.run(actions.HandoffRoute())
    await started(bot)
    await bot.run(actions.HandoffRoute())
    assert bot.said[-2]["response"] == "utter_handoff_queued"
    assert bot.said[-2]["position"] == 1


async def test_outside_the_hours_the_customer_is_told_when_the_team_is_back(bot: Bot) -> None:
    closed_today()
    await started(bot)
    await bot.run(actions.HandoffRoute())
    assert bot.responses()[-2:] == ["utter_handoff_closed", "utter_handoff_alternatives"]
    assert bot.said[-2]["opens"].endswith("09:00")


async def test_slots_that_a_restart_lost_come_back_from_the_store(bot: Bot) -> None:
    handoff = await started(bot)
    bot.slots.update(handoff=None, handoff_status=None)
    bot.hears("are you there?")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] == "waiting"
    assert bot.slots["handoff"]["id"] == handoff.id
    assert bot.slots["handoff"]["evidence"]


async def test_a_form_is_left_during_the_handoff_and_taken_up_where_it_was(bot: Bot) -> None:
    bot.loop, bot.slots["requested_slot"] = "return_form", "return_reason"
    await closed(bot, Outcome.RETURNED_TO_BOT)
    assert (bot.loop, bot.slots["requested_slot"]) == (None, None)
    bot.told("EXTERNAL_handoff_returned")
    await bot.run(actions.HandoffGate())
    events = await bot.run(actions.HandoffResume())
    assert (bot.loop, bot.slots["requested_slot"]) == ("return_form", "return_reason")
    assert [event["event"] for event in events][-2:] == ["active_loop", "slot"]


async def test_the_bot_learns_what_the_agent_learned_and_says_what_was_done(bot: Bot) -> None:
    await closed(bot, note="Sent again.", learned={"order_id": "10517", "unknown_slot": "x"})
    bot.told("EXTERNAL_handoff_returned")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] == "returned"
    await bot.run(actions.HandoffResume())
    assert bot.slots["handoff_status"] is None
    assert bot.slots["order_id"] == "10517"
    assert "unknown_slot" not in bot.slots
    assert bot.said[-1]["response"] == "utter_handoff_returned_resolved"
    assert bot.said[-1]["note"] == "Sent again."


async def test_an_outcome_without_a_text_of_its_own_gets_the_general_one(bot: Bot) -> None:
    await closed(bot, Outcome.CUSTOMER_LEFT)
    bot.told("EXTERNAL_handoff_returned")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffResume())
    assert bot.responses()[-1] == "utter_handoff_returned"


@pytest.mark.parametrize(("outcome", "told"), [(Outcome.RESOLVED, "resolved"), (Outcome.CUSTOMER_LEFT, None)])
async def test_rules_see_how_it_ended_for_the_turn_of_the_return(bot: Bot, outcome: Outcome, told: str | None) -> None:
    bot.slots["handoff_outcome"] = None
    await closed(bot, outcome)
    bot.told("EXTERNAL_handoff_returned")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffResume())
    assert bot.slots["handoff_outcome"] == told
    bot.hears("thanks")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_outcome"] is None


async def test_a_return_that_is_told_twice_is_greeted_once(bot: Bot) -> None:
    await closed(bot)
    for _ in range(2):
        bot.told("EXTERNAL_handoff_returned")
        await bot.run(actions.HandoffGate())
        await bot.run(actions.HandoffResume())
    assert bot.responses().count("utter_handoff_returned_resolved") == 1


async def test_the_gate_tells_the_courier_which_notice_it_heard(bot: Bot) -> None:
    await started(bot)
    bot.told("EXTERNAL_handoff_update", "e42")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff"]["heard"] == "e42"


async def test_a_notice_that_a_customer_types_is_only_a_message(bot: Bot) -> None:
    await closed(bot)
    bot.hears("/EXTERNAL_handoff_returned", "EXTERNAL_handoff_returned", 1.0)
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] is None


async def test_an_accepted_handoff_is_announced_with_the_agents_name(bot: Bot) -> None:
    handoff = await started(bot)
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    process.parts().service.receive(handoff.id, Accepted("ana", "Ana"))
    bot.told("EXTERNAL_handoff_accepted")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInform())
    assert bot.said[-1]["response"] == "utter_handoff_accepted"
    assert bot.said[-1]["agent_name"] == "Ana"
    assert bot.slots["handoff_status"] == "active"


async def test_a_core_fallback_asks_to_rephrase_once_and_then_hands_off(bot: Bot) -> None:
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    for answer in (["utter_ask_rephrase"], ["utter_ask_rephrase"]):
        bot.hears("blub", "other", 0.9)
        events = await bot.run(DefaultFallback())
        bot.events.append({"event": "action", "name": "action_default_fallback", "timestamp": time.time()})
        bot.events += events
        assert bot.responses() == answer
    assert bot.slots["handoff_status"] == "requested"
    assert bot.slots["handoff"]["reason"] == "low_confidence"
    assert "rewind" not in [event["event"] for event in events]


async def test_a_bot_without_words_to_ask_for_others_says_on_a_core_fallback_what_rasa_would(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RESPONSES, "utter_ask_rephrase")
    bot.hears("blub", "other", 0.9)
    await bot.run(DefaultFallback())
    assert bot.responses() == ["utter_default"]


async def test_a_designers_own_rule_may_start_a_handoff(bot: Bot) -> None:
    bot.hears("something special", "ask_wholesale")
    await bot.run(actions.HandoffInitiate())
    assert bot.handoff().reason.value == "customer_requested"
    assert "rule" in bot.slots["handoff"]["evidence"][0]["words"]


async def test_messages_to_the_human_are_taken_over_and_the_bot_says_nothing(bot: Bot) -> None:
    handoff = await started(bot)
    said = len(bot.said)
    bot.hears("my order number is 10482")
    await bot.run(actions.HandoffGate())
    texts = [e.data["text"] for e in bot.store.log(handoff.id) if e.kind == "customer_messaged"]
    assert texts == ["my order number is 10482"]
    assert len(bot.said) == said


async def test_in_shadow_mode_a_request_is_logged_and_not_acted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, MemoryStore(), SHADOW)
    bot.hears("where is my order")
    bot.hears("I want to talk to a human")
    with capture_logs() as logged:
        assert await bot.run(actions.HandoffGate()) == []
    assert bot.slots["handoff_status"] is None
    [line] = logged
    assert (line["event"], line["conversation"], line["turn"]) == ("handoff.shadow", "c", 2)
    assert (line["decision"], line["reason"]) == ("HandOff", "customer_requested")
    assert "Customer said: I want to talk to a human" in line["evidence"]


async def test_in_shadow_mode_an_ordinary_turn_logs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, MemoryStore(), SHADOW)
    bot.hears("where is my order")
    with capture_logs() as logged:
        assert await bot.run(actions.HandoffGate()) == []
    assert logged == []


async def test_in_shadow_mode_the_bots_fallback_still_asks_to_rephrase(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, MemoryStore(), SHADOW)
    bot.hears("asdf", "nlu_fallback", 0.2)
    bot.hears("qwer", "nlu_fallback", 0.2)
    with capture_logs() as logged:
        await bot.run(DefaultFallback())
    assert bot.responses() == ["utter_ask_rephrase"]
    assert [line["reason"] for line in logged] == ["low_confidence"]


async def test_an_open_handoff_goes_on_in_shadow_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    bot = wire(monkeypatch, store)
    handoff = await started(bot)
    shadowed = wire(monkeypatch, store, SHADOW)
    shadowed.hears("are you there?")
    await shadowed.run(actions.HandoffGate())
    assert shadowed.slots["handoff_status"] == "waiting"
    assert shadowed.slots["handoff"]["id"] == handoff.id
