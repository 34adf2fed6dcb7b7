"""Control of a conversation goes to the page inbox or another app, with what it is about, and comes back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rasa_handoff.channel import Case
from rasa_handoff.channels.messenger.channel import MessengerChannel
from rasa_handoff.channels.messenger.settings import PAGE_INBOX
from rasa_handoff.core.errors import NotFound, Refused, Unreachable, UnsupportedByChannel
from rasa_handoff.core.handoff import Status
from rasa_handoff.core.package import Summary
from rasa_handoff.core.takeover import Place
from tests.channels import cases
from tests.channels.messenger import edges
from tests.channels.messenger.world import APP, OTHER_APP, MessengerWorld
from tests.channels.vendor import ANNA, Fault

PSID = "4444000000000001"
AT = Place("there", "support", PSID)


def case(conversation_id: str = PSID, channel: str = "facebook", **changes: Any) -> Case:
    return cases.case(conversation_id, channel=channel, **changes)


def test_the_edges_are_described_as_facebook_describes_them() -> None:
    theirs = edges.facebooks()
    for edge, params in edges.EDGES.items():
        assert {name: theirs[edge][name] for name in params} == params, edge
        assert {name for name, (_, required) in theirs[edge].items() if required} <= set(params)


async def test_control_is_passed_to_the_page_inbox_with_a_short_summary(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    opened = await channel.take_over(case(), "e1", again=False)
    assert opened.key == PSID
    assert channel.conversation_of(opened.key) == PSID
    assert page.owners[PSID] == PAGE_INBOX
    assert page.context(PSID).startswith("Asked for a person: Ann Lee Ann Lee wants a refund")
    assert page.context(PSID).endswith(" https://handoff.example/desk/h1")


async def test_a_summary_of_any_length_fits(page: MessengerWorld, channel: MessengerChannel) -> None:
    await channel.take_over(case(summary=Summary(("words 😀 " * 1000,))), "e1", again=False)
    assert len(page.context(PSID)) <= 1000
    assert page.context(PSID).endswith(" https://handoff.example/desk/h1")


async def test_control_is_passed_to_another_app_or_released_to_the_default_one(page: MessengerWorld) -> None:
    page.to_app = OTHER_APP
    await _given(page)
    assert page.owners[PSID] == OTHER_APP
    page.owners[PSID] = APP
    page.default_app, page.to_app = OTHER_APP, None
    await _given(page)
    assert page.owners[PSID] == OTHER_APP


async def test_with_conversation_routing_control_goes_along_with_a_message(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    page.disabled = True
    await channel.take_over(case(), "e1", again=False)
    (sent,) = page.sent
    assert sent["thread_control"] == {"control_type": "pass", "app_id": PAGE_INBOX}
    assert sent["message"]["text"] == "A colleague of mine takes over from here."
    assert page.context(PSID).startswith("Asked for a person")
    before = len(page.calls)
    page.owners[PSID] = APP
    await channel.take_over(case(), "e2", again=False)
    assert [call.path.rpartition("/")[2] for call in page.calls[before:]] == ["messages"]


async def test_with_conversation_routing_control_is_released_along_with_a_message(page: MessengerWorld) -> None:
    page.disabled, page.default_app, page.to_app = True, OTHER_APP, None
    await _given(page)
    assert page.sent[0]["thread_control"] == {"control_type": "release"}
    assert page.owners[PSID] == OTHER_APP


@pytest.mark.parametrize("disabled", [False, True])
async def test_a_pass_whose_answer_was_lost_is_not_made_again(
    page: MessengerWorld, channel: MessengerChannel, disabled: bool
) -> None:
    page.disabled = disabled
    page.faults.extend([None, Fault(lost=True)] if disabled else [Fault(lost=True)])
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "e1", again=False)
    await channel.take_over(case(), "e1", again=True)
    assert len(page.metadata[PSID]) == 1


async def test_a_conversation_that_people_have_already_is_no_failure(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    page.owners[PSID] = PAGE_INBOX
    assert (await channel.take_over(case(), "e1", again=False)).key == PSID


async def test_release_takes_control_back_and_doing_it_twice_does_nothing_more(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    await channel.take_over(case(), "e1", again=False)
    for _ in range(2):
        await channel.release(case(status=Status.CLOSED), AT)
        assert page.is_released(PSID)


async def test_an_app_that_may_not_take_control_asks_for_it(page: MessengerWorld, channel: MessengerChannel) -> None:
    page.default_app, page.owners[PSID] = OTHER_APP, OTHER_APP
    await channel.release(case(status=Status.CLOSED), AT)
    assert page.sent == [{"asked": PSID}]


async def test_a_conversation_at_rest_is_nobodys_to_take_back(page: MessengerWorld, channel: MessengerChannel) -> None:
    page.owners[PSID] = None
    await channel.release(case(status=Status.CLOSED), AT)
    assert [call.path.rpartition("/")[2] for call in page.calls] == ["thread_owner"]


@pytest.mark.parametrize(
    "foreign",
    [case(channel="rest"), case("customer-1"), case("٤٤٤٤٤٤"), case("1" * 26), case("123")],
)
async def test_a_conversation_that_is_not_on_the_page_is_unsupported(
    page: MessengerWorld, channel: MessengerChannel, foreign: Case
) -> None:
    with pytest.raises(UnsupportedByChannel):
        await channel.take_over(foreign, "e1", again=False)
    assert page.calls == []


async def test_a_customer_whom_the_page_does_not_know_is_unsupported(
    page: MessengerWorld, channel: MessengerChannel
) -> None:
    page.strangers.add(PSID)
    with pytest.raises(UnsupportedByChannel):
        await channel.take_over(case(), "e1", again=False)


async def test_what_the_channel_cannot_do_it_says(channel: MessengerChannel) -> None:
    with pytest.raises(UnsupportedByChannel):
        await channel.relay(AT, cases.said("Hello"), again=False)
    with pytest.raises(UnsupportedByChannel):
        await channel.tell(AT, replace(ANNA, id=PAGE_INBOX), "Not yours.")
    with pytest.raises(NotFound):
        await channel.open_file("anything")
    await channel.typing(AT, on=True)
    await channel.update_context(case(), AT)
    assert await channel.history(AT) == ()


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"1": [{"estimated_time_to_regain_access": 5}, {"estimated_time_to_regain_access": 0}]}, 300),
        ({"1": [{"estimated_time_to_regain_access": 0}]}, None),
        ({"1": [{}]}, None),
        ([], None),
        ({"1": [{"estimated_time_to_regain_access": 100_000}]}, 3600),
    ],
)
async def test_how_long_a_limit_lasts_is_read_from_the_header(
    page: MessengerWorld, channel: MessengerChannel, usage: Any, seconds: float | None
) -> None:
    page.limited = {"x-business-use-case-usage": json.dumps(usage)}
    with pytest.raises(Unreachable) as told:
        await channel.take_over(case(), "e1", again=False)
    assert told.value.retry_after == seconds


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_what_may_pass_is_told_so(page: MessengerWorld, channel: MessengerChannel, status: int) -> None:
    page.faults.append(Fault(status))
    with pytest.raises(Unreachable):
        await channel.take_over(case(), "e1", again=False)


async def test_a_token_that_is_over_says_what_to_do_and_is_never_shown(page: MessengerWorld) -> None:
    page.page_token = "EAAH-old-token"
    channel = page.channel()
    with pytest.raises(Refused, match="new page access token") as told:
        await channel.take_over(case(), "e1", again=False)
    assert page.page_token not in str(told.value)
    await channel.close()


async def test_nobody_at_the_other_end_is_unreachable(page: MessengerWorld) -> None:
    channel = page.channel()
    page.close()
    with pytest.raises(Unreachable, match="did not answer"):
        await channel.take_over(case(), "e1", again=False)
    await channel.close()


async def test_the_token_is_in_no_log(
    page: MessengerWorld, channel: MessengerChannel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        await channel.take_over(case(), "e1", again=False)
    assert "pass_thread_control" in caplog.text
    assert page.page_token not in caplog.text


async def _given(page: MessengerWorld) -> None:
    channel = page.channel()
    await channel.take_over(case(), "e1", again=False)
    await channel.close()
