"""What a user turn comes to when the customer may have been asked: the answer to an offer, and then the decision."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.offering import DIRECT, Asked, Offering, Situation, decide
from rasa_handoff.core.signals import Signals
from rasa_handoff.core.thresholds import Detection

YES_INTENT, NO_INTENT = "handoff_yes", "handoff_no"  # what an offer's buttons send
ACCEPTED = "Customer accepted the offer of a person"
_SIGNAL = "offer_accepted"


class Answer(StrEnum):
    """What a customer says to an offer. Whatever else they say is none, and the offer is past."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, the episode's offers after this turn, and whether the turn declined the newest of them."""

    decision: Decision
    asked: tuple[Asked, ...] = ()
    declined: bool = False


def weigh(
    conversation: Conversation,
    signals: Signals,
    detection: Detection,
    near: Detection,
    offering: Offering,
    asked: Iterable[Asked],
    situation: Callable[[HandOff], Situation],
) -> Verdict:
    """The verdict on the newest message; there must be one. `asked` are the offers made so far, oldest first.

    `near` and `situation` are as in `offering.decide`. A topic that goes to people comes before any answer, and a
    request for a human before a no.
    """
    past = in_episode(asked, conversation)
    answer = answer_to(past, conversation, offering, detection.confidence_threshold)
    if answer is Answer.YES and not (signals.policy or signals.sensitive):
        return Verdict(_accepted(conversation, past[-1]), past)
    if answer is Answer.NO:
        past = (*past[:-1], replace(past[-1], declined=True))
    decision = decide(signals, detection, near, offering, past, situation)
    direct = isinstance(decision, HandOff) and decision.reason in DIRECT
    newest = conversation.turns[-1]
    if answer is Answer.NO and not direct:
        return Verdict(Stay(), past, declined=True)
    if newest.intent == YES_INTENT and not direct:
        return Verdict(_accepted(conversation), past)
    if isinstance(decision, Offer):
        past = (*past, Asked(decision.reason, decision.evidence, newest.message_id, newest.at))
    return Verdict(decision, past)


def in_episode(asked: Iterable[Asked], conversation: Conversation) -> tuple[Asked, ...]:
    """The offers of the current episode, oldest first."""
    began = conversation.began
    return tuple(one for one in asked if began is None or one.at >= began)


def answer_to(asked: Sequence[Asked], conversation: Conversation, offering: Offering, sure: float) -> Answer | None:
    """The answer in the newest message, if it comes right after the offer; `sure` is the least NLU confidence."""
    if not asked or len(conversation.turns) < 2:
        return None
    before, newest = conversation.turns[-2:]
    if before.message_id != asked[-1].message_id or newest.confidence < sure:
        return None
    if newest.intent in (YES_INTENT, *offering.yes_intents):
        return Answer.YES
    return Answer.NO if newest.intent in (NO_INTENT, *offering.no_intents) else None


def is_acceptance(decision: HandOff) -> bool:
    """The newest message said yes to an offer."""
    return any(evidence.signal == _SIGNAL for evidence in decision.evidence)


def _accepted(conversation: Conversation, offer: Asked | None = None) -> HandOff:
    """The handoff that a yes leads to. The button of an offer that is past is a request like any other."""
    yes = Evidence(_SIGNAL, conversation.turns[-1].intent or "", None, len(conversation.turns), ACCEPTED)
    if offer is None:
        return HandOff(Reason.CUSTOMER_REQUESTED, (yes,))
    return HandOff(offer.reason, (*offer.evidence, yes))
