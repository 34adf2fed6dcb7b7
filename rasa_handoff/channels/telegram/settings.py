"""The part of handoff.yml about a group on Telegram."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from rasa_handoff.channels.kinds import ChannelSettings


class TelegramSettings(ChannelSettings):
    """Takeover in a forum group of Telegram."""

    type: Literal["telegram"] = Field(description="Topics in a group on Telegram.")
    chat: int = Field(description="The group's id, such as -1001234567890. `rasa-handoff check` says when it is wrong.")
    agents: dict[int, str] = Field(
        {}, description="Who is who: the user id on Telegram, and the agent's e-mail. Telegram tells no e-mail."
    )
    pull: bool = Field(
        False, description="Ask Telegram for what is new (getUpdates), where it cannot reach the desk with webhooks."
    )
    upload_from: list[str] = Field(
        [],
        description="Hosts whose files we fetch and upload, where Telegram cannot fetch them by itself.",
    )
    api: Annotated[HttpUrl, Field(strict=False)] = Field(
        HttpUrl("https://api.telegram.org"), description="The Bot API's address, where you run a server of your own."
    )
