"""Another way than waiting, by the Rasa actions: what is offered, asked and refused, and what it comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rasa_sdk.interfaces import Action

from rasa_handoff import actions
from rasa_handoff.actions import process
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.follow_up import FollowUpKind
from rasa_handoff.core.handoff import Accepted, Handoff, Outcome, Status, SuspendedLoop
from rasa_handoff.core.package import Detail
from rasa_handoff.core.promise import Alternative, Promise
from rasa_handoff.core.routing import Presence
from rasa_handoff.core.there import AskedIfThere, CustomerLeft
from rasa_handoff.core.told import SlaMissed
from rasa_handoff.stores.memory import MemoryStore
from tests.actions.test_actions import Bot, closed_today, started, wire

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
NUMBER = "+442079460018"


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Bot:
    made = wire(monkeypatch, MemoryStore())
    set_promise(region="GB")
    made.slots |= {"handoff_phone": None, "handoff_callback_time": None, "handoff_email": None}
    return made


def set_promise(**changes: Any) -> None:
    service = process.parts().service
    service.policy = replace(service.policy, promise=Promise(**changes))


async def waiting(bot: Bot) -> Handoff:
    await started(bot)
    await bot.run(actions.HandoffRoute())
    bot.said.clear()
    return bot.handoff()


def knows(bot: Bot, kind: str, value: str) -> None:
    """The context package of the bot's handoff has this detail."""
    store = bot.store
    assert isinstance(store, MemoryStore)
    package = store.package(bot.handoff().id)
    store._packages[bot.handoff().id] = replace(package, details=(Detail(kind, value, 1),))


async def validated(bot: Bot, form: str, action: Action, slot: str, value: str) -> Any:
    """What the slot holds after the form has checked this answer."""
    bot.loop = form
    bot.slots["requested_slot"] = slot
    bot.hears(value)
    bot.events.append({"event": "slot", "name": slot, "value": value, "timestamp": datetime.now(UTC).timestamp()})
    bot.slots[slot] = value
    await bot.run(action)
    return bot.slots[slot]


@pytest.mark.parametrize(
    ("ways", "response"),
    [
        ((Alternative.CALLBACK, Alternative.EMAIL), "utter_handoff_alternatives"),
        ((Alternative.CALLBACK,), "utter_handoff_alternatives_callback"),
        ((Alternative.EMAIL,), "utter_handoff_alternatives_email"),
        ((), "utter_handoff_no_agent"),
    ],
)
async def test_with_nobody_there_the_ways_that_are_set_are_offered(bot: Bot, ways: Any, response: str) -> None:
    set_promise(alternatives=ways)
    await started(bot)
    await bot.run(actions.HandoffRoute())
    assert bot.responses()[-1] == response
    assert bot.handoff().status is Status.WAITING


async def test_they_are_not_offered_with_every_update_but_again_at_the_sla(bot: Bot) -> None:
    handoff = await waiting(bot)
    bot.told("EXTERNAL_handoff_update")
    await bot.run(actions.HandoffInform())
    assert bot.responses() == ["utter_handoff_no_agent"]
    process.parts().service.receive(handoff.id, SlaMissed())
    await bot.run(actions.HandoffInform())
    assert bot.responses()[1:] == ["utter_handoff_no_agent", "utter_handoff_alternatives"]
    await bot.run(actions.HandoffInform())
    assert bot.responses()[3:] == ["utter_handoff_no_agent"]


async def test_whoever_is_answering_a_question_is_told_how_it_stands_and_not_offered_the_same_again(bot: Bot) -> None:
    handoff = await waiting(bot)
    process.parts().service.receive(handoff.id, SlaMissed())
    bot.loop = "handoff_callback_form"
    await bot.run(actions.HandoffInform())
    assert bot.responses() == ["utter_handoff_no_agent"]


async def test_what_was_told_is_kept_with_the_handoff_and_in_its_log(bot: Bot) -> None:
    handoff = await waiting(bot)
    assert handoff.told is not None
    assert (handoff.told.position, handoff.told.staffed, handoff.told.alternatives) == (1, False, True)
    assert [entry.kind for entry in bot.store.log(handoff.id)].count("told") == 1


async def test_the_number_is_asked_for_with_the_one_that_is_known(bot: Bot) -> None:
    await waiting(bot)
    await bot.run(actions.AskHandoffPhone())
    knows(bot, "phone", "020 7946 0018")
    await bot.run(actions.AskHandoffPhone())
    assert bot.responses() == ["utter_handoff_ask_phone", "utter_handoff_ask_phone_known"]
    assert bot.said[-1]["phone"] == "+44 20 7946 0018"


