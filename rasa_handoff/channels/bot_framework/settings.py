"""A Bot Framework hub's part of handoff.yml."""

from typing import Literal

from pydantic import Field

from rasa_handoff.channels.kinds import ChannelSettings


class BotFrameworkChannelSettings(ChannelSettings):
    """Takeover by a hub that speaks the Bot Framework's handoff events."""

    type: Literal["bot_framework"] = Field(description="The Bot Framework's handoff events, signed.")
    url: str = Field(
        pattern=r"^https?://[^\s/]+[^\s]*$",
        description="Where activities are posted; `{conversation}` in it stands for the conversation's id.",
    )
