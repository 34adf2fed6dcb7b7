"""What our two slots hold. `handoff_status` is for rules; `handoff` is for everybody who reads the tracker."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage

STATUS_SLOT = "handoff_status"
DETAILS_SLOT = "handoff"

REQUESTED = "requested"
RETURNED = "returned"


def state_of(handoff: Handoff) -> dict[str, Any]:
    """The part of the details that changes while the handoff lives."""
    return {
        "id": handoff.id,
        "status": handoff.status.value,
        "reason": handoff.reason.value,
        "epoch": handoff.epoch,
        "department": handoff.need.department,
        "language": handoff.need.language,
        "agent_name": handoff.agent_name,
        "outcome": handoff.outcome.value if handoff.outcome else None,
        "note": handoff.note,
        "learned": dict(handoff.learned),
        "summary": list(handoff.summary.sentences),
        "summary_source": handoff.summary.source,
    }


def details_of(handoff: Handoff, package: ContextPackage) -> dict[str, Any]:
    """The context package as the tracker carries it: all but the transcript, which the tracker is."""
    return {
        **state_of(handoff),
        "queued_at": handoff.queued_at.isoformat(),
        "evidence": [asdict(evidence) for evidence in package.evidence],
        "intent": package.intent,
        "sentiment_trend": package.sentiment_trend.value,
        "key_details": [asdict(detail) for detail in package.details],
        "attempted_solutions": list(package.attempted_solutions),
        "customer_name": package.customer_name,
    }


def refreshed(slot: Any, handoff: Handoff, package: ContextPackage | None = None) -> Mapping[str, Any]:
    """The slot's value brought up to date. A value of another handoff, or none, needs the `package`."""
    if isinstance(slot, Mapping) and slot.get("id") == handoff.id:
        return {**slot, **state_of(handoff)}
    return details_of(handoff, package) if package else state_of(handoff)
