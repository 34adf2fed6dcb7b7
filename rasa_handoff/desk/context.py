"""What every page and endpoint is given, and how a page is rendered."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rasa_handoff.asking import Asking
from rasa_handoff.core.handoff import Event, Handoff
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.quick import QuickAction
from rasa_handoff.core.routing import Presence
from rasa_handoff.desk import words
from rasa_handoff.desk.live import Live
from rasa_handoff.desk.passwords import Passwords
from rasa_handoff.desk.sessions import Sessions
from rasa_handoff.desk.sight import Sight
from rasa_handoff.ports import KnowledgeBase, Store
from rasa_handoff.relay import Links
from rasa_handoff.suggesting import Suggester

HERE = Path(__file__).parent

P = ParamSpec("P")
T = TypeVar("T")


class Receives(Protocol):
    """The service, as the desk needs it."""

    @property
    def policy(self) -> Policy: ...

    def receive(self, handoff_id: str, event: Event, key: str | None = None) -> Handoff: ...

    def set_presence(self, agent_id: str, presence: Presence) -> None: ...


class Task(Protocol):
    """What works in the background."""

    async def run(self) -> None:
        """Until cancelled."""


class Runs(Task, Protocol):
    """The courier, as the desk needs it."""

    def wake(self) -> None: ...


class Assists(Protocol):
    """What helps agents to answer, as the desk needs it."""

    @property
    def knowledge(self) -> KnowledgeBase: ...

    @property
    def suggester(self) -> Suggester: ...

    @property
    def actions(self) -> Sequence[QuickAction]: ...

    @property
    def unavailable(self) -> Mapping[str, str]: ...


class Parts(Protocol):
    """What the wiring hands us."""

    @property
    def store(self) -> Store: ...

    @property
    def service(self) -> Receives: ...

    def asking(self) -> Asking: ...

    def secret(self) -> str: ...

    def assist(self) -> Assists: ...

    def links(self) -> Links: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of one desk process."""

    store: Store
    service: Receives
    asking: Asking
    courier: Runs
    live: Live
    sessions: Sessions
    passwords: Passwords
    pages: Environment
    departments: Mapping[str, str]
    assist: Assists

    @property
    def sight(self) -> Sight:
        return Sight(self.store, self.service.policy)

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        return self.pages.get_template(template).render(context)

    def page(self, template: str, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        return HTMLResponse(self.render(template, context), status_code=status)

    async def receive(self, handoff_id: str, event: Event, key: str | None = None) -> Handoff:
        """Let the event happen, and what follows from it start at once. Errors: those of the service."""
        handoff = await blocking(self.service.receive, handoff_id, event, key)
        self.stir()
        return handoff

    async def set_presence(self, agent_id: str, presence: Presence) -> None:
        await blocking(self.service.set_presence, agent_id, presence)
        self.stir()
        self.live.stir_agents()

    def stir(self) -> None:
        """Something was committed: look now instead of at the next poll."""
        self.courier.wake()
        self.live.wake()


def desk_of(request: Request) -> Desk:
    """The desk a request is for (a FastAPI dependency)."""
    desk: Desk = request.app.state.desk
    return desk


async def blocking(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """A blocking call, off the event loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


def make_pages() -> Environment:
    """The templates: everything escaped, an unknown name an error."""
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(words.FILTERS)
    return pages
