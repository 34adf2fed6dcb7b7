"""Where people take conversations over beside the desk: which channel is meant, and what is known of it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Takeover:
    """A takeover channel, as a handoff's rules know it.

    It is meant for handoffs of these `departments` whose customers write through these of Rasa's channels
    (`customers`); where one is empty, for all. `external`: the channel's platform chooses who answers, and our agents
    are offered nothing. `owns`: the customer talks to the platform itself, which shows their messages on its own.
    """

    channel: str
    departments: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    external: bool = False
    owns: bool = False

    def serves(self, department: str, customers: str) -> bool:
        return (not self.departments or department in self.departments) and (
            not self.customers or customers in self.customers
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a handoff is at a takeover channel: a thread, a topic, a conversation.

    `key` names it in what the channel tells us, `data` is what the channel needs to find it again. `mark` is the newest
    message from there that was taken in, as the channel orders them.
    """

    channel: str
    department: str
    key: str
    data: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The channel shows the handoff to its people, at `key`. A second one for the department replaces the first."""

    channel: str
    department: str
    key: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeOverFailed:
    """The channel cannot show it, for good. The desk still does, and where the platform would have chosen, we do."""

    channel: str
    department: str
    error: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What was said at the channel is taken in up to here."""

    channel: str
    department: str
    mark: str


TakeoverEvent = TakenOver | TakeOverFailed | Marked
