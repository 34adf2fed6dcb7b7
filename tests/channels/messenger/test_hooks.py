"""What Meta tells us: believed when it is signed, read as what it means, and passed on to the bot when it is for it."""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import AgentSaid, CustomerSaid, Incoming, LetGo, Person, Press, Received, Request, Took
from rasa_handoff.channels.messenger import reading
from rasa_handoff.channels.messenger.channel import MessengerChannel
from rasa_handoff.channels.messenger.settings import PAGE_INBOX, MessengerSettings
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import Refused, Unreachable, Unverified
from rasa_handoff.core.handoff import Outcome
from tests.channels.cases import case
from tests.channels.messenger.world import APP, PAGE, SECRET, VERIFY, MessengerWorld
from tests.channels.vendor import Fault, Reply

PAYLOADS = Path(__file__).parents[2] / "payloads/messenger"
PSID = "4444000000000001"
INBOX = Person(PAGE_INBOX, "Page inbox")
AT = datetime.fromtimestamp(1767268860.123, UTC)
FOR_BOT = ("message", "quick_reply", "image", "postback")


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def request(body: bytes, headers: dict[str, str] | None = None, **more: Any) -> Request:
    told = {"method": "POST", "path": "", "query": {}, **more}
    url = "https://handoff.example/hooks/there"
    found = signed(body) if headers is None else headers
    return Request(told["method"], url, told["path"], told["query"], found, body, datetime.now(UTC))


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


async def heard(channel: MessengerChannel, name: str) -> list[Incoming]:
    found = channel.receive(request(recorded(name))).signals
    return [one for signal in found for one in await channel.events(signal)]


SETTINGS = MessengerSettings(id="there", type="messenger", page=PAGE, app=APP)
BODY = b'{"object": "page", "entry": []}'


@pytest.mark.parametrize(
    "wrong",
    [
        request(BODY, {}),
        request(BODY, signed(BODY, "another secret")),
        request(BODY + b" ", signed(BODY)),
        request(BODY, {"x-hub-signature": signed(BODY)["x-hub-signature-256"]}),
        request(BODY, {"x-hub-signature-256": "sha256=\ud800é"}),
        request(BODY, {"x-hub-signature-256": signed(BODY)["x-hub-signature-256"].removeprefix("sha256=")}),
        request(BODY, path="/other"),
        request(BODY, method="PUT"),
        request(b"no json"),
        request(b"[]"),
        request(b'{"object": "page"}'),
        request(b"\xff\xfe"),
        request(b"[" * 100_000),
        request(b'{"object": "page", "entry": [], "more": "' + b"a" * 1_000_000 + b'"}'),
        request(b"", {}, method="GET"),
        request(b"", {}, method="GET", query={"hub.mode": "subscribe", "hub.verify_token": "wrong"}),
        request(b"", {}, method="GET", query={"hub.mode": "other", "hub.verify_token": VERIFY}),
    ],
)
async def test_whatever_is_wrong_with_a_request_it_is_refused_alike(channel: MessengerChannel, wrong: Request) -> None:
    with pytest.raises(Unverified) as told:
        channel.receive(wrong)
    assert str(told.value) == str(Unverified())


async def test_nothing_is_believed_without_a_secret(page: MessengerWorld) -> None:
    page.secrets = lambda: {"page_token": "t", "app_secret": "", "verify_token": ""}  # type: ignore[method-assign]
    channel = page.channel()
    for wrong in (
        request(BODY, signed(BODY, "")),
        request(b"", {}, method="GET", query={"hub.mode": "subscribe", "hub.verify_token": ""}),
    ):
        with pytest.raises(Unverified):
            channel.receive(wrong)
    await channel.close()


_VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
_OF_MESSAGES = ("mid", "text", "is_echo", "app_id", "attachments")
_PERSON = _VALUES | st.fixed_dictionaries({}, optional={"id": _VALUES | st.just(PAGE)})
_EVENT = _VALUES | st.fixed_dictionaries(
    {},
    optional={
        "sender": _PERSON,
        "recipient": _PERSON,
        "message": _VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(_OF_MESSAGES, _VALUES)),
        "postback": _VALUES | st.fixed_dictionaries({}, optional={"title": _VALUES}),
        "take_thread_control": _VALUES | st.fixed_dictionaries({}, optional={"new_owner_app_id": _VALUES}),
        "request_thread_control": _VALUES | st.fixed_dictionaries({}, optional={"requested_owner_app_id": _VALUES}),
        "timestamp": _VALUES,
    },
)
_ENTRY = _VALUES | st.fixed_dictionaries(
    {},
    optional={"id": _VALUES | st.just(PAGE), "messaging": _VALUES | st.lists(_EVENT), "standby": st.lists(_EVENT)},
)
_TOLD = _VALUES | st.fixed_dictionaries({}, optional={"object": st.just("page"), "entry": _VALUES | st.lists(_ENTRY)})


