"""The decision: must a human take over, and why. A pure function of the signals and what the designer set."""

from rasa_handoff.core.decision import Evidence, HandOff, Reason, Stay
from rasa_handoff.core.misses import with_core_fallback
from rasa_handoff.core.signals import Signals
from rasa_handoff.core.thresholds import Detection

__all__ = ["decide", "reasons_in", "with_core_fallback"]


def decide(signals: Signals, detection: Detection) -> Stay | HandOff:
    """The first reason that holds; its evidence is never empty."""
    return next((HandOff(reason, evidence) for reason, evidence in reasons_in(signals, detection).items()), Stay())


def reasons_in(signals: Signals, detection: Detection) -> dict[Reason, tuple[Evidence, ...]]:
    """Every reason that holds, the most pressing first, each with its evidence, which is never empty."""
    reasons = {
        Reason.CUSTOMER_REQUESTED: signals.requested,
        Reason.POLICY_REQUIRED: signals.policy,
        Reason.SENSITIVE_TOPIC: signals.sensitive,
        Reason.HIGH_FRUSTRATION: _frustration(signals, detection),
        Reason.LOW_CONFIDENCE: _confidence(signals, detection),
        Reason.MAX_TURNS_EXCEEDED: _turns(signals, detection),
        Reason.COMPLEX_ISSUE: signals.complex,
    }
    return {reason: _with_topics(evidence, signals) for reason, evidence in reasons.items() if evidence}


def _with_topics(evidence: tuple[Evidence, ...], signals: Signals) -> tuple[Evidence, ...]:
    """A topic that came up stays in the evidence whatever the reason is, so that a route can match it."""
    return (*evidence, *(one for one in (*signals.policy, *signals.sensitive) if one not in evidence))


def _frustration(signals: Signals, detection: Detection) -> tuple[Evidence, ...]:
    score, limit = signals.frustration, detection.frustration_threshold
    if not signals.turn or score < limit:
        return ()
    return (Evidence("frustration", score, limit, signals.turn, f"Frustration score: {score:.2f}"), *signals.frustrated)


def _confidence(signals: Signals, detection: Detection) -> tuple[Evidence, ...]:
    count, limit = len(signals.misses), max(1, detection.misses_in_a_row)
    if count < limit:
        return ()
    words = f"Messages in a row not understood: {count}"
    return (Evidence("misses", float(count), float(limit), signals.turn, words), *signals.misses)


def _turns(signals: Signals, detection: Detection) -> tuple[Evidence, ...]:
    if signals.turns <= detection.max_turns:
        return ()
    words = f"Turn count: {signals.turns}"
    return (Evidence("turns", float(signals.turns), float(detection.max_turns), signals.turn, words),)
