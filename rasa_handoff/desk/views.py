"""What the agents' pages show, read from the store."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.questions import Question
from rasa_handoff.core.routing import Agent, Role
from rasa_handoff.desk.facts import Fact, facts
from rasa_handoff.desk.sight import Sight
from rasa_handoff.desk.thread import ThreadLine, thread
from rasa_handoff.ports import Store

RECENT = 8


@dataclass(frozen=True, slots=True)
class Card:
    """A handoff on the desk: with whom; the newest message when it is being talked, `why` this agent when offered."""

    handoff: Handoff
    customer: str
    newest: ThreadLine | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A handoff in the queue, with its place in its department's queue, from 1."""

    handoff: Handoff
    position: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """One agent's desk. `fragments` names the parts of its page that change."""

    fragments: ClassVar = ("badge", "presence", "offers", "questions", "chats", "team", "queue", "closed")

    agent: Agent
    offers: tuple[Card, ...]
    questions: tuple[Question, ...]
    chats: tuple[Card, ...]
    queue: tuple[Place, ...]
    closed: tuple[Card, ...]
    team: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One handoff as its page shows it. `fragments` names the parts of the page that change; `lines` only grow."""

    fragments: ClassVar = ("badge", "presence", "standing", "summary", "composer")

    agent: Agent
    offers: tuple[Card, ...]
    handoff: Handoff
    package: ContextPackage
    customer: str
    lines: tuple[ThreadLine, ...]
    earlier: tuple[Handoff, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        return facts(self.package.details)

    @property
    def mine(self) -> bool:
        return self.handoff.agent_id == self.agent.id

    @property
    def asked(self) -> bool:
        """This agent has to answer an offer."""
        return self.handoff.offered_to == self.agent.id


def desk_view(sight: Sight, agent: Agent) -> DeskView:
    """Errors: Unreachable."""
    store = sight.store
    mine = store.handoffs(open_only=False, agent_id=agent.id, limit=100)
    chats = [h for h in mine if h.status is Status.ACTIVE and h.agent_id == agent.id]  # not what they are invited to
    closed = [h for h in mine if h.status is Status.CLOSED][:RECENT]
    return DeskView(
        agent,
        _offers(store, agent),
        tuple(sight.questions(agent)),
        tuple(_talked(store, handoff) for handoff in chats),
        tuple(Place(*placed) for placed in sight.waiting(agent)),
        tuple(_card(store, handoff) for handoff in closed),
        _team(sight, agent),
    )


def conversation_view(sight: Sight, agent: Agent, handoff_id: str, after: int = 0) -> ConversationView:
    """The lines are those after seq `after`; what never changes is read only for the whole page.

    Errors: NotFound (also when the agent may not see it), Unreachable.
    """
    store = sight.store
    handoff, package = sight.handoff(agent, handoff_id), store.package(handoff_id)
    lines = thread(store.log(handoff_id, after), handoff, partial(_name, store))
    earlier = () if after else tuple(sight.earlier(agent, handoff))
    return ConversationView(agent, _offers(store, agent), handoff, package, customer_of(package), lines, earlier)


def customer_of(package: ContextPackage) -> str:
    """The customer's name, or the bot's id for them, or something short that tells two strangers apart."""
    if package.customer_name or package.customer_id != package.conversation_id:
        return package.customer_name or package.customer_id
    return f"Customer {package.conversation_id[-4:]}"


def _team(sight: Sight, agent: Agent) -> tuple[Card, ...]:
    """What others talk about, for a supervisor, who may pass it on."""
    if agent.role is not Role.SUPERVISOR:
        return ()
    talked = (one for one in sight.handoffs(agent) if one.status is Status.ACTIVE and one.agent_id != agent.id)
    return tuple(_card(sight.store, one) for one in talked)


def _offers(store: Store, agent: Agent) -> tuple[Card, ...]:
    offered = [h for h in store.handoffs(agent_id=agent.id) if h.offered_to == agent.id]
    return tuple(replace(_card(store, handoff), why=_why(store, handoff)) for handoff in offered)


def _why(store: Store, handoff: Handoff) -> tuple[str, ...]:
    offers = [entry.data for entry in store.log(handoff.id) if entry.kind == "offered"]
    return tuple(offers[-1].get("why", ())) if offers else ()


def _card(store: Store, handoff: Handoff) -> Card:
    return Card(handoff, customer_of(store.package(handoff.id)))


def _talked(store: Store, handoff: Handoff) -> Card:
    said = [line for line in thread(store.log(handoff.id), handoff, partial(_name, store)) if line.side != "system"]
    return Card(handoff, customer_of(store.package(handoff.id)), said[-1] if said else None)


def _name(store: Store, agent_id: str) -> str:
    try:
        return store.agent(agent_id).name
    except NotFound:
        return agent_id
