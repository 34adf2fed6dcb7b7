"""Socket Mode: what Slack tells us is acknowledged when it is committed, and nothing falls between two connections."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from rasa_handoff.channel import Channel, Press, Received
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.errors import SettingsError, Unreachable
from rasa_handoff.core.handoff import Status
from rasa_handoff.stores import open_store
from rasa_handoff.timeouts import timeout
from tests.channels.slack.cases import recorded
from tests.channels.slack.socket_world import Connection, SocketWorld, message
from tests.channels.slack.world import APP_TOKEN, BOT_TOKEN, SlackWorld
from tests.channels.stage import make_stage
from tests.channels.vendor import Fault


class Taken:
    """What is committed. `down`: nothing can be."""

    def __init__(self) -> None:
        self.signals: list[str] = []
        self.down = False
        self.slow = 0.0

    async def take_in(self, received: Received) -> None:
        await asyncio.sleep(self.slow)
        if self.down:
            raise Unreachable("The store is down.")
        self.signals += [one.id for one in received.signals]


def made(world: SlackWorld, **secrets: str) -> Channel:
    told = {"id": "there", "type": "slack", "socket_mode": True, **world.settings()}
    return world.kind.make(
        Setup("there", world.kind.settings.model_validate(told), {"bot_token": BOT_TOKEN, **secrets})
    )


@pytest.fixture
def sockets(world: SlackWorld) -> Iterator[SocketWorld]:
    sockets = SocketWorld()
    world.socket_url = sockets.url
    yield sockets
    sockets.close()


@pytest.fixture
async def taken(world: SlackWorld, sockets: SocketWorld) -> AsyncIterator[Taken]:
    taken, channel = Taken(), made(world, app_token=APP_TOKEN)
    pulling = asyncio.create_task(channel.pull(taken.take_in))
    yield taken
    pulling.cancel()
    async with timeout(3):
        with contextlib.suppress(asyncio.CancelledError):
            await pulling
        await channel.close()


async def got(what: Any, seconds: float = 5.0) -> Any:
    return await asyncio.to_thread(what.get, timeout=seconds)


async def acknowledged(connection: Connection) -> str:
    id = await got(connection.acknowledged)
    assert isinstance(id, str)
    return id


async def test_an_event_is_taken_and_acknowledged(sockets: SocketWorld, taken: Taken) -> None:
    connection = await got(sockets.connections)
    sent = [connection.envelope(message(f"number {number}", f"Ev{number}")) for number in range(5)]
    assert [await acknowledged(connection) for _ in sent] == sent
    assert taken.signals == [f"Ev{number}" for number in range(5)]


async def test_a_press_and_a_dialog_come_the_same_way(world: SlackWorld, sockets: SocketWorld, taken: Taken) -> None:
    connection = await got(sockets.connections)
    pressed = recorded("block_actions")
    close = {**pressed["actions"][0], "action_id": "handoff_close"}
    world.triggers["t-1"] = 1e12, pressed
    for payload in (pressed, {**pressed, "actions": [close], "trigger_id": "t-1"}, recorded("view_submission")):
        id = connection.envelope(payload, "interactive")
        assert await acknowledged(connection) == id
    assert [one.partition(":")[0] for one in taken.signals] == ["C0SUPPORT1", "view"]
    assert [view["callback_id"] for view in world.views] == ["handoff_close"]


async def test_what_is_not_committed_is_not_acknowledged(sockets: SocketWorld, taken: Taken) -> None:
    connection = await got(sockets.connections)
    taken.down = True
    connection.envelope(message("one", "Ev1"))
    await asyncio.sleep(0.2)
    assert connection.acknowledged.empty()
    taken.down = False
    again = connection.envelope(message("one", "Ev1"), retry_attempt=1, retry_reason="timeout")
    assert await acknowledged(connection) == again
    assert taken.signals == ["Ev1"]


async def test_it_is_acknowledged_after_it_is_committed(sockets: SocketWorld, taken: Taken) -> None:
    connection = await got(sockets.connections)
    taken.slow = 0.3
    connection.envelope(message("one", "Ev1"))
    await asyncio.sleep(0.1)
    assert connection.acknowledged.empty()
    await acknowledged(connection)
    assert taken.signals == ["Ev1"]


async def test_what_is_of_no_use_is_acknowledged_too_so_that_it_is_not_sent_again(
    sockets: SocketWorld, taken: Taken
) -> None:
    connection = await got(sockets.connections)
    connection.send("[]")
    for payload in ({"type": "app_rate_limited"}, {"type": "event_callback"}, {}, recorded("direct_message"), None):
        id = connection.envelope(payload)
        assert await acknowledged(connection) == id
    assert taken.signals == []


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_the_next_connection_is_there_before_the_last_is_left(
    sockets: SocketWorld, taken: Taken, reason: str
) -> None:
    first = await got(sockets.connections)
    first.goes(reason)
    second = await got(sockets.connections)
    assert not first.closed.is_set()
    late, early = first.envelope(message("late", "EvLate")), second.envelope(message("early", "EvEarly"))
    assert (await acknowledged(first), await acknowledged(second)) == (late, early)
    await asyncio.to_thread(first.close)
    await asyncio.to_thread(first.closed.wait, 5)
    after = second.envelope(message("after", "EvAfter"))
    assert await acknowledged(second) == after
    assert sorted(taken.signals) == ["EvAfter", "EvEarly", "EvLate"]
    assert sockets.connections.empty()


async def test_a_connection_that_breaks_is_opened_anew(sockets: SocketWorld, taken: Taken) -> None:
    first = await got(sockets.connections)
    await asyncio.to_thread(first.close)
    second = await got(sockets.connections)
    second.send("no JSON")
    third = await got(sockets.connections)
    id = third.envelope(message("one", "Ev1"))
    assert await acknowledged(third) == id
    assert taken.signals == ["Ev1"]


async def test_too_many_connections_are_not_answered_with_more_at_once(sockets: SocketWorld, taken: Taken) -> None:
    (await got(sockets.connections)).goes("too_many_websockets")
    await asyncio.sleep(0.3)
    assert sockets.connections.empty()
    await got(sockets.connections)


async def test_a_slack_that_gives_no_connection_is_asked_again(world: SlackWorld, sockets: SocketWorld) -> None:
    world.faults.append(Fault(500))
    channel, taken = made(world, app_token=APP_TOKEN), Taken()
    pulling = asyncio.create_task(channel.pull(taken.take_in))
    assert await got(sockets.connections)
    pulling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pulling
    await channel.close()


async def test_without_socket_mode_there_is_nothing_to_pull(world: SlackWorld, channel: Channel) -> None:
    await channel.pull(Taken().take_in)
    assert world.calls == []


def test_socket_mode_wants_an_app_token_and_no_signing_secret(world: SlackWorld) -> None:
    with pytest.raises(SettingsError, match="no app_token"):
        made(world)
    made(world, app_token=APP_TOKEN)


class SocketModeWorld(SlackWorld):
    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "socket_mode": True}


async def test_a_handoff_is_worked_over_a_socket_alone() -> None:
    world, sockets = SocketModeWorld(), SocketWorld()
    world.socket_url = sockets.url
    stage = make_stage(world, open_store("memory://"))
    pulls = [asyncio.ensure_future(one) for _, one in stage.hooks.pulls()]
    connection = await got(sockets.connections)

    async def told() -> None:
        """What Slack has to tell, over the socket."""
        while world.hooks:
            body = world.hooks.pop(0).body.decode()
            form = parse_qs(body).get("payload")
            payload = json.loads(form[0] if form else body)
            connection.envelope(payload, "interactive" if form else "events_api")
            await acknowledged(connection)

    async with stage:
        handoff = await stage.shown()
        key = handoff.places[0].key
        world.press(key, Press.ACCEPT)
        await told()
        await stage.until(lambda: stage.now(handoff).status is Status.ACTIVE)
        world.agent_says(key, "I have found it.")
        await told()
        await stage.until(lambda: stage.bot.brought == ["I have found it."])
        world.press(key, Press.CLOSE)
        await told()
        await stage.until(lambda: bool(world.hooks))  # the dialog, filled in
        await told()
        await stage.until(lambda: not stage.now(handoff).is_open)
    for pull in pulls:
        pull.cancel()
    await asyncio.gather(*pulls, return_exceptions=True)
    sockets.close()
    world.close()
