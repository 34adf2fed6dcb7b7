"""What a handoff has takeover channels do, and what they had us take in: effects as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_handoff.core.conversation import Attachment, Author


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Show the handoff, with its context, to the people at the channel.

    `external`: nobody else is asked meanwhile, so that it must not take long.
    """

    channel: str
    department: str
    external: bool = False


@dataclass(frozen=True, slots=True)
class UpdateContext:
    """Bring what the channel shows up to date."""

    channel: str
    department: str


@dataclass(frozen=True, slots=True)
class Relay:
    """Show the people at the channel a message."""

    channel: str
    department: str
    author: Author
    text: str
    name: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """The channel need not show it any longer; what it controls, it gives up."""

    channel: str
    department: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """At `at`, see whether something was said at the channel that we were not told of; and again while it is open."""

    channel: str
    department: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Read what the channel told us; see `channel.Signal`."""

    channel: str
    signal: str
    place: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordCustomer:
    """Put a message of the customer that did not come through Rasa into the tracker, for the bot to know of."""

    message_id: str
    text: str


ChannelEffect = TakeOver | UpdateContext | Relay | Release | LookAt
"""What is done at a channel for a handoff."""
