"""Calls to Slack: what it answers when it cannot or will not, as our errors."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.slack.api import SlackApi, SlackRefused
from rasa_handoff.core.errors import Refused, SettingsError, Unreachable
from tests.channels.slack.world import BOT_TOKEN, CHANNEL, SlackWorld
from tests.channels.vendor import Fault, Reply


@pytest.fixture
async def api(world: SlackWorld) -> AsyncIterator[SlackApi]:
    api = SlackApi(f"{world.url}/api/", BOT_TOKEN)
    yield api
    await api.close()


@pytest.fixture
async def hasty(world: SlackWorld) -> AsyncIterator[SlackApi]:
    api = SlackApi(f"{world.url}/api/", BOT_TOKEN, timeout=0.3)
    yield api
    await api.close()


async def test_a_limit_is_kept_to_for_as_long_as_slack_says(world: SlackWorld, api: SlackApi) -> None:
    world.faults.append(Fault(429, {"Retry-After": "30"}))
    with pytest.raises(Unreachable) as limited:
        await api.call("conversations.info", channel=CHANNEL)
    assert limited.value.retry_after == pytest.approx(30, abs=1)
    with pytest.raises(Unreachable) as still:
        await api.call("conversations.info", channel=CHANNEL)
    assert still.value.retry_after == pytest.approx(30, abs=1)
    assert len(world.calls) == 1
    await api.call("auth.test")  # limits are on a method


async def test_a_short_limit_is_waited_for(world: SlackWorld, api: SlackApi) -> None:
    world.faults.append(Fault(429, {"Retry-After": "1"}))
    assert (await api.call("conversations.info", channel=CHANNEL))["ok"]
    assert len(world.calls) == 2


async def test_those_who_post_into_one_channel_do_not_all_run_into_its_limit(world: SlackWorld, api: SlackApi) -> None:
    world.faults.append(Fault(429, {"Retry-After": "1"}))
    posts = [api.call("chat.postMessage", channel=CHANNEL, text=f"{number}") for number in range(10)]
    assert [one["message"]["text"] for one in await asyncio.gather(*posts)] == [f"{number}" for number in range(10)]
    assert len(world.calls) == 11


async def test_whoever_waits_too_long_for_their_turn_comes_again(
    world: SlackWorld, api: SlackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rasa_handoff.channels.slack.api._LONGEST_TURN", 0.2)
    world.faults.append(Fault(429, {"Retry-After": "1"}))
    first = asyncio.create_task(api.call("chat.postMessage", channel=CHANNEL, text="first"))
    await asyncio.sleep(0.05)
    with pytest.raises(Unreachable, match="than Slack takes") as late:
        await api.call("chat.postMessage", channel=CHANNEL, text="second")
    assert late.value.retry_after
    assert (await first)["ok"]
    assert [one["text"] for one in world.messages[CHANNEL]] == ["first"]


async def test_a_limit_in_an_answer_of_200_is_a_limit_too(world: SlackWorld, api: SlackApi) -> None:
    world.instead = Reply({"ok": False, "error": "ratelimited"}, 200, {"Retry-After": "40"})
    with pytest.raises(Unreachable) as limited:
        await api.call("auth.test")
    assert limited.value.retry_after == pytest.approx(40, abs=1)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
async def test_what_may_pass_is_tried_again(world: SlackWorld, api: SlackApi, code: str) -> None:
    world.instead = Reply({"ok": False, "error": code})
    with pytest.raises(Unreachable, match=code):
        await api.call("auth.test")


@pytest.mark.parametrize("code", ["invalid_auth", "channel_not_found", "is_archived", "not_in_channel", "anything_new"])
async def test_what_will_not_pass_is_refused(world: SlackWorld, api: SlackApi, code: str) -> None:
    world.instead = Reply({"ok": False, "error": code})
    with pytest.raises(SlackRefused, match=code) as refused:
        await api.call("auth.test")
    assert refused.value.code == code


async def test_a_missing_scope_is_named(world: SlackWorld, api: SlackApi) -> None:
    world.instead = Reply({"ok": False, "error": "missing_scope", "needed": "files:write", "provided": "chat:write"})
    with pytest.raises(Refused, match="add the scope files:write"):
        await api.call("auth.test")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"ok"', b"", b"\xff"])
async def test_an_answer_that_is_none_is_tried_again(world: SlackWorld, api: SlackApi, body: bytes) -> None:
    world.instead = Reply(body)
    with pytest.raises(Unreachable):
        await api.call("auth.test")


@pytest.mark.parametrize("fault", [Fault(503), Fault(pause=0.6), Fault(lost=True)])
async def test_a_slack_that_is_ill_is_tried_again(world: SlackWorld, hasty: SlackApi, fault: Fault) -> None:
    world.faults.append(fault)
    with pytest.raises(Unreachable):
        await hasty.call("auth.test")


async def test_what_is_no_unicode_is_sent_without_it(world: SlackWorld, api: SlackApi) -> None:
    answer = await api.call("chat.postMessage", channel=CHANNEL, text="half an emoji: \ud83d", blocks=None)
    assert answer["message"]["text"] == "half an emoji: ?"


def test_a_channel_without_its_secrets_says_which_and_where_they_are(world: SlackWorld) -> None:
    settings = world.kind.settings.model_validate({"id": "there", "type": "slack", **world.settings()})
    with pytest.raises(SettingsError, match="no signing_secret in HANDOFF_CHANNEL_SECRETS"):
        world.kind.make(Setup("there", settings, {"bot_token": BOT_TOKEN}))


def test_a_channel_must_be_somewhere(world: SlackWorld) -> None:
    with pytest.raises(ValueError, match="name the Slack channel"):
        world.kind.settings.model_validate({"id": "there", "type": "slack"})
