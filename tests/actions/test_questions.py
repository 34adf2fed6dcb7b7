"""The bot asks an agent one question: in the turn it asks, and in the one that brings the answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from rasa_handoff import actions
from rasa_handoff.actions import process
from rasa_handoff.asking import Asking, expire
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.questions import Question
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.rasa.slots import decision_of
from rasa_handoff.service import Service, utc_now
from rasa_handoff.settings import Settings
from rasa_handoff.stores.memory import MemoryStore
from tests.actions.test_actions import Bot

BY_ITSELF = Settings.model_validate({"questions": {"unanswered": "bot"}})


@dataclass
class FakeParts:
    store: MemoryStore
    service: Service
    settings: Settings

    def asking(self) -> Asking:
        return Asking(self.store, timedelta(0))


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Bot:
    return wire(monkeypatch, Settings())


def wire(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Bot:
    store = MemoryStore()
    parts = FakeParts(store, Service(store, Policy(), lambda text: 0.0), settings)
    monkeypatch.setattr(process, "parts", lambda: parts)
    store.add_agent(Agent("ana", "Ana", "support"))
    store.set_presence("ana", Presence.ONLINE, utc_now())
    return Bot(store)


async def asked(bot: Bot, text: str = "can you match the price?") -> Question:
    bot.hears(text, "price_match")
    await bot.run(actions.HandoffAsk())
    question = bot.store.newest_question("c")
    assert question is not None
    return question


async def test_the_question_goes_to_the_desk_and_the_customer_is_told(bot: Bot) -> None:
    question = await asked(bot)
    assert (question.text, question.department) == ("can you match the price?", "support")
    assert bot.responses() == ["utter_handoff_ask"]
    assert bot.slots["handoff_status"] is None


async def test_a_slot_says_it_better_than_the_customer(bot: Bot) -> None:
    bot.slots["handoff_question"] = "May order 10391 be 10 % cheaper?"
    question = await asked(bot)
    assert (question.text, question.said) == ("May order 10391 be 10 % cheaper?", "can you match the price?")


async def test_card_numbers_do_not_go_to_the_desk(bot: Bot) -> None:
    question = await asked(bot, "does 4111 1111 1111 1111 get a discount?")
    assert "1111 1111" not in question.text + question.said


async def test_the_answer_is_relayed_and_stands_in_a_slot(bot: Bot) -> None:
    question = await asked(bot)
    process.parts().asking().answer(question.id, "ana", "Ana", "Yes, we can.")
    bot.told("EXTERNAL_handoff_answered")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffAnswer())
    assert bot.slots["handoff_answer"] == "Yes, we can."
    assert bot.slots["handoff"]["heard"] == "e1"
    said: dict[str, Any] = bot.said[-1]
    assert (said["response"], said["answer"], said["agent_name"]) == ("utter_handoff_answer", "Yes, we can.", "Ana")


async def test_without_an_answer_a_handoff_begins_with_the_question_as_evidence(bot: Bot) -> None:
    question = await asked(bot)
    expire(bot.store, question.id, utc_now())
    bot.told("EXTERNAL_handoff_unanswered")
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] == "requested"
    decision = decision_of(bot.slots["handoff"])
    assert decision is not None
    assert "can you match the price?" in decision.evidence[0].words
    await bot.run(actions.HandoffInitiate())
    assert bot.handoff().reason.value == "complex_issue"


async def test_a_repeated_notice_begins_no_second_handoff(bot: Bot) -> None:
    question = await asked(bot)
    expire(bot.store, question.id, utc_now())
    bot.told("EXTERNAL_handoff_unanswered")
    await bot.run(actions.HandoffGate())
    bot.slots["handoff_status"] = None
    await bot.run(actions.HandoffGate())
    assert bot.slots["handoff_status"] is None


async def test_a_bot_that_goes_on_by_itself_says_that_no_answer_came(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = wire(monkeypatch, BY_ITSELF)
    question = await asked(bot)
    expire(bot.store, question.id, utc_now())
    bot.told("EXTERNAL_handoff_unanswered")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffAnswer())
    assert bot.slots["handoff_status"] is None
    assert bot.responses()[-1] == "utter_handoff_unanswered"


async def test_with_nobody_there_a_handoff_begins_at_once(bot: Bot) -> None:
    bot.store.set_presence("ana", Presence.AWAY, utc_now())
    bot.hears("can you match the price?", "price_match")
    await bot.run(actions.HandoffAsk())
    assert bot.store.newest_question("c") is None
    assert bot.slots["handoff_status"] == "requested"
    assert bot.responses() == []


async def test_a_conversation_that_cannot_be_answered_is_told_so(bot: Bot) -> None:
    bot.id = "two words"
    bot.hears("can you match the price?", "price_match")
    await bot.run(actions.HandoffAsk())
    assert bot.responses() == ["utter_handoff_failed"]