@given(body=st.binary() | _TOLD.map(lambda value: json.dumps(value).encode()), right=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_a_request_is_received_or_refused_and_nothing_else(
    channel: MessengerChannel, body: bytes, right: bool
) -> None:
    try:
        found = channel.receive(request(body, signed(body, SECRET if right else "x")))
    except Unverified:
        return
    assert right
    assert isinstance(found, Received)


@given(event=_EVENT, channel_of_it=st.sampled_from(["messaging", "standby"]))
def test_an_event_is_read_or_refused_and_nothing_else(event: Any, channel_of_it: str) -> None:
    try:
        reading.read(PSID, {"channel": channel_of_it, "event": event}, SETTINGS)
    except reading.UNREADABLE:
        return


async def test_an_event_that_cannot_be_read_is_given_up(channel: MessengerChannel) -> None:
    event = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "pass_thread_control": "?"}
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [event]}]}).encode()
    (signal,) = channel.receive(request(body)).signals
    with pytest.raises(Refused, match="cannot be read"):
        await channel.events(signal)


async def test_meta_is_answered_that_this_is_its_webhook(channel: MessengerChannel) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    found = channel.receive(request(b"", {}, method="GET", query=query))
    assert found.answer.body == b"1158201444"
    assert not found.signals


@pytest.mark.parametrize("name", ["message", "read", "taken_by_inbox", "standby_echo_inbox"])
async def test_an_event_has_the_same_id_when_it_is_told_again(channel: MessengerChannel, name: str) -> None:
    (first,) = channel.receive(request(recorded(name))).signals
    again = json.loads(recorded(name))
    again["entry"][0]["time"] += 5
    (second,) = channel.receive(request(json.dumps(again).encode())).signals
    assert (first.id, first.place) == (second.id, PSID)


async def test_events_that_differ_have_ids_that_differ(channel: MessengerChannel) -> None:
    names = [path.stem for path in PAYLOADS.glob("*.json")]
    ids = [signal.id for name in names for signal in channel.receive(request(recorded(name))).signals]
    assert len(set(ids)) == len(ids)
    assert len(ids) > 20


async def test_what_people_wrote_is_named_so_that_it_can_be_masked(channel: MessengerChannel) -> None:
    (signal,) = channel.receive(request(recorded("standby_message"))).signals
    assert signal.written == ("Hello? Anybody?",)


@pytest.mark.parametrize("name", FOR_BOT)
async def test_what_is_for_the_bot_goes_on_to_rasa_signed_anew_and_is_nothing_to_us(
    page: MessengerWorld, channel: MessengerChannel, name: str
) -> None:
    assert await heard(channel, name) == []
    assert page.at_rasa == json.loads(recorded(name))["entry"][0]["messaging"]


@pytest.mark.parametrize("name", sorted({path.stem for path in PAYLOADS.glob("*.json")} - set(FOR_BOT)))
async def test_nothing_else_reaches_the_bot(page: MessengerWorld, channel: MessengerChannel, name: str) -> None:
    await heard(channel, name)
    assert page.at_rasa == []


