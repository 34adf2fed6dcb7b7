"""Matches a queue with free agents, looking at no more of either than it takes.

The store says which criteria are waiting and which profiles are free (few, however long the queue), and gives the
handoffs of one criteria and the agents of one profile in order, as far as they are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Protocol

from rasa_handoff.core.handoff import Handoff, Offered
from rasa_handoff.core.matching import Fit, fit, reasons
from rasa_handoff.core.need import Criteria, Profile, suits
from rasa_handoff.core.routing import Agent, queue_order


class Candidates(Protocol):
    """Who waits and who is free, at one moment."""

    def wanted(self) -> list[Criteria]:
        """The criteria of the handoffs that look for an agent; each once."""

    def free(self) -> list[Profile]:
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


def team_order(agent: Agent) -> tuple[int, float, str]:
    """The order within a profile: by load, then longest idle, then id."""
    return (agent.load, agent.idle_since.timestamp() if agent.idle_since else 0.0, agent.id)


def plan(candidates: Candidates, now: datetime, limit: int) -> list[Match]:
    """At most `limit` offers, in queue order, each to the best agent for it."""
    teams = {profile: _Team(candidates.team(profile)) for profile in candidates.free()}
    queue = []
    for criteria in candidates.wanted():
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
    best, again = _best(line, handoff.passed_by), False
    if best is None and handoff.passed_by and _may_ask_again(handoff, criteria, candidates, now):
        best, again = _best(line, frozenset()), True
    if best is None:
        return None
    teams[best.agent.profile].take(best.agent)
    why = reasons(best, handoff, criteria, now, again=again)
    return Match(handoff, Offered(best.agent.id, best.agent.name, why, again))


def _best(line: "_Line", without: frozenset[str]) -> Fit | None:
    barred = without if line.head.agent_id is None else without | {line.head.agent_id}
    found = [agent for team in line.teams for agent in team.bests(barred, line.head.served_by)]
    return min((fit(agent, line.head, line.criteria) for agent in found), key=lambda one: one.key, default=None)


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

    def advance(self) -> bool:
        """Go on to the next handoff; False when there is none, or nobody left to take it."""
        self.teams = [team for team in self.teams if team.has_room()]
        following = next(self._handoffs, None) if self.teams else None
        if following is None:
            return False
        self.head = following
        return True

    def __lt__(self, other: "_Line") -> bool:
        return queue_order(self.head) < queue_order(other.head)


class _Team:
    """The free agents of one profile, best first, read as far as needed; the plan's own offers count."""

    def __init__(self, agents: Iterator[Agent]) -> None:
        self._unread = agents
        self._known: dict[str, Agent] = {}
        self._seen: set[str] = set()
        self._first: Agent | None = None  # of those known; None: not looked for yet
        self._read_to: tuple[int, float, str] | None = None  # None: to the end
        self._read()

    def has_room(self) -> bool:
        return bool(self._known) or self._read()

    def bests(self, without: frozenset[str], served_by: str | None) -> list[Agent]:
        """The best of those not in `without`; and whoever served the customer last, if here."""
        best = self._best(without)
        while self._read_to is not None and (best is None or team_order(best) > self._read_to):
            self._read()
            best = self._best(without)
        served = self._known.get(served_by or "")
        return [agent for agent in (best, served) if agent is not None and agent.id not in without]

    def take(self, agent: Agent) -> None:
        """One more place of the agent is taken."""
        self._first = None
        taken = replace(agent, active_chats=agent.active_chats + 1)
        if taken.has_room:
            self._known[agent.id] = taken
        else:
            del self._known[agent.id]

    def bring(self, agent: Agent) -> None:
        if agent.id not in self._seen:
            self._first = None
            self._seen.add(agent.id)
            self._known[agent.id] = agent

    def _best(self, without: frozenset[str]) -> Agent | None:
        if self._first is None:
            self._first = min(self._known.values(), key=team_order, default=None)
        if self._first is None or self._first.id not in without:
            return self._first
        return min((one for one in self._known.values() if one.id not in without), key=team_order, default=None)

    def _read(self) -> bool:
        """Read one more; False at the end."""
        agent = next(self._unread, None)
        self._read_to = None if agent is None else team_order(agent)
        if agent is not None:
            self.bring(agent)
        return agent is not None
