"""How long something takes, as a scenario says it: always the same, exponential, lognormal, or one of what was seen."""

import math
from random import Random
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from rasa_handoff.settings.sections import STRICT, Seconds

_P90 = NormalDist().inv_cdf(0.9)


class LogNormal(BaseModel):
    """Half of them take up to the median, nine in ten up to the P90."""

    model_config = STRICT

    median: Seconds = Field(description="Seconds.")
    p90: Seconds = Field(description="Seconds; more than the median.")

    @model_validator(mode="after")
    def _in_order(self) -> "LogNormal":
        if self.p90 <= self.median:
            raise ValueError("p90 must be more than the median")
        return self


class Length(BaseModel):
    """Seconds, drawn anew each time. Exactly one of these is given."""

    model_config = STRICT

    always: float | None = Field(None, ge=0, description="As long each time.")
    exponential: Seconds | None = Field(None, description="The mean: many short ones, few long ones.")
    lognormal: LogNormal | None = Field(None, description="What conversations usually look like.")
    empirical: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1)] | None = Field(
        None, description="Lengths that were seen: one of them is drawn."
    )

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        if not isinstance(given, dict) or len(given) != 1:
            raise ValueError("say one of always, exponential, lognormal and empirical, such as {exponential: 300}")
        return given

    def draw(self, random: Random) -> float:
        """Seconds."""
        if self.exponential is not None:
            return random.expovariate(1 / self.exponential)
        if self.lognormal is not None:
            spread = math.log(self.lognormal.p90 / self.lognormal.median) / _P90
            return random.lognormvariate(math.log(self.lognormal.median), spread)
        if self.empirical is not None:
            return random.choice(self.empirical)
        return self.always or 0.0
