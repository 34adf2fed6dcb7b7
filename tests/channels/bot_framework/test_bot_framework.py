"""A hub that speaks the Bot Framework's handoff events: what we send it, and what it tells us."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, LetGo, Person, Received, Request, Took
from rasa_handoff.channels.bot_framework import KIND, BotFrameworkChannel
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.errors import NotFound, Refused, Unreachable, UnsupportedByChannel, Unverified
from rasa_handoff.core.handoff import Outcome, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.takeover import Place
from tests.channels.bot_framework.world import SECRET, BotFrameworkWorld, signed_hook
from tests.channels.cases import case, place, said
from tests.channels.vendor import ANNA, FakeVendor, Fault, Hook
from tests.writers.packages import SAID

PAYLOADS = Path(__file__).parents[2] / "payloads/bot_framework"
CONVERSATION = "handoff-e-1"
WHO = Person("agent-7", "Anna Ng")


@pytest.fixture
def hub() -> Iterator[BotFrameworkWorld]:
    made = BotFrameworkWorld()
    yield made
    made.close()


@pytest.fixture
async def channel(hub: BotFrameworkWorld) -> AsyncIterator[BotFrameworkChannel]:
    made = hub.channel()
    assert isinstance(made, BotFrameworkChannel)
    yield made
    await made.close()


async def taken(channel: BotFrameworkChannel) -> Place:
    return place(await channel.take_over(case(need=Need("billing", language="de")), "e-1", again=False))


async def test_a_handoff_is_initiated_with_its_context_and_its_transcript(
    hub: BotFrameworkWorld, channel: BotFrameworkChannel
) -> None:
    where = await taken(channel)
    (event,) = hub.at(where.key)
    assert (event["type"], event["name"]) == ("event", "handoff.initiate")
    assert (event["locale"], event["serviceUrl"]) == ("de", hub.hook_url)
    value = event["value"]
    assert (value["Skill"], value["department"], value["reason"]) == ("billing", "billing", "customer_requested")
    assert value["summary"] == ["Ann Lee wants a refund <now> & here."]
    assert {"label": "Order", "value": "10391"} in value["details"]
    lines = event["attachments"][0]["content"]["activities"]
    assert [one["text"] for one in lines] == [text for _, text in SAID]
    assert [one["from"]["role"] for one in lines] == ["user", "bot", "user", "user"]


async def test_who_it_is_passed_on_to_is_found_by_their_own_department(
    hub: BotFrameworkWorld, channel: BotFrameworkChannel
) -> None:
    opened = await channel.take_over(replace(case(), department="refunds"), "e-1", again=False)
    assert hub.at(opened.key)[0]["value"]["Skill"] == "refunds"


async def test_a_repeat_has_the_same_ids(hub: BotFrameworkWorld, channel: BotFrameworkChannel) -> None:
    hub.faults.append(Fault(lost=True))
    with pytest.raises(Unreachable):
        await taken(channel)
    opened = await channel.take_over(case(), "e-1", again=True)
    assert len(hub.at(opened.key)) == 1
    other = await channel.take_over(case(), "e-2", again=False)
    assert other.key != opened.key


async def test_messages_are_activities_of_who_wrote_them(hub: BotFrameworkWorld, channel: BotFrameworkChannel) -> None:
    where = await taken(channel)
    files = (
        Attachment("https://bot.example/broken.png?x=1", "image"),
        Attachment("https://bot.example/film", "video"),
        Attachment("https://bot.example/thing", "file"),
    )
    for again in (False, True):
        await channel.relay(where, said("look", "m-1", *files), again=again)
        await channel.relay(where, said("from the bot", "m-2", author=Author.BOT), again=again)
    assert hub.shown(where.key) == ["look", "from the bot"]
    first, second = hub.at(where.key)[1:]
    assert (first["from"]["role"], second["from"]["role"]) == ("user", "bot")
    kinds = [one["contentType"] for one in first["attachments"]]
    assert kinds == ["image/png", "video/*", "application/octet-stream"]


async def test_typing_begins_and_there_is_no_end_of_it(hub: BotFrameworkWorld, channel: BotFrameworkChannel) -> None:
    where = await taken(channel)
    await channel.typing(where, on=True)
    await channel.typing(where, on=False)
    assert [one["type"] for one in hub.at(where.key)] == ["event", "typing"]


async def test_the_context_is_brought_up_to_date_by_an_event_of_ours(
    hub: BotFrameworkWorld, channel: BotFrameworkChannel
) -> None:
    where = await taken(channel)
    for _ in range(2):
        await channel.update_context(case(status=Status.ACTIVE, version=7), where)
    assert "With Anna Ng" in hub.context(where.key)
    assert len(hub.at(where.key)) == 2


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.RESOLVED, "completedSuccessfully"),
        (Outcome.RETURNED_TO_BOT, "completedSuccessfully"),
        (Outcome.CUSTOMER_LEFT, "userCancelled"),
        (Outcome.FAILED, "unknown"),
    ],
)
async def test_the_end_is_said_once(
    hub: BotFrameworkWorld, channel: BotFrameworkChannel, outcome: Outcome, code: str
) -> None:
    where = await taken(channel)
    for _ in range(2):
        await channel.release(case(status=Status.CLOSED, outcome=outcome), where)
    assert [one.get("code") for one in hub.at(where.key)[1:]] == [code]
    assert hub.is_released(where.key)


async def test_an_agent_is_told_by_an_event_of_ours(hub: BotFrameworkWorld, channel: BotFrameworkChannel) -> None:
    where = await taken(channel)
    await channel.tell(where, ANNA, "The customer has left.")
    assert hub.told(where.key) == ["The customer has left."]


async def test_a_wrong_token_is_refused(hub: BotFrameworkWorld) -> None:
    made = KIND.settings.model_validate({"id": "there", "type": "bot_framework", **hub.settings()})
    channel = BotFrameworkChannel(Setup("there", made, {"key": SECRET}))
    with pytest.raises(Refused, match="401"):
        await channel.take_over(case(), "e-1", again=False)
    await channel.close()


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_what_may_pass_is_tried_again(hub: BotFrameworkWorld, channel: BotFrameworkChannel, status: int) -> None:
    hub.faults.append(Fault(status, {"Retry-After": "3"}))
    with pytest.raises(Unreachable) as caught:
        await taken(channel)
    assert caught.value.retry_after == 3.0


async def test_a_hub_that_does_not_answer_is_not_waited_for(
    hub: BotFrameworkWorld, channel: BotFrameworkChannel
) -> None:
    channel._vendor._http.timeout = httpx.Timeout(0.1)
    hub.faults.append(Fault(pause=0.4))
    with pytest.raises(Unreachable):
        await taken(channel)


async def test_there_is_no_history_and_no_private_file(channel: BotFrameworkChannel) -> None:
    with pytest.raises(UnsupportedByChannel):
        await channel.history(Place("there", "billing", CONVERSATION))
    with pytest.raises(NotFound):
        await channel.open_file("x")


async def test_a_check_says_whether_somebody_answers(hub: BotFrameworkWorld, channel: BotFrameworkChannel) -> None:
    assert all(one.well for one in await channel.check())
    hub.faults.append(Fault(lost=True))
    (one,) = await channel.check()
    assert not one.well
    assert "see that the hub answers" in one.mend


def request(hook: Hook, **changes: Any) -> Request:
    headers = {name.lower(): value for name, value in hook.headers.items()}
    made = Request("POST", FakeVendor.hook_url, "", {}, headers, hook.body, datetime.now(UTC))
    return replace(made, **changes)


@cache
def listening() -> BotFrameworkChannel:
    made = KIND.settings.model_validate({"id": "there", "type": "bot_framework", "url": "http://localhost:9/hub"})
    return BotFrameworkChannel(Setup("there", made, {"key": SECRET}))


def recorded(name: str) -> Hook:
    return signed_hook(json.loads((PAYLOADS / name).read_text(encoding="utf-8"))["told"])


async def meant(hook: Hook) -> list[Incoming]:
    signals = listening().receive(request(hook)).signals
    return [one for signal in signals for one in await listening().events(signal)]


FILES = (
    Attachment("https://hub.example/f/form.pdf", "file"),
    Attachment("https://hub.example/f/where.png", "image"),
)
MEANT: Mapping[str, list[Incoming]] = {
    "status_accepted.json": [Took(CONVERSATION, WHO)],
    "status_failed.json": [LetGo(CONVERSATION, Outcome.FAILED, WHO, "Can't find agent with requested skill")],
    "status_failed_object.json": [LetGo(CONVERSATION, Outcome.FAILED, WHO, '{"code": 17, "reason": "closed"}')],
    "status_completed.json": [LetGo(CONVERSATION, Outcome.RESOLVED, WHO)],
    "status_in_capitals.json": [LetGo(CONVERSATION, Outcome.RESOLVED, WHO, "done")],
    "status_with_outcome.json": [LetGo(CONVERSATION, Outcome.RETURNED_TO_BOT, WHO)],
    "message.json": [AgentSaid(CONVERSATION, "a-2", WHO, "Hello, this is Anna.")],
    "message_with_files.json": [AgentSaid(CONVERSATION, "a-3", WHO, "Please sign", attachments=FILES)],
    "card.json": [AgentSaid(CONVERSATION, "a-4", WHO, "Refund\nOrder 10391\nIt is on its way.")],
    "message_delete.json": [AgentDeleted(CONVERSATION, "a-2", WHO)],
    "end_of_conversation.json": [LetGo(CONVERSATION, Outcome.RESOLVED, WHO, "Goodbye")],
    "typing.json": [],
    "conversation_update.json": [],
    "another_event.json": [],
    "empty_message.json": [],
}


@pytest.mark.parametrize("name", MEANT)
async def test_what_an_activity_means(name: str) -> None:
    assert await meant(recorded(name)) == MEANT[name]


async def test_an_edit_replaces_the_message() -> None:
    (one,) = await meant(recorded("message_update.json"))
    assert isinstance(one, AgentSaid)
    assert (one.edit_of, one.text) == ("a-2", "Hello, this is Anna Ng.")
    assert one.id.startswith("a-2:")


def test_every_recorded_payload_is_tried() -> None:
    assert {path.name for path in PAYLOADS.iterdir()} == {*MEANT, "message_update.json"}


def test_what_people_wrote_is_named_so_that_it_can_be_masked() -> None:
    (signal,) = listening().receive(request(recorded("status_failed.json"))).signals
    assert signal.written == ("Can't find agent with requested skill",)
    (signal,) = listening().receive(request(recorded("card.json"))).signals
    assert signal.written == ("Refund\nOrder 10391\nIt is on its way.",)


def wrong() -> dict[str, Request]:
    hook, told = recorded("message.json"), {"type": "message", "conversation": {"id": "c"}}
    status = {**told, "type": "event", "name": "handoff.status"}
    return {
        "forged": request(signed_hook(told, key="whsec_" + "A" * 44)),
        "stale": request(signed_hook(told, at=int(time.time()) - 301)),
        "from the future": request(signed_hook(told, at=int(time.time()) + 301)),
        "changed": request(hook, body=hook.body.replace(b"Anna", b"Eve.")),
        "not signed": request(hook, headers={}),
        "no JSON": request(signed_hook(told), body=b"{"),
        "no object": request(signed_hook([1, 2])),
        "of no conversation": request(signed_hook({"type": "message", "text": "hi"})),
        "of a strange state": request(signed_hook({**status, "value": {"state": "perhaps"}})),
        "without a state": request(signed_hook({**status, "value": None})),
        "oversized id": request(signed_hook({**told, "id": "x" * 201})),
    }


@pytest.mark.parametrize("what", wrong())
def test_whatever_is_wrong_is_refused_alike(what: str) -> None:
    with pytest.raises(Unverified) as caught:
        listening().receive(wrong()[what])
    assert str(caught.value) == str(Unverified())


def test_a_replay_has_the_id_of_the_first() -> None:
    hook = recorded("message.json")
    first, second = (listening().receive(request(hook)).signals[0] for _ in range(2))
    assert first == second


texts = st.text(max_size=30)
anything = st.recursive(
    st.none() | st.integers() | st.floats() | texts, lambda one: st.lists(one) | st.dictionaries(texts, one)
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["event", "message", "messageUpdate", "messageDelete", "endOfConversation"]) | texts,
        "conversation": st.fixed_dictionaries({"id": texts}) | anything,
        "from": st.fixed_dictionaries({"id": texts, "name": texts}) | anything,
        "name": st.just("handoff.status") | anything,
        "value": st.fixed_dictionaries({"state": st.sampled_from(["accepted", "failed", "completed"])}) | anything,
        "text": anything,
        "attachments": st.lists(anything) | anything,
    },
)


@given(told=parts | anything)
@settings(max_examples=400, deadline=None)
async def test_whatever_a_hub_signs_is_taken_or_refused(told: Any) -> None:
    try:
        received = listening().receive(request(signed_hook(told)))
    except Unverified:
        return
    assert isinstance(received, Received)
    for signal in received.signals:
        assert all(one.place == signal.place for one in await listening().events(signal))


@given(
    body=st.binary(max_size=100), headers=st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp"]), texts)
)
@settings(max_examples=200, deadline=None)
def test_what_nobody_signed_is_never_anything_but_unverified(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Unverified):
        listening().receive(request(Hook(body, headers)))