async def test_the_address_is_asked_for_with_the_one_that_is_known(bot: Bot) -> None:
    await waiting(bot)
    await bot.run(actions.AskHandoffEmail())
    knows(bot, "email", "zoe@example.com")
    await bot.run(actions.AskHandoffEmail())
    assert bot.responses() == ["utter_handoff_ask_email", "utter_handoff_ask_email_known"]
    assert bot.said[-1]["email"] == "zoe@example.com"


async def test_four_times_are_offered_for_the_call(bot: Bot) -> None:
    await waiting(bot)
    await bot.run(actions.AskHandoffCallbackTime())
    said = bot.said[-1]
    times = [datetime.fromisoformat(said[f"time_{number}_at"]) for number in range(1, 5)]
    assert times == sorted(set(times))
    assert all(said[f"time_{number}"] for number in range(1, 5))


@pytest.mark.parametrize("answer", ["020 7946 0018", "+44 20 7946 0018", "my number is +44 20 7946 0018"])
async def test_a_number_is_taken_in_any_form(bot: Bot, answer: str) -> None:
    await waiting(bot)
    form = actions.ValidateHandoffCallbackForm()
    assert await validated(bot, "handoff_callback_form", form, "handoff_phone", answer) == NUMBER


@pytest.mark.parametrize("answer", ["12", "call me", "+44", "0" * 500, "\x00"])
async def test_what_is_no_number_is_asked_for_again(bot: Bot, answer: str) -> None:
    await waiting(bot)
    form = actions.ValidateHandoffCallbackForm()
    assert await validated(bot, "handoff_callback_form", form, "handoff_phone", answer) is None
    assert bot.responses() == ["utter_handoff_phone_invalid"]


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        ("some day", "utter_handoff_callback_unclear"),
        ("2020-01-01 10:00", "utter_handoff_callback_past"),
        ((TOMORROW + timedelta(days=60)).isoformat(), "utter_handoff_callback_too_far"),
        (datetime.now(UTC).replace(hour=23, minute=59).isoformat(), "utter_handoff_callback_closed"),
    ],
    ids=["unclear", "past", "too far", "closed"],
)
async def test_a_time_at_which_nobody_can_call_is_asked_for_again(bot: Bot, answer: str, response: str) -> None:
    closed_today()
    await waiting(bot)
    form = actions.ValidateHandoffCallbackForm()
    assert await validated(bot, "handoff_callback_form", form, "handoff_callback_time", answer) is None
    assert bot.responses() == [response]


@pytest.mark.parametrize("answer", ["zoe", "zoe@", "a@b@example.com", "zoe@example.com\nBcc: all@example.com"])
async def test_what_is_no_address_is_asked_for_again(bot: Bot, answer: str) -> None:
    await waiting(bot)
    form = actions.ValidateHandoffEmailForm()
    assert await validated(bot, "handoff_email_form", form, "handoff_email", answer) is None
    assert bot.responses() == ["utter_handoff_email_invalid"]


async def test_a_callback_ends_the_handoff_and_the_bot_takes_up_its_form(bot: Bot) -> None:
    bot.loop = "return_form"
    bot.slots["requested_slot"] = "return_reason"
    await waiting(bot)
    assert bot.handoff().suspended == SuspendedLoop("return_form", "return_reason")
    bot.slots |= {"handoff_phone": NUMBER, "handoff_callback_time": TOMORROW.isoformat()}
    await bot.run(actions.HandoffCallback())
    handoff = bot.handoff()
    assert handoff.outcome is Outcome.CALLBACK_BOOKED
    assert handoff.follow_up is not None
    assert (handoff.follow_up.kind, handoff.follow_up.contact) == (FollowUpKind.CALLBACK, NUMBER)
    assert handoff.follow_up.due_at == TOMORROW
    assert bot.said[-1]["response"] == "utter_handoff_callback_booked"
    assert bot.said[-1]["phone"] == "+44 20 7946 0018"
    assert (bot.slots["handoff_status"], bot.slots["handoff"]["outcome"]) == (None, "callback_booked")
    assert (bot.loop, bot.slots["requested_slot"]) == ("return_form", "return_reason")
    assert bot.slots["handoff_phone"] is None


