"""What Telegram tells us: believed when it is Telegram's, and read as what it means."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import AgentSaid, Incoming, Person, Press, Pressed, Received, Request, Signal
from rasa_handoff.channels.telegram import updates
from rasa_handoff.channels.telegram.channel import TelegramChannel
from rasa_handoff.channels.telegram.updates import file_of
from rasa_handoff.core.errors import NotFound, Refused, SettingsError, Unverified
from rasa_handoff.core.handoff import Outcome, Status
from tests.channels.cases import case, place
from tests.channels.telegram.world import SECRET, STRANGER, USERS, TelegramWorld
from tests.channels.vendor import ANNA, BEN, Hook

PAYLOADS = Path(__file__).parents[2] / "payloads/telegram"
HEADERS = {"x-telegram-bot-api-secret-token": SECRET}
ANNA_THERE = Person("501", "Anna Ng", "anna@example.com")


def request(body: bytes, headers: dict[str, str] | None = None, method: str = "POST", path: str = "") -> Request:
    url = f"https://handoff.example/hooks/there{path}"
    return Request(method, url, path, {}, HEADERS if headers is None else headers, body, datetime.now(UTC))


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def signals(channel: TelegramChannel, name: str) -> tuple[Signal, ...]:
    return channel.receive(request(json.dumps(recorded(name)).encode())).signals


async def heard(channel: TelegramChannel, name: str) -> list[Incoming]:
    return [one for signal in signals(channel, name) for one in await channel.events(signal)]


@pytest.mark.parametrize(
    "wrong",
    [
        request(b'{"update_id": 1}', {}),
        request(b'{"update_id": 1}', {"x-telegram-bot-api-secret-token": SECRET + "x"}),
        request(b'{"update_id": 1}', {"x-telegram-bot-api-secret-token": "sécret\ud800"}),
        request(b'{"update_id": 1}', method="GET"),
        request(b'{"update_id": 1}', path="/other"),
        request(b"{}"),
        request(b"[1]"),
        request(b'{"update_id": "1"}'),
        request(b"no json"),
        request(b"\xff\xfe"),
        request(b"[" * 100_000),
        request(b'{"update_id": 1, "message": {"text": "' + b"a" * 1_000_000 + b'"}}'),
    ],
)
async def test_whatever_is_wrong_with_a_request_it_is_refused_alike(channel: TelegramChannel, wrong: Request) -> None:
    with pytest.raises(Unverified) as told:
        channel.receive(wrong)
    assert str(told.value) == str(Unverified())


_VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
_CHATS = st.fixed_dictionaries({}, optional={"id": _VALUES | st.just(-1001234567890), "type": _VALUES})
_PARTS = st.fixed_dictionaries(
    {},
    optional={
        "chat": _VALUES | _CHATS,
        "message_thread_id": _VALUES,
        "is_topic_message": _VALUES,
        "text": _VALUES,
        "caption": _VALUES,
        "reply_to_message": _VALUES,
        "message_id": _VALUES,
        "from": _VALUES | st.fixed_dictionaries({}, optional={"id": _VALUES, "is_bot": _VALUES}),
        "entities": _VALUES,
        "photo": _VALUES,
        "document": _VALUES,
        "reply_markup": _VALUES,
    },
)
_UPDATES = st.fixed_dictionaries(
    {},
    optional={
        "update_id": _VALUES,
        "message": _VALUES | _PARTS,
        "edited_message": _VALUES | _PARTS,
        "callback_query": _VALUES | st.fixed_dictionaries({}, optional={"message": _VALUES | _PARTS, "id": _VALUES}),
    },
)


@given(
    body=st.binary() | (_VALUES | _UPDATES).map(lambda value: json.dumps(value).encode()),
    secret=st.sampled_from([SECRET, SECRET, "", "x"]) | st.text(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_a_request_is_received_or_refused_and_nothing_else(
    channel: TelegramChannel, body: bytes, secret: str
) -> None:
    try:
        found = channel.receive(request(body, {"x-telegram-bot-api-secret-token": secret}))
    except Unverified:
        return
    assert secret == SECRET
    assert isinstance(found, Received)


@given(update=_UPDATES)
def test_an_update_is_read_or_refused_and_nothing_else(update: Any) -> None:
    try:
        updates.read("17", update, {501: "anna@example.com"})
    except updates.UNREADABLE:
        return


async def test_an_update_that_cannot_be_read_is_given_up(channel: TelegramChannel) -> None:
    update = recorded("photo")
    update["message"]["photo"] = ["?"]
    (signal,) = channel.receive(request(json.dumps(update).encode())).signals
    with pytest.raises(Refused, match="cannot be read"):
        await channel.events(signal)


async def test_a_message_is_the_agents_with_an_id_that_is_always_the_same(channel: TelegramChannel) -> None:
    (found,) = await heard(channel, "message")
    assert found == AgentSaid("17", "-1001234567890.25", ANNA_THERE, "Hello Ann, I look into it.", "25")
    (signal,) = signals(channel, "message")
    assert (signal.id, signal.place) == ("4839574812.880000010", "17")
    assert signal.written == ("Hello Ann, I look into it.",)


async def test_an_edit_names_the_message_that_it_replaces(channel: TelegramChannel) -> None:
    (found,) = await heard(channel, "edited_message")
    assert isinstance(found, AgentSaid)
    assert (found.text, found.edit_of) == ("Hello Ann, I looked into it.", "-1001234567890.25")
    assert found.id != found.edit_of


async def test_the_addresses_behind_words_are_written_out(channel: TelegramChannel) -> None:
    (found,) = await heard(channel, "link")
    assert isinstance(found, AgentSaid)
    assert found.text == "😀 See here (https://shop.example/a) and there (https://shop.example/b)."


@pytest.mark.parametrize(
    ("name", "id", "kind"),
    [("photo", "AgACAgQAAx-3", "image"), ("document", "BQACAgQAAx-9", "file"), ("animation", "CgACAgQ-1", "video")],
)
async def test_a_file_is_private_and_the_largest_that_there_is(
    channel: TelegramChannel, name: str, id: str, kind: str
) -> None:
    (found,) = await heard(channel, name)
    assert isinstance(found, AgentSaid)
    (file,) = found.private
    assert (file_of(file.url)["id"], file.kind) == (id, kind)
    assert found.text == ("The label" if name == "photo" else "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("location", "https://www.google.com/maps?q=52.520008,13.404954"),
        ("contact", "Warehouse +4930123456"),
        ("sticker", "👍"),
    ],
)
async def test_what_has_words_goes_as_words(channel: TelegramChannel, name: str, text: str) -> None:
    (found,) = await heard(channel, name)
    assert isinstance(found, AgentSaid)
    assert found.text == text


@pytest.mark.parametrize("name", ["topic_closed", "topic_renamed", "another_bot", "own", "note"])
async def test_service_messages_bots_and_notes_are_nothing_to_the_customer(
    telegram: TelegramWorld, channel: TelegramChannel, name: str
) -> None:
    assert await heard(channel, name) == []
    assert telegram.calls == []


@pytest.mark.parametrize("name", ["general_topic", "private_chat", "joined", "callback_of_inaccessible"])
async def test_what_is_not_in_a_topic_of_the_group_is_no_signal(channel: TelegramChannel, name: str) -> None:
    assert signals(channel, name) == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (recorded("poll")["message"], "not passed on"),
        (recorded("command")["message"], "commands are not passed on"),
        (recorded("anonymous_admin")["message"], "Remain anonymous"),
    ],
)
async def test_who_writes_what_cannot_be_passed_on_is_told(
    telegram: TelegramWorld, channel: TelegramChannel, content: dict[str, Any], words: str
) -> None:
    key = (await channel.take_over(case(), "e1", again=False)).key
    update = {"update_id": 1, "message": {**content, "message_thread_id": int(key)}}
    (signal,) = channel.receive(request(json.dumps(update).encode())).signals
    assert list(await channel.events(signal)) == []
    assert words in telegram.told(key)[0]


async def test_a_press_is_the_agents_and_hand_back_returns_to_the_bot(channel: TelegramChannel) -> None:
    (found,) = await heard(channel, "callback_query")
    assert found == Pressed("17", "2153000001", ANNA_THERE, Press.HAND_BACK, Outcome.RETURNED_TO_BOT)


async def test_close_asks_how_it_ended_in_place_of_the_buttons(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    key = (await channel.take_over(case(status=Status.ACTIVE), "e1", again=False)).key
    assert await _presses(telegram, channel, key, "close") == []
    shown = _shown(telegram, key)
    assert "Callback booked" in shown
    assert await _presses(telegram, channel, key, shown["Back"]) == []
    assert list(_shown(telegram, key)) == ["Suggest a reply", "Hand back to the bot", "Close"]
    await _presses(telegram, channel, key, "close")
    (found,) = await _presses(telegram, channel, key, _shown(telegram, key)["Customer left"])
    assert isinstance(found, Pressed)
    assert (found.press, found.outcome) == (Press.CLOSE, Outcome.CUSTOMER_LEFT)


@pytest.mark.parametrize("data", ["", "nothing", "close:nothing", "accept:", "back:nothing", "x" * 64])
async def test_a_button_that_is_none_of_ours_does_nothing(
    telegram: TelegramWorld, channel: TelegramChannel, data: str
) -> None:
    key = (await channel.take_over(case(), "e1", again=False)).key
    found = await _presses(telegram, channel, key, data)
    assert found == [] or data == "accept:"


async def test_a_press_is_answered_when_it_shows_or_with_what_its_sender_is_told(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    query = telegram.presses(at.key, "accept", USERS[ANNA.id])
    late = telegram.presses(at.key, "accept", USERS[BEN.id])
    await _read(telegram, channel)
    assert telegram.answered == {}
    await channel.tell(at, Person("502", "Ben Ode", "ben@example.com"), "Anna has it.")
    assert telegram.answered[late] == {"callback_query_id": late, "text": "Anna has it.", "show_alert": True}
    await channel.update_context(case(status=Status.ACTIVE), at)
    assert telegram.answered[query] == {"callback_query_id": query}
    assert telegram.told(at.key) == ["Anna has it."]


async def test_somebody_who_pressed_nothing_or_too_long_ago_is_told_in_the_topic(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    ben = Person("502", "Ben <Ode>", "ben@example.com")
    await channel.tell(at, ben, "Not yours.")
    query = telegram.presses(at.key, "accept", USERS[BEN.id])
    await _read(telegram, channel)
    telegram.asked.pop(query)
    await channel.tell(at, ben, "The offer is gone.")
    telegram.presses(at.key, "suggest", USERS[BEN.id])
    await _read(telegram, channel)
    await channel.tell(at, ben, "A suggestion. " * 20)
    assert [one[:20] for one in telegram.told(at.key)] == ["Not yours.", "The offer is gone.", "A suggestion. A sugg"]


async def test_somebody_who_is_no_agent_is_told_their_user_id(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    at = place(await channel.take_over(case(), "e1", again=False))
    telegram.presses(at.key, "accept", STRANGER)
    (pressed,) = await _read(telegram, channel)
    assert isinstance(pressed, Pressed)
    assert pressed.person == Person("503", "Sam")
    await channel.tell(at, pressed.person, "You are none of our agents.")
    assert "503" in telegram.told(at.key)[0]


async def test_a_file_of_an_agent_can_be_read(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    (said,) = await heard(channel, "document")
    assert isinstance(said, AgentSaid)
    telegram.files["documents/BQACAgQAAx-9"] = b"%PDF-1.7"
    file = await channel.open_file(said.private[0].url)
    assert (file.name, file.media_type, file.size) == ("Invoice Ä.pdf", "application/pdf", 8)
    assert b"".join([chunk async for chunk in file.chunks]) == b"%PDF-1.7"


@pytest.mark.parametrize("ref", ["id=nothing", "", "id=large"])
async def test_a_file_that_is_not_there_or_too_large_is_not_found(
    telegram: TelegramWorld, channel: TelegramChannel, ref: str
) -> None:
    telegram.files["documents/large"] = bytes(20_000_001)
    with pytest.raises(NotFound):
        await channel.open_file(ref)


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "ümlaut"])
def test_a_secret_that_telegram_does_not_take_is_told_at_start(telegram: TelegramWorld, secret: str) -> None:
    telegram.secrets = lambda: {"token": "1:a", "secret": secret}  # type: ignore[method-assign]
    with pytest.raises(SettingsError, match="HANDOFF_CHANNEL_SECRETS"):
        telegram.channel()


async def _presses(telegram: TelegramWorld, channel: TelegramChannel, key: str, data: str) -> list[Incoming]:
    telegram.presses(key, data, USERS[ANNA.id])
    return await _read(telegram, channel)


async def _read(telegram: TelegramWorld, channel: TelegramChannel) -> list[Incoming]:
    hooks, telegram.hooks = telegram.hooks, list[Hook]()
    found = [channel.receive(telegram.request(hook)) for hook in hooks]
    return [one for received in found for signal in received.signals for one in await channel.events(signal)]


def _shown(telegram: TelegramWorld, key: str) -> dict[str, str]:
    markup = telegram.card(key).markup or {"inline_keyboard": []}
    return {one["text"]: one["callback_data"] for row in markup["inline_keyboard"] for one in row}
