"""What comes from Flex: messages, who has it, how it ended; told to us, or found by asking."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, LetGo, Person, Press, Request, Took
from rasa_handoff.channels.twilio import TwilioChannel
from rasa_handoff.channels.twilio.people import person
from rasa_handoff.channels.twilio.reading import of_hook
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import NotFound, Unreachable
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.takeover import Place
from tests.channels.twilio.cases import a_message, heard, taken
from tests.channels.twilio.test_signature import of, signed_json
from tests.channels.twilio.world import TwilioWorld, flex_identity, signed_hook
from tests.channels.vendor import ANNA, BEN, Fault

PAYLOADS = Path(__file__).parents[2] / "payloads/twilio"
CONVERSATION, MESSAGE = "CH" + "1" * 32, "IM" + "2" * 32
WHO = Person("anna_40example_2Ecom", "Anna", "anna@example.com")
"""As she is known where Twilio has no name for her."""


def recorded(name: str) -> Request:
    payload = json.loads((PAYLOADS / name).read_text(encoding="utf-8"))
    is_json = payload["content_type"] == "application/json"
    return signed_json(payload["told"]) if is_json else of(signed_hook(payload["told"]))


async def meant(channel: TwilioChannel, name: str) -> list[Incoming]:
    return [one for signal in channel.receive(recorded(name)).signals for one in await channel.events(signal)]


def files(*named: tuple[str, str]) -> tuple[Attachment, ...]:
    return tuple(Attachment(sid, kind) for sid, kind in named)


MEANT: dict[str, list[Incoming]] = {
    "message_added.json": [AgentSaid(CONVERSATION, MESSAGE, WHO, "Have you tried the other form?", "7")],
    "message_with_files.json": [
        AgentSaid(
            CONVERSATION,
            MESSAGE,
            WHO,
            "",
            "7",
            private=files(("ME" + "6" * 32, "file"), ("ME" + "7" * 32, "image")),
        )
    ],
    "own_message.json": [],
    "message_of_nobody.json": [],
    "message_updated.json": [
        AgentSaid(
            CONVERSATION,
            f"{MESSAGE}:2026-01-01T12:01:00.000Z",
            WHO,
            "Have you tried the new form?",
            "7",
            edit_of=MESSAGE,
        )
    ],
    "message_removed.json": [AgentDeleted(CONVERSATION, MESSAGE, WHO)],
    "participant_added.json": [Took(CONVERSATION, WHO)],
    "own_participant_added.json": [],
    "state_inactive.json": [],
    "delivery_updated.json": [],
    "before_a_message.json": [],
}


@pytest.mark.parametrize("name", MEANT)
async def test_what_a_webhook_means(channel: TwilioChannel, name: str) -> None:
    assert await meant(channel, name) == MEANT[name]


async def test_what_event_streams_tells_means_the_same(world: TwilioWorld, channel: TwilioChannel) -> None:
    streamed = channel.receive(recorded("event_streams.json")).signals
    posted = ("message_added.json", "participant_added.json", "state_updated.json")
    assert [one.id for one in streamed] == [channel.receive(recorded(name)).signals[0].id for name in posted]
    (said,) = await channel.events(streamed[0])
    assert isinstance(said, AgentSaid)
    assert (said.id, said.text, said.mark) == (MESSAGE, "Have you tried the other form?", "7")
    assert said.private == files(("ME" + "6" * 32, "file"))
    assert await channel.events(streamed[1]) == (Took(CONVERSATION, WHO),)


def test_every_recorded_payload_is_tried() -> None:
    others = {"participant_removed.json", "state_updated.json", "event_streams.json"}  # in their own tests
    assert {path.name for path in PAYLOADS.iterdir()} == {*MEANT, *others}


async def test_an_agent_who_takes_it_in_flex_has_it(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.press(place.key, Press.ACCEPT)
    who = Person(flex_identity(ANNA), "Anna Ng", "anna@example.com")
    assert await heard(world, channel) == [Took(place.key, who)]
    world.agent_says(place.key, "Hello!")
    (said,) = await heard(world, channel)
    assert isinstance(said, AgentSaid)
    assert (said.person, said.text) == (who, "Hello!")


async def test_people_are_looked_up_once(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    for number in range(3):
        world.agent_says(place.key, f"message {number}")
    await heard(world, channel)
    assert sum("/Users/" in call.path for call in world.calls) == 1


async def test_a_message_is_not_held_up_by_a_name_that_cannot_be_had(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    world.agent_says(place.key, "Hello!")
    world.faults.append(Fault(503))
    (said,) = await heard(world, channel)
    assert isinstance(said, AgentSaid)
    assert said.person.name == "Anna"
    world.agent_says(place.key, "Hello again!")
    (said,) = await heard(world, channel)
    assert isinstance(said, AgentSaid)
    assert said.person.name == "Anna Ng"


@pytest.mark.parametrize(
    ("identity", "friendly", "name", "email"),
    [
        ("anna_40example_2Ecom", "Anna Ng", "Anna Ng", "anna@example.com"),
        ("anna_2Eng_40example_2Ecom", None, "Anna Ng", "anna.ng@example.com"),
        ("anna_40example_2Ecom", "anna_40example_2Ecom", "Anna", "anna@example.com"),
        ("anna_40example_2Ecom", "anna@example.com", "Anna", "anna@example.com"),
        ("anna", None, "anna", None),
        ("_40example_2Ecom", None, "Agent", "@example.com"),
    ],
)
def test_customers_are_told_a_name_and_no_address(
    identity: str, friendly: str | None, name: str, email: str | None
) -> None:
    assert person(identity, friendly) == Person(identity, name, email)


async def test_the_history_is_what_agents_wrote_in_order_and_after_the_mark(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    world.agent_says(place.key, "one")
    await channel.relay(place, a_message("m-1", "mine"), again=False)
    world.agent_says(place.key, "two", BEN)
    said = await channel.history(place)
    assert [(one.text, one.person.name) for one in said] == [("one", "Anna Ng"), ("two", "Ben Ode")]
    assert [one.id for one in said] == [one.id for one in await heard(world, channel)]
    later = Place(place.channel, place.department, place.key, place.data, said[0].mark)
    assert [one.text for one in await channel.history(later)] == ["two"]


async def test_a_history_of_many_pages_is_read_to_the_mark_and_no_further(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    for number in range(250):
        world.agent_says(place.key, f"message {number}")
    said = await channel.history(place)
    assert [one.text for one in said] == [f"message {number}" for number in range(250)]
    world.calls.clear()
    newest = Place(place.channel, place.department, place.key, place.data, said[-2].mark)
    assert [one.text for one in await channel.history(newest)] == ["message 249"]
    assert len(world.calls) == 1


@pytest.mark.parametrize("words", ["/bot", " /BOT\n"])
async def test_an_agent_hands_back_to_the_bot_by_writing_so(
    world: TwilioWorld, channel: TwilioChannel, words: str
) -> None:
    place, who = await taken(channel), Person(flex_identity(ANNA), "Anna Ng", "anna@example.com")
    world.agent_says(place.key, words)
    assert await heard(world, channel) == [LetGo(place.key, Outcome.RETURNED_TO_BOT, who)]
    world.agent_says(place.key, "write /bot to hand back")
    (said,) = await heard(world, channel)
    assert isinstance(said, AgentSaid)


async def test_flex_ends_it_after_an_agent_wrote(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.agent_says(place.key, "Done.")
    world.press(place.key, Press.CLOSE)
    assert (await heard(world, channel))[-1] == LetGo(place.key, Outcome.RESOLVED)


async def test_flex_ends_it_with_an_agent_who_wrote_nothing(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.press(place.key, Press.ACCEPT)
    world.press(place.key, Press.CLOSE)
    assert (await heard(world, channel))[-1] == LetGo(place.key, Outcome.RESOLVED)


async def test_flex_gives_up_before_anybody_took_it(world: TwilioWorld, channel: TwilioChannel) -> None:
    """The workflow timed out, say: that is no success, and somebody else is to have it."""
    place = await taken(channel)
    world.completes(place.key)
    (told,) = await heard(world, channel)
    assert isinstance(told, LetGo)
    assert told.outcome is Outcome.FAILED
    assert "before an agent wrote" in told.note


async def test_an_agent_who_leaves_ends_it_only_if_the_conversation_is_closed(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    place = await taken(channel)
    world.agent_says(place.key, "I pass you on.")
    left = {"ParticipantSid": "MB" + "3" * 32, "Identity": flex_identity(ANNA)}
    world.hook(place.key, "onParticipantRemoved", left)
    assert not any(isinstance(one, LetGo) for one in await heard(world, channel))
    world.completes(place.key)
    world.hooks.clear()
    world.hook(place.key, "onParticipantRemoved", left)
    assert await heard(world, channel) == [LetGo(place.key, Outcome.RESOLVED)]


async def test_an_end_that_was_not_told_is_found(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    assert await channel.history(place) == ()
    world.agent_says(place.key, "Done.")
    world.completes(place.key)
    (said,) = await channel.history(place)  # first what was said
    later = Place(place.channel, place.department, place.key, place.data, said.mark)
    assert await channel.history(later) == (LetGo(place.key, Outcome.RESOLVED),)


async def test_an_interaction_that_fails_later_is_found(world: TwilioWorld, channel: TwilioChannel) -> None:
    """Twilio sets it up after it has answered: only asking shows that it failed."""
    place = await taken(channel)
    world.interactions[0] |= {"status": "failed", "error": "Workflow not found"}
    assert await channel.history(place) == (LetGo(place.key, Outcome.FAILED, note="Flex: Workflow not found"),)


@pytest.mark.parametrize("status", ["setup", "active", "inactive", "pause", "transfer"])
async def test_an_interaction_that_is_parked_goes_on(world: TwilioWorld, channel: TwilioChannel, status: str) -> None:
    place = await taken(channel)
    world.interactions[0]["status"] = status
    assert await channel.history(place) == ()


async def test_an_interaction_that_twilio_has_dropped_says_nothing(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.interactions.clear()
    assert await channel.history(place) == ()


async def test_an_agents_file_is_read_from_where_twilio_keeps_it(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    sid = world.agent_sends(place.key, "form.pdf", "application/pdf", b"%PDF" * 5000)
    (said,) = await heard(world, channel)
    assert isinstance(said, AgentSaid)
    assert said.private == (Attachment(sid, "file"),)
    assert said == (await channel.history(place))[0]
    opened = await channel.open_file(said.private[0].url)
    assert (opened.name, opened.media_type, opened.size) == ("form.pdf", "application/pdf", 20000)
    assert b"".join([chunk async for chunk in opened.chunks]) == b"%PDF" * 5000
    assert "authorization" not in world.calls[-1].headers  # the address is signed: our key is nobody's business there


async def test_a_file_that_is_gone_is_not_found(channel: TwilioChannel) -> None:
    with pytest.raises(NotFound):
        await channel.open_file("ME" + "0" * 32)


async def test_a_file_that_cannot_be_read_is_unreachable(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    opened = await channel.open_file(world.agent_sends(place.key, "a.png", "image/png", b"1234"))
    world.faults.append(Fault(503))
    with pytest.raises(Unreachable):
        [chunk async for chunk in opened.chunks]


async def test_history_of_a_twilio_that_is_down_is_unreachable(world: TwilioWorld, channel: TwilioChannel) -> None:
    place = await taken(channel)
    world.faults.append(Fault(500))
    with pytest.raises(Unreachable):
        await channel.history(place)


texts = st.text(max_size=30)


@given(
    told=st.fixed_dictionaries(
        {"MessageSid": texts, "ConversationSid": texts},
        optional={
            "Media": texts | st.sampled_from(["[1]", "{}", "[{}]", '[{"Sid": 1}]', "[" * 3000]),
            "Attributes": texts | st.sampled_from(["[]", "1", '{"rasa_handoff": 1}']),
            "Author": texts,
            "ParticipantSid": texts,
        },
    )
)
@settings(max_examples=300, deadline=None)
def test_a_message_is_read_whatever_it_is_made_of(told: dict[str, Any]) -> None:
    assert of_hook(told).conversation == told["ConversationSid"]
