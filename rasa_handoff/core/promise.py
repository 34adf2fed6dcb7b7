"""What may be promised to a waiting customer, when they are told again, and when other ways are offered to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.told import Told
from rasa_handoff.core.waits import Wait

CHOICES = ("handoff_callback", "handoff_email", "handoff_stay", "handoff_choose")
"""The intents of the buttons by which a waiting customer chooses."""

QUIET = timedelta(seconds=10)
"""However much changes, a customer is not told more often than this."""


class Alternative(StrEnum):
    """What a customer may choose instead of waiting."""

    CALLBACK = "callback"
    EMAIL = "email"


def is_choice(turn: Turn) -> bool:
    """A button of ours was pressed: nothing that an agent should read."""
    return turn.intent in CHOICES and turn.text.startswith("/")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a team decided: below a chance of `least_chance` to be answered in time, other ways are offered.

    `region` (ISO 3166) is that of phone numbers without a country's code; None: they need one. Calls take up to
    `call_length` and begin no sooner than `call_lead` and no later than `call_horizon` from now. An e-mail is answered
    `email_within` its time.
    """

    alternatives: tuple[Alternative, ...] = (Alternative.CALLBACK, Alternative.EMAIL)
    least_chance: float = 0.5
    region: str | None = None
    call_length: timedelta = timedelta(minutes=30)
    call_lead: timedelta = timedelta(minutes=30)
    call_horizon: timedelta = timedelta(days=14)
    email_within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a waiting handoff stands: its place (1 is next), the department's hours, who is there, and the wait.

    `wait` is None when it is unknown, and so is the `chance` of an answer within the SLA.
    """

    position: int
    open: bool
    opens_at: datetime | None
    staffed: bool
    wait: Wait | None
    chance: float | None

    def told(self, *, alternatives: bool) -> Told:
        """What the customer is told by this, as the handoff remembers it and the log keeps it. Seconds."""
        known = self.wait if self.open and self.staffed else None
        p50, p90 = (known.quantile(p).total_seconds() for p in (0.5, 0.9)) if known else (None, None)
        return Told(self.position, self.open, self.staffed, p50, p90, self.chance, alternatives)


def is_poor(standing: Standing, promise: Promise) -> bool:
    """An answer in time cannot be promised."""
    if not standing.open or not standing.staffed or standing.chance is None:
        return True
    return standing.chance < promise.least_chance


def offers_alternatives(handoff: Handoff, standing: Standing, promise: Promise) -> bool:
    """Other ways are offered now: at first when the chance is poor, when it becomes hopeless, and at the SLA."""
    if not promise.alternatives or handoff.status is not Status.WAITING:
        return False
    told = handoff.told
    if told is None:
        return is_poor(standing, promise)
    if handoff.sla_missed_at and (handoff.alternatives_at is None or handoff.alternatives_at < handoff.sla_missed_at):
        return True
    return (told.open and not standing.open) or (told.staffed and not standing.staffed)


def is_due(handoff: Handoff, standing: Standing, now: datetime) -> bool:
    """The customer is to be told: it is time, or something changed that matters to them."""
    told, at = handoff.told, handoff.told_at
    if told is None or at is None or now < at:  # the clock was set back
        return True
    if standing.open and now - at >= handoff.rules.update_every:
        return True
    if now - at < QUIET:
        return False
    # While it is closed there is no news: they know when it opens.
    return told.open != standing.open or (standing.open and _matters(told, standing))


def look_again(handoff: Handoff, standing: Standing, now: datetime) -> datetime:
    """When to look next whether the customer is to be told."""
    if not standing.open and standing.opens_at is not None and standing.opens_at > now:
        return standing.opens_at
    soon = now + handoff.rules.check_every
    times = [soon]
    if handoff.told_at is not None and handoff.told_at + handoff.rules.update_every > now:
        times.append(handoff.told_at + handoff.rules.update_every)
    if handoff.queued_at + handoff.rules.sla > now:
        times.append(handoff.queued_at + handoff.rules.sla)
    return min(times)


def misses_sla(handoff: Handoff, now: datetime) -> bool:
    """Nobody has answered within the SLA, and that is new."""
    return (
        handoff.sla_missed_at is None and handoff.accepted_at is None and now >= handoff.queued_at + handoff.rules.sla
    )


def _matters(told: Told, standing: Standing) -> bool:
    if told.staffed != standing.staffed or standing.position != told.position:
        return True
    if standing.wait is None or told.p90 is None:
        return False
    change = abs(standing.wait.quantile(0.9).total_seconds() - told.p90)
    return change > 60 and change > told.p90 / 2
