"""The people a handoff can go to, and the queue's order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.need import Levels, Profile


class Presence(StrEnum):
    """Where an agent is. Online: gets offers. Busy: only what a colleague passes on to them, or they pick themselves.

    Away: nothing new. Offline: signed out, or not seen for a while; what they hold is offered to others.
    """

    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


class Role(StrEnum):
    """What an agent may see and do: their departments' conversations, or everybody's."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Agent:
    """A human who takes handoffs. `languages` are ISO 639-1 codes; `idle_since` is when they last became freer.

    `seen_at` is the desk's last sign of life; until `reachable_until` they can be reached elsewhere (Slack, push).
    `session` rises whenever they come from offline. By `email` takeover channels know them.
    """

    id: str
    name: str
    department: str
    skills: Levels = field(default_factory=dict)
    languages: frozenset[str] = frozenset({"en"})
    max_chats: int = 3
    active_chats: int = 0
    presence: Presence = Presence.OFFLINE
    idle_since: datetime | None = None
    seen_at: datetime | None = None
    reachable_until: datetime | None = None
    session: int = 0
    role: Role = Role.AGENT
    email: str | None = None

    @property
    def available(self) -> bool:
        """Gets offers, as far as there is room."""
        return self.presence is Presence.ONLINE

    @property
    def has_room(self) -> bool:
        return self.available and self.active_chats < self.max_chats

    @property
    def load(self) -> int:
        """How full the agent is, in ten-thousandths."""
        return load_of(self.active_chats, self.max_chats)

    @property
    def profile(self) -> Profile:
        return Profile(self.department, tuple(sorted(self.languages)), tuple(sorted(self.skills.items())))


def load_of(active: int, places: int) -> int:
    """How full an agent with so many places is, in ten-thousandths."""
    return active * 10_000 // max(places, 1)


def gone_at(agent: Agent, grace: timedelta) -> datetime | None:
    """When the agent counts as gone if there is no further sign of life; None when there never was one."""
    signs = [agent.seen_at + grace if agent.seen_at else None, agent.reachable_until]
    return max((sign for sign in signs if sign is not None), default=None)


def queue_order(handoff: Handoff) -> tuple[int, str]:
    """The queue's order: `Handoff.rank`, smallest first."""
    return (handoff.rank, handoff.id)
