"""What the outside of a handoff is told, and who is told: the words of announcements."""

from dataclasses import dataclass

from rasa_handoff.core.backports import StrEnum


class Announcement(StrEnum):
    """What the outside is told of: the type of a CloudEvent. A closed set."""

    INITIATED = "handoff.initiated"
    CONTEXT = "handoff.context"
    OFFERED = "handoff.offered"
    SLA_MISSED = "handoff.sla_missed"
    ACCEPTED = "handoff.accepted"
    MESSAGE = "handoff.message"
    TRANSFERRED = "handoff.transferred"
    CLOSED = "handoff.closed"


TRACKER = "tracker"
"""The listener that is the Rasa tracker. It hears no messages: they are events of its own."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of a handoff's life: `TRACKER`, or a webhook's id."""

    id: str
    hears: frozenset[Announcement] = frozenset(Announcement)
