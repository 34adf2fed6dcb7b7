"""Passing a conversation on: its form, and what it does."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rasa_handoff.core.errors import AgentBusy, BadMessage, Conflict, HandoffError, Refused
from rasa_handoff.core.handoff import Handoff, TransferCancelled, Transferred
from rasa_handoff.core.routing import Agent, Role
from rasa_handoff.desk.auth import Shown, Visit, change, visit
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.problems import status_of
from rasa_handoff.desk.views import customer_of

NOTE_LIMIT = 2000

router = APIRouter(prefix="/desk", include_in_schema=False)

A = Annotated[Desk, Depends(desk_of)]
Seeing = Annotated[Visit, Depends(visit)]
Changing = Annotated[Visit, Depends(change)]


@router.get("/{handoff_id}/transfer")
async def transfer_form(desk: A, visitor: Seeing, handoff: Shown) -> HTMLResponse:
    return await _form(desk, visitor, handoff)


@router.post("/{handoff_id}/transfer")
async def transfer(
    desk: A,
    visitor: Changing,
    handoff: Shown,
    to: Annotated[str, Form()] = "",
    note: Annotated[str, Form(max_length=NOTE_LIMIT)] = "",
    cold: Annotated[bool, Form()] = False,
) -> Response:
    kind, _, id = to.partition(":")
    department, agent_id = (id, None) if kind == "department" else (None, id)
    try:
        await pass_on(desk, visitor.agent, handoff, department, agent_id, note, warm=not cold)
    except (Refused, BadMessage, Conflict) as problem:
        return await _form(desk, visitor, handoff, problem, {"to": to, "note": note, "cold": cold})
    return RedirectResponse("/desk" if cold else f"/desk/{handoff.id}", status_code=303)


@router.post("/{handoff_id}/transfer/cancel")
async def cancel(desk: A, visitor: Changing, handoff: Shown) -> Response:
    await desk.receive(handoff.id, TransferCancelled(visitor.agent.id))
    return RedirectResponse(f"/desk/{handoff.id}", status_code=303)


async def pass_on(
    desk: Desk,
    agent: Agent,
    handoff: Handoff,
    department: str | None,
    agent_id: str | None,
    note: str,
    *,
    warm: bool,
) -> Handoff:
    """Errors: NotFound (no such colleague), BadMessage (no such department), Refused (says why), and the service's."""
    colleague = await blocking(desk.store.agent, agent_id) if agent_id else None
    target = colleague.department if colleague else department
    if target is None or target not in desk.departments:
        raise BadMessage("Choose a colleague or a department to pass it on to.")
    event = Transferred(
        by=agent.id,
        department=target,
        agent_id=colleague.id if colleague else None,
        agent_name=colleague.name if colleague else None,
        note=note.strip(),
        warm=warm,
        supervisor=agent.role is Role.SUPERVISOR and handoff.agent_id != agent.id,
    )
    try:
        return await desk.receive(handoff.id, event)
    except AgentBusy:
        name = colleague.name if colleague else target
        raise Refused(f"{name} is away or has no free place. Choose somebody else, or a department.") from None


async def _form(
    desk: Desk,
    visitor: Visit,
    handoff: Handoff,
    problem: HandoffError | None = None,
    typed: Mapping[str, object] | None = None,
) -> HTMLResponse:
    package = await blocking(desk.store.package, handoff.id)
    colleagues = await blocking(desk.store.colleagues)
    context = {
        "csrf": visitor.csrf,
        "handoff": handoff,
        "customer": customer_of(package),
        "departments": desk.departments,
        "colleagues": [one for one in colleagues if one.id not in (visitor.agent.id, handoff.agent_id)],
        "limit": NOTE_LIMIT,
        "problem": str(problem) if problem else None,
        "typed": typed or {"to": "", "note": "", "cold": False},
    }
    return desk.page("transfer.html", context, status_of(problem) if problem else 200)
