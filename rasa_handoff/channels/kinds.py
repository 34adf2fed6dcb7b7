"""What a kind of channel is to the settings: its name, its part of handoff.yml, its secrets, and how one is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from rasa_handoff.channel import Capabilities, Channel


class ChannelSettings(BaseModel):
    """A takeover channel: where the people of some departments answer. Its secrets are in HANDOFF_CHANNEL_SECRETS."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern="^[a-z0-9_-]{1,40}$", description="What its address and its secrets are called by.")
    type: str = Field(description="What kind of channel it is.")
    departments: list[str] = Field([], description="The departments whose people answer there; all when empty.")
    customers: list[str] | None = Field(
        None,
        description="Only handoffs of customers who write through these channels of Rasa (names as in credentials.yml);"
        " by default those of the platform itself where it owns the conversation, and all otherwise.",
    )
    correction: str = Field(
        "Correction: {text}", description="How a message is sent again to the customer after the agent edited it."
    )


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is made of. `hook_url` is its own address as the vendor calls it, when we have a public one."""

    id: str
    settings: Any
    secrets: Mapping[str, str] = field(default_factory=dict)
    hook_url: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel, as an entry point of the group `rasa_handoff.channels` gives it.

    `secrets` says by name what each one is and where it is found; `optional` are those it does without. `customers` are
    the channels of Rasa that the platform owns the conversations of.
    """

    name: str
    title: str
    settings: type[ChannelSettings]
    capabilities: Capabilities
    make: Callable[[Setup], Channel]
    secrets: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    customers: tuple[str, ...] = ()
