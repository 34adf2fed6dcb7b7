"""One handoff as a frozen value: its state, what can happen to it, and what follows from that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rasa_handoff.core.announcement import Listener
from rasa_handoff.core.backports import UTC, StrEnum
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.delivery import DeliveryEvent
from rasa_handoff.core.follow_up import FollowUp, FollowUpDue, FollowUpEvent
from rasa_handoff.core.need import RINGS, Criteria, Need, Ring
from rasa_handoff.core.package import Summary
from rasa_handoff.core.runs import ActionEnded, ActionRun
from rasa_handoff.core.summarised import SummaryEvent
from rasa_handoff.core.takeover import Place, Takeover, TakeoverEvent
from rasa_handoff.core.there import ThereEvent
from rasa_handoff.core.told import SlaMissed, Told


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


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings a handoff lives by, frozen onto it when it starts.

    `ageing` are the points of priority that a minute of waiting is worth; 0: no wait makes up for a priority.
    `ask_again` is the pause before those are asked again who all let it pass. The customer is told how it stands at
    least each `update_every`, and earlier when a look, each `check_every`, finds that it changed. Within `sla` somebody
    should have answered. A customer whose web chat is closed `closed_for`, or who is silent `silent_for`, by channel,
    is asked whether they are there, and has left when there is no answer `answer_within` that time. Of the `takeovers`,
    the channels where people answer beside the desk, the first that serves a handoff is its own.
    """

    offer_timeout: timedelta = timedelta(seconds=20)
    update_every: timedelta = timedelta(seconds=60)
    message_limit: int = 10_000
    listeners: tuple[Listener, ...] = ()
    ageing: float = 1.0
    rings: tuple[Ring, ...] = RINGS
    ask_again: timedelta = timedelta(seconds=10)
    transfer_timeout: timedelta = timedelta(seconds=120)
    check_every: timedelta = timedelta(seconds=15)
    sla: timedelta = timedelta(seconds=60)
    takeovers: tuple[Takeover, ...] = ()
    closed_for: timedelta | None = timedelta(minutes=10)
    silent_for: Mapping[str, timedelta] = field(default_factory=dict)
    answer_within: timedelta = timedelta(minutes=2)


_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Without ageing a point is worth ten years of waiting.
_DECADE = timedelta(days=3652)
_RANK_LIMIT = 2**62


class News(StrEnum):
    """Told with the next update: why a customer who had an agent waits again, or a question."""

    AGENT_LOST = "agent_lost"
    TRANSFERRED = "transferred"
    STILL_THERE = "still_there"


@dataclass(frozen=True, slots=True)
class Transfer:
    """An agent who holds the handoff looks for another one, and stays until that one accepts.

    `to_agent`: for this one only; else anybody of `department`. `invited` is who is asked now. `number` counts the
    handoff's transfers, so that an old one's timeout is known as such.
    """

    number: int
    department: str
    note: str = ""
    to_agent: str | None = None
    invited: str | None = None
    invited_name: str | None = None


@dataclass(frozen=True, slots=True)
class SuspendedLoop:
    """The form the customer was in, to be taken up again on hand back."""

    name: str
    requested_slot: str | None


@dataclass(frozen=True, slots=True)
class Handoff:
    """One episode in which humans own a conversation.

    `epoch` rises with every change of owner. `offers` counts offers made, so that an old offer's timeout is
    known as such. `passed_by` are the agents who let it pass in this round, the last of them at `passed_at`; when all
    who suit have, a new round begins. `ring` says how wide the search is by now. `served_by` is the agent who served
    this customer last, `previous_agent` the name of whoever had this handoff before, `held_by` the ids of all who did.
    `outside`: who has it answers on a takeover channel's own platform, and is none of our agents. `places` is where
    channels show it, `unreached` are those that could not.
    `asked_there_at`: the customer was asked whether they are there; `there_at`: they last wrote or were back then.
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
    passed_at: datetime | None = None
    ring: int = 0
    customer_id: str = ""
    served_by: str | None = None
    transfer: Transfer | None = None
    transfers: int = 0
    news: News | None = None
    previous_agent: str | None = None
    held_by: frozenset[str] = frozenset()
    last_message_id: str | None = None
    suspended: SuspendedLoop | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    told: Told | None = None
    told_at: datetime | None = None
    alternatives_at: datetime | None = None
    sla_missed_at: datetime | None = None
    asked_there_at: datetime | None = None
    there_at: datetime | None = None
    follow_up: FollowUp | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    note: str = ""
    learned: Mapping[str, Any] = field(default_factory=dict)
    outside: bool = False
    places: tuple[Place, ...] = ()
    unreached: frozenset[str] = frozenset()
    version: int = 0

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def holders(self) -> frozenset[str]:
        """The agents one of whose places this handoff takes: offered, active, or invited to take it over."""
        invited = self.transfer.invited if self.transfer else None
        held = self.agent_id if self.status in (Status.OFFERED, Status.ACTIVE) and not self.outside else None
        return frozenset(agent_id for agent_id in (held, invited) if agent_id is not None)

    @property
    def offered_to(self) -> str | None:
        """The agent who has to answer now."""
        if self.status is Status.OFFERED:
            return self.agent_id
        return self.transfer.invited if self.transfer else None

    @property
    def criteria(self) -> Criteria | None:
        """What the agent must be who is looked for now; None while nobody is."""
        if self.status is Status.WAITING:
            if self.is_external:
                return None
            return self.need.criteria(self.rules.rings[self.ring])
        if self.transfer is None or self.transfer.to_agent or self.transfer.invited:
            return None
        return Criteria((self.transfer.department,), self.need.language)

    @property
    def is_external(self) -> bool:
        """A takeover channel's platform chooses who answers it."""
        takeover = self.takeover(self.need.department) if self.rules.takeovers else None
        return takeover is not None and takeover.external

    def takeover(self, department: str) -> Takeover | None:
        """The channel where people of the department answer it; None: the desk alone."""
        able = (one for one in self.rules.takeovers if one.channel not in self.unreached)
        return next((one for one in able if one.serves(department, self.channel)), None)

    def place(self, channel: str, department: str) -> Place | None:
        """Where the channel shows it to the department."""
        return next((one for one in self.places if (one.channel, one.department) == (channel, department)), None)

    @property
    def rank(self) -> int:
        """The place in the queue, smallest first: the moment it was queued, moved ahead by its priority.

        Waiting moves everybody alike, so the order never changes, and nobody is overtaken for ever. In microseconds.
        """
        point = timedelta(minutes=1) / self.rules.ageing if self.rules.ageing else _DECADE
        rank = (self.queued_at - _EPOCH) // _MICROSECOND - self.priority * (point // _MICROSECOND)
        return max(-_RANK_LIMIT, min(_RANK_LIMIT, rank))


