"""A handoff is a topic: opened, kept up to date, closed, and opened anew when somebody deleted it."""

from dataclasses import replace

import pytest

from rasa_handoff.channel import Press
from rasa_handoff.channels.telegram.channel import TelegramChannel
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.errors import PlaceGone, Refused, Unreachable
from rasa_handoff.core.handoff import Status
from rasa_handoff.core.package import Summary
from tests.channels.cases import NOW, case, place, said
from tests.channels.telegram import spec
from tests.channels.telegram.world import CHAT, NEWER, TelegramWorld
from tests.channels.vendor import Fault
from tests.writers.packages import package


def test_the_fake_holds_calls_against_telegrams_own_description() -> None:
    spec.needs_spec()
    good = {"chat_id": 1, "text": "Hello"}
    assert not spec.problems("sendMessage", good)
    assert spec.problems("sendMessage", {"chat_id": 1})
    assert spec.problems("sendMessage", {**good, "nosuch": 1})
    assert spec.problems("sendMessage", {**good, "message_thread_id": "12"})
    assert spec.problems("sendMessage", {**good, "reply_markup": {"inline_keyboard": [[{"title": "no"}]]}})
    assert spec.problems("sendMassage", good)


async def test_a_topic_is_named_by_the_headline_and_begins_with_the_context(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    opened = await channel.take_over(case(), "e1", again=False)
    assert telegram.topics[int(opened.key)].name == "Asked for a person: Ann Lee"
    context = telegram.context(opened.key)
    assert "Ann Lee wants a refund <now> & here." in context
    assert "Order: 10391" in context
    assert "12:00" not in context
    assert "00:00 Customer: human please" in context
    assert telegram.shown(opened.key) == []


async def test_a_context_of_any_length_comes_in_messages_that_telegram_takes(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    long = replace(package(), history=tuple(Line(Author.CUSTOMER, f"{n} <&😀> " * 500, NOW) for n in range(10)))
    summary = Summary(tuple(f"{n} " + "&" * 3000 for n in range(3)))
    opened = await channel.take_over(case(package=long, summary=summary), "e1", again=False)
    context = telegram.context(opened.key)
    assert context.count("&") > 3 * 3000 + 300
    assert "9 <&😀>" in context
    assert "1 <&😀>" not in context  # the newest is what there is room for


async def test_buttons_are_those_that_make_sense_and_the_card_is_edited_in_place(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    assert _buttons(telegram, at.key) == ["accept"]
    await channel.update_context(case(status=Status.OFFERED), at)
    assert _buttons(telegram, at.key) == ["accept", "decline"]
    await channel.update_context(case(status=Status.ACTIVE), at)
    assert _buttons(telegram, at.key) == ["suggest", "hand_back", "close"]
    assert "With Anna Ng" in telegram.context(at.key)
    assert sum(one.method == "sendMessage" for one in telegram.topics[int(at.key)].messages) == 2


async def test_an_update_that_changes_nothing_is_no_error(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    await channel.update_context(case(), at)
    await channel.update_context(case(), at)


async def test_release_closes_the_topic_and_doing_it_twice_does_nothing_more(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    ended = case(status=Status.CLOSED)
    for _ in range(2):
        await channel.release(ended, at)
        assert telegram.is_released(at.key)
    assert "Resolved by Anna Ng" in telegram.context(at.key)


async def test_a_topic_that_was_closed_by_hand_is_opened_again_for_the_next_message(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    telegram.topics[int(at.key)].closed = True
    await channel.relay(at, said("Are you there?"), again=False)
    assert telegram.shown(at.key) == ["Are you there?"]
    assert not telegram.topics[int(at.key)].closed


async def test_a_deleted_topic_is_told_as_such_and_a_new_one_has_the_context_again(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    telegram.delete_topic(at.key)
    with pytest.raises(PlaceGone):
        await channel.relay(at, said("Hello?"), again=False)
    with pytest.raises(PlaceGone):
        await channel.update_context(case(status=Status.OFFERED), at)
    await channel.release(case(status=Status.CLOSED), at)  # nothing to release is no failure
    anew = place(await channel.take_over(case(), "e2", again=False))
    await channel.relay(anew, said("Hello?"), again=True)
    assert telegram.shown(anew.key) == ["Hello?"]
    assert "Ann Lee wants a refund" in telegram.context(anew.key)


async def test_a_card_that_was_deleted_alone_closes_its_topic_so_that_nobody_writes_there(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    telegram.topics[int(at.key)].messages.pop(0)
    with pytest.raises(PlaceGone):
        await channel.update_context(case(status=Status.OFFERED), at)
    assert telegram.topics[int(at.key)].closed


async def test_another_try_goes_on_where_the_first_one_failed(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    telegram.faults.extend([None, Fault(429, {"retry-after": "7"})])
    with pytest.raises(Unreachable) as told:
        await channel.take_over(case(), "e1", again=False)
    assert told.value.retry_after == 7
    await channel.take_over(case(), "e1", again=True)
    assert len(telegram.topics) == 1


async def test_a_group_with_a_new_id_is_followed(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    telegram.chat["id"] = NEWER
    at = place(await channel.take_over(case(), "e1", again=False))
    await channel.relay(at, said("Hello"), again=False)
    assert telegram.shown(at.key) == ["Hello"]
    telegram.agent_says(at.key, "Hi")
    (hook,) = telegram.hooks
    (signal,) = channel.receive(telegram.request(hook)).signals
    (heard,) = await channel.events(signal)
    assert heard.text == "Hi"
    found = await channel.check()
    assert any(str(NEWER) in one.mend and not one.well for one in found)


async def test_a_bot_that_may_not_manage_topics_is_refused_for_good(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    telegram.me["can_manage_topics"] = False
    with pytest.raises(Refused, match="not enough rights"):
        await channel.take_over(case(), "e1", again=False)


async def test_a_bot_that_may_not_pin_shows_the_handoff_all_the_same(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    telegram.me["can_pin_messages"] = False
    opened = await channel.take_over(case(), "e1", again=False)
    assert telegram.card(opened.key).id == int(opened.data["card"])


async def test_that_the_customer_types_is_shown(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    await channel.typing(at, on=True)
    last = telegram.calls[-1]
    assert (last.path.rpartition("/")[2], last.json["action"]) == ("sendChatAction", "typing")
    await channel.typing(at, on=False)
    assert telegram.calls[-1] is last


async def test_all_calls_are_about_the_group(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    await channel.relay(at, said("Hello"), again=False)
    await channel.release(case(status=Status.CLOSED), at)
    assert {call.json["chat_id"] for call in telegram.calls} == {CHAT}


def _buttons(telegram: TelegramWorld, key: str) -> list[str]:
    markup = telegram.card(key).markup or {"inline_keyboard": []}
    data = [one["callback_data"] for row in markup["inline_keyboard"] for one in row]
    assert set(data) <= set(Press)
    return data
