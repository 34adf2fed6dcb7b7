"""What became of an effect that did not arrive at once. Told so that agents can read it.

`channel` is the takeover channel it was to go to; empty: to the customer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delayed:
    """An effect fails and is tried on; `what` and `error` are for the agent to read."""

    effect_id: str
    what: str
    error: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An effect that was delayed has arrived."""

    effect_id: str
    what: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An effect was given up; `what` and `error` are for the agent to read."""

    effect_id: str
    what: str
    error: str
    channel: str = ""


DeliveryEvent = Delayed | Delivered | Undelivered
