"""The detector as these commands call it: the one place that asks the core."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from rasa_handoff.core.answers import weigh
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.detector import reasons_in
from rasa_handoff.core.offering import Asked, Offering, Situation
from rasa_handoff.core.signals import Signals, read
from rasa_handoff.core.thresholds import Detection

Sentiment = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the detector makes of a conversation's newest message.

    `reasons` are all that hold, the most pressing first, each with its evidence. The decision's own is among them, also
    when it only nearly holds and the customer is asked.
    """

    decision: Decision
    signals: Signals
    reasons: Mapping[Reason, tuple[Evidence, ...]]

    @property
    def reason(self) -> Reason | None:
        return None if isinstance(self.decision, Stay) else self.decision.reason

    @property
    def frustration(self) -> float:
        return self.signals.frustration


@dataclass(frozen=True)
class Judge:
    """The detector with what a designer set. `muted` are evidence's signals that are not listened to.

    Where a decision hangs on who is there, somebody is, and is free: nobody knows any more who was.
    """

    detection: Detection
    sentiment: Sentiment
    offering: Offering = field(default_factory=Offering)
    muted: frozenset[str] = frozenset()

    def judge(self, conversation: Conversation, asked: Iterable[Asked] = ()) -> Judged:
        """`asked` are the offers the customer was made before, oldest first. There must be a message."""
        signals = self._read(conversation)
        decision = self._weigh(conversation, signals, asked)
        reasons = reasons_in(signals, self.detection)
        if not isinstance(decision, Stay):
            reasons.setdefault(decision.reason, decision.evidence)
        return Judged(decision, signals, reasons)

    def decide(self, conversation: Conversation, asked: Iterable[Asked] = ()) -> Decision:
        """The decision alone, for those who need it often."""
        return self._weigh(conversation, self._read(conversation), asked)

    @cached_property
    def _near(self) -> Detection:
        return self.offering.near(self.detection)

    def _read(self, conversation: Conversation) -> Signals:
        signals = read(conversation, self.detection, self.sentiment)
        return _without(signals, self.muted) if self.muted else signals

    def _weigh(self, conversation: Conversation, signals: Signals, asked: Iterable[Asked]) -> Decision:
        free = Situation()
        return weigh(
            conversation, signals, self.detection, self._near, self.offering, asked, lambda handoff: free
        ).decision


def kind(decision: Decision) -> str:
    """The decision's name in data."""
    match decision:
        case Stay():
            return "stay"
        case Offer():
            return "offer"
        case HandOff():
            return "hand_off"
        case _ as never:
            assert_never(never)


def evidence_json(evidence: Evidence, reason: Reason) -> dict[str, Any]:
    return {
        "reason": reason.value,
        "signal": evidence.signal,
        "value": evidence.value,
        "threshold": evidence.threshold,
        "turn": evidence.turn,
        "topic": evidence.topic,
        "words": evidence.words,
    }


def _without(signals: Signals, muted: frozenset[str]) -> Signals:
    kept: dict[str, Any] = {}
    for one_field in fields(signals):
        value = getattr(signals, one_field.name)
        if isinstance(value, tuple):
            kept[one_field.name] = tuple(one for one in value if one.signal not in muted)
    return replace(signals, **kept)
