"""The bot's questions on the desk and in its API: what is open, and answering."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from rasa_handoff.core.questions import Question
from rasa_handoff.core.routing import Agent
from rasa_handoff.desk.auth import Visit, caller, change
from rasa_handoff.desk.chat import checked
from rasa_handoff.desk.context import Desk, blocking, desk_of

router = APIRouter()

A = Annotated[Desk, Depends(desk_of)]


class Answer(BaseModel):
    text: str


@router.post("/desk/questions/{question_id}/answer", include_in_schema=False)
async def answer_form(
    request: Request,
    desk: A,
    visitor: Annotated[Visit, Depends(change)],
    question_id: str,
    text: Annotated[str, Form()] = "",
) -> Response:
    await _answer(desk, visitor.agent, question_id, text)
    return Response() if "hx-request" in request.headers else RedirectResponse("/desk", status_code=303)


@router.get("/api/questions", tags=["desk"])
async def questions(desk: A, agent: Annotated[Agent, Depends(caller)]) -> list[dict[str, Any]]:
    """The open questions of the bot to the agent's department, oldest first."""
    return [_json(one) for one in await blocking(desk.sight.questions, agent)]


@router.post("/api/questions/{question_id}/answer", tags=["desk"])
async def answer(desk: A, agent: Annotated[Agent, Depends(caller)], question_id: str, given: Answer) -> dict[str, Any]:
    """Answer it; the bot passes the words on."""
    return _json(await _answer(desk, agent, question_id, given.text))


async def _answer(desk: Desk, agent: Agent, question_id: str, text: str) -> Question:
    await blocking(desk.sight.question, agent, question_id)
    question = await blocking(desk.asking.answer, question_id, agent.id, agent.name, checked(text))
    desk.stir()
    desk.live.stir_agents()
    return question


def _json(question: Question) -> dict[str, Any]:
    encoded: dict[str, Any] = jsonable_encoder(question)
    return encoded
