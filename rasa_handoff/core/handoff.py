"""One handoff as a frozen value: its state, what can happen to it, and what follows from that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.package import Summary


class Status(StrEnum):
    """waiting -> offered -> active -> closed, with waiting <-> offered on decline or timeout."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a handoff ended. A closed set."""

    RESOLVED = "resolved"
    RETURNED_TO_BOT = "returned_to_bot"
    CUSTOMER_LEFT = "customer_left"
    CALLBACK_BOOKED = "callback_booked"
    EMAIL_TAKEN = "email_taken"
    TRANSFERRED_OUT = "transferred_out"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Announcement(StrEnum):
    """What the outside is told of: the type of a CloudEvent. A closed set."""

    INITIATED = "handoff.initiated"
    CONTEXT = "handoff.context"
    OFFERED = "handoff.offered"
    ACCEPTED = "handoff.accepted"
    MESSAGE = "handoff.message"
    TRANSFERRED = "handoff.transferred"
    CLOSED = "handoff.closed"


TRACKER = "tracker"
"""The listener that is the Rasa tracker. It hears no messages: they are events of its own."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of a handoff's life: `TRACKER`, or a webhook's id."""

    id: str
    hears: frozenset[Announcement] = frozenset(Announcement)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings a handoff lives by, frozen onto it when it starts."""

    offer_timeout: timedelta = timedelta(seconds=20)
    update_every: timedelta = timedelta(seconds=60)
    message_limit: int = 10_000
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """Whom the handoff needs. A skill or language an agent lacks rules that agent out."""

    department: str
    language: str = "en"
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SuspendedLoop:
    """The form the customer was in, to be taken up again on hand back."""

    name: str
    requested_slot: str | None


@dataclass(frozen=True, slots=True)
class Handoff:
    """One episode in which humans own a conversation.

    `epoch` rises with every change of owner. `offers` counts offers made, so that an old offer's timeout is
    known as such. `passed_by` are the agents who let it pass since the customer was last told of the wait.
    `last_message_id` is the newest customer message that was taken over. `version` is the store's.
    """

    id: str
    conversation_id: str
    channel: str
    reason: Reason
    need: Need
    rules: Rules
    queued_at: datetime
    summary: Summary
    priority: int = 0
    status: Status = Status.WAITING
    epoch: int = 1
    offers: int = 0
    updates: int = 0
    agent_id: str | None = None
    agent_name: str | None = None
    offer_expires_at: datetime | None = None
    passed_by: frozenset[str] = frozenset()
    last_message_id: str | None = None
    suspended: SuspendedLoop | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    note: str = ""
    learned: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def holder(self) -> str | None:
        """The agent one of whose places this handoff takes: offered or active."""
        return self.agent_id if self.status in (Status.OFFERED, Status.ACTIVE) else None


# What can happen to a handoff. `key`, where there is one, makes the event happen once only.


@dataclass(frozen=True, slots=True)
class Offered:
    """The router chose an agent."""

    agent_id: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class Declined:
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """The agent let offer number `offer` pass."""

    offer: int


@dataclass(frozen=True, slots=True)
class UpdateDue:
    """The customer has waited another interval: tell them how it stands (`update` counts from 1)."""

    update: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An agent took the offer, or picked the handoff from the queue."""

    agent_id: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class CustomerMessaged:
    message_id: str
    text: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentMessaged:
    """`message_id` comes from the agent's client, so that a repeated send is one message."""

    message_id: str
    agent_id: str
    text: str


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The agent closed it: `learned` are slot values the bot should know from now on."""

    agent_id: str
    outcome: Outcome
    note: str = ""
    learned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SummaryWritten:
    """The model's summary is here: at most three sentences."""

    sentences: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class SummaryFailed:
    error: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """An effect fails and is tried on; `what` and `error` are for the agent to read."""

    effect_id: str
    what: str
    error: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """An effect that was delayed has arrived."""

    effect_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An effect was given up; `what` and `error` are for the agent to read."""

    effect_id: str
    what: str
    error: str


Event = (
    Offered
    | Declined
    | OfferExpired
    | UpdateDue
    | Accepted
    | CustomerMessaged
    | AgentMessaged
    | HandedBack
    | SummaryWritten
    | SummaryFailed
    | Delayed
    | Delivered
    | Undelivered
)


# What must be done outside the store because of it.


@dataclass(frozen=True, slots=True)
class TellCustomer:
    """Put the agent's message into the Rasa tracker and bring it to the customer."""

    message_id: str
    text: str
    agent_name: str


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
class Assign:
    """Offer waiting handoffs to agents with a free place, in the queue's order."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Let this event happen at `at`."""

    at: datetime
    event: OfferExpired | UpdateDue


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
    | AskBot
    | TellCustomer
    | TellBot
    | PublishContext
    | Announce
    | WriteSummary
    | Assign
    | Wake
)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event came to: the handoff after it, and the effects, in order."""

    handoff: Handoff
    effects: tuple[Effect, ...] = ()
