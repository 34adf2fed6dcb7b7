"""Hand over at once, or ask first? The detector's reasons, weighed by who is there and what was asked before.

Direct reasons (a request, a policy or sensitive topic) always hand over. The others are the bot's own impression, so
the customer is asked where that is nearly but not quite sure, or where they would only wait.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rasa_handoff.core.backports import StrEnum, assert_never
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.detector import reasons_in
from rasa_handoff.core.signals import Signals
from rasa_handoff.core.thresholds import Detection

DIRECT = (Reason.CUSTOMER_REQUESTED, Reason.POLICY_REQUIRED, Reason.SENSITIVE_TOPIC)
IMPLICIT = tuple(reason for reason in Reason if reason not in DIRECT)


class Way(StrEnum):
    """What an implicit reason leads to: ask or hand over as the case may be, ask first, hand over, nothing."""

    AUTO = "auto"
    OFFER = "offer"
    HAND_OFF = "hand_off"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Offering:
    """What a designer set about offers; the settings' reference explains each. A margin of 0 is off."""

    on: Mapping[Reason, Way] = field(default_factory=dict)
    frustration_margin: float = 0.1
    misses_margin: int = 0
    turns_margin: int = 0
    long_wait: float = 3.0
    yes_intents: tuple[str, ...] = ("affirm",)
    no_intents: tuple[str, ...] = ("deny",)

    def near(self, detection: Detection) -> Detection:
        """The thresholds from which on the customer is asked. Made once: making it takes longer than deciding."""
        return replace(
            detection,
            frustration_threshold=max(0.0, detection.frustration_threshold - self.frustration_margin),
            misses_in_a_row=max(1, detection.misses_in_a_row - self.misses_margin),
            max_turns=max(0, detection.max_turns - self.turns_margin),
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """What a handoff would meet now: suitable agents online, one of them free or not, and customers `ahead` of it.

    `open`: within the department's hours, which begin next at `opens_at`, when that is known.
    """

    agents: int = 1
    has_room: bool = True
    ahead: int = 0
    open: bool = True
    opens_at: datetime | None = None

    @property
    def staffed(self) -> bool:
        return self.open and self.agents > 0

    @property
    def position(self) -> int | None:
        """The place in the queue, from 1; None when somebody is free now."""
        return None if self.has_room and not self.ahead else self.ahead + 1

    def is_long(self, limit: float) -> bool:
        """At least `limit` customers are ahead for each agent online."""
        return self.ahead > 0 and self.ahead >= limit * self.agents


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer that was made in answer to the customer's message `message_id`, sent at `at`."""

    reason: Reason
    evidence: tuple[Evidence, ...]
    message_id: str
    at: datetime
    declined: bool = False


def decide(
    signals: Signals,
    detection: Detection,
    near: Detection,
    offering: Offering,
    asked: Sequence[Asked],
    situation: Callable[[HandOff], Situation],
) -> Decision:
    """The first reason that leads to something: those that hold before those that nearly do.

    `near` is `offering.near(detection)`, `asked` are the episode's offers; `situation` tells what a handoff would meet,
    and is called for implicit reasons only.
    """
    holding = reasons_in(signals, detection)
    for reason, evidence in holding.items():
        decision = _reached(HandOff(reason, evidence), signals.turn, offering, asked, situation)
        if not isinstance(decision, Stay):
            return decision
    for reason, evidence in reasons_in(signals, near).items():
        may_ask = _way(reason, offering) in (Way.AUTO, Way.OFFER) and not _before(reason, asked)
        if reason not in holding and may_ask:
            return Offer(reason, evidence)
    return Stay()


def _reached(
    handoff: HandOff,
    turn: int,
    offering: Offering,
    asked: Sequence[Asked],
    situation: Callable[[HandOff], Situation],
) -> Decision:
    if handoff.reason in DIRECT:
        return handoff
    way, before = _way(handoff.reason, offering), _before(handoff.reason, asked)
    if before:
        again = _adds(handoff.evidence, turn) and not before.declined and way is not Way.OFF
        return handoff if again else Stay()
    match way:
        case Way.OFF:
            return Stay()
        case Way.HAND_OFF:
            return handoff
        case Way.OFFER:
            return Offer(handoff.reason, handoff.evidence)
        case Way.AUTO:
            found = situation(handoff)
            soon = found.staffed and not found.is_long(offering.long_wait)
            return handoff if soon else Offer(handoff.reason, handoff.evidence)
        case _:
            assert_never(way)


def _adds(evidence: tuple[Evidence, ...], turn: int) -> bool:
    """The newest message adds to the reason: what the score or count in the first evidence is made of has this turn.

    Whoever passes an offer over and goes on calmly is not handed over for anger that has yet to fade.
    """
    return any(one.turn == turn for one in evidence[1:] or evidence)


def _way(reason: Reason, offering: Offering) -> Way:
    return Way.HAND_OFF if reason in DIRECT else offering.on.get(reason, Way.AUTO)


def _before(reason: Reason, asked: Sequence[Asked]) -> Asked | None:
    return next((one for one in reversed(asked) if one.reason is reason), None)
