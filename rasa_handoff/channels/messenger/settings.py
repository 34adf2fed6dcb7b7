"""The part of handoff.yml about a Facebook page."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from rasa_handoff.channels.kinds import ChannelSettings

PAGE_INBOX = "263902037430900"
"""The page inbox's app id: https://developers.facebook.com/docs/messenger-platform/conversation-routing"""

_ID = "^[0-9]{5,25}$"


class MessengerSettings(ChannelSettings):
    """Takeover in the inbox of a Facebook page, or in another app that is connected to it."""

    type: Literal["messenger"] = Field(description="The customers of a Facebook page.")
    page: str = Field(pattern=_ID, description="The page's id, in quotes.")
    app: str = Field(pattern=_ID, description="The id of the app that the bot's access token belongs to, in quotes.")
    to_app: Annotated[str, Field(pattern=_ID)] | None = Field(
        PAGE_INBOX,
        description="The id of the app whose people answer; the page inbox by default. null: control is released, and"
        " the page's default app answers.",
    )
    name: str = Field("Page inbox", min_length=1, description="What those who answer there are called on the desk.")
    passing_on: str = Field(
        "A colleague of mine takes over from here.",
        min_length=1,
        max_length=2000,
        description="Said to the customer where the page passes control with a message only.",
    )
    rasa: Annotated[HttpUrl, Field(strict=False)] = Field(
        HttpUrl("http://localhost:5005/webhooks/facebook/webhook"),
        description="Rasa's own webhook for Messenger: an app has one webhook, which is ours, and what is for the bot"
        " goes on from here.",
    )
    version: str = Field("v25.0", pattern=r"^v[0-9]+\.[0-9]+$", description="The Graph API's version.")
    api: Annotated[HttpUrl, Field(strict=False)] = Field(
        HttpUrl("https://graph.facebook.com"), description="The Graph API's address."
    )
