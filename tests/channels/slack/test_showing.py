"""What agents see in Slack: the card, kept up to date, and the conversation in its thread, each thing once."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rasa_handoff.channel import Channel, Outgoing, Person, Press
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.errors import NotFound, Refused, Unreachable, UnsupportedByChannel
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.need import Need
from tests.channels.slack.cases import case, delivered, place, words
from tests.channels.slack.world import CHANNEL, USERS, SlackWorld
from tests.channels.vendor import Fault
from tests.writers.packages import NOW


async def opened(channel: Channel) -> str:
    return (await channel.take_over(case(), "e-1", again=False)).key


def card(world: SlackWorld, key: str) -> dict[str, Any]:
    found = world.message(*key.split(":"))
    assert found is not None
    return found


def buttons(world: SlackWorld, key: str) -> list[str]:
    actions = [one for one in card(world, key)["blocks"] if one["type"] == "actions"]
    return [one["action_id"] for block in actions for one in block["elements"]]


async def test_the_card_has_reason_summary_details_and_what_was_said_before(
    world: SlackWorld, channel: Channel
) -> None:
    context = world.context(await opened(channel))
    told = ("Asked for a person: Ann Lee", "Waiting for somebody", "“refund”", "10391", "Customer said: human")
    for part in (*told, "Please try the returns page", "My name is Ann Lee"):
        assert part in context, part


async def test_the_card_offers_what_can_be_done_and_changes_in_place(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    assert buttons(world, key) == ["handoff_accept", "handoff_desk"]
    await channel.update_context(case(Status.OFFERED), place(key))
    assert buttons(world, key) == ["handoff_accept", "handoff_decline", "handoff_desk"]
    await channel.update_context(case(Status.ACTIVE), place(key))
    assert buttons(world, key) == ["handoff_suggest", "handoff_hand_back", "handoff_close", "handoff_desk"]
    assert "With Anna Ng" in world.context(key)
    assert len([one for one in world.messages[CHANNEL] if "thread_ts" not in one]) == 1


async def test_what_customers_write_mentions_nobody_and_is_no_markup(world: SlackWorld, channel: Channel) -> None:
    nasty = "<!channel> <@U1> *bold* <https://evil.example|your bank> & so on"
    package = replace(case().package, customer_name=nasty, history=(Line(Author.CUSTOMER, nasty, NOW),))
    key = (await channel.take_over(replace(case(), package=package), "e-1", again=False)).key
    await channel.relay(place(key), words(nasty), again=False)
    sent = [call for call in world.calls if call.path == "/api/chat.postMessage"]
    assert all("<!channel>" not in call.form["text"] for call in sent)
    assert all(call.form["mrkdwn"] == "false" for call in sent)
    for one in card(world, key)["blocks"]:
        for text in (one.get("text", {}), *one.get("fields", ())):
            assert text.get("type") != "mrkdwn" or "<!channel>" not in text["text"]
    assert world.shown(key) == [nasty]


async def test_a_huge_handoff_fits_into_slacks_limits(world: SlackWorld, channel: Channel) -> None:
    long = "<&>" * 5000
    many = tuple(replace(case().package.details[0], kind=f"kind {number}", value=long) for number in range(60))
    lines = tuple(Line(Author.CUSTOMER, long, NOW) for _ in range(80))
    package = replace(case().package, customer_name=long, details=many, history=lines)
    huge = replace(case().handoff, summary=replace(case().handoff.summary, sentences=(long, long, long)), note=long)
    shown = replace(case(), handoff=huge, package=package, url="https://desk.example.com/" + "x" * 5000)
    key = (await channel.take_over(shown, "e-1", again=False)).key
    assert len(card(world, key)["blocks"]) <= 50  # the world refuses what is wrong with any of them


async def test_a_card_that_may_have_arrived_is_not_posted_twice(world: SlackWorld, channel: Channel) -> None:
    world.faults.append(Fault(lost=True))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "e-1", again=False)
    key = (await channel.take_over(case(), "e-1", again=True)).key
    assert (await channel.take_over(case(), "e-1", again=True)).key == key
    top = [one for one in world.messages[CHANNEL] if "thread_ts" not in one]
    assert ([one["ts"] for one in top], len(world.thread(key))) == ([key.split(":")[1]], 1)


async def test_another_handoffs_card_is_not_taken_for_it(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    assert (await channel.take_over(case(), "e-2", again=True)).key != key


async def test_departments_have_their_own_channels_and_one_without_is_left_to_the_desk(world: SlackWorld) -> None:
    world.channels["C0SALES0001"] = {"name": "sales", "is_member": True, "is_archived": False}
    world.messages["C0SALES0001"] = []
    told = {**world.settings(), "id": "there", "type": "slack", "channel": None, "channels": {"sales": "C0SALES0001"}}
    channel = world.kind.make(Setup("there", world.kind.settings.model_validate(told), world.secrets()))
    sales = replace(case(), handoff=replace(case().handoff, need=Need("sales")))
    assert (await channel.take_over(sales, "e-1", again=False)).key.startswith("C0SALES0001:")
    with pytest.raises(UnsupportedByChannel, match="support"):
        await channel.take_over(case(), "e-2", again=False)
    await channel.close()


# The conversation


async def test_messages_stand_in_the_thread_under_the_name_of_who_wrote_them(
    world: SlackWorld, channel: Channel
) -> None:
    key = await opened(channel)
    await channel.relay(place(key), words("Hello?"), again=False)
    await channel.relay(place(key), Outgoing("m-2", Author.SYSTEM, "Not delivered: 1"), again=False)
    said = world.thread(key)[1:]
    assert [(one["username"], one["text"]) for one in said] == [("Ann Lee", "Hello?"), ("Handoff", "Not delivered: 1")]


async def test_a_message_that_may_have_arrived_is_not_posted_twice(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    world.page = 4
    for number in range(9):
        await channel.relay(place(key), words(f"{number}", f"m-{number}"), again=False)
    world.faults.append(Fault(lost=True))
    with pytest.raises(Unreachable):
        await channel.relay(place(key), words("last", "m-last"), again=False)
    await channel.relay(place(key), words("last", "m-last"), again=True)
    assert world.shown(key)[-2:] == ["8", "last"]


async def test_a_message_that_did_not_arrive_is_posted(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    world.faults.append(Fault(500))
    with pytest.raises(Unreachable):
        await channel.relay(place(key), words("one"), again=False)
    await channel.relay(place(key), words("one"), again=True)
    assert world.shown(key) == ["one"]


async def test_where_we_may_not_look_a_message_is_rather_there_twice_than_not_at_all(
    world: SlackWorld, channel: Channel
) -> None:
    key = await opened(channel)
    world.refused = {"conversations.replies": "missing_scope"}
    await channel.relay(place(key), words("one"), again=True)
    assert world.shown(key) == ["one"]
    world.agent_says(key, "hello")
    assert await channel.history(place(key)) == ()
    assert len(await delivered(world, channel)) == 1


async def test_a_message_of_another_app_with_our_id_is_not_taken_for_ours(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    forged = {"event_type": "rasa_handoff_message", "event_payload": {"id": "m-1"}}
    world.says(key, "I am no app", metadata=forged)
    await channel.relay(place(key), words("one"), again=True)
    assert "one" in world.shown(key)


async def test_our_own_posts_come_back_as_nothing(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    await channel.relay(place(key), words("Hello?"), again=False)
    await channel.update_context(case(Status.ACTIVE), place(key))
    assert len(world.hooks) >= 3
    assert await delivered(world, channel) == []


async def test_somebody_is_told_something_alone_in_the_thread(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    await channel.tell(place(key), Person(USERS["ben"], "Ben"), "Anna has this conversation <now>.")
    assert world.told(key) == ["Anna has this conversation <now>."]
    assert world.ephemeral[0]["user"] == USERS["ben"]


async def test_what_cannot_be_shown_is_declared_and_refused(world: SlackWorld, channel: Channel) -> None:
    assert not channel.capabilities.typing
    with pytest.raises(UnsupportedByChannel):
        await channel.typing(place(await opened(channel)), on=True)


# The end


async def test_at_the_end_the_card_has_no_buttons_and_the_thread_says_so_once(
    world: SlackWorld, channel: Channel
) -> None:
    key = await opened(channel)
    ended = case(Status.CLOSED, outcome=Outcome.RESOLVED, note="refunded")
    for _ in range(2):
        await channel.release(ended, place(key))
    assert world.is_released(key)
    assert [one["text"] for one in world.thread(key)[1:]] == ["Resolved by Anna Ng: refunded."]


async def test_what_went_to_another_department_says_so(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    await channel.release(replace(case(), handoff=replace(case().handoff, need=Need("sales"))), place(key))
    assert "Passed on to sales" in world.context(key)
    assert world.is_released(key)


async def test_a_card_that_somebody_deleted_holds_nothing_up(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    await channel.relay(place(key), words("Hello?"), again=False)
    world.messages[CHANNEL].remove(card(world, key))
    await channel.update_context(case(Status.ACTIVE), place(key))
    await channel.relay(place(key), words("Still there?", "m-2"), again=False)
    assert world.shown(key) == ["Hello?", "Still there?"]


# Dialogs


@pytest.mark.parametrize("press", [Press.HAND_BACK, Press.CLOSE])
async def test_ending_it_asks_for_a_note_and_closing_for_the_outcome(
    world: SlackWorld, channel: Channel, press: Press
) -> None:
    key = await opened(channel)
    world.entered = {"outcome": "cancelled", "note": "as agreed"}
    world.press(key, press)
    (pressed,) = await delivered(world, channel)
    fields = [one["block_id"] for one in world.views[0]["blocks"]]
    outcome = Outcome.CANCELLED if press is Press.CLOSE else Outcome.RETURNED_TO_BOT
    assert fields == (["outcome", "note"] if press is Press.CLOSE else ["note"])
    assert json.loads(world.views[0]["private_metadata"]) == {"place": key}
    assert (pressed.place, pressed.press, pressed.outcome, pressed.note) == (key, press, outcome, "as agreed")  # type: ignore[union-attr]


async def test_a_dialog_that_slack_does_not_open_in_time_is_told_of(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    world.press(key, Press.CLOSE)
    for trigger, (_, payload) in world.triggers.items():
        world.triggers[trigger] = 0.0, payload
    assert await delivered(world, channel) == []
    assert "press the button once more" in world.told(key)[0]


async def test_every_other_press_is_one_signal(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    world.hooks.clear()
    for press in (Press.ACCEPT, Press.DECLINE, Press.SUGGEST):
        world.press(key, press)
    ids = [channel.receive(world.request(hook)).signals[0].id for hook in world.hooks]
    assert len(set(ids)) == 3
    assert [one.press for one in await delivered(world, channel)] == [Press.ACCEPT, Press.DECLINE, Press.SUGGEST]  # type: ignore[union-attr]


# Files


async def test_a_customers_file_is_in_the_thread(world: SlackWorld, channel: Channel) -> None:
    key = await opened(channel)
    world.files["F0PICTURE"] = {"id": "F0PICTURE", "name": "x", "content": b"\x89PNG", "mimetype": "image/png"}
    world.public.add("F0PICTURE")
    await channel.relay(place(key), words("look", "m-1", f"{world.url}/files/F0PICTURE?name=a.png"), again=False)
    assert world.shown(key) == ["look"]
    (file,) = [one for message in world.thread(key) for one in message.get("files", ())]
    assert world.files[file["id"]]["content"] == b"\x89PNG"


@pytest.mark.parametrize("fault", [Fault(lost=True), Fault(500)])
async def test_a_file_that_may_have_arrived_is_shared_once(world: SlackWorld, channel: Channel, fault: Fault) -> None:
    key = await opened(channel)
    world.files["F0PICTURE"] = {"id": "F0PICTURE", "name": "x", "content": b"\x89PNG"}
    world.public.add("F0PICTURE")
    message = words("look", "m-1", f"{world.url}/files/F0PICTURE")
    world.fault_at = ("/api/files.completeUploadExternal", fault)
    with pytest.raises(Unreachable):
        await channel.relay(place(key), message, again=False)
    await channel.relay(place(key), message, again=True)
    assert world.shown(key) == ["look"]
    assert [len(one["files"]) for one in world.thread(key) if "files" in one] == [1]


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/meta-data", "http://localhost:1/x", "file:///etc/passwd", "x", "http://[::1]/"],
)
async def test_a_file_that_is_not_on_the_public_network_is_a_link(
    world: SlackWorld, channel: Channel, url: str
) -> None:
    key = await opened(channel)
    await channel.relay(place(key), words("look", "m-1", url), again=False)
    assert world.shown(key) == [f"look\nimage: {url}"]


async def test_an_agents_file_is_read_with_our_token(world: SlackWorld, channel: Channel) -> None:
    id = world.file("label.pdf", "application/pdf", b"%PDF")["id"]
    file = await channel.open_file(id)
    assert (file.name, file.media_type, file.size) == ("label.pdf", "application/pdf", 4)
    assert b"".join([chunk async for chunk in file.chunks]) == b"%PDF"


@pytest.mark.parametrize("ref", ["F0NOTTHERE", "../auth.test", "", "https://evil.example/x"])
async def test_a_file_that_is_not_there_is_not_found(channel: Channel, ref: str) -> None:
    with pytest.raises(NotFound):
        await channel.open_file(ref)


async def test_our_token_goes_to_slack_alone(world: SlackWorld, channel: Channel) -> None:
    file = world.file("a.txt", "text/plain", b"1")
    world.files[file["id"]]["url_private"] = "https://evil.example/a.txt"
    with pytest.raises(Refused, match=r"evil\.example"):
        await channel.open_file(file["id"])
