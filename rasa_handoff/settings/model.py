"""The part of handoff.yml about the language model: what it may read, and bounds on asking it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from rasa_handoff.core.private import Private
from rasa_handoff.settings.sections import STRICT, Seconds


def _may_leave(value: Private) -> Private:
    if value is Private.CARD:
        raise ValueError("card numbers never go to a model")
    return value


class PriceSettings(BaseModel):
    """What a million tokens cost, for the metrics."""

    model_config = STRICT

    prompt: Annotated[float, Field(strict=False)] = Field(0.0, ge=0, description="A million tokens that are sent.")
    answer: Annotated[float, Field(strict=False)] = Field(0.0, ge=0, description="A million tokens that are answered.")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="The currency, as an ISO 4217 code.")


class ModelSettings(BaseModel):
    """What the language model may read, and bounds on asking it. Which model it is: see the environment variables."""

    model_config = STRICT

    allow: list[Annotated[Private, Field(strict=False), AfterValidator(_may_leave)]] = Field(
        [],
        description="Private values that may be sent as they are: `email`, `phone`, `id` (orders, bookings, accounts),"
        " `name`, `address`, `url`. All others are replaced by placeholders and put back into the answer.",
    )
    prompt_tokens: int = Field(
        4_000, ge=1_000, description="The longest request, in tokens; of longer conversations the model reads a part."
    )
    at_once: int = Field(4, ge=1, le=32, description="How many requests may be under way in one desk process.")
    failures: int = Field(5, ge=1, description="After so many failures in a row the model is given a rest.")
    rest_seconds: Seconds = Field(30, description="How long that rest is; then one request tries how it is.")
    prices: PriceSettings = Field(default_factory=PriceSettings, description="What tokens cost, for the metrics.")
