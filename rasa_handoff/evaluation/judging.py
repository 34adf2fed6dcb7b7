"""The detector as these commands call it: the one place that asks the core."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, assert_never

from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.detector import decide, reasons_in
from rasa_handoff.core.signals import Signals, read
from rasa_handoff.core.thresholds import Detection

Sentiment = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the detector makes of a conversation's newest message.

    `reasons` are all that hold, in the detector's order, each with its evidence; the decision's own is the first.
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


@dataclass(frozen=True, slots=True)
class Judge:
    """The detector with what a designer set. `muted` are evidence's signals that are not listened to."""

    detection: Detection
    sentiment: Sentiment
    muted: frozenset[str] = frozenset()

    def judge(self, conversation: Conversation) -> Judged:
        signals = read(conversation, self.detection, self.sentiment)
        if self.muted:
            signals = _without(signals, self.muted)
        return Judged(decide(signals, self.detection), signals, reasons_in(signals, self.detection))

    def decide(self, conversation: Conversation) -> Decision:
        """The decision alone, for those who need it often."""
        return decide(read(conversation, self.detection, self.sentiment), self.detection)


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
    for field in fields(signals):
        value = getattr(signals, field.name)
        if isinstance(value, tuple):
            kept[field.name] = tuple(one for one in value if one.signal not in muted)
    return replace(signals, **kept)
