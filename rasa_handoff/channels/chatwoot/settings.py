"""What a Chatwoot channel is told in handoff.yml, and its secrets."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, HttpUrl

from rasa_handoff.channels.kinds import ChannelSettings

Priority = Literal["low", "medium", "high", "urgent"]

SECRETS: Mapping[str, str] = {
    "token": "the access token of an administrator, from their Profile settings, under Access Token",
    "signing": "the webhook's own secret, from Settings, Integrations, Webhooks (Chatwoot 4.11.2 and later)",
    "path": "for older versions: long and random, the last part of the address that you give to Chatwoot as webhook",
}
OPTIONAL = frozenset({"signing", "path"})


class ChatwootChannelSettings(ChannelSettings):
    """Takeover in Chatwoot."""

    type: Literal["chatwoot"] = Field(description="Chatwoot, which owns the conversations.")
    url: Annotated[HttpUrl, Field(strict=False)] = Field(
        description="Where Chatwoot is: https://app.chatwoot.com, say."
    )
    account: int = Field(ge=1, description="The number of the account: it stands in the address of every page of it.")
    inboxes: list[int] = Field(
        min_length=1,
        description="The numbers of the inboxes that the bot answers in. What happens in others is nothing to us.",
    )
    teams: dict[str, int] = Field({}, description="The team that a department's conversations go to, by its number.")
    agents: dict[str, int] = Field(
        {},
        description="The agent that a department's conversations go to, by their number; Chatwoot chooses otherwise.",
    )
    labels: list[str] = Field(
        ["handoff"],
        description="Labels that a conversation gets beside those it has. {reason} and {department} stand for the"
        " handoff's own.",
    )
    priorities: dict[Priority, int] = Field(
        {"high": 5, "urgent": 10},
        description="Chatwoot's priority, from which priority of a handoff on. Below all of them it stays as it is.",
    )
