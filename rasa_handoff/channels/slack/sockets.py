"""Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode): events by a connection that we open.

Slack renews connections every few hours, and says so before: the next one is open before the last is left, so that
nothing falls between them. What is not acknowledged Slack sends again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog
import websockets

from rasa_handoff.channel import Received
from rasa_handoff.channels.slack.api import SlackApi
from rasa_handoff.channels.slack.hooks import LARGEST, MALFORMED, Hooks
from rasa_handoff.core.errors import HandoffError, problem_of

TakeIn = Callable[[Received], Awaitable[None]]
log = structlog.get_logger()
_SHORTEST, _LONGEST = 0.5, 30.0  # seconds before another try
_CLOSING = 20.0
_RENEWALS = frozenset({"refresh_requested", "warning"})
_BREAKS = (websockets.WebSocketException, OSError, TimeoutError, asyncio.TimeoutError)
_ENVELOPES = frozenset({"events_api", "interactive"})


class Sockets:
    """One process's connection; each process that pulls has one, and Slack tells each event to one of them."""

    def __init__(self, api: SlackApi, hooks: Hooks, channel: str) -> None:
        self._api = api
        self._hooks = hooks
        self._log = log.bind(channel=channel)

    async def pull(self, take_in: TakeIn) -> None:
        """Until cancelled."""
        open_: set[asyncio.Task[bool]] = set()
        tries = 0
        try:
            while True:
                renewal = asyncio.Event()
                serving = asyncio.create_task(self._serve(take_in, renewal))
                open_.add(serving)
                await _either(serving, renewal)
                well = renewal.is_set() or serving.result()
                tries = 0 if well else tries + 1
                open_ = {one for one in open_ if not one.done()}
                await asyncio.sleep(min(_LONGEST, _SHORTEST * 2**tries))
        finally:
            for one in open_:
                one.cancel()
            await asyncio.gather(*open_, return_exceptions=True)

    async def _serve(self, take_in: TakeIn, renewal: asyncio.Event) -> bool:
        """One connection, to its end; whether it was one at all. Errors: none."""
        greeted = False
        try:
            url = str((await self._api.call("apps.connections.open"))["url"])
            async with websockets.connect(
                url, max_size=LARGEST, ping_interval=10, ping_timeout=20, close_timeout=1
            ) as socket:
                async for told in _heard(socket, renewal):
                    greeted = greeted or told.get("type") == "hello"
                    if told.get("type") == "disconnect" and not self._goes_on(told, renewal):
                        return False
                    if told.get("type") in _ENVELOPES:
                        await self._taken(socket, told, take_in)
        except (*_BREAKS, HandoffError, ValueError) as error:
            if not (renewal.is_set() or isinstance(error, websockets.ConnectionClosedOK)):
                self._log.warning("slack_socket_broke", error=problem_of(error))
        return greeted

    def _goes_on(self, told: dict[str, Any], renewal: asyncio.Event) -> bool:
        """What Slack says before it closes a connection: mostly that it wants a new one."""
        self._log.info("slack_socket_ends", reason=told.get("reason"))
        if told.get("reason") in _RENEWALS:
            renewal.set()
        return renewal.is_set()

    async def _taken(self, socket: Any, told: dict[str, Any], take_in: TakeIn) -> None:
        """Acknowledged when it is committed."""
        try:
            received = self._hooks.taken(told["payload"])
        except MALFORMED:
            received = Received()  # of a shape that we do not know, nor would when told again
        try:
            await take_in(replace(received, then=None))
        except HandoffError as error:
            self._log.warning("slack_event_not_taken", error=str(error))
            return
        await socket.send(json.dumps({"envelope_id": told["envelope_id"]}))
        if received.then is not None:
            await received.then()


async def _heard(socket: Any, renewal: asyncio.Event) -> AsyncIterator[dict[str, Any]]:
    """What Slack says, until it closes, or has nothing more to say on a connection that another has replaced."""
    while True:
        told = json.loads(await asyncio.wait_for(socket.recv(), _CLOSING if renewal.is_set() else None))
        if isinstance(told, dict):
            yield told


async def _either(serving: "asyncio.Task[bool]", renewal: asyncio.Event) -> None:
    """Until the connection has ended or is to be replaced."""
    waiting = asyncio.create_task(renewal.wait())
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
