"""The part of handoff.yml about who is told of handoffs."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, HttpUrl

from rasa_handoff.core.announcement import TRACKER, Announcement, Listener
from rasa_handoff.settings.sections import STRICT


def _free(value: str) -> str:
    if value == TRACKER:
        raise ValueError("this name is taken; choose another")
    return value


class WebhookSettings(BaseModel):
    """An address that is told of handoffs, as signed CloudEvents. Its key stands in HANDOFF_WEBHOOK_SECRETS."""

    model_config = STRICT

    id: Annotated[str, AfterValidator(_free)] = Field(
        pattern="^[a-z0-9_-]+$", description="What its key is called by, and the log."
    )
    url: Annotated[HttpUrl, Field(strict=False)] = Field(description="Where it goes. Redirects are not followed.")
    events: list[Annotated[Announcement, Field(strict=False)]] = Field(
        [], description="Only these types, such as `handoff.closed`; all when empty."
    )
    transcript: bool = Field(False, description="`handoff.context` has the whole conversation too.")

    def listener(self) -> Listener:
        return Listener(self.id, frozenset(self.events or Announcement))
