"""One run: customers come, the service routes them, agents answer as the scenario says."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.effects import Assign, Effect, Wake
from rasa_handoff.core.errors import AgentBusy, Refused
from rasa_handoff.core.handoff import (
    Accepted,
    Declined,
    Event,
    HandedBack,
    Handoff,
    Offered,
    Outcome,
    Status,
    UpdateDue,
)
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Presence
from rasa_handoff.service import Service
from rasa_handoff.simulation.agenda import Agenda
from rasa_handoff.simulation.customers import HOUR, Customer, customers
from rasa_handoff.simulation.kinds import LANGUAGE_SLOT, topic_of
from rasa_handoff.simulation.people import DAY, Worker
from rasa_handoff.simulation.scenario import Scenario
from rasa_handoff.simulation.store import SimulatedStore

START = datetime(2026, 1, 5, tzinfo=UTC)
"""Midnight of a Monday."""

Assigning = Callable[[SimulatedStore, datetime], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of a customer. Times in seconds from the start.

    `answered` is when an agent was there for them, `freed` when that agent was free again; None for who never had one.
    `left`: they had gone when the agent came. `promised` is the P90 of the wait, in seconds, that is announced to who
    has to wait when they come; None where there is no basis for one.
    """

    customer: Customer
    priority: int
    answered: float | None = None
    freed: float | None = None
    left: bool = False
    promised: float | None = None

    @property
    def wait(self) -> float | None:
        """Seconds until an agent was there; None for who left before, or is not answered at all."""
        return None if self.answered is None or self.left else self.answered - self.customer.at


class Floor:
    """A run of `scenario` with `people`, under `policy`. `assign`, when given, routes instead of the service."""

    def __init__(
        self,
        scenario: Scenario,
        policy: Policy,
        people: Sequence[Worker],
        seed: int,
        assign: Assigning | None = None,
    ) -> None:
        self._scenario = scenario
        self._agenda = Agenda(START)
        self._store = SimulatedStore(self._due, self._happened)
        self._service = Service(self._store, policy, lambda _: 0.0, clock=self._agenda.clock)
        self._assign = assign
        self._people = {worker.agent.id: worker for worker in people}
        self._seed = seed
        self._coming = customers(scenario, seed)
        self._all_came = False
        self._visits: dict[int, Visit] = {}
        self._open: dict[str, int] = {}

    def run(self, passed: Callable[[float], None] = lambda _: None) -> list[Visit]:
        """Play it until everybody who came was answered, or a day longer than they come.

        `passed` is told the time of each arrival, in seconds from the start.
        """
        end = self._scenario.hours * HOUR + DAY
        for worker in self._people.values():
            self._store.add_agent(worker.agent)
            for on, off in worker.spans(end):
                self._at(on, partial(self._service.set_presence, worker.agent.id, Presence.ONLINE))
                self._at(off, partial(self._service.set_presence, worker.agent.id, Presence.AWAY))
        self._passed = passed
        self._next_comes()
        self._agenda.run(START + timedelta(seconds=end), lambda: self._all_came and not self._open)
        return list(self._visits.values())

    def _at(self, seconds: float, deed: Callable[[], object]) -> None:
        self._agenda.at(START + timedelta(seconds=seconds), deed)

    def _in(self, seconds: float, deed: Callable[[], object]) -> None:
        self._agenda.at(self._agenda.now + timedelta(seconds=seconds), deed)

    @property
    def _now(self) -> float:
        return (self._agenda.now - START).total_seconds()

    def _next_comes(self) -> None:
        customer = next(self._coming, None)
        if customer is None:
            self._all_came = True
        else:
            self._at(customer.at, partial(self._comes, customer))

    def _comes(self, customer: Customer) -> None:
        self._passed(customer.at)
        kind, now = customer.kind, self._agenda.now
        turn = Turn(f"m{customer.number}", "I want to talk to a human", now, topic_of(kind))
        slots = {LANGUAGE_SLOT: kind.language}
        conversation = Conversation(f"c{customer.number}", "simulation", (turn,), slots=slots)
        evidence = (Evidence("simulation", kind.name, None, 1, f"A customer of the kind {kind.name}"),)
        handoff = self._service.initiate(conversation, (), HandOff(Reason(kind.reason), evidence))
        self._visits[customer.number] = Visit(customer, handoff.priority)
        self._open[handoff.id] = customer.number
        self._in(0.0, partial(self._announce, handoff.id))  # after the routing
        self._next_comes()

    def _announce(self, handoff_id: str) -> None:
        handoff = self._store.get(handoff_id)
        if handoff.status is Status.WAITING:
            number, told = self._open[handoff_id], self._service.standing(handoff).told(alternatives=False)
            self._visits[number] = replace(self._visits[number], promised=told.p90)

    def _due(self, effect: Effect, handoff_id: str, when: datetime) -> None:
        """What the courier would do that changes anything here: routing and timers. There is nobody to tell."""
        match effect:
            case Assign():
                self._agenda.at(when, self._route)
            case Wake(event=UpdateDue()):
                pass
            case Wake():
                self._agenda.at(when, partial(self._receive, handoff_id, effect.event))
            case _:
                pass

    def _route(self) -> None:
        if self._assign is None:
            self._service.assign()
        else:
            self._assign(self._store, self._agenda.now)

    def _receive(self, handoff_id: str, event: Event) -> bool:
        if handoff_id not in self._open:
            return False
        with suppress(Refused, AgentBusy):  # too late for the offer, or full by now
            self._service.receive(handoff_id, event)
            return True
        return False

    def _happened(self, handoff: Handoff, event: Event) -> None:
        if isinstance(event, Offered):
            self._ponder(handoff, event)

    def _ponder(self, handoff: Handoff, offered: Offered) -> None:
        """The agent has the offer before them: accepts it, declines it, or is not there and lets it pass."""
        agent_id, number = offered.agent_id, self._open[handoff.id]
        answering = self._people[agent_id].answering
        spell = int(self._now // answering.spell)
        if self._random("away", agent_id, spell).random() < answering.misses:
            return
        after = answering.after.draw(self._random("answer", number, handoff.offers))
        if self._random("mind", agent_id, number, spell).random() < answering.declines:
            self._in(after, partial(self._receive, handoff.id, Declined(agent_id)))
        else:
            self._in(after, partial(self._accept, handoff.id, Accepted(agent_id, offered.agent_name)))

    def _random(self, *what: object) -> Random:
        """The chance in this, the same however the rest goes."""
        return Random(f"{self._seed} {what}")  # noqa: S311

    def _accept(self, handoff_id: str, event: Accepted) -> None:
        number = self._open.get(handoff_id)
        if number is None or self._visits[number].answered is not None or not self._receive(handoff_id, event):
            return
        customer = self._visits[number].customer
        left = self._now - customer.at > customer.patience
        length = self._scenario.noticing if left else customer.handle
        freed = self._now + length
        self._visits[number] = replace(self._visits[number], answered=self._now, freed=freed, left=left)
        self._in(length, partial(self._close, handoff_id, event.agent_id, left=left))

    def _close(self, handoff_id: str, agent_id: str, *, left: bool) -> None:
        outcome = Outcome.CUSTOMER_LEFT if left else Outcome.RESOLVED
        self._receive(handoff_id, HandedBack(agent_id, outcome))
        del self._open[handoff_id]