async def test_an_email_ends_the_handoff_too(bot: Bot) -> None:
    await waiting(bot)
    bot.slots["handoff_email"] = "zoe@example.com"
    await bot.run(actions.HandoffEmail())
    assert bot.handoff().outcome is Outcome.EMAIL_TAKEN
    assert bot.said[-1] | {"response": "utter_handoff_email_taken", "email": "zoe@example.com"} == bot.said[-1]


async def test_a_time_that_went_by_while_the_customer_was_thinking_is_said_and_the_place_is_kept(bot: Bot) -> None:
    await waiting(bot)
    bot.slots |= {"handoff_phone": NUMBER, "handoff_callback_time": "2020-01-01T10:00:00+00:00"}
    await bot.run(actions.HandoffCallback())
    assert bot.responses() == ["utter_handoff_callback_past"]
    assert bot.handoff().status is Status.WAITING
    assert bot.loop is None


async def test_an_agent_who_accepts_first_ends_the_form_and_the_choice_is_void(bot: Bot) -> None:
    handoff = await waiting(bot)
    bot.loop = "handoff_email_form"
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    process.parts().service.receive(handoff.id, Accepted("ana", "Ana"))
    bot.told("EXTERNAL_handoff_accepted")
    await bot.run(actions.HandoffInform())
    assert (bot.responses(), bot.loop) == (["utter_handoff_accepted"], None)
    bot.slots["handoff_email"] = "zoe@example.com"
    await bot.run(actions.HandoffEmail())
    assert bot.handoff().status is Status.ACTIVE
    assert bot.responses() == ["utter_handoff_accepted"]


async def test_a_choice_that_cannot_be_kept_is_said_and_the_customer_still_waits(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await waiting(bot)
    bot.slots["handoff_email"] = "zoe@example.com"

    def away(*_: Any) -> Handoff:
        raise Unreachable("The database is away")

    monkeypatch.setattr(bot.store, "commit", away)
    await bot.run(actions.HandoffEmail())
    assert bot.responses() == ["utter_handoff_alternative_failed"]
    assert bot.slots["handoff_status"] == "waiting"


async def test_whoever_stays_leaves_the_form_and_keeps_the_place(bot: Bot) -> None:
    handoff = await waiting(bot)
    bot.loop = "handoff_callback_form"
    await bot.run(actions.HandoffStay())
    assert (bot.responses(), bot.loop) == (["utter_handoff_staying"], None)
    assert bot.handoff().queued_at == handoff.queued_at


async def test_a_button_that_is_pressed_after_the_wait_has_ended_is_answered_truly(bot: Bot) -> None:
    await bot.run(actions.HandoffStay())
    assert bot.responses() == ["utter_handoff_not_waiting"]


async def test_a_button_is_nothing_an_agent_reads_and_what_is_written_is(bot: Bot) -> None:
    handoff = await waiting(bot)
    bot.hears("/handoff_callback", "handoff_callback")
    await bot.run(actions.HandoffGate())
    bot.hears("it is about my refund")
    await bot.run(actions.HandoffGate())
    log = bot.store.log(handoff.id)
    assert [entry.data["text"] for entry in log if entry.kind == "customer_messaged"] == ["it is about my refund"]


async def test_an_update_that_comes_after_an_agent_says_nothing(bot: Bot) -> None:
    handoff = await waiting(bot)
    bot.store.set_presence("ana", Presence.ONLINE, datetime.now(UTC))
    process.parts().service.receive(handoff.id, Accepted("ana", "Ana"))
    await bot.run(actions.HandoffInform())
    assert bot.said == []


async def test_a_customer_of_whom_there_is_no_sign_is_asked_and_hears_how_it_stands(bot: Bot) -> None:
    handoff = await waiting(bot)
    process.parts().service.receive(handoff.id, AskedIfThere())
    bot.told(Notice.UPDATE)
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInform())
    assert bot.responses() == ["utter_handoff_no_agent", "utter_handoff_still_there"]
    assert bot.said[1]["answer_within"] == "2 minutes"


async def test_who_has_left_hears_so_on_the_return_and_can_queue_again(bot: Bot) -> None:
    handoff = await waiting(bot)
    for event in (AskedIfThere(), CustomerLeft()):
        process.parts().service.receive(handoff.id, event)
    bot.told(Notice.RETURNED)
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffResume())
    assert bot.responses() == ["utter_handoff_left"]
    assert bot.slots["handoff_status"] is None
    bot.hears("/handoff_yes", "handoff_yes")
    await bot.run(actions.HandoffGate())
    await bot.run(actions.HandoffInitiate())
    assert bot.handoff().id != handoff.id
    assert bot.handoff().status is Status.WAITING
