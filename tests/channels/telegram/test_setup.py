"""How updates come, and what the check says of a bot that is not set up."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rasa_handoff.channel import Received
from rasa_handoff.channels.telegram import pulling
from rasa_handoff.channels.telegram.channel import TelegramChannel
from rasa_handoff.core.errors import Unreachable
from tests.channels.cases import case
from tests.channels.telegram.world import BOT, SECRET, USERS, TelegramWorld
from tests.channels.vendor import ANNA

HOOK = TelegramWorld.hook_url


async def nothing(_: Received) -> None:
    raise AssertionError("there is nothing to take in")


async def test_the_webhook_is_set_by_itself_where_there_is_none(
    telegram: TelegramWorld, channel: TelegramChannel
) -> None:
    await channel.pull(nothing)
    assert telegram.webhook["url"] == HOOK
    assert telegram.webhook["allowed_updates"] == ["message", "edited_message", "callback_query"]
    assert telegram.calls[-1].json["secret_token"] == SECRET


async def test_the_webhook_of_another_is_left_alone_and_told(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    telegram.webhook["url"] = "https://rasa.example/webhooks/telegram/webhook"
    await channel.pull(nothing)
    assert telegram.webhook["url"].startswith("https://rasa.example")
    assert "bot of its own" in await _mend(channel)


async def test_a_webhook_that_cannot_be_set_is_no_failure(telegram: TelegramWorld) -> None:
    channel = telegram.channel()
    telegram.close()
    await channel.pull(nothing)
    await channel.close()


async def test_updates_are_pulled_once_each_and_again_when_they_could_not_be_taken_in(
    telegram: TelegramWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "_PAUSE", 0.01)
    telegram.pulls = True
    channel = telegram.channel()
    key = (await channel.take_over(case(), "e1", again=False)).key
    telegram.sends({"my_chat_member": {}})
    for text in ("one", "two"):
        telegram.agent_says(key, text)
    taken: list[str] = []
    fails = [True]

    async def take_in(received: Received) -> None:
        for signal in received.signals:
            if fails.pop() if fails else False:
                raise Unreachable("The store is away.")
            taken.append(signal.payload["message"]["text"])

    task = asyncio.create_task(channel.pull(take_in))
    try:
        await _until(lambda: telegram.updates == [])
    finally:
        task.cancel()
    assert taken == ["one", "two"]
    await channel.close()


async def test_pulling_goes_on_after_failures(telegram: TelegramWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "_PAUSE", 0.01)
    telegram.pulls = True
    channel = telegram.channel()
    telegram.webhook["url"] = HOOK
    task = asyncio.create_task(channel.pull(nothing))
    await _until(lambda: len(telegram.calls) > 2)
    telegram.webhook["url"] = ""
    telegram.sends({"my_chat_member": {}})
    await _until(lambda: telegram.updates == [])
    assert not task.done()
    task.cancel()
    await channel.close()


async def test_nothing_is_wrong_where_all_is_set_up(telegram: TelegramWorld, channel: TelegramChannel) -> None:
    await channel.pull(nothing)
    found = await channel.check()
    assert all(one.well for one in found)
    assert any(BOT["username"] in one.what for one in found)


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        (lambda world: world.chat.update(id=None), "add the bot to the group"),
        (lambda world: world.chat.update(is_forum=False), "turn on Topics"),
        (lambda world: world.me.update(can_manage_topics=False), "right to manage topics"),
        (lambda world: world.me.update(status="member"), "an administrator"),
        (lambda world: world.members.remove(USERS[ANNA.id]["id"]), "add them to the group"),
        (lambda world: world.webhook.update(url=""), "start the desk"),
        (lambda world: world.webhook.update(allowed_updates=["message"]), "start the desk anew"),
        (lambda world: world.webhook.update(pending_update_count=3, last_error_message="Timeout"), "from the internet"),
        (lambda world: setattr(world, "hook_url", None), "set it, or write pull: true"),
    ],
)
async def test_the_check_says_what_is_wrong_and_what_mends_it(
    telegram: TelegramWorld, change: Callable[[Any], object], mend: str
) -> None:
    telegram.webhook |= {"url": HOOK, "allowed_updates": ["message", "edited_message", "callback_query"]}
    change(telegram)
    channel = telegram.channel()
    assert mend in await _mend(channel)
    await channel.close()


async def test_pulling_and_a_webhook_are_never_both(telegram: TelegramWorld) -> None:
    telegram.pulls = True
    channel = telegram.channel()
    assert await _mend(channel) == ""
    telegram.webhook["url"] = HOOK
    assert "deleteWebhook" in await _mend(channel)
    await channel.close()


async def test_a_wrong_token_is_all_that_the_check_tells(telegram: TelegramWorld) -> None:
    telegram.secrets = lambda: {"token": "1:wrong", "secret": "s"}  # type: ignore[method-assign]
    channel = telegram.channel()
    (found,) = await channel.check()
    assert not found.well
    assert "@BotFather" in found.mend
    await channel.close()


async def test_the_check_has_no_errors_of_its_own(telegram: TelegramWorld) -> None:
    channel = telegram.channel()
    telegram.close()
    (found,) = await channel.check()
    assert not found.well
    await channel.close()


async def _mend(channel: Any) -> str:
    return "; ".join(one.mend for one in await channel.check() if not one.well)


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.01)
