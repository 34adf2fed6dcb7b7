"""What the router looks at, in the store in memory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.matching import team_order
from rasa_handoff.core.need import Criteria, Profile, suits
from rasa_handoff.core.routing import Agent, queue_order


@dataclass(frozen=True, slots=True)
class HeldCandidates:
    """The candidates of a plan, while the store is locked."""

    handoffs: Collection[Handoff]
    agents: Mapping[str, Agent]

    def wanted(self, limit: int) -> list[Criteria]:
        return list(dict.fromkeys(h.criteria for h in self.handoffs if h.criteria is not None))

    def free(self, limit: int) -> list[Profile]:
        return list(dict.fromkeys(agent.profile for agent in self.agents.values() if agent.has_room))

    def line(self, criteria: Criteria) -> Iterator[Handoff]:
        return iter(sorted((h for h in self.handoffs if h.criteria == criteria), key=queue_order))

    def team(self, profile: Profile) -> Iterator[Agent]:
        free = [agent for agent in self.agents.values() if agent.has_room and agent.profile == profile]
        return iter(sorted(free, key=team_order))

    def agent(self, agent_id: str) -> Agent | None:
        agent = self.agents.get(agent_id)
        return agent if agent is not None and agent.has_room else None

    def has_more(self, criteria: Criteria, passed_by: frozenset[str]) -> bool:
        others = (agent for agent in self.agents.values() if agent.available and agent.id not in passed_by)
        return any(suits(agent.profile, criteria) for agent in others)
