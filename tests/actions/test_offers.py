"""Offers by the Rasa actions: what is asked, what a yes and a no set, and that a form and its answers stay whole."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from rasa_handoff import actions
from rasa_handoff.actions import process
from rasa_handoff.core.answers import ACCEPTED
from rasa_handoff.core.decision import Evidence, HandOff, Offer, Reason
from rasa_handoff.core.emergency import HINTS
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import SuspendedLoop
from rasa_handoff.core.offering import Asked, Offering, Way
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.rasa.slots import asked_of, pending_details
from rasa_handoff.stores.memory import MemoryStore
from tests.actions.test_actions import SHADOW, Bot, closed_today, started, wire

ANGRY = "This is ridiculous!!"


def away() -> list[Agent]:
    raise Unreachable("The database is away")


def details_asked(reason: Reason) -> dict[str, Any]:
    """The slot when this reason was just asked about, in answer to the first message."""
    evidence = (Evidence("found", "x", None, 1, "Found: x"),)
    offer = Asked(reason, evidence, "m1", datetime.now(UTC))
    return pending_details("asked", Offer(reason, evidence), (offer,))


def filled(bot: Bot, slot: str, value: str) -> None:
    """Rasa took the newest message for the answer to a form's question."""
    bot.events.append({"event": "slot", "name": slot, "value": value, "timestamp": time.time()})
    bot.slots[slot] = value


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Bot:
    """Only misses are asked about, so that what frustrates is not in the way."""
    bot = wire(monkeypatch, MemoryStore())
    set_offers(Offering(on={Reason.HIGH_FRUSTRATION: Way.OFF}))
    return bot


def set_offers(offering: Offering) -> None:
    service = process.parts().service
    service.policy = replace(service.policy, offering=offering)


def online(bot: Bot, **changes: Any) -> None:
    bot.store.add_agent(Agent("ana", "Ana", "support", **changes))
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))


async def turn(bot: Bot, text: str, intent: str = "other") -> str | None:
    """What the gate makes of the message."""
    bot.hears(text, intent)
    await bot.run(actions.HandoffGate())
    return bot.slots["handoff_status"]


async def asked(bot: Bot) -> None:
    """The customer is not understood twice while nobody is there, and is asked."""
    for text in ("glorp", "zint"):
        await turn(bot, text, "nlu_fallback")
    assert bot.slots["handoff_status"] == "asked"
    await bot.run(actions.HandoffOffer())


async def test_the_gate_asks_with_reason_evidence_and_what_was_asked_in_this_episode(bot: Bot) -> None:
    await asked(bot)
    details = bot.slots["handoff"]
    assert (details["id"], details["status"], details["reason"]) == (None, "asked", "low_confidence")
    assert details["evidence"][0]["words"] == "Messages in a row not understood: 2"
    assert [one.reason.value for one in asked_of(details)] == ["low_confidence"]


async def test_with_nobody_online_the_question_says_so(bot: Bot) -> None:
    await asked(bot)
    assert bot.responses() == ["utter_handoff_offer_no_agent"]


async def test_with_everybody_busy_the_question_tells_the_place_a_yes_would_give(bot: Bot) -> None:
    online(bot, max_chats=1)
    for id in ("served", "waiting"):
        earlier = Bot(bot.store, id=id)
        await started(earlier)
        await earlier.run(actions.HandoffRoute())
    set_offers(Offering(on={Reason.LOW_CONFIDENCE: Way.OFFER}))
    await asked(bot)
    assert (bot.said[-1]["response"], bot.said[-1]["position"]) == ("utter_handoff_offer_queue", 2)


async def test_the_question_is_that_of_the_reason_when_the_designer_wrote_one(bot: Bot) -> None:
    online(bot)
    bot.hears(ANGRY)
    bot.slots.update(handoff_status="asked", handoff=details_asked(Reason.HIGH_FRUSTRATION))
    await bot.run(actions.HandoffOffer())
    bot.slots.update(handoff=details_asked(Reason.COMPLEX_ISSUE))
    await bot.run(actions.HandoffOffer())
    assert bot.responses() == ["utter_handoff_offer_high_frustration", "utter_handoff_offer"]


async def test_without_the_store_the_question_says_nothing_of_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    bot = wire(monkeypatch, store)
    bot.hears("words")
    monkeypatch.setattr(store, "agents", away)
    await bot.run(actions.HandoffOffer())
    assert bot.responses() == ["utter_handoff_offer"]


@pytest.mark.parametrize(("text", "intent"), [("/handoff_yes", "handoff_yes"), ("yes please", "affirm")])
async def test_a_yes_starts_the_handoff_for_the_reason_that_was_asked_about(bot: Bot, text: str, intent: str) -> None:
    await asked(bot)
    assert await turn(bot, text, intent) == "requested"
    await bot.run(actions.HandoffInitiate())
    assert bot.handoff().reason is Reason.LOW_CONFIDENCE
    words = [one["words"] for one in bot.slots["handoff"]["evidence"]]
    assert words[0] == "Messages in a row not understood: 2"
    assert words[-1] == ACCEPTED
    assert bot.slots["handoff_status"] == "waiting"


