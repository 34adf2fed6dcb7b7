"""The reference chat page: what any channel does for a customer, over this desk and Rasa's rest channel."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from itertools import takewhile
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.effects import AskBot
from rasa_handoff.core.errors import BadMessage
from rasa_handoff.core.masking import masked
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.hooks import Hooks, hooks_of
from rasa_handoff.desk.words import safe_url
from rasa_handoff.ports import ChatLine

COOKIE = "handoff_chat"
KEPT_SECONDS = 30 * 24 * 3600
TEXT_LIMIT = 16_000

router = APIRouter()

H = Annotated[Hooks, Depends(hooks_of)]


class Said(BaseModel):
    """A customer's message. `id` is the client's, so that a repeat is one message; a button's press has its `title`."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    text: str
    title: str | None = None


def conversation_of(request: Request, desk: Desk) -> str | None:
    """The conversation this browser holds, if any."""
    return desk.sessions.read(request, COOKIE, KEPT_SECONDS).get("conversation")


@router.get("/chat", include_in_schema=False)
async def page(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    conversation_id = conversation_of(request, desk) or _new_id()
    response = desk.page("chat.html", {"conversation_id": conversation_id, "limit": TEXT_LIMIT})
    _keep(request, desk, response, conversation_id)
    return response


@router.post("/chat/new", include_in_schema=False)
async def start_anew(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    response = RedirectResponse("/chat", status_code=303)
    _keep(request, desk, response, _new_id())
    return response


@router.post("/chat/messages", tags=["chat"])
async def say(request: Request, said: Said, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Take a customer's message; the bot's answers, and an agent's, come over the stream.

    Cards, passwords and PINs are masked before anything keeps them: the bot does not get them either.

    Errors: 422 when it is empty or too long, 503 when the store cannot be had (send it again, with the same id).
    """
    conversation_id = conversation_of(request, desk) or _new_id()
    question = await blocking(_last_words, desk, conversation_id)
    text, shown = masked(checked(said.text), question), masked(checked(said.title or said.text), question)
    line = ChatLine(0, conversation_id, said.id, Author.CUSTOMER, None, shown, datetime.now(UTC))
    new = await blocking(desk.store.add_chat, line, AskBot(said.id, text))
    desk.stir()
    desk.live.stir_chat(conversation_id)
    desk.live.saw_customer(conversation_id)
    response = JSONResponse({"id": said.id, "new": new, "conversation_id": conversation_id})
    _keep(request, desk, response, conversation_id)
    return response


@router.post("/chat/typing", status_code=204, tags=["chat"])
async def typing(request: Request, desk: Annotated[Desk, Depends(desk_of)], hooks: H, tasks: BackgroundTasks) -> None:
    """The customer is writing; send it every few seconds while they are."""
    conversation_id = conversation_of(request, desk)
    if conversation_id is not None:
        tasks.add_task(hooks.customer_types, conversation_id)


@router.get("/chat/messages", tags=["chat"])
async def messages(request: Request, desk: Annotated[Desk, Depends(desk_of)], after: int = 0) -> dict[str, Any]:
    """The conversation's lines after seq `after`, oldest first, and whose it is now."""
    conversation_id = conversation_of(request, desk)
    if conversation_id is None:
        return {"conversation_id": None, "owner": {"status": "bot", "agent_name": None}, "lines": []}
    lines = await blocking(desk.store.chat, conversation_id, after)
    owner = await blocking(owner_of, desk, conversation_id)
    return {"conversation_id": conversation_id, "owner": owner, "lines": [line_json(line) for line in lines]}


def _last_words(desk: Desk, conversation_id: str) -> str:
    """What was said to the customer since they last wrote."""
    said = (line for line in reversed(desk.store.chat(conversation_id)) if line.author is not Author.SYSTEM)
    return " ".join([line.text for line in takewhile(lambda line: line.author is not Author.CUSTOMER, said)][::-1])


def checked(text: str) -> str:
    """The text as every store can keep it. Errors: BadMessage."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    if not text.strip():
        raise BadMessage("The message is empty. Write something before you send it.")
    if len(text) > TEXT_LIMIT:
        raise BadMessage(f"The message has {len(text):,} characters; at most {TEXT_LIMIT:,} can be sent at once.")
    return text


def owner_of(desk: Desk, conversation_id: str) -> dict[str, str | None]:
    """Who answers now: "bot", or the open handoff's status, with the agent's name once there is one."""
    handoff = desk.store.newest(conversation_id)
    if handoff is None or not handoff.is_open:
        return {"status": "bot", "agent_name": None}
    return {"status": handoff.status.value, "agent_name": handoff.agent_name if handoff.accepted_at else None}


def line_json(line: ChatLine) -> Mapping[str, Any]:
    """A line as the page's script reads it."""
    return {
        "seq": line.seq,
        "id": line.id,
        "author": line.author.value,
        "name": line.name,
        "text": line.text,
        "at": line.at.isoformat(),
        "buttons": [{"title": b.get("title", ""), "payload": b.get("payload", "")} for b in line.buttons],
        "attachment": safe_url(line.attachment),
    }


def _new_id() -> str:
    return f"web-{secrets.token_hex(16)}"


def _keep(request: Request, desk: Desk, response: Response, conversation_id: str) -> None:
    desk.sessions.write(request, response, COOKIE, {"conversation": conversation_id}, KEPT_SECONDS)
