"""Matches a queue with free agents, looking at no more of either than it takes.

The store says which criteria are waiting and which profiles are free (few, however long the queue), and gives the
handoffs of one criteria and the agents of one profile in order, as far as they are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Protocol

from rasa_handoff.core.changing import changed
from rasa_handoff.core.handoff import Handoff, Offered
from rasa_handoff.core.matching import Fit, Merit, Order, merit, reasons, team_order
from rasa_handoff.core.need import Criteria, Need, Profile, suits
from rasa_handoff.core.routing import Agent, queue_order


class Candidates(Protocol):
    """Who waits and who is free, at one moment. `limit` is how many offers are to be made: about as many are read."""

    def wanted(self, limit: int) -> list[Criteria]:
        """The criteria of the handoffs that look for an agent; each once."""

    def free(self, limit: int) -> list[Profile]:
        """The profiles of the agents with a free place; each once."""

    def line(self, criteria: Criteria) -> Iterator[Handoff]:
        """The handoffs that look for this, in queue order."""

    def team(self, profile: Profile) -> Iterator[Agent]:
        """The agents of the profile with a free place, by load, then longest idle, then id."""

    def agent(self, agent_id: str) -> Agent | None:
        """The agent, when they have a free place."""

    def has_more(self, criteria: Criteria, passed_by: frozenset[str]) -> bool:
        """Somebody else who suits is online, with a free place or not."""


@dataclass(frozen=True, slots=True)
class Match:
    """The handoff is to be offered to the agent."""

    handoff: Handoff
    event: Offered


def plan(candidates: Candidates, now: datetime, limit: int) -> list[Match]:
    """At most `limit` offers, in queue order, each to the best agent for it."""
    teams = {profile: _Team(profile, candidates.team(profile)) for profile in candidates.free(limit)}
    queue = []
    for criteria in candidates.wanted(limit):
        fitting = [team for profile, team in teams.items() if suits(profile, criteria)]
        line = _Line(criteria, candidates.line(criteria), fitting)
        queue += [line] if line.advance() else []
    heapify(queue)
    matches: list[Match] = []
    while queue and len(matches) < limit:
        line = heappop(queue)
        found = _choose(line, teams, candidates, now)
        matches += [found] if found else []
        if line.advance():
            heappush(queue, line)
    return matches


def _choose(line: "_Line", teams: dict[Profile, "_Team"], candidates: Candidates, now: datetime) -> Match | None:
    handoff, criteria = line.head, line.criteria
    _bring(handoff.served_by, teams, candidates)
    found, again = _best(line, handoff.passed_by), False
    if found is None and handoff.passed_by and _may_ask_again(handoff, criteria, candidates, now):
        found, again = _best(line, frozenset()), True
    if found is None:
        return None
    team, best = found
    team.take(best.agent)
    why = reasons(best, handoff, criteria, now, again=again)
    return Match(handoff, Offered(best.agent.id, best.agent.name, why, again))


def _best(line: "_Line", without: frozenset[str]) -> "tuple[_Team, Fit] | None":
    handoff = line.head
    barred = without if handoff.agent_id is None else without | {handoff.agent_id}
    best, found = None, None
    for team, worth in line.merits():
        known = team.best(barred, handoff.served_by)
        if known is None:
            continue
        order, agent = known
        served = agent.id == handoff.served_by
        key = worth.key(order, served)
        if best is None or key < best:
            best, found = key, (team, agent, worth, served)
    return None if found is None else (found[0], Fit(*found[1:]))


def _may_ask_again(handoff: Handoff, criteria: Criteria, candidates: Candidates, now: datetime) -> bool:
    """All who suit let it pass, some time ago: a new round may begin."""
    rested = handoff.passed_at is None or now >= handoff.passed_at + handoff.rules.ask_again
    return rested and not candidates.has_more(criteria, handoff.passed_by)


def _bring(agent_id: str | None, teams: dict[Profile, "_Team"], candidates: Candidates) -> None:
    """Whoever served the customer last is looked at, wherever in their team they stand."""
    agent = candidates.agent(agent_id) if agent_id else None
    if agent is not None and agent.profile in teams:
        teams[agent.profile].bring(agent)


class _Line:
    """The handoffs of one criteria, of which the first is looked at, and the teams they can go to."""

    def __init__(self, criteria: Criteria, handoffs: Iterator[Handoff], teams: list["_Team"]) -> None:
        self.criteria = criteria
        self.teams = teams
        self._handoffs = handoffs
        self.head: Handoff
        self._order: tuple[int, str]
        self._need: Need | None = None
        self._merits: list[tuple[_Team, Merit]] = []

    def advance(self) -> bool:
        """Go on to the next handoff; False when there is none, or nobody left to take it."""
        with_room = [team for team in self.teams if team.has_room()]
        if len(with_room) != len(self.teams):
            self.teams, self._need = with_room, None
        following = next(self._handoffs, None) if self.teams else None
        if following is None:
            return False
        self.head, self._order = following, queue_order(following)
        return True

    def merits(self) -> list[tuple["_Team", Merit]]:
        """The teams, and what each is worth to the first handoff. Most of a line need the same."""
        need = self.head.need
        if need != self._need:
            self._need = need
            self._merits = [(team, merit(team.profile, need, self.criteria)) for team in self.teams]
        return self._merits

    def __lt__(self, other: "_Line") -> bool:
        return self._order < other._order


class _Team:
    """The free agents of one profile, best first, read as far as needed; the plan's own offers count."""

    def __init__(self, profile: Profile, agents: Iterator[Agent]) -> None:
        self.profile = profile
        self._unread = agents
        self._known: dict[str | None, _Known] = {}
        self._seen: set[str] = set()
        self._first: _Known | None = None  # of all; None: not looked for yet
        self._read_to: Order | None = None  # None: to the end
        self._read()

    def has_room(self) -> bool:
        return bool(self._known) or self._read()

    def best(self, without: frozenset[str], served_by: str | None) -> "_Known | None":
        """The best of those not in `without`: whoever served the customer last, if here, else the first."""
        if served_by in self._known and served_by not in without:
            return self._known[served_by]
        if self._first is None:
            self._first = self._first_without(frozenset())
        if self._first is None or self._first[1].id not in without:
            return self._first
        return self._first_without(without)

    def take(self, agent: Agent) -> None:
        """One more place of the agent is taken."""
        taken = changed(agent, active_chats=agent.active_chats + 1)
        self._first = None
        if taken.has_room:
            self._known[agent.id] = (team_order(taken), taken)
        else:
            del self._known[agent.id]

    def bring(self, agent: Agent) -> None:
        """Know the agent, wherever in their team they stand."""
        self._know(agent, team_order(agent))

    def _know(self, agent: Agent, order: Order) -> None:
        if agent.id not in self._seen:
            self._seen.add(agent.id)
            self._first = None
            self._known[agent.id] = (order, agent)

    def _first_without(self, without: frozenset[str]) -> "_Known | None":
        while True:
            first = min((one for one in self._known.values() if one[1].id not in without), default=None)
            if self._read_to is None or (first is not None and first[0] <= self._read_to):
                return first
            self._read()

    def _read(self) -> bool:
        """Read one more; False at the end."""
        agent = next(self._unread, None)
        if agent is None:
            self._read_to = None
            return False
        self._read_to = team_order(agent)
        self._know(agent, self._read_to)
        return True


_Known = tuple[Order, Agent]
"""An agent and their place in the order: no two agents have the same, so the agents are never compared."""
