"""The detector's vocabulary: reasons, evidence, decisions."""

from dataclasses import dataclass

from rasa_handoff.core.backports import StrEnum


class Reason(StrEnum):
    """Why a human must take over. A closed set."""

    CUSTOMER_REQUESTED = "customer_requested"
    LOW_CONFIDENCE = "low_confidence"
    HIGH_FRUSTRATION = "high_frustration"
    MAX_TURNS_EXCEEDED = "max_turns_exceeded"
    POLICY_REQUIRED = "policy_required"
    SENSITIVE_TOPIC = "sensitive_topic"
    COMPLEX_ISSUE = "complex_issue"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact a decision rests on.

    `signal` names what was measured ("explicit_phrase", "frustration", "turns" ...), `value` what was found (a
    number, or the customer's words), `threshold` the limit it was held against, if there is one; `turn` counts
    from 1 within the episode; `words` says it to a person: "Customer said: ...", "Frustration score: 0.82". `topic`
    is the group of a policy or sensitive topic ("legal", "self_harm"), else None.
    """

    signal: str
    value: float | str
    threshold: float | None
    turn: int
    words: str
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """The bot goes on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The customer is asked whether they want a human, for this reason; `evidence` is never empty."""

    reason: Reason
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class HandOff:
    """A human must take over, for this reason; `evidence` is never empty."""

    reason: Reason
    evidence: tuple[Evidence, ...]


Decision = Stay | Offer | HandOff
