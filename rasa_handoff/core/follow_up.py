"""What is owed to a customer who chose not to wait: the words and what can happen to it."""

from dataclasses import dataclass
from datetime import datetime

from rasa_handoff.core.backports import StrEnum


class FollowUpKind(StrEnum):
    """What a customer chose instead of waiting."""

    CALLBACK = "callback"
    EMAIL = "email"


class FollowUpState(StrEnum):
    """open -> taken -> done or failed; any of them can be opened again."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A callback or an e-mail that somebody owes the customer, by `due_at`.

    `contact` is a phone number in E.164 or an e-mail address. `reminded_at`: the time has come, and the desk shows it.
    `problem` says what could not be sent. `note` is what the agent wrote when it was done, or failed.
    """

    kind: FollowUpKind
    contact: str
    due_at: datetime
    state: FollowUpState = FollowUpState.OPEN
    owner_id: str | None = None
    owner_name: str | None = None
    note: str = ""
    reminded_at: datetime | None = None
    problem: str | None = None

    @property
    def is_owed(self) -> bool:
        """It is still to be done."""
        return self.state in (FollowUpState.OPEN, FollowUpState.TAKEN)


# What can happen to it; the first two also end the wait.


@dataclass(frozen=True, slots=True)
class CallbackBooked:
    """The customer chose to be called at `at`; `phone` is in E.164."""

    phone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EmailTaken:
    """The customer chose to be answered by e-mail, by `due_at`."""

    address: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpTaken:
    agent_id: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class FollowUpDone:
    agent_id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FollowUpFailed:
    """The customer could not be reached."""

    agent_id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FollowUpReopened:
    agent_id: str


@dataclass(frozen=True, slots=True)
class FollowUpDue:
    """The time of the callback, or by which the e-mail is to be answered, has come."""


class Recipient(StrEnum):
    """Who gets an e-mail of ours."""

    TEAM = "team"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class EmailUndelivered:
    """An e-mail was given up."""

    to: Recipient
    error: str


FollowUpEvent = (
    CallbackBooked
    | EmailTaken
    | FollowUpTaken
    | FollowUpDone
    | FollowUpFailed
    | FollowUpReopened
    | FollowUpDue
    | EmailUndelivered
)


# What must be done because of it.


@dataclass(frozen=True, slots=True)
class SendEmail:
    """Send the package to the team, or a confirmation to the customer."""

    to: Recipient
