"""Who is offered what: the queue's order on one side, the best agent for each handoff on the other.

The first line of the queue goes first wherever somebody suits it. Of those who suit, in this order: the department's
own before a fallback's; more of the preferred skills; who served this customer last; the least loaded; the better
skilled; the longest idle. All of it is one comparison (`Merit.key`), and the same merit says it in words.
"""

from dataclasses import dataclass
from datetime import datetime

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.need import Criteria, Need, Profile
from rasa_handoff.core.routing import Agent

Order = tuple[int, float, str]


def team_order(agent: Agent) -> Order:
    """The order within a profile: by load, then longest idle, then id."""
    return (agent.load, agent.idle_since.timestamp() if agent.idle_since else 0.0, agent.id)


@dataclass(frozen=True, slots=True)
class Merit:
    """How well the agents of a profile, who suit the need, fit it: all of them alike."""

    fallback: int
    preferred: tuple[str, ...]
    level: int

    def key(self, order: Order, served: bool) -> tuple[object, ...]:
        """The place of one of them among all who suit: smaller is better. `order` is their `team_order`."""
        load, idle, agent_id = order
        return (self.fallback, -len(self.preferred), not served, load, -self.level, idle, agent_id)


@dataclass(frozen=True, slots=True)
class Fit:
    """An agent who suits the handoff, and how well."""

    agent: Agent
    merit: Merit
    served: bool


def merit(profile: Profile, need: Need, criteria: Criteria) -> Merit:
    """What the profile, which suits `criteria`, is worth to the need."""
    skills = dict(profile.skills)
    preferred = tuple(name for name, level in need.preferred.items() if skills.get(name, 0) >= level)
    level = sum(skills.get(name, 0) for name in {*need.preferred, *need.skills})
    return Merit(criteria.departments.index(profile.department), preferred, level)


def reasons(
    chosen: Fit, handoff: Handoff, criteria: Criteria, now: datetime, *, again: bool = False
) -> tuple[str, ...]:
    """Why this agent, criterion by criterion, in words."""
    agent, need = chosen.agent, handoff.need
    said = [f"helps out for {criteria.departments[0]}" if chosen.merit.fallback else f"works in {agent.department}"]
    said.append("any language will do by now" if criteria.language is None else f"speaks {criteria.language}")
    skilled = sorted(name for name in need.skills if name in agent.skills)
    said += [f"{name} at level {agent.skills[name]}, {need.skills[name]} needed" for name in skilled]
    said += [f"{name} at level {agent.skills[name]}, preferred" for name in chosen.merit.preferred]
    lacking = sorted(set(need.preferred) - set(chosen.merit.preferred))
    if lacking:
        said.append(f"nobody with {', '.join(lacking)} took it in time")
    if chosen.served:
        said.append("served this customer last")
    said.append(f"{agent.active_chats} of {agent.max_chats} places taken")
    if agent.idle_since:
        said.append(f"idle for {_span((now - agent.idle_since).total_seconds())}")
    if again:
        said.append("everybody else let it pass too")
    return tuple(said)


def _span(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
