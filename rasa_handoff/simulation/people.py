"""Who answers: the teams of a scenario as agents with shifts, and when a place of theirs is staffed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rasa_handoff.core.routing import Agent
from rasa_handoff.settings import Settings
from rasa_handoff.settings.hours import span
from rasa_handoff.simulation.scenario import Answering, Scenario, Team

MINUTE, DAY = 60.0, 86_400.0
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent, when they are online each day (seconds since midnight), and what they do with offers."""

    agent: Agent
    shifts: tuple[Span, ...]
    answering: Answering

    def spans(self, until: float) -> Iterator[Span]:
        """When they are online, in seconds from the start, up to `until`."""
        for day in range(int(until // DAY) + 1):
            for begins, ends in self.shifts:
                if day * DAY + begins < until:
                    yield day * DAY + begins, day * DAY + ends


def workers(scenario: Scenario, settings: Settings) -> list[Worker]:
    """The scenario's teams; when it has none, the agents of the settings, around the clock."""
    if not scenario.teams:
        return [Worker(one.agent(), ((0.0, DAY),), scenario.answering) for one in settings.agents]
    return [worker for team in scenario.teams for worker in _team(team, scenario.answering)]


def resized(scenario: Scenario, team: str, count: int) -> Scenario:
    """The scenario with that many agents in the team."""
    teams = [one.model_copy(update={"count": count}) if one.id == team else one for one in scenario.teams]
    return scenario.model_copy(update={"teams": teams})


def staffed(people: Sequence[Worker], begins: float, ends: float) -> float:
    """How many seconds of places (an agent has `max_chats`) there are between the two times."""
    return sum(
        worker.agent.max_chats * max(0.0, min(off, ends) - max(on, begins))
        for worker in people
        for on, off in worker.spans(ends)
    )


def _team(team: Team, answering: Answering) -> Iterator[Worker]:
    spans = [span(shift) for shift in team.shifts]
    shifts = tuple((one.opens * MINUTE, one.closes * MINUTE) for one in spans) or ((0.0, DAY),)
    for number in range(1, team.count + 1):
        agent = replace(team.agent(), id=f"{team.id}-{number}", name=f"{team.name or team.id} {number}")
        yield Worker(agent, shifts, team.answering or answering)