async def test_a_no_is_answered_and_the_reason_is_left_alone_from_then_on(bot: Bot) -> None:
    await asked(bot)
    assert await turn(bot, "no thanks", "deny") == "declined"
    await bot.run(actions.HandoffOfferDeclined())
    assert bot.responses()[-1] == "utter_handoff_offer_declined"
    assert bot.slots["handoff_status"] is None
    for text in ("glorp", "zint", "wibble"):
        assert await turn(bot, text, "nlu_fallback") is None


async def test_an_offer_that_is_passed_over_leaves_the_conversation_to_the_bot_and_is_remembered(bot: Bot) -> None:
    await asked(bot)
    assert await turn(bot, "where is my order") is None
    assert bot.slots["handoff"]["status"] is None
    assert await turn(bot, "yes", "affirm") is None
    await turn(bot, "glorp", "nlu_fallback")
    assert await turn(bot, "zint", "nlu_fallback") == "requested"


async def test_the_offers_of_an_earlier_session_are_forgotten(bot: Bot) -> None:
    await asked(bot)
    bot.events.append({"event": "session_started", "timestamp": time.time()})
    assert await turn(bot, "yes", "affirm") is None
    assert asked_of(bot.slots["handoff"]) == ()


async def test_a_form_waits_while_its_customer_is_asked_and_its_answers_are_taken_back(bot: Bot) -> None:
    bot.loop = "return_form"
    bot.slots["return_reason"] = None
    await turn(bot, "glorp", "nlu_fallback")
    filled(bot, "return_reason", "glorp")
    bot.slots["handoff_status"] = "asked"
    await bot.run(actions.HandoffOffer())
    assert (bot.loop, bot.slots["return_reason"]) == ("return_form", None)


async def test_a_yes_in_a_form_is_no_answer_to_its_question(bot: Bot) -> None:
    bot.loop, bot.slots["requested_slot"] = "return_form", "return_reason"
    filled(bot, "return_reason", "too small")
    bot.hears(ANGRY)
    bot.slots.update(handoff_status="asked", handoff=details_asked(Reason.HIGH_FRUSTRATION))
    assert await turn(bot, "yes", "affirm") == "requested"
    filled(bot, "return_reason", "yes")
    await bot.run(actions.HandoffInitiate())
    assert (bot.loop, bot.slots["return_reason"]) == (None, "too small")
    assert bot.handoff().suspended == SuspendedLoop("return_form", "return_reason")


async def test_a_no_in_a_form_is_no_answer_to_its_question(bot: Bot) -> None:
    bot.loop = "return_form"
    bot.hears("no", "deny")
    filled(bot, "return_reason", "no")
    await bot.run(actions.HandoffOfferDeclined())
    assert (bot.loop, bot.slots["return_reason"]) == ("return_form", None)


async def test_in_shadow_mode_an_offer_is_logged_and_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, MemoryStore(), SHADOW)
    with capture_logs() as logged:
        for text in ("glorp", "zint"):
            assert await turn(bot, text, "nlu_fallback") is None
    assert [(line["event"], line["decision"]) for line in logged] == [("handoff.shadow", "Offer")]
    assert bot.slots["handoff"] is None


@pytest.mark.parametrize(
    ("topic", "response"),
    [
        ("self_harm", "utter_handoff_announce_self_harm"),
        ("bereavement", "utter_handoff_announce_sensitive_topic"),
    ],
)
async def test_a_topic_with_words_of_its_own_is_announced_with_them_and_with_whom_to_call(
    bot: Bot, topic: str, response: str
) -> None:
    bot.hears("words")
    evidence = (Evidence("sensitive_topic", "words", None, 1, "Customer said: words", topic),)
    details = pending_details("requested", HandOff(Reason.SENSITIVE_TOPIC, evidence))
    bot.slots.update(handoff_status="requested", handoff=details)
    await bot.run(actions.HandoffInitiate())
    assert bot.responses() == [response]
    assert bot.said[-1]["emergency"] == HINTS["en"]


async def test_the_gate_names_the_topic_for_the_announcement(bot: Bot) -> None:
    assert await turn(bot, "I want to kill myself") == "requested"
    assert bot.slots["handoff"]["evidence"][0]["topic"] == "self_harm"


async def test_outside_the_hours_the_offer_says_when_the_team_is_back(bot: Bot) -> None:
    online(bot)
    closed_today()
    await asked(bot)
    assert bot.said[-1]["response"] == "utter_handoff_offer_closed"
    assert bot.said[-1]["opens"].endswith("09:00")
