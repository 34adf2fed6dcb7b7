"""A Twilio Flex channel's part of handoff.yml."""

from typing import Literal

from pydantic import Field

from rasa_handoff.channels.kinds import ChannelSettings


class TwilioChannelSettings(ChannelSettings):
    """Takeover in Twilio Flex."""

    type: Literal["twilio"] = Field(description="Twilio Flex, through Conversations and Interactions.")
    account: str = Field(pattern="^AC[0-9a-fA-F]{32}$", description="The SID of the Flex account.")
    service: str = Field(
        pattern="^IS[0-9a-fA-F]{32}$",
        description='The SID of the Conversations service that Flex uses ("Flex Chat Service").',
    )
    workspace: str = Field(pattern="^WS[0-9a-fA-F]{32}$", description="The SID of Flex's TaskRouter workspace.")
    workflow: str = Field(
        pattern="^WW[0-9a-fA-F]{32}$",
        description="The SID of the workflow that finds an agent. It sees `department`, `language`, `reason` and"
        " `priority` as attributes of the task.",
    )
    task_channel: str = Field(
        "chat", pattern="^[A-Za-z0-9_-]{1,64}$", description="The unique name of the task channel to count it under."
    )
    hand_back: str = Field(
        "/bot",
        min_length=1,
        max_length=100,
        description="What an agent writes, and nothing else, to hand the conversation back to the bot. Customers do"
        " not see it.",
    )
    api: str = Field(
        "https://{product}.twilio.com",
        pattern=r"^https?://[^\s{}]*\{product\}[^\s{}]*$",
        description="Where Twilio is called; `{product}` stands for `conversations`, `flex-api`, `taskrouter`, `api`"
        " and what `media` says.",
    )
    media: str = Field("mcs.us1", pattern=r"^mcs\.[a-z0-9]+$", description="The product that keeps files.")
