"""`rasa-handoff check` says live what is not as it must be at Slack, and what to do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from rasa_handoff.channel import Channel, Checked
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.errors import Unverified
from tests.channels.slack.world import APP_TOKEN, BOT_TOKEN, CHANNEL, SECRET, SlackWorld
from tests.channels.vendor import Call, Hook, Reply


class World(SlackWorld):
    """A workspace whose calls of our address reach a desk, too."""

    desk: Channel | None = None

    def answer(self, call: Call) -> Reply:
        if call.path != "/hooks/there":
            return super().answer(call)
        assert self.desk is not None
        try:
            answer = self.desk.receive(self.request(Hook(call.body, call.headers))).answer
        except Unverified:
            return Reply(status=401)
        return Reply(answer.body, answer.status)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    world.hook_url = f"{world.url}/hooks/there"
    world.desk = world.channel()
    yield world
    await world.desk.close()
    world.close()


async def checked(world: World, hook_url: str | None = "", secret: str = SECRET, **settings: Any) -> list[Checked]:
    told = {"id": "there", "type": "slack", **world.settings(), **settings}
    secrets = {"bot_token": BOT_TOKEN, "signing_secret": secret, "app_token": APP_TOKEN}
    url = world.hook_url if hook_url == "" else hook_url
    channel = world.kind.make(Setup("there", world.kind.settings.model_validate(told), secrets, url))
    found = list(await channel.check())
    await channel.close()
    return found


def wrong(found: list[Checked]) -> str:
    (one,) = [one for one in found if not one.well]
    return f"{one.what}: {one.mend}"


async def test_when_all_is_well_it_says_so(world: World) -> None:
    found = await checked(world)
    assert all(one.well for one in found), found
    said = "\n".join(one.what for one in found)
    for part in ("handoff in Example", "#support", f"{world.hook_url} answers"):
        assert part in said


async def test_socket_mode_is_tried(world: World) -> None:
    found = await checked(world, None, socket_mode=True)
    assert all(one.well for one in found), found
    assert [call.path for call in world.calls].count("/api/apps.connections.open") == 1


async def test_missing_scopes_are_named(world: World) -> None:
    world.scopes -= {"files:write", "users:read.email"}
    assert "add files:write, users:read.email" in wrong(await checked(world))


async def test_a_channel_without_the_app_is_named(world: World) -> None:
    world.channels[CHANNEL]["is_member"] = False
    assert "not in #support: write /invite" in wrong(await checked(world))


async def test_threads_that_cannot_be_read_are_named(world: World) -> None:
    world.says(f"{CHANNEL}:1", "hello")
    world.messages[CHANNEL][0].pop("thread_ts")
    assert all(one.well for one in await checked(world))
    world.refused = {"conversations.replies": "missing_scope"}
    assert "conversations.replies" in wrong(await checked(world))


async def test_an_archived_or_unknown_channel_is_named(world: World) -> None:
    world.channels[CHANNEL]["is_archived"] = True
    assert "#support is archived" in wrong(await checked(world))
    assert "C0NOTHERE" in wrong(await checked(world, channel="C0NOTHERE"))


async def test_a_token_that_is_none_is_named(world: World) -> None:
    world.instead = Reply({"ok": False, "error": "invalid_auth"})
    assert "Bot User OAuth Token" in wrong(await checked(world))


@pytest.mark.parametrize(
    ("hook_url", "secret", "mend"),
    [
        (None, SECRET, "HANDOFF_PUBLIC_URL"),
        ("http://127.0.0.1:1/hooks/there", SECRET, "does not answer"),
        ("", "0" * 32, "same signing_secret"),
        ("", "xoxb-not-a-secret", "32 digits"),
    ],
)
async def test_an_address_that_is_not_ours_is_named(world: World, hook_url: str | None, secret: str, mend: str) -> None:
    assert mend in wrong(await checked(world, hook_url, secret))
