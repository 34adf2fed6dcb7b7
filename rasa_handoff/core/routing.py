"""Who takes a handoff: department, skills, language, free places, then the least loaded first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rasa_handoff.core.handoff import Handoff, Need


@dataclass(frozen=True, slots=True)
class Agent:
    """A human who takes handoffs. `languages` are ISO 639-1 codes; `idle_since` breaks ties (longest idle first)."""

    id: str
    name: str
    department: str
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    max_chats: int = 3
    active_chats: int = 0
    available: bool = False
    idle_since: datetime | None = None

    @property
    def has_room(self) -> bool:
        return self.available and self.active_chats < self.max_chats

    @property
    def load(self) -> float:
        return self.active_chats / self.max_chats


def suits(agent: Agent, need: Need) -> bool:
    """The agent may serve this need, free or not."""
    return agent.department == need.department and need.language in agent.languages and need.skills <= agent.skills


def ranked(agents: Iterable[Agent], handoff: Handoff) -> list[Agent]:
    """The agents who can take the handoff now, best first: least loaded, then longest idle, then by id."""
    able = [a for a in agents if a.has_room and suits(a, handoff.need) and a.id not in handoff.passed_by]
    return sorted(able, key=lambda a: (a.load, a.idle_since.timestamp() if a.idle_since else 0.0, a.id))


def queue_order(handoff: Handoff) -> tuple[int, datetime, str]:
    """The queue's order: higher priority first, then who has waited longest."""
    return (-handoff.priority, handoff.queued_at, handoff.id)
