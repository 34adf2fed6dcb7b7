"""What happens while nobody has answered: the customer is told how it stands, and the SLA is missed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The customer was told how it stands: an event, and what the handoff remembers of it.

    `p50` and `p90` are the interval of the wait, in seconds; None when it is unknown. `chance` is that of an answer
    within the SLA. `alternatives`: other ways were offered along with it.
    """

    position: int
    open: bool
    staffed: bool
    p50: float | None = None
    p90: float | None = None
    chance: float | None = None
    alternatives: bool = False


@dataclass(frozen=True, slots=True)
class SlaMissed:
    """Nobody has answered within the SLA."""
