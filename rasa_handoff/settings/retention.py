"""How long conversations with people are kept."""

from datetime import timedelta

from pydantic import BaseModel, Field

from rasa_handoff.settings.sections import STRICT


class RetentionSettings(BaseModel):
    """How long conversations with people are kept; see [personal data](../how-to/personal-data.md)."""

    model_config = STRICT

    days: int | None = Field(
        None,
        ge=1,
        description="Days after the last thing that happened in it until an ended handoff is deleted, with transcript,"
        " package and summary; also the web chat's lines. For ever when not set.",
    )

    def keep(self) -> timedelta | None:
        return None if self.days is None else timedelta(days=self.days)
