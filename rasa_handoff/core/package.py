"""The context package: what an agent is given so that the customer repeats nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rasa_handoff.core.conversation import Line
from rasa_handoff.core.decision import Evidence, Reason


class Trend(StrEnum):
    """Where the customer's sentiment is going over the conversation."""

    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"


class SummaryState(StrEnum):
    """The draft alone, the draft while a model writes, the model's own, or the draft after the model failed."""

    DRAFT = "draft"
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Summary:
    """At most three sentences: what the customer wants, what was tried, what is unresolved.

    `source` is "draft" or the model's name; `error` says to the agent why the model's could not be had.
    """

    sentences: tuple[str, ...]
    state: SummaryState = SummaryState.DRAFT
    source: str = "draft"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """A fact the customer (or the bot's slots) gave: kind ("order_id", "email", or the slot's name), value, turn.

    `turn` counts the customer's messages of the whole conversation from 1; 0 when it came from a slot.
    """

    kind: str
    value: str
    turn: int


@dataclass(frozen=True, slots=True)
class ContextPackage:
    """Everything about one handoff that an agent may need, fixed when the handoff starts.

    The summary lives on the handoff, because it changes. `history` is the whole conversation, oldest first.
    """

    conversation_id: str
    customer_id: str
    customer_name: str | None
    reason: Reason
    evidence: tuple[Evidence, ...]
    intent: str | None
    sentiment: tuple[float, ...]
    sentiment_trend: Trend
    details: tuple[Detail, ...]
    attempted_solutions: tuple[str, ...]
    history: tuple[Line, ...]
    created_at: datetime
