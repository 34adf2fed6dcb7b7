"""The two event streams: fragments for the agents' pages, chat lines for the customer's."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from rasa_handoff.core.errors import NotFound, Unreachable
from rasa_handoff.desk.auth import Shown, Visit, visit
from rasa_handoff.desk.chat import conversation_of, line_json, owner_of
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.views import ConversationView, conversation_view, desk_view

PING_SECONDS = 15
# Sent at once: the browser knows that the stream is up, and comes again after a second when it breaks.
HELLO = ServerSentEvent(comment="connected", retry=1000)

# Fragments that change without the log growing: whether a page has the newest cannot be told from what it saw.
UNLOGGED = frozenset({"questions"})

router = APIRouter(include_in_schema=False)

Seen = Annotated[str | None, Header(alias="Last-Event-ID")]


@router.get("/desk/stream")
async def desk_stream(
    desk: Annotated[Desk, Depends(desk_of)],
    visitor: Annotated[Visit, Depends(visit)],
    after: int = 0,
    last_event_id: Seen = None,
) -> EventSourceResponse:
    """The changing parts of the desk, from log seq `after` on."""
    events = desk_events(desk, visitor, None, _resume(last_event_id, after))
    return EventSourceResponse(events, ping=PING_SECONDS)


@router.get("/desk/{handoff_id}/stream")
async def conversation_stream(
    desk: Annotated[Desk, Depends(desk_of)],
    visitor: Annotated[Visit, Depends(visit)],
    handoff: Shown,
    after: int = 0,
    last_event_id: Seen = None,
) -> EventSourceResponse:
    """The changing parts of a conversation's page, from log seq `after` on."""
    events = desk_events(desk, visitor, handoff.id, _resume(last_event_id, after))
    return EventSourceResponse(events, ping=PING_SECONDS)


@router.get("/chat/stream")
async def chat_stream(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    after: int = 0,
    last_event_id: Seen = None,
) -> Response:
    """The conversation's chat lines after seq `after`, whose it is now, and who is typing."""
    conversation_id = conversation_of(request, desk)
    if conversation_id is None:
        return Response(status_code=204)  # tells a browser not to come again
    return EventSourceResponse(chat_events(desk, conversation_id, _resume(last_event_id, after)), ping=PING_SECONDS)


async def desk_events(desk: Desk, visitor: Visit, handoff_id: str | None, after: int) -> AsyncIterator[ServerSentEvent]:
    """Sends a fragment when it differs from the one sent before; at first only if the log has grown since `after`."""
    sent: Mapping[str, str] | None = None
    yield HELLO
    with desk.live.watch_desk(visitor.agent.id) as watch:
        while True:
            try:
                seq, lines, fragments = await blocking(_desk_now, desk, visitor, handoff_id, after)
            except Unreachable:
                return  # the browser comes again, with the last id it saw
            for line_seq, html in lines:
                yield ServerSentEvent(html, event="lines", id=str(line_seq))
            if sent is None:
                sent = {} if seq > after else {name: html for name, html in fragments.items() if name not in UNLOGGED}
            for name, html in fragments.items():
                if sent.get(name) != html:
                    yield ServerSentEvent(html, event=name, id=str(seq))
            after, sent = max(seq, after), fragments
            await watch.wait()


def _desk_now(
    desk: Desk, visitor: Visit, handoff_id: str | None, after: int
) -> tuple[int, list[tuple[int, str]], dict[str, str]]:
    seq = desk.store.last_seq()  # first: what is committed meanwhile is then read again, not missed
    agent = desk.store.agent(visitor.agent.id)
    try:
        view = conversation_view(desk.sight, agent, handoff_id, after) if handoff_id else desk_view(desk.sight, agent)
    except NotFound:  # it has gone to people whose conversations this agent does not see
        return seq, [], {"composer": desk.render("fragments/gone.html", {})}
    context = {"view": view, "agent": agent, "csrf": visitor.csrf}
    fragments = {name: desk.render(f"fragments/{name}.html", context) for name in view.fragments}
    lines = [line for line in view.lines if line.seq <= seq] if isinstance(view, ConversationView) else []
    return seq, [(line.seq, desk.render("fragments/line.html", {"line": line, **context})) for line in lines], fragments


async def chat_events(desk: Desk, conversation_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    """Sends line (one of the chat), owner (when it changes), typing (the agent is) and ready (that was the history)."""
    owner: str | None = None
    ready = False
    yield HELLO
    with desk.live.watch_chat(conversation_id) as watch:
        while True:
            try:
                lines = await blocking(desk.store.chat, conversation_id, after)
                now = json.dumps(await blocking(owner_of, desk, conversation_id))
            except Unreachable:
                return
            for line in lines:
                after = line.seq
                yield ServerSentEvent(json.dumps(line_json(line)), event="line", id=str(line.seq))
            if now != owner:
                owner = now
                yield ServerSentEvent(owner, event="owner")
            if not ready:
                ready = True
                yield ServerSentEvent("{}", event="ready")
            for signal in await watch.wait():
                yield ServerSentEvent("{}", event=signal)


def _resume(last_event_id: str | None, after: int) -> int:
    return int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