# What can happen to a handoff. `key`, where there is one, makes the event happen once only.


@dataclass(frozen=True, slots=True)
class Offered:
    """The router chose an agent. `why` are its reasons in words; `again`: all who suit had let it pass."""

    agent_id: str
    agent_name: str
    why: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """The agent let offer number `offer` pass."""

    offer: int


@dataclass(frozen=True, slots=True)
class AskAgainDue:
    """Offer number `offer` was let pass some time ago: if all were asked, they may be asked again."""

    offer: int


@dataclass(frozen=True, slots=True)
class Widened:
    """It has waited long enough to be looked at by more people."""

    ring: int


@dataclass(frozen=True, slots=True)
class AgentLost:
    """The agent has vanished: what they were offered or held goes to somebody else."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """The agent who has it (or a supervisor, `by`) passes it on: to `agent_id`, or to anybody of `department`.

    Warm: whoever has it stays until the other accepts. `note` is for the one who takes it.
    """

    by: str
    department: str
    agent_id: str | None = None
    agent_name: str | None = None
    note: str = ""
    warm: bool = True
    supervisor: bool = False


@dataclass(frozen=True, slots=True)
class TransferCancelled:
    by: str


@dataclass(frozen=True, slots=True)
class TransferExpired:
    """Nobody has taken transfer number `number` over."""

    number: int


@dataclass(frozen=True, slots=True)
class UpdateDue:
    """The customer has waited another interval: tell them how it stands (`update` counts from 1)."""

    update: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An agent took the offer, or picked the handoff from the queue.

    `outside`: somebody on a takeover channel's platform, which decides that by itself.
    """

    agent_id: str
    agent_name: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class CustomerMessaged:
    """`via` is the takeover channel that it came through, when it was not Rasa."""

    message_id: str
    text: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()
    via: str = ""


@dataclass(frozen=True, slots=True)
class AgentMessaged:
    """`message_id` comes from the agent's client, so that a repeated send is one message.

    `via` is the takeover channel it was written at (none: the desk), at `mark`, when all before that is taken in.
    `delivered`: the customer has it. `avatar` is the address of the agent's picture.
    """

    message_id: str
    agent_id: str
    text: str
    agent_name: str | None = None
    attachments: tuple[Attachment, ...] = ()
    via: str = ""
    mark: str = ""
    delivered: bool = False
    avatar: str | None = None


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The agent closed it: `learned` are slot values the bot should know from now on. `outside`: see `Accepted`."""

    agent_id: str
    outcome: Outcome
    note: str = ""
    learned: Mapping[str, Any] = field(default_factory=dict)
    outside: bool = False


Event = (
    ActionRun
    | ActionEnded
    | Offered
    | Declined
    | OfferExpired
    | AskAgainDue
    | Widened
    | AgentLost
    | Transferred
    | TransferCancelled
    | TransferExpired
    | UpdateDue
    | Told
    | SlaMissed
    | ThereEvent
    | Accepted
    | CustomerMessaged
    | AgentMessaged
    | HandedBack
    | SummaryEvent
    | DeliveryEvent
    | FollowUpEvent
    | TakeoverEvent
)

Timed = OfferExpired | AskAgainDue | Widened | TransferExpired | UpdateDue | FollowUpDue
