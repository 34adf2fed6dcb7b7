"""What we do at Twilio: taking over, relaying, keeping the context up to date, letting go."""

import json
from dataclasses import replace

import httpx
import pytest

from rasa_handoff.channels.twilio import TwilioChannel
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.errors import PlaceGone, Refused, Unreachable, UnsupportedByChannel
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.package import Detail, Summary
from tests.channels.twilio.cases import a_case, a_message, heard, taken
from tests.channels.twilio.spec import need_specs
from tests.channels.twilio.world import WORKFLOW, TwilioWorld
from tests.channels.vendor import ANNA, Fault
from tests.writers.packages import SAID, package

STEPS = 8
"""Calls of a takeover: conversation, user, participant, webhook, transcript, context, Interaction, and one to spare."""


async def test_flex_is_given_a_conversation_that_is_complete_before_an_agent_is_looked_for(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    need_specs()  # each request below, and each answer of the fake, is held to them
    opened = await channel.take_over(a_case(), "e-1", again=False)
    paths = [call.path.rsplit("/", 1)[1] for call in world.calls]
    assert paths == ["Conversations", "Users", "Participants", "Webhooks", *["Messages"] * 2, "Interactions"]
    channel_of_it = json.loads(world.calls[-1].form["Channel"])
    assert channel_of_it == {
        "type": "web",
        "initiated_by": "customer",
        "properties": {"media_channel_sid": opened.key},
    }


async def test_the_workflow_sees_what_it_routes_by_and_the_agent_the_whole_package(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    (task,) = world.tasks.values()
    told = json.loads(task["attributes"])
    assert task["workflow_sid"] == WORKFLOW
    assert (told["department"], told["language"], told["reason"]) == ("billing", "en", "customer_requested")
    assert (told["priority"], told["customerName"]) == (2, "Ann Lee")
    assert told["handoff"]["url"] == "https://handoff.example/desk/h-1"
    assert ["Order", "10391"] in told["handoff"]["details"]
    assert told["handoff"]["left_out"] == ""
    for _, text in SAID:
        assert text in world.context(place.key)


async def test_who_it_is_passed_on_to_is_found_by_their_own_department(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    await channel.take_over(replace(a_case(), department="refunds"), "e-1", again=False)
    (task,) = world.tasks.values()
    assert json.loads(task["attributes"])["department"] == "refunds"


async def test_no_identity_at_twilio_says_who_the_customer_is(world: TwilioWorld, channel: TwilioChannel) -> None:
    await taken(channel)
    (identity,) = world.users
    assert identity == "rasa-h-1"


@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("lost", [True, False])
async def test_a_takeover_that_broke_off_anywhere_is_one_takeover(
    world: TwilioWorld, channel: TwilioChannel, step: int, lost: bool
) -> None:
    world.faults.extend([*[None] * step, Fault(503, lost=lost)])
    try:
        opened = await channel.take_over(a_case(), "e-1", again=False)
        assert step == STEPS - 1
    except Unreachable:
        world.faults.clear()
        opened = await channel.take_over(a_case(), "e-1", again=True)
    world.faults.clear()
    (made,) = world.conversations.values()
    assert made.sid == opened.key
    assert len(made.people) == len(made.webhooks) == len(world.interactions) == len(world.tasks) == 1
    assert len(made.messages) == 2
    assert await channel.take_over(a_case(), "e-1", again=True) == opened


async def test_a_second_takeover_of_the_handoff_is_another_conversation(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    first = await channel.take_over(a_case(), "e-1", again=False)
    second = await channel.take_over(a_case(), "e-2", again=False)
    assert first.key != second.key
    assert len(world.interactions) == 2


async def test_a_package_that_is_too_large_is_shortened_and_says_so(world: TwilioWorld, channel: TwilioChannel) -> None:
    details = tuple(Detail(f"fact_{number}", "ü" * 150, 1) for number in range(40))
    lines = [(Author.CUSTOMER, f"{number} " + "word " * 300) for number in range(30)]
    about = replace(package(*lines), details=details)
    summary = Summary(("A very long sentence. " * 100,))
    opened = await channel.take_over(a_case(about, summary=summary), "e-1", again=False)
    (task,) = world.tasks.values()
    told = json.loads(task["attributes"])["handoff"]
    kept = len(told["details"])
    assert told["left_out"] == f"{46 - kept} of 46 details, the end of the summary"
    assert "lines left out" in world.context(opened.key)
    assert "earlier lines left out" in world.context(opened.key)
    assert all(len(one["body"]) <= 1600 for one in world.conversations[opened.key].messages)
    assert "29 word" in world.context(opened.key)  # the newest is what is kept


async def test_the_context_is_brought_up_to_date_in_place(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    before = len(world.conversations[place.key].messages)
    now = a_case(status=Status.ACTIVE, agent_name="Anna Ng", summary=Summary(("Written by a model.",)))
    for _ in range(2):
        await channel.update_context(now, place)
        assert "With Anna Ng" in world.context(place.key)
        assert "Written by a model." in world.context(place.key)
        assert "Waiting for somebody" not in world.context(place.key)
    assert len(world.conversations[place.key].messages) == before
    (task,) = world.tasks.values()
    assert json.loads(task["attributes"])["flexInteractionSid"].startswith("KD")


async def test_what_others_change_of_the_task_meanwhile_is_not_undone(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    read = channel._twilio.task

    async def overtaken(sid: str) -> object:
        found = await read(sid)
        world.tasks[sid]["attributes"] = json.dumps({**found[0], "by_a_plugin": 1})
        return found

    channel._twilio.task = overtaken
    with pytest.raises(Unreachable):
        await channel.update_context(a_case(), place)
    channel._twilio.task = read
    await channel.update_context(a_case(), place)
    (task,) = world.tasks.values()
    assert json.loads(task["attributes"])["by_a_plugin"] == 1


async def test_an_update_of_what_is_over_is_nothing(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.completes(place.key)
    world.tasks.clear()
    await channel.update_context(a_case(), place)


async def test_messages_are_shown_in_order_and_as_whom_they_are_from(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    await channel.relay(place, a_message("m-1", "hello?"), again=False)
    await channel.relay(place, a_message("m-2", "not delivered", author=Author.SYSTEM), again=False)
    await channel.relay(place, replace(a_message("m-3", "hi", author=Author.AGENT), name="Ben"), again=False)
    assert world.shown(place.key) == ["hello?", "not delivered", "hi"]
    authors = [one["author"] for one in world.conversations[place.key].messages[-3:]]
    assert authors == [place.data["customer"], "Handoff", "Ben"]
    assert world.conversations[place.key].messages[-3]["participant_sid"] is not None


async def test_a_message_that_may_have_arrived_is_looked_for_and_not_repeated(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place, message = await taken(channel), a_message("m-1", "hello?")
    world.faults.append(Fault(lost=True))
    with pytest.raises(Unreachable):
        await channel.relay(place, message, again=False)
    await channel.relay(place, message, again=True)
    await channel.relay(place, message, again=True)
    assert world.shown(place.key) == ["hello?"]


async def test_a_long_message_is_cut_at_words_and_what_is_missing_of_it_is_sent(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place, text = await taken(channel), " ".join(f"word{number}" for number in range(900))
    world.faults.extend([None, Fault(lost=True)])
    with pytest.raises(Unreachable):
        await channel.relay(place, a_message("m-1", text), again=False)
    await channel.relay(place, a_message("m-1", text), again=True)
    assert world.shown(place.key) == [text]


async def test_a_text_without_a_blank_is_cut_too(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    await channel.relay(place, a_message("m-1", "x" * 4000), again=False)
    assert world.shown(place.key) == [f"{'x' * 1600} {'x' * 1600} {'x' * 800}"]


async def test_what_the_customer_sends_along_is_a_link(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    picture = Attachment("https://bot.example/broken.png", "image")
    await channel.relay(place, a_message("m-1", "look", picture), again=False)
    await channel.relay(place, a_message("m-2", "", picture), again=False)
    link = "[image: https://bot.example/broken.png]"
    assert world.shown(place.key) == [f"look\n{link}", link]


async def test_what_we_do_makes_no_webhooks(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    await channel.relay(place, a_message("m-1", "hello?"), again=False)
    assert not any("x-twilio-webhook-enabled" in call.headers for call in world.calls)
    assert await heard(world, channel) == []


async def test_an_agent_is_told_something_in_the_conversation(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    await channel.tell(place, ANNA, "The customer has left.")
    assert world.told(place.key) == ["The customer has left."]


async def test_typing_cannot_be_shown(channel: TwilioChannel) -> None:
    with pytest.raises(UnsupportedByChannel):
        await channel.typing(await taken(channel), on=True)


async def test_letting_go_completes_the_task_and_closes_the_conversation(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place, ended = await taken(channel), a_case(status=Status.CLOSED, outcome=Outcome.RETURNED_TO_BOT)
    assert not world.is_released(place.key)
    for _ in range(2):
        await channel.release(ended, place)
        assert world.is_released(place.key)
    assert "Returned to the bot" in world.context(place.key)


async def test_letting_go_of_what_flex_has_ended_is_nothing(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.completes(place.key)
    await channel.release(a_case(status=Status.CLOSED, outcome=Outcome.RESOLVED), place)
    world.interactions.clear()  # Twilio drops them half a year later
    await channel.release(a_case(status=Status.CLOSED, outcome=Outcome.RESOLVED), place)


async def test_a_message_for_a_conversation_that_is_over_wants_another_one(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    world.completes(place.key)
    with pytest.raises(PlaceGone, match="50377"):
        await channel.relay(place, a_message("m-1", "anybody there?"), again=False)
    world.conversations.clear()
    for again in (False, True):
        with pytest.raises(PlaceGone):
            await channel.relay(place, a_message("m-1", "anybody there?"), again=again)


@pytest.mark.parametrize(("header", "seconds"), [({"Retry-After": "7"}, 7.0), ({}, None)])
async def test_too_many_calls_are_made_later(
    world: TwilioWorld, channel: TwilioChannel, header: dict[str, str], seconds: float | None
) -> None:
    place = await taken(channel)
    world.faults.append(Fault(429, header))
    with pytest.raises(Unreachable) as caught:
        await channel.relay(place, a_message("m-1", "hello?"), again=False)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_what_may_pass_is_tried_again(world: TwilioWorld, channel: TwilioChannel, status: int) -> None:
    place = await taken(channel)
    world.faults.append(Fault(status))
    with pytest.raises(Unreachable):
        await channel.relay(place, a_message("m-1", "hello?"), again=False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
async def test_what_will_not_pass_is_refused(world: TwilioWorld, channel: TwilioChannel, status: int) -> None:
    place = await taken(channel)
    world.faults.append(Fault(status))
    with pytest.raises(Refused):
        await channel.relay(place, a_message("m-1", "hello?"), again=False)


async def test_a_wrong_key_is_refused_and_says_what_to_do(world: TwilioWorld, channel: TwilioChannel) -> None:
    world.key = ("SK" + "e" * 32, "another")
    with pytest.raises(Refused, match=r"20003.*rasa-handoff check"):
        await channel.take_over(a_case(), "e-1", again=False)


async def test_a_twilio_that_does_not_answer_is_not_waited_for(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    channel._twilio._vendor._http.timeout = httpx.Timeout(0.1)
    world.faults.append(Fault(pause=0.4))
    with pytest.raises(Unreachable):
        await channel.relay(place, a_message("m-1", "hello?"), again=False)
