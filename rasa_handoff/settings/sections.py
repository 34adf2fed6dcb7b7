"""The parts of handoff.yml about offers to the customer, the queue and detection."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Rules
from rasa_handoff.core.need import RINGS, Ring
from rasa_handoff.core.offering import DIRECT, IMPLICIT, Offering, Way
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.core.visibility import Visibility

STRICT = ConfigDict(extra="forbid", strict=True)

# The detector's thresholds as the core knows them, with unknown keys and wrong types refused.
DetectionSettings = validated(Detection, config=ConfigDict(extra="forbid"), frozen=True, slots=True)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


Seconds = Annotated[float, AfterValidator(_positive)]


class RingSettings(BaseModel):
    """Who is looked for from a time of waiting on. Each ring should reach wider than the one before."""

    model_config = STRICT

    after_seconds: float = Field(0, ge=0, description="From this much waiting on.")
    preferred: bool = Field(False, description="Only agents who have the route's preferred skills too.")
    fallback: bool = Field(False, description="Also agents of the department's fallback departments.")
    any_language: bool = Field(False, description="Also agents who do not speak the customer's language.")

    def ring(self) -> Ring:
        return Ring(timedelta(seconds=self.after_seconds), self.preferred, self.fallback, self.any_language)


def _widening(value: list[RingSettings]) -> list[RingSettings]:
    times = [ring.after_seconds for ring in value]
    if times != sorted(times) or times[0] != 0:
        raise ValueError("rings must begin with after_seconds: 0 and be in the order of their times")
    return value


def _default_rings() -> list[RingSettings]:
    return [
        RingSettings(
            after_seconds=ring.after.total_seconds(),
            preferred=ring.preferred,
            fallback=ring.fallback,
            any_language=ring.any_language,
        )
        for ring in RINGS
    ]


class QueueSettings(BaseModel):
    """How offers and waiting go."""

    model_config = STRICT

    offer_timeout_seconds: Seconds = Field(20, description="How long an agent has to accept an offer.")
    ask_again_seconds: Seconds = Field(
        10, description="The pause before those are asked again who all let a handoff pass."
    )
    transfer_timeout_seconds: Seconds = Field(
        120, description="How long a warm transfer to a department looks for somebody; then it stays where it is."
    )
    ageing: float = Field(
        1.0,
        ge=0,
        le=1000,
        description="How many points of priority a minute of waiting is worth, so that nobody waits for ever behind"
        " higher priorities; 0: no wait makes up for a priority.",
    )
    rings: Annotated[list[RingSettings], Field(min_length=1), AfterValidator(_widening)] = Field(
        default_factory=_default_rings,
        description="Who is looked for, wider with time. By default at first agents with the preferred skills, from"
        " 20 seconds on without them, from 60 seconds on those of the fallback departments too.",
    )
    update_every_seconds: Seconds = Field(
        60, description="A waiting customer is told how it stands at least this often."
    )
    check_every_seconds: Seconds = Field(
        15, description="How often it is looked whether what a waiting customer was told has changed."
    )
    sla_seconds: Seconds = Field(60, description="Within this time a customer should have an answer.")
    message_limit: int = Field(10_000, gt=0, description="The longest message an agent can send, in characters.")

    def rules(self) -> Rules:
        return Rules(
            offer_timeout=timedelta(seconds=self.offer_timeout_seconds),
            update_every=timedelta(seconds=self.update_every_seconds),
            message_limit=self.message_limit,
            check_every=timedelta(seconds=min(self.check_every_seconds, self.update_every_seconds)),
            sla=timedelta(seconds=self.sla_seconds),
            ageing=self.ageing,
            rings=tuple(ring.ring() for ring in self.rings),
            ask_again=timedelta(seconds=self.ask_again_seconds),
            transfer_timeout=timedelta(seconds=self.transfer_timeout_seconds),
        )


class PresenceSettings(BaseModel):
    """How agents who vanish are noticed."""

    model_config = STRICT

    grace_seconds: float = Field(
        60,
        ge=15,
        description="How long an agent's desk may be silent (every page and every tab is a sign of life), or an agent"
        " be signed out, before what they hold is offered to others.",
    )


class LeavingSettings(BaseModel):
    """When a waiting customer counts as gone, and their place is given up. Whoever waits in silence keeps it.

    They are asked first whether they are still there, once, and have the time to answer. While the department is closed
    nobody counts as gone.
    """

    model_config = STRICT

    closed_minutes: Annotated[float, Field(ge=1)] | None = Field(
        10,
        description="After this long with their web chat closed its customers are asked; to have it open again is the"
        " answer. A phone that is locked closes it, too. `null`: never.",
    )
    silent_minutes: dict[str, Annotated[float, Field(ge=1)]] = Field(
        {},
        description="By Rasa's name of a channel, such as `telegram: 30`, after how long a silence its customers are"
        " asked. Those of a channel that is not named keep their place: they are reached later, too.",
    )
    answer_minutes: float = Field(2, ge=1, description="How long they have to answer.")

    def rules(self, rules: Rules) -> Rules:
        """The rules, with these."""
        closed = None if self.closed_minutes is None else timedelta(minutes=self.closed_minutes)
        silent = {channel: timedelta(minutes=minutes) for channel, minutes in self.silent_minutes.items()}
        answer = timedelta(minutes=self.answer_minutes)
        return replace(rules, closed_for=closed, silent_for=silent, answer_within=answer)


class DeskSettings(BaseModel):
    """What agents see on the desk and in its API. Supervisors see everything in any case."""

    model_config = STRICT

    visibility: Annotated[Visibility, Field(strict=False)] = Field(
        Visibility.DEPARTMENT,
        description="`department`: agents see what they have, had or are asked to take, and what is their department's"
        " now; `everything`: everybody sees every conversation, callback and e-mail.",
    )


def _implicit(value: str) -> str:
    if value in (reason.value for reason in DIRECT):
        raise ValueError("this reason always hands over, without asking")
    if value not in (reason.value for reason in IMPLICIT):
        raise ValueError(f"there is no such reason; known: {', '.join(IMPLICIT)}")
    return value


class OffersSettings(BaseModel):
    """When the customer is asked whether they want a person, instead of being handed over at once.

    Each reason is asked about at most once in an episode. After a no it hands nobody over any more; after an offer that
    was passed over it does, when a message adds to it and its threshold is reached. Requests and topics that go to
    people are never asked about.
    """

    model_config = STRICT

    on: dict[Annotated[str, AfterValidator(_implicit)], Annotated[Way, Field(strict=False)]] = Field(
        {},
        description="By reason (`high_frustration`, `low_confidence`, `max_turns_exceeded`, `complex_issue`): `auto`"
        " asks near the threshold, and from it on when nobody is there or the wait is long, else hands over; `offer`"
        " asks first in any case; `hand_off` never asks; `off` does nothing. `auto` where nothing is said.",
    )
    frustration_margin: float = Field(
        0.1, ge=0, le=1, description="Ask from this far below `detector.frustration_threshold`; 0: not below it."
    )
    misses_margin: int = Field(
        0, ge=0, description="Ask this many misses in a row before `detector.misses_in_a_row`; 0: not before."
    )
    turns_margin: int = Field(0, ge=0, description="Ask this many turns before `detector.max_turns`; 0: not before.")
    long_wait: float = Field(
        3.0, gt=0, description="The wait is long from this many waiting customers for each suitable agent online."
    )
    yes_intents: list[str] = Field(["affirm"], description="The bot's intents that accept an offer, beside the button.")
    no_intents: list[str] = Field(["deny"], description="The bot's intents that decline one, beside the button.")

    def offering(self) -> Offering:
        return Offering(
            on={Reason(reason): way for reason, way in self.on.items()},
            frustration_margin=self.frustration_margin,
            misses_margin=self.misses_margin,
            turns_margin=self.turns_margin,
            long_wait=self.long_wait,
            yes_intents=tuple(self.yes_intents),
            no_intents=tuple(self.no_intents),
        )
