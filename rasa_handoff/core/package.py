"""The context package: what an agent is given so that the customer repeats nothing."""

from dataclasses import dataclass
from datetime import datetime

from rasa_handoff.core.backports import StrEnum
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


class Part(StrEnum):
    """What a sentence of a summary is about."""

    WANTS = "wants"
    TRIED = "tried"
    UNRESOLVED = "unresolved"


DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a sentence rests on: `lines` of the history, counted from 1, and who wrote it (`source`, as in `Summary`).

    `compared`: its words were found in those lines. Where it is in another language only its figures and names were.
    """

    part: Part
    lines: tuple[int, ...] = ()
    source: str = DRAFT
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Summary:
    """At most three sentences: what the customer wants, what was tried, what is unresolved.

    `source` is "draft" or the model's name; `error` says to the agent why the model's could not be had. `basis` goes
    with `sentences`, one each (none in what earlier versions stored). `left_out`: lines that the model did not read.
    """

    sentences: tuple[str, ...]
    state: SummaryState = SummaryState.DRAFT
    source: str = DRAFT
    error: str | None = None
    basis: tuple[Basis, ...] = ()
    left_out: int = 0

    @property
    def cited(self) -> tuple[tuple[str, Basis], ...]:
        """Each sentence with what it rests on."""
        known = self.basis or tuple(Basis(part, (), self.source) for part in Part)
        return tuple(zip(self.sentences, known, strict=False))


@dataclass(frozen=True, slots=True)
class Shows:
    """Which of the bot's own slots and entities are key details; of the entities all, when that is None."""

    slots: tuple[str, ...] = ()
    entities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """A fact the customer (or the bot's slots) gave: kind ("order_id", "email", or the slot's name), value, turn.

    `value` is as it was written. `turn` counts the customer's messages of the whole conversation from 1; 0 when it came
    from a slot. `normal` is the value in its standard form (E.164, say) and `problem` says why it cannot be right; both
    None when nobody looked.
    """

    kind: str
    value: str
    turn: int
    normal: str | None = None
    problem: str | None = None


class AttemptOutcome(StrEnum):
    """What the customer said of an attempt."""

    WORKED = "worked"
    FAILED = "failed"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something the bot tried after the customer's message number `turn`, and how that ended."""

    text: str
    turn: int = 0
    outcome: AttemptOutcome = AttemptOutcome.UNANSWERED


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the customer's message number `turn`, or of what the bot said after it."""

    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class IntentSeen:
    """An intent the bot understood, from the customer's message number `turn` on."""

    intent: str
    turn: int


@dataclass(frozen=True, slots=True)
class ContextPackage:
    """Everything about one handoff that an agent may need, fixed when the handoff starts.

    The summary lives on the handoff, because it changes. `history` is the whole conversation, oldest first; `details`
    are newest first, so that of two that contradict each other the latest comes first. `language` is an ISO 639 code.
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
    attempted_solutions: tuple[Attempt, ...]
    history: tuple[Line, ...]
    created_at: datetime
    promises: tuple[Quote, ...] = ()
    done_already: tuple[Quote, ...] = ()
    intents: tuple[IntentSeen, ...] = ()
    language: str | None = None
    channel: str | None = None
