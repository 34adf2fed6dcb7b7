"""What a Slack channel is told in handoff.yml, what it can do, and what its app must be allowed."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl, model_validator

from rasa_handoff.channel import Capabilities
from rasa_handoff.channels.kinds import ChannelSettings, Setup
from rasa_handoff.core.errors import SettingsError

CAPABILITIES = Capabilities(
    image=True, file=True, buttons=True, edit=True, names=True, history=True, once=True
)  # an app cannot show in a thread that somebody types, nor say that they read

SCOPES = (
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "users:read",
    "users:read.email",
)
EVENTS = ("message.channels", "message.groups")

SECRETS = {
    "bot_token": "the app's page, OAuth & Permissions, Bot User OAuth Token: `xoxb-...`",
    "signing_secret": "the app's page, Basic Information, App Credentials, Signing Secret; not for Socket Mode",
    "app_token": "the app's page, Basic Information, App-Level Tokens, with `connections:write`: `xapp-...`;"
    " for Socket Mode",
}
OPTIONAL = frozenset({"signing_secret", "app_token"})

ChannelId = Annotated[str, Field(pattern="^[CG][A-Z0-9]{2,30}$")]
Address = Annotated[HttpUrl, Field(strict=False)]


class SlackSettings(ChannelSettings):
    """Agents answer in threads of Slack channels."""

    type: Literal["slack"] = Field(description="Threads under a card in a Slack channel.")
    channel: ChannelId | None = Field(
        None, description="The Slack channel's id, as its details show it at the end: `C0123456789`."
    )
    channels: dict[str, ChannelId] = Field(
        {}, description="Slack channels by department, where departments have their own."
    )
    socket_mode: bool = Field(
        False, description="Slack is asked for events by a connection that we open: no public address."
    )
    note_prefix: str = Field(
        "!!",
        description="Messages that begin with it are for colleagues: the customer is not sent them. Empty: there is no"
        " such prefix.",
    )
    file_hosts: list[str] = Field(
        [],
        description="Hosts in your own network that customers' files are fetched from; without being named, only those"
        " with a public address are.",
    )
    api_url: Address = Field(
        HttpUrl("https://slack.com/api/"),
        description="Slack's Web API; GovSlack has its own: https://slack-gov.com/api/.",
    )

    @model_validator(mode="after")
    def _somewhere(self) -> "SlackSettings":
        if self.channel is None and not self.channels:
            raise ValueError("name the Slack channel: channel for all departments, or channels for each")
        return self

    def slack_channel(self, department: str) -> str | None:
        """Where the department's handoffs go."""
        return self.channels.get(department, self.channel)

    def slack_channels(self) -> frozenset[str]:
        """All of ours: what happens elsewhere in the workspace is not for us."""
        return frozenset({*self.channels.values(), *([self.channel] if self.channel else [])})


def require_secrets(setup: Setup) -> None:
    """Errors: SettingsError."""
    wanted = ["bot_token", "app_token" if setup.settings.socket_mode else "signing_secret"]
    for name in wanted:
        if not setup.secrets.get(name):
            raise SettingsError(
                f"The channel {setup.id!r} has no {name} in HANDOFF_CHANNEL_SECRETS. It is on {SECRETS[name]}."
            )
