"""The callbacks and e-mails that are owed, and what their buttons do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rasa_handoff.contact import phone_in_words
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.errors import Conflict, HandoffError, Refused
from rasa_handoff.core.follow_up import (
    FollowUp,
    FollowUpDone,
    FollowUpEvent,
    FollowUpFailed,
    FollowUpKind,
    FollowUpReopened,
    FollowUpTaken,
)
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.routing import Agent
from rasa_handoff.desk.auth import Shown, Visit, change, visit
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.problems import status_of, words_of
from rasa_handoff.desk.sight import Sight
from rasa_handoff.desk.views import customer_of, desk_view
from rasa_handoff.ports import Store

router = APIRouter(prefix="/desk", include_in_schema=False)

A = Annotated[Desk, Depends(desk_of)]
Seeing = Annotated[Visit, Depends(visit)]
Changing = Annotated[Visit, Depends(change)]
Note = Annotated[str, Form(max_length=2000)]

SHOWN = 200
PAGE = "/desk/follow-ups"


@dataclass(frozen=True, slots=True)
class Owed:
    """One callback or e-mail as the page shows it."""

    handoff: Handoff
    follow_up: FollowUp
    customer: str
    contact: str
    link: str
    overdue: bool


@router.get("/follow-ups")
async def follow_ups(desk: A, visitor: Seeing) -> HTMLResponse:
    return await _page(desk, visitor)


@router.post("/follow-ups/{handoff_id}/take")
async def take(desk: A, visitor: Changing, handoff: Shown) -> Response:
    return await _done(desk, visitor, handoff.id, FollowUpTaken(visitor.agent.id, visitor.agent.name))


@router.post("/follow-ups/{handoff_id}/done")
async def done(desk: A, visitor: Changing, handoff: Shown, note: Note = "") -> Response:
    return await _done(desk, visitor, handoff.id, FollowUpDone(visitor.agent.id, note.strip()))


@router.post("/follow-ups/{handoff_id}/failed")
async def failed(desk: A, visitor: Changing, handoff: Shown, note: Note = "") -> Response:
    return await _done(desk, visitor, handoff.id, FollowUpFailed(visitor.agent.id, note.strip()))


@router.post("/follow-ups/{handoff_id}/reopen")
async def reopen(desk: A, visitor: Changing, handoff: Shown) -> Response:
    return await _done(desk, visitor, handoff.id, FollowUpReopened(visitor.agent.id))


async def _done(desk: Desk, visitor: Visit, handoff_id: str, event: FollowUpEvent) -> Response:
    try:
        await desk.receive(handoff_id, event)
    except (Refused, Conflict) as refusal:
        return await _page(desk, visitor, refusal)
    return RedirectResponse(PAGE, status_code=303)


async def _page(desk: Desk, visitor: Visit, problem: HandoffError | None = None) -> HTMLResponse:
    seq = await blocking(desk.store.last_seq)
    view = await blocking(desk_view, desk.sight, visitor.agent)
    owed, over = await blocking(listed, desk.sight, visitor.agent, datetime.now(UTC))
    context = {
        "view": view,
        "owed": owed,
        "over": over,
        "agent": visitor.agent,
        "csrf": visitor.csrf,
        "seq": seq,
        "problem": words_of(problem) if problem else None,
    }
    return desk.page("follow_ups.html", context, status_of(problem) if problem else 200)


def listed(sight: Sight, agent: Agent, now: datetime) -> tuple[list[Owed], list[Owed]]:
    """What is owed, by due time, and what is over, the latest first, as far as the agent may see it."""
    found = [_owed(sight.store, handoff, now) for handoff in sight.follow_ups(agent, SHOWN)]
    return [one for one in found if one.follow_up.is_owed], [one for one in found if not one.follow_up.is_owed]


def _owed(store: Store, handoff: Handoff, now: datetime) -> Owed:
    follow_up = handoff.follow_up
    assert follow_up is not None
    customer = customer_of(store.package(handoff.id))
    is_call = follow_up.kind is FollowUpKind.CALLBACK
    contact = phone_in_words(follow_up.contact) if is_call else follow_up.contact
    link = f"{'tel' if is_call else 'mailto'}:{follow_up.contact}"
    return Owed(handoff, follow_up, customer, contact, link, follow_up.is_owed and follow_up.due_at <= now)
