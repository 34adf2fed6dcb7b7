"""What reaches us from Slack: signed by it or nothing, and nothing of it that is not for us."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.channel import Channel, Received
from rasa_handoff.core.errors import Unverified
from tests.channels.slack.cases import KEY, hook, recorded, request
from tests.channels.slack.world import SlackWorld, signed
from tests.channels.vendor import Hook

JSON = {"content-type": "application/json"}
NAMES = ["message", "message_changed", "message_deleted", "block_actions", "view_submission"]
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def still() -> Iterator[SlackWorld]:
    world = SlackWorld()
    yield world
    world.close()


@pytest.fixture(scope="module")
def ours(still: SlackWorld) -> Channel:
    return still.channel()


def test_a_message_in_a_thread_is_a_signal_with_slacks_own_id(still: SlackWorld, ours: Channel) -> None:
    (signal,) = ours.receive(request(still, recorded("message"))).signals
    assert (signal.id, signal.place) == ("Ev0A0000001", KEY)
    assert signal.payload["event"]["text"] == recorded("message")["event"]["text"]


def test_a_repeat_has_the_same_id(still: SlackWorld, ours: Channel) -> None:
    again = replace(hook(recorded("message")), headers={**hook(recorded("message")).headers, "X-Slack-Retry-Num": "1"})
    first, second = ours.receive(request(still, recorded("message"))), ours.receive(still.request(again))
    assert first.signals[0].id == second.signals[0].id


@pytest.mark.parametrize("name", ["direct_message", "top_level", "channel_join", "message_deleted_bare"])
def test_what_is_in_no_thread_of_ours_is_no_signal(still: SlackWorld, ours: Channel, name: str) -> None:
    assert ours.receive(request(still, recorded(name))) == Received()


def test_a_customer_on_slack_who_writes_to_the_bot_is_no_agent(still: SlackWorld, ours: Channel) -> None:
    event = {**recorded("message")["event"], "channel": "D0CUSTOMER", "channel_type": "im"}
    assert ours.receive(request(still, {**recorded("message"), "event": event})) == Received()


def test_slacks_challenge_is_answered(still: SlackWorld, ours: Channel) -> None:
    told = {
        "token": "t",
        "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        "type": "url_verification",
    }
    answer = ours.receive(request(still, told)).answer
    assert (answer.status, answer.body.decode()) == (200, told["challenge"])


def test_what_slack_may_tell_one_day_is_answered_and_is_nothing(still: SlackWorld, ours: Channel) -> None:
    for told in ({"type": "app_rate_limited", "minute_rate_limited": 1518467820}, {"type": "event_of_tomorrow"}):
        assert ours.receive(request(still, told)) == Received()


@pytest.mark.parametrize("name", ["message", "message_changed", "block_actions", "view_submission"])
def test_no_secret_of_slacks_is_kept(still: SlackWorld, ours: Channel, name: str) -> None:
    (signal,) = ours.receive(request(still, recorded(name))).signals
    kept = json.dumps(signal.payload)
    assert "ZZZZZZWSxiZZZ2yIvs3peJ" not in kept
    assert "hooks.slack.com" not in kept
    assert "trigger_id" not in kept


@pytest.mark.parametrize("name", ["message", "file_share", "message_changed", "message_deleted", "view_submission"])
def test_all_that_people_wrote_is_named_so_that_it_can_be_masked(still: SlackWorld, ours: Channel, name: str) -> None:
    (signal,) = ours.receive(request(still, recorded(name))).signals
    texts = json.dumps(signal.payload, ensure_ascii=False)
    for text in sorted(signal.written, key=len, reverse=True):
        texts = texts.replace(json.dumps(text, ensure_ascii=False)[1:-1], "")
    for said in ("Hi Ann", "label.png", "Tomorrow", "Today", "Did not answer"):
        assert said not in texts.replace("files-pri", "").replace("/label.png", "").replace("-label.png", ""), said


# Whatever is wrong


def wrongs() -> dict[str, Hook]:
    body = json.dumps(recorded("message")).encode()
    right = signed(body) | JSON
    now = datetime.now(UTC).timestamp()
    return {
        "forged": Hook(body, signed(body, secret="0" * 32) | JSON),
        "changed": Hook(body.replace(b"today", b"never") + b" ", right),
        "stale": Hook(body, signed(body, now - 301) | JSON),
        "early": Hook(body, signed(body, now + 301) | JSON),
        "its time changed": Hook(body, right | {"X-Slack-Request-Timestamp": str(int(now) - 1)}),
        "no time": Hook(body, {name: value for name, value in right.items() if "Timestamp" not in name}),
        "a time that is none": Hook(body, right | {"X-Slack-Request-Timestamp": "soon"}),
        "a time of other digits": Hook(body, right | {"X-Slack-Request-Timestamp": "²"}),
        "no signature": Hook(body, {name: value for name, value in right.items() if "Signature" not in name}),
        "a signature that is none": Hook(body, right | {"X-Slack-Signature": "v0=ä"}),
        "another version": Hook(body, right | {"X-Slack-Signature": right["X-Slack-Signature"].replace("v0=", "v1=")}),
        "oversized": Hook(b" " * 1_000_001 + body, signed(b" " * 1_000_001 + body) | JSON),
        "got": Hook(body, right, method="GET"),
        "no JSON": Hook(b"{", signed(b"{") | JSON),
        "no object": Hook(b"[]", signed(b"[]") | JSON),
        "no UTF-8": Hook(b"\xff", signed(b"\xff") | JSON),
        "nested": Hook(b"[" * 100_000, signed(b"[" * 100_000) | JSON),
        "a form without payload": Hook(b"a=1", signed(b"a=1") | FORM),
        "an event without one": of({"type": "event_callback", "event_id": "Ev1"}),
        "a number for a text": of({**recorded("message"), "event_id": 1}),
        "an interaction without actions": of({**recorded("block_actions"), "actions": []}),
        "metadata that is none": of(
            {**recorded("view_submission"), "view": {**recorded("view_submission")["view"], "private_metadata": "?"}}
        ),
    }


def of(payload: Any) -> Hook:
    return hook(payload)


@pytest.mark.parametrize("what", sorted(wrongs()))
def test_whatever_is_wrong_is_refused_alike(still: SlackWorld, ours: Channel, what: str) -> None:
    with pytest.raises(Unverified) as refused:
        ours.receive(still.request(wrongs()[what]))
    assert str(refused.value) == str(Unverified())
    assert refused.value.__cause__ is None


def test_within_five_minutes_a_signature_is_good(still: SlackWorld, ours: Channel) -> None:
    at = datetime.now(UTC) + timedelta(seconds=299)
    assert ours.receive(still.request(hook(recorded("message")), at)).signals


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=300), headers=st.dictionaries(st.text(max_size=30), st.text(max_size=80), max_size=5))
def test_nothing_unsigned_is_taken(still: SlackWorld, ours: Channel, body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Unverified):
        ours.receive(still.request(Hook(body, headers | JSON)))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_signed_nonsense_is_taken_or_refused_and_nothing_else(
    still: SlackWorld, ours: Channel, data: st.DataObject
) -> None:
    name = data.draw(
        st.sampled_from(["message", "message_changed", "message_deleted", "block_actions", "view_submission"])
    )
    payload = damaged(recorded(name), data)
    text = json.dumps(payload)
    as_form = data.draw(st.booleans())
    body = urlencode({"payload": text}).encode() if as_form else text.encode()
    try:
        received = ours.receive(still.request(Hook(body, signed(body) | (FORM if as_form else JSON))))
    except Unverified:
        return
    assert isinstance(received, Received)
    assert all(isinstance(one.id, str) and one.place.startswith("C0SUPPORT1:") for one in received.signals)


def damaged(value: Any, data: st.DataObject) -> Any:
    """One part of it, somewhere, is something else, or is not there."""
    if not isinstance(value, dict) or not value or data.draw(st.integers(0, 3)) == 0:
        return data.draw(json_values)
    name = data.draw(st.sampled_from(sorted(value)))
    if data.draw(st.integers(0, 4)) == 0:
        return {key: one for key, one in value.items() if key != name}
    return {**value, name: damaged(value[name], data)}
