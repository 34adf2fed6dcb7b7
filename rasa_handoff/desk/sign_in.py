"""Signing in and out."""

import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from rasa_handoff.core.routing import Presence
from rasa_handoff.desk.auth import Forged, Gate, SignInNeeded, TooMany, Visit, change, gate_of, require_token
from rasa_handoff.desk.context import Desk, desk_of
from rasa_handoff.desk.sessions import Session

OURS = re.compile(r"/desk(/[0-9a-f]*)*")

router = APIRouter(include_in_schema=False)


@router.get("/desk/sign-in")
async def sign_in_page(request: Request, desk: Annotated[Desk, Depends(desk_of)], next: str = "/desk") -> Response:
    return _form(request, desk, desk.sessions.desk(request), next)


@router.post("/desk/sign-in")
async def sign_in(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    gate: Annotated[Gate, Depends(gate_of)],
    agent_id: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/desk",
) -> Response:
    session = desk.sessions.desk(request)
    try:
        await require_token(request, session.csrf)
        agent = await gate.admit(request, desk, agent_id.strip(), password)
    except (SignInNeeded, Forged, TooMany) as problem:
        status = {SignInNeeded: 401, Forged: 403, TooMany: 429}[type(problem)]
        return _form(request, desk, session, next, agent_id, str(problem), status)
    await desk.set_presence(agent.id, Presence.ONLINE)
    response = RedirectResponse(next if OURS.fullmatch(next) else "/desk", status_code=303)
    desk.sessions.keep_desk(request, response, Session(agent.id, secrets.token_urlsafe(24)))
    return response


@router.post("/desk/sign-out")
async def sign_out(
    request: Request, desk: Annotated[Desk, Depends(desk_of)], visitor: Annotated[Visit, Depends(change)]
) -> Response:
    await desk.set_presence(visitor.agent.id, Presence.OFFLINE)
    response = RedirectResponse("/desk/sign-in", status_code=303)
    desk.sessions.keep_desk(request, response, Session(None, secrets.token_urlsafe(24)))
    return response


def _form(
    request: Request,
    desk: Desk,
    session: Session,
    next: str,
    agent_id: str = "",
    problem: str | None = None,
    status: int = 200,
) -> Response:
    context = {"csrf": session.csrf, "next": next, "agent_id": agent_id, "problem": problem}
    response = desk.page("sign_in.html", context, status)
    desk.sessions.keep_desk(request, response, session)
    return response
