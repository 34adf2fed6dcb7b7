"""What follows from an event, as data: committed with the new state, done by the courier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_handoff.core.announcement import Announcement
from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.channel_effects import ChannelEffect, RecordCustomer, TakeIn
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.follow_up import SendEmail
from rasa_handoff.core.handoff import Handoff, Timed
from rasa_handoff.core.runs import Kind


@dataclass(frozen=True, slots=True)
class TellCustomer:
    """Put the agent's message into the Rasa tracker and bring it to the customer, unless it is `delivered`."""

    message_id: str
    text: str
    agent_name: str
    attachments: tuple[Attachment, ...] = ()
    avatar: str | None = None
    delivered: bool = False


class Notice(StrEnum):
    """What the bot is told outside a turn; designers write rules on these intents."""

    ACCEPTED = "EXTERNAL_handoff_accepted"
    UPDATE = "EXTERNAL_handoff_update"
    RETURNED = "EXTERNAL_handoff_returned"
    ANSWERED = "EXTERNAL_handoff_answered"
    UNANSWERED = "EXTERNAL_handoff_unanswered"


@dataclass(frozen=True, slots=True)
class TellBot:
    """Trigger one of our external intents in the conversation."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class PublishContext:
    """Write the handoff's details, with the new summary, into the tracker (and so to Rasa's event broker)."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell a listener of what happened at `at`. The context is filled in when it is told."""

    to: str
    announcement: Announcement
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WriteSummary:
    """Have the model write the summary."""


@dataclass(frozen=True, slots=True)
class RunAction:
    """Do a quick action: run an action of the bot with these slots, or send these fields to an address."""

    run_id: str
    action_id: str
    label: str
    kind: Kind
    target: str
    fields: Mapping[str, str]
    agent_id: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Offer waiting handoffs to agents with a free place, in the queue's order."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Let this event happen at `at`."""

    at: datetime
    event: Timed


@dataclass(frozen=True, slots=True)
class WatchAgent:
    """At `at`, see whether the agent is still there; once for each `session`, and again as long as they are."""

    agent_id: str
    session: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WatchCustomer:
    """At `at`, see whether the waiting customer is still there, and again as long as they wait."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AskBot:
    """Bring a web chat customer's message to the bot, and the bot's answers to the chat."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ExpireQuestion:
    """Time is up for the bot's question at `at`."""

    question_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RelayAnswer:
    """Tell the bot what became of its question."""

    question_id: str


Effect = (
    ExpireQuestion
    | RelayAnswer
    | SendEmail
    | AskBot
    | TellCustomer
    | TellBot
    | PublishContext
    | Announce
    | WriteSummary
    | RunAction
    | Assign
    | Wake
    | WatchAgent
    | ChannelEffect
    | TakeIn
    | RecordCustomer
    | WatchCustomer
)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event came to: the handoff after it, and the effects, in order."""

    handoff: Handoff
    effects: tuple[Effect, ...] = ()
