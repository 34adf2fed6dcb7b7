"""What helps an agent to answer: articles, a suggested reply, quick actions. On the desk and in the API."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from markupsafe import Markup
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.conversation import Line
from rasa_handoff.core.errors import BadMessage, HandoffError, NotFound
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.knowledge import Article, Hit
from rasa_handoff.core.offers import require_held
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.quick import LONGEST_VALUE, QuickAction, values_of
from rasa_handoff.core.routing import Agent
from rasa_handoff.core.runs import ActionRun, Kind
from rasa_handoff.core.suggestion import Suggestion
from rasa_handoff.desk.auth import Shown, Visit, caller, visit
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.suggesting import Piece, Sources, Words, conversation

router = APIRouter()

A = Annotated[Desk, Depends(desk_of)]
Caller = Annotated[Agent, Depends(caller)]
Asked = Annotated[str, Query(max_length=1_000)]
Json = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


class Run(BaseModel):
    """Run a quick action. `id` is the client's, so that a repeat is one run; `values` replace what placeholders stand
    for; one that changes something must be `confirmed`."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    values: dict[str, Annotated[str, Field(max_length=LONGEST_VALUE)]] = {}
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A quick action as this conversation has it. `unavailable` says why it cannot run, if so."""

    action: QuickAction
    values: Mapping[str, str]
    question: str
    unavailable: str | None


@router.get("/desk/{handoff_id}/articles", include_in_schema=False)
async def articles_fragment(
    desk: A, visitor: Annotated[Visit, Depends(visit)], handoff: Shown, q: Asked = ""
) -> HTMLResponse:
    hits = await desk.assist.suggester.articles(*await blocking(_told, desk, handoff), q)
    shown = [(hit, _html(hit.article)) for hit in hits]
    problems = await blocking(desk.assist.knowledge.problems)
    return desk.page("fragments/articles.html", {"hits": shown, "asked": q.strip(), "problems": problems})


@router.get("/desk/{handoff_id}/assist", include_in_schema=False)
async def assist_fragment(desk: A, visitor: Annotated[Visit, Depends(visit)], handoff: Shown) -> HTMLResponse:
    _, package, _ = await blocking(_told, desk, handoff)
    offered = _offered(desk, handoff, package, visitor.agent)
    return desk.page("fragments/assist.html", {"handoff": handoff, "offered": offered})


@router.get("/api/handoffs/{handoff_id}/articles", tags=["assist"])
async def articles(desk: A, agent: Caller, handoff: Shown, q: Asked = "") -> list[Json]:
    """The three articles that fit the conversation best, or with `q` that question, the best first."""
    found = await desk.assist.suggester.articles(*await blocking(_told, desk, handoff), q)
    return [hit_json(hit) for hit in found]


@router.get("/api/articles/{article_id:path}", tags=["assist"])
async def article(desk: A, agent: Caller, article_id: str) -> Json:
    """A whole article, its text in Markdown."""
    found = await blocking(desk.assist.knowledge.article, article_id)
    return {**_named(found), "text": found.body, "language": found.language, "tags": list(found.tags)}


@router.post("/api/handoffs/{handoff_id}/suggestion", tags=["assist"], response_class=EventSourceResponse)
async def suggestion(desk: A, agent: Caller, handoff: Shown) -> EventSourceResponse:
    """A reply, as server-sent events: `sources`, `text` (pieces), then `done` or `problem`. Nothing is sent by it.

    Closing the connection ends the model's call.
    """
    _, package, lines = await blocking(_told, desk, handoff)
    require_held(handoff, agent.id)
    return EventSourceResponse(_events(desk.assist.suggester.suggest(handoff, package, lines)))


@router.get("/api/handoffs/{handoff_id}/actions", tags=["assist"])
async def actions(desk: A, agent: Caller, handoff: Shown) -> list[Json]:
    """The quick actions, with what their placeholders stand for in this conversation."""
    _, package, _ = await blocking(_told, desk, handoff)
    return [_action_json(one) for one in _offered(desk, handoff, package, agent)]


@router.post("/api/handoffs/{handoff_id}/actions/{action_id}", tags=["assist"])
async def run_action(desk: A, agent: Caller, handoff: Shown, action_id: str, run: Run) -> Json:
    """Have it done; what becomes of it is an `action_ended` entry of the log. Of a reply: its text."""
    _, package, _ = await blocking(_told, desk, handoff)
    offered = next((one for one in _offered(desk, handoff, package, agent) if one.action.id == action_id), None)
    if offered is None:
        raise NotFound(f"There is no quick action {action_id!r}.")
    event = _run_of(offered, run, agent)
    await desk.receive(handoff.id, event, f"action:{run.id}")
    return {"id": run.id, "text": event.fields["text"] if offered.action.kind is Kind.REPLY else None}


def _run_of(offered: Offered, run: Run, agent: Agent) -> ActionRun:
    """Errors: BadMessage."""
    action = offered.action
    if offered.unavailable:
        raise BadMessage(offered.unavailable)
    if action.changes and not run.confirmed:
        raise BadMessage(f"{action.label} changes something: confirm it first.")
    if unknown := sorted(set(run.values) - set(action.placeholders)):
        raise BadMessage(f"{action.label} has no placeholder {unknown[0]!r}.")
    fields = action.filled({**offered.values, **run.values})
    return ActionRun(run.id, action.id, action.label, action.kind.value, agent.id, agent.name, action.target, fields)


def _told(desk: Desk, handoff: Handoff) -> tuple[Handoff, ContextPackage, tuple[Line, ...]]:
    package = desk.store.package(handoff.id)
    return handoff, package, conversation(package, desk.store.log(handoff.id))


def _offered(desk: Desk, handoff: Handoff, package: ContextPackage, agent: Agent) -> list[Offered]:
    known = values_of(handoff, package, agent.name)
    return [
        Offered(
            action,
            {name: known.get(name, "") for name in action.placeholders},
            action.asked(known),
            desk.assist.unavailable.get(action.id),
        )
        for action in desk.assist.actions
    ]


async def _events(pieces: AsyncIterator[Piece]) -> AsyncIterator[ServerSentEvent]:
    try:
        async for piece in pieces:
            name, told = _event(piece)
            yield ServerSentEvent(json.dumps(told, ensure_ascii=False), event=name)
    except HandoffError as error:
        yield ServerSentEvent(json.dumps({"error": str(error)}, ensure_ascii=False), event="problem")


def _event(piece: Piece) -> tuple[str, Json]:
    match piece:
        case Sources():
            return "sources", {"articles": [_named(hit.article) for hit in piece.hits]}
        case Words():
            return "text", {"text": piece.text}
        case Suggestion():
            cited = [_named(article) for article in piece.citations]
            warnings = list(piece.warnings)
            return "done", {"text": piece.text, "citations": cited, "source": piece.source, "warnings": warnings}
        case _:
            assert_never(piece)


def hit_json(hit: Hit) -> Json:
    """An article that was found; `marks` are the found words' places in the snippet's characters."""
    snippet = {"text": hit.snippet.text, "marks": [list(mark) for mark in hit.snippet.marks]}
    return {**_named(hit.article), "score": round(hit.score, 3), "snippet": snippet}


def _named(article: Article) -> Json:
    return {"id": article.id, "title": article.title, "url": article.url}


def _action_json(offered: Offered) -> Json:
    action = offered.action
    told = {"id": action.id, "label": action.label, "kind": action.kind.value, "changes": action.changes}
    return {
        **told,
        "question": offered.question,
        "values": dict(offered.values),
        "missing": list(action.missing(offered.values)),
        "unavailable": offered.unavailable,
    }


def _html(article: Article) -> Markup:
    """The article as HTML: its own tags escaped, links only where they may lead."""
    tokens = _MARKDOWN.parse(article.body)
    for token in (child for block in tokens for child in block.children or []):
        if token.type == "link_open":
            token.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704
