"""What people do in a thread, as what it is to us; what apps do, as nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.channel import AgentDeleted, AgentSaid, Channel, Person, Press, Pressed
from rasa_handoff.channels.slack.text import escaped, plain
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.handoff import Outcome
from tests.channels.slack.cases import CHANNEL, KEY, case, delivered, of, place, recorded, request
from tests.channels.slack.world import TEAM, USERS, SlackWorld

ANNA = Person(USERS["anna"], "Anna Ng", "anna@example.com", "https://avatars.slack-edge.com/anna_192.png")


async def read(world: SlackWorld, channel: Channel, name: str) -> list[object]:
    return list(await of(channel, channel.receive(request(world, recorded(name)))))


async def test_a_message_is_said_as_a_person_reads_it_by_somebody_with_name_picture_and_email(
    world: SlackWorld, channel: Channel
) -> None:
    link = "our returns page (https://shop.example.com/returns)"
    text = f"Hi Ann & Bob 👋🏼 I asked @Ben Ode, see {link} or help@example.com"
    mark = "1764410460.123459"
    assert await read(world, channel, "message") == [AgentSaid(KEY, f"{CHANNEL}-{mark}", ANNA, text, mark)]


async def test_files_that_slack_has_are_private_and_others_have_their_own_address(
    world: SlackWorld, channel: Channel
) -> None:
    (said,) = await read(world, channel, "file_share")
    assert isinstance(said, AgentSaid)
    assert said.private == (Attachment("F0LABEL0001", "image"),)
    assert said.attachments == (Attachment("https://docs.google.com/document/d/1", "file"),)


async def test_a_reply_that_is_sent_to_the_channel_too_is_said_once_like_any_other(
    world: SlackWorld, channel: Channel
) -> None:
    (said,) = await read(world, channel, "thread_broadcast")
    assert isinstance(said, AgentSaid)
    assert said.text == "It is on its way"


async def test_new_words_are_an_edit_of_the_message(world: SlackWorld, channel: Channel) -> None:
    original = f"{CHANNEL}-1764410490.000300"
    edited = AgentSaid(KEY, f"{original}-1764410500.000000", ANNA, "Tomorrow, not today", edit_of=original)
    assert await read(world, channel, "message_changed") == [edited]


async def test_the_preview_of_a_link_is_no_edit(world: SlackWorld, channel: Channel) -> None:
    assert await read(world, channel, "unfurled") == []


@pytest.mark.parametrize("name", ["message_deleted", "tombstone"])
async def test_a_deleted_message_is_told_of(world: SlackWorld, channel: Channel, name: str) -> None:
    assert await read(world, channel, name) == [AgentDeleted(KEY, f"{CHANNEL}-1764410490.000300", ANNA)]


@pytest.mark.parametrize("name", ["own_message", "own_file", "other_app"])
async def test_what_apps_say_is_nothing(world: SlackWorld, channel: Channel, name: str) -> None:
    world.users["U0HANDOFF1"] = {"id": "U0HANDOFF1", "team_id": TEAM, "is_bot": True, "profile": {"real_name": "us"}}
    assert await read(world, channel, name) == []


async def test_a_press_is_who_pressed_what_and_closing_has_outcome_and_note(
    world: SlackWorld, channel: Channel
) -> None:
    (pressed,) = await read(world, channel, "block_actions")
    assert isinstance(pressed, Pressed)
    assert (pressed.place, pressed.person, pressed.press) == (KEY, ANNA, Press.ACCEPT)
    note = "Did not answer any more"
    closed = Pressed(KEY, "view:V0CLOSE0001", ANNA, Press.CLOSE, Outcome.CUSTOMER_LEFT, note)
    assert await read(world, channel, "view_submission") == [closed]


async def test_who_somebody_is_is_asked_once(world: SlackWorld, channel: Channel) -> None:
    for _ in range(3):
        await read(world, channel, "thread_broadcast")
    assert [call.path for call in world.calls].count("/api/users.info") == 1


async def test_the_email_of_another_workspaces_people_is_not_believed(world: SlackWorld, channel: Channel) -> None:
    world.users[USERS["anna"]]["team_id"] = "T0STRANGER"
    (said,) = await read(world, channel, "thread_broadcast")
    assert isinstance(said, AgentSaid)
    assert (said.person.name, said.person.email) == ("Anna Ng", None)


async def test_somebody_whom_slack_does_not_know_any_more_is_their_id(world: SlackWorld, channel: Channel) -> None:
    del world.users[USERS["anna"]]
    (said,) = await read(world, channel, "thread_broadcast")
    assert isinstance(said, AgentSaid)
    assert said.person == Person(USERS["anna"], USERS["anna"])


# A thread as a whole


async def test_history_is_what_people_said_after_the_mark_in_order_page_after_page(
    world: SlackWorld, channel: Channel
) -> None:
    world.page = 3
    key = (await channel.take_over(case(), "e-1", again=False)).key
    for number in range(8):
        world.agent_says(key, f"number {number}")
    whole = [one for one in await channel.history(place(key)) if isinstance(one, AgentSaid)]
    assert [one.text for one in whole] == [f"number {number}" for number in range(8)]
    rest = [one for one in await channel.history(place(key, whole[4].mark)) if isinstance(one, AgentSaid)]
    assert [one.text for one in rest] == ["number 5", "number 6", "number 7"]
    marks = [(len(one.mark), one.mark) for one in whole]
    assert marks == sorted(set(marks))


async def test_history_and_events_say_the_same_of_a_message(world: SlackWorld, channel: Channel) -> None:
    key = (await channel.take_over(case(), "e-1", again=False)).key
    world.says(key, "a &lt;b&gt; &amp; c", subtype="file_share", files=[world.file("a.pdf", "application/pdf", b"1")])
    assert await channel.history(place(key)) == await delivered(world, channel) != []


async def test_what_colleagues_write_to_each_other_is_not_for_the_customer(world: SlackWorld, channel: Channel) -> None:
    key = (await channel.take_over(case(), "e-1", again=False)).key
    world.agent_says(key, "!! who knows about refunds?")
    assert await delivered(world, channel) == []
    assert await channel.history(place(key)) == []


async def test_an_edit_and_a_deletion_name_the_message_that_was_said(world: SlackWorld, channel: Channel) -> None:
    key = (await channel.take_over(case(), "e-1", again=False)).key
    ts = world.says(key, "today")["ts"]
    world.edits(key, ts, "tomorrow")
    world.deletes(key, ts)
    said, edited, deleted = await delivered(world, channel)
    assert isinstance(said, AgentSaid)
    assert isinstance(edited, AgentSaid)
    assert isinstance(deleted, AgentDeleted)
    assert said.id == edited.edit_of == deleted.id != edited.id


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain", "plain"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt; stays", "&lt; stays"),
        ("<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"),
        ("<https://a.example|a.example>", "https://a.example"),
        ("<https://a.example|here>", "here (https://a.example)"),
        ("<tel:+49301234|+49 30 1234>", "+49 30 1234 (+49301234)"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
        ("<#C1|returns> <#C2>", "#returns #channel"),
        ("<@U2> <@U3|carl> <@U4>", "@Ben @carl @somebody"),
        (":party: is ours, :wave: is not", ":party: is ours, 👋 is not"),
        ("at 10:30:45 o'clock", "at 10:30:45 o'clock"),
    ],
)
def test_slacks_writing_is_read_as_people_read_it(written: str, shown: str) -> None:
    assert plain(written, {"U2": "Ben"}, {"wave": "👋"}) == shown


def test_what_we_write_is_read_as_it_was() -> None:
    for text in ("<!channel> & <@U1>", "a < b", "&lt;", "<https://evil.example|your bank>"):
        assert plain(escaped(text), {}, {}) == text
        assert "<" not in escaped(text)


@given(st.text(max_size=200))
def test_whatever_we_write_is_read_as_it_was(text: str) -> None:
    assert plain(escaped(text), {}, {}) == text


@given(st.text(alphabet="<>@#!|:&;ltgamp^U1 ", max_size=60))
def test_whatever_slack_writes_is_read(text: str) -> None:
    assert isinstance(plain(text, {"U1": "Ann"}, {"a": "b"}), str)