async def test_several_messages_of_one_webhook_all_reach_the_bot_in_order(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    told = json.loads(recorded("message"))
    (event,) = told["entry"][0]["messaging"]
    told["entry"][0]["messaging"] = [{**event, "message": {"mid": f"m_{n}", "text": str(n)}} for n in range(3)]
    for signal in channel.receive(request(json.dumps(told).encode())).signals:
        await channel.events(signal)
    assert [one["message"]["text"] for one in page.at_rasa] == ["0", "1", "2"]


async def test_a_message_waits_for_rasa_to_come_back(page: MessengerWorld, channel: MessengerChannel) -> None:
    (signal,) = channel.receive(request(recorded("message"))).signals
    page.rasa_is_up = False
    with pytest.raises(Unreachable):
        await channel.events(signal)
    page.rasa_is_up, page.rasa_secret = True, "another"
    with pytest.raises(Unreachable, match=r"credentials\.yml"):
        await channel.events(signal)
    page.rasa_secret = SECRET
    await channel.events(signal)
    assert len(page.at_rasa) == 1


async def test_a_turn_that_takes_longer_than_we_wait_is_begun_once(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    (signal,) = channel.receive(request(recorded("message"))).signals
    page.faults.append(Fault(lost=False, status=200, pause=0.6))
    page.calls.clear()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await channel.events(signal)
    await channel.events(signal)
    assert len(page.calls) == 1


async def test_a_message_to_an_address_where_rasa_is_not_is_not_given_up(page: MessengerWorld) -> None:
    settings = page.settings()
    page.settings = lambda: {**settings, "rasa": f"{page.url}/nowhere"}  # type: ignore[method-assign]
    channel = page.channel()
    page.answer = lambda call: Reply({}, 404)  # type: ignore[method-assign]
    (signal,) = channel.receive(request(recorded("message"))).signals
    with pytest.raises(Unreachable, match="`facebook`"):
        await channel.events(signal)
    await channel.close()


@pytest.mark.parametrize(
    ("name", "text", "files"),
    [
        ("standby_message", "Hello? Anybody?", ()),
        ("standby_image", "", (Attachment("https://scontent.example/b.jpg", "image"),)),
        ("standby_postback", "My orders", ()),
        ("standby_location", "[location] Pinned location https://maps.example/1", ()),
    ],
)
async def test_what_a_customer_says_to_people_is_history(
    channel: MessengerChannel, name: str, text: str, files: tuple[Attachment, ...]
) -> None:
    (found,) = await heard(channel, name)
    assert isinstance(found, CustomerSaid)
    assert (found.place, found.text, found.attachments, found.at) == (PSID, text, files, AT)


@pytest.mark.parametrize(
    ("name", "id", "text"),
    [
        ("standby_echo_inbox", "m_C1", "Hello Ann, I am Anna."),
        ("echo_inbox_photo", "m_C2", ""),
        ("echo_no_app", "m_C3", "From the page's own site"),
    ],
)
async def test_what_people_say_on_the_page_is_theirs_and_the_customer_has_it(
    channel: MessengerChannel, name: str, id: str, text: str
) -> None:
    (found,) = await heard(channel, name)
    assert isinstance(found, AgentSaid)
    assert (found.place, found.id, found.person, found.text) == (PSID, id, INBOX, text)
    assert found.delivered


@pytest.mark.parametrize(
    "name",
    [
        "echo_own",
        "echo_another_app",
        "read",
        "standby_read",
        "delivery",
        "reaction",
        "requested_by_another",
        "app_roles",
    ],
)
async def test_what_the_bot_and_other_apps_do_is_nothing_to_us(
    page: MessengerWorld, channel: MessengerChannel, name: str
) -> None:
    assert await heard(channel, name) == []
    assert page.calls == []


@pytest.mark.parametrize("name", ["another_page", "instagram"])
async def test_what_is_of_another_page_is_no_signal(channel: MessengerChannel, name: str) -> None:
    assert channel.receive(request(recorded(name))).signals == ()


@pytest.mark.parametrize("name", ["taken_by_inbox", "taken_older", "passed_to_inbox"])
async def test_control_in_the_inbox_is_that_somebody_took_it(channel: MessengerChannel, name: str) -> None:
    assert await heard(channel, name) == [Took(PSID, INBOX)]


async def test_control_with_us_is_that_it_was_handed_back(channel: MessengerChannel) -> None:
    assert await heard(channel, "passed_to_us") == [LetGo(PSID, Outcome.RETURNED_TO_BOT)]


async def test_people_who_ask_for_a_conversation_are_given_it(page: MessengerWorld, channel: MessengerChannel) -> None:
    assert await heard(channel, "requested_by_inbox") == [Took(PSID, INBOX)]
    assert page.owners[PSID] == PAGE_INBOX
    assert await heard(channel, "requested_by_inbox") == [Took(PSID, INBOX)]
    assert len(page.metadata[PSID]) == 1


@pytest.mark.parametrize("passed", [True, False])
async def test_control_that_ended_untold_is_noticed_with_the_next_message(
    page: MessengerWorld, channel: MessengerChannel, passed: bool
) -> None:
    if passed:
        await channel.take_over(case(PSID, channel="facebook"), "e1", again=False)
    else:
        page.owners[PSID] = PAGE_INBOX
        await heard(channel, "taken_by_inbox")
    assert await heard(channel, "message") == []  # one that was on its way
    page.owners[PSID] = None
    page.faults.extend([None, Fault(503)])
    assert await heard(channel, "message") == []  # it cannot be seen now
    assert await heard(channel, "message") == [LetGo(PSID, Outcome.RETURNED_TO_BOT)]
    assert await heard(channel, "message") == []
    assert len(page.at_rasa) == 4


async def test_a_conversation_goes_to_people_and_comes_back(page: MessengerWorld, channel: MessengerChannel) -> None:
    page.customer_says(PSID, "Hello bot")
    page.agent_says(PSID, "Hello, a person here")
    page.customer_says(PSID, "Hello person")
    page.press(PSID, Press.HAND_BACK)
    page.customer_says(PSID, "Hello again, bot")
    page.echoes(PSID, {"text": "Hello from the bot"}, APP)
    found = [
        type(one).__name__
        for hook in page.hooks
        for signal in channel.receive(page.request(hook)).signals
        for one in await channel.events(signal)
    ]
    assert found == ["Took", "AgentSaid", "CustomerSaid", "LetGo"]
    assert [one["message"]["text"] for one in page.at_rasa] == ["Hello bot", "Hello again, bot"]
