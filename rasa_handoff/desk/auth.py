"""Who is asking, and what about: the dependencies that let only agents in, and only to what they may see."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.routing import Agent
from rasa_handoff.desk.context import Desk, blocking, desk_of
from rasa_handoff.desk.passwords import Attempts

WRONG = "The agent id or the password is wrong."


class SignInNeeded(Exception):
    """Nobody is signed in, or the credentials are wrong."""


class Forged(Exception):
    """A request that changes something did not come from one of our own forms."""


class TooMany(Exception):
    """Too many failed sign-ins; `wait` seconds before the next one."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"Too many failed sign-ins. Try again in {wait:.0f} seconds.")
        self.wait = max(wait, 1.0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in agent's request."""

    agent: Agent
    csrf: str


class Gate:
    """Sign-in with a bound on guessing: per agent and address, and per address."""

    def __init__(self) -> None:
        self._by_agent, self._by_address = Attempts(5), Attempts(30)

    async def admit(self, request: Request, desk: Desk, agent_id: str, password: str) -> Agent:
        """Errors: SignInNeeded, TooMany, Unreachable."""
        address = request.client.host if request.client else "?"
        pair = f"{address} {agent_id[:200]}"
        if wait := max(self._by_agent.wait(pair), self._by_address.wait(address)):
            raise TooMany(wait)
        if not await desk.passwords.match(agent_id, password):
            self._by_agent.failed(pair)
            self._by_address.failed(address)
            raise SignInNeeded(WRONG)
        return await blocking(desk.store.agent, agent_id)


def gate_of(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


async def visit(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Visit:
    """The agent whose browser this is. Errors: SignInNeeded."""
    session = desk.sessions.desk(request)
    if session.agent_id is None:
        raise SignInNeeded("Sign in first.")
    try:
        agent = await blocking(desk.store.agent, session.agent_id)
    except NotFound:
        raise SignInNeeded("This agent does not exist any more.") from None
    desk.live.saw(agent.id)
    return Visit(agent, session.csrf)


async def change(request: Request, visitor: Annotated[Visit, Depends(visit)]) -> Visit:
    """A signed-in agent's request to change something: it must carry the session's token. Errors: Forged."""
    await require_token(request, visitor.csrf)
    return visitor


async def require_token(request: Request, csrf: str) -> None:
    token = request.headers.get("x-csrf-token")
    if token is None and "form" in request.headers.get("content-type", ""):
        value = (await request.form()).get("csrf")
        token = value if isinstance(value, str) else None
    if not hmac.compare_digest((token or "").encode(), csrf.encode()):
        raise Forged("This page is out of date. Load it again, then repeat what you did.")


async def caller(
    request: Request, desk: Annotated[Desk, Depends(desk_of)], gate: Annotated[Gate, Depends(gate_of)]
) -> Agent:
    """The agent behind an API request: HTTP Basic, or the desk's session (whose changes need the token)."""
    basic = _basic(request.headers.get("authorization", ""))
    if basic is not None:
        agent = await gate.admit(request, desk, *basic)
        desk.live.saw(agent.id)
        return agent
    visitor = await visit(request, desk)
    if request.method not in ("GET", "HEAD"):
        await require_token(request, visitor.csrf)
    return visitor.agent


async def visible(
    handoff_id: str, desk: Annotated[Desk, Depends(desk_of)], agent: Annotated[Agent, Depends(caller)]
) -> Handoff:
    """The handoff of a route, which must ask for it in this way and in no other.

    Errors: NotFound, in the same words whether there is none or the agent may not see it.
    """
    return await blocking(desk.sight.handoff, agent, handoff_id)


Shown = Annotated[Handoff, Depends(visible)]


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, told = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        agent_id, colon, password = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return (agent_id, password) if colon else ("", "")
