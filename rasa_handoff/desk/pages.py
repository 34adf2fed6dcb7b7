"""The agents' pages and what their forms do."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rasa_handoff.core.errors import AgentBusy, BadMessage, Conflict, HandoffError, NotYours, Refused
from rasa_handoff.core.handoff import Accepted, AgentMessaged, Declined, HandedBack, Outcome, Status
from rasa_handoff.core.routing import Presence
from rasa_handoff.core.summarised import SummaryRequested
from rasa_handoff.desk.auth import Shown, Visit, change, visit
from rasa_handoff.desk.chat import checked
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.learned import learned_from_rows
from rasa_handoff.desk.problems import status_of, words_of
from rasa_handoff.desk.views import conversation_view, desk_view

router = APIRouter(prefix="/desk", include_in_schema=False)

A = Annotated[Desk, Depends(desk_of)]
Seeing = Annotated[Visit, Depends(visit)]
Changing = Annotated[Visit, Depends(change)]


@router.get("")
async def my_desk(desk: A, visitor: Seeing) -> HTMLResponse:
    return await _desk_page(desk, visitor)


@router.get("/{handoff_id}")
async def conversation(desk: A, visitor: Seeing, handoff: Shown) -> HTMLResponse:
    return await _conversation_page(desk, visitor, handoff.id)


@router.post("/presence")
async def presence(request: Request, desk: A, visitor: Changing, presence: Annotated[Presence, Form()]) -> Response:
    await desk.set_presence(visitor.agent.id, presence)
    return _back(request, "/desk")


@router.post("/{handoff_id}/accept")
async def accept(request: Request, desk: A, visitor: Changing, handoff: Shown) -> Response:
    agent = visitor.agent
    try:
        await desk.receive(handoff.id, Accepted(agent.id, agent.name))
    except (Refused, AgentBusy, Conflict) as refusal:
        return await _desk_page(desk, visitor, refusal)
    return RedirectResponse(f"/desk/{handoff.id}", status_code=303)


@router.post("/{handoff_id}/decline")
async def decline(request: Request, desk: A, visitor: Changing, handoff: Shown) -> Response:
    try:
        await desk.receive(handoff.id, Declined(visitor.agent.id))
    except (Refused, Conflict) as refusal:
        if "hx-request" in request.headers:
            raise
        return await _desk_page(desk, visitor, refusal)
    return _back(request, "/desk")


@router.post("/{handoff_id}/messages")
async def reply(
    request: Request,
    desk: A,
    visitor: Changing,
    handoff: Shown,
    message_id: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    message_id = message_id or uuid4().hex  # a form without its script has none
    try:
        event = AgentMessaged(message_id, visitor.agent.id, checked(text), visitor.agent.name)
        await desk.receive(handoff.id, event, f"agent:{message_id}")
    except (Refused, BadMessage, Conflict) as refusal:
        if "hx-request" in request.headers:
            raise
        return await _conversation_page(desk, visitor, handoff.id, refusal, draft=text)
    return _back(request, f"/desk/{handoff.id}")


@router.post("/{handoff_id}/typing", status_code=204)
async def typing(desk: A, visitor: Changing, handoff: Shown) -> None:
    """Show the customer for a moment that the agent is writing."""
    if handoff.status is not Status.ACTIVE or handoff.agent_id != visitor.agent.id:
        raise NotYours("You are not the agent of this conversation (any more).")
    desk.live.stir_chat(handoff.conversation_id, "typing")


@router.post("/{handoff_id}/summary")
async def summary(request: Request, desk: A, visitor: Changing, handoff: Shown) -> Response:
    """Have the model try again."""
    try:
        await desk.receive(handoff.id, SummaryRequested(visitor.agent.id))
    except (Refused, Conflict) as refusal:
        if "hx-request" in request.headers:
            raise
        return await _conversation_page(desk, visitor, handoff.id, refusal)
    return _back(request, f"/desk/{handoff.id}")


@router.post("/{handoff_id}/close")
async def close(
    request: Request,
    desk: A,
    visitor: Changing,
    handoff: Shown,
    outcome: Annotated[Outcome, Form()] = Outcome.RESOLVED,
    hand_back: Annotated[bool, Form()] = False,
    note: Annotated[str, Form(max_length=2000)] = "",
    learned_name: Annotated[Sequence[str], Form()] = (),
    learned_value: Annotated[Sequence[str], Form()] = (),
) -> Response:
    ended = Outcome.RETURNED_TO_BOT if hand_back else outcome
    try:
        learned = learned_from_rows(learned_name, learned_value)
        await desk.receive(handoff.id, HandedBack(visitor.agent.id, ended, note.strip(), learned))
    except (Refused, BadMessage, Conflict) as refusal:
        ending = {"outcome": outcome, "note": note, "rows": list(zip(learned_name, learned_value, strict=False))}
        return await _conversation_page(desk, visitor, handoff.id, refusal, ending=ending)
    return RedirectResponse("/desk", status_code=303)


async def _desk_page(desk: Desk, visitor: Visit, problem: HandoffError | None = None) -> HTMLResponse:
    seq = await blocking(desk.store.last_seq)
    view = await blocking(desk_view, desk.sight, visitor.agent)
    context = {"view": view, **_frame(visitor, seq, problem)}
    return desk.page("desk.html", context, status_of(problem) if problem else 200)


async def _conversation_page(
    desk: Desk,
    visitor: Visit,
    handoff_id: str,
    problem: HandoffError | None = None,
    draft: str = "",
    ending: Mapping[str, object] | None = None,
) -> HTMLResponse:
    """With a `problem`, what the agent had written is there again: the `draft` of a reply, or the `ending`'s form."""
    seq = await blocking(desk.store.last_seq)
    view = await blocking(conversation_view, desk.sight, visitor.agent, handoff_id)
    context = {"view": view, "draft": draft, "ending": ending, **_frame(visitor, seq, problem)}
    return desk.page("conversation.html", context, status_of(problem) if problem else 200)


def _frame(visitor: Visit, seq: int, problem: HandoffError | None) -> Mapping[str, object]:
    return {
        "agent": visitor.agent,
        "csrf": visitor.csrf,
        "seq": seq,
        "problem": words_of(problem) if problem else None,
    }


def _back(request: Request, page: str) -> Response:
    """Nothing to show to a script, whose page is live; the page itself to a plain form."""
    return Response() if "hx-request" in request.headers else RedirectResponse(page, status_code=303)
