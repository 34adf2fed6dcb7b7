"""The desk as JSON, for scripts and tests: signed in by HTTP Basic (agent id and password) or the desk's session."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, Field

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.handoff import Accepted, AgentMessaged, Declined, HandedBack, Handoff, Outcome, TransferCancelled
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.summarised import SummaryRequested
from rasa_handoff.desk.auth import Shown, caller
from rasa_handoff.desk.chat import checked
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.learned import checked_slots
from rasa_handoff.desk.transfers import NOTE_LIMIT, pass_on

router = APIRouter(prefix="/api", tags=["desk"])

A = Annotated[Desk, Depends(desk_of)]
Caller = Annotated[Agent, Depends(caller)]

Json = dict[str, Any]


class Reply(BaseModel):
    """An agent's message. `id` is the client's, so that a repeat is one message."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    text: str


class Ending(BaseModel):
    """How the handoff ended; `learned` are slot values for the bot."""

    outcome: Outcome = Outcome.RESOLVED
    note: str = Field("", max_length=2000)
    learned: dict[str, Any] = {}


class Onward(BaseModel):
    """To whom a conversation is passed on: a colleague, else anybody of the department."""

    department: str | None = None
    agent_id: str | None = None
    note: str = Field("", max_length=NOTE_LIMIT)
    warm: bool = True


class Standing(BaseModel):
    """Where the agent is; `available` is short for online or away."""

    presence: Presence | None = None
    available: bool | None = None

    def chosen(self) -> Presence:
        return self.presence or (Presence.ONLINE if self.available else Presence.AWAY)


class Reachable(BaseModel):
    """For how many seconds from now the agent can be reached elsewhere."""

    seconds: float = Field(ge=0, le=86_400)


@router.get("/handoffs")
async def handoffs(desk: A, agent: Caller, open_only: bool = True, mine: bool = False) -> list[Json]:
    """What the agent may see: open handoffs in queue order, then (unless `open_only`) closed ones, newest first."""
    if mine:
        found = await blocking(desk.store.handoffs, open_only=open_only, agent_id=agent.id)
    else:
        found = await blocking(desk.sight.handoffs, agent, open_only=open_only)
    return [handoff_json(handoff) for handoff in found]


@router.get("/handoffs/{handoff_id}")
async def whole(desk: A, agent: Caller, handoff: Shown, after: int = 0) -> Json:
    """Its state, the context package in layers, and its log after seq `after`."""
    return await blocking(_whole, desk, handoff, after)


@router.post("/handoffs/{handoff_id}/accept")
async def accept(desk: A, agent: Caller, handoff: Shown) -> Json:
    return handoff_json(await desk.receive(handoff.id, Accepted(agent.id, agent.name)))


@router.post("/handoffs/{handoff_id}/decline")
async def decline(desk: A, agent: Caller, handoff: Shown) -> Json:
    return handoff_json(await desk.receive(handoff.id, Declined(agent.id)))


@router.post("/handoffs/{handoff_id}/messages")
async def reply(desk: A, agent: Caller, handoff: Shown, message: Reply) -> Json:
    event = AgentMessaged(message.id, agent.id, checked(message.text), agent.name)
    return handoff_json(await desk.receive(handoff.id, event, f"agent:{message.id}"))


@router.post("/handoffs/{handoff_id}/summary")
async def summary(desk: A, agent: Caller, handoff: Shown) -> Json:
    """Have the model write the summary again, after it failed."""
    return handoff_json(await desk.receive(handoff.id, SummaryRequested(agent.id)))


@router.post("/handoffs/{handoff_id}/close")
async def close(desk: A, agent: Caller, handoff: Shown, ending: Ending) -> Json:
    event = HandedBack(agent.id, ending.outcome, ending.note, checked_slots(ending.learned))
    return handoff_json(await desk.receive(handoff.id, event))


@router.post("/handoffs/{handoff_id}/transfer")
async def transfer(desk: A, agent: Caller, handoff: Shown, onward: Onward) -> Json:
    """Pass it on to a colleague or to anybody of a department."""
    to = onward.department, onward.agent_id
    return handoff_json(await pass_on(desk, agent, handoff, *to, onward.note, warm=onward.warm))


@router.post("/handoffs/{handoff_id}/transfer/cancel")
async def cancel_transfer(desk: A, agent: Caller, handoff: Shown) -> Json:
    return handoff_json(await desk.receive(handoff.id, TransferCancelled(agent.id)))


@router.get("/me")
async def me(desk: A, agent: Caller) -> Json:
    return _agent_json(await blocking(desk.store.agent, agent.id))


@router.post("/me/available")
@router.post("/me/presence")
async def presence(desk: A, agent: Caller, standing: Standing) -> Json:
    """Say where the agent is. Whoever is not heard of for a while (any request counts) goes offline by themselves."""
    await desk.set_presence(agent.id, standing.chosen())
    return _agent_json(await blocking(desk.store.agent, agent.id))


@router.post("/me/reachable", status_code=204)
async def reachable(desk: A, agent: Caller, reach: Reachable) -> None:
    """The agent can be reached elsewhere (Slack, push), desk or no desk."""
    await blocking(desk.store.reachable, agent.id, datetime.now(UTC) + timedelta(seconds=reach.seconds))


def handoff_json(handoff: Handoff) -> Json:
    """A handoff's state."""
    return _json(handoff)


def _agent_json(agent: Agent) -> Json:
    return {**_json(agent), "available": agent.available}


def _whole(desk: Desk, handoff: Handoff, after: int) -> Json:
    package = desk.store.package(handoff.id)
    told: Mapping[str, Any] = _json(package)
    return {
        "handoff": handoff_json(handoff),
        "package": {
            "summary": _json(handoff.summary),
            "key_details": {key: value for key, value in told.items() if key != "history"},
            "transcript": told["history"],
        },
        "log": [_json(entry) for entry in desk.store.log(handoff.id, after)],
    }


def _json(value: Any) -> Json:
    encoded: Json = jsonable_encoder(asdict(value))
    return encoded
