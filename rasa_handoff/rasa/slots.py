"""What our slots hold. `handoff_status` is for rules; `handoff` is for everybody who reads the tracker.

`handoff_outcome`, where a bot has it, is set for the turn of the return alone: stories after it must not see it.
`handoff_event` holds the newest announcement; whoever follows the event broker sees them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rasa_handoff.core.decision import Evidence, HandOff, Offer, Reason
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.offering import Asked
from rasa_handoff.core.package import ContextPackage

STATUS_SLOT = "handoff_status"
DETAILS_SLOT = "handoff"
EVENT_SLOT = "handoff_event"
QUESTION_SLOT = "handoff_question"
ANSWER_SLOT = "handoff_answer"
OUTCOME_SLOT = "handoff_outcome"

ASKED = "asked"
DECLINED = "declined"
REQUESTED = "requested"
RETURNED = "returned"

# The forms of the other ways than waiting, and the slots they fill.
FORMS = ("handoff_callback_form", "handoff_email_form")
ALTERNATIVE_SLOTS = ("handoff_phone", "handoff_callback_time", "handoff_email")


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
        "attempted_solutions": [attempt.text for attempt in package.attempted_solutions],
        "customer_name": package.customer_name,
    }


def refreshed(slot: Any, handoff: Handoff, package: ContextPackage | None = None) -> Mapping[str, Any]:
    """The slot's value brought up to date. A value of another handoff, or none, needs the `package`."""
    if isinstance(slot, Mapping) and slot.get("id") == handoff.id:
        return {**slot, **state_of(handoff)}
    return details_of(handoff, package) if package else state_of(handoff)


def pending_details(
    status: str | None, decision: HandOff | Offer | None, asked: Sequence[Asked] = ()
) -> dict[str, Any]:
    """The details while there is no handoff yet: what was decided or asked, and the episode's offers."""
    return {
        "id": None,
        "status": status,
        "reason": decision.reason.value if decision else None,
        "evidence": _plain(decision.evidence) if decision else [],
        "offers": [
            {
                "reason": one.reason.value,
                "evidence": _plain(one.evidence),
                "message_id": one.message_id,
                "at": one.at.isoformat(),
                "declined": one.declined,
            }
            for one in asked
        ],
    }


def decision_of(slot: Any) -> HandOff | None:
    """The reason and evidence in the details, as what they lead to; None without any."""
    if not isinstance(slot, Mapping) or not slot.get("evidence"):
        return None
    return HandOff(Reason(slot["reason"]), _evidence(slot["evidence"]))


def asked_of(slot: Any) -> tuple[Asked, ...]:
    """The offers in the details, oldest first."""
    offers = slot.get("offers") if isinstance(slot, Mapping) else None
    return tuple(
        Asked(
            reason=Reason(one["reason"]),
            evidence=_evidence(one["evidence"]),
            message_id=one["message_id"],
            at=datetime.fromisoformat(one["at"]),
            declined=one["declined"],
        )
        for one in offers or ()
    )


def _plain(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [asdict(one) for one in evidence]


def _evidence(plain: Sequence[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**one) for one in plain)
