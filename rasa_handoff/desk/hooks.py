"""Where the vendors of takeover channels call us, and where customers fetch files that agents sent there.

A request is verified, committed as it is, and answered; it is read later. All that is wrong with one is refused alike.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import Response, StreamingResponse

from rasa_handoff.channel import Channel, Received
from rasa_handoff.channel import Request as Told
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.channel_effects import TakeIn
from rasa_handoff.core.errors import HandoffError, NotFound, Unverified
from rasa_handoff.core.masking import masked
from rasa_handoff.desk.context import blocking
from rasa_handoff.desk.guard import BODY_LIMIT, TooLarge
from rasa_handoff.ports import Signalled, Store
from rasa_handoff.relay import Links

router = APIRouter(include_in_schema=False)

PULL_AGAIN = 5.0  # seconds until a fetcher that failed is started anew
_SAFE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/", "application/pdf")

log = structlog.get_logger()


class Hooks:
    """Takes in what the channels say. Belongs to the desk's event loop."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], links: Links, wake: Callable[[], object]) -> None:
        self._store = store
        self._channels = channels
        self._wake = wake
        self.links = links

    def channel(self, channel_id: str) -> Channel:
        """Errors: NotFound."""
        if channel_id not in self._channels:
            raise NotFound("There is no such channel.")
        return self._channels[channel_id]

    async def take_in(self, channel_id: str, received: Received) -> None:
        """Commit the signals. Errors: Unreachable."""
        if received.signals:
            await blocking(self._commit, channel_id, received)
            self._wake()

    async def customer_types(self, conversation_id: str) -> None:
        """Agents at a channel that can show it see that the customer types. It is no matter when they do not."""
        handoff = await blocking(self._store.newest, conversation_id)
        if handoff is None or not handoff.is_open:
            return
        takeover = handoff.takeover(handoff.need.department)
        place = handoff.place(takeover.channel, handoff.need.department) if takeover else None
        channel = self._channels.get(place.channel) if place else None
        if channel is not None and place is not None and channel.capabilities.typing:
            with suppress(HandoffError):
                await channel.typing(place, on=True)

    def pulls(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """What fetches from channels that do not call us."""
        for channel_id, channel in self._channels.items():
            yield f"channel {channel_id}", self._pull(channel_id, channel)

    async def _pull(self, channel_id: str, channel: Channel) -> None:
        async def take_in(received: Received) -> None:
            await self.take_in(channel_id, received)

        while True:
            try:
                await channel.pull(take_in)
                await asyncio.Event().wait()  # there is nothing to fetch
            except HandoffError as error:
                log.warning("channel.pull_failed", channel=channel_id, error=str(error))
            except Exception:
                log.exception("channel.pull_bug", channel=channel_id)
            await asyncio.sleep(PULL_AGAIN)

    def _commit(self, channel_id: str, received: Received) -> None:
        told = []
        for one in received.signals:
            effect = TakeIn(channel_id, one.id, one.place, _hidden(one.payload, frozenset(one.written)))
            told.append(Signalled(_id(channel_id, one.id), effect))
        self._store.take_in(told, datetime.now(UTC))


def hooks_of(request: Request) -> Hooks:
    hooks: Hooks = request.app.state.hooks
    return hooks


H = Annotated[Hooks, Depends(hooks_of)]


@router.api_route("/hooks/{channel_id}{path:path}", methods=["GET", "HEAD", "POST"])
async def hook(request: Request, hooks: H, channel_id: str, path: str, tasks: BackgroundTasks) -> Response:
    try:
        channel = hooks.channel(channel_id)
        received = channel.receive(await _told(request, hooks, channel_id, path))
    except (Unverified, NotFound, TooLarge):
        return _refusal()
    except Exception:  # a fault of the channel's: to a stranger it looks like any other refusal
        log.exception("channel.receive_bug", channel=channel_id)
        return _refusal()
    await hooks.take_in(channel_id, received)
    if received.then is not None:
        tasks.add_task(_quietly, channel_id, received.then)
    answer = received.answer
    return Response(answer.body, answer.status, media_type=answer.media_type)


def _refusal() -> Response:
    return Response("This request is not signed as it must be.", 401, media_type="text/plain")


@router.get("/files/{token}/{name}")
async def file(hooks: H, token: str, name: str) -> Response:
    channel_id, ref = hooks.links.opened(token)
    found = await hooks.channel(channel_id).open_file(ref)
    kind = found.media_type.partition(";")[0].strip().lower()
    safe = kind if kind.startswith(_SAFE_TYPES) else "application/octet-stream"
    headers = {"Content-Disposition": "inline" if safe != "application/octet-stream" else "attachment"}
    if found.size is not None:
        headers["Content-Length"] = str(found.size)
    return StreamingResponse(_all(found.chunks), media_type=safe, headers=headers)


async def _all(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield chunk


async def _told(request: Request, hooks: Hooks, channel_id: str, path: str) -> Told:
    body = await request.body()
    if len(body) > BODY_LIMIT:
        raise TooLarge
    query = f"?{request.url.query}" if request.url.query else ""
    base = hooks.links.hook(channel_id)
    url = f"{base}{path}{query}" if base else str(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Told(request.method, url, path, dict(request.query_params), headers, body, datetime.now(UTC))


async def _quietly(channel_id: str, then: Callable[[], Awaitable[None]]) -> None:
    try:
        await then()
    except HandoffError as error:
        log.warning("channel.prompt_failed", channel=channel_id, error=str(error))


def _id(channel_id: str, signal_id: str) -> str:
    """The effect's id: the channel's own, in a form that collides with none of ours."""
    return sha256(f"{channel_id}\0{signal_id}".encode(errors="replace")).hexdigest()


def _hidden(payload: Any, written: frozenset[str]) -> Any:
    """The payload with what nobody may read later masked where people wrote it: ids are left as they are."""
    if isinstance(payload, Mapping):
        return {name: _hidden(value, written) for name, value in payload.items()}
    if isinstance(payload, list | tuple):
        return [_hidden(value, written) for value in payload]
    return masked(payload) if isinstance(payload, str) and payload in written else payload
