"""The parts of handoff.yml about offers to the customer, the queue and detection."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Rules
from rasa_handoff.core.offering import DIRECT, IMPLICIT, Offering, Way
from rasa_handoff.core.thresholds import Detection

STRICT = ConfigDict(extra="forbid", strict=True)

# The detector's thresholds as the core knows them, with unknown keys and wrong types refused.
DetectionSettings = validated(Detection, config=ConfigDict(extra="forbid"), frozen=True, slots=True)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


Seconds = Annotated[float, AfterValidator(_positive)]


class QueueSettings(BaseModel):
    """How offers and waiting go."""

    model_config = STRICT

    offer_timeout_seconds: Seconds = Field(20, description="How long an agent has to accept an offer.")
    update_every_seconds: Seconds = Field(60, description="How often a waiting customer is told how it stands.")
    message_limit: int = Field(10_000, gt=0, description="The longest message an agent can send, in characters.")

    def rules(self) -> Rules:
        return Rules(
            offer_timeout=timedelta(seconds=self.offer_timeout_seconds),
            update_every=timedelta(seconds=self.update_every_seconds),
            message_limit=self.message_limit,
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
