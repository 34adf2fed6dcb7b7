"""The part of handoff.yml about the bot's questions to agents."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.settings.sections import STRICT, Seconds


class Unanswered(StrEnum):
    """What follows when nobody answered in time."""

    HANDOFF = "handoff"
    BOT = "bot"


class QuestionsSettings(BaseModel):
    """The bot's questions to agents (`action_handoff_ask`)."""

    model_config = STRICT

    timeout_seconds: Seconds = Field(120, description="How long an agent has to answer.")
    unanswered: Annotated[Unanswered, Field(strict=False)] = Field(
        Unanswered.HANDOFF,
        description="What follows when nobody did: `handoff` begins one; `bot` leaves it to your rule on"
        " `EXTERNAL_handoff_unanswered`.",
    )

    def patience(self) -> timedelta:
        return timedelta(seconds=self.timeout_seconds)
